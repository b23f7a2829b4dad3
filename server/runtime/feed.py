"""The live feed of one process: hints of what happens, handed to those of its readers who may know of it.

One thread and one connection listen while anybody in the process reads. What a hint is about is looked up once for
all readers, two statements for a batch of hints; who may see it follows from that, as in
:mod:`server.identity.visibility`. A reader who comes back goes on after the last event they saw, as long as it is
still remembered; otherwise they are told to read everything again (``resync``).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from server.identity.principal import Principal
from server.identity.roles import Reach
from server.store.database import decode_json, fetch

from .live import CHANNEL, LISTENER, QUIET_SECONDS, Happening

TOPICS: Mapping[str, tuple[str, str]] = {
    "user-task": ("user-task", "read"),
    "process-instance": ("process-instance", "read"),
    "incident": ("incident", "read"),
    "comment": ("comment", "read"),
    "job": ("job", "read"),
    "deployment": ("process-definition", "read"),
    "draft": ("draft", "read"),
    "batch-operation": ("batch-operation", "read"),
}
"""The topics, each with the permission that its events need."""

MOST_REMEMBERED = 2_000
MOST_UNREAD = 500
GATHER_SECONDS = 0.1
_IDLE_SECONDS = 1.0
_RECONNECT_SECONDS = 1.0
_KEPT_SECONDS = 60.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as readers are told of it. One without an id is not remembered."""

    id: str | None
    topic: str
    data: Mapping[str, Any]
    people: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def is_for(self, principal: Principal) -> bool:
        """Whether somebody may know of it."""
        if self.topic == "resync":
            return True
        reach = principal.reach(*TOPICS[self.topic])
        if reach is Reach.OWN:
            return principal.name in self.people or not self.groups.isdisjoint(principal.groups)
        return reach is Reach.EVERYTHING


_RESYNC = Event(None, "resync", {"topic": "resync", "event": "resync"})


@dataclass(slots=True, eq=False)
class Reader:
    """One who reads the feed; events wait here until they are fetched, up to :data:`MOST_UNREAD`."""

    principal: Principal
    topics: frozenset[str]
    is_closed: bool = False
    _unread: list[Event] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def offer(self, events: Sequence[Event]) -> None:
        """Hand over those events that the reader wants and may see."""
        wanted = [e for e in events if (e.topic in self.topics or e.topic == "resync") and e.is_for(self.principal)]
        if not wanted:
            return
        with self._changed:
            self._unread += wanted
            if len(self._unread) > MOST_UNREAD:
                self._unread = [_RESYNC]
            self._changed.notify()

    def close(self) -> None:
        """Tell the reader to leave."""
        with self._changed:
            self.is_closed = True
            self._changed.notify()

    def next(self, timeout: float) -> list[Event]:
        """The events that have come, waited for at most ``timeout`` seconds; none when the time is over."""
        with self._changed:
            if not self._unread and not self.is_closed:
                self._changed.wait(timeout)
            events, self._unread = self._unread, []
            return events


class Feed:
    """The readers of one database in this process, and the thread that listens for them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._readers: set[Reader] = set()
        self._remembered: deque[Event] = deque(maxlen=MOST_REMEMBERED)
        self._running = False
        self._left_at = 0.0
        self.is_stopping: Callable[[], bool] = lambda: False

    @contextmanager
    def reading(self, principal: Principal, topics: frozenset[str], last_id: str | None = None) -> Iterator[Reader]:
        """A reader within the block, going on after the event ``last_id`` where it is given."""
        reader = Reader(principal, topics)
        with self._lock:
            if last_id is not None:
                reader.offer(self._after(last_id))
            self._readers.add(reader)
            if not self._running:
                self._running = True
                threading.Thread(target=self._listen, name="live-feed", daemon=True).start()
        try:
            yield reader
        finally:
            with self._lock:
                self._readers.discard(reader)
                self._left_at = time.monotonic()

    def count(self, name: str) -> int:
        """How many readers there are of this name."""
        with self._lock:
            return sum(reader.principal.name == name for reader in self._readers)

    def _after(self, last_id: str) -> list[Event]:
        events = list(self._remembered)
        for place, event in enumerate(events):
            if event.id == last_id:
                return events[place + 1 :]
        return [_RESYNC]

    def _listen(self) -> None:
        while True:
            try:
                if self._listen_while_wanted():
                    return
            except (psycopg.Error, SQLAlchemyError) as error:
                _log.warning("feed.lost", cause=str(error))
                self._hand_out([_RESYNC])
                if self._end_unless_wanted(kept=0.0):
                    return
                time.sleep(_RECONNECT_SECONDS)

    def _listen_while_wanted(self) -> bool:
        """Hand on what is told; true when the listener ends."""
        _, arguments = self._engine.dialect.create_connect_args(self._engine.url)
        arguments = {**arguments, "autocommit": True, "application_name": LISTENER}
        with psycopg.connect(**arguments) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            # Until they have noticed that somebody listens, other processes tell nothing.
            heard_from: float | None = time.monotonic() + QUIET_SECONDS + 0.5
            while True:
                payloads = [n.payload for n in connection.notifies(timeout=_IDLE_SECONDS, stop_after=1)]
                if payloads:
                    time.sleep(GATHER_SECONDS)
                    payloads += [n.payload for n in connection.notifies(timeout=0)]
                    self._hand_out(self._events(payloads))
                if heard_from is not None and time.monotonic() > heard_from:
                    heard_from = None
                    self._hand_out([_RESYNC])
                if self.is_stopping():
                    self._dismiss()
                if self._end_unless_wanted(kept=_KEPT_SECONDS):
                    return True

    def _dismiss(self) -> None:
        with self._lock:
            for reader in self._readers:
                reader.close()

    def _end_unless_wanted(self, *, kept: float) -> bool:
        """Whether nobody has read for ``kept`` seconds; what is remembered ends with the listening."""
        with self._lock:
            self._running = bool(self._readers) or time.monotonic() - self._left_at < kept
            if self.is_stopping() and not self._readers:
                self._running = False
            if not self._running:
                self._remembered.clear()
            return not self._running

    def _hand_out(self, events: Sequence[Event]) -> None:
        with self._lock:
            self._remembered.extend(event for event in events if event.id is not None)
            for reader in self._readers:
                reader.offer(events)

    def _events(self, payloads: Sequence[str]) -> list[Event]:
        """What was told, with what readers need to know of it."""
        told = [(one[0], Happening(*one[1:])) for payload in payloads for one in decode_json(payload)]
        happenings = [happening for _, happening in told]
        if any(happening.topic == "resync" for happening in happenings):
            return [_RESYNC]
        tasks, instances = self._look_up(happenings)
        events: list[Event] = []
        types: dict[str, None] = {}
        jobs_changed = False
        for event_id, happening in told:
            if happening.topic == "job":
                types.update({happening.word: None} if happening.word else {})
                jobs_changed = True
                continue
            event = _event(event_id, happening, tasks, instances)
            if event is not None:
                events.append(event)
        if jobs_changed:
            events.append(Event(None, "job", {"topic": "job", "event": "changed", "types": list(types)}))
        return events

    def _look_up(self, happenings: Sequence[Happening]) -> tuple[dict[int, Any], dict[int, Any]]:
        task_keys = [h.key for h in happenings if h.topic == "user-task"]
        instance_keys = [h.instance_key for h in happenings if h.topic in _OF_INSTANCES]
        if not task_keys and not instance_keys:
            return {}, {}
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            tasks = fetch(connection, _TASKS, {"keys": task_keys}) if task_keys else []
            instances = fetch(connection, _INSTANCES, {"keys": instance_keys}) if instance_keys else []
        return {row.key: row for row in tasks}, {row.key: row for row in instances}


def _event(event_id: str, happening: Happening, tasks: Mapping[int, Any], instances: Mapping[int, Any]) -> Event | None:
    """What readers are told; None where it concerns something that is gone."""
    data: dict[str, Any] = {"topic": happening.topic, "event": happening.event}
    if happening.topic == "user-task":
        task = tasks.get(happening.key or 0)
        return None if task is None else _of_task(event_id, data, task)
    if happening.topic in _OF_INSTANCES:
        instance = instances.get(happening.instance_key or 0)
        if instance is None:
            return None
        if happening.topic != "process-instance":
            data[_KEYS[happening.topic]] = None if happening.key is None else str(happening.key)
        return _of_instance(event_id, data, instance)
    data[_KEYS[happening.topic]] = str(happening.key)
    return Event(event_id, happening.topic, data)


def _of_task(event_id: str, data: dict[str, Any], task: Any) -> Event:
    data |= {
        "userTaskKey": str(task.key),
        "processInstanceKey": str(task.instance_key),
        "rootProcessInstanceKey": str(task.root_key),
        "processDefinitionKey": str(task.process_definition_key),
        "elementId": task.element_id,
        "name": task.name,
        "state": task.state,
        "assignee": task.assignee,
        "completedBy": task.completed_by,
        "businessId": task.business_id,
    }
    people = {task.assignee, task.completed_by, *task.candidate_users}
    return Event(event_id, "user-task", data, frozenset(people - {None}), frozenset(task.candidate_groups))


def _of_instance(event_id: str, data: dict[str, Any], instance: Any) -> Event:
    data |= {
        "processInstanceKey": str(instance.key),
        "rootProcessInstanceKey": str(instance.root_key),
        "processDefinitionKey": str(instance.process_definition_key),
        "businessId": instance.business_id,
        "state": instance.state,
    }
    people = {instance.started_by, *instance.people}
    return Event(event_id, data["topic"], data, frozenset(people - {None}), frozenset(instance.groups))


_feeds: WeakKeyDictionary[Engine, Feed] = WeakKeyDictionary()
_making = threading.Lock()


def feed_of(engine: Engine) -> Feed:
    """The feed of a database in this process."""
    with _making:
        return _feeds.setdefault(engine, Feed(engine))


_OF_INSTANCES = frozenset({"process-instance", "incident", "comment"})
_KEYS = {
    "incident": "incidentKey",
    "comment": "commentKey",
    "deployment": "deploymentKey",
    "draft": "draftKey",
    "batch-operation": "batchOperationKey",
}
_TASKS = """
    SELECT key, instance_key, root_key, process_definition_key, element_id, name, state, assignee, completed_by,
        candidate_users, candidate_groups, business_id
    FROM user_task WHERE key = ANY(%(keys)s::bigint[])"""
# Who has to do with an instance: whoever started it, and those who have a task of it.
_INSTANCES = """
    SELECT p.key, p.root_key, p.process_definition_key, p.business_id, p.state, p.started_by,
        ARRAY(SELECT unnest(t.candidate_users || ARRAY[t.assignee, t.completed_by])
              FROM user_task t WHERE t.instance_key = p.key) AS people,
        ARRAY(SELECT unnest(t.candidate_groups) FROM user_task t WHERE t.instance_key = p.key) AS groups
    FROM process_instance p WHERE p.key = ANY(%(keys)s::bigint[])"""
