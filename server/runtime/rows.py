"""From effects to rows: what the instances of a case did in one command, gathered for one write.

Effects are folded on the way: an element that was activated and ended in the same command is one inserted row,
a timer that was set and cleared leaves none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.bpmn import effects as fx
from server.store.database import encode_json

from . import background
from .announcements import announcement
from .live import Happening
from .statements import write

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """The instance that effects come from, as its rows name it."""

    instance_key: int
    root_key: int
    definition_key: int
    business_id: str | None


class Rows:
    """The rows of one command by kind; see :data:`server.runtime.statements.WRITES` for the kinds."""

    def __init__(
        self,
        *,
        now: dt.datetime,
        actor: str,
        next_key: Callable[[], int],
        announce: bool,
        is_heard: bool = False,
        suspended: bool = False,
    ) -> None:
        self.now = now
        self.actor = actor
        self.suspended = suspended
        self._next_key = next_key
        self._announce = announce
        self._is_heard = is_heard
        self.happenings: list[Happening] = []
        self.task_outcome: Row = {}
        self.job_outcome: Row = {}
        self.elements_activated: dict[int, Row] = {}
        self.elements_ended: dict[int, Row] = {}
        self.elements_migrated: list[Row] = []
        self.tasks_opened: dict[int, Row] = {}
        self.tasks_closed: dict[int, Row] = {}
        self.jobs_opened: dict[int, Row] = {}
        self.jobs_closed: dict[int, Row] = {}
        self.timers_set: dict[int, Row] = {}
        self.timers_cleared: set[int] = set()
        self.subscriptions_opened: dict[int, Row] = {}
        self.subscriptions_changed: dict[int, Row] = {}
        self.subscriptions_closed: set[int] = set()
        self.decisions_taken: list[Row] = []
        self.incidents_raised: dict[int, Row] = {}
        self.incidents_cleared: set[int] = set()
        self.signals_thrown: list[Row] = []
        self.events_announced: list[Row] = []
        self.jobs_deferred: list[Row] = []
        self.instances_started: list[Row] = []
        self.instances_changed: dict[int, Row] = {}
        self.states_begun: list[Row] = []
        self.states_changed: list[Row] = []
        self.message_starts_over: list[int] = []
        self.flows: dict[int, list[str]] = {}

    # -- effects -------------------------------------------------------------------------------------------------

    def add(self, origin: Origin, effect: fx.Effect) -> None:
        """Take one effect of an instance; effects must come in the order in which they happened."""
        fold = _FOLDS.get(type(effect))
        if fold is not None:
            fold(self, origin, effect)

    def _element_activated(self, origin: Origin, effect: fx.ElementActivated) -> None:
        self.elements_activated[effect.key] = {
            "key": effect.key,
            "started_at": effect.at,
            "instance_key": origin.instance_key,
            "process_definition_key": origin.definition_key,
            "scope_key": effect.scope_key,
            "element_id": effect.element_id,
            "element_type": effect.element_type,
            "state": "ACTIVE",
        }

    def _element_ended(self, origin: Origin, effect: fx.ElementEnded) -> None:
        row = self.elements_activated.get(effect.key)
        if row is None:
            row = self.elements_ended[effect.key] = {"key": effect.key, "started_at": effect.started_at}
        row["state"] = "COMPLETED" if effect.completed else "TERMINATED"
        row["ended_at"] = effect.at
        row["actor"] = self.actor
        if effect.changes is not None:
            row["changes"] = effect.changes
        if effect.received is not None:
            row["received"] = effect.received

    def _element_migrated(self, origin: Origin, effect: fx.ElementMigrated) -> None:
        self.elements_migrated.append(
            {
                "key": effect.key,
                "started_at": effect.started_at,
                "element_id": effect.element_id,
                "name": effect.name,
                "process_definition_key": origin.definition_key,
            }
        )

    def _task_opened(self, origin: Origin, effect: fx.UserTaskOpened) -> None:
        self.tasks_opened[effect.key] = {
            **self._wait(origin, effect.key, effect.element_id),
            "name": effect.name,
            "state": "CREATED",
            "assignee": effect.assignee,
            "candidate_users": effect.candidate_users,
            "candidate_groups": effect.candidate_groups,
            "due_date": effect.due_date,
            "follow_up_date": effect.follow_up_date,
            "priority": effect.priority,
            "form_key": effect.form_key,
            "external_form_reference": effect.external_form_reference,
            "custom_headers": effect.headers,
            "business_id": origin.business_id,
            "created_at": self.now,
        }
        self.happened("user-task", "created", effect.key, origin)
        if self._announce:
            self.announce(
                "user-task-created",
                origin,
                userTaskKey=effect.key,
                elementId=effect.element_id,
                name=effect.name,
                assignee=effect.assignee,
                candidateGroups=effect.candidate_groups,
                candidateUsers=effect.candidate_users,
            )

    def _task_closed(self, origin: Origin, effect: fx.UserTaskClosed) -> None:
        row = self.tasks_opened.get(effect.key)
        if row is None:
            row = self.tasks_closed[effect.key] = {"key": effect.key, "guarded": False}
        row["state"] = "COMPLETED" if effect.completed else "CANCELED"
        row["ended_at"] = self.now
        self.happened("user-task", "completed" if effect.completed else "canceled", effect.key, origin)
        if effect.completed:
            row["completed_by"] = self.actor
            row.update(self.task_outcome)

    def _job_opened(self, origin: Origin, effect: fx.JobOpened) -> None:
        self.jobs_opened[effect.key] = {
            **self._wait(origin, effect.key, effect.element_id),
            "type": effect.type,
            "state": "CREATED",
            "retries": effect.retries,
            "priority": effect.priority,
            "custom_headers": effect.headers,
            "business_id": origin.business_id,
            "created_at": self.now,
        }
        self.happened("job", "created", effect.key, origin, effect.type)

    def _job_closed(self, origin: Origin, effect: fx.JobClosed) -> None:
        self.happened("job", "ended", effect.key, origin)
        row = self.jobs_opened.get(effect.key)
        if row is None:
            row = self.jobs_closed[effect.key] = {"key": effect.key}
        row["state"] = effect.state
        row["ended_at"] = self.now
        if effect.state != "CANCELED":
            row.update(self.job_outcome)

    def _timer_set(self, origin: Origin, effect: fx.TimerSet) -> None:
        self.timers_cleared.discard(effect.key)
        self.timers_set[effect.key] = {
            **self._wait(origin, effect.key, effect.element_id),
            "due_at": effect.due_at,
            "cycle": effect.cycle,
            "remaining": effect.remaining,
            "attempts": 0,
        }

    def _timer_cleared(self, _origin: Origin, effect: fx.TimerCleared) -> None:
        self.timers_set.pop(effect.key, None)
        self.timers_cleared.add(effect.key)

    def _subscription_opened(self, origin: Origin, effect: fx.SubscriptionOpened) -> None:
        self.subscriptions_opened[effect.key] = {
            **self._wait(origin, effect.key, effect.element_id),
            "kind": effect.kind,
            "name": effect.name,
            "correlation_key": effect.correlation_key,
            "interrupting": effect.interrupting,
            "created_at": self.now,
        }

    def _subscription_changed(self, _origin: Origin, effect: fx.SubscriptionChanged) -> None:
        self.subscriptions_changed[effect.key] = {
            "key": effect.key,
            "name": effect.name,
            "correlation_key": effect.correlation_key,
            "interrupting": effect.interrupting,
        }

    def _subscription_closed(self, _origin: Origin, effect: fx.SubscriptionClosed) -> None:
        self.subscriptions_changed.pop(effect.key, None)
        if self.subscriptions_opened.pop(effect.key, None) is None:
            self.subscriptions_closed.add(effect.key)

    def _decision_taken(self, origin: Origin, effect: fx.DecisionTaken) -> None:
        evaluation = effect.evaluation
        self.decisions_taken.append(
            {
                "key": self._next_key(),
                "evaluated_at": self.now,
                "decision_definition_key": effect.definition_key,
                "instance_key": origin.instance_key,
                "element_instance_key": effect.key,
                "process_definition_key": origin.definition_key,
                **decision_columns(evaluation, effect.inputs),
            }
        )

    def _incident_raised(self, origin: Origin, effect: fx.IncidentRaised) -> None:
        key = self._next_key()
        self.incidents_raised[effect.key] = {
            **_place(origin, key, effect.element_id),
            "element_instance_key": effect.key,
            "job_key": effect.key if effect.error_type == "JOB_NO_RETRIES" else None,
            "error_type": effect.error_type,
            "message_zh": effect.message.zh,
            "message_en": effect.message.en,
            "state": "ACTIVE",
            "created_at": self.now,
        }
        self._change(origin.instance_key)["incidents"] += 1
        self.happened("incident", "created", key, origin)
        if self._announce:
            self.announce(
                "incident-created",
                origin,
                incidentKey=key,
                elementId=effect.element_id,
                errorType=effect.error_type,
                message={"zh": effect.message.zh, "en": effect.message.en},
            )

    def _incident_cleared(self, origin: Origin, effect: fx.IncidentCleared) -> None:
        if self.incidents_raised.pop(effect.key, None) is None:
            if effect.key in self.incidents_cleared:
                return
            self.incidents_cleared.add(effect.key)
        self._change(origin.instance_key)["incidents"] -= 1
        self.happened("incident", "resolved", None, origin)

    def _flow_taken(self, origin: Origin, effect: fx.FlowTaken) -> None:
        self.flows.setdefault(origin.instance_key, []).append(effect.flow_id)

    def _process_ended(self, origin: Origin, effect: fx.ProcessEnded) -> None:
        change = self._change(origin.instance_key)
        change["state"] = "COMPLETED" if effect.completed else "TERMINATED"
        change["ended_at"] = effect.at
        self.happened("process-instance", "ended", origin.instance_key, origin)
        if self._announce:
            self.announce("process-instance-ended", origin, state=change["state"])

    def _wait(self, origin: Origin, key: int, element_id: str) -> Row:
        """What the rows of all waits have; in a suspended case they are born suspended."""
        place = _place(origin, key, element_id)
        if self.suspended:
            place["suspended"] = True
        return place

    def _change(self, instance_key: int) -> Row:
        return self.instances_changed.setdefault(instance_key, {"key": instance_key, "incidents": 0})

    # -- what does not come from effects ---------------------------------------------------------------------------

    def happened(self, topic: str, event: str, key: int | None, origin: Origin, word: str | None = None) -> None:
        """Note something for those who follow what happens; see :mod:`server.runtime.live`."""
        if self._is_heard:
            self.happenings.append(Happening(topic, event, key, origin.instance_key, word))

    def announce(self, topic: str, origin: Origin, **payload: Any) -> None:
        """Announce an event to the world outside."""
        known = {
            "processInstanceKey": origin.instance_key,
            "rootProcessInstanceKey": origin.root_key,
            "processDefinitionKey": origin.definition_key,
            "businessId": origin.business_id,
        }
        self.events_announced.append(announcement(self._next_key(), topic, self.now, {**known, **payload}))

    def belongs_to(self, instance_key: int, applicant: str) -> None:
        """Keep whose case an instance is."""
        self._change(instance_key)["applicant"] = applicant

    def end_reason(self, instance_key: int, reason: str) -> None:
        """Keep why an instance was ended by hand."""
        self._change(instance_key)["end_reason"] = reason

    def begun(self, instance: Row, state: Row) -> None:
        """An instance that began, with all that has happened to it since."""
        change = self.instances_changed.pop(instance["key"], None)
        if change is not None:
            instance.update(change)
        self.instances_started.append(instance)
        self.states_begun.append(state)

    # -- the write -------------------------------------------------------------------------------------------------

    def statement(self) -> tuple[str, dict[str, Any]]:
        """The one statement that writes everything, and its parameters."""
        self._defer_built_in_jobs()
        parameters: dict[str, Any] = {}
        for kind in _JSON_KINDS:
            rows = getattr(self, kind)
            if rows:
                parameters[kind] = encode_json(list(rows.values()) if isinstance(rows, dict) else rows)
        for kind in _KEY_KINDS:
            keys = getattr(self, kind)
            if keys:
                parameters[kind] = sorted(keys)
        kinds = list(parameters)
        if self.tasks_closed:
            kinds.append("drafts_dropped")
        if self.incidents_cleared:
            parameters |= {"now": self.now, "actor": self.actor}
        return write(kinds), parameters

    def _defer_built_in_jobs(self) -> None:
        for row in self.jobs_opened.values():
            if background.is_built_in(row["type"]) and row["state"] == "CREATED" and row["retries"] > 0:
                self.jobs_deferred.append(background.deferral(row["key"], priority=row["priority"]))


_JSON_KINDS = (
    "instances_started",
    "instances_changed",
    "states_begun",
    "states_changed",
    "elements_activated",
    "elements_ended",
    "tasks_opened",
    "tasks_closed",
    "jobs_opened",
    "jobs_closed",
    "timers_set",
    "subscriptions_opened",
    "subscriptions_changed",
    "decisions_taken",
    "incidents_raised",
    "signals_thrown",
    "events_announced",
    "jobs_deferred",
)
_KEY_KINDS = ("timers_cleared", "subscriptions_closed", "incidents_cleared", "message_starts_over")

_FOLDS: Mapping[type, Callable[[Rows, Origin, Any], None]] = {
    fx.ElementActivated: Rows._element_activated,
    fx.ElementEnded: Rows._element_ended,
    fx.ElementMigrated: Rows._element_migrated,
    fx.UserTaskOpened: Rows._task_opened,
    fx.UserTaskClosed: Rows._task_closed,
    fx.JobOpened: Rows._job_opened,
    fx.JobClosed: Rows._job_closed,
    fx.TimerSet: Rows._timer_set,
    fx.TimerCleared: Rows._timer_cleared,
    fx.SubscriptionOpened: Rows._subscription_opened,
    fx.SubscriptionChanged: Rows._subscription_changed,
    fx.SubscriptionClosed: Rows._subscription_closed,
    fx.DecisionTaken: Rows._decision_taken,
    fx.IncidentRaised: Rows._incident_raised,
    fx.IncidentCleared: Rows._incident_cleared,
    fx.FlowTaken: Rows._flow_taken,
    fx.ProcessEnded: Rows._process_ended,
}


def _place(origin: Origin, key: int, element_id: str) -> Row:
    return {
        "key": key,
        "instance_key": origin.instance_key,
        "root_key": origin.root_key,
        "process_definition_key": origin.definition_key,
        "element_id": element_id,
    }


def decision_columns(evaluation: Any, inputs: Mapping[str, Any]) -> Row:
    """The columns of a decision instance that the evaluation gives."""
    failures = [diagnostic.message for diagnostic in evaluation.diagnostics] if evaluation.failed else []
    return {
        "state": "FAILED" if evaluation.failed else "EVALUATED",
        "failure": "; ".join(message.en for message in failures) or None,
        "failure_zh": "；".join(message.zh for message in failures) or None,
        "inputs": inputs,
        "trace": evaluation.trace.to_json(),
    }


def state_row(key: int, snapshot: bytes | None, variables: dict[str, Any] | None, flows: list[str]) -> Row:
    """The columns of a state row that every command writes; bytes as PostgreSQL's hexadecimal text."""
    return {
        "key": key,
        "snapshot": None if snapshot is None else "\\x" + snapshot.hex(),
        "variables": None if variables is None else msgspec.Raw(encode_json(variables).encode()),
        "flows": flows,
    }
