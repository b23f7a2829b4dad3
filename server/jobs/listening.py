"""Waiting for jobs without asking all the time: one connection per process listens for hints of new ones."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import psycopg
import structlog
from sqlalchemy import Engine

from server.runtime.wake import CHANNEL
from server.store.database import db

_RECONNECT_SECONDS = 1.0
_IDLE_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class JobListener:
    """Listens for one database while anybody in this process waits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, set[threading.Event]] = defaultdict(set)
        self._running = False

    @contextmanager
    def interest(self, job_type: str) -> Iterator[threading.Event]:
        """An event that is set when there may be jobs of the type."""
        hint = threading.Event()
        with self._lock:
            self._waiting[job_type].add(hint)
            if not self._running:
                self._running = True
                threading.Thread(target=self._listen, name="job-listener", daemon=True).start()
        try:
            yield hint
        finally:
            with self._lock:
                self._waiting[job_type].discard(hint)
                if not self._waiting[job_type]:
                    del self._waiting[job_type]

    def _listen(self) -> None:
        pause = threading.Event()
        while True:
            try:
                if self._listen_while_wanted():
                    return
            except psycopg.Error as error:
                _log.warning("jobs.listener_lost", cause=str(error))
                if self._end_unless_wanted():
                    return
                pause.wait(_RECONNECT_SECONDS)

    def _listen_while_wanted(self) -> bool:
        """Hand on hints; true when nobody has waited for a while and the listener ends."""
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        with psycopg.connect(**arguments, autocommit=True, application_name="lendloom-jobs") as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            self._hint_all()
            while True:
                for notification in connection.notifies(timeout=_IDLE_SECONDS):
                    with self._lock:
                        hints = tuple(self._waiting.get(notification.payload, ()))
                    for hint in hints:
                        hint.set()
                if self._end_unless_wanted():
                    return True

    def _end_unless_wanted(self) -> bool:
        with self._lock:
            self._running = bool(self._waiting)
            return not self._running

    def _hint_all(self) -> None:
        """Whoever waits looks once more: a hint may have come before the connection stood."""
        with self._lock:
            for hints in self._waiting.values():
                for hint in hints:
                    hint.set()


_listeners: WeakKeyDictionary[Engine, JobListener] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def interest_in(job_type: str) -> Iterator[threading.Event]:
    """Within the block, the event is set when there may be jobs of the type in the current database."""
    engine = db.engine
    with _making:
        listener = _listeners.setdefault(engine, JobListener(engine))
    with listener.interest(job_type) as hint:
        yield hint
