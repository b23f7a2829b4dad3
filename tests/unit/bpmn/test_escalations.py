"""Escalations: thrown outward to the nearest that catches them, and passed over where nobody does."""

from __future__ import annotations

import pytest

from server.bpmn import NotWaiting
from server.bpmn.effects import CallCancelled, EscalationEscaped, FlowTaken, IncidentRaised, ProcessEnded

from .diagrams import (
    END,
    START,
    World,
    boundary,
    escalation,
    escalation_definition,
    event_subprocess,
    flow,
    io,
    model,
    node,
    path,
    subprocess_,
)

DEFINITIONS = escalation_definition("LATE") + escalation_definition("LOST")
THROW = node("intermediateThrowEvent", "throw", escalation(), ext=io(("input", "loan", "about")))
CALL = node("callActivity", "call", ext='<zeebe:calledElement processId="child"/>')


def process(*inside: str):
    return model(*inside, definitions=DEFINITIONS)


def throwing_inside(*boundaries: str, more: str = ""):
    """A subprocess that escalates and then has a task; its boundary events lead to tasks of their own."""
    inner = (node("startEvent", "s"), THROW, node("userTask", "t"), node("endEvent", "e"), path("s", "throw", "t", "e"))
    handlers = []
    for text in boundaries:
        id_ = text.split('id="')[1].split('"')[0]
        handlers += [text, node("userTask", f"{id_}_task"), flow(id_, f"{id_}_task")]
    return process(START, subprocess_("sub", *inner, more), *handlers, END, path("start", "sub", "end"))


def test_an_interrupting_boundary_event_takes_the_subprocess_away_with_what_threw():
    world = World(throwing_inside(boundary("b", "sub", escalation()))).start(loan="L")
    assert world.waiting() == ["b_task"]
    assert "throw_t" not in [taken.flow_id for taken in world.of(FlowTaken)], "the throw did not go on"
    assert world["about"] == "L"


def test_after_one_that_does_not_interrupt_both_go_on():
    world = World(throwing_inside(boundary("b", "sub", escalation(), interrupting=False))).start(loan="L")
    assert world.waiting() == ["b_task", "sub", "t"]


def test_an_escalation_that_nobody_catches_is_passed_over():
    world = World(throwing_inside(boundary("b", "sub", escalation("LOST")))).start(loan="L")
    assert world.waiting() == ["sub", "t"]
    assert not world.of(IncidentRaised)
    assert not world.of(EscalationEscaped)


def test_the_very_code_comes_before_one_that_catches_all():
    world = World(throwing_inside(boundary("all", "sub", escalation(None)), boundary("b", "sub", escalation()))).start(
        loan="L"
    )
    assert world.waiting() == ["b_task"]
    world = World(throwing_inside(boundary("all", "sub", escalation(None)))).start(loan="L")
    assert world.waiting() == ["all_task"]


def test_an_event_subprocess_inside_comes_before_the_boundary_event():
    shape = throwing_inside(boundary("b", "sub", escalation()), more=event_subprocess("esp", escalation(None)))
    world = World(shape).start(loan="L")
    assert world.waiting() == ["esp", "esp_task", "sub"]
    assert world.do("complete_user_task", "esp_task", {}).completed


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_event_subprocess_does_not_catch_what_it_throws_itself(interrupting):
    again = (node("endEvent", "again", escalation()), flow("esp_start", "again"))
    handler = event_subprocess("esp", escalation(), *again, interrupting=interrupting)
    world = World(throwing_inside(boundary("b", "sub", escalation()), more=handler)).start(loan="L")
    assert world.waiting() == ["b_task"]


def test_an_escalation_end_event_ends_its_own_path_and_leaves_the_others():
    inner = (
        node("startEvent", "s"),
        node("userTask", "slow"),
        node("endEvent", "late", escalation()),
        flow("s", "slow"),
        flow("s", "late"),
    )
    shape = process(
        START,
        subprocess_("sub", *inner),
        boundary("b", "sub", escalation(), interrupting=False),
        node("userTask", "b_task"),
        END,
        path("start", "sub", "end"),
        flow("b", "b_task"),
    )
    assert World(shape).start().waiting() == ["b_task", "slow", "sub"]


def test_the_code_may_be_an_expression_where_it_is_thrown():
    dynamic = '<bpmn:escalation id="escalation_any" escalationCode="=upper case(code)"/>'
    throw = node("endEvent", "throw", escalation("any"))
    shape = model(
        START,
        subprocess_("sub", node("startEvent", "s"), throw, flow("s", "throw")),
        boundary("b", "sub", escalation()),
        node("userTask", "b_task"),
        END,
        path("start", "sub", "end"),
        flow("b", "b_task"),
        definitions=DEFINITIONS + dynamic,
    )
    assert World(shape).start(code="late").waiting() == ["b_task"]
    assert World(shape).start(code="other").completed
    (raised,) = World(shape).start(code="").of(IncidentRaised)
    assert (raised.element_id, raised.error_type) == ("throw", "EXTRACT_VALUE_ERROR")


def test_a_retry_of_what_follows_does_not_throw_again():
    throw = node("intermediateThrowEvent", "throw", escalation(), ext=io(("output", "missing + 1", "x")))
    inner = (node("startEvent", "s"), throw, node("endEvent", "e"), path("s", "throw", "e"))
    shape = process(
        START,
        subprocess_("sub", *inner),
        boundary("b", "sub", escalation(), interrupting=False),
        node("userTask", "b_task"),
        END,
        path("start", "sub", "end"),
        flow("b", "b_task"),
    )
    world = World(shape).start()
    assert world.of(IncidentRaised)[0].element_id == "throw"
    world.execution.set_variables(100, {"missing": 1})
    world.do("retry", "throw")
    assert world.waiting() == ["b_task"]


PLAIN = (START, THROW, node("userTask", "t"), END, path("start", "throw", "t", "end"))


def test_the_caller_is_told_and_the_instance_goes_on_where_the_call_is_not_interrupted():
    world = World(process(*PLAIN))
    world.escalations_of_caller = {"LATE": False}
    world.start(loan="L")
    assert world.of(EscalationEscaped) == [EscalationEscaped("LATE", {"about": "L"}, False)]
    assert world.waiting() == ["t"]


def test_the_instance_ends_where_the_caller_interrupts_the_call():
    world = World(process(*PLAIN))
    world.escalations_of_caller = {"LATE": True}
    world.start(loan="L")
    assert world.of(EscalationEscaped) == [EscalationEscaped("LATE", {"about": "L"}, True)]
    assert world.of(ProcessEnded)[0].completed is False
    assert world.execution.ended


def calling(*, interrupting: bool):
    return process(
        START,
        CALL,
        boundary("b", "call", escalation(), interrupting=interrupting),
        node("userTask", "b_task"),
        END,
        path("start", "call", "end"),
        flow("b", "b_task"),
    )


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_call_activity_passes_on_what_the_called_instance_throws(interrupting):
    world = World(calling(interrupting=interrupting)).start()
    key = world.key("call")
    assert world.execution.catches_escalation(key, "LATE") is interrupting
    assert world.execution.catches_escalation(key, "LOST") is None
    world.do("escalate", "call", "LATE", {"about": "L"})
    assert world["about"] == "L"
    if interrupting:
        assert world.waiting() == ["b_task"]
        assert world.of(CallCancelled)
    else:
        assert world.waiting() == ["b_task", "call"]
        assert world.do("call_ended", "call", {}).waiting() == ["b_task"]


def test_only_an_open_call_can_escalate():
    world = World(calling(interrupting=False)).start()
    key = world.key("call")
    world.do("call_ended", "call", {})
    with pytest.raises(NotWaiting):
        world.execution.escalate(key, "LATE", {})
