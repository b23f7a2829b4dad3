"""Keys: 64-bit numbers, unique in the installation and growing with time, handed out in blocks.

A process fetches a block of keys with one statement and then needs no further round trip for a thousand of
them. Keys of a block that a killed process had not used are lost, which is harmless.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Sequence, text

from .database import db

BLOCK = 1000

key_block = Sequence("key_block", start=1, metadata=db.metadata)

_NEXT_BLOCK = text("SELECT nextval('key_block')")


class KeySource:
    """Hands out keys to the threads of this process, one block for each database it works on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: WeakKeyDictionary[Engine, Iterator[int]] = WeakKeyDictionary()

    def next(self, connection: Connection) -> int:
        """A key that no one else has."""
        engine = connection.engine
        with self._lock:
            key = next(self._blocks.get(engine, _NOTHING), None)
            if key is None:
                start = connection.execute(_NEXT_BLOCK).scalar_one() * BLOCK
                block = self._blocks[engine] = iter(range(start, start + BLOCK))
                key = next(block)
            return key

    def forget(self) -> None:
        """Drop the current blocks, as a process must after a fork: its parent goes on using them."""
        self._lock = threading.Lock()
        self._blocks = WeakKeyDictionary()


_NOTHING: Iterator[int] = iter(())

keys = KeySource()
os.register_at_fork(after_in_child=keys.forget)
