"""A clock that stood still for three days: what becomes of what fell due, by the misfire policy of each timer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from flask import Flask

from server.jobs.clock import Clock
from server.runtime import clock, instances
from server.settings import Settings

from ...unit.bpmn.diagrams import boundary, flow, timer
from ..models import ACTOR, deploy, line, node, one, path, rows, start_and_end, user_task

pytestmark = pytest.mark.usefixtures("app")
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
THREE_DAYS = dt.timedelta(days=3, minutes=10)
POLICIES = [("once", 1), ("all", 9), ("skip", 0)]


@pytest.fixture
def ticking(app: Flask) -> Iterator[Clock]:
    made = Clock(app)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def pinned(settings: Settings) -> Iterator[None]:
    clock.pin(NOON, actor=ACTOR, settings=settings)
    yield
    clock.reset(actor=ACTOR, settings=settings)


def misfire(policy: str) -> str:
    return f'<lendloom:timer misfire="{policy}"/>'


@pytest.mark.parametrize(("policy", "counted"), POLICIES)
def test_a_boundary_timer(policy: str, counted: int, ticking: Clock, settings: Settings) -> None:
    deploy(
        start_and_end(
            user_task("task"),
            boundary("remind", "task", timer("cycle", "R/PT8H"), interrupting=False, ext=misfire(policy)),
            user_task("call"),
            path("start", "task", "end"),
            flow("remind", "call"),
            id_=f"reminded-{policy}",
        )
    )
    key = instances.start(process_id=f"reminded-{policy}", actor=ACTOR).key
    clock.pin(NOON + THREE_DAYS, actor=ACTOR, settings=settings)
    ticking.fire_due()
    calls = "SELECT count(*) FROM user_task WHERE instance_key = %(key)s AND element_id = 'call'"
    assert one(calls, key=key) == counted
    due = one("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    assert due == NOON + dt.timedelta(days=3, hours=8)
    assert ticking.fire_due() == 0
    clock.pin(due, actor=ACTOR, settings=settings)
    assert ticking.fire_due() == 1
    assert one(calls, key=key) == counted + 1
    instances.cancel(instance_key=key, actor=ACTOR)


@pytest.mark.parametrize(("policy", "counted"), POLICIES)
def test_a_start_timer(policy: str, counted: int, ticking: Clock, settings: Settings) -> None:
    id_ = f"started-{policy}"
    begin = node("startEvent", "start", timer("cycle", "0 */8 * * * UTC"), ext=misfire(policy))
    deploy(line(("task", user_task("task")), id_=id_, start=begin))
    clock.pin(NOON + THREE_DAYS, actor=ACTOR, settings=settings)
    ticking.fire_due()
    started = (
        "SELECT count(*) FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key "
        "WHERE d.process_id = %(id)s"
    )
    assert one(started, id=id_) == counted
    (due,) = rows(
        "SELECT t.due_at FROM timer t JOIN process_definition d ON d.key = t.process_definition_key "
        "WHERE d.process_id = %(id)s",
        id=id_,
    )
    assert due.due_at == NOON + dt.timedelta(days=3, hours=4)
    rows("DELETE FROM timer WHERE instance_key IS NULL RETURNING key")


def test_a_single_timer_that_is_late_fires_once(ticking: Clock, settings: Settings) -> None:
    deploy(line(("wait", node("intermediateCatchEvent", "wait", timer("duration", "PT1H"))), id_="single"))
    key = instances.start(process_id="single", actor=ACTOR).key
    clock.pin(NOON + THREE_DAYS, actor=ACTOR, settings=settings)
    assert ticking.fire_due() == 1
    assert one("SELECT state FROM process_instance WHERE key = %(key)s", key=key) == "COMPLETED"
