"""Requests that wait hold a thread, so only some of the server's threads may be held that way.

A request that comes when all of these are taken is answered at once, as if its patience were over: job workers
ask again. So the rest of the threads stay free for everybody else, however many workers wait.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app

_EXTENSION = "lendloom-waiting"


def register_waiting(app: Flask, *, threads: int) -> None:
    """Let at most half of a process's ``threads`` wait."""
    app.extensions[_EXTENSION] = threading.BoundedSemaphore(max(1, threads // 2))


@contextmanager
def waiting_slot() -> Iterator[bool]:
    """Within the block, whether the request may wait."""
    slots: threading.BoundedSemaphore = current_app.extensions[_EXTENSION]
    taken = slots.acquire(blocking=False)
    try:
        yield taken
    finally:
        if taken:
            slots.release()
