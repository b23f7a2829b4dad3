"""Subprocesses, multi-instance and call activities."""

from __future__ import annotations

import pytest

from server.bpmn.effects import (
    CallCancelled,
    CallOpened,
    ElementActivated,
    IncidentRaised,
    JobOpened,
    UserTaskClosed,
)
from server.messages import Message

from .diagrams import (
    END,
    START,
    World,
    boundary,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    script,
    subprocess_,
)


def withdrawable():
    inner = (
        node("startEvent", "s"),
        node("userTask", "a"),
        node("userTask", "b"),
        node("endEvent", "e"),
        path("s", "a", "b", "e"),
    )
    return model(
        START,
        subprocess_("sub", *inner, ext=io(("input", "loan", "local"), ("output", "local", "out"))),
        boundary("withdrawn", "sub", message()),
        node("userTask", "thanks"),
        END,
        path("start", "sub", "end"),
        flow("withdrawn", "thanks"),
        definitions=message_definition(),
    )


def test_a_subprocess_is_done_when_nothing_is_left_inside():
    world = World(withdrawable()).start(loan="L")
    assert world.waiting() == ["a", "sub", "withdrawn"]
    world.do("complete_user_task", "a", {"local": "changed"})
    world.do("complete_user_task", "b", {})
    assert world.completed
    assert world["out"] == "changed"
    assert "local" not in world.execution.variables[""]


def test_an_interrupting_message_takes_the_whole_subprocess_away():
    world = World(withdrawable()).start(loan="L").do("deliver_message", "withdrawn", {})
    assert world.waiting() == ["thanks"]
    assert not world.of(UserTaskClosed)[0].completed
    assert set(world.execution.variables) == {""}


def many(sequential: bool = False, extra: str = "", condition: str = ""):
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        '<bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=people" inputElement="person"'
        ' outputCollection="votes" outputElement="=vote"/></bpmn:extensionElements>'
        + (f"<bpmn:completionCondition>={condition}</bpmn:completionCondition>" if condition else "")
        + "</bpmn:multiInstanceLoopCharacteristics>"
    )
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=person"/>' + extra
    return model(START, node("userTask", "vote", loop, ext=ext), END, path("start", "vote", "end"))


def test_parallel_instances_are_all_open_and_their_outputs_are_collected_in_order():
    world = World(many(extra=io(("input", "null", "vote")))).start(people=["x", "y", "z"])
    assert [e.element_type for e in world.of(ElementActivated)][2:] == ["MULTI_INSTANCE_BODY"] + ["USER_TASK"] * 3
    for key in reversed(world.keys("vote")[1:]):
        person = world.execution.variables_of(key)["person"]
        world.execution.complete_user_task(key, {"vote": person.upper()})
    assert world.completed
    assert world["votes"] == ["X", "Y", "Z"]
    assert set(world.execution.variables[""]) == {"people", "votes"}


def test_sequential_instances_come_one_after_the_other():
    world = World(many(sequential=True)).start(people=["x", "y"])
    for expected in ("x", "y"):
        (key,) = world.keys("vote")[1:]
        assert world.execution.variables_of(key)["person"] == expected
        world.execution.complete_user_task(key, {"vote": expected})
    assert world.completed
    assert world["votes"] == ["x", "y"]


def test_a_completion_condition_ends_the_rest():
    world = World(many(condition="numberOfCompletedInstances >= 1")).start(people=["x", "y", "z"])
    world.execution.complete_user_task(world.keys("vote")[2], {"vote": 1})
    assert world.completed
    assert world["votes"] == [None, 1, None]


def test_an_empty_collection_is_done_at_once_and_a_wrong_one_is_an_incident():
    assert World(many()).start(people=[]).completed
    world = World(many()).start(people="nobody")
    assert world.of(IncidentRaised)[0].error_type == "EXTRACT_VALUE_ERROR"
    world.execution.set_variables(100, {"people": ["x"]})
    world.execution.retry(world.key("vote"))
    assert len(world.keys("vote")) == 2


def test_a_subprocess_may_have_several_instances():
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="n"'
        ' outputCollection="r" outputElement="=m"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    inner = (
        node("startEvent", "s"),
        node("scriptTask", "calc", ext=script("n * 10", "m")),
        node("serviceTask", "j", ext=job("j")),
        path("s", "calc", "j"),
    )
    ext = io(("input", "0", "m"))
    process = model(START, subprocess_("sub", loop, *inner, ext=ext), END, path("start", "sub", "end"))
    world = World(process).start()
    assert len(world.of(JobOpened)) == 2
    world.do("complete_job", "j", {}).do("complete_job", "j", {})
    assert world.completed
    assert world["r"] == [10, 20]


CALL = '<zeebe:calledElement processId="disbursement" propagateAllChildVariables="false"/>'


def calling(ext: str = CALL):
    return model(
        START,
        node("callActivity", "call", ext=ext),
        boundary("refused", "call", error()),
        node("userTask", "handle"),
        END,
        path("start", "call", "end"),
        flow("refused", "handle"),
        definitions=error_definition(),
    )


def test_a_call_activity_asks_for_an_instance_and_takes_only_mapped_results():
    world = World(calling(CALL + io(("output", "paid", "done")))).start(amount=5)
    (call,) = world.of(CallOpened)
    assert (call.process_id, call.variables) == ("disbursement", {"amount": 5})
    world.do("call_ended", "call", {"paid": True, "noise": 1})
    assert world.completed
    assert world.execution.variables[""] == {"amount": 5, "done": True}


def test_a_call_without_propagation_or_outputs_takes_nothing():
    world = World(calling()).start().do("call_ended", "call", {"noise": 1})
    assert world.completed
    assert world.execution.variables[""] == {}


def test_an_error_of_the_called_instance_is_caught_at_the_call():
    world = World(calling()).start()
    assert world.execution.catches_error(world.key("call"), "REFUSED")
    assert not world.execution.catches_error(world.key("call"), "OTHER")
    world.do("call_failed", "call", "REFUSED", Message("x", "拒", "no"), {})
    assert world.waiting() == ["handle"]
    assert not world.of(CallCancelled)


def test_a_call_to_an_unknown_process_is_an_incident_that_can_be_retried():
    world = World(calling()).start()
    key = world.key("call")
    world.execution.call_unavailable(key, Message("x", "没有", "absent"))
    world._store()
    assert world.of(IncidentRaised)[0].error_type == "CALLED_ELEMENT_ERROR"
    world.execution.retry(key)
    assert any(isinstance(e, CallOpened) for e in world.execution.effects)


def test_cancelling_cancels_the_called_instance():
    world = World(calling()).start()
    key = world.key("call")
    world.execution.cancel()
    assert [e.key for e in world.execution.effects if isinstance(e, CallCancelled)] == [key]


@pytest.mark.parametrize("count", [1, 200])
def test_the_snapshot_does_not_grow_with_what_has_passed(count):
    process = model(
        START,
        node("exclusiveGateway", "again"),
        node("userTask", "work"),
        path("start", "again", "work"),
        flow("work", "again"),
    )
    world = World(process).start()
    for _ in range(count):
        world.do("complete_user_task", "work", {"n": 1})
    assert len(world.execution.snapshot()) < 150
