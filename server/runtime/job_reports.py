"""What a job's worker reports, given to its instance; and kept, where the case is suspended, until it is resumed.

The work outside is done when its worker reports it: refusing the report would lose it, and the job would be done
twice. So a suspended case takes completions and business errors and keeps them on the job. They count when the case
is resumed, in the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from server.bpmn import NotWaiting
from server.messages import Message
from server.store.database import affect, encode_json

from .case import Case
from .errors import Conflict

STOP = """
    UPDATE job SET state = %(state)s, retries = coalesce(%(retries)s, retries), error_code = %(code)s,
        error_message = %(message)s, error_message_zh = %(message_zh)s, worker = NULL, deadline = NULL,
        failed = failed + 1, available_at = timestamptz '9999-01-01 00:00Z', updated_at = clock_timestamp()
    WHERE key = %(key)s"""
"""Puts a job out of every worker's reach until its incident is resolved."""


def in_words(told: str | Message) -> dict[str, str | None]:
    """What a worker told of a failure, as a job keeps it: ``message`` and, where it is another text, ``message_zh``."""
    if isinstance(told, Message):
        return {"message": told.en, "message_zh": told.zh}
    return {"message": told, "message_zh": None}


def throw_error(case: Case, instance_key: int, job_key: int, error: Mapping[str, Any]) -> None:
    """Throw a job's business error, as :func:`business_error` reports it; uncaught it is an incident.

    Raises :class:`server.bpmn.NotWaiting` where the job is no longer waited for.
    """
    running = case.load(instance_key)
    if running is None:
        return
    code, text, zh = error["code"], error["message"], error.get("message_zh")
    case.rows.job_outcome = {"error_code": code, "error_message": text, "error_message_zh": zh}
    message = Message("job.error", zh or text or code, text or code)
    running.execution.throw_error(job_key, code, message, error["variables"])
    case.settle()
    if job_key not in case.rows.jobs_closed:
        stopped = {"key": job_key, "retries": None, "state": "ERROR_THROWN", "code": code}
        stopped |= {"message": text, "message_zh": zh}
        affect(case.connection, STOP, stopped)
        incident = case.rows.incidents_raised.get(job_key)
        if incident is not None:
            incident["job_key"] = job_key
    case.rows.job_outcome = {}


def keep(connection: Connection, job_key: int, report: Mapping[str, Any], *, actor: str) -> None:
    """Keep a report until the case is resumed. Raises :class:`Conflict` where the job has one already."""
    if not affect(connection, _KEEP, {"key": job_key, "report": encode_json({**report, "actor": actor})}):
        raise Conflict(
            Message(
                "job.reported",
                f"任务 {job_key} 的执行结果已经收到，流程实例恢复后生效；无需重复提交。",
                f"The outcome of job {job_key} has been received and counts when its process instance is resumed; "
                "there is no need to send it again.",
            )
        )


def completion(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The report that a job is done."""
    return {"kind": "completion", "variables": variables}


def business_error(code: str, message: str | Message, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The report that a job ended with a business error."""
    return {"kind": "error", "code": code, **in_words(message), "variables": variables}


def apply(case: Case, jobs: Iterable[Any]) -> None:
    """Let the kept reports of ``jobs`` (rows with key, instance_key and report) count, in the order given."""
    resumed_by = case.rows.actor
    for job in jobs:
        running = case.load(job.instance_key)
        if running is None:
            continue
        case.rows.actor = job.report["actor"]
        try:
            if job.report["kind"] == "completion":
                running.execution.complete_job(job.key, job.report["variables"])
            else:
                throw_error(case, job.instance_key, job.key, job.report)
        except NotWaiting:
            continue  # what came before, or an operator, has taken the job away
        case.settle()
    case.rows.actor = resumed_by


_KEEP = """
    UPDATE job SET report = %(report)s::jsonb || jsonb_build_object('at', clock_timestamp()),
        updated_at = clock_timestamp()
    WHERE key = %(key)s AND ended_at IS NULL AND report IS NULL"""
