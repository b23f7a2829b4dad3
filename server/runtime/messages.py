"""Messages: published into a buffer or correlated at once, exactly by name and correlation key.

A published message is a row from the moment it is acknowledged until it has been given to all who waited for it,
and after that until its time to live is over. An instance of each process may receive it, once: the row notes the
processes that have. Each receiver is a command of its own on its case. Whoever publishes a message and whoever
begins to wait for one of the same name and key take turns (an advisory lock), so neither misses the other.

A message with a correlation key starts no second instance of a process while one that it started is active.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection

from server.bpmn import NotWaiting
from server.messages import LendloomError, Message
from server.store.database import affect, after_commit, encode_json, fetch
from server.store.keys import keys

from . import statements
from .case import Case
from .command import command
from .definitions import catalogue
from .errors import Conflict, NotFound, Refused
from .stimulus import finish, open_case

ACTOR = "message"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """A message that was accepted."""

    key: int


@dataclass(frozen=True, slots=True)
class CorrelatedMessage:
    """A message that was received, by this instance first."""

    key: int
    instance_key: int


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A message on its way; ``buffered`` where it is a row that notes who has received it."""

    key: int
    name: str
    correlation_key: str
    variables: Mapping[str, Any]
    buffered: bool


@dataclass(frozen=True, slots=True)
class _Receiver:
    """Something that waits for a message: an instance, or a start event where ``instance_key`` is None."""

    key: int
    instance_key: int | None
    definition_key: int
    element_id: str
    process_id: str


def publish(
    *,
    name: str,
    correlation_key: str = "",
    time_to_live: dt.timedelta = dt.timedelta(0),
    message_id: str | None = None,
    variables: Mapping[str, Any] | None = None,
    actor: str,
) -> PublishedMessage:
    """Publish a message: whoever waits gets it, and whoever begins to wait within ``time_to_live``.

    A ``message_id`` may be used once for a name and correlation key as long as the message is kept; Raises
    :class:`Conflict` where it was used before.
    """
    if time_to_live < dt.timedelta(0):
        raise Refused(
            Message(
                "message.time-to-live",
                "消息的存活时间不能为负数。",
                "The time to live of a message cannot be negative.",
            )
        )

    def body(connection: Connection) -> PublishedMessage:
        place = {"name": name, "correlation_key": correlation_key}
        fetch(connection, statements.TAKE_MESSAGE_TURN, place)
        key = keys.next(connection)
        row = {
            **place,
            "key": key,
            "message_id": message_id,
            "variables": encode_json(variables or {}),
            "ttl": time_to_live,
        }
        stored = fetch(connection, _STORE, row)
        if not stored:
            raise Conflict(
                Message(
                    "message.duplicate",
                    f"名称为“{name}”、关联键为“{correlation_key}”的消息中，消息编号“{message_id}”已经用过。",
                    f"The message id '{message_id}' was already used for a message '{name}' with correlation key "
                    f"'{correlation_key}'.",
                )
            )
        after_commit(lambda: distribute(key))
        return PublishedMessage(key)

    return command(body)


def distribute(message_key: int) -> None:
    """Give a published message to everything that waits for it and has not received it.

    What fails stays pending, and the clock distributes it again; nobody receives it twice.
    """

    def read(connection: Connection) -> _Parcel | None:
        for row in fetch(connection, _MESSAGE, {"key": message_key}):
            return _Parcel(row.key, row.name, row.correlation_key, row.variables, buffered=True)
        return None

    parcel = command(read)
    if parcel is not None and _give_to_all(parcel, done=set()):
        command(lambda connection: fetch(connection, _SETTLE, {"key": message_key}))


def correlate(
    *, name: str, correlation_key: str = "", variables: Mapping[str, Any] | None = None, actor: str
) -> CorrelatedMessage:
    """Give a message to whoever waits for it now; it is never buffered.

    Raises :class:`NotFound` where nobody waits, :class:`Conflict` where only a suspended case does.
    """

    def body(connection: Connection) -> CorrelatedMessage:
        parcel = _Parcel(keys.next(connection), name, correlation_key, variables or {}, buffered=False)
        tried: set[int] = set()
        while True:
            waiting = [r for r in _receivers(connection, parcel, set()) if r.key not in tried]
            if not waiting and fetch(connection, _WAITS_SUSPENDED, {"name": name, "key": correlation_key}):
                raise Conflict(
                    Message(
                        "message.receiver-suspended",
                        f"等待消息“{name}”（关联键“{correlation_key}”）的流程实例或流程定义已挂起；"
                        "请在恢复后重试，或改用带存活时间的发布。",
                        f"What waits for a message '{name}' with correlation key '{correlation_key}' is suspended; "
                        "try again after its resumption, or publish the message with a time to live.",
                    )
                )
            if not waiting:
                raise NotFound(
                    Message(
                        "message.not-awaited",
                        f"没有流程在等待名称为“{name}”、关联键为“{correlation_key}”的消息；"
                        "若接收者可能稍后才等待，请改用带存活时间的发布。",
                        f"Nothing waits for a message '{name}' with correlation key '{correlation_key}'; publish "
                        "it with a time to live if the receiver may come later.",
                    )
                )
            receiver = waiting[0]
            tried.add(receiver.key)
            instance_key = _give(connection, parcel, receiver, actor)
            if instance_key is not None:
                after_commit(partial(_give_to_all, parcel, done={receiver.process_id}))
                return CorrelatedMessage(parcel.key, instance_key)

    return command(body)


def start_next(process_id: str, correlation_key: str) -> None:
    """An instance that a message started has ended: the next buffered message of its key may start another."""

    def waiting(connection: Connection) -> list[int]:
        found = {"process_id": process_id, "correlation_key": correlation_key}
        return [row.key for row in fetch(connection, _AWAITING_START, found)]

    for key in command(waiting):
        distribute(key)


def pending(connection: Connection, limit: int) -> list[int]:
    """Messages that were accepted some time ago and that nobody has finished distributing."""
    return [row.key for row in fetch(connection, _LEFT_BEHIND, {"limit": limit})]


def delete_expired(connection: Connection) -> int:
    """Delete messages whose time to live is over; returns how many."""
    return affect(connection, _DELETE_EXPIRED)


def _give_to_all(parcel: _Parcel, *, done: set[str]) -> bool:
    """Give a message to one receiver of each process that is not ``done``, each in a command of its own.

    False when one of them could not take it.
    """
    tried: set[int] = set()
    complete = True
    while True:
        # A definite value for the closure: `done` and `tried` grow from turn to turn.
        skip = frozenset(done)
        waiting = command(lambda connection, skip=skip: _receivers(connection, parcel, skip))  # type: ignore[misc]
        receiver = next((r for r in waiting if r.key not in tried), None)
        if receiver is None:
            return complete
        tried.add(receiver.key)
        try:
            given = command(lambda connection, to=receiver: _give(connection, parcel, to, ACTOR))  # type: ignore[misc]
        except LendloomError:
            _log.warning("message.delivery_failed", message=parcel.key, to=receiver.key, exc_info=True)
            complete = False
            continue
        if given is not None:
            done.add(receiver.process_id)


def _receivers(connection: Connection, parcel: _Parcel, done: frozenset[str] | set[str]) -> list[_Receiver]:
    parameters = {
        "name": parcel.name,
        "correlation_key": parcel.correlation_key,
        "done": sorted(done),
        "message": parcel.key,
    }
    return [_Receiver(*row) for row in fetch(connection, _RECEIVERS, parameters)]


def _give(connection: Connection, parcel: _Parcel, receiver: _Receiver, actor: str) -> int | None:
    """Give a message to one receiver; its instance, or None where it has gone on or another message was first."""
    if receiver.instance_key is None:
        return _start(connection, parcel, receiver, actor)
    opened = open_case(connection, statements.LOCK_SUBSCRIPTION, receiver.key, actor)
    if opened is None or opened.target is None or opened.case.suspended or not _mark(connection, parcel, receiver):
        return None
    try:
        opened.target.execution.deliver_message(receiver.key, parcel.variables)
    except NotWaiting:
        _unmark(connection, parcel, receiver)
        return None
    finish(opened.case)
    return receiver.instance_key


def _start(connection: Connection, parcel: _Parcel, receiver: _Receiver, actor: str) -> int | None:
    row = fetch(connection, statements.BEGINNING)[0]
    case = Case(connection, now=row.now, epoch=row.epoch, actor=actor)
    version = catalogue(connection).process(connection, receiver.definition_key)
    if case.definitions.is_suspended(connection, row.epoch, version.key) or not _mark(connection, parcel, receiver):
        return None
    running = case.begin(version, parcel.variables, start_element=receiver.element_id)
    if parcel.correlation_key:
        only = {
            "process_id": receiver.process_id,
            "correlation_key": parcel.correlation_key,
            "instance_key": running.origin.instance_key,
        }
        if not running.execution.ended and not affect(connection, _CLAIM_START, only):
            _unmark(connection, parcel, receiver)
            return None
    finish(case)
    return running.origin.instance_key


def _mark(connection: Connection, parcel: _Parcel, receiver: _Receiver) -> bool:
    """Note that the process has received the message; false where one of its instances has already."""
    if not parcel.buffered:
        return True
    return bool(affect(connection, statements.MARK_CORRELATED, {"key": parcel.key, "process_id": receiver.process_id}))


def _unmark(connection: Connection, parcel: _Parcel, receiver: _Receiver) -> None:
    if parcel.buffered:
        affect(connection, _UNMARK, {"key": parcel.key, "process_id": receiver.process_id})


_STORE = f"""
    INSERT INTO message (key, name, correlation_key, message_id, variables, published_at, expires_at, pending)
    SELECT %(key)s, %(name)s, %(correlation_key)s, %(message_id)s, %(variables)s::jsonb, i.now, i.now + %(ttl)s, true
    FROM (SELECT {statements.NOW} AS now) i
    ON CONFLICT DO NOTHING RETURNING key"""  # noqa: S608
_MESSAGE = """
    SELECT key, name, correlation_key, variables FROM message WHERE key = %(key)s"""
_SETTLE = f"""
    WITH over AS (DELETE FROM message WHERE key = %(key)s AND expires_at <= {statements.NOW})
    UPDATE message SET pending = false WHERE key = %(key)s AND expires_at > {statements.NOW} RETURNING key"""  # noqa: S608
_UNMARK = """
    UPDATE message SET correlated_process_ids = array_remove(correlated_process_ids, %(process_id)s::text)
    WHERE key = %(key)s"""
# Instances come before start events; of each process one receives it, the one that has waited longest. A suspended
# instance comes after those that go on, but before a start event: the message then waits for it.
_RECEIVERS = """
    SELECT key, instance_key, process_definition_key, element_id, process_id FROM (
    SELECT DISTINCT ON (d.process_id) s.key, s.instance_key, s.process_definition_key, s.element_id, d.process_id,
        s.suspended
    FROM event_subscription s JOIN process_definition d ON d.key = s.process_definition_key
    WHERE s.kind = 'message' AND s.name = %(name)s
      AND (s.correlation_key = %(correlation_key)s AND s.instance_key IS NOT NULL OR s.instance_key IS NULL
           AND NOT EXISTS (SELECT 1 FROM message_start b WHERE b.process_id = d.process_id
                           AND b.correlation_key = %(correlation_key)s))
      AND NOT d.process_id = ANY(%(done)s::text[])
      AND NOT EXISTS (SELECT 1 FROM message m WHERE m.key = %(message)s
                      AND d.process_id = ANY(m.correlated_process_ids))
    ORDER BY d.process_id, s.instance_key IS NULL, s.suspended IS TRUE, s.key) first WHERE suspended IS NOT TRUE"""
_WAITS_SUSPENDED = """
    SELECT 1 FROM event_subscription
    WHERE kind = 'message' AND name = %(name)s AND suspended AND (correlation_key = %(key)s OR instance_key IS NULL)
    LIMIT 1"""
_CLAIM_START = """
    INSERT INTO message_start (process_id, correlation_key, instance_key)
    VALUES (%(process_id)s, %(correlation_key)s, %(instance_key)s) ON CONFLICT DO NOTHING"""
_AWAITING_START = f"""
    UPDATE message SET pending = true
    WHERE key = (
        SELECT m.key FROM message m
        WHERE m.correlation_key = %(correlation_key)s AND m.expires_at > {statements.NOW}
          AND NOT %(process_id)s::text = ANY(m.correlated_process_ids)
          AND m.name IN (SELECT s.name FROM event_subscription s JOIN process_definition d
                         ON d.key = s.process_definition_key
                         WHERE s.kind = 'message' AND s.instance_key IS NULL AND d.process_id = %(process_id)s)
        ORDER BY m.key LIMIT 1)
    RETURNING key"""  # noqa: S608
_LEFT_BEHIND = """
    SELECT key FROM message WHERE pending ORDER BY key LIMIT %(limit)s"""
_DELETE_EXPIRED = f"""
    DELETE FROM message WHERE key IN (
        SELECT key FROM message WHERE expires_at <= {statements.NOW} AND NOT pending
        LIMIT 1000 FOR UPDATE SKIP LOCKED)"""  # noqa: S608
