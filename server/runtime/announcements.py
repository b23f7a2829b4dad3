"""Events for the world outside: what is announced, and that nothing is written where nobody listens.

An announcement is an outbox row, written in the command's own transaction and delivered by
:mod:`server.jobs.outbox` afterwards, at least once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import current_app

CONFIG = "LENDLOOM_WEBHOOK_URL"


def is_listening() -> bool:
    """Whether this installation has an address that events are sent to."""
    return bool(current_app.config.get(CONFIG))


def announcement(key: int, topic: str, at: dt.datetime, payload: dict[str, Any]) -> dict[str, Any]:
    """The outbox row of an event. Keys are texts in the payload, because JSON readers round large numbers."""
    return {
        "key": key,
        "topic": topic,
        "payload": {name: str(v) if name.endswith("Key") and v is not None else v for name, v in payload.items()},
        "created_at": at,
        "attempts": 0,
        "next_attempt_at": dt.datetime.now(dt.UTC),
    }
