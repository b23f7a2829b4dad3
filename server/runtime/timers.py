"""Firing timers that are due: the waits of instances, and the start events of definitions.

A clock claims due timers in batches, so that several clocks never fire the same one at once, and then fires each
in a command of its own on its case. What becomes of repetitions that were missed says the misfire policy of the timer
(:meth:`server.bpmn.TimerDefinition.fired`). A claim ends by itself: what a killed clock had claimed, another one fires.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from server.bpmn import NotWaiting, TimerSchedule
from server.store.database import affect, fetch

from . import statements
from .case import Case
from .command import command
from .definitions import catalogue
from .instant import NOW
from .stimulus import finish, open_case

ACTOR = "timer"
CLAIM = dt.timedelta(seconds=60)
"""How long a clock may take for the timers of a batch, before another one may fire them."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A timer that is due and claimed; ``instance_key`` is None for that of a start event."""

    key: int
    instance_key: int | None
    due_at: dt.datetime


def claim_due(limit: int) -> list[DueTimer]:
    """Claim up to ``limit`` due timers, those due longest first."""

    def body(connection: Connection) -> list[DueTimer]:
        rows = fetch(connection, _CLAIM, {"limit": limit, "claim": CLAIM})
        return sorted((DueTimer(*row) for row in rows), key=lambda timer: (timer.due_at, timer.key))

    return command(body)


def fire(timer: DueTimer) -> bool:
    """Fire a timer; false where it is no longer set for that time, because it was fired or taken away."""
    return command(lambda connection: _fire(connection, timer))


def postpone(timer: DueTimer) -> None:
    """Note that firing failed: the claim is prolonged, the longer the more often it has failed."""
    command(lambda connection: affect(connection, _POSTPONE, {"key": timer.key, "due_at": timer.due_at}))


def _fire(connection: Connection, timer: DueTimer) -> bool:
    if timer.instance_key is None:
        return _start(connection, timer)
    opened = open_case(connection, statements.LOCK_TIMER, timer.key, ACTOR, due_at=timer.due_at)
    if opened is None or opened.case.suspended:
        return False
    # While the case was waited for, another clock may have fired a repeated timer and set it for its next time;
    # a timer without repetition is simply not awaited any more then.
    if opened.row.cycle is not None and not fetch(connection, _STILL_SET, {"key": timer.key, "due_at": timer.due_at}):
        return False
    if opened.target is None:
        affect(connection, _FORGET, {"key": timer.key})
        return False
    try:
        opened.target.execution.fire_timer(timer.key)
    except NotWaiting:
        # The instance knows of no such timer: without this it would stay due for ever.
        affect(connection, _FORGET, {"key": timer.key})
        return False
    finish(opened.case)
    return True


def _start(connection: Connection, timer: DueTimer) -> bool:
    rows = fetch(connection, _LOCK_START, {"key": timer.key, "due_at": timer.due_at})
    if not rows:
        return False
    row = rows[0]
    definitions = catalogue(connection)
    version = definitions.process(connection, row.process_definition_key)
    (definition,) = (s.timer for s in version.model.start_events if s.element_id == row.element_id and s.timer)
    schedule = TimerSchedule(row.due_at, row.cycle, row.remaining)
    calendars = partial(definitions.calendar, connection, row.epoch)
    firing = definition.fired(schedule, row.now, row.element_id, calendars=calendars)
    following = firing.following
    if following is None:
        affect(connection, _FORGET, {"key": timer.key})
    else:
        later = {"due_at": following.due_at, "remaining": following.remaining}
        affect(connection, _RESCHEDULE, {"key": timer.key, **later})
    if not firing.counts:
        return False
    case = Case(connection, now=row.now, epoch=row.epoch, actor=ACTOR)
    case.begin(version, {}, start_element=row.element_id)
    finish(case)
    return True


_CLAIM = f"""
    UPDATE timer SET claimed_until = clock_timestamp() + %(claim)s, attempts = attempts + 1
    WHERE key IN (
        SELECT key FROM timer
        WHERE due_at <= {NOW} AND suspended IS NOT TRUE AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
        ORDER BY due_at, key LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING key, instance_key, due_at"""  # noqa: S608
_STILL_SET = "SELECT 1 FROM timer WHERE key = %(key)s AND due_at = %(due_at)s"
_POSTPONE = """
    UPDATE timer
    SET claimed_until = clock_timestamp() + least(0.25 * 2 ^ least(attempts, 12), 600) * interval '1 second'
    WHERE key = %(key)s AND due_at = %(due_at)s"""
_FORGET = "DELETE FROM timer WHERE key = %(key)s"
_LOCK_START = f"""
    SELECT {NOW} AS now, e.epoch, t.due_at, t.cycle, t.remaining, t.process_definition_key, t.element_id
    FROM timer t CROSS JOIN deployment_epoch e
    WHERE t.key = %(key)s AND t.due_at = %(due_at)s AND t.instance_key IS NULL AND t.suspended IS NOT TRUE
    FOR UPDATE OF t"""  # noqa: S608
_RESCHEDULE = """
    UPDATE timer SET due_at = %(due_at)s, remaining = %(remaining)s, claimed_until = NULL, attempts = 0
    WHERE key = %(key)s"""
