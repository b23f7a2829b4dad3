"""Modification and migration of instances with event subprocesses and conditional events."""

from __future__ import annotations

import datetime as dt
from typing import Any

from server.bpmn import Activate, Execution, Move, ProcessModel, ReturnTo, Terminate, VariableInstruction
from server.bpmn.effects import SubscriptionOpened, TimerCleared, TimerSet

from .diagrams import (
    END,
    NOW,
    START,
    World,
    boundary,
    condition,
    event_subprocess,
    link,
    message,
    message_definition,
    model,
    node,
    path,
    subprocess_,
    timer,
)
from .test_migration import migrate, refusals
from .test_modification import modify, refusal, tasks


def guarded(*, interrupting: bool = True, days: int = 2, handler: str = "alarm") -> ProcessModel:
    """A process with a subprocess that an event subprocess guards."""
    inside = node("startEvent", "s") + tasks("i", "j") + node("endEvent", "e") + path("s", "i", "j", "e")
    alarm = event_subprocess(handler, timer("duration", f"P{days}D"), interrupting=interrupting)
    return model(START, tasks("a"), subprocess_("sub", inside, alarm), END, path("start", "a", "sub", "end"))


# -- modification -----------------------------------------------------------------------------------------------


def test_a_scope_that_is_opened_by_hand_awaits_its_event_subprocesses():
    world = modify(World(guarded()).start(), Move("j", source_id="a"))
    assert world.waiting() == ["alarm_start", "j", "sub"]
    assert [e.element_id for e in world.of(TimerSet)] == ["alarm_start"]
    world.do("fire_timer", "alarm_start")
    assert world.waiting() == ["alarm", "alarm_task", "sub"]


def test_a_scope_with_nothing_but_its_handlers_waits_is_terminated():
    world = World(guarded()).start().do("complete_user_task", "a", {})
    modify(world, Terminate("i"), Activate("a"))
    assert world.waiting() == ["a"]
    assert len(world.of(TimerCleared)) == 1


def test_a_return_from_a_handler_that_interrupted_arms_it_again():
    world = World(guarded()).start().do("complete_user_task", "a", {}).do("fire_timer", "alarm_start")
    modify(world, ReturnTo("i", source_key=world.key("alarm_task")))
    assert world.waiting() == ["alarm_start", "i", "sub"]
    world.do("complete_user_task", "i", {}).do("fire_timer", "alarm_start")
    modify(world, ReturnTo("i"))
    assert world.waiting() == ["alarm_start", "i", "sub"]
    for element in ("i", "j"):
        world.do("complete_user_task", element, {})
    assert world.completed


def test_a_handler_beside_the_work_stays_unless_one_returns_from_it():
    world = World(guarded(interrupting=False)).start().do("complete_user_task", "a", {}).do("fire_timer", "alarm_start")
    world.do("complete_user_task", "i", {})
    modify(world, ReturnTo("i"))
    assert world.waiting() == ["alarm", "alarm_task", "i", "sub"]
    modify(world, Move("j", source_id="i"))
    modify(world, ReturnTo("a"))
    assert world.waiting() == ["a"]


def test_a_handler_is_started_by_its_start_event_not_as_an_element():
    world = World(guarded(interrupting=False)).start().do("complete_user_task", "a", {})
    assert refusal(world, Activate("alarm")) == "bpmn.modify-event-subprocess"
    world = World(guarded(interrupting=False)).start().do("complete_user_task", "a", {})
    modify(world, Activate("alarm_start"))
    assert world.waiting() == ["alarm", "alarm_start", "alarm_task", "i", "sub"]
    modify(world, Activate("alarm_task", ancestor_key=world.key("sub")))
    assert len(world.keys("alarm")) == 2
    for element in ("alarm_task", "i", "alarm_task", "j"):
        world.do("complete_user_task", element, {})
    assert world.completed


def test_an_instance_that_starts_elsewhere_awaits_its_handlers():
    process = model(
        START, tasks("a", "b"), event_subprocess("paid", message()), END, path("start", "a", "b", "end"),
        definitions=message_definition(),
    )  # fmt: skip
    world = World(process)
    world.execution = Execution.start(
        process, world.services(), instance_key=100, variables={"loan": "L"}, activate=["b"]
    )
    world._store()
    assert [e.correlation_key for e in world.of(SubscriptionOpened)] == ["L"]
    world.do("deliver_message", "paid_start", {})
    assert world.waiting() == ["paid", "paid_task"]


def test_variables_of_a_modification_let_conditions_happen():
    process = model(
        START, tasks("a", "b", "c"), boundary("rich", "a", condition("amount > 5"), interrupting=False), END,
        path("start", "a", "b", "end"), path("rich", "c", "end"),
    )  # fmt: skip
    world = World(process).start(amount=1)
    modify(world, Activate("b", (VariableInstruction({"amount": 9}),)))
    assert world.waiting() == ["a", "b", "c", "rich"]


def test_a_return_follows_links():
    process = model(
        START, tasks("a", "b"), END,
        node("intermediateThrowEvent", "out", link()), node("intermediateCatchEvent", "into", link()),
        path("start", "a", "out"), path("into", "b", "end"),
    )  # fmt: skip
    world = World(process).start().do("complete_user_task", "a", {})
    modify(world, ReturnTo("a"))
    assert world.waiting() == ["a"]


# -- migration --------------------------------------------------------------------------------------------------


def test_the_wait_of_a_handler_goes_over_with_its_due_date():
    world = World(guarded()).start().do("complete_user_task", "a", {})
    wait = world.key("alarm_start")
    world.now = NOW + dt.timedelta(days=1)
    migrate(world, guarded(days=9))
    assert world.keys("alarm_start") == [wait]
    assert not world.of(TimerSet) + world.of(TimerCleared)
    world.do("fire_timer", "alarm_start")
    assert world.waiting() == ["alarm", "alarm_task", "sub"]


def test_a_handler_that_is_gone_is_closed_and_a_new_one_armed_also_at_the_process():
    world = World(guarded()).start(loan="L").do("complete_user_task", "a", {})
    inside = node("startEvent", "s") + tasks("i", "j") + node("endEvent", "e") + path("s", "i", "j", "e")
    target = model(
        START, tasks("a"), subprocess_("sub", inside), event_subprocess("paid", message()), END,
        path("start", "a", "sub", "end"), definitions=message_definition(),
    )  # fmt: skip
    migrate(world, target)
    assert world.waiting() == ["i", "paid_start", "sub"]
    assert len(world.of(TimerCleared)) == len(world.of(SubscriptionOpened)) == 1
    world.do("deliver_message", "paid_start", {})
    assert world.waiting() == ["paid", "paid_task"]


def test_a_running_handler_goes_over_and_an_interrupted_scope_stays_so():
    world = World(guarded()).start().do("complete_user_task", "a", {}).do("fire_timer", "alarm_start")
    migrate(world, guarded(days=9))
    assert world.waiting() == ["alarm", "alarm_task", "sub"]
    assert not world.of(TimerSet)
    world.do("complete_user_task", "alarm_task", {})
    assert world.completed


def test_a_running_handler_without_a_counterpart_is_refused():
    world = World(guarded()).start().do("complete_user_task", "a", {}).do("fire_timer", "alarm_start")
    expected = {"alarm": "bpmn.migrate-not-mapped", "alarm_task": "bpmn.migrate-not-mapped"}
    mapping = {"a": "a", "sub": "sub", "i": "i"}
    assert refusals(world, guarded(handler="other"), mapping) == expected


def conditional(text: str) -> ProcessModel:
    return model(
        START, tasks("a", "b"), boundary("rich", "a", condition(text)), END,
        path("start", "a", "end"), path("rich", "b", "end"),
    )  # fmt: skip


def test_a_condition_is_asked_by_the_target():
    def waits(text: str, **variables: Any) -> World:
        world = World(conditional("amount > 5")).start(amount=1, **variables)
        return migrate(world, conditional(text))

    world = waits("amount > 7")
    assert world.waiting() == ["a", "rich"]
    world.execution.set_variables(100, {"amount": 6})
    world._store()
    assert world.waiting() == ["a", "rich"]
    world.execution.set_variables(100, {"amount": 8})
    world._store()
    assert world.waiting() == ["b"]
    assert waits("amount > 0").waiting() == ["b"]
