"""The outside of a scenario: what workers and called processes answer, as the scenario says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from server.calendars import CalendarError, parse_duration
from server.messages import Message

from .errors import StepFailure, step_failure
from .scenario import Answer, Answers, Completes, Fails, StaysOpen, ThrowsError
from .values import variables
from .waiting import OpenCall, OpenJob, business_error
from .world import World

MOST_ANSWERS = 20_000
"""Answers between two moments of virtual time; more is a process that asks without end."""


class Outside:
    """Answers jobs and calls as soon as they open, each list one by one, its last answer again and again."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._jobs = world.scenario.jobs
        self._calls = world.scenario.calls
        self._given: dict[str, int] = {}

    def answer_all(self) -> None:
        """Answer until nothing that is open has an answer now."""
        answers = 0
        while self._answer_one():
            answers += 1
            if answers > MOST_ANSWERS:
                raise step_failure(
                    "endless-jobs",
                    f"同一时刻已回答了 {MOST_ANSWERS} 个作业：模型可能无尽循环。",
                    f"{MOST_ANSWERS} jobs were answered at one instant: the model probably loops without end.",
                )

    def next_retry(self) -> dt.datetime | None:
        """When the next failed job is tried again."""
        waiting = [
            job.available_at
            for job in self._world.open.jobs.values()
            if self._takes(job) and job.available_at > self._world.now
        ]
        return min(waiting, default=None)

    def _answer_one(self) -> bool:
        world = self._world
        for job in world.open.jobs.values():
            if self._takes(job) and job.available_at <= world.now:
                answer_job(world, job, self._next("job", job.opened.type, self._jobs))
                return True
        for call in world.open.calls.values():
            if not call.left and not world.is_suspended(call.instance):
                answer_call(world, call, self._next("call", call.opened.process_id, self._calls))
                return True
        return False

    def _takes(self, job: OpenJob) -> bool:
        """Whether a worker is to answer a job: jobs of cases that stand still are handed to nobody."""
        return not job.left and job.opened.type in self._jobs and not self._world.is_suspended(job.instance)

    def _next(self, kind: str, name: str, answers: Mapping[str, Answers]) -> Answer:
        place = f"{kind} {name}"
        number = self._given.get(place, 0)
        self._given[place] = number + 1
        given = answers[name]
        return given[min(number, len(given) - 1)]


def answer_job(world: World, job: OpenJob, answer: Answer) -> None:
    """Give an answer to a job; FEEL in it sees the job's variables, and ``job``."""
    key, instance = job.opened.key, job.instance
    if isinstance(answer, StaysOpen):
        job.left = True
        return
    if isinstance(answer, Completes | ThrowsError) and world.is_suspended(instance):
        _keep_report(world, job, answer)
        return
    context = world.variables_at(instance, key)
    context["job"] = {
        "type": job.opened.type,
        "elementId": job.element_id,
        "retries": job.retries,
        "headers": dict(job.opened.headers),
        "processInstanceKey": instance.key,
    }
    match answer:
        case Completes():
            given = variables(answer.variables, context, world.now)
            world.stimulate(instance, lambda execution: execution.complete_job(key, given))
        case ThrowsError():
            given = variables(answer.variables, context, world.now)
            world.tell(instance, job.element_id, "error", answer.code)
            message = business_error(answer.code, answer.message)
            world.stimulate(instance, lambda execution: execution.throw_error(key, answer.code, message, given))
            job.left = key in world.open.jobs
        case Fails():
            _fail(world, job, answer, context)


def _keep_report(world: World, job: OpenJob, answer: Completes | ThrowsError) -> None:
    """What a worker reports on a suspended case is kept: the work outside is done."""
    if job.reported:
        raise step_failure(
            "reported",
            f"作业 {job.element_id} 的结果已经报告，挂起期间予以保留；不能再报告一次。",
            f"The result of the job {job.element_id} has been reported already and is kept while the case is"
            " suspended; it cannot be reported twice.",
        )
    job.reported = True

    def report() -> None:
        if job.opened.key in world.open.jobs:
            answer_job(world, job, answer)

    world.suspended[job.instance.root_key].reports.append(report)


def answer_call(world: World, call: OpenCall, answer: Answer) -> None:
    """Give an answer to the call of a process that the scenario stands in for."""
    key, instance = call.opened.key, call.instance
    context = dict(call.opened.variables)
    match answer:
        case Completes():
            given = variables(answer.variables, context, world.now)
            if call.opened.propagate_all:
                given = {**context, **given}
            del world.open.calls[key]
            world.stimulate(instance, lambda execution: execution.call_ended(key, given))
        case ThrowsError():
            given = variables(answer.variables, context, world.now)
            message = business_error(answer.code, answer.message)
            world.tell(instance, call.element_id, "error", answer.code)
            call.left = True
            world.stimulate(instance, lambda execution: execution.call_failed(key, answer.code, message, given))
        case Fails():
            raise step_failure(
                "call-fails",
                f"对调用 {call.opened.process_id} 的回答应为 complete、error 或 open，不能是 fail。",
                f"The call of {call.opened.process_id} is answered by complete, error or open, not by fail.",
            )
        case StaysOpen():
            call.left = True


def _fail(world: World, job: OpenJob, answer: Fails, context: Mapping[str, Any]) -> None:
    key, instance = job.opened.key, job.instance
    job.retries = max(job.retries - 1 if answer.retries is None else answer.retries, 0)
    world.tell(instance, job.element_id, "job failed", answer.message)
    given = variables(answer.variables, context, world.now)
    if given:
        world.stimulate(instance, lambda execution: execution.set_variables(key, given, local=True))
    if job.retries:
        try:
            job.available_at = parse_duration(answer.backoff).after(world.now, world.scenario.calendar)
        except CalendarError as error:
            raise StepFailure(error.message) from error
        return
    job.left = True
    message = Message("job.failed", answer.message or "作业失败", answer.message or "the job failed")
    world.stimulate(instance, lambda execution: execution.fail_job(key, message))
