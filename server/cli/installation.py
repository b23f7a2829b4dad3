"""The installation that a command works on: its settings, its database, and the context around both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import ProgrammingError

from server import logs
from server.messages import Message
from server.settings import Settings, ensure_secret_key
from server.store.application import bare_app
from server.store.embedded import with_database
from server.store.migration import MigrationError

_NOT_THERE = frozenset({"42P01", "42703"})  # undefined table, undefined column


def settings_from_environment(*, process: str = "") -> Settings:
    """The settings that the environment describes, with this process's logging set up by them."""
    settings = Settings.from_environment(os.environ)
    logs.configure(settings, process=process)
    return settings


def running_settings(*, process: str = "") -> Settings:
    """The settings with what every process needs at hand: a database that runs, and the signing secret."""
    settings = with_database(settings_from_environment(process=process))
    return settings.with_secret_key(ensure_secret_key(settings))


@contextmanager
def database_context(settings: Settings) -> Iterator[None]:
    """A place for commands that talk to the database: transactions work inside the block.

    Raises :class:`MigrationError` where the database lacks tables or columns that this program knows.
    """
    with bare_app(settings, pool_size=2).app_context():
        try:
            yield
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) not in _NOT_THERE:
                raise
            raise MigrationError(
                Message(
                    "store.not-migrated",
                    "数据库还没有本程序需要的表：请先执行 lendloom migrate（或 make run）。",
                    "The database does not have the tables that this program needs: run lendloom migrate"
                    " (or make run) first.",
                )
            ) from error
