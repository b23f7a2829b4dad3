"""What every test may use: a real PostgreSQL, migrated, with a fresh database for each test module.

The server is the embedded one, in a folder that is removed afterwards. Migrating takes a moment, so it is done
once, in a template; a module's database is a copy of that.
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from server.settings import Profile, Settings
from server.store import migration
from server.store.application import bare_app
from server.store.database import db
from server.store.embedded import EmbeddedPostgres

_numbers = itertools.count(1)


def pytest_collection_finish() -> None:
    """What thousands of collected tests are made of stays: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def database_server() -> Iterator[EmbeddedPostgres]:
    """The running PostgreSQL, with a migrated template database."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-test-"))
    # Nobody kills this server, so nothing has to reach the disk; tests that kill one start their own.
    hasty = {"fsync": "off", "full_page_writes": "off"}
    server = EmbeddedPostgres(folder / "postgres", database="template", options=hasty)
    migration.upgrade(server.start())
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def database_url(database_server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(database_server.database_url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template")
    yield database_server.database_url(name)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a test installation on the fresh database."""
    return Settings(database_url=database_url, profile=Profile.TEST, var=tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="module")
def app(settings: Settings) -> Iterator[Flask]:
    """A bare application on the fresh database; its context is pushed for the test's own thread."""
    bare = bare_app(settings)
    with bare.app_context():
        yield bare
        db.engine.dispose()
