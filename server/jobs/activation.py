"""Handing jobs to workers: each to one worker at a time, for as long as its lease runs.

A worker takes jobs of a type, highest priority first. A job whose lease has run out may be taken again; the lease
number tells the one who has it now from the one who had it. Leases run by the wall clock, also where the clock of
the processes is pinned.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.messages import Message
from server.runtime.command import command
from server.runtime.definitions import catalogue
from server.runtime.errors import Refused
from server.store.database import fetch

from .listening import interest_in

FALLBACK_POLL = dt.timedelta(seconds=1)
"""How often a waiting worker looks by itself, for what no hint announces: leases and backoffs that run out."""


@dataclass(frozen=True, slots=True)
class ActivatedJob:
    """A job as its worker gets it; ``variables`` are those that its element sees."""

    key: int
    type: str
    process_id: str
    process_version: int
    process_definition_key: int
    instance_key: int
    root_key: int
    element_id: str
    element_instance_key: int
    custom_headers: Mapping[str, str]
    worker: str
    retries: int
    priority: int
    deadline: dt.datetime
    lease: int
    business_id: str | None
    variables: Mapping[str, Any]


def activate(
    *,
    job_type: str,
    max_jobs: int,
    timeout: dt.timedelta,
    worker: str,
    fetch_variables: Sequence[str] | None = None,
    request_timeout: dt.timedelta = dt.timedelta(0),
    actor: str,
) -> list[ActivatedJob]:
    """Take up to ``max_jobs`` jobs of a type, with a lease of ``timeout``.

    Where there is none, wait for one up to ``request_timeout``; the list is empty when none came. Raises
    :class:`Refused` for numbers that make no sense.
    """
    _check(job_type, max_jobs, timeout)
    parameters = {"type": job_type, "max": max_jobs, "timeout": timeout, "worker": worker}
    jobs = _take(_ACTIVATE, parameters, fetch_variables)
    if jobs or request_timeout <= dt.timedelta(0):
        return jobs
    deadline = time.monotonic() + request_timeout.total_seconds()
    with interest_in(job_type) as hint:
        while True:
            hint.clear()
            jobs = _take(_ACTIVATE, parameters, fetch_variables)
            remaining = deadline - time.monotonic()
            if jobs or remaining <= 0:
                return jobs
            hint.wait(min(remaining, FALLBACK_POLL.total_seconds()))


def activate_one(*, job_key: int, timeout: dt.timedelta, worker: str) -> ActivatedJob | None:
    """Take one job, whoever may have had its lease before; None where it is not open for anybody.

    For our own workers: that the job is queued again means that its worker before is dead.
    """
    jobs = _take(_ACTIVATE_ONE, {"key": job_key, "timeout": timeout, "worker": worker}, None)
    return jobs[0] if jobs else None


def extend(*, job_key: int, lease: int, timeout: dt.timedelta) -> bool:
    """Prolong a lease; false where the job is closed or another worker has it."""
    parameters = {"key": job_key, "lease": lease, "timeout": timeout}
    return bool(command(lambda connection: fetch(connection, _EXTEND, parameters)))


def _take(statement: str, parameters: Mapping[str, Any], fetch_variables: Sequence[str] | None) -> list[ActivatedJob]:
    wanted = None if not fetch_variables else frozenset(fetch_variables)

    def body(connection: Connection) -> list[ActivatedJob]:
        rows = fetch(connection, statement, parameters)
        chains = _scope_chains(connection, rows)
        return [_job(connection, row, chains, wanted) for row in rows]

    return command(body)


def _job(
    connection: Connection, row: Any, chains: Mapping[int, Sequence[int]], wanted: frozenset[str] | None
) -> ActivatedJob:
    version = catalogue(connection).process(connection, row.process_definition_key)
    visible = dict(row.variables.get("", {}))
    for scope in chains.get(row.key, (row.key,)):
        visible.update(row.variables.get(str(scope), {}))
    if wanted is not None:
        visible = {name: value for name, value in visible.items() if name in wanted}
    return ActivatedJob(
        key=row.key,
        type=row.type,
        process_id=version.process_id,
        process_version=version.version,
        process_definition_key=version.key,
        instance_key=row.instance_key,
        root_key=row.root_key,
        element_id=row.element_id,
        element_instance_key=row.key,
        custom_headers=row.custom_headers,
        worker=row.worker,
        retries=row.retries,
        priority=row.priority,
        deadline=row.deadline,
        lease=row.lease,
        business_id=row.business_id,
        variables=visible,
    )


def _scope_chains(connection: Connection, rows: Sequence[Any]) -> dict[int, list[int]]:
    """For each job with scopes between itself and the process: those scopes, the outermost first.

    Most jobs stand directly in their process and need no look-up.
    """
    nested = [row.key for row in rows if row.variables.keys() - {"", str(row.key)}]
    chains: dict[int, list[int]] = {}
    if nested:
        for row in fetch(connection, _SCOPES, {"keys": nested}):
            chains.setdefault(row.job, []).append(row.key)
    return chains


def _check(job_type: str, max_jobs: int, timeout: dt.timedelta) -> None:
    if not job_type or max_jobs < 1 or timeout <= dt.timedelta(0):
        raise Refused(
            Message(
                "job.activation",
                "领取作业需要作业类型、至少为 1 的数量和大于零的租期。",
                "Activating jobs needs a type, a number of at least 1 and a timeout above zero.",
            )
        )


_LEASED = """
        UPDATE job SET state = 'CREATED', worker = %(worker)s, lease = lease + 1,
            deadline = clock_timestamp() + %(timeout)s, available_at = clock_timestamp() + %(timeout)s,
            updated_at = clock_timestamp()"""
_WITH_VARIABLES = """
    SELECT t.*, s.variables FROM taken t JOIN instance_state s ON s.key = t.instance_key
    ORDER BY t.priority DESC, t.key"""
_ACTIVATE = f"""
    WITH taken AS ({_LEASED}
        WHERE key = ANY(ARRAY(
            SELECT key FROM job
            WHERE type = %(type)s AND ended_at IS NULL AND retries > 0 AND suspended IS NOT TRUE
              AND available_at <= clock_timestamp()
            ORDER BY priority DESC, available_at, key LIMIT %(max)s FOR UPDATE SKIP LOCKED))
        RETURNING *)
    {_WITH_VARIABLES}"""  # noqa: S608 - parts of our own
_ACTIVATE_ONE = f"""
    WITH taken AS ({_LEASED}
        WHERE key = %(key)s AND ended_at IS NULL AND retries > 0 AND suspended IS NOT TRUE
          AND available_at < timestamptz '9999-01-01 00:00Z'
        RETURNING *)
    {_WITH_VARIABLES}"""
_EXTEND = """
    UPDATE job SET deadline = clock_timestamp() + %(timeout)s, available_at = clock_timestamp() + %(timeout)s
    WHERE key = %(key)s AND lease = %(lease)s AND ended_at IS NULL AND deadline IS NOT NULL RETURNING key"""
_SCOPES = """
    WITH RECURSIVE up AS (
        SELECT key AS job, key, scope_key, 0 AS depth FROM element_instance WHERE key = ANY(%(keys)s::bigint[])
        UNION ALL
        SELECT up.job, e.key, e.scope_key, up.depth + 1
        FROM up JOIN element_instance e ON e.key = up.scope_key WHERE up.depth < 50 AND e.key <> e.scope_key)
    SELECT job, key FROM up ORDER BY job, depth DESC"""
