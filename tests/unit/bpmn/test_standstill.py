"""Joins to which nothing can come any more: never silent, and never told of where something can still happen."""

from __future__ import annotations

import pytest

from server.bpmn import Activate, Modification, Move, Terminate
from server.bpmn.effects import ElementActivated, ElementEnded, IncidentCleared, IncidentRaised

from .diagrams import (
    END,
    START,
    World,
    boundary,
    condition,
    escalation,
    escalation_definition,
    event_subprocess,
    flow,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    signal,
    signal_definition,
    timer,
)


def lopsided():
    """One way is chosen, but the join wants both."""
    return model(
        START,
        node("userTask", "first"),
        node("exclusiveGateway", "which", default="which_b"),
        node("userTask", "a"),
        node("userTask", "b", name="Second look"),
        node("parallelGateway", "join", name="Both"),
        node("userTask", "last"),
        END,
        path("start", "first", "which", "b", "join", "last", "end"),
        flow("which", "a", "n = 1"),
        flow("a", "join"),
    )


def at_the_join(process=None) -> World:
    world = World(process or lopsided()).start(n=1)
    return world.do("complete_user_task", "first", {}).do("complete_user_task", "a", {})


def test_a_join_that_can_never_fire_is_an_incident_that_names_the_flows_it_lacks():
    world = at_the_join()
    assert world.waiting() == ["join"]
    (incident,) = world.of(IncidentRaised)
    assert (incident.element_id, incident.error_type, incident.message.code) == ("join", "UNKNOWN", "bpmn.stuck-join")
    for language in (incident.message.zh, incident.message.en):
        assert "‘Both’ (join)" in language
        assert "‘b_join’" in language
        assert "‘Second look’ (b)" in language
        assert "a_join" not in language


def never(*between: str, definitions: str = ""):
    """A join that never has all it wants, while a ``between`` is passed in another branch."""
    return model(
        START,
        node("parallelGateway", "split"),
        *between,
        node("exclusiveGateway", "which", default="which_end"),
        node("task", "never"),
        node("parallelGateway", "join"),
        END,
        path("start", "split", "join", "end"),
        path("split", "between", "which", "end"),
        flow("which", "never", "n > 5"),
        flow("never", "join"),
        definitions=definitions,
    )


@pytest.mark.parametrize(
    ("between", "stimulus", "given"),
    [
        (node("userTask", "between"), "complete_user_task", ({},)),
        (node("serviceTask", "between", ext=job("work")), "complete_job", ({},)),
        (node("callActivity", "between", ext='<zeebe:calledElement processId="other"/>'), "call_ended", ({},)),
        (node("receiveTask", "between", messageRef="message_paid"), "deliver_message", ({},)),
        (node("intermediateCatchEvent", "between", signal()), "deliver_signal", ({},)),
        (node("intermediateCatchEvent", "between", timer("duration", "P1D")), "fire_timer", ()),
    ],
)
def test_it_is_told_when_what_is_last_waited_for_elsewhere_has_happened(between, stimulus, given):
    world = World(never(between, definitions=message_definition() + signal_definition())).start(n=0, loan="L")
    assert not world.of(IncidentRaised)
    world.do(stimulus, "between", *given)
    assert stuck(world)


def test_a_condition_that_is_waited_for_may_still_come_true():
    world = World(never(node("intermediateCatchEvent", "between", condition("m > 1")))).start(n=0)
    assert not world.of(IncidentRaised)
    world.execution.set_variables(100, {"m": 2})
    world._store()
    assert stuck(world)


def test_the_first_of_several_events_may_still_come():
    gateway = (
        node("eventBasedGateway", "between"),
        node("intermediateCatchEvent", "late", timer("duration", "P1D")),
        node("intermediateCatchEvent", "paid", message()),
        node("exclusiveGateway", "which", default="which_end"),
        path("between", "late", "which"),
        path("between", "paid", "which"),
    )
    process = model(
        START,
        node("parallelGateway", "split"),
        *gateway,
        node("task", "never"),
        node("parallelGateway", "join"),
        END,
        path("start", "split", "join", "end"),
        path("split", "between"),
        path("which", "end"),
        flow("which", "never", "n > 5"),
        flow("never", "join"),
        definitions=message_definition(),
    )
    world = World(process).start(n=0, loan="L")
    assert not world.of(IncidentRaised)
    assert stuck(world.do("fire_timer", "late"))


def test_resolving_without_a_repair_raises_it_again():
    world = at_the_join()
    world.do("retry", "join")
    kinds = [type(effect) for effect in world.effects]
    assert kinds == [IncidentCleared, IncidentRaised]


def test_activating_the_branch_that_is_missing_ends_the_incident_and_the_join_fires():
    world = at_the_join()
    world.execution.modify(Modification(activate=(Activate("b"),)))
    world._store()
    assert world.of(IncidentCleared)
    assert not world.of(IncidentRaised)
    world.do("complete_user_task", "b", {})
    assert world.waiting() == ["last"]
    assert not world.of(IncidentCleared)  # it had ended before
    assert not [effect for effect in world.of(ElementActivated) if effect.element_id == "join"]  # it had begun before


def test_history_knows_the_join_from_when_it_stands_still_until_it_goes_on():
    world = at_the_join()
    (begun,) = [effect for effect in world.of(ElementActivated) if effect.element_id == "join"]
    (incident,) = world.of(IncidentRaised)
    assert (begun.key, begun.element_type, begun.at) == (incident.key, "PARALLEL_GATEWAY", world.now)
    world.execution.modify(Modification(activate=(Activate("b"),)))
    world._store()
    world.do("complete_user_task", "b", {})
    (ended,) = [effect for effect in world.of(ElementEnded) if effect.key == begun.key]
    assert (ended.started_at, ended.completed) == (begun.at, True)
    assert world.waiting() == ["last"]


def test_what_is_counted_is_moved_behind_the_gateway_by_the_key_of_the_incident():
    world = at_the_join()
    (incident,) = world.of(IncidentRaised)
    world.execution.modify(Modification(move=(Move("last", source_key=incident.key),)))
    world._store()
    assert world.waiting() == ["last"]
    assert [effect.key for effect in world.of(IncidentCleared)] == [incident.key]
    assert world.do("complete_user_task", "last", {}).completed


def test_a_repair_that_does_not_help_tells_what_is_lacking_now():
    process = model(
        START,
        node("userTask", "first"),
        node("exclusiveGateway", "which", default="which_c"),
        *(node("userTask", name) for name in ("a", "b", "c")),
        node("parallelGateway", "join"),
        END,
        path("start", "first", "which", "c", "join", "end"),
        flow("which", "a", "n = 1"),
        flow("which", "b", "n = 2"),
        flow("a", "join"),
        flow("b", "join"),
    )
    world = at_the_join(process)
    assert "‘b_join’" in world.of(IncidentRaised)[0].message.en
    world.execution.modify(Modification(activate=(Activate("b"),)))
    world._store()
    world.do("complete_user_task", "b", {})
    (incident,) = world.of(IncidentRaised)
    assert "‘b_join’" not in incident.message.en
    assert "‘c_join’" in incident.message.en
    world.execution.modify(Modification(terminate=(Terminate(flow_id="b_join"),)))
    world._store()
    assert [type(e) for e in world.effects if isinstance(e, IncidentCleared | IncidentRaised)] == [
        IncidentCleared,
        IncidentRaised,
    ]
    assert "‘b_join’" in world.of(IncidentRaised)[0].message.en


def test_a_change_that_helps_nothing_leaves_the_incident_as_it_is():
    world = at_the_join()
    world.execution.set_variables(100, {"n": 2})
    world._store()
    assert not world.of(IncidentRaised)
    assert not world.of(IncidentCleared)


def test_cancelling_ends_the_incident():
    world = at_the_join()
    world.execution.cancel()
    assert [type(e) for e in world.execution.effects].count(IncidentCleared) == 1


def test_two_inclusive_joins_that_wait_for_each_other_are_told_and_one_that_can_go_on_is_not():
    process = model(
        START,
        node("parallelGateway", "split"),
        *(node("userTask", name) for name in ("a", "b", "c", "d")),
        node("parallelGateway", "one"),
        node("inclusiveGateway", "two"),
        node("exclusiveGateway", "back", default="back_end"),
        END,
        path("start", "split", "a", "one", "c", "two", "back", "end"),
        path("split", "b", "two"),
        flow("back", "d", "n = 1"),
        flow("d", "one"),
    )
    world = World(process).start(n=0).do("complete_user_task", "a", {})
    assert not world.of(IncidentRaised)  # b still waits
    world.do("complete_user_task", "b", {})
    assert [incident.element_id for incident in world.of(IncidentRaised)] == ["one", "two"]
    one, two = world.of(IncidentRaised)
    assert "‘d_one’" in one.message.en
    assert "‘c_two’" in two.message.en
    world.execution.modify(Modification(terminate=(Terminate(key=one.key),)))
    world._store()
    assert world.completed  # nothing can come to the second any more, so it has gone on
    assert {effect.key for effect in world.of(IncidentCleared)} == {one.key, two.key}


INNER = (
    node("startEvent", "s"),
    node("exclusiveGateway", "fork", default="fork_join"),
    node("task", "x"),
    node("parallelGateway", "join"),
    node("endEvent", "e"),
    path("s", "fork", "join", "e"),
    flow("fork", "x", "n = 1"),
    flow("x", "join"),
)


def around(*more: str, definitions: str = ""):
    """A subprocess whose join is stuck at once, and what stands beside it."""
    return model(
        START,
        node("subProcess", "sub", *INNER),
        END,
        path("start", "sub", "end"),
        *more,
        definitions=definitions,
    )


def stuck(world: World) -> bool:
    return [incident.element_id for incident in world.of(IncidentRaised)] == ["join"]


def test_a_join_in_a_subprocess_is_told():
    assert stuck(World(around()).start(n=1))


@pytest.mark.parametrize(
    ("wait", "definitions"),
    [
        (boundary("late", "sub", timer("duration", "P1D")), ""),
        (boundary("late", "sub", message()), message_definition()),
        (boundary("late", "sub", condition("flag")), ""),
        (event_subprocess("watch", timer("duration", "P1D")), ""),
        (event_subprocess("watch", message(), interrupting=False), message_definition()),
    ],
)
def test_what_waits_around_the_join_may_still_wake_the_instance(wait, definitions):
    world = World(around(wait, definitions=definitions)).start(n=1, loan="L")
    assert not world.of(IncidentRaised)


def test_when_the_last_wait_around_is_over_it_is_told():
    world = World(
        around(
            boundary("late", "sub", timer("duration", "P1D"), interrupting=False),
            node("endEvent", "over"),
            flow("late", "over"),
        )
    ).start(n=1)
    assert not world.of(IncidentRaised)
    world.do("fire_timer", "late")
    assert stuck(world)


def test_an_escalation_boundary_event_is_no_wait():
    process = around(
        boundary("late", "sub", escalation()),
        node("endEvent", "over"),
        flow("late", "over"),
        definitions=escalation_definition(),
    )
    assert stuck(World(process).start(n=1))


LOOP = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="{}"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=items" inputElement="n"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


def many(*, sequential: bool):
    inside = (
        node("startEvent", "s"),
        node("inclusiveGateway", "fork", default="fork_x"),
        node("userTask", "x"),
        node("parallelGateway", "join"),
        node("endEvent", "e"),
        path("s", "fork", "x", "join", "e"),
        flow("fork", "join", "n = 1", id_="direct"),
    )
    return model(
        START,
        node("subProcess", "sub", LOOP.format(str(sequential).lower()), *inside),
        END,
        path("start", "sub", "end"),
    )


def test_instances_beside_each_other_are_told_when_the_last_has_come_to_rest():
    world = World(many(sequential=False)).start(items=[1, 0])
    assert not world.of(IncidentRaised)  # the second works
    world.do("complete_user_task", "x", {})
    assert [incident.element_id for incident in world.of(IncidentRaised)] == ["join", "join"]
    assert {"‘x_join’" in i.message.en for i in world.of(IncidentRaised)} == {True, False}


def test_a_sequence_that_cannot_go_on_is_told():
    assert stuck(World(many(sequential=True)).start(items=[1, 0]))


def test_an_ad_hoc_subprocess_that_can_be_ended_by_an_activation_is_not_stuck():
    def ad_hoc(inside: str = "") -> World:
        fork = (
            node("exclusiveGateway", "fork", default="fork_join"),
            node("task", "x"),
            node("parallelGateway", "join"),
            node("userTask", "other"),
            path("fork", "join"),
            flow("fork", "x", "n = 1"),
            flow("x", "join"),
        )
        process = model(START, node("adHocSubProcess", "free", *fork, inside), END, path("start", "free", "end"))
        world = World(process).start(n=0)
        assert not world.of(IncidentRaised)  # people have to activate something
        world.execution.activate_ad_hoc(world.key("free"), [("fork", {})])
        world._store()
        return world

    assert stuck(ad_hoc())  # it would end when all that was activated has ended, and that never comes
    met = '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">=done = true</bpmn:completionCondition>'
    assert not ad_hoc(met).of(IncidentRaised)


def test_beside_another_incident_it_is_told_once_that_is_repaired():
    process = never(node("task", "between"))
    world = World(process).start()
    assert [incident.element_id for incident in world.of(IncidentRaised)] == ["which"]  # there is no n
    world.execution.set_variables(100, {"n": 2})
    world.do("retry", "which")
    assert stuck(world)


def test_a_migration_tells_what_is_lacking_by_the_names_of_the_target():
    renamed = model(
        START,
        node("userTask", "a"),
        node("userTask", "c"),
        node("exclusiveGateway", "which", default="which_c"),
        node("parallelGateway", "meet"),
        END,
        path("start", "which", "c", "meet", "end"),
        flow("which", "a", "n = 1"),
        flow("a", "meet", id_="a_join"),
    )
    world = at_the_join()
    world.execution.migrate(renamed, world.services(), {"join": "meet"})
    effects = world.execution.effects
    (incident,) = [effect for effect in effects if isinstance(effect, IncidentRaised)]
    assert incident.element_id == "meet"
    assert "‘c_meet’" in incident.message.en
    assert any(isinstance(effect, IncidentCleared) for effect in effects)


def test_a_migration_by_which_the_join_has_all_it_needs_lets_it_go_on():
    slim = model(
        START,
        node("userTask", "a"),
        node("parallelGateway", "join"),
        node("userTask", "last"),
        END,
        path("start", "a"),
        flow("a", "join"),
        path("join", "last", "end"),
    )
    world = at_the_join()
    world.execution.migrate(slim, world.services(), {"join": "join"})
    assert [type(e) for e in world.execution.effects].count(IncidentCleared) == 1
