"""Compensation: undoing what has completed, in reverse order, each step with the variables as they were then.

A scope keeps a *log* of the activities in it that completed and can be undone: those with a compensation handler,
and subprocesses that hold some. A compensation throw event takes records out of the log, so that each completion is
undone at most once, and runs their handlers inside itself, one after the other. It is the *carrier* of the handler:
what the activity saw when it completed stands in the carrier's own scope, which is read but never written, so that
the handler's results go to the scopes around the throw event.

A completed subprocess takes its log along into its own record. Undoing it runs its handler, or its compensation
event subprocess, or, without either, undoes what its log holds (BPMN 2.0, 10.7). Processes without handlers keep no
log at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition

from .remembered import keep, recall
from .token import Token

if TYPE_CHECKING:
    from .activities import Activity

LOG = "log"
"""Under this name a scope remembers what completed in it, in order."""
PENDING = "compensating"
"""Under this name a carrier remembers what it has still to undo; the last one is being undone."""

Record = dict[str, Any]
"""One completion: ``element`` (id), ``at`` (its number in the order of completions), ``variables`` and ``kept`` (all
that was visible then, see :mod:`.remembered`) where a handler needs them, and ``log`` of what completed inside."""


class CompensateEventDefinition(EventDefinition):  # type: ignore[misc]
    """A compensation event: for one activity of the scope or for all, waiting for the handlers or not."""

    def __init__(self, activity_id: str | None, waits: bool) -> None:
        super().__init__("compensation")
        self.activity_id = activity_id
        self.waits = waits


def remember(token: Token) -> None:
    """Write the completion of a compensable activity into the log of the scope around it."""
    activity: Activity = token.task_spec  # type: ignore[assignment]
    inner = token.internal_data.pop(LOG, None)
    undone_by = handler_of(activity)
    if undone_by is None and not inner:
        return
    root = token.workflow.task_tree.internal_data
    root["completions"] = root.get("completions", 0) + 1
    record: Record = {"element": activity.element.id, "at": root["completions"]}
    if undone_by is not None:
        keep(root, record, token.workflow.visible(token))
    if inner and activity.compensation_handler is None:
        record["log"] = inner
    elif inner:
        token.workflow.let_go = True
    home(token).internal_data.setdefault(LOG, []).append(record)


def records_of(data: Mapping[str, Any]) -> Iterator[Record]:
    """The completions that a token, or a record of it, remembers, with those inside them."""
    for record in (*data.get(LOG, ()), *data.get(PENDING, ())):
        yield record
        yield from records_of(record)


def handler_of(activity: Activity) -> Activity | None:
    """What undoes an activity: its compensation handler, or its compensation event subprocess."""
    return activity.compensation_handler or activity.compensation_subprocess


def home(token: Token) -> Token:
    """The scope whose log tells of ``token``: bodies and the inner instances of ad-hoc subprocesses keep none."""
    scope = token.scope
    while "body" in scope.internal_data or "inner" in scope.internal_data:
        scope = scope.scope
    return scope


def throw(carrier: Token, activity_id: str | None) -> bool:
    """Begin to undo one activity of the scope, or all; true when there is something to wait for."""
    records: list[Record] = []
    scope = home(carrier)
    _take(scope, activity_id, records)
    while not scope.is_root and scope.task_spec.triggered_by_event:
        scope = home(scope)  # an event subprocess undoes what its parent did, too
        _take(scope, activity_id, records)
    return begin(carrier, records)


def _take(scope: Token, activity_id: str | None, taken: list[Record]) -> None:
    log: list[Record] = scope.internal_data.pop(LOG, [])
    taken += [record for record in log if activity_id in (None, record["element"])]
    rest = [record for record in log if activity_id not in (None, record["element"])]
    if rest:
        scope.internal_data[LOG] = rest


def harvest(scope: Token) -> list[Record]:
    """Everything that completed in ``scope`` and in what is still active inside it and has not been undone."""
    records: list[Record] = [*scope.internal_data.pop(LOG, []), *scope.internal_data.get(PENDING, [])]
    if PENDING not in scope.internal_data:
        for child in scope.children:
            records += harvest(child)
    return records


def begin(carrier: Token, records: list[Record]) -> bool:
    """Let ``carrier`` undo ``records``, the latest first; true when a handler has been started."""
    carrier.internal_data[PENDING] = sorted(records, key=lambda record: record["at"])
    return _undo_last(carrier)


def go_on(carrier: Token) -> bool:
    """A handler is done; true when the next one has been started, false when nothing is left."""
    carrier.internal_data[PENDING].pop()
    carrier.workflow.let_go = True
    return _undo_last(carrier)


def give_back(carrier: Token) -> None:
    """The carrier is taken away: what it has not undone goes back into the log of its scope."""
    records: list[Record] = carrier.internal_data.pop(PENDING, [])
    if records:
        home(carrier).internal_data.setdefault(LOG, []).extend(records)


def _undo_last(carrier: Token) -> bool:
    instance = carrier.workflow
    pending: list[Record] = carrier.internal_data[PENDING]
    while pending:
        record = pending[-1]
        activity: Activity = instance.model.node(record["element"])  # type: ignore[assignment]
        handler = handler_of(activity)
        if handler is not None:
            instance.variables[str(carrier.id)] = recall(instance.task_tree.internal_data, record)
            instance.enter(handler, carrier)
            return True
        pending.pop()
        instance.let_go = True
        pending += record["log"]
    del carrier.internal_data[PENDING]
    instance.variables.pop(str(carrier.id), None)
    return False
