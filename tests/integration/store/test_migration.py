"""Migrations: up, down and up again on a database that holds data, and no drift from the tables in code."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from server.store import migration
from server.store.embedded import EmbeddedPostgres
from server.store.partitions import PARTITIONED, ensure_partitions
from server.store.tables import metadata

TODAY = dt.date(2030, 1, 31)


@pytest.fixture
def empty_url(database_server: EmbeddedPostgres) -> Iterator[str]:
    """The address of a database without any table."""
    engine = create_engine(database_server.database_url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE migrating"))
        yield database_server.database_url("migrating")
        connection.execute(text("DROP DATABASE migrating WITH (FORCE)"))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A connection to the migrated database; what a test does is rolled back."""
    with create_engine(database_url, poolclass=NullPool).connect() as connected:
        yield connected
        connected.rollback()


def add_history(connection: Connection, key: int, started_at: dt.datetime) -> str:
    """Add an element instance; the partition that it went into."""
    return str(
        connection.execute(
            text(
                "INSERT INTO element_instance (key, started_at, instance_key, process_definition_key, scope_key, "
                "element_id, element_type, state) VALUES (:key, :at, 1, 1, 1, 'e', 'TASK', 'ACTIVE') "
                "RETURNING tableoid::regclass::text"
            ),
            {"key": key, "at": started_at},
        ).scalar_one()
    )


def tables(url: str) -> set[str]:
    with create_engine(url, poolclass=NullPool).connect() as connection:
        return set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())


def test_up_and_down_and_up_again_with_data(empty_url: str) -> None:
    assert migration.current(empty_url) is None
    migration.upgrade(empty_url)
    head = migration.current(empty_url)
    with create_engine(empty_url, poolclass=NullPool).begin() as connection:
        add_history(connection, 1, dt.datetime.now(dt.UTC))
        connection.execute(text("INSERT INTO deployment VALUES (1, now(), 'x')"))
        connection.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')"))
    migration.downgrade(empty_url, "0001")
    assert not [name for name in tables(empty_url) if name.startswith("procrastinate")]
    with create_engine(empty_url, poolclass=NullPool).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM deployment")).scalar_one() == 1
    migration.upgrade(empty_url)
    assert migration.current(empty_url) == head
    migration.downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    migration.upgrade(empty_url)


def test_several_processes_may_upgrade_at_once(empty_url: str) -> None:
    errors: list[Exception] = []

    def upgrade() -> None:
        try:
            migration.upgrade(empty_url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert migration.current(empty_url) is not None


def test_the_migrations_make_exactly_the_tables_in_code(connection: Connection) -> None:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_object": lambda _object, name, kind, _reflected, _other: (
                kind != "table" or name in metadata.tables
            ),
            "compare_type": True,
        },
    )
    assert compare_metadata(context, metadata) == []


def test_every_month_has_its_partition_ahead_of_time(connection: Connection) -> None:
    made = ensure_partitions(connection, TODAY)
    assert {name for name in made if name.startswith("element")} == {
        f"element_instance_{month}" for month in ("2029_12", "2030_01", "2030_02", "2030_03")
    }
    assert len(made) == 4 * len(PARTITIONED)
    assert ensure_partitions(connection, TODAY) == []
    assert add_history(connection, 1, dt.datetime(2030, 2, 1, tzinfo=dt.UTC)) == "element_instance_2030_02"


def test_a_month_without_partition_is_written_and_moves_when_it_gets_one(connection: Connection) -> None:
    assert add_history(connection, 1, dt.datetime(2030, 2, 28, tzinfo=dt.UTC)) == "element_instance_default"
    assert add_history(connection, 2, dt.datetime(2035, 2, 28, tzinfo=dt.UTC)) == "element_instance_default"
    ensure_partitions(connection, TODAY)
    found = connection.execute(text("SELECT tableoid::regclass::text FROM element_instance ORDER BY key")).scalars()
    assert list(found) == ["element_instance_2030_02", "element_instance_default"]
