"""Recording: a case that really happened, written as a scenario that replays it, without its personal data.

What came from outside (the start, people, workers, messages, signals, repairs by operators) becomes the scenario's
jobs and steps, each at its time; what the process did by itself is not written down but comes again. The scenario is
then played: what it does not reproduce is told in the file, and not expected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from server.calendars import zone_named
from server.messages import LendloomError, Message

from .definitions import Definitions
from .history import History, PastJob, PastTask
from .masking import Masking
from .playing import Player
from .reader import ZONE, Document, read_scenarios
from .recorded_repairs import repair_remarks, repair_steps
from .values import evaluated, literal
from .writing import yaml_text

_STATES: Final = {"ACTIVE": "active", "SUSPENDED": "suspended", "COMPLETED": "completed", "TERMINATED": "cancelled"}
_CLOSED_BY_US: Final = ("COMPLETED", "ERROR_THROWN")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded scenario as the text of a file. ``passes`` tells whether playing it went as the case had gone.

    ``remarks`` are what it does not reproduce; they stand in the file as comments.
    """

    text: str
    passes: bool
    remarks: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Moment:
    """Something from outside at an instant; ``order`` tells apart what was at one instant."""

    at: dt.datetime
    order: int
    step: Mapping[str, Any]


def record(history: History, definitions: Definitions, resources: Iterable[str]) -> Recording:
    """The scenario of a case, with ``resources`` as the names of the files that it runs with."""
    recorder = _Recorder(history, definitions)
    data = recorder.scenario(list(resources))
    steps, expected = data["steps"], data.pop("expect")
    player, problem = _played(data, definitions, history.process_id)
    if problem is not None:
        remarks = [
            Message("recording.stopped", f"重放时停止：{problem.zh}", f"Played again it stopped with: {problem.en}")
        ]
        data["steps"] = steps
    else:
        remarks = _fit(expected, player)
    remarks = [*repair_remarks(history), *remarks]
    data["expect"] = expected
    _, final = _played(data, definitions, history.process_id)
    header = [
        f"Recorded from process instance {history.key}; personal data are replaced by pseudonyms.",
        *(remark.en for remark in remarks),
    ]
    return Recording(yaml_text(header, data), problem is None and final is None, tuple(remarks))


def _played(data: Mapping[str, Any], definitions: Definitions, process_id: str) -> tuple[Player, Message | None]:
    (scenario,) = read_scenarios([Document(data, {(): 1})])
    player = Player(scenario, definitions, process_id)
    try:
        player.run()
    except LendloomError as error:
        return player, error.message
    return player, None


def _fit(expected: dict[str, Any], player: Player) -> list[Message]:
    """Leave out of an expectation what the played scenario has not reproduced; and say so."""
    remarks = []
    visited = player.world.story.visited
    recorded: list[str] = expected["visited"]
    blocks = SequenceMatcher(None, recorded, visited, autojunk=False).get_matching_blocks()
    kept = [name for block in blocks for name in recorded[block.a : block.a + block.size]]
    if len(kept) < len(recorded):
        left = [name for name in recorded if name not in kept]
        remarks.append(
            Message(
                "recording.elements",
                f"重放时次序不同或没有到达的元素：{'、'.join(left) or '只有次序不同'}。",
                f"Elements in another order, or not reached, when played: {', '.join(left) or 'order only'}.",
            )
        )
    expected["visited"] = kept
    main = player.main
    found = {} if main is None else main.variables.get("", {})
    now = player.world.now
    wanted = {name: evaluated(value, found, now) for name, value in expected["variables"].items()}
    other = [name for name, value in wanted.items() if name not in found or found[name] != value]
    for name in other:
        del expected["variables"][name]
    if other:
        names = sorted(other)
        remarks.append(
            Message(
                "recording.variables",
                f"结果不同、因此没有写入预期的变量：{'、'.join(names)}。",
                f"Variables that came out differently and are not expected: {', '.join(names)}.",
            )
        )
    return remarks


class _Recorder:
    def __init__(self, history: History, definitions: Definitions) -> None:
        self._history = history
        self._definitions = definitions
        self._masking = Masking(keep=lambda text: text in history.model_texts)
        for value in self._all_values():
            self._masking.learn(value)

    def scenario(self, resources: list[str]) -> dict[str, Any]:
        history = self._history
        answered = self._answered_types()
        moments = [*self._task_moments(), *self._event_moments(), *self._repair_moments()]
        moments += self._job_moments(answered)
        if history.state == "TERMINATED" and history.ended_at is not None:
            moments.append(_Moment(history.ended_at, 1 << 62, {"cancel": history.process_id}))
        steps: list[Any] = []
        now = history.started_at
        for moment in sorted(moments, key=lambda each: (each.at, each.order)):
            if moment.at > now:
                steps.append({"to": _shown(moment.at)})
                now = moment.at
            steps.append(dict(moment.step))
        last = max((element.ended_at or element.started_at for element in history.elements), default=now)
        if last > now:
            steps.append({"to": _shown(last)})
        data: dict[str, Any] = {
            "name": f"{history.process_id} {history.key}",
            "process": history.process_id,
            "resources": resources,
            "now": _shown(history.started_at),
            "variables": self._data(history.started_with),
            "jobs": {kind: self._answers(kind) for kind in answered},
        }
        if history.start_element is not None:
            data["start"] = history.start_element
        return data | {"steps": steps, "expect": self._expected()}

    def _expected(self) -> dict[str, Any]:
        history = self._history
        state = "incident" if history.ended_at is None and history.open_incidents else _STATES[history.state]
        visited = [e.element_id for e in history.elements if not e.is_gateway and e.element_type != "PROCESS"]
        return {"state": state, "visited": visited, "variables": self._data(history.variables)}

    # -- what came from outside ------------------------------------------------------------------------------------

    def _task_moments(self) -> Iterator[_Moment]:
        for task in self._history.tasks:
            if task.state != "COMPLETED" or task.ended_at is None:
                continue
            says: dict[str, Any] = {"task": task.element_id}
            if task.completed_by is not None:
                says["by"] = self._masking.person(task.completed_by)
            says |= self._place(task)
            received = self._data(task.received)
            if received:
                says["variables"] = received
            yield _Moment(task.ended_at, task.key, {"complete": says})

    def _event_moments(self) -> Iterator[_Moment]:
        """Messages and signals that came from outside the case."""
        thrown = {(e.signal, e.ended_at) for e in self._history.elements if e.throws and e.signal is not None}
        seen: set[tuple[str, dt.datetime]] = set()
        for element in self._history.elements:
            if element.throws or element.ended_at is None or element.element_type == "START_EVENT":
                continue
            at = element.started_at if element.element_type == "BOUNDARY_EVENT" else element.ended_at
            if element.message is not None:
                says: dict[str, Any] = {"name": element.message}
                if element.correlation_key is not None:
                    says["key"] = element.correlation_key
                if element.process_id != self._history.process_id:
                    says["process"] = element.process_id
                variables = self._data(element.received)
                yield _Moment(at, element.key, {"message": {**says, **({"variables": variables} if variables else {})}})
            elif element.signal is not None and (element.signal, at) not in seen | thrown:
                seen.add((element.signal, at))
                variables = self._data(element.received)
                yield _Moment(at, element.key, {"signal": {"name": element.signal, "variables": variables}})

    def _repair_moments(self) -> Iterator[_Moment]:
        for incident in self._history.incidents:
            if incident.resolved_at is not None and not incident.taken_away:
                yield _Moment(incident.resolved_at, incident.key, {"retry": incident.element_id})
        for repair, step in repair_steps(self._history, self._data):
            yield _Moment(repair.at, repair.key, step)

    # -- jobs ------------------------------------------------------------------------------------------------------

    def _answered_types(self) -> list[str]:
        """The job types whose jobs were all answered before anything else happened: answered by ``jobs``."""
        happened = [task.ended_at for task in self._history.tasks if task.ended_at is not None]
        happened += [e.started_at for e in self._history.elements if e.is_timer]
        repaired = [repair.at for repair in self._history.repairs]
        types = dict.fromkeys(job.type for job in self._history.jobs)
        return [kind for kind in types if not any(_waited(job, happened, repaired) for job in self._jobs(kind))]

    def _answers(self, kind: str) -> Any:
        answers: list[Any] = []
        for job in self._jobs(kind):
            # Failures that used up the retries were the last before an operator resolved their incident.
            used_up = min(sum(i.job_key == job.key for i in self._history.incidents), job.failed)
            message = self._masking.masked(job.error_message or "failed")
            answers += [{"fail": message}] * (job.failed - used_up)
            answers += [{"fail": {"message": message, "retries": 0}}] * used_up
            if job.ended_at is not None or job.failed == 0:
                answers.append(self._answer(job))
        distinct = [answer for number, answer in enumerate(answers) if number == 0 or answer != answers[0]]
        return answers[0] if not distinct[1:] else answers

    def _answer(self, job: PastJob) -> Any:
        if job.state == "COMPLETED":
            return {"complete": self._data(job.received)}
        if job.state == "ERROR_THROWN":
            said = {"code": job.error_code or "", "message": self._masking.masked(job.error_message or "")}
            return {"error": said}
        return "open"

    def _job_moments(self, answered: list[str]) -> Iterator[_Moment]:
        for job in self._history.jobs:
            if job.type in answered or job.ended_at is None or job.state not in _CLOSED_BY_US:
                continue
            where = {"job": job.element_id, **self._place(job)}
            if job.state == "COMPLETED":
                step = {"complete-job": {**where, "variables": self._data(job.received)}}
            else:
                step = {"throw-error": {**where, "code": job.error_code or ""}}
            yield _Moment(job.ended_at, job.key, step)

    def _jobs(self, kind: str) -> list[PastJob]:
        return [job for job in self._history.jobs if job.type == kind]

    # -- values and places -----------------------------------------------------------------------------------------

    def _place(self, one: PastTask | PastJob) -> dict[str, Any]:
        """Which of several open ones of the element it was: by process, and by number in the order of opening."""
        kinds = self._history.tasks if isinstance(one, PastTask) else self._history.jobs
        assert one.ended_at is not None
        same = [each for each in kinds if each.element_id == one.element_id]
        place: dict[str, Any] = {}
        if len({each.process_id for each in same}) > 1:
            place["process"] = one.process_id
            same = [each for each in same if each.process_id == one.process_id]
        open_then = [each for each in same if _is_open(each, one)]
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


def _shown(instant: dt.datetime) -> str:
    """An instant as clocks in China show it."""
    return instant.astimezone(zone_named(ZONE)).isoformat()


def _is_open(each: PastTask | PastJob, one: PastTask | PastJob) -> bool:
    """Whether ``each`` was open when ``one`` was completed."""
    assert one.ended_at is not None
    if (each.created_at, each.key) > (one.ended_at, one.key) and each is not one:
        return False
    return each is one or each.ended_at is None or (each.ended_at, each.key) > (one.ended_at, one.key)


def _waited(job: PastJob, happened: list[dt.datetime], repaired: list[dt.datetime]) -> bool:
    """Whether something else happened in the case between the opening of a job and its answer.

    A repair at the very instant of its opening counts: it may have been what held the answer back.
    """
    since, until = job.created_at, job.ended_at
    between = [at for at in happened if since < at] + [at for at in repaired if since <= at]
    return any(until is None or at < until for at in between)
