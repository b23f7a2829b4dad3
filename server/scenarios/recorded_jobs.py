"""What workers answered in a case: under ``jobs`` where nothing happened meanwhile, else as steps at their times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from .history import History, PastIncident, PastJob

_CLOSED_BY_US: Final = ("COMPLETED", "ERROR_THROWN")
_UNHANDLED: Final = "UNHANDLED_ERROR_EVENT"

Data = Callable[[Mapping[str, Any] | None], dict[str, Any]]
Text = Callable[[str], str]
Place = Callable[[Any, dt.datetime], dict[str, Any]]


def answered_types(history: History) -> list[str]:
    """The job types whose jobs were all answered before anything else happened: answered by ``jobs``."""
    happened = [task.ended_at for task in history.tasks if task.ended_at is not None]
    happened += [e.started_at for e in history.elements if e.is_timer or e.message is not None or e.signal is not None]
    repaired = [repair.at for repair in history.repairs]
    types = dict.fromkeys(job.type for job in history.jobs)
    return [kind for kind in types if not any(_waited(job, happened, repaired) for job in _jobs(history, kind))]


def answers(history: History, kind: str, data: Data, masked: Text) -> Any:
    """What the jobs of a type were answered, as a scenario says it: one answer, or a list."""
    given: list[Any] = []
    for job in _jobs(history, kind):
        incidents = _incidents(history, job)
        message = masked(job.error_message or "failed")
        # Failures that used up the retries were the last before an operator resolved their incident.
        given += [{"fail": message}] * (job.failed - len(incidents))
        given += [_stopping(incident, job, masked) for incident in incidents]
        if job.ended_at is not None or not incidents:
            given.append(_answer(history, job, data, masked))
    return given[0] if all(answer == given[0] for answer in given) else given


def job_steps(
    history: History, answered: list[str], data: Data, masked: Text, place: Place
) -> Iterator[tuple[dt.datetime, int, Mapping[str, Any]]]:
    """What workers did to jobs of types that are not ``answered``: the time, a key, and the step."""
    for job in history.jobs:
        if job.type in answered:
            continue
        for incident in _incidents(history, job):
            where = {"job": job.element_id, **place(job, incident.created_at)}
            ((kind, says),) = _stopping(incident, job, masked).items()
            yield incident.created_at, job.key, {_STEPS[kind]: {**where, **says}}
        if job.ended_at is None or job.state not in _CLOSED_BY_US:
            continue
        where = {"job": job.element_id, **place(job, job.ended_at)}
        ((kind, says),) = _answer(history, job, data, masked).items()
        variables = {"variables": says} if kind == "complete" else says
        yield job.ended_at, job.key, {_STEPS[kind]: {**where, **variables}}


_STEPS: Final = {"complete": "complete-job", "fail": "fail-job", "error": "throw-error"}


def _stopping(incident: PastIncident, job: PastJob, masked: Text) -> dict[str, Any]:
    """The answer that became an incident: a failure without retries, or an error that nobody caught."""
    message = masked(job.error_message or "failed")
    if incident.error_type == _UNHANDLED:
        return {"error": {"code": job.error_code or "", "message": message}}
    return {"fail": {"message": message, "retries": 0}}


def _answer(history: History, job: PastJob, data: Data, masked: Text) -> Any:
    if job.state == "COMPLETED":
        return {"complete": data(job.received)}
    if job.state == "ERROR_THROWN":
        said: dict[str, Any] = {"code": job.error_code or "", "message": masked(job.error_message or "")}
        variables = data(_caught_with(history, job))
        return {"error": said | ({"variables": variables} if variables else {})}
    return "open"


def _caught_with(history: History, job: PastJob) -> Mapping[str, Any] | None:
    """The variables of a job's error: they came to the event that caught it, at the same instant."""
    caught = (
        each.received
        for each in history.elements
        if each.element_type in ("BOUNDARY_EVENT", "START_EVENT") and each.started_at == job.ended_at
        if each.key > job.key and not (each.is_timer or each.message or each.signal)
    )
    return next(caught, None)


def _incidents(history: History, job: PastJob) -> list[PastIncident]:
    return [incident for incident in history.incidents if incident.job_key == job.key]


def _jobs(history: History, kind: str) -> list[PastJob]:
    return [job for job in history.jobs if job.type == kind]


def _waited(job: PastJob, happened: list[dt.datetime], repaired: list[dt.datetime]) -> bool:
    """Whether something else happened in the case between the opening of a job and its answer.

    A repair at the very instant of its opening counts: it may have been what held the answer back.
    """
    since, until = job.created_at, job.ended_at
    between = [at for at in happened if since < at] + [at for at in repaired if since <= at]
    return any(until is None or at < until for at in between)
