"""The loan book and the cases that follow it change together, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from server.store.database import joined_transactions, transaction


@contextmanager
def one_transaction() -> Iterator[Connection]:
    """A transaction of which every runtime command of the block is a part.

    Where a larger one is under way (the request may be repeated, and its answer is kept with it), the block is a
    part of that.
    """
    with transaction() as connection:
        # Only a part of a larger transaction begins with a savepoint; otherwise nothing was sent to the database.
        if connection.in_nested_transaction():
            yield connection
            return
    with joined_transactions() as connection:
        yield connection
