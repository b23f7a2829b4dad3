"""Events at the same moment, from several connections: each decides once, and nothing is left waiting."""

from __future__ import annotations

from collections import Counter

import pytest
from flask import Flask

from server.runtime import instances, messages, signals, timers
from server.runtime.errors import CommandError
from server.runtime.timers import DueTimer
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import (
    boundary,
    event_subprocess,
    flow,
    message,
    message_definition,
    signal,
    signal_definition,
    timer,
)
from ..models import (
    ACTOR,
    active_elements,
    at_once,
    deploy,
    node,
    one,
    open_task,
    path,
    rows,
    start_and_end,
    state,
    user_task,
)

pytestmark = pytest.mark.usefixtures("app")
ROUNDS = 8


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A gateway with three events, a task with two timers, and a process that an event subprocess interrupts."""
    definitions = message_definition() + signal_definition()
    deploy(
        start_and_end(
            node("eventBasedGateway", "first"),
            node("intermediateCatchEvent", "late", timer("duration", "PT0S")),
            node("intermediateCatchEvent", "paid", message()),
            node("receiveTask", "told", messageRef="message_told"),
            user_task("after_late"),
            user_task("after_paid"),
            user_task("after_told"),
            path("start", "first", "late", "after_late", "end"),
            path("first", "paid", "after_paid", "end"),
            path("first", "told", "after_told", "end"),
            id_="gateway",
            definitions=definitions + message_definition("told"),
        ),
        start_and_end(
            user_task("task"),
            boundary("one", "task", timer("duration", "PT0S")),
            boundary("two", "task", timer("duration", "PT0S")),
            user_task("after_one"),
            user_task("after_two"),
            path("start", "task", "end"),
            path("one", "after_one", "end"),
            path("two", "after_two", "end"),
            id_="two-timers",
        ),
        start_and_end(
            user_task("task"),
            path("start", "task", "end"),
            event_subprocess("by_message", message()),
            event_subprocess("by_signal", signal()),
            event_subprocess("by_time", timer("duration", "PT0S")),
            id_="guarded",
            definitions=definitions,
        ),
        start_and_end(
            user_task("task"),
            boundary("note", "task", message(), interrupting=False),
            user_task("aside"),
            path("start", "task", "end"),
            flow("note", "aside"),
            id_="noted",
            definitions=definitions,
        ),
    )


def started(process_id: str, loan: str) -> int:
    return instances.start(process_id=process_id, variables={"loan": loan}, actor=ACTOR).key


def due(key: int) -> list[DueTimer]:
    found = rows("SELECT key, instance_key, due_at FROM timer WHERE instance_key = %(key)s ORDER BY key", key=key)
    return [DueTimer(*row) for row in found]


def open_waits(key: int) -> list[object]:
    return rows(
        "SELECT key FROM timer WHERE instance_key = %(key)s UNION ALL "
        "SELECT key FROM event_subscription WHERE instance_key = %(key)s",
        key=key,
    )


def won(outcome: object) -> bool:
    return outcome is not False and not isinstance(outcome, CommandError)


def test_behind_a_gateway_the_first_event_wins_exactly_once(app: Flask) -> None:
    winners: Counter[str] = Counter()
    for number in range(ROUNDS):
        loan = f"g-{number}"
        key = started("gateway", loan)
        (timer_,) = due(key)
        outcomes = at_once(
            app,
            lambda timer_=timer_: timers.fire(timer_),
            lambda loan=loan: messages.correlate(name="paid", correlation_key=loan, actor=ACTOR),
            lambda loan=loan: messages.correlate(name="told", correlation_key=loan, actor=ACTOR),
            lambda timer_=timer_: timers.fire(timer_),
        )
        assert sum(won(outcome) for outcome in outcomes) == 1, outcomes
        (element,) = active_elements(key)
        winners[element] += 1
        assert open_waits(key) == []
        user_tasks.complete(task_key=open_task(key, element), actor=ACTOR)
        assert state(key) == "COMPLETED"
    assert set(winners) <= {"after_late", "after_paid", "after_told"}


def test_of_two_boundary_timers_due_at_the_same_instant_one_fires(app: Flask) -> None:
    for number in range(ROUNDS):
        key = started("two-timers", f"t-{number}")
        both = due(key)
        assert len({timer_.due_at for timer_ in both}) == 1
        outcomes = at_once(app, *(lambda timer_=timer_: timers.fire(timer_) for timer_ in both))
        assert Counter(outcomes) == {True: 1, False: 1}
        (element,) = active_elements(key)
        assert element == ("after_one" if outcomes[0] else "after_two")
        assert open_waits(key) == []


def test_the_clock_fires_one_of_them_and_leaves_no_timer_behind() -> None:
    key = started("two-timers", "clock")
    mine = [timer_ for timer_ in timers.claim_due(100) if timer_.instance_key == key]
    assert [timers.fire(timer_) for timer_ in mine] == [True, False]
    assert active_elements(key) == {"after_one"}


def test_the_end_of_the_work_and_the_events_that_interrupt_it_meet_in_some_order(app: Flask) -> None:
    for number in range(ROUNDS):
        loan = f"e-{number}"
        key = started("guarded", loan)
        (timer_,) = due(key)
        task = open_task(key)
        outcomes = at_once(
            app,
            lambda task=task: user_tasks.complete(task_key=task, actor="anna"),
            lambda loan=loan: messages.correlate(name="paid", correlation_key=loan, actor=ACTOR),
            lambda timer_=timer_: timers.fire(timer_),
            lambda: signals.broadcast(name="rates", actor=ACTOR),
        )
        completed, by_message, by_time, _ = map(won, outcomes)
        assert open_waits(key) == []
        handlers = active_elements(key) - {"by_message", "by_signal", "by_time"}
        if completed:
            assert (state(key), handlers, by_message, by_time) == ("COMPLETED", set(), False, False)
        else:
            assert len(handlers) == 1
            assert {"by_message_task": by_message, "by_time_task": by_time}.get(handlers.pop(), True)
            assert by_message + by_time <= 1
            handler = one("SELECT key FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED'", key=key)
            user_tasks.complete(task_key=handler, actor=ACTOR)
            assert state(key) == "COMPLETED"


def test_every_message_that_arrives_at_once_starts_its_own_path(app: Flask) -> None:
    key = started("noted", "many")
    outcomes = at_once(app, *[lambda: messages.correlate(name="paid", correlation_key="many", actor=ACTOR)] * 5)
    assert all(won(outcome) for outcome in outcomes)
    aside = "SELECT count(*) FROM user_task WHERE instance_key = %(key)s AND element_id = 'aside'"
    assert one(aside, key=key) == 5
