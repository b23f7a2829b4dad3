"""``/v2/event-stream``: what happens, as it happens, as server-sent events for pages that show it live.

An event is a hint that something has changed, with the keys by which it can be read; it is sent at most once. A page
that has missed some (a lost connection, too many at once) is sent ``resync`` and reads again what it shows.

Each open stream has a thread of the server that does nothing else, so there are only so many, in all and for one
person; see ``LENDLOOM_API_STREAMS``. A stream ends with the token that it was opened with; a browser opens it again.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, request
from flask_jwt_extended import get_jwt, verify_jwt_in_request

from server.identity.revocation import revocations
from server.messages import Message
from server.runtime.feed import TOPICS, Event, Feed, Reader, feed_of
from server.store.database import db, encode_json

from .authorization import principal, signed_in
from .fields import Digits, Text, document
from .problems import ProblemError, bad_request
from .resource import Resource

event_stream = Resource("Event stream", description="What happens, as it happens.")

HEARTBEAT_SECONDS = 15.0
GONE_SECONDS = 1.0
"""A stream whose reader has left ends within so long, and makes room for the next page of the same person."""
RETRY_MILLISECONDS = 3_000
LONGEST_SECONDS = 3_600
_EXTENSION = "lendloom-streams"

StreamRequest = document(
    "EventStreamRequest",
    {
        "topics": Text(metadata={"description": f"Only these, separated by commas: {', '.join(TOPICS)}"}),
        "seconds": Digits(high=LONGEST_SECONDS, metadata={"description": "End the stream after so long"}),
        "lastEventId": Text(longest=100, metadata={"description": "Go on after this event, as with Last-Event-ID"}),
    },
)


class Streams:
    """The open streams of this process."""

    def __init__(self, app: Flask, *, most: int) -> None:
        self._app = app
        self._most = most
        self._free = threading.BoundedSemaphore(most)
        self._is_stopping: Callable[[], bool] = lambda: False

    def end_when(self, is_stopping: Callable[[], bool]) -> None:
        """End all streams as soon as this holds."""
        self._is_stopping = is_stopping

    def enter(self, name: str) -> tuple[Feed, Callable[[], None]]:
        """The feed to read, and what to call at the end. Raises a 503 where there is no room."""
        feed = feed_of(db.engine)
        feed.is_stopping = lambda: self._is_stopping()
        if feed.count(name) >= max(2, self._most // 4) or not self._free.acquire(blocking=False):
            raise ProblemError(503, _FULL)
        return feed, self._free.release


def register_streams(app: Flask, *, most: int) -> None:
    """Let at most ``most`` streams be open in this process."""
    app.extensions[_EXTENSION] = Streams(app, most=most)


@dataclass(frozen=True, slots=True)
class _Session:
    """How long a stream may go on: until its token ends, or the time that was asked for."""

    claims: Mapping[str, Any]
    ends_at: float
    app: Flask
    connection: socket.socket | None
    """What it is sent over."""

    @property
    def seconds_left(self) -> float:
        with self.app.app_context():
            return 0.0 if revocations.includes(self.claims) else self.ends_at - time.time()

    @property
    def has_left(self) -> bool:
        """Whether the other side has closed the connection, which a server that only writes learns too late."""
        if self.connection is None:
            return False
        try:
            asked = select.poll()
            asked.register(self.connection, select.POLLIN)
            return bool(asked.poll(0)) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True


@event_stream.route("/event-stream", methods=["GET"])
@signed_in
@event_stream.arguments(StreamRequest, location="query")
@event_stream.response(200, content_type="text/event-stream")
def stream_events(asked: dict[str, Any]) -> Response:
    """Follow what happens, as server-sent events"""
    topics = _topics(asked)
    verify_jwt_in_request()
    claims, me = get_jwt(), principal()
    ends_at = min(float(claims["exp"]), time.time() + asked.get("seconds", LONGEST_SECONDS))
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    session = _Session(claims, ends_at, app, _connection(request.environ))
    streams: Streams = current_app.extensions[_EXTENSION]
    feed, leave = streams.enter(me.name)
    with ExitStack() as entered:
        entered.callback(leave)
        last_id = request.headers.get("Last-Event-ID") or asked.get("lastEventId")
        reader = entered.enter_context(feed.reading(me, topics, last_id))
        place = entered.pop_all()
        response = Response(_events(reader, session, place), mimetype="text/event-stream")
        response.call_on_close(place.close)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _connection(environ: Mapping[str, Any]) -> socket.socket | None:
    """The connection of a request, as gunicorn and the development server tell it."""
    return environ.get("gunicorn.socket") or environ.get("werkzeug.socket")


def _topics(asked: Mapping[str, Any]) -> frozenset[str]:
    given = asked.get("topics")
    topics = frozenset(name.strip() for name in given.split(",")) if given else frozenset(TOPICS)
    unknown = topics - TOPICS.keys()
    if unknown:
        listed = ", ".join(TOPICS)
        raise bad_request(
            "topics", f"没有这样的主题；可用的主题：{listed}。", f"There is no such topic; the topics are: {listed}."
        )
    return topics


def _events(reader: Reader, session: _Session, entered: ExitStack) -> Iterator[str]:
    """The text of the stream: events, and a comment now and then so that a lost connection is noticed.

    What was ``entered`` is left before the other side is told that this is the end, so that it can come again at once.
    """
    with entered:
        yield f"retry: {RETRY_MILLISECONDS}\n: open\n\n"
        while not reader.is_closed and (left := session.seconds_left) > 0:
            events = _next(reader, session, min(HEARTBEAT_SECONDS, left))
            if events is None:
                return
            yield "".join(map(_text, events)) or ": still here\n\n"


def _next(reader: Reader, session: _Session, seconds: float) -> list[Event] | None:
    """The events that have come, waited for at most ``seconds``; None where nobody is there to read them."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not reader.is_closed:
        if events := reader.next(min(GONE_SECONDS, left)):
            return events
        if session.has_left:
            return None
    return []


def _text(event: Event) -> str:
    known = "" if event.id is None else f"id: {event.id}\n"
    return f"{known}event: {event.topic}\ndata: {encode_json(event.data)}\n\n"


_FULL = Message(
    "event-stream.full",
    "实时连接数已达上限；页面会自动重试，期间请手动刷新。",
    "There are too many live connections; the page tries again by itself, refresh it in the meantime.",
)
