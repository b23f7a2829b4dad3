"""Suspending versions of a process: they start no instances until they are resumed.

An API call that would start one is refused; a call activity that would, becomes an incident. Timers that would have
started instances meanwhile do so at the resumption, by their rule for lateness. Messages wait in their buffer as
long as they live, for the resumption or for a new version. Signals are broadcast to what listens, and a suspended
start event does not. Instances that run already go on; to suspend those too is a batch operation.

Which versions are suspended is known to every command by the deployment epoch (:mod:`server.runtime.definitions`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from server.messages import Message
from server.store.database import affect, fetch

from .command import command
from .definitions import catalogue, next_epoch
from .errors import Conflict
from .operation_records import record


def suspend(
    *, definition_key: int, all_versions: bool = False, actor: str, reason: str | None = None
) -> tuple[int, ...]:
    """Suspend a version of a process, or all versions that there are; the keys of those that were not before.

    Raises :class:`NotFound`, and :class:`Conflict` where they are suspended already.
    """
    return command(lambda connection: _change(connection, definition_key, all_versions, actor, reason, suspended=True))


def resume(
    *, definition_key: int, all_versions: bool = False, actor: str, reason: str | None = None
) -> tuple[int, ...]:
    """Resume a version of a process, or all its versions; the keys of those that were suspended.

    Raises :class:`NotFound`, and :class:`Conflict` where none is suspended.
    """
    return command(lambda connection: _change(connection, definition_key, all_versions, actor, reason, suspended=False))


def _change(
    connection: Connection, definition_key: int, all_versions: bool, actor: str, reason: str | None, *, suspended: bool
) -> tuple[int, ...]:
    version = catalogue(connection).process(connection, definition_key)
    # The row lock of the epoch makes this take turns with deployments, which replace start events.
    now, _ = next_epoch(connection)
    parameters = {"key": definition_key, "all": all_versions, "id": version.process_id}
    parameters |= {"now": now, "actor": actor, "reason": reason}
    changed = sorted(row.key for row in fetch(connection, _SUSPEND if suspended else _RESUME, parameters))
    if not changed:
        raise _already(version.process_id) if suspended else _not_suspended(version.process_id)
    affect(connection, _MARK_TIMERS, {"keys": changed, "suspended": suspended or None})
    affect(connection, _MARK_SUBSCRIPTIONS, {"keys": changed, "suspended": suspended or None})
    if not suspended:
        offer_messages(connection, version.process_id, changed, now)
    _record(connection, changed, actor, reason, now, suspended=suspended)
    return tuple(changed)


def offer_messages(connection: Connection, process_id: str, keys: Sequence[int], now: dt.datetime) -> None:
    """Let messages that are kept start instances of these versions: the clock distributes them."""
    affect(connection, _OFFER_MESSAGES, {"keys": keys, "process_id": process_id, "now": now})


def _record(
    connection: Connection, changed: Sequence[int], actor: str, reason: str | None, now: dt.datetime, *, suspended: bool
) -> None:
    kind = "SUSPEND_PROCESS_DEFINITION" if suspended else "RESUME_PROCESS_DEFINITION"
    for key in changed:
        record(connection, kind, key, actor=actor, reason=reason, at=now, definition_key=key)


def _already(process_id: str) -> Conflict:
    return Conflict(
        Message(
            "definition.already-suspended",
            f"流程“{process_id}”的该版本已经挂起；请刷新后再看。",
            f"This version of the process '{process_id}' is suspended already; refresh to see it.",
        )
    )


def _not_suspended(process_id: str) -> Conflict:
    return Conflict(
        Message(
            "definition.not-suspended",
            f"流程“{process_id}”没有挂起，无需恢复；请刷新后再看。",
            f"The process '{process_id}' is not suspended, so there is nothing to resume; refresh to see it.",
        )
    )


_WHICH = "(key = %(key)s OR %(all)s AND process_id = %(id)s)"
_SUSPEND = f"""
    UPDATE process_definition SET suspended_at = %(now)s, suspended_by = %(actor)s, suspend_reason = %(reason)s
    WHERE {_WHICH} AND suspended_at IS NULL RETURNING key"""  # noqa: S608
_RESUME = f"""
    UPDATE process_definition SET suspended_at = NULL, suspended_by = NULL, suspend_reason = NULL
    WHERE {_WHICH} AND suspended_at IS NOT NULL RETURNING key"""  # noqa: S608
_MARK_TIMERS = """
    UPDATE timer SET suspended = %(suspended)s, claimed_until = NULL, attempts = 0
    WHERE instance_key IS NULL AND process_definition_key = ANY(%(keys)s::bigint[])"""
_MARK_SUBSCRIPTIONS = """
    UPDATE event_subscription SET suspended = %(suspended)s
    WHERE instance_key IS NULL AND process_definition_key = ANY(%(keys)s::bigint[])"""
_OFFER_MESSAGES = """
    UPDATE message SET pending = true
    WHERE expires_at > %(now)s AND NOT %(process_id)s::text = ANY(correlated_process_ids)
      AND name IN (SELECT name FROM event_subscription WHERE kind = 'message' AND instance_key IS NULL
                   AND process_definition_key = ANY(%(keys)s::bigint[]))"""
