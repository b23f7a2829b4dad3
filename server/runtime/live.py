"""Live hints: what has just happened, told to the pages that show it. A hint may be lost; a promise is the outbox.

As with :mod:`server.runtime.wake`, a NOTIFY inside a command's transaction would make all commits take turns. So a
thread of each process sends the hints after the commits, many in one statement, and only while somebody listens:
whether anybody does is part of that statement, and when nobody did, nothing is sent or asked for
:data:`QUIET_SECONDS`. :mod:`server.runtime.feed` is the other side.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.store.database import after_commit, db, encode_json, fetch

CHANNEL = "lendloom_live"
LISTENER = "lendloom-live"
"""The application name of connections that listen, by which senders see that there are any."""
QUIET_SECONDS = 2.0
"""For so long a process that found nobody listening does not look again."""
GATHER_SECONDS = 0.03
MOST_WAITING = 2_000
_LONGEST_PAYLOAD = 7_500  # PostgreSQL takes 8,000 bytes

_log = structlog.get_logger(__name__)


class Happening(NamedTuple):
    """Something that happened: a topic, what happened, to which key, and in which instance, where in one.

    ``word`` is what else the topic needs to say, such as the type of a job.
    """

    topic: str
    event: str
    key: int | None
    instance_key: int | None = None
    word: str | None = None


RESYNC = Happening("resync", "lost", None)
"""Some hints were not sent: whoever shows something should read it again."""


class Herald:
    """Sends hints for one database; its thread starts with the first one and ends when there are none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: list[Happening] = []
        self._running = False
        self._unheard_until = 0.0
        self._name = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    @property
    def is_heard(self) -> bool:
        """Whether somebody may be listening."""
        return time.monotonic() >= self._unheard_until

    def tell(self, happenings: Iterable[Happening]) -> None:
        """Send these as soon as may be."""
        with self._lock:
            self._waiting.extend(happenings)
            if len(self._waiting) > MOST_WAITING:
                self._waiting = [RESYNC]
            if self._running or not self._waiting:
                return
            self._running = True
        threading.Thread(target=self._send, name="live-herald", daemon=True).start()

    def _send(self) -> None:
        while True:
            time.sleep(GATHER_SECONDS)
            with self._lock:
                happenings, self._waiting = self._waiting, []
                if not happenings:
                    self._running = False
                    return
            if not self.is_heard:
                continue
            try:
                if not self._notify(self._payloads(happenings)):
                    self._unheard_until = time.monotonic() + QUIET_SECONDS
            except SQLAlchemyError as error:
                _log.warning("live.failed", cause=str(error))

    def _notify(self, payloads: Sequence[str]) -> bool:
        """Send the hints; whether anybody listened."""
        with self._engine.connect() as connection:
            # A lost hint does no harm, so the hint does not wait for the disk.
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            parameters = {"channel": CHANNEL, "payloads": payloads, "listener": LISTENER}
            heard = bool(fetch(connection, _NOTIFY, parameters))
            connection.commit()
            return heard

    def _payloads(self, happenings: Sequence[Happening]) -> list[str]:
        """JSON lists of hints, each with an id of its own, none longer than PostgreSQL takes."""
        payloads: list[str] = []
        texts: list[str] = []
        length = 0
        for happening in happenings:
            text = encode_json([f"{self._name}-{next(self._numbers)}", *happening])
            if length + len(text.encode()) + 1 > _LONGEST_PAYLOAD:
                payloads.append(f"[{','.join(texts)}]")
                texts, length = [], 0
            texts.append(text)
            length += len(text.encode()) + 1
        payloads.append(f"[{','.join(texts)}]")
        return payloads


_heralds: WeakKeyDictionary[Engine, Herald] = WeakKeyDictionary()
_making = threading.Lock()


def herald_of(engine: Engine) -> Herald:
    """The one that sends hints for a database from this process."""
    with _making:
        return _heralds.setdefault(engine, Herald(engine))


def is_heard() -> bool:
    """Whether it is worth gathering what happens in the current command."""
    return herald_of(db.engine).is_heard


def tell(happenings: Iterable[Happening]) -> None:
    """After this transaction's commit, tell whoever listens what has happened."""
    herald = herald_of(db.engine)
    told = tuple(happenings)
    if told and herald.is_heard:
        after_commit(lambda: herald.tell(told))


_NOTIFY = """
    SELECT pg_notify(%(channel)s, payload) FROM unnest(%(payloads)s::text[]) AS payload
    WHERE EXISTS (SELECT 1 FROM pg_stat_activity
                  WHERE application_name = %(listener)s AND datname = current_database())"""
