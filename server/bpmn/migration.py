"""Migration: a running instance goes over to another version of its process and keeps all that it waits for.

Tokens keep their keys. What waits in an element that is mapped goes on waiting, with the due dates, claims and
leases it has; a boundary event (or one behind an event-based gateway) that is not mapped is closed, and one that is
new in the target begins to wait. Nothing runs that did not run before, save a join that has all it now needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.messages import Finding

from .ad_hoc import AdHocSubProcess
from .branches import Branch
from .compensation import LOG, PENDING, Record, handler_of, records_of
from .effects import ElementMigrated, SubscriptionChanged
from .errors import Failure, RepairRefused
from .event_definitions import MessageDefinition
from .events import CatchingNode
from .flow_node import FlowNode
from .gateways import EventBasedGateway, ParallelGateway
from .instance import ExecutionServices, Instance
from .mappings import HANDED_OVER
from .migration_rules import (
    cannot_wait,
    check_mapping,
    compensation_differs,
    flow_not_mapped,
    map_flow,
    not_mapped,
    pair_faults,
    queued_not_mapped,
    stop_not_mapped,
)
from .model import ProcessModel
from .multi_instance import MultiInstance
from .timers import TimerDefinition
from .token import ENTER, Token


def migrate(
    old: Instance,
    target: ProcessModel,
    services: ExecutionServices,
    mapping: Mapping[str, str],
    *,
    recompute_timers: bool = False,
) -> Instance:
    """The instance under the ``target`` model; ``mapping`` says what each element (or sequence flow) becomes.

    With ``recompute_timers`` waiting timers are set anew by the target's definitions, durations counted from when
    the wait began. ``old`` must not be used any more. Raises :class:`RepairRefused` with every reason against it.
    """
    faults = check_mapping(old.model, target, mapping)
    if faults:
        raise RepairRefused(faults)
    work = _Migrator(old, target, services, mapping, recompute_timers)
    work.check()
    work.carry_over()
    return work.new


class _Migrator:
    """One migration while it is carried out."""

    def __init__(
        self,
        old: Instance,
        target: ProcessModel,
        services: ExecutionServices,
        mapping: Mapping[str, str],
        recompute_timers: bool,
    ) -> None:
        self.old, self.target, self.mapping = old, target, mapping
        self.recompute_timers = recompute_timers
        self.new = Instance(target, services, old.key, old.variables)
        self.new.effects = old.effects
        self.new.conditions.resting = old.conditions.resting
        self.new.let_go = True  # a completion that the target undoes otherwise
        self.closed: list[Token] = []
        self.hosts: list[tuple[Token, Token]] = []

    # -- checking ----------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Refuse what cannot be carried over, with a reason for every element."""
        found: dict[tuple[str, str], Finding] = {}
        for token in self.old.tasks.values():
            faults = [] if token.is_root or self._is_wait(token) else self._faults(token)
            for finding in (*faults, *self._faults_of_what_is_to_come(token), *self._compensation_faults(token)):
                found[finding.element, finding.message.code] = finding
        if found:
            raise RepairRefused(list(found.values()))

    def _faults(self, token: Token) -> Iterable[Finding]:
        source: FlowNode = token.task_spec
        target_id = self.mapping.get(source.element.id)
        if target_id is None:
            return [not_mapped(source)]
        target = self.target.node(target_id)
        faults = pair_faults(source, target, self.mapping)
        for flow_id in token.internal_data.get("arrived", ()):
            if map_flow(flow_id, self.old.model, self.target, target, self.mapping) is None:
                faults.append(flow_not_mapped(flow_id, source, target))
        return faults

    def _faults_of_what_is_to_come(self, token: Token) -> Iterator[Finding]:
        """Elements in which no token stands yet, but that the instance was told of: they must be there as well."""
        data, old = token.internal_data, self.old.model
        around = None if token.is_root else self.mapping.get(token.task_spec.element.id)
        if around is not None:
            activatable = getattr(self.target.node(around), "activatable", ())
            for name, _ in data.get("queue", ()):
                if self.mapping.get(name, name) not in activatable:
                    yield queued_not_mapped(old.node(name), token.task_spec)
        for name in data.get("stop_after", ()):
            if self.mapping.get(name, name) not in self.target.elements:
                yield stop_not_mapped(old.node(name))
        if "start" in data and self.mapping.get(data["start"], data["start"]) not in self.target.elements:
            yield not_mapped(old.node(data["start"]))

    def _compensation_faults(self, token: Token) -> Iterator[Finding]:
        """What has completed and could be undone must be undone in the target as well."""
        for record in records_of(token.internal_data):
            source: Any = self.old.model.node(record["element"])
            target_id = self.mapping.get(record["element"], record["element"])
            target: Any = self.target.node(target_id) if target_id in self.target.elements else None
            needed = handler_of(source) is not None
            if target is None or target.element.type != source.element.type or (handler_of(target) is None) is needed:
                yield compensation_differs(source)

    @staticmethod
    def _is_wait(token: Token) -> bool:
        scope: Token = token.scope
        return token.task_spec.is_wait_in(scope) or isinstance(scope.task_spec, EventBasedGateway)

    # -- carrying over -----------------------------------------------------------------------------------------

    def carry_over(self) -> None:
        """Make the new tokens, close and open waits, and let joins go on that now have all they need."""
        old, new = self.old, self.new
        flows = old.model.flows.values()
        seen = {self.mapping.get(flow.id, flow.id) for flow in flows if old.flows_seen >> flow.position & 1}
        new.flows_seen = sum(1 << flow.position for flow in self.target.flows.values() if flow.id in seen)
        new.task_tree = self._copy(old.task_tree, None)
        for wait in self.closed:
            wait.cancel()
        for token in list(new.tasks.values()):
            token.task_spec.restored(token)
        self._open_new_waits()
        for token in list(new.tasks.values()):
            self._follow_definition(token)
        for wait in list(new.conditions.waits.values()):
            if wait.id in new.conditions.waits and not new.conditions.resting and self._other_condition(wait):
                new.conditions.ask(wait)
        for token in list(new.tasks.values()):
            while isinstance(token.task_spec, ParallelGateway) and self._has_all(token):
                token.task_spec.counted(token)

    def _copy(self, source: Token, scope: Token | None) -> Token:
        spec: FlowNode = self.target.spec.start if scope is None else self._target(source)
        token = Token(self.new, spec, scope, source.id, source.started_at)
        token._state, token.announced = source._state, source.announced
        token.internal_data = self._data(source, spec)
        self.new.effects.append(
            ElementMigrated(
                token.id,
                spec.history_id(self.new),
                None if scope is None else spec.element.name,
                source.started_at if source.announced or scope is None else None,
            )
        )
        self._carry_results(source, token)
        self.hosts.append((source, token))
        for child in source.children:
            if self._is_wait(child) and not self._keeps_waiting(child, token):
                self.closed.append(child)
            else:
                self._copy(child, token)
        return token

    def _target(self, source: Token) -> FlowNode:
        return self.target.node(self.mapping[source.task_spec.element.id])

    def _keeps_waiting(self, wait: Token, host: Token) -> bool:
        """Whether the event that is awaited is one of the host's in the target as well."""
        target_id = self.mapping.get(wait.task_spec.element.id)
        return target_id is not None and self.target.node(target_id) in _awaited(host)

    def _data(self, source: Token, spec: FlowNode) -> dict[str, Any]:
        data = dict(source.internal_data)
        arrived: dict[str, list[Branch]] | None = data.get("arrived")
        if arrived is not None:
            mapped: dict[str, list[Branch]] = {}
            data["arrived"] = mapped
            for flow_id, branches in arrived.items():
                flow = map_flow(flow_id, self.old.model, self.target, spec, self.mapping)
                assert flow is not None
                mapped.setdefault(flow.id, []).extend(branches)
        for name in (LOG, PENDING):
            if name in data:
                data[name] = [self._record(record) for record in data[name]]
        if "inner" in data:
            data["inner"] = self.mapping.get(data["inner"], data["inner"])
        if "queue" in data:
            data["queue"] = [[self.mapping.get(name, name), given] for name, given in data["queue"]]
        if "start" in data:  # the start event of a process whose event subprocesses could not be awaited
            data["start"] = self.mapping.get(data["start"], data["start"])
        if "stop_after" in data:
            data["stop_after"] = [self.mapping.get(element, element) for element in data["stop_after"]]
        return data

    def _carry_results(self, source: Token, token: Token) -> None:
        """What an activity has collected so far stands under the name by which the target goes on collecting."""
        before, now = _collection(source), _collection(token)
        if now is None or now == before:
            return
        local = self.new.local(token)
        local[now] = [None] * len(token.internal_data.get("items", ())) if before is None else local.pop(before)

    def _record(self, record: Record) -> Record:
        changed = {**record, "element": self.mapping.get(record["element"], record["element"])}
        if "log" in record:
            changed["log"] = [self._record(inner) for inner in record["log"]]
        return changed

    # -- waits -------------------------------------------------------------------------------------------------

    def _open_new_waits(self) -> None:
        """Begin to wait for the events of the target that no event of the source stands for."""
        found = []
        for source, token in self.hosts:
            kept = {self.mapping.get(event.element.id) for event in _awaited(source)}
            for event in _awaited(token):
                if event.element.id not in kept:
                    try:
                        event.wait_on(token)  # type: ignore[attr-defined]
                    except Failure as failure:
                        found.append(cannot_wait(event, failure.message.zh, failure.message.en))
        if found:
            raise RepairRefused(found)

    def _follow_definition(self, token: Token) -> None:
        """What waits goes by the target's definition where that awaits something else."""
        before: Token | None = self.old.tasks.get(token.id)
        if before is None or token.is_root or not isinstance(token.task_spec, CatchingNode):
            return
        wait = token.internal_data.get("wait")
        try:
            if wait == "timer" and self.recompute_timers:
                self._set_timer_anew(token)
            elif wait in ("message", "signal"):
                self._subscribe_anew(token, before.task_spec)
        except Failure as failure:
            finding = cannot_wait(token.task_spec, failure.message.zh, failure.message.en)
            raise RepairRefused([finding]) from failure

    def _set_timer_anew(self, token: Token) -> None:
        spec, instance = token.task_spec, self.new
        definition = spec.event_definition  # type: ignore[attr-defined]
        assert isinstance(definition, TimerDefinition)
        services = instance.services
        since = token.started_at if definition.kind == "duration" else services.now
        due = definition.first_due(since, instance.visible(token), spec.where, calendars=services.calendar)
        spec._set_timer(token, due)  # type: ignore[attr-defined]

    def _subscribe_anew(self, token: Token, before: Any) -> None:
        spec: Any = token.task_spec
        old, new = before.event_definition, spec.event_definition
        if (old.name, _key_text(old), before.interrupting) == (new.name, _key_text(new), spec.interrupting):
            return
        key = None
        if isinstance(new, MessageDefinition):
            key = spec._correlation_key(token, self.new.visible(token), new)
        kind, name = token.internal_data["wait"], spec._text(token, new.named)
        self.new.effects.append(SubscriptionChanged(token.id, spec.element.id, kind, name, key, spec.interrupting))

    def _other_condition(self, wait: Token) -> bool:
        before: Token | None = self.old.tasks.get(wait.id)
        old = None if before is None else before.task_spec.event_definition  # type: ignore[attr-defined]
        new = wait.task_spec.event_definition  # type: ignore[attr-defined]
        return old is not None and old.condition.text != new.condition.text

    def _has_all(self, token: Token) -> bool:
        arrived = token.internal_data.get("arrived", {})
        return self.new.tasks.get(token.id) is token and bool(arrived) and len(arrived) == len(token.task_spec.incoming)


def _awaited(token: Token) -> list[FlowNode]:
    """The events for which a token holds waits: boundary events, event subprocesses, what is behind its gateway."""
    spec, data = token.task_spec, token.internal_data
    if data.get("incident") == ENTER:
        return []
    if isinstance(spec, EventBasedGateway):
        return [target for _, target in spec.outgoing]
    found: list[FlowNode] = list(spec.boundary_events) if token.holds_boundary_events else []
    if not data.keys() & {"body", "inner", "interrupted"}:
        found += [handler.start for handler in spec.event_subprocesses]
    return found


def _collection(token: Token) -> str | None:
    """The variable in which an activity that has begun, and has not handed it over yet, collects its results."""
    data = token.internal_data
    spec: Any = token.task_spec
    found: str | None
    if "body" in data:
        collects = "items" in data and HANDED_OVER not in data and isinstance(spec.multi_instance, MultiInstance)
        found = spec.multi_instance.loop.output_collection if collects else None
    elif isinstance(spec, AdHocSubProcess) and not data.keys() & {"inner", "result"} and data.get("incident") != ENTER:
        found = spec.extensions.ad_hoc.output_collection
    else:
        found = None
    return found


def _key_text(definition: Any) -> str | None:
    key = getattr(definition, "correlation_key", None)
    return None if key is None else key.text
