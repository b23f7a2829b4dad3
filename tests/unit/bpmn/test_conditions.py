"""Conditional events: asked on entry and when a variable that they read changes; they happen on becoming true."""

from __future__ import annotations

import pytest

from server.bpmn import NotWaiting
from server.bpmn.effects import (
    CallOpened,
    ElementActivated,
    IncidentCleared,
    IncidentRaised,
    JobOpened,
    TimerCleared,
    TimerSet,
    UserTaskOpened,
)
from server.bpmn.expressions import FeelScriptEngine

from .diagrams import (
    END,
    START,
    World,
    boundary,
    condition,
    event_subprocess,
    flow,
    io,
    job,
    message_definition,
    model,
    node,
    path,
    script,
    subprocess_,
    timer,
)

INNER = (node("startEvent", "s"), node("userTask", "t"), node("endEvent", "e"), path("s", "t", "e"))


def catching(definition: str):
    catch = node("intermediateCatchEvent", "wait", definition)
    return model(START, catch, END, path("start", "wait", "end"))


def guarded(definition: str, *, interrupting: bool = True, host: str = node("userTask", "work")):
    return model(
        START,
        host,
        boundary("event", "work", definition, interrupting=interrupting),
        node("userTask", "handle"),
        END,
        path("start", "work", "end"),
        flow("event", "handle"),
    )


def set_(world: World, **variables: object) -> World:
    world.execution.set_variables(100, variables)
    world._store()
    return world


def test_a_condition_that_is_true_on_entry_is_passed_at_once():
    assert World(catching(condition("x > 1"))).start(x=2).completed


def test_it_waits_until_a_variable_it_reads_makes_it_true():
    world = World(catching(condition("x > 1 and y"))).start(x=1, y=True)
    assert world.waiting() == ["wait"]
    assert set_(world, z=5).waiting() == ["wait"]
    assert set_(world, x=2).completed


def test_a_variable_that_does_not_exist_yet_is_waited_for():
    world = World(catching(condition("decision.approved"))).start()
    assert not world.of(IncidentRaised)
    assert set_(world, decision={"approved": True}).completed


def test_only_conditions_that_read_what_has_changed_are_asked(monkeypatch):
    asked: list[str] = []
    holds = FeelScriptEngine.holds
    monkeypatch.setattr(FeelScriptEngine, "holds", lambda self, c, *rest: asked.append(c.text) or holds(self, c, *rest))
    shape = model(
        START,
        node("userTask", "work"),
        *(boundary(f"b{n}", "work", condition(f"v{n} > 1"), interrupting=False) for n in range(3)),
        *(node("userTask", f"h{n}") for n in range(3)),
        *(flow(f"b{n}", f"h{n}") for n in range(3)),
        END,
        path("start", "work", "end"),
    )
    world = World(shape).start(v0=0, v1=0, v2=0)
    assert asked == ["=v0 > 1", "=v1 > 1", "=v2 > 1"]
    asked.clear()
    set_(world, v1=5, other=1)
    assert asked == ["=v1 > 1"]
    assert world.waiting() == ["b0", "b1", "b2", "h1", "work"]


def test_a_job_result_triggers_a_condition_on_another_branch():
    shape = model(
        START,
        node("userTask", "work"),
        boundary("event", "work", condition("cancelled = true")),
        node("serviceTask", "check", ext=job("check")),
        node("userTask", "handle"),
        END,
        flow("start", "work"),
        flow("start", "check"),
        flow("work", "end"),
        flow("check", "end"),
        flow("event", "handle"),
    )
    world = World(shape).start().do("complete_job", "check", {"cancelled": True})
    assert world.waiting() == ["handle"]


def test_a_script_between_makes_it_true_in_the_same_command():
    shape = model(
        START,
        node("scriptTask", "count", ext=script("5", "x")),
        node("userTask", "rest"),
        END,
        path("start", "count", "rest", "end"),
        event_subprocess("esp", condition("x > 1")),
    )
    world = World(shape).start(x=0)
    assert world.waiting() == ["esp", "esp_task"]


def test_an_activity_does_not_trigger_its_own_boundary_event_by_completing():
    world = World(guarded(condition("x > 10"), host=node("serviceTask", "work", ext=job("j")))).start(x=1)
    assert world.do("complete_job", "work", {"x": 11}).completed


def test_its_input_mappings_do_trigger_it():
    host = node("userTask", "work", ext=io(("input", "11", "x")))
    assert World(guarded(condition("x > 10"), host=host)).start().waiting() == ["handle"]


def test_an_activity_that_is_interrupted_on_entry_never_opens():
    for host, effect in (
        (node("userTask", "work"), UserTaskOpened),
        (node("serviceTask", "work", ext=job("j")), JobOpened),
        (node("callActivity", "work", ext='<zeebe:calledElement processId="other"/>'), CallOpened),
    ):
        world = World(guarded(condition("x > 10"), host=host)).start(x=11)
        assert world.waiting() == ["handle"]
        assert not [e for e in world.of(effect) if e.element_id == "work"]


def test_one_that_does_not_interrupt_happens_each_time_the_condition_becomes_true():
    world = World(guarded(condition("x > 10"), interrupting=False)).start(x=11)
    assert world.waiting() == ["event", "handle", "work"], "true on entry"
    assert len(set_(world, x=12).keys("handle")) == 1, "it is still true"
    assert len(set_(world, x=5).keys("handle")) == 1
    assert len(set_(world, x=12).keys("handle")) == 2, "false in between"
    world.do("complete_user_task", "work", {})
    assert world.waiting() == ["handle", "handle"]


def test_one_command_that_changes_several_variables_triggers_it_once():
    world = World(guarded(condition("x > 10 or y > 5"), interrupting=False)).start(x=1, y=1)
    assert len(set_(world, x=11, y=6).keys("handle")) == 1


def test_an_outer_condition_is_asked_before_an_inner_one():
    inner = (node("startEvent", "s"), node("userTask", "t"), node("endEvent", "e"), path("s", "t", "e"))
    shape = model(
        START,
        subprocess_("sub", *inner, boundary("inside", "t", condition("x > 1")), node("userTask", "in_task")).replace(
            "</bpmn:subProcess>", flow("inside", "in_task") + "</bpmn:subProcess>"
        ),
        boundary("outside", "sub", condition("x > 1")),
        node("userTask", "out_task"),
        END,
        path("start", "sub", "end"),
        flow("outside", "out_task"),
    )
    assert set_(World(shape).start(x=0), x=2).waiting() == ["out_task"]


def test_a_local_variable_of_one_branch_triggers_nothing_elsewhere():
    shape = model(
        START,
        node("userTask", "a"),
        node("userTask", "b"),
        boundary("on_a", "a", condition("x > 1")),
        boundary("on_b", "b", condition("x > 1")),
        node("userTask", "ha"),
        node("userTask", "hb"),
        flow("start", "a"),
        flow("start", "b"),
        flow("on_a", "ha"),
        flow("on_b", "hb"),
    )
    world = World(shape).start()
    world.execution.set_variables(world.key("a"), {"x": 5}, local=True)
    world._store()
    assert world.waiting() == ["b", "ha", "on_b"]


@pytest.mark.parametrize(("events", "first", "second"), [("create", True, False), ("update", False, True)])
def test_a_filter_may_name_the_kind_of_change(events, first, second):
    world = World(guarded(condition("x > 1", events=events))).start()
    assert (set_(world, x=2).waiting() == ["handle"]) is first
    if not first:
        assert (set_(world, x=3).waiting() == ["handle"]) is second

    world = World(guarded(condition("x > 1", events=events))).start(x=0)
    assert (set_(world, x=2).waiting() == ["handle"]) is (events == "update")


def test_a_filter_may_name_the_variables_that_ask_it_again():
    world = World(guarded(condition("x > 1", names="released"))).start(x=0)
    assert set_(world, x=5).waiting() == ["event", "work"]
    assert set_(world, released=True).waiting() == ["handle"]


def test_a_condition_without_a_value_on_entry_is_an_incident():
    world = World(catching(condition("x > 1"))).start(x="many")
    (raised,) = world.of(IncidentRaised)
    assert (raised.element_id, raised.error_type) == ("wait", "CONDITION_ERROR")
    set_(world, x=2)
    assert world.do("retry", "wait").completed


def test_a_condition_that_loses_its_value_is_an_incident_on_the_wait_and_the_work_goes_on():
    world = set_(World(guarded(condition("x > 1"))).start(x=0), x="many")
    (raised,) = world.of(IncidentRaised)
    assert (raised.element_id, raised.error_type, raised.key) == ("event", "CONDITION_ERROR", world.key("event"))
    set_(world, x="none")
    assert not world.of(IncidentRaised), "the incident is open already"
    world.do("retry", "event")
    assert len(world.of(IncidentRaised)) == 1, "a retry that fails again is a new incident"
    set_(world, x=0)
    assert len(world.of(IncidentCleared)) == 1
    assert world.waiting() == ["event", "work"]
    assert set_(world, x=3).waiting() == ["handle"]


def test_a_wait_with_an_incident_goes_away_with_its_activity():
    world = set_(World(guarded(condition("x > 1"))).start(x=0), x="many")
    world.do("complete_user_task", "work", {})
    assert world.completed
    assert len(world.of(IncidentCleared)) == 1


def test_a_condition_that_could_not_be_awaited_is_not_asked_any_more():
    events = (
        boundary("low", "work", condition("n < 2"), interrupting=False),
        boundary("broken", "work", condition("n > limit"), interrupting=False),
    )
    process = model(START, node("userTask", "work"), *events, END, path("start", "work", "end"), flow("low", "end"))
    world = World(process).start(n=1, limit="none")
    assert [e.element_id for e in world.of(IncidentRaised)] == ["work"]
    world.execution.write_variables(100, {"limit": True})
    world.execution.retry(world.key("work"))  # fails again, and leaves nothing behind that a change could ask
    world.execution.set_variables(100, {"n": 1, "limit": 5})
    assert len(world.execution._instance.conditions.waits) == 0
    world.do("retry", "work")
    assert [e.element_id for e in world.of(ElementActivated)] == ["low", "end"]
    assert world.waiting() == ["broken", "low", "work"]


def test_the_first_of_a_condition_and_a_timer_behind_a_gateway_wins():
    shape = model(
        START,
        node("eventBasedGateway", "g"),
        node("intermediateCatchEvent", "ready", condition("x > 1")),
        node("intermediateCatchEvent", "late", timer("duration", "P1D")),
        node("userTask", "a"),
        node("userTask", "b"),
        path("start", "g", "ready", "a"),
        path("g", "late", "b"),
    )
    world = World(shape).start(x=0)
    late = world.key("late")
    assert set_(world, x=2).waiting() == ["a"]
    assert world.of(TimerCleared)
    with pytest.raises(NotWaiting):
        world.execution.fire_timer(late)
    world = World(shape).start(x=2)
    assert world.waiting() == ["a"]
    assert {t.key for t in world.of(TimerSet)} == {t.key for t in world.of(TimerCleared)}


def test_an_event_subprocess_that_is_due_on_entry_takes_the_start_away():
    shape = model(
        START, node("userTask", "work"), END, path("start", "work", "end"), event_subprocess("esp", condition("x > 1"))
    )
    world = World(shape).start(x=2)
    assert world.waiting() == ["esp", "esp_task"]
    assert [opened.element_id for opened in world.of(UserTaskOpened)] == ["esp_task"]
    inner = model(
        START,
        subprocess_("sub", *INNER, event_subprocess("esp", condition("x > 1"), interrupting=False)),
        END,
        path("start", "sub", "end"),
    )
    world = World(inner).start(x=0)
    set_(world, x=2)
    assert world.waiting() == ["esp", "esp_start", "esp_task", "sub", "t"]
    set_(world, x=0)
    assert len(set_(world, x=2).keys("esp")) == 2


def test_the_collected_results_of_a_multi_instance_activity_are_watched():
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics"
        ' inputCollection="=[1,2,3]" outputCollection="votes" outputElement="=vote"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    host = node("userTask", "work", loop)
    world = World(guarded(condition('count(votes[item = "no"]) > 1'), host=host)).start()
    work = world.keys("work")
    for key in work[1:3]:
        world.execution.complete_user_task(key, {"vote": "no"})
        world._store()
    assert world.waiting() == ["handle"]


def test_a_handler_that_makes_the_condition_false_and_true_again_is_stopped():
    again = event_subprocess(
        "esp",
        condition("x > 1"),
        node("scriptTask", "down", ext=script("0", "x")),
        node("scriptTask", "up", ext=script("2", "x")),
        path("esp_start", "down", "up"),
        interrupting=False,
    )
    world = World(model(START, node("userTask", "work"), flow("start", "work"), again)).start(x=2)
    assert world.of(IncidentRaised)[0].message.code == "bpmn.endless-loop"


def test_instances_without_conditions_note_no_changes():
    world = World(model(START, node("userTask", "t"), END, path("start", "t", "end"))).start(x=1)
    world.execution.complete_user_task(world.key("t"), {"x": 2, "y": 3})
    assert not world.execution._instance.conditions.changes


def test_a_conditional_start_event_belongs_to_the_definition():
    shape = model(node("startEvent", "cs", condition("amount > 100")), END, path("cs", "end"))
    (start,) = shape.start_events
    assert (start.kind, start.element_id) == ("conditional", "cs")
    assert start.condition is not None
    assert start.condition.condition.text == "=amount > 100"
    assert World(shape).start("cs", amount=500).completed


def test_a_wait_that_was_closed_is_not_asked_any_more():
    shape = model(
        START,
        node("userTask", "work"),
        boundary("event", "work", condition("x > 1")),
        node("userTask", "after"),
        node("userTask", "handle"),
        path("start", "work", "after"),
        flow("event", "handle"),
        definitions=message_definition(),
    )
    world = World(shape).start(x=0).do("complete_user_task", "work", {})
    assert not world.execution._instance.conditions.waits
    assert set_(world, x=2).waiting() == ["after"]


def test_variables_that_are_only_written_ask_nothing_before_the_instance_goes_on():
    world = World(guarded(condition("x > 1"))).start(x=0)
    world.execution.write_variables(100, {"x": 2})
    world._store()
    assert world.waiting() == ["event", "work"]
    world.execution.ask_conditions()
    world._store()
    assert world.waiting() == ["handle"]
