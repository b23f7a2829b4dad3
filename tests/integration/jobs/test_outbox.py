"""The outbox: written only where somebody listens, delivered signed, and until it arrives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask import Flask

from server.jobs import outbox
from server.runtime import instances
from server.runtime.announcements import CONFIG
from server.runtime.command import command
from server.worklist import user_tasks

from ..models import ACTOR, deploy, one, open_task, review, rows

pytestmark = pytest.mark.usefixtures("app")


class Receiver(HTTPServer):
    """A webhook's receiver; it keeps what it got, and refuses as often as it is told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.refusals = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/events"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        refused = self.server.refusals > 0
        self.server.refusals -= refused
        self.send_response(503 if refused else 204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    """A receiver that the application is told to post to."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    app.config[CONFIG], app.config[outbox.SECRET_CONFIG] = server.url, "s3cret"
    yield server
    app.config[CONFIG] = None
    server.shutdown()
    server.server_close()
    rows("DELETE FROM outbox RETURNING key")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: Flask) -> None:
    """A process with one task."""
    deploy(review())


def run_through() -> int:
    key = instances.start(process_id="review", business_id="B-7", actor=ACTOR).key
    user_tasks.complete(task_key=open_task(key), actor=ACTOR)
    return key


def test_nothing_is_written_where_nobody_listens() -> None:
    run_through()
    assert one("SELECT count(*) FROM outbox") == 0
    assert outbox.deliver_due() == 0


def test_events_arrive_signed_and_once(receiver: Receiver) -> None:
    key = run_through()
    assert outbox.deliver_due() == 3
    events = [json.loads(body) for _, body in receiver.got]
    assert [event["topic"] for event in events] == [
        "process-instance-started",
        "user-task-created",
        "process-instance-ended",
    ]
    assert all(event["payload"]["processInstanceKey"] == str(key) for event in events)
    assert events[1]["payload"]["candidateGroups"] == ["reviewers"]
    for headers, body in receiver.got:
        assert headers["x-lendloom-signature"] == outbox.sign(body, "s3cret")
    assert outbox.deliver_due() == 0


def test_an_event_that_was_refused_is_sent_again(receiver: Receiver) -> None:
    receiver.refusals = 1
    run_through()
    assert outbox.deliver_due() == 2
    assert outbox.deliver_due() == 0, "not before its pause is over"
    rows("UPDATE outbox SET next_attempt_at = clock_timestamp() RETURNING key")
    assert outbox.deliver_due() == 1
    first, again = receiver.got[0], receiver.got[-1]
    assert first[0]["x-lendloom-event"] == again[0]["x-lendloom-event"]


def test_a_delivery_is_queued_once(receiver: Receiver) -> None:
    run_through()
    command(outbox.enqueue)
    command(outbox.enqueue)
    assert one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %(task)s", task=outbox.TASK) == 1
