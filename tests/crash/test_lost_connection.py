"""A connection that is lost in the middle of a command: tried again by whoever began, "not now" for everybody else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import Connection

from server.runtime.command import command
from server.runtime.errors import Busy
from server.store.database import affect, db, fetch, joined_transactions


def lost(connection: Connection) -> None:
    """End the connection from outside, as a database that dies does."""
    pid = fetch(connection, "SELECT pg_backend_pid() AS pid")[0].pid
    with db.engine.connect() as other:
        other.exec_driver_sql("SELECT pg_terminate_backend(%(pid)s)", {"pid": pid})
    fetch(connection, "SELECT 1")


def test_a_command_of_its_own_is_tried_again(app: Flask) -> None:
    tries: list[int] = []

    def body(connection: Connection) -> int:
        tries.append(1)
        if len(tries) == 1:
            lost(connection)
        return int(fetch(connection, "SELECT 7 AS seven")[0].seven)

    assert command(body) == 7
    assert len(tries) == 2


def test_a_part_of_a_larger_transaction_is_not_tried_again_but_says_not_now(app: Flask) -> None:
    tries: list[int] = []

    def body(connection: Connection) -> None:
        tries.append(1)
        lost(connection)

    with pytest.raises(Busy), joined_transactions():
        command(body)

    assert len(tries) == 1
    assert command(lambda connection: affect(connection, "SELECT 1")) == 1, "the next one has a connection again"
