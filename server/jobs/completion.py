"""What a worker reports about a job: done, failed, a business error; and what an operator changes about one.

The first report wins, whoever holds the lease: a worker whose lease ran out may still complete its job when no
other has. A report that must not come from a worker fenced off names its lease. While the case is suspended, what is
done counts later (:mod:`server.runtime.job_reports`); what failed is noted at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from server.bpmn import NotWaiting
from server.messages import Message
from server.runtime import background, job_reports, statements, wake
from server.runtime.command import command
from server.runtime.errors import CommandError, Conflict, Refused, no_such
from server.runtime.incidents import FORGET_DEFERRAL
from server.runtime.stimulus import Opened, finish, open_case
from server.store.database import affect, encode_json, fetch


def complete(*, job_key: int, variables: Mapping[str, Any] | None = None, actor: str, lease: int | None = None) -> None:
    """The job is done and gave ``variables``.

    Raises :class:`NotFound` (also where it is completed or cancelled already) and :class:`Conflict` (it has an
    incident, or ``lease`` is no longer the job's).
    """

    def body(connection: Connection) -> None:
        opened = _open(connection, job_key, actor, lease)
        if opened.case.suspended:
            job_reports.keep(connection, job_key, job_reports.completion(variables or {}), actor=actor)
            return
        try:
            opened.running.execution.complete_job(job_key, variables or {})
        except NotWaiting as error:
            raise _not_open(connection, job_key) from error
        finish(opened.case)

    command(body)


def fail(
    *,
    job_key: int,
    retries: int,
    error_message: str | Message = "",
    retry_backoff: dt.timedelta = dt.timedelta(0),
    variables: Mapping[str, Any] | None = None,
    actor: str,
    lease: int | None = None,
) -> None:
    """The job failed for a technical reason; it may be tried again after ``retry_backoff``.

    A ``Message`` is shown to each reader in their language. With no ``retries`` left it becomes an incident.
    ``variables`` are set in the scope of the job's element.
    Raises :class:`NotFound` and :class:`Conflict`.
    """
    if retries < 0 or retry_backoff < dt.timedelta(0):
        raise Refused(
            Message(
                "job.retries",
                "重试次数和退避时间不能为负数。",
                "Retries and retry backoff cannot be negative.",
            )
        )
    failure = {
        "key": job_key,
        "retries": retries,
        **job_reports.in_words(error_message),
        "backoff": retry_backoff,
    }

    def try_again(connection: Connection) -> None:
        rows = fetch(connection, _FAIL, {**failure, "lease": lease})
        if not rows:
            raise _not_open(connection, job_key, lease)
        if background.is_built_in(rows[0].type):
            affect(connection, FORGET_DEFERRAL, {"lock": f"job:{job_key}"})
            again = background.deferral(job_key, priority=rows[0].priority, at=rows[0].available_at)
            fetch(connection, statements.write(["jobs_deferred"]), {"jobs_deferred": encode_json([again])})
        elif not retry_backoff:
            wake.jobs_available([rows[0].type])

    def body(connection: Connection) -> None:
        if retries > 0 and not variables:
            try_again(connection)
            return
        opened = _open(connection, job_key, actor, lease)
        execution = opened.live.execution
        try:
            if variables:
                execution.write_variables(job_key, variables, local=True)
            if retries == 0:
                execution.fail_job(job_key, _used_up(error_message))
        except NotWaiting as error:
            raise _not_open(connection, job_key) from error
        if retries > 0:
            try_again(connection)
        else:
            affect(connection, job_reports.STOP, {**failure, "state": "FAILED", "code": None})
        if not opened.case.suspended:
            execution.settle()  # a condition may take the failed job away
        elif variables:
            affect(connection, statements.ASK_CONDITIONS_LATER, {"key": opened.live.origin.instance_key})
        finish(opened.case)

    command(body)


def throw_error(
    *,
    job_key: int,
    error_code: str,
    error_message: str | Message = "",
    variables: Mapping[str, Any] | None = None,
    actor: str,
    lease: int | None = None,
) -> None:
    """The job ended with a business error, for an error boundary event to catch; uncaught it is an incident.

    Raises :class:`NotFound` and :class:`Conflict`.
    """

    def body(connection: Connection) -> None:
        opened = _open(connection, job_key, actor, lease)
        case = opened.case
        report = job_reports.business_error(error_code, error_message, variables or {})
        if case.suspended:
            job_reports.keep(connection, job_key, report, actor=actor)
            return
        try:
            job_reports.throw_error(case, opened.running.origin.instance_key, job_key, report)
        except NotWaiting as error:
            raise _not_open(connection, job_key) from error
        finish(case)

    command(body)


def update(
    *,
    job_key: int,
    retries: int | None = None,
    timeout: dt.timedelta | None = None,
    priority: int | None = None,
    actor: str,
) -> None:
    """Change the retries or priority of an open job, or let its lease run for ``timeout`` from now.

    Raises :class:`NotFound`, :class:`Conflict` (no worker has it, so there is no lease) and :class:`Refused`.
    """
    if retries is not None and retries < 1:
        raise Refused(Message("job.update-retries", "重试次数至少为 1。", "The number of retries must be at least 1."))

    def body(connection: Connection) -> None:
        changes = {"key": job_key, "retries": retries, "timeout": timeout, "priority": priority}
        rows = fetch(connection, _UPDATE, changes)
        if not rows:
            if timeout is not None and fetch(connection, _NOW, {"key": job_key}):
                raise _without_lease(job_key)
            raise no_such("未结束的作业", "open job", job_key)

    command(body)


def _open(connection: Connection, job_key: int, actor: str, lease: int | None) -> Opened:
    opened = open_case(connection, statements.LOCK_JOB, job_key, actor)
    if opened is None or opened.target is None or opened.row.ended_at is not None:
        raise no_such("未结束的作业", "open job", job_key)
    if lease is not None and opened.row.lease != lease:
        raise _lost_lease(job_key)
    return opened


def _not_open(connection: Connection, job_key: int, lease: int | None = None) -> CommandError:
    """Why a job does not take a report: it is closed, or stands still with an incident, or the lease is lost."""
    rows = fetch(connection, _NOW, {"key": job_key})
    if not rows:
        return no_such("未结束的作业", "open job", job_key)
    if lease is not None and rows[0].lease != lease:
        return _lost_lease(job_key)
    return Conflict(
        Message(
            "job.incident",
            f"作业 {job_key} 已成为异常，不再接受执行结果；请先解决该异常。",
            f"Job {job_key} has an incident and takes no report; resolve the incident first.",
        )
    )


def _lost_lease(job_key: int) -> Conflict:
    return Conflict(
        Message(
            "job.lease",
            f"作业 {job_key} 的租期已过，且已由其他作业程序领取。",
            f"The lease of job {job_key} has run out and another worker has the job.",
        )
    )


def _without_lease(job_key: int) -> Conflict:
    return Conflict(
        Message(
            "job.not-activated",
            f"作业 {job_key} 没有被领取，没有租期可以延长。",
            f"No worker has job {job_key}, so there is no lease to change.",
        )
    )


def _used_up(error: str | Message) -> Message:
    zh, en = (error.zh, error.en) if isinstance(error, Message) else (error, error)
    return Message(
        "job.no-retries",
        f"作业的重试次数已用完。最后的错误：{zh or '（没有说明）'}",
        f"The job's retries are used up. Last error: {en or '(none given)'}",
    )


_FAIL = """
    UPDATE job SET state = 'FAILED', retries = %(retries)s, error_message = %(message)s,
        error_message_zh = %(message_zh)s, worker = NULL, deadline = NULL, failed = failed + 1,
        available_at = clock_timestamp() + %(backoff)s, updated_at = clock_timestamp()
    WHERE key = %(key)s AND ended_at IS NULL AND report IS NULL
      AND available_at < timestamptz '9999-01-01 00:00Z'
      AND (%(lease)s::int IS NULL OR lease = %(lease)s::int)
    RETURNING type, priority, available_at"""
_UPDATE = """
    UPDATE job SET retries = coalesce(%(retries)s::int, retries), priority = coalesce(%(priority)s::int, priority),
        deadline = CASE WHEN %(timeout)s::interval IS NULL THEN deadline
                        ELSE clock_timestamp() + %(timeout)s::interval END,
        available_at = CASE WHEN %(timeout)s::interval IS NULL THEN available_at
                            ELSE clock_timestamp() + %(timeout)s::interval END,
        updated_at = clock_timestamp()
    WHERE key = %(key)s AND ended_at IS NULL AND (%(timeout)s::interval IS NULL OR deadline IS NOT NULL)
    RETURNING key"""
_NOW = "SELECT lease FROM job WHERE key = %(key)s AND ended_at IS NULL"
