"""How many statements each request sends to the database: counted inside one process, through the real API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from api.app import create_app
from server.store.database import db

from .installation import CLIENT_ID, Installation
from .workloads import APPLICATION


def count_statements(installation: Installation) -> dict[str, int]:
    """Statements of a start, a search, a completion and the last completion of W2, with everything cached."""
    app = create_app(installation.settings)
    client = app.test_client()
    credentials = {
        "grant_type": "client_credentials",
        "client_id": CLIENT_ID,
        "client_secret": installation.secret,
    }
    token = client.post("/oauth/token", data=credentials).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    counts: dict[str, int] = {}
    with app.app_context():
        engine = db.engine
    for _ in range(3):  # the first rounds fill the caches
        counts = {}
        with _counting(engine) as seen:
            body = {"processDefinitionId": "bench-w2", "variables": APPLICATION}
            key = client.post("/v2/process-instances", json=body, headers=headers).get_json()["processInstanceKey"]
            counts["start"] = seen.take()
            for name in ("complete", "complete to the end"):
                search = {"filter": {"processInstanceKey": key, "state": "CREATED"}}
                found = client.post("/v2/user-tasks/search", json=search, headers=headers).get_json()
                counts["search"] = seen.take()
                task = found["items"][0]["userTaskKey"]
                answer = client.post(
                    f"/v2/user-tasks/{task}/completion",
                    json={"variables": {"decision": "approve"}},
                    headers=headers,
                )
                assert answer.status_code == 204, answer.get_data(as_text=True)
                counts[name] = seen.take()
    return counts


class _Counter:
    def __init__(self) -> None:
        self.count = 0

    def note(self, *_: Any) -> None:
        self.count += 1

    def take(self) -> int:
        count, self.count = self.count, 0
        return count


@contextmanager
def _counting(engine: Any) -> Iterator[_Counter]:
    counter = _Counter()
    event.listen(engine, "before_cursor_execute", counter.note)
    try:
        yield counter
    finally:
        event.remove(engine, "before_cursor_execute", counter.note)
