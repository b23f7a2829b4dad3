"""What stood still with an incident is tried again from where it failed: nothing that has been done is done twice."""

from __future__ import annotations

import pytest

from server.bpmn.effects import IncidentRaised

from .diagrams import (
    END,
    START,
    World,
    condition,
    event_subprocess,
    flow,
    io,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    script,
)

COUNTING = io(("output", "n + x", "n"))
LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=xs" inputElement="x" outputCollection="results"'
    ' outputElement="=x + bonus"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)


def undecided(step: str, definitions: str = ""):
    """A step with two conditional ways out, none of which is true at first."""
    return model(
        START,
        step,
        END,
        node("endEvent", "other"),
        path("start", "step"),
        flow("step", "end", 'way = "end"'),
        flow("step", "other", 'way = "other"'),
        definitions=definitions,
    )


def decide(world: World) -> World:
    assert [e.error_type for e in world.of(IncidentRaised)] == ["CONDITION_ERROR"]
    world.execution.set_variables(100, {"way": "end"})
    world._store()
    return world.do("retry", "step")


@pytest.mark.parametrize(
    ("step", "stimulus"),
    [
        (node("scriptTask", "step", ext=script("n + x", "n")), None),
        (node("userTask", "step", ext=COUNTING), "complete_user_task"),
        (node("serviceTask", "step", ext=job("count") + COUNTING), "complete_job"),
        (node("intermediateCatchEvent", "step", message(), ext=COUNTING), "deliver_message"),
        (node("receiveTask", "step", ext=COUNTING, messageRef="message_paid"), "deliver_message"),
    ],
)
def test_results_are_handed_over_once_when_no_way_out_was_open(step, stimulus):
    world = World(undecided(step, message_definition())).start(n=1, x=5, way="?", loan="L")
    if stimulus:
        world.do(stimulus, "step", {})
    assert world["n"] == 6
    decide(world)
    assert world.completed
    assert world["n"] == 6


def test_a_multi_instance_activity_whose_way_out_was_not_open_keeps_its_results():
    step = node("serviceTask", "step", LOOP, ext=job("count"))
    world = World(undecided(step)).start(xs=[1], bonus=1, way="?")
    world.execution.complete_job(world.keys("step")[1], {})
    world._store()
    decide(world)
    assert world.completed
    assert world["results"] == [2]


def test_an_output_element_that_fails_does_not_repeat_the_outputs():
    step = node("serviceTask", "step", LOOP, ext=job("count") + COUNTING)
    world = World(model(START, step, END, path("start", "step", "end"))).start(xs=[1, 2], n=0)
    instances = world.keys("step")[1:]
    for key in instances:
        world.execution.complete_job(key, {})
        world._store()
    assert world["n"] == 3
    world.execution.set_variables(100, {"bonus": 1})
    for key in instances:
        world.execution.retry(key)
    assert world["n"] == 3
    assert world["results"] == [2, 3]


def test_the_outputs_of_an_event_subprocess_are_made_once():
    inside = (
        node("userTask", "a"),
        node("endEvent", "ea"),
        flow("late_start", "a", 'way = "a"'),
        path("a", "ea"),
    )
    process = model(
        START,
        node("userTask", "work"),
        END,
        path("start", "work", "end"),
        event_subprocess("late", condition("go = true"), *inside, start_ext=io(("output", "n + 1", "n"))),
    )
    world = World(process).start(n=0, go=False, way="?")
    world.execution.set_variables(100, {"go": True})
    world._store()
    world.execution.set_variables(100, {"way": "a"})
    world.do("retry", "late_start")
    assert world.execution.local_variables(world.key("late")) == {"n": 1}
