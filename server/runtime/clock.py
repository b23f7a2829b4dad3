"""The clock of demos and tests: it can be pinned to an instant, so that a month passes in a moment."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from server.messages import Message
from server.settings import Settings
from server.store.database import affect

from .command import command
from .errors import Conflict, Refused


def pin(instant: dt.datetime, *, actor: str, settings: Settings) -> None:
    """Pin the clock to ``instant``, for all processes of the installation; timers due by then fire.

    Raises :class:`Conflict` in a production installation, :class:`Refused` for an instant without a zone.
    """
    _check(settings)
    if instant.tzinfo is None:
        raise Refused(Message("clock.zone", "时刻必须带有时区。", "The instant must have a time zone or offset."))

    def body(connection: Connection) -> None:
        affect(connection, _PIN, {"instant": instant})

    command(body)


def reset(*, actor: str, settings: Settings) -> None:
    """Let the clock be the wall clock again. Raises :class:`Conflict` in a production installation."""
    _check(settings)
    command(lambda connection: affect(connection, _RESET))


def _check(settings: Settings) -> None:
    if not settings.clock_can_move:
        raise Conflict(
            Message(
                "clock.production",
                "生产环境的时钟不能调整；只有以 LENDLOOM_PROFILE=demo 或 test 启动的系统可以。",
                "The clock of a production installation cannot be moved; only one that was started with "
                "LENDLOOM_PROFILE=demo or test can.",
            )
        )


_PIN = """
    INSERT INTO pinned_clock (key, instant) VALUES (1, %(instant)s)
    ON CONFLICT (key) DO UPDATE SET instant = excluded.instant"""
_RESET = "DELETE FROM pinned_clock"
