"""Batch operations: one operation on many things, worked off in the background, each thing in its own transaction.

A filter is resolved once, when the batch is made, to items. Workers take one item after the other: what the
operation does, the item's result and the batch's counts commit together, so every item is carried out exactly once,
whichever process is killed at whatever moment. An item that cannot be carried out fails with its reason and holds up
no other.

What can be done in a batch is a :class:`BatchKind`; whoever has something to offer registers it.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from server.identity.clients import get_client
from server.identity.errors import ForbiddenError, IdentityError
from server.identity.principal import Principal, PrincipalKind
from server.identity.roles import Permission, Reach
from server.identity.users import user_principal
from server.identity.visibility import require_instance
from server.messages import LendloomError, Message
from server.store.database import affect, encode_json, fetch, joined_transactions, transaction
from server.store.keys import keys
from server.store.search import Condition

from . import background, live, statements
from .command import command
from .errors import Busy, Conflict, Refused, no_such
from .instant import now

TASK = "lendloom.work_off_batch"
MOST_ITEMS = 100_000
"""Items of one batch; whoever has more narrows the filter down."""
ITEMS_PER_SECOND = 100
"""How fast a batch is worked off where it does not say."""
CHUNK_SECONDS = 5.0
"""How long a worker stays with one batch, before other work has its turn."""
MOST_ATTEMPTS = 5
"""How often an item is tried whose case is busy."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One thing to be done: to what, how, for whom and why."""

    key: int
    instance_key: int | None
    instructions: Mapping[str, Any]
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class BatchKind:
    """What a batch does with each item.

    ``perform`` is a command (:mod:`server.runtime.command`) and may answer what came of it. ``permission`` is asked
    for each item: who may no longer do this when its turn has come, does not.
    """

    type: str
    permission: Permission
    perform: Callable[[BatchItem], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items: what stands after FROM, the expressions of an item's keys, and the conditions on it."""

    rows: str
    item_key: str
    instance_key: str
    root_key: str
    conditions: Sequence[Condition]


@dataclass(frozen=True, slots=True)
class CreatedBatch:
    """A batch that was accepted, and how many items it has."""

    key: int
    type: str
    total: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """A batch that is being worked off, on behalf of ``principal``."""

    key: int
    kind: BatchKind
    instructions: Mapping[str, Any]
    reason: str | None
    principal: Principal
    pause: float


_kinds: dict[str, BatchKind] = {}


def register(kind: BatchKind) -> None:
    """Offer an operation for batches; every process that makes or works off batches has to do so."""
    _kinds[kind.type] = kind


def create(
    *,
    type_: str,
    selection: Selection,
    principal: Principal,
    filter_: Mapping[str, Any],
    instructions: Mapping[str, Any] | None = None,
    reason: str | None = None,
    items_per_second: int | None = None,
) -> CreatedBatch:
    """Accept a batch: its items are those that the selection finds now.

    Raises :class:`Refused` where that are more than :data:`MOST_ITEMS`.
    """
    kind = _kinds[type_]

    def body(connection: Connection) -> CreatedBatch:
        key = keys.next(connection)
        row = {
            "key": key,
            "type": kind.type,
            "filter": encode_json(filter_),
            "instructions": encode_json(instructions or {}),
            "reason": reason,
            "actor_kind": principal.kind.value,
            "actor": principal.name,
            "items_per_second": items_per_second or ITEMS_PER_SECOND,
            "now": now(connection),
        }
        affect(connection, _CREATE, row)
        total = _resolve(connection, key, selection)
        affect(connection, _RESOLVED, {"key": key, "total": total, "now": row["now"]})
        if total:
            _defer(connection, key)
        live.tell([live.Happening("batch-operation", "created", key)])
        return CreatedBatch(key, kind.type, total)

    return command(body)


def cancel(*, batch_key: int) -> None:
    """Do nothing more of a batch; an item that is being carried out is finished.

    Raises :class:`NotFound`, and :class:`Conflict` where the batch has ended.
    """

    def body(connection: Connection) -> None:
        _change(connection, batch_key, _CANCEL, {"now": now(connection)})
        affect(connection, _CANCEL_ITEMS, {"key": batch_key})

    command(body)


def suspend(*, batch_key: int) -> None:
    """Let a batch rest. Raises :class:`NotFound`, and :class:`Conflict` where it does not run."""
    command(lambda connection: _change(connection, batch_key, _SUSPEND))


def resume(*, batch_key: int) -> None:
    """Go on with a batch that rests. Raises :class:`NotFound`, and :class:`Conflict` where it does not rest."""

    def body(connection: Connection) -> None:
        _change(connection, batch_key, _RESUME)
        _defer(connection, batch_key)

    command(body)


def work_off(batch_key: int) -> None:
    """Carry out items of a batch for a while; where some are left then, the next turn is queued."""
    batch = _begin(batch_key)
    if batch is None:
        return
    until = time.monotonic() + CHUNK_SECONDS
    while time.monotonic() < until:
        next_at = time.monotonic() + batch.pause
        if not _carry_out_one(batch):
            command(lambda connection: _finish(connection, batch_key))
            return
        time.sleep(max(0.0, next_at - time.monotonic()))
    command(lambda connection: _defer(connection, batch_key))


def _finish(connection: Connection, batch_key: int) -> None:
    affect(connection, _FINISH, {"key": batch_key, "now": now(connection)})
    live.tell([live.Happening("batch-operation", "ended", batch_key)])


def adopt(connection: Connection) -> int:
    """Queue batches that are open and that no queue knows of; the clock's safety net."""
    left = [row.key for row in fetch(connection, _LEFT, {"task": TASK})]
    for key in left:
        _defer(connection, key)
    return len(left)


# -- making ------------------------------------------------------------------------------------------------------


def _resolve(connection: Connection, key: int, selection: Selection) -> int:
    given = {name: value for part in selection.conditions for name, value in part.parameters.items()}
    conditions = " AND ".join(f"({part.sql})" for part in selection.conditions) or "true"
    statement = f"""
        INSERT INTO batch_operation_item (batch_key, item_key, instance_key, root_key, state)
        SELECT DISTINCT %(the_batch)s::bigint, {selection.item_key}, {selection.instance_key}::bigint,
            {selection.root_key}::bigint, 'ACTIVE'
        FROM {selection.rows} WHERE {conditions} LIMIT {MOST_ITEMS + 1}"""  # noqa: S608 - names of our own
    total = affect(connection, statement, {**given, "the_batch": key})
    if total > MOST_ITEMS:
        raise Refused(
            Message(
                "batch.too-many",
                f"符合条件的对象超过 {MOST_ITEMS} 个；请缩小筛选范围，分批进行。",
                f"More than {MOST_ITEMS} things fit the filter; narrow it down and make several batches.",
            )
        )
    return total


def _defer(connection: Connection, batch_key: int) -> None:
    lock = f"batch:{batch_key}"
    affect(connection, _FORGET_DEFERRAL, {"lock": lock})
    row = {
        "queue": background.QUEUE,
        "task": TASK,
        "priority": 0,
        "queueing_lock": lock,
        "args": {"batch_key": batch_key},
        "scheduled_at": None,
    }
    fetch(connection, statements.write(["jobs_deferred"]), {"jobs_deferred": encode_json([row])})


def _change(
    connection: Connection, batch_key: int, statement: str, parameters: Mapping[str, Any] | None = None
) -> None:
    if affect(connection, statement, {"key": batch_key, **(parameters or {})}):
        return
    rows = fetch(connection, _STATE, {"key": batch_key})
    if not rows:
        raise no_such("批量操作", "batch operation", batch_key)
    raise Conflict(
        Message(
            "batch.state",
            f"批量操作 {batch_key} 当前状态为 {rows[0].state}，不能执行此操作；请刷新后再看。",
            f"Batch operation {batch_key} is {rows[0].state}, which does not allow this; refresh to see it.",
        )
    )


# -- working off -------------------------------------------------------------------------------------------------


def _begin(batch_key: int) -> _Batch | None:
    def read(connection: Connection) -> Any:
        rows = fetch(connection, _BEGIN, {"key": batch_key, "now": now(connection)})
        if not rows:
            # A worker that was killed may have left an item of a batch that was cancelled meanwhile.
            affect(connection, _SWEEP, {"key": batch_key})
        return rows[0] if rows else None

    row = command(read)
    if row is None:
        return None
    return _Batch(
        batch_key, _kinds[row.type], row.instructions, row.reason, _principal(row), 1.0 / row.items_per_second
    )


def _principal(row: Any) -> Principal:
    """Who made the batch, with the roles of this moment; none where they may not sign in any more."""
    try:
        if row.actor_kind == PrincipalKind.USER.value:
            return user_principal(row.actor)
        client = get_client(row.actor)
        if client.active:
            return Principal(PrincipalKind.CLIENT, row.actor, (), tuple(client.roles))
    except IdentityError:
        pass
    return Principal(PrincipalKind(row.actor_kind), row.actor)


def _carry_out_one(batch: _Batch) -> bool:
    """Carry out the next item; false where there is none, or the batch no longer runs."""
    with joined_transactions() as connection:
        rows = fetch(connection, _TAKE, {"key": batch.key})
        if not rows:
            return False
        row = rows[0]
        item = BatchItem(row.item_key, row.instance_key, batch.instructions, batch.principal.name, batch.reason)
        place = {"key": batch.key, "item": item.key}
        try:
            result = _perform(batch, item)
        except Busy as error:
            if row.attempts + 1 < MOST_ATTEMPTS:
                affect(connection, _POSTPONE, place)
                return True
            _end(connection, place, error.message)
        except LendloomError as error:
            _end(connection, place, error.message)
        else:
            _end(connection, place, None, result)
    return True


def _perform(batch: _Batch, item: BatchItem) -> Mapping[str, Any] | None:
    permission = batch.kind.permission
    if item.instance_key is not None:
        require_instance(batch.principal, permission.resource, permission.action, item.instance_key)
    elif batch.principal.reach(*permission) is not Reach.EVERYTHING:
        raise ForbiddenError(*permission)
    try:
        with transaction():  # part of the item's transaction: what fails leaves nothing behind
            return batch.kind.perform(item)
    except (LendloomError, ConnectionError):
        raise
    except Exception as error:
        if getattr(error, "connection_invalidated", False):
            raise  # the database went away: the queue runs this turn again
        _log.exception("batch.item_failed", batch=batch.key, item=item.key)
        raise LendloomError(
            Message(
                "batch.unforeseen",
                f"执行时发生意外错误（{type(error).__name__}: {error}）；请把批量操作编号 {batch.key} 交给技术人员。",
                f"Something went wrong ({type(error).__name__}: {error}); give the key {batch.key} of the batch "
                "operation to a developer.",
            )
        ) from error


def _end(
    connection: Connection, place: Mapping[str, Any], error: Message | None, result: Mapping[str, Any] | None = None
) -> None:
    outcome = {
        **place,
        "failed": error is not None,
        "code": None if error is None else error.code,
        "zh": None if error is None else error.zh,
        "en": None if error is None else error.en,
        "result": None if result is None else encode_json(result),
        "now": dt.datetime.now(dt.UTC),
    }
    affect(connection, _END_ITEM, outcome)


_CREATE = """
    INSERT INTO batch_operation (key, type, state, filter, instructions, reason, actor_kind, actor, items_per_second,
        created_at)
    VALUES (%(key)s, %(type)s, 'CREATED', %(filter)s::jsonb, %(instructions)s::jsonb, %(reason)s, %(actor_kind)s,
        %(actor)s, %(items_per_second)s, %(now)s)"""
_RESOLVED = """
    UPDATE batch_operation SET total = %(total)s,
        state = CASE WHEN %(total)s = 0 THEN 'COMPLETED' ELSE state END,
        started_at = CASE WHEN %(total)s = 0 THEN %(now)s END, ended_at = CASE WHEN %(total)s = 0 THEN %(now)s END
    WHERE key = %(key)s"""
_FORGET_DEFERRAL = "DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'todo'"
_CANCEL = """
    UPDATE batch_operation SET state = 'CANCELED', ended_at = %(now)s
    WHERE key = %(key)s AND state IN ('CREATED', 'ACTIVE', 'SUSPENDED')"""
_CANCEL_ITEMS = """
    UPDATE batch_operation_item SET state = 'CANCELED'
    WHERE batch_key = %(key)s AND item_key IN (
        SELECT item_key FROM batch_operation_item
        WHERE batch_key = %(key)s AND state = 'ACTIVE' FOR UPDATE SKIP LOCKED)"""
_SUSPEND = "UPDATE batch_operation SET state = 'SUSPENDED' WHERE key = %(key)s AND state IN ('CREATED', 'ACTIVE')"
_RESUME = "UPDATE batch_operation SET state = 'ACTIVE' WHERE key = %(key)s AND state = 'SUSPENDED'"
_STATE = "SELECT state FROM batch_operation WHERE key = %(key)s"
_BEGIN = """
    UPDATE batch_operation SET state = 'ACTIVE', started_at = coalesce(started_at, %(now)s)
    WHERE key = %(key)s AND state IN ('CREATED', 'ACTIVE')
    RETURNING type, instructions, reason, actor_kind, actor, items_per_second"""
_SWEEP = """
    UPDATE batch_operation_item i SET state = 'CANCELED' FROM batch_operation b
    WHERE i.batch_key = %(key)s AND i.state = 'ACTIVE' AND b.key = i.batch_key AND b.state = 'CANCELED'"""
_TAKE = """
    SELECT i.item_key, i.instance_key, i.attempts FROM batch_operation_item i
    WHERE i.batch_key = %(key)s AND i.state = 'ACTIVE'
      AND EXISTS (SELECT 1 FROM batch_operation b WHERE b.key = %(key)s AND b.state = 'ACTIVE')
    ORDER BY i.attempts, i.item_key LIMIT 1 FOR UPDATE SKIP LOCKED"""
_POSTPONE = """
    UPDATE batch_operation_item SET attempts = attempts + 1 WHERE batch_key = %(key)s AND item_key = %(item)s"""
_END_ITEM = """
    WITH item AS (
        UPDATE batch_operation_item SET state = CASE WHEN %(failed)s THEN 'FAILED' ELSE 'COMPLETED' END,
            processed_at = %(now)s, error_code = %(code)s, error_zh = %(zh)s, error_en = %(en)s,
            result = %(result)s::jsonb
        WHERE batch_key = %(key)s AND item_key = %(item)s)
    UPDATE batch_operation SET failed = failed + %(failed)s::int, completed = completed + (NOT %(failed)s)::int
    WHERE key = %(key)s"""
_FINISH = """
    UPDATE batch_operation b SET state = 'COMPLETED', ended_at = %(now)s
    WHERE b.key = %(key)s AND b.state = 'ACTIVE'
      AND NOT EXISTS (SELECT 1 FROM batch_operation_item i WHERE i.batch_key = b.key AND i.state = 'ACTIVE')"""
_LEFT = """
    SELECT b.key FROM batch_operation b
    WHERE b.state IN ('CREATED', 'ACTIVE') AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs q WHERE q.task_name = %(task)s AND q.status IN ('todo', 'doing')
        AND q.args @> jsonb_build_object('batch_key', b.key))
    ORDER BY b.key LIMIT 20"""
