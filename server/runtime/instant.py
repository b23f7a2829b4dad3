"""The instant of a command: the wall clock, or the instant that a demo or test has pinned.

Production never has a pinned instant. The expression is part of the statement that a command begins with
anyway, so it costs no round trip.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from server.store.database import fetch

NOW = "coalesce((SELECT instant FROM pinned_clock WHERE key = 1), clock_timestamp())"
"""SQL for the instant of a command."""


def now(connection: Connection) -> dt.datetime:
    """The instant as commands see it."""
    instant: dt.datetime = fetch(connection, f"SELECT {NOW}")[0][0]
    return instant
