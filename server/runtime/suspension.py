"""Suspending and resuming cases: a root instance and everything that it called.

What a suspension does to each kind of wait (docs/operations.md has the table):

- *user tasks* stay visible, and can be neither claimed nor completed; *incidents* cannot be resolved;
- *jobs* are handed to nobody. What a worker that has one already reports is kept and counts at the resumption;
- *timers* do not fire. One that fell due meanwhile fires at the resumption, by its own rule for lateness;
- *messages* wait in their buffer as long as they live; *signals* are delivered at the resumption;
- *conditions* are not asked; those that became true by variables that were set happen at the resumption;
- variables can be set, and an operator may modify, migrate or cancel the case. Whatever that opens is suspended.

The suspension stands in the state row of the root, which is what every command locks and reads: a command that has
waited for that lock sees it. The rows of the waits are marked as well, so that whoever looks for work does not even
find them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.bpmn.effects import SubscriptionOpened
from server.messages import Message
from server.store.database import affect, after_commit, fetch

from . import background, job_reports, live, signals, statements, wake
from .case import Case
from .command import command
from .errors import Conflict, no_such
from .incidents import FORGET_DEFERRAL
from .instances import called_by_another
from .operation_records import record
from .stimulus import Opened, finish, open_case


@dataclass(frozen=True, slots=True)
class _Released:
    """What waits again after a resumption."""

    changed: list[int]
    jobs: list[Any]
    messages: list[Any]
    signals: list[int]


def suspend(*, instance_key: int, actor: str, reason: str | None = None) -> None:
    """Suspend a root instance and everything that it called.

    Raises :class:`NotFound`, and :class:`Conflict` where it has ended, is suspended already or was called.
    """

    def body(connection: Connection) -> None:
        opened = _open_root(connection, instance_key, actor)
        if opened.case.suspended:
            raise _already(instance_key)
        parameters = {"root": instance_key, "now": opened.case.now, "actor": actor, "reason": reason}
        fetch(connection, _SUSPEND, parameters)
        _record(opened, "SUSPEND_PROCESS_INSTANCE", actor, reason)
        live.tell([live.Happening("process-instance", "suspended", instance_key, instance_key)])

    command(body)


def resume(*, instance_key: int, actor: str, reason: str | None = None) -> None:
    """Resume a suspended root instance and everything that it called.

    Raises :class:`NotFound`, and :class:`Conflict` where it has ended, is not suspended or was called.
    """

    def body(connection: Connection) -> None:
        opened = _open_root(connection, instance_key, actor)
        case = opened.case
        if not case.suspended:
            raise _not_suspended(instance_key)
        case.resume()
        released = _release(connection, instance_key)
        _record(opened, "RESUME_PROCESS_INSTANCE", actor, reason)
        live.tell([live.Happening("process-instance", "resumed", instance_key, instance_key)])
        job_reports.apply(case, (job for job in released.jobs if job.report is not None))
        _ask_conditions(case, released.changed)
        _await_messages(case, released.messages)
        case.settle()
        _offer_jobs(case, (job for job in released.jobs if job.report is None))
        finish(case)
        after_commit(lambda: signals.deliver(released.signals))

    command(body)


def _open_root(connection: Connection, instance_key: int, actor: str) -> Opened:
    opened = open_case(connection, statements.LOCK_INSTANCE, instance_key, actor)
    if opened is None:
        raise no_such("流程实例", "process instance", instance_key)
    if opened.live.parent_key is not None:
        raise called_by_another(opened.live)
    return opened


def _record(opened: Opened, kind: str, actor: str, reason: str | None) -> None:
    origin, case = opened.live.origin, opened.case
    record(
        case.connection,
        kind,
        origin.instance_key,
        actor=actor,
        reason=reason,
        at=case.now,
        definition_key=origin.definition_key,
        business_id=origin.business_id,
    )


def _release(connection: Connection, root_key: int) -> _Released:
    row = fetch(connection, _RESUME, {"root": root_key})[0]
    jobs = fetch(connection, _RELEASED_JOBS, {"keys": row.jobs or []})
    messages = fetch(connection, _RELEASED_MESSAGES, {"keys": row.subscriptions or []})
    return _Released(row.changed, jobs, messages, sorted(row.signals or []))


def _ask_conditions(case: Case, changed: Iterable[int]) -> None:
    """Conditions that became true by variables that were set meanwhile happen now."""
    for key in changed:
        running = case.load(key)
        if running is not None:
            running.execution.ask_conditions()
            case.settle()


def _await_messages(case: Case, subscriptions: Iterable[Any]) -> None:
    """Messages that were buffered meanwhile are given to those who wait for them."""
    for row in subscriptions:
        running = case.load(row.instance_key)
        if running is not None:
            wait = SubscriptionOpened(
                row.key, row.element_id, "message", row.name, row.correlation_key, row.interrupting
            )
            case.await_message(running, wait)


def _offer_jobs(case: Case, jobs: Iterable[Any]) -> None:
    """Hand the jobs that are still open to our own workers, or tell those outside."""
    outside = set()
    for job in jobs:
        if job.key in case.rows.jobs_closed or job.retries < 1 or job.stopped:
            continue
        if background.is_built_in(job.type):
            affect(case.connection, FORGET_DEFERRAL, {"lock": f"job:{job.key}"})
            case.rows.jobs_deferred.append(
                background.deferral(job.key, priority=job.priority, at=job.available_at if job.later else None)
            )
        else:
            outside.add(job.type)
    wake.jobs_available(outside)


def _already(instance_key: int) -> Conflict:
    return Conflict(
        Message(
            "instance.already-suspended",
            f"流程实例 {instance_key} 已经挂起；请刷新后再看。",
            f"Process instance {instance_key} is suspended already; refresh to see it.",
        )
    )


def _not_suspended(instance_key: int) -> Conflict:
    return Conflict(
        Message(
            "instance.not-suspended",
            f"流程实例 {instance_key} 没有挂起，无需恢复；请刷新后再看。",
            f"Process instance {instance_key} is not suspended, so there is nothing to resume; refresh to see it.",
        )
    )


_CASE = """
    WITH instance AS (
        SELECT key FROM process_instance
        WHERE (key = %(root)s OR root_key = %(root)s AND parent_key IS NOT NULL) AND ended_at IS NULL)"""
_SUSPEND = f"""
    {_CASE}, case_state AS (
        UPDATE instance_state SET suspended = true WHERE key = %(root)s),
    shown AS (
        UPDATE process_instance SET state = 'SUSPENDED', suspended_at = %(now)s, suspended_by = %(actor)s,
            suspend_reason = %(reason)s
        WHERE key IN (SELECT key FROM instance)),
    tasks AS (
        UPDATE user_task SET suspended = true
        WHERE instance_key IN (SELECT key FROM instance) AND state = 'CREATED'),
    jobs AS (
        UPDATE job SET suspended = true WHERE instance_key IN (SELECT key FROM instance) AND ended_at IS NULL),
    timers AS (
        UPDATE timer SET suspended = true WHERE instance_key IN (SELECT key FROM instance)),
    subscriptions AS (
        UPDATE event_subscription SET suspended = true WHERE instance_key IN (SELECT key FROM instance))
    SELECT 1"""  # noqa: S608
_RESUME = f"""
    {_CASE}, case_state AS (
        UPDATE instance_state SET suspended = NULL WHERE key IN (SELECT key FROM instance) AND suspended
        RETURNING key),
    shown AS (
        UPDATE process_instance SET state = 'ACTIVE', suspended_at = NULL, suspended_by = NULL, suspend_reason = NULL
        WHERE key IN (SELECT key FROM instance)),
    tasks AS (
        UPDATE user_task SET suspended = NULL
        WHERE instance_key IN (SELECT key FROM instance) AND state = 'CREATED' AND suspended),
    jobs AS (
        UPDATE job SET suspended = NULL
        WHERE instance_key IN (SELECT key FROM instance) AND ended_at IS NULL AND suspended RETURNING key),
    timers AS (
        UPDATE timer SET suspended = NULL, claimed_until = NULL, attempts = 0
        WHERE instance_key IN (SELECT key FROM instance) AND suspended),
    subscriptions AS (
        UPDATE event_subscription SET suspended = NULL
        WHERE instance_key IN (SELECT key FROM instance) AND suspended RETURNING key, kind),
    signals AS (
        UPDATE signal_delivery SET suspended = NULL WHERE root_key = %(root)s AND suspended RETURNING key)
    SELECT (SELECT array_agg(key ORDER BY key) FROM case_state) AS changed,
        (SELECT array_agg(key) FROM jobs) AS jobs,
        (SELECT array_agg(key) FROM subscriptions WHERE kind = 'message') AS subscriptions,
        (SELECT array_agg(key) FROM signals) AS signals"""  # noqa: S608
_RELEASED_JOBS = """
    SELECT key, instance_key, type, priority, retries, available_at, available_at > clock_timestamp() AS later,
        available_at >= timestamptz '9999-01-01 00:00Z' AS stopped, report
    FROM job WHERE key = ANY(%(keys)s::bigint[]) ORDER BY (report->>'at')::timestamptz, key"""
_RELEASED_MESSAGES = """
    SELECT key, instance_key, element_id, name, correlation_key, interrupting
    FROM event_subscription WHERE key = ANY(%(keys)s::bigint[]) ORDER BY key"""
