"""The clock of demos and tests: it can be pinned, so that a month passes in a moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, current_app

from server.runtime import clock as runtime
from server.settings import Settings

from .authorization import permission, principal
from .exact_json import no_content
from .fields import Whole, document
from .resource import Resource

clock = Resource("Clock", description="The clock, which only demos and tests can move.")

Pinning = document(
    "ClockPinning",
    {
        "timestamp": Whole(
            required=True, high=253402300799999, metadata={"description": "Milliseconds since 1970-01-01 UTC"}
        )
    },
)


@clock.route("/clock", methods=["PUT"])
@permission("clock", "move")
@clock.arguments(Pinning)
@clock.response(204)
def pin_clock(body: dict[str, Any]) -> Response:
    """Pin the clock to an instant; timers that are due by then fire"""
    instant = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=body["timestamp"])
    runtime.pin(instant, actor=principal().name, settings=_settings())
    return no_content()


@clock.route("/clock/reset", methods=["POST"])
@permission("clock", "move")
@clock.response(204)
def reset_clock() -> Response:
    """Let the clock be the wall clock again"""
    runtime.reset(actor=principal().name, settings=_settings())
    return no_content()


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lendloom-settings"]
    return settings
