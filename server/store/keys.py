"""Keys: 64-bit numbers, unique in the installation and growing with time, handed out in blocks.

A process fetches a block of keys with one statement and then needs no further round trip for a thousand of them.
Keys of a block that a killed process had not used are lost, which is harmless.
"""

from __future__ import annotations

import threading

from sqlalchemy import Connection, Sequence, text

from .database import db

BLOCK = 1000

key_block = Sequence("key_block", start=1, metadata=db.metadata)

_NEXT_BLOCK = text("SELECT nextval('key_block')")


class KeySource:
    """Hands out keys to the threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0
        self._end = 0

    def next(self, connection: Connection) -> int:
        """A key that no one else has."""
        with self._lock:
            if self._next >= self._end:
                start = connection.execute(_NEXT_BLOCK).scalar_one() * BLOCK
                self._next, self._end = start, start + BLOCK
            key = self._next
            self._next += 1
            return key

    def forget(self) -> None:
        """Drop the current block, as a process must after a fork."""
        with self._lock:
            self._next = self._end = 0


keys = KeySource()
