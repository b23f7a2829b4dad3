"""Escalations through call activities: to the caller, or its caller, interrupting the call or beside it."""

from __future__ import annotations

import pytest

from server.runtime import instances
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import (
    boundary,
    escalation,
    escalation_definition,
    event_subprocess,
    flow,
    io,
    signal,
    signal_definition,
)
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
    variables,
)

pytestmark = pytest.mark.usefixtures("app")
DEFINITIONS = escalation_definition()
THROW = node("intermediateThrowEvent", "throw", escalation(), ext=io(("input", "loan", "about")))


def call(process_id: str) -> str:
    return node("callActivity", "call", ext=f'<zeebe:calledElement processId="{process_id}"/>')


def caller(id_: str, called: str, *, interrupting: bool) -> bytes:
    return start_and_end(
        call(called),
        boundary("caught", "call", escalation(), interrupting=interrupting),
        user_task("handle"),
        path("start", "call", "end"),
        flow("caught", "handle"),
        id_=id_,
        definitions=DEFINITIONS,
    )


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A child that escalates and goes on, one that escalates with its end; callers near and far."""
    deploy(
        line(("throw", THROW), ("task", user_task("task")), id_="late", definitions=DEFINITIONS),
        start_and_end(
            node("endEvent", "stop", escalation()), path("start", "stop"), id_="late-end", definitions=DEFINITIONS
        ).replace(b'<bpmn:endEvent id="end"></bpmn:endEvent>', b""),
        line(
            ("throw", THROW),
            ("shout", node("intermediateThrowEvent", "shout", signal())),
            id_="loud",
            definitions=DEFINITIONS + signal_definition(),
        ),
        caller("interrupting", "late", interrupting=True),
        caller("beside", "late", interrupting=False),
        caller("beside-end", "late-end", interrupting=False),
        caller("interrupting-end", "late-end", interrupting=True),
        caller("quiet", "loud", interrupting=True),
        line(("call", call("late")), id_="between"),
        caller("far", "between", interrupting=True),
        caller("far-beside", "between", interrupting=False),
        start_and_end(
            call("late"),
            path("start", "call", "end"),
            event_subprocess("esp", escalation(None), interrupting=False),
            id_="own",
            definitions=DEFINITIONS,
        ),
        line(("call", call("late")), id_="deaf"),
        line(
            ("listen", node("intermediateCatchEvent", "listen", signal())),
            id_="listening",
            definitions=signal_definition(),
        ),
    )


def started(process_id: str) -> int:
    return instances.start(process_id=process_id, variables={"loan": "L"}, actor=ACTOR).key


def child_of(key: int) -> int:
    return int(one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key))


def test_a_caller_that_interrupts_ends_the_called_instance() -> None:
    key = started("interrupting")
    assert active_elements(key) == {"handle"}
    assert state(child_of(key)) == "TERMINATED"
    assert active_elements(child_of(key)) == set()
    assert variables(key)["about"] == "L"


def test_a_caller_that_does_not_interrupt_goes_on_beside_the_called_instance() -> None:
    key = started("beside")
    child = child_of(key)
    assert active_elements(key) == {"call", "handle"}
    assert active_elements(child) == {"task"}
    user_tasks.complete(task_key=open_task(child), actor=ACTOR)
    assert active_elements(key) == {"handle"}
    user_tasks.complete(task_key=open_task(key, "handle"), actor=ACTOR)
    assert state(key) == "COMPLETED"


def test_an_escalation_with_the_end_of_the_called_instance_comes_before_that_end() -> None:
    key = started("beside-end")
    assert state(child_of(key)) == "COMPLETED"
    assert active_elements(key) == {"handle"}
    key = started("interrupting-end")
    assert state(child_of(key)) == "TERMINATED"
    assert active_elements(key) == {"handle"}


def test_what_follows_an_interrupting_throw_does_not_happen() -> None:
    listening = started("listening")
    started("quiet")
    assert state(listening) == "ACTIVE"


@pytest.mark.parametrize(("process_id", "between"), [("far", "TERMINATED"), ("far-beside", "ACTIVE")])
def test_it_travels_through_callers_that_do_not_catch_it(process_id: str, between: str) -> None:
    key = started(process_id)
    middle = child_of(key)
    assert "handle" in active_elements(key)
    assert (state(middle), state(child_of(middle))) == (between, between)


def test_an_event_subprocess_of_the_caller_catches_it() -> None:
    key = started("own")
    assert active_elements(key) == {"call", "esp", "esp_task"}


def test_nobody_catches_it_and_the_called_instance_goes_on() -> None:
    key = started("deaf")
    assert active_elements(key) == {"call"}
    assert active_elements(child_of(key)) == {"task"}
    assert rows("SELECT 1 FROM incident WHERE root_key = %(key)s", key=key) == []
