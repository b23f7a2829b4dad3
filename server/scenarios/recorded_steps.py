"""What came to a case from outside, as the steps of its recording: people, workers, messages, signals, repairs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .definitions import Definitions
from .history import History, PastElement, PastIncident, PastJob, PastTask
from .masking import Masking
from .recorded_jobs import answered_types, answers, job_steps
from .recorded_repairs import MODIFY, repair_steps
from .rehearsal import WAITS_AT, instant_text
from .values import literal

_STATES: Final = {"ACTIVE": "active", "SUSPENDED": "suspended", "COMPLETED": "completed", "TERMINATED": "cancelled"}
_AT_ONCE: Final = dt.timedelta(seconds=5)
"""What one message or signal reaches of a case, it reaches within this time, one command after the other."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """How closely a recording follows the times of the outside.

    With ``jobs`` every job is answered by a step at its time; with ``timers`` the clock fires when it did, however
    late.
    """

    jobs: bool = False
    timers: bool = False


@dataclass(frozen=True, slots=True)
class _Moment:
    """Something from outside at an instant; ``order`` tells apart what was at one instant."""

    at: dt.datetime
    order: int
    step: Mapping[str, Any]


class Recorder:
    """Writes the history of a case as the data of a scenario."""

    def __init__(self, history: History, definitions: Definitions) -> None:
        self._history = history
        self._definitions = definitions
        self._masking = Masking(keep=lambda text: text in history.model_texts)
        for task in history.tasks:
            changes = [person for each in task.assignments for person in (each.assignee, each.actor)]
            for person in (*changes, task.assignee, task.completed_by):
                if person is not None:
                    self._masking.person(person)
        for value in self._all_values():
            self._masking.learn(value)

    def scenario(self, resources: list[str], form: Closeness) -> dict[str, Any]:
        """The scenario, with messages that do not know their keys yet; see :mod:`server.scenarios.rehearsal`."""
        history = self._history
        answered = [] if form.jobs else answered_types(history)
        steps: list[Any] = [{"clock": "stop"}] if form.timers else []
        now = history.started_at
        for moment in sorted(self._moments(answered, form), key=lambda each: (each.at, each.order)):
            if moment.at > now:
                steps.append({"to": instant_text(moment.at)})
                now = moment.at
            if not (steps and steps[-1] == moment.step == {"clock": "tick"}):
                steps.append(dict(moment.step))
        last = max((element.ended_at or element.started_at for element in history.elements), default=now)
        if last > now:
            steps.append({"to": instant_text(last)})
        data: dict[str, Any] = {
            "name": f"{history.process_id} {history.key}",
            "process": history.process_id,
            "resources": resources,
            "now": instant_text(history.started_at),
            "variables": self._data(history.started_with),
            "jobs": {kind: answers(history, kind, self._data, self._masking.masked) for kind in answered},
        }
        named = {name: calendar for name, calendar in history.calendars.items() if name}
        data |= {"calendar": history.calendars[""]} if "" in history.calendars else {}
        data |= {"calendars": named} if named else {}
        if history.start_element is not None:
            data["start"] = history.start_element
        if any(model.start_events for model in self._definitions.processes.values()):
            data["start_events"] = False
        return data | {"steps": steps, "expect": self._expected()}

    def _moments(self, answered: list[str], form: Closeness) -> Iterator[_Moment]:
        yield from self._task_moments()
        yield from self._message_moments()
        yield from self._signal_moments()
        yield from self._repair_moments()
        for job_at, key, step in job_steps(self._history, answered, self._data, self._masking.masked, self._place):
            yield _Moment(job_at, key, step)
        if form.timers:
            yield from self._timer_moments()
        history = self._history
        cancelled = history.state == "TERMINATED" and history.ended_at is not None
        if cancelled and not any(r.kind == MODIFY and r.at == history.ended_at for r in history.repairs):
            assert history.ended_at is not None
            yield _Moment(history.ended_at, 1 << 62, {"cancel": history.process_id})

    def _expected(self) -> dict[str, Any]:
        history = self._history
        state = "incident" if history.ended_at is None and history.open_incidents else _STATES[history.state]
        visited = [e.element_id for e in history.elements if not e.is_gateway and e.element_type != "PROCESS"]
        expected = {"state": state, "visited": visited, "variables": self._data(history.variables)}
        if history.ended_at is None:
            expected["tasks"] = [task.element_id for task in history.tasks if task.state == "CREATED"]
            expected["jobs"] = [job.element_id for job in history.jobs if job.ended_at is None]
            open_ = [incident for incident in history.incidents if incident.resolved_at is None]
            if open_:
                expected["incidents"] = {incident.element_id: incident.error_type for incident in open_}
        return expected

    # -- people ------------------------------------------------------------------------------------------------------

    def _task_moments(self) -> Iterator[_Moment]:
        person = self._masking.person
        for task in self._history.tasks:
            for each in task.assignments:
                where = {"task": task.element_id, **self._place(task, each.at)}
                if each.assignee is None:
                    step: dict[str, Any] = {"unassign": where}
                elif each.assignee == each.actor:
                    step = {"claim": {**where, "by": person(each.actor)}}
                else:
                    step = {"assign": {**where, "to": person(each.assignee)}}
                yield _Moment(each.at, task.key, step)
            if task.state != "COMPLETED" or task.ended_at is None:
                continue
            says: dict[str, Any] = {"task": task.element_id}
            if task.completed_by is not None:
                says["by"] = person(task.completed_by)
            if task.assignee not in (None, task.completed_by):
                says["for"] = person(str(task.assignee))
            says |= self._place(task, task.ended_at)
            received = self._data(task.received)
            if received:
                says["variables"] = received
            yield _Moment(task.ended_at, task.key, {"complete": says})

    # -- events ------------------------------------------------------------------------------------------------------

    def _message_moments(self) -> Iterator[_Moment]:
        """Messages; one that several processes of the case have received was sent once."""
        given: list[tuple[PastElement, dt.datetime]] = []
        for element, at in self._caught():
            if element.message is None:
                continue
            if any(_is_one_message(element, at, *other) for other in given):
                continue
            given.append((element, at))
            says: dict[str, Any] = {"name": element.message}
            if element.correlation_key is not None:
                says["key"] = element.correlation_key
            if element.process_id != self._history.process_id:
                says["process"] = element.process_id
            variables = self._data(element.received)
            if variables:
                says["variables"] = variables
            says[WAITS_AT] = element.element_id, self._number_waiting(element, at)
            yield _Moment(at, element.key, {"message": says})

    def _signal_moments(self) -> Iterator[_Moment]:
        """Signals that came from outside the case; one that several elements have received was sent once."""
        thrown = [
            (e.signal, e.ended_at) for e in self._history.elements if e.throws and e.signal is not None and e.ended_at
        ]
        given: list[tuple[str, dt.datetime, Any]] = []
        for element, at in self._caught():
            if element.signal is None:
                continue
            inside = any(name == element.signal and dt.timedelta() <= at - when < _AT_ONCE for name, when in thrown)
            again = any(
                (name, values) == (element.signal, element.received) and abs(at - when) < _AT_ONCE
                for name, when, values in given
            )
            if not inside and not again:
                given.append((element.signal, at, element.received))
                variables = self._data(element.received)
                yield _Moment(at, element.key, {"signal": {"name": element.signal, "variables": variables}})

    def _timer_moments(self) -> Iterator[_Moment]:
        for element in self._history.elements:
            at = _happened_at(element)
            if element.is_timer and at is not None and not self._is_beginning(element):
                yield _Moment(at, element.key, {"clock": "tick"})

    def _caught(self) -> Iterator[tuple[PastElement, dt.datetime]]:
        """The events that have happened to the case, and when."""
        for element in self._history.elements:
            at = _happened_at(element)
            if not element.throws and at is not None and not self._is_beginning(element):
                yield element, at

    def _is_beginning(self, element: PastElement) -> bool:
        """Whether it is the start event of a process instance."""
        return element.element_type == "START_EVENT" and element.scope_key == element.instance_key

    def _number_waiting(self, element: PastElement, at: dt.datetime) -> int:
        """Which of those that waited at an element it was, from 1. What waits at a boundary has no history."""
        if element.element_type in ("BOUNDARY_EVENT", "START_EVENT"):
            return 1
        open_ = [each for each in self._history.elements if _waits_beside(each, element, at)]
        return open_.index(element) + 1

    def _repair_moments(self) -> Iterator[_Moment]:
        for incident in self._history.incidents:
            if incident.resolved_at is not None and not incident.taken_away:
                place = self._place(incident, incident.resolved_at)
                says = {"element": incident.element_id, **place} if place else incident.element_id
                # At one instant a job is tried again before it is answered.
                yield _Moment(incident.resolved_at, incident.job_key or incident.key, {"retry": says})
        for repair, step in repair_steps(self._history, self._data):
            yield _Moment(repair.at, repair.key, step)

    # -- values and places -------------------------------------------------------------------------------------------

    def _place(self, one: PastTask | PastJob | PastIncident, at: dt.datetime) -> dict[str, Any]:
        """Which of several open ones of the element it was: by process, and by number in the order of opening."""
        history = self._history
        kinds: Iterable[Any] = history.incidents
        if isinstance(one, PastTask):
            kinds = history.tasks
        elif isinstance(one, PastJob):
            kinds = history.jobs
        same = [each for each in kinds if each.element_id == one.element_id]
        place: dict[str, Any] = {}
        if len({each.process_id for each in same}) > 1:
            place["process"] = one.process_id
            same = [each for each in same if each.process_id == one.process_id]
        open_then = [each for each in same if each is one or _is_open(each, one, at)]
        if len(open_then) > 1:
            place["index"] = open_then.index(one) + 1
        return place

    def _data(self, values: Mapping[str, Any] | None) -> dict[str, Any]:
        masked: dict[str, Any] = literal(self._masking.masked(dict(values or {})))
        return masked

    def _all_values(self) -> Iterator[Any]:
        history = self._history
        yield history.started_with
        yield history.variables
        for element in history.elements:
            yield element.received
        for repair in history.repairs:
            yield repair.details


def _happened_at(element: PastElement) -> dt.datetime | None:
    """When an event has happened: of one that only begins with it, its beginning."""
    if element.element_type in ("BOUNDARY_EVENT", "START_EVENT"):
        return element.started_at
    return element.ended_at


def _is_one_message(element: PastElement, at: dt.datetime, other: PastElement, when: dt.datetime) -> bool:
    return (
        element.process_id != other.process_id
        and (element.message, element.received) == (other.message, other.received)
        and abs(at - when) < _AT_ONCE
    )


def _waits_beside(each: PastElement, one: PastElement, at: dt.datetime) -> bool:
    if (each.process_id, each.element_id, each.element_type) != (one.process_id, one.element_id, one.element_type):
        return False
    return each is one or (each.started_at <= at and (each.left_at is None or each.left_at > at))


def _is_open(each: PastTask | PastJob | PastIncident, one: PastTask | PastJob | PastIncident, at: dt.datetime) -> bool:
    """Whether ``each`` was open when ``one`` changed. What was opened with it was; what its change opens was not."""
    ended = each.resolved_at if isinstance(each, PastIncident) else each.ended_at
    opened = each.created_at < at or each.created_at == one.created_at
    return opened and (ended is None or (ended, each.key) > (at, one.key))
