"""The monthly partitions of history: made ahead of time, so that old months can be dropped whole.

Every partitioned table also has a default partition. A row whose month has no partition yet lands there, so
writing history never fails; when the month's partition is made, such rows move into it.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, text

MONTHS_AHEAD = 2

# The partitioned tables and the time column that divides each.
PARTITIONED = {"element_instance": "started_at", "decision_instance": "evaluated_at"}


_PRESENT = text(
    "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
    "JOIN pg_class parent ON parent.oid = inhparent WHERE parent.relname = ANY(:parents)"
)


def ensure_partitions(connection: Connection, today: dt.date) -> list[str]:
    """Make the partitions from last month to :data:`MONTHS_AHEAD` after ``today``; returns the new ones."""
    months = [_month(today, offset) for offset in range(-1, MONTHS_AHEAD + 1)]
    present = set(connection.execute(_PRESENT, {"parents": list(PARTITIONED)}).scalars())
    made = []
    for table, column in PARTITIONED.items():
        for month in months:
            name = f"{table}_{month:%Y_%m}"
            if name not in present:
                _make(connection, table, column, name, month)
                made.append(name)
    return made


def _make(connection: Connection, table: str, column: str, name: str, month: dt.date) -> None:
    """One partition, filled with what the default partition holds of its month.

    Room is left in its pages, because most rows are written once more, when the element ends.
    """
    first, after = f"{month:%Y-%m-%d} 00:00:00+00", f"{_month(month, 1):%Y-%m-%d} 00:00:00+00"
    within = f"{column} >= '{first}' AND {column} < '{after}'"
    for statement in (
        f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL) WITH (fillfactor = 80)",
        f"WITH moved AS (DELETE FROM {table}_default WHERE {within} RETURNING *) "  # noqa: S608
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{after}')",
    ):
        connection.exec_driver_sql(statement)


def _month(day: dt.date, offset: int) -> dt.date:
    """The first day of the month that lies ``offset`` months from the month of ``day``."""
    months = day.year * 12 + day.month - 1 + offset
    return dt.date(months // 12, months % 12 + 1, 1)
