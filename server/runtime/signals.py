"""Signals: broadcast to everything that waits for them at that moment.

Who waits is settled in the transaction of the broadcast: a delivery is written for each, and every delivery is a
command of its own on the receiving case, so that a broadcast never holds two cases at once. The broadcaster makes
the deliveries itself as soon as it has committed; what it leaves behind, the clock makes. A delivery to a suspended
case is kept until the case is resumed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from server.bpmn import NotWaiting
from server.messages import LendloomError
from server.store.database import affect, after_commit, encode_json, fetch
from server.store.keys import keys

from . import statements
from .case import Case
from .command import command
from .definitions import catalogue
from .stimulus import finish, open_case

AT_ONCE = 50
"""Deliveries that the broadcaster makes itself; the clock makes those beyond, so that no caller waits for long."""
ACTOR = "signal"

_log = structlog.get_logger(__name__)
_under_way: ContextVar[deque[int] | None] = ContextVar("signal_deliveries", default=None)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A signal that was broadcast, and to how many it goes."""

    key: int
    receivers: int


def broadcast(*, name: str, variables: Mapping[str, Any] | None = None, actor: str) -> Broadcast:
    """Broadcast a signal to all instances that wait for its name, and to the start events of that name."""
    thrown = encode_json([{"name": name, "variables": variables or {}, "gone": [], "echoes": 0}])

    def body(connection: Connection) -> Broadcast:
        answer = fetch(connection, statements.write(["signals_thrown"]), {"signals_thrown": thrown})[0]
        deliveries = answer.signals_thrown or []
        after_commit(lambda: deliver(deliveries))
        return Broadcast(keys.next(connection), len(deliveries))

    return command(body)


def deliver(deliveries: Iterable[int]) -> None:
    """Make the first of these deliveries now, and of those that follow from them; one that fails is left to the clock.

    What follows from a delivery takes its turn behind those that are there already, so that signals that wake each
    other neither pile up calls nor keep their first thrower for long.
    """
    under_way = _under_way.get()
    if under_way is not None:
        under_way.extend(deliveries)
        return
    waiting = deque(deliveries)
    token = _under_way.set(waiting)
    try:
        for _ in range(AT_ONCE):
            if not waiting:
                break
            _deliver_or_leave(waiting.popleft())
    finally:
        _under_way.reset(token)


def _deliver_or_leave(key: int) -> None:
    try:
        deliver_one(key)
    except LendloomError:
        _log.warning("signal.delivery_failed", delivery=key, exc_info=True)


def deliver_one(delivery_key: int) -> bool:
    """Make one delivery; false where another has made it, or where the case is suspended and it has to wait.

    The receiver may have gone on: that ends it too.
    """

    def body(connection: Connection) -> bool:
        opened = open_case(connection, statements.LOCK_SIGNAL, delivery_key, ACTOR)
        if opened is not None:
            opened.case.echoes = opened.row.echoes
        if opened is not None and opened.target is not None and opened.case.suspended:
            affect(connection, _KEEP, {"key": delivery_key})
            return False
        taken = fetch(connection, _TAKE, {"key": delivery_key})
        if not taken:
            return False
        if opened is not None and opened.target is not None:
            try:
                opened.target.execution.deliver_signal(opened.row.subscription_key, opened.row.payload)
            except NotWaiting:
                return True
            finish(opened.case)
        elif taken[0].instance_key is None:
            _start(connection, taken[0])
        return True

    return command(body)


def _start(connection: Connection, delivery: Any) -> None:
    row = fetch(connection, statements.BEGINNING)[0]
    version = catalogue(connection).process(connection, delivery.process_definition_key)
    case = Case(connection, now=row.now, epoch=row.epoch, actor=ACTOR, echoes=delivery.echoes)
    case.begin(version, delivery.variables, start_element=delivery.element_id)
    finish(case)


def undelivered(connection: Connection, limit: int) -> list[int]:
    """Deliveries that nobody has made yet, those tried least often first, and one more try noted for each."""
    waiting = [row.key for row in fetch(connection, _UNDELIVERED, {"limit": limit})]
    if waiting:
        affect(connection, _TRIED, {"keys": waiting})
    return waiting


_TAKE = """
    DELETE FROM signal_delivery WHERE key = %(key)s
    RETURNING instance_key, process_definition_key, element_id, variables, echoes"""
_KEEP = "UPDATE signal_delivery SET suspended = true WHERE key = %(key)s"
_UNDELIVERED = """
    SELECT key FROM signal_delivery WHERE suspended IS NOT TRUE
    ORDER BY attempts, key LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
_TRIED = "UPDATE signal_delivery SET attempts = attempts + 1 WHERE key = ANY(%(keys)s::bigint[])"
