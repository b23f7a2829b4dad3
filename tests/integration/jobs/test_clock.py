"""The clock: timers fire when due, once, in order, by any of several clocks; and what was left behind is done."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from server.jobs import clock as clock_module
from server.jobs.clock import Clock
from server.runtime import clock, instances, messages, timers
from server.runtime.errors import Conflict, Refused
from server.settings import Profile, Settings
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, flow, message, message_definition, timer
from ..models import (
    ACTOR,
    active_elements,
    deploy,
    line,
    node,
    one,
    open_task,
    path,
    rows,
    start_and_end,
    state,
    user_task,
)
from .processes import eventually, process

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """Waits for times, interrupting and repeated."""
    deploy(
        line(("wait", node("intermediateCatchEvent", "wait", timer("duration", "PT1H"))), id_="waiting"),
        start_and_end(
            user_task("task"),
            boundary("remind", "task", timer("cycle", "R2/PT1H"), interrupting=False),
            boundary("late", "task", timer("duration", "PT5H")),
            user_task("call"),
            user_task("escalated"),
            path("start", "task", "end"),
            flow("remind", "call"),
            flow("late", "escalated"),
            id_="limited",
        ),
        line(
            ("receive", node("intermediateCatchEvent", "receive", message())),
            id_="receiving",
            definitions=message_definition(),
        ),
    )


@pytest.fixture
def ticking(app: Flask) -> Iterator[Clock]:
    """A clock that ticks when the test says."""
    made = Clock(app)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def pinned(settings: Settings, deployed: None) -> Iterator[None]:
    """The clock stands at noon, until a test moves it."""
    at(NOON, settings)
    yield
    clock.reset(actor=ACTOR, settings=settings)


def at(instant: dt.datetime, settings: Settings) -> None:
    clock.pin(instant, actor=ACTOR, settings=settings)


def start(process_id: str) -> int:
    return instances.start(process_id=process_id, actor=ACTOR).key


def test_a_timer_fires_when_it_is_due_and_not_before(ticking: Clock, settings: Settings) -> None:
    key = start("waiting")
    at(NOON + dt.timedelta(minutes=59), settings)
    assert ticking.fire_due() == 0
    at(NOON + dt.timedelta(hours=1), settings)
    assert ticking.fire_due() == 1
    assert state(key) == "COMPLETED"
    ended = one("SELECT ended_at FROM process_instance WHERE key = %(key)s", key=key)
    assert ended == NOON + dt.timedelta(hours=1)
    assert rows("SELECT 1 FROM timer") == []


def test_a_repeated_reminder_and_a_limit(ticking: Clock, settings: Settings) -> None:
    key = start("limited")
    for hours, calls in ((1, 1), (2, 2), (3, 2)):
        at(NOON + dt.timedelta(hours=hours), settings)
        ticking.fire_due()
        waiting = one("SELECT count(*) FROM user_task WHERE instance_key = %(key)s AND element_id = 'call'", key=key)
        assert waiting == calls, f"after {hours} hours"
    at(NOON + dt.timedelta(hours=5), settings)
    ticking.fire_due()
    assert open_task(key, "escalated")
    assert "task" not in active_elements(key)


def test_all_that_fell_due_in_between_fires_in_order(ticking: Clock, settings: Settings) -> None:
    key = start("limited")
    at(NOON + dt.timedelta(days=2), settings)
    ticking.fire_due()
    assert open_task(key, "escalated")
    calls = rows("SELECT created_at FROM user_task WHERE instance_key = %(key)s AND element_id = 'call'", key=key)
    assert len(calls) == 1, "the reminder of the first hour came before the limit; its repetition was too late"


def test_a_task_done_in_time_clears_its_timers(ticking: Clock, settings: Settings) -> None:
    key = start("limited")
    user_tasks.complete(task_key=open_task(key), actor=ACTOR)
    at(NOON + dt.timedelta(days=1), settings)
    assert ticking.fire_due() == 0
    assert state(key) == "COMPLETED"


def test_a_claimed_timer_fires_once_and_a_dead_clock_s_claim_ends(ticking: Clock, settings: Settings) -> None:
    key = start("waiting")
    at(NOON + dt.timedelta(hours=2), settings)
    (claimed,) = timers.claim_due(10)
    assert timers.claim_due(10) == [], "claimed"
    assert ticking.fire_due() == 0
    rows("UPDATE timer SET claimed_until = clock_timestamp() - interval '1 second' RETURNING key")
    assert ticking.fire_due() == 1
    assert not timers.fire(claimed), "fired by the other clock meanwhile"
    assert state(key) == "COMPLETED"


def test_a_failing_timer_holds_up_no_other(ticking: Clock, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = start("waiting"), start("waiting")
    at(NOON + dt.timedelta(hours=2), settings)
    fire = timers.fire

    def failing(due: timers.DueTimer) -> bool:
        if due.instance_key == bad:
            raise RuntimeError("broken")
        return fire(due)

    monkeypatch.setattr(clock_module.timers, "fire", failing)
    assert ticking.fire_due() == 1
    assert (state(bad), state(good)) == ("ACTIVE", "COMPLETED")
    later = one("SELECT claimed_until > clock_timestamp() FROM timer WHERE instance_key = %(key)s", key=bad)
    assert later, "tried again after a pause"
    instances.cancel(instance_key=bad, actor=ACTOR)


def test_a_timer_starts_instances(ticking: Clock, settings: Settings) -> None:
    deploy(
        line(
            ("task", user_task("task")),
            id_="daily",
            start=node("startEvent", "start", timer("cycle", "R3/PT24H")),
        )
    )
    count = (
        "SELECT count(*) FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key "
        "WHERE d.process_id = 'daily'"
    )
    for day in (1, 2, 3, 4):
        at(NOON + dt.timedelta(days=day), settings)
        ticking.fire_due()
        assert one(count) == min(day, 3)
    assert rows("SELECT 1 FROM timer") == []


def test_many_timers_due_at_once_fire_in_batches(ticking: Clock, settings: Settings) -> None:
    keys = [start("waiting") for _ in range(250)]
    at(NOON + dt.timedelta(hours=1), settings)
    assert ticking.fire_due() == 250
    assert {state(key) for key in keys} == {"COMPLETED"}


def test_several_clock_processes_fire_each_timer_once_even_when_one_is_killed(settings: Settings) -> None:
    for _ in range(60):
        start("limited")
    with process("clock", settings) as first, process("clock", settings):
        time.sleep(2)
        at(NOON + dt.timedelta(hours=1), settings)
        eventually(lambda: one("SELECT count(*) FROM user_task WHERE element_id = 'call'") > 0)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        # What the killed clock had claimed is free when its claim has ended.
        rows("UPDATE timer SET claimed_until = least(claimed_until, clock_timestamp()) RETURNING key")
        calls = (
            "SELECT count(*) FROM user_task t WHERE element_id = 'call' AND created_at = %(at)s "
            "AND EXISTS (SELECT 1 FROM user_task o WHERE o.instance_key = t.instance_key AND o.element_id = 'task' "
            "AND o.state = 'CREATED')"
        )
        eventually(lambda: one(calls, at=NOON + dt.timedelta(hours=1)) >= 60, within=30)
    assert one(calls, at=NOON + dt.timedelta(hours=1)) == 60


def test_messages_left_behind_are_distributed(ticking: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    key = instances.start(process_id="receiving", variables={"loan": "L"}, actor=ACTOR).key
    with monkeypatch.context() as killed:
        killed.setattr(messages, "distribute", lambda _key: None)
        messages.publish(name="paid", correlation_key="L", actor=ACTOR)
    assert state(key) == "ACTIVE", "as if the publisher had been killed after its commit"
    ticking.deliver_left_behind()
    assert state(key) == "COMPLETED"
    assert one("SELECT count(*) FROM message WHERE correlation_key = 'L'") == 0


def test_the_house_is_kept(ticking: Clock, settings: Settings) -> None:
    messages.publish(
        name="nobody", correlation_key="x", time_to_live=dt.timedelta(hours=1), message_id="1", actor=ACTOR
    )
    ticking.keep_house()
    assert one("SELECT count(*) FROM message WHERE name = 'nobody'") == 1
    at(dt.datetime(2031, 5, 5, tzinfo=dt.UTC), settings)
    ticking.keep_house()
    assert one("SELECT count(*) FROM message WHERE name = 'nobody'") == 0
    assert rows("SELECT 1 FROM pg_class WHERE relname = 'element_instance_2031_06'")


def test_only_a_demo_or_test_may_move_the_clock(settings: Settings) -> None:
    production = replace(settings, profile=Profile.PRODUCTION)
    with pytest.raises(Conflict, match="production"):
        clock.pin(NOON, actor=ACTOR, settings=production)
    with pytest.raises(Conflict):
        clock.reset(actor=ACTOR, settings=production)
    with pytest.raises(Refused):
        clock.pin(NOON.replace(tzinfo=None), actor=ACTOR, settings=settings)


def test_a_clock_that_is_told_to_stop_many_times_stops(settings: Settings) -> None:
    start("limited")
    with process("clock", settings) as clock:
        at(NOON + dt.timedelta(hours=1), settings)
        eventually(lambda: one("SELECT count(*) FROM user_task WHERE element_id = 'call'") > 0)
        # Each may interrupt the handler of the one before; the last may find a process that has almost ended.
        for _ in range(100):
            clock.send_signal(signal.SIGTERM)
        assert clock.wait(timeout=10) in (0, -signal.SIGTERM)
