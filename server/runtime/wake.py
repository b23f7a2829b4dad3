"""Waking those who wait for jobs: a hint through NOTIFY after a commit, never a promise.

A NOTIFY inside the command's transaction would make all commits of the installation take turns. So a thread of
each process sends the hints after the commits, many in one statement; who misses one finds the job by polling.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.store.database import after_commit, db

CHANNEL = "lendloom_jobs"
_NOTIFY = "SELECT pg_notify(%(channel)s, type) FROM unnest(%(types)s::text[]) AS type"

_log = structlog.get_logger(__name__)


class Waker:
    """Sends hints for one database; its thread starts with the first hint and ends when there are none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._types: set[str] = set()
        self._running = False

    def hint(self, job_types: Iterable[str]) -> None:
        """Jobs of these types have just been made available."""
        with self._lock:
            self._types.update(job_types)
            if self._running or not self._types:
                return
            self._running = True
        threading.Thread(target=self._send, name="job-waker", daemon=True).start()

    def _send(self) -> None:
        while True:
            with self._lock:
                types, self._types = sorted(self._types), set()
                if not types:
                    self._running = False
                    return
            try:
                with self._engine.connect() as connection:
                    # A lost hint does no harm, so the hint does not wait for the disk.
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                    connection.exec_driver_sql(_NOTIFY, {"channel": CHANNEL, "types": types})
                    connection.commit()
            except SQLAlchemyError as error:
                _log.warning("wake.failed", cause=str(error))


_wakers: WeakKeyDictionary[Engine, Waker] = WeakKeyDictionary()
_making = threading.Lock()


def jobs_available(job_types: Iterable[str]) -> None:
    """After this transaction's commit, wake those who wait for jobs of these types."""
    types = tuple(job_types)
    if not types:
        return
    engine = db.engine
    with _making:
        waker = _wakers.setdefault(engine, Waker(engine))
    after_commit(lambda: waker.hint(types))
