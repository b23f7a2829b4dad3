"""Gateways, conditions, implicit forks and joins."""

from __future__ import annotations

import pytest

from server.bpmn.effects import ElementActivated, FlowTaken, IncidentRaised, SubscriptionClosed, TimerCleared

from .diagrams import (
    END,
    START,
    World,
    flow,
    job,
    message,
    message_definition,
    model,
    node,
    path,
    script,
    timer,
)


def choice(**attributes: str):
    return model(
        START,
        node("exclusiveGateway", "gw", **attributes),
        node("userTask", "high"),
        node("userTask", "low"),
        flow("start", "gw"),
        flow("gw", "high", "score >= 400"),
        flow("gw", "low", None if attributes else "score < 400"),
    )


@pytest.mark.parametrize(("score", "expected"), [(400, "high"), (399, "low")])
def test_an_exclusive_gateway_takes_the_flow_whose_condition_is_true(score, expected):
    world = World(choice()).start(score=score)
    assert world.waiting() == [expected]
    assert [f.flow_id for f in world.of(FlowTaken)] == ["start_gw", f"gw_{expected}"]


def test_the_default_flow_is_taken_when_no_condition_is_true():
    assert World(choice(default="gw_low")).start(score=1).waiting() == ["low"]


def test_a_condition_that_fails_is_an_incident_and_never_the_default_flow():
    world = World(choice(default="gw_low")).start()
    assert world.waiting() == ["gw"]
    assert world.of(IncidentRaised)[0].error_type == "CONDITION_ERROR"
    world.execution.set_variables(100, {"score": 500})
    world.execution.retry(world.key("gw"))
    assert world.waiting() == ["high"]


def test_no_true_condition_and_no_default_is_an_incident():
    process = model(
        START,
        node("exclusiveGateway", "gw"),
        node("userTask", "a"),
        node("userTask", "b"),
        flow("start", "gw"),
        flow("gw", "a", "score > 5"),
        flow("gw", "b", "score > 6"),
    )
    assert World(process).start(score=1).of(IncidentRaised)[0].error_type == "CONDITION_ERROR"


def fork_join():
    return model(
        START,
        node("parallelGateway", "fork"),
        node("serviceTask", "a", ext=job("a")),
        node("serviceTask", "b", ext=job("b")),
        node("parallelGateway", "join"),
        END,
        flow("start", "fork"),
        flow("fork", "a"),
        flow("fork", "b"),
        flow("a", "join"),
        flow("b", "join"),
        flow("join", "end"),
    )


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_parallel_join_waits_for_every_branch_and_keeps_both_results(order):
    world = World(fork_join()).start()
    first, second = order
    world.do("complete_job", first, {first: 1})
    assert world.waiting() == sorted([second, "join"])
    world.do("complete_job", second, {second: 2})
    assert world.completed
    assert (world[first], world[second]) == (1, 2)
    assert [e.element_id for e in world.of(ElementActivated)] == ["join", "end"]


def test_a_parallel_join_in_a_loop_joins_anew_each_time():
    process = model(
        START,
        node("exclusiveGateway", "again"),
        node("parallelGateway", "fork"),
        node("serviceTask", "a", ext=job("a")),
        node("serviceTask", "b", ext=job("b")),
        node("parallelGateway", "join"),
        node("scriptTask", "count", ext=script("n + 1", "n")),
        node("exclusiveGateway", "more", default="more_end"),
        END,
        path("start", "again", "fork"),
        flow("fork", "a"),
        flow("fork", "b"),
        flow("a", "join"),
        flow("b", "join"),
        path("join", "count", "more"),
        flow("more", "again", "n < 3"),
        flow("more", "end"),
    )
    world = World(process).start(n=0)
    for round_ in range(3):
        assert world.waiting() == ["a", "b"], round_
        world.do("complete_job", "a", {}).do("complete_job", "b", {})
    assert world.completed


def test_two_tokens_on_one_incoming_flow_do_not_fire_a_join():
    process = model(
        START,
        node("parallelGateway", "fork"),
        node("exclusiveGateway", "merge"),
        node("serviceTask", "c", ext=job("c")),
        node("parallelGateway", "join"),
        END,
        flow("start", "fork"),
        flow("fork", "merge", id_="f1"),
        flow("fork", "merge", id_="f2"),
        flow("fork", "c"),
        flow("merge", "join"),
        flow("c", "join"),
        flow("join", "end"),
    )
    world = World(process).start()
    assert world.waiting() == ["c", "join"]
    world.do("complete_job", "c", {})
    assert world.waiting() == ["join"]  # one arrival is in excess and stays at the gateway, as BPMN says
    assert not world.execution.ended


def test_several_flows_out_of_a_task_fork_and_several_ends_join():
    process = model(START, node("userTask", "a"), node("userTask", "b"), flow("start", "a"), flow("start", "b"))
    world = World(process).start()
    assert world.waiting() == ["a", "b"]
    world.do("complete_user_task", "a", {})
    assert not world.execution.ended
    assert world.do("complete_user_task", "b", {}).completed


def test_a_condition_on_the_only_flow_out_of_a_task_counts():
    process = model(START, node("task", "t"), END, flow("start", "t"), flow("t", "end", "ok"))
    assert World(process).start(ok=True).completed
    assert World(process).start(ok=False).of(IncidentRaised)[0].error_type == "CONDITION_ERROR"


def race():
    return model(
        START,
        node("eventBasedGateway", "first"),
        node("intermediateCatchEvent", "paid", message()),
        node("intermediateCatchEvent", "late", timer("duration", "P3D")),
        node("userTask", "thank"),
        node("userTask", "remind"),
        path("start", "first"),
        flow("first", "paid"),
        flow("first", "late"),
        flow("paid", "thank"),
        flow("late", "remind"),
        definitions=message_definition(),
    )


def test_the_first_event_behind_an_event_based_gateway_wins_and_the_others_are_closed():
    world = World(race()).start(loan="L1").do("deliver_message", "paid", {"amount": 9})
    assert world.waiting() == ["thank"]
    assert world["amount"] == 9
    assert len(world.of(TimerCleared)) == 1

    world = World(race()).start(loan="L1").do("fire_timer", "late")
    assert world.waiting() == ["remind"]
    assert len(world.of(SubscriptionClosed)) == 1


def test_an_endless_loop_is_an_incident_not_a_hanging_server():
    process = model(
        START,
        node("exclusiveGateway", "a"),
        node("task", "b"),
        path("start", "a", "b"),
        flow("b", "a"),
    )
    world = World(process).start()
    assert world.of(IncidentRaised)[0].message.code == "bpmn.endless-loop"
    assert len(world.execution.snapshot()) < 300
