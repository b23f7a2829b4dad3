"""A case that ran by the real clock, every command at an instant of its own, is recorded as it went."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from server.runtime import messages, timers

from ...unit.bpmn.diagrams import (
    document,
    job,
    message,
    message_definition,
    node,
    path,
    script,
    signal,
    signal_definition,
    timer,
)
from ..models import ACTOR, user_task
from .recorded import done, open_jobs, played, started, worked

pytestmark = pytest.mark.usefixtures("app")

PROCESS = document(
    node("startEvent", "start"),
    node("parallelGateway", "fork"),
    node("intermediateCatchEvent", "hear", signal("wall-news")),
    user_task("after"),
    user_task("say"),
    node("intermediateThrowEvent", "throw", signal("wall-news")),
    node("intermediateCatchEvent", "paid", message("wall-paid")),
    node("intermediateCatchEvent", "wait", timer("duration", "PT1S")),
    node("scriptTask", "when", ext=script("now()", "when")),
    node("serviceTask", "pay", ext=job("wall-pay")),
    node("parallelGateway", "join"),
    node("endEvent", "end"),
    path("start", "fork", "hear", "after", "join", "end"),
    path("fork", "say", "throw", "paid", "wait", "when", "pay", "join"),
    id_="rec-wall",
    definitions=signal_definition("wall-news") + message_definition("wall-paid", "loan"),
)


def test_signals_within_a_case_and_timers_a_moment_late(tmp_path: Path) -> None:
    key = started(PROCESS, process_id="rec-wall", loan="L-9")
    done(key, "say", "zhang.wei")
    done(key, "after", "li.na")
    messages.publish(name="wall-paid", correlation_key="L-9", variables={"paid": 1}, actor=ACTOR)
    deadline = time.monotonic() + 60
    while not open_jobs(key, "pay") and time.monotonic() < deadline:
        time.sleep(0.05)
        for each in timers.claim_due(10):
            timers.fire(each)
    worked(key, "pay", done=True)

    recorded, _ = played(tmp_path, key)

    assert recorded.recording.remarks == (), recorded.recording.text
    assert "- signal:" not in recorded.recording.text, "the case threw it itself"
    assert "state: completed" in recorded.recording.text
