"""Brings a database to a revision of its structure, upwards or back, and says which one it has.

The migrations lie in ``migrations/`` beside ``server/``, in the repository as in an installed package.
Several processes may ask for the same upgrade at once: they take turns, and the later ones find nothing left
to do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from server.messages import LendloomError, Message

from .partitions import ensure_partitions

FOLDER = Path(__file__).resolve().parents[2] / "migrations"
MINIMUM_POSTGRES = 15
_SERVER_VERSION = text("SELECT current_setting('server_version_num')::int / 10000")
_TURN = 0x6C656E64  # any number that nobody else uses as an advisory lock


class MigrationError(LendloomError):
    """The database cannot be brought to the wanted structure."""


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at ``url`` up to ``revision`` and make the partitions of the coming months."""

    def run(connection: Connection) -> None:
        _check_server(connection)
        command.upgrade(_config(connection), revision)
        if _revision(connection) is not None:
            ensure_partitions(connection, dt.datetime.now(dt.UTC).date())

    _in_turn(url, run)


def downgrade(url: str, revision: str) -> None:
    """Take the database at ``url`` back to ``revision``; ``base`` leaves nothing of ours."""
    _in_turn(url, lambda connection: command.downgrade(_config(connection), revision))


def current(url: str) -> str | None:
    """The revision that the database has, or None where nothing was migrated yet."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return _revision(connection)


def _in_turn(url: str, run: Callable[[Connection], None]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
        run(connection)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _check_server(connection: Connection) -> None:
    version = connection.execute(_SERVER_VERSION).scalar_one()
    if version < MINIMUM_POSTGRES:
        raise MigrationError(
            Message(
                "store.postgres-version",
                f"数据库服务器是 PostgreSQL {version}，至少需要 {MINIMUM_POSTGRES}；请升级服务器或改用内嵌数据库。",
                f"The database server is PostgreSQL {version}, at least {MINIMUM_POSTGRES} is needed; "
                "upgrade it or use the embedded database.",
            )
        )
