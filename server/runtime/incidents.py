"""Resolving incidents: an operator says that the cause is repaired, and the element is tried again."""

from __future__ import annotations

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import affect, fetch

from . import background, statements, wake
from .command import command
from .errors import Conflict, no_such
from .stimulus import finish, open_case


def resolve(*, incident_key: int, actor: str) -> None:
    """Resolve an incident and try its element again; the same fault raises a new incident.

    A job without retries gets one more, unless retries were given to it before. Raises :class:`NotFound` and
    :class:`Conflict` (already resolved).
    """

    def body(connection: Connection) -> None:
        opened = open_case(connection, statements.LOCK_INCIDENT, incident_key, actor)
        if opened is None:
            raise no_such("异常", "incident", incident_key)
        if opened.row.incident_state != "ACTIVE":
            raise Conflict(
                Message(
                    "incident.resolved",
                    f"异常 {incident_key} 已经解决；请刷新后再看。",
                    f"Incident {incident_key} is already resolved; refresh to see it.",
                )
            )
        running, element_key = opened.running, opened.row.element_instance_key
        running.execution.retry(element_key)
        _release_job(connection, element_key, opened.case.rows.jobs_deferred)
        finish(opened.case)

    command(body)


def _release_job(connection: Connection, job_key: int, deferred: list[dict[str, object]]) -> None:
    """Let workers have the job again, where the incident was that of a job."""
    rows = fetch(connection, _RELEASE, {"key": job_key})
    if not rows:
        return
    row = rows[0]
    if background.is_built_in(row.type):
        affect(connection, FORGET_DEFERRAL, {"lock": f"job:{job_key}"})
        deferred.append(background.deferral(job_key, priority=row.priority))
    else:
        wake.jobs_available([row.type])


_RELEASE = """
    UPDATE job SET retries = greatest(retries, 1), state = 'CREATED', available_at = clock_timestamp(),
        deadline = NULL, updated_at = clock_timestamp()
    WHERE key = %(key)s AND ended_at IS NULL
      AND available_at = timestamptz '9999-01-01 00:00Z'
    RETURNING type, priority"""
FORGET_DEFERRAL = "DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'todo'"
