"""The outbox: events for the world outside, delivered at least once, each signed.

An event is posted as JSON to the address in ``LENDLOOM_WEBHOOK_URL``. ``X-Lendloom-Signature`` is the hexadecimal
HMAC-SHA256 of the body under ``LENDLOOM_WEBHOOK_SECRET``; ``X-Lendloom-Event`` is the event's key, by which a
receiver recognises one that it gets twice. What is not answered with 2xx is sent again, ever more slowly.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import httpx
import structlog
from flask import current_app
from sqlalchemy import Connection

from server.runtime.announcements import CONFIG
from server.runtime.command import command
from server.store.database import affect, encode_json, fetch

TASK = "lendloom.deliver_events"
SECRET_CONFIG = "LENDLOOM_WEBHOOK_SECRET"  # noqa: S105 - the name of the setting
BATCH = 50
TIMEOUT_SECONDS = 10.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """An event that is due for delivery."""

    key: int
    topic: str
    payload: dict[str, Any]
    created_at: dt.datetime

    def body(self) -> bytes:
        """The text that is sent and signed."""
        known = {"eventKey": str(self.key), "topic": self.topic, "createdAt": self.created_at}
        return encode_json({**known, "payload": self.payload}).encode()


def sign(body: bytes, secret: str) -> str:
    """The signature of a body."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver_due() -> int:
    """Deliver all events that are due, oldest first; returns how many arrived."""
    url, secret = current_app.config.get(CONFIG), current_app.config.get(SECRET_CONFIG) or ""
    if not url:
        return 0
    arrived = 0
    with httpx.Client(timeout=TIMEOUT_SECONDS) as client:
        while True:
            events = command(_claim)
            for event in events:
                if _post(client, url, secret, event):
                    done = {"key": event.key}
                    command(lambda connection, done=done: affect(connection, _DELIVERED, done))  # type: ignore[misc]
                    arrived += 1
            if len(events) < BATCH:
                return arrived


def enqueue(connection: Connection) -> bool:
    """Queue a delivery where events are due and none is queued yet."""
    return bool(affect(connection, _ENQUEUE, {"task": TASK}))


def _claim(connection: Connection) -> list[Event]:
    """The next events; until they have arrived they are due again later, after more time each try."""
    rows = fetch(connection, _CLAIM, {"limit": BATCH})
    return sorted((Event(*row) for row in rows), key=lambda event: event.key)


def _post(client: httpx.Client, url: str, secret: str, event: Event) -> bool:
    body = event.body()
    headers = {
        "content-type": "application/json",
        "x-lendloom-event": str(event.key),
        "x-lendloom-topic": event.topic,
        "x-lendloom-signature": sign(body, secret),
    }
    try:
        response = client.post(url, content=body, headers=headers)
    except httpx.HTTPError as error:
        _log.warning("outbox.unreachable", key=event.key, cause=str(error))
        return False
    if response.is_success:
        return True
    _log.warning("outbox.refused", key=event.key, status=response.status_code)
    return False


_CLAIM = """
    UPDATE outbox SET attempts = attempts + 1,
        next_attempt_at = clock_timestamp() + least(30 * 2 ^ least(attempts, 12), 21600) * interval '1 second'
    WHERE key = ANY(ARRAY(SELECT key FROM outbox WHERE next_attempt_at <= clock_timestamp()
                          ORDER BY next_attempt_at, key LIMIT %(limit)s FOR UPDATE SKIP LOCKED))
    RETURNING key, topic, payload, created_at"""
_DELIVERED = "DELETE FROM outbox WHERE key = %(key)s"
_ENQUEUE = """
    SELECT procrastinate_defer_jobs_v1(
        ARRAY[ROW('jobs', %(task)s::text, 0, NULL, %(task)s::text, '{}', NULL)::procrastinate_job_to_defer_v1])
    WHERE EXISTS (SELECT 1 FROM outbox WHERE next_attempt_at <= clock_timestamp())
      AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %(task)s::text AND status = 'todo')"""
