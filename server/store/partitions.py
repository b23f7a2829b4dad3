"""The monthly partitions of history: made ahead of time, so that old months can be dropped whole.

Every partitioned table also has a default partition. A row whose month has no partition yet lands there, so
writing history never fails; when the month's partition is made, such rows move into it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Connection, text

MONTHS_AHEAD = 2

PARTITIONED = {"element_instance": "started_at", "decision_instance": "evaluated_at"}
"""The partitioned tables and the time column that divides each."""

_PRESENT = text(
    "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "JOIN pg_class parent ON parent.oid = inhparent WHERE parent.relname = ANY(:parents)"
)
_MY_TURN = text("SELECT pg_try_advisory_xact_lock(:turn)")
_TURN = 0x70617274  # any number that nobody else uses as an advisory lock


def ensure_partitions(
    connection: Connection, today: dt.date, tables: Collection[str] = tuple(PARTITIONED)
) -> list[str]:
    """Make the partitions from last month to :data:`MONTHS_AHEAD` after ``today``; returns the new ones.

    Writers of the tables wait while a partition is made. One who makes those of several tables while others
    write does it table by table, each in a transaction of its own. Where another process is at it, nothing is
    made: it will be there a moment later.
    """
    months = [_month(today, offset) for offset in range(-1, MONTHS_AHEAD + 1)]
    wanted = [(table, f"{table}_{month:%Y_%m}", month) for table in tables for month in months]
    present = set(connection.execute(_PRESENT, {"parents": list(tables)}).scalars())
    missing = [entry for entry in wanted if entry[1] not in present]
    if not missing or not connection.execute(_MY_TURN, {"turn": _TURN}).scalar_one():
        return []
    for table, name, month in missing:
        _make(connection, table, name, month)
    return [name for _, name, _ in missing]


def _make(connection: Connection, table: str, name: str, month: dt.date) -> None:
    """One partition, filled with what the default partition holds of its month.

    Room is left in its pages, because most rows are written once more, when the element ends. The lock keeps a
    row from being changed by somebody else while it moves.
    """
    first, after = f"{month:%Y-%m-%d} 00:00:00+00", f"{_month(month, 1):%Y-%m-%d} 00:00:00+00"
    within = f"{PARTITIONED[table]} >= '{first}' AND {PARTITIONED[table]} < '{after}'"
    for statement in (
        "SET LOCAL lock_timeout = '3s'",
        f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL) WITH (fillfactor = 80)",
        f"WITH moved AS (DELETE FROM {table}_default WHERE {within} RETURNING *) "  # noqa: S608 - names of our own
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{after}')",
    ):
        connection.exec_driver_sql(statement)


def _month(day: dt.date, offset: int) -> dt.date:
    """The first day of the month that lies ``offset`` months from the month of ``day``."""
    months = day.year * 12 + day.month - 1 + offset
    return dt.date(months // 12, months % 12 + 1, 1)
