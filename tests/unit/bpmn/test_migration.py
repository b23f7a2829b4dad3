"""Migration: what a running instance keeps when it goes over to another version, and why it may not go."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from server.bpmn import Execution, ProcessModel, RepairRefused, inverse_mapping, plan_migration
from server.bpmn.effects import (
    ElementActivated,
    ElementEnded,
    ElementMigrated,
    IncidentRaised,
    JobOpened,
    SubscriptionChanged,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    UserTaskClosed,
    UserTaskOpened,
)

from .diagrams import (
    END,
    NOW,
    START,
    World,
    boundary,
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
    timer,
)
from .test_modification import MI_LOOP, tasks


def migrate(world: World, target: ProcessModel, mapping: dict[str, str] | None = None, **options: Any) -> World:
    if mapping is None:
        mapping = plan_migration(world.process, target).mapping()
    before = world.process
    world.execution.migrate(target, world.services(), mapping, **options)
    world.process = target
    world._store()
    assert before is not target
    return world


def refusals(world: World, target: ProcessModel, mapping: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(RepairRefused) as refused:
        migrate(world, target, mapping)
    assert all(finding.message.zh and finding.message.en for finding in refused.value.findings)
    return {finding.element: finding.message.code for finding in refused.value.findings}


OLD = model(START, tasks("a", "b"), END, path("start", "a", "b", "end"))
NEW = model(START, tasks("x", "a", "c", "b"), END, path("start", "x", "a", "c", "b", "end"))


def test_a_token_keeps_its_key_and_its_task_and_goes_the_new_way():
    world = World(OLD).start(n=1)
    key = world.key("a")
    migrate(world, NEW)
    assert world.keys("a") == [key]
    assert {(e.key, e.element_id) for e in world.of(ElementMigrated)} == {(100, "p"), (key, "a")}
    assert not world.of(UserTaskOpened) + world.of(UserTaskClosed) + world.of(ElementActivated) + world.of(ElementEnded)
    world.do("complete_user_task", "a", {})
    assert world.waiting() == ["c"]
    assert world["n"] == 1


def test_an_element_takes_the_name_that_the_mapping_gives_it():
    target = model(START, tasks("review", "b"), END, path("start", "review", "b", "end"))
    world = World(OLD).start()
    assert refusals(world, target, {"b": "b"}) == {"a": "bpmn.migrate-not-mapped"}
    migrate(world, target, {"a": "review"})
    assert world.waiting() == ["review"]


def test_flows_that_were_taken_are_known_after_it():
    world = migrate(World(OLD).start(), NEW)
    seen = world.execution._instance.flows_seen
    assert not [flow for flow in NEW.flows.values() if seen >> flow.position & 1]
    again = model(START, tasks("a"), END, tasks("b"), path("start", "a", "b", "end"))
    world = migrate(World(OLD).start(), again)
    seen = world.execution._instance.flows_seen
    assert [flow.id for flow in again.flows.values() if seen >> flow.position & 1] == ["start_a"]


# -- waits ------------------------------------------------------------------------------------------------------


def timed(duration: str = "P2D", *, inside: str = "", event: str = "late", interrupting: bool = True) -> ProcessModel:
    return model(
        START, tasks("a"), boundary(event, "a", timer("duration", duration), interrupting=interrupting), inside, END,
        path("start", "a", "end"), path(event, "end"),
    )  # fmt: skip


def test_a_timer_keeps_its_due_date_or_is_set_anew():
    world = World(timed()).start()
    (due,) = (e.due_at for e in world.of(TimerSet))
    wait = world.key("late")
    world.now = NOW + dt.timedelta(hours=5)
    migrate(world, timed("P9D"))
    assert not world.of(TimerSet) + world.of(TimerCleared)
    assert world.keys("late") == [wait]
    assert world.execution._instance.tasks[wait].internal_data["timer"][0] == due.isoformat()
    migrate(world, timed("P5D"), recompute_timers=True)
    assert [(e.key, e.due_at) for e in world.of(TimerSet)] == [(wait, NOW + dt.timedelta(days=5))]
    world.do("fire_timer", "late")
    assert world.completed


def test_a_boundary_event_that_is_gone_is_closed_and_a_new_one_opened():
    world = World(timed()).start()
    plain = model(START, tasks("a"), END, path("start", "a", "end"))
    migrate(world, plain)
    assert world.waiting() == ["a"] and len(world.of(TimerCleared)) == 1
    migrate(world, timed("P3D", event="reminder"))
    assert world.waiting() == ["a", "reminder"]
    assert [e.due_at for e in world.of(TimerSet)] == [NOW + dt.timedelta(days=3)]


def test_a_boundary_event_left_out_of_the_mapping_is_opened_anew():
    world = World(timed()).start()
    migrate(world, timed("P9D"), {"a": "a"})
    assert len(world.of(TimerCleared)) == len(world.of(TimerSet)) == 1


def test_a_timer_that_has_fired_does_not_fire_again():
    world = World(timed(interrupting=False)).start().do("fire_timer", "late")
    assert world.waiting() == ["a"]
    migrate(world, timed("P9D", interrupting=False))
    assert world.waiting() == ["a"] and not world.of(TimerSet)


def test_a_new_event_that_cannot_wait_refuses_the_migration():
    target = model(
        START, tasks("a"), boundary("m", "a", message()), END, path("start", "a", "end"), path("m", "end"),
        definitions=message_definition(),
    )  # fmt: skip
    world = World(OLD2).start()
    assert refusals(world, target) == {"m": "bpmn.migrate-wait"}
    world = migrate(World(OLD2).start(loan="L-1"), target)
    assert [e.correlation_key for e in world.of(SubscriptionOpened)] == ["L-1"]


OLD2 = model(START, tasks("a"), END, path("start", "a", "end"))


def awaiting(name: str = "paid", key: str = "loan", event: str = "m") -> ProcessModel:
    return model(
        START, node("intermediateCatchEvent", event, message(name)), END, path("start", event, "end"),
        definitions=message_definition(name, key),
    )  # fmt: skip


def test_a_subscription_follows_a_changed_message():
    world = World(awaiting()).start(loan="L-1", case="C-1")
    key = world.key("m")
    migrate(world, awaiting(event="paid"), {"m": "paid"})
    assert not world.of(SubscriptionChanged)
    migrate(world, awaiting("settled", "case", event="paid"))
    (changed,) = world.of(SubscriptionChanged)
    assert (changed.key, changed.name, changed.correlation_key) == (key, "settled", "C-1")
    world.do("deliver_message", "paid", {})
    assert world.completed


def test_an_event_gateway_keeps_closes_and_opens_its_events():
    def gateway(*events: str) -> ProcessModel:
        bodies = {"m": message(), "t": timer("duration", "P1D"), "t2": timer("duration", "P2D")}
        return model(
            START, node("eventBasedGateway", "g"), END, path("start", "g"),
            *(node("intermediateCatchEvent", event, bodies[event]) + path("g", event, "end") for event in events),
            definitions=message_definition(),
        )  # fmt: skip

    world = World(gateway("m", "t")).start(loan="L")
    key = world.key("m")
    migrate(world, gateway("m", "t2"))
    assert world.waiting() == ["g", "m", "t2"] and world.keys("m") == [key]
    assert len(world.of(TimerCleared)) == len(world.of(TimerSet)) == 1
    assert not world.of(SubscriptionClosed)
    world.do("deliver_message", "m", {})
    assert world.completed


# -- activities -------------------------------------------------------------------------------------------------


def signing(*then: str, sequential: bool = False) -> ProcessModel:
    loop = MI_LOOP.format(sequential=' isSequential="true"' if sequential else "")
    return model(START, node("userTask", "sign", loop), tasks(*then), END, path("start", "sign", *then, "end"))


def test_multi_instances_go_on_where_they_were():
    world = World(signing()).start(people=["ann", "bob", "cho"])
    _, first, *_ = world.keys("sign")
    world.execution.complete_user_task(first, {"vote": 1})
    world._store()
    body, *inner = world.keys("sign")
    migrate(world, signing("then"))
    assert world.keys("sign") == [body, *inner]
    for key in inner:
        world.execution.complete_user_task(key, {"vote": 2})
        world._store()
    assert world.waiting() == ["then"] and world["votes"] == [1, 2, 2]


def test_a_sequential_multi_instance_starts_its_next_item_in_the_target():
    world = World(signing(sequential=True)).start(people=["ann", "bob"])
    migrate(world, signing("then", sequential=True))
    world.execution.complete_user_task(world.keys("sign")[1], {"vote": 1})
    world._store()
    assert world.execution.variables_of(world.keys("sign")[1])["person"] == "bob"


def voting(collection: str | None) -> ProcessModel:
    loop = MI_LOOP.format(sequential="")
    if collection is None:
        loop = loop.replace(' outputCollection="votes" outputElement="=vote"', "")
    else:
        loop = loop.replace('"votes"', f'"{collection}"')
    return model(START, node("userTask", "sign", loop), tasks("then"), END, path("start", "sign", "then", "end"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("votes", "results", [1, 2]), (None, "results", [None, 2]), ("votes", None, None)],
)
def test_results_of_a_multi_instance_are_collected_under_the_name_of_the_target(before, after, expected):
    world = World(voting(before)).start(people=["ann", "bob"])
    for vote in (1, 2):
        world.execution.complete_user_task(world.keys("sign")[1], {"vote": vote})
        world._store()
        if vote == 1:
            migrate(world, voting(after))
    assert world.waiting() == ["then"]
    known = world.execution.variables
    assert list(known) == [""] and known[""].get("results") == expected and "votes" not in known[""]


def errands(*ids: str, collection: str = "answers") -> ProcessModel:
    rules = f'<zeebe:adHoc outputCollection="{collection}" outputElement="=answer"/>'
    inside = (node("userTask", id_) for id_ in ids)
    return model(
        START, node("adHocSubProcess", "errands", *inside, ext=rules, ordering="Sequential"), END,
        path("start", "errands", "end"),
    )  # fmt: skip


def running_errands() -> World:
    world = World(errands("a", "b")).start()
    world.execution.activate_ad_hoc(world.key("errands"), [("a", {}), ("b", {})])
    world._store()
    return world


def test_an_ad_hoc_subprocess_keeps_its_queue_and_its_results():
    world = running_errands().do("complete_user_task", "a", {"answer": 1})
    world.execution.activate_ad_hoc(world.key("errands"), [("a", {})])
    world._store()
    migrate(world, errands("b", "ask", collection="told"), {"errands": "errands", "b": "b", "a": "ask"})
    world.do("complete_user_task", "b", {"answer": 2}).do("complete_user_task", "ask", {"answer": 3})
    assert world.completed and world["told"] == [1, 2, 3]


def test_what_is_still_to_be_activated_must_be_in_the_target():
    assert refusals(running_errands(), errands("a", "c")) == {"b": "bpmn.migrate-not-mapped"}


def test_a_called_instance_stays_connected_and_a_job_keeps_its_key():
    def process(*then: str) -> ProcessModel:
        return model(
            START, node("parallelGateway", "fork"), node("parallelGateway", "join"), tasks(*then), END,
            node("callActivity", "call", ext='<zeebe:calledElement processId="other"/>'),
            node("serviceTask", "pay", ext=job("pay")),
            path("start", "fork", "call", "join", *then, "end"), path("fork", "pay", "join"),
        )  # fmt: skip

    world = World(process()).start()
    call, pay = world.key("call"), world.key("pay")
    migrate(world, process("then"))
    assert not world.of(JobOpened)
    world.execution.call_ended(call, {"r": 1})
    world.execution.complete_job(pay, {})
    world._store()
    assert world.waiting() == ["then"]


def test_an_incident_goes_over_and_is_retried_by_the_new_definition():
    def process(expression: str) -> ProcessModel:
        return model(START, node("scriptTask", "s", ext=script(expression, "x")), END, path("start", "s", "end"))

    world = World(process("1/missing")).start()
    migrate(world, process("1 + 1"))
    assert not world.of(IncidentRaised)
    world.do("retry", "s")
    assert world.completed and world["x"] == 2


@pytest.mark.parametrize(
    ("element", "computed"),
    [
        ("scriptTask", script("1/missing", "x")),
        ("businessRuleTask", '<zeebe:calledDecision decisionId="=which" resultVariable="x"/>'),
    ],
)
def test_what_failed_to_be_computed_becomes_a_job_where_the_target_has_one(element, computed):
    def process(ext: str) -> ProcessModel:
        host = node(element, "s", ext=ext) + boundary("late", "s", timer("duration", "P1D"))
        return model(START, host, END, path("start", "s", "end"), path("late", "end"))

    world = World(process(computed)).start()
    migrate(world, process(job("=kind")))
    world.do("retry", "s")
    assert world.of(IncidentRaised) and not world.of(JobOpened), "the kind of the job is not known"
    world.execution.variables[""]["kind"] = "work"
    world.do("retry", "s")
    assert len(world.of(JobOpened)) == 1 and world.waiting() == ["late", "s"]
    world.do("complete_job", "s", {"x": 2})
    assert world.completed and world["x"] == 2


def nested(sub: str = "sub", mapping: str = "") -> ProcessModel:
    inside = node("startEvent", "s") + tasks("i") + node("endEvent", "e") + path("s", "i", "e")
    return model(START, subprocess_(sub, inside, ext=mapping), END, path("start", sub, "end"))


def test_scopes_keep_their_variables():
    world = World(nested(mapping=io(("input", "1", "own")))).start()
    migrate(world, nested("stage"), {"sub": "stage", "i": "i"})
    assert world.waiting() == ["i", "stage"]
    assert world.execution.variables_of(world.key("i"))["own"] == 1
    world.do("complete_user_task", "i", {})
    assert world.completed


# -- joins ------------------------------------------------------------------------------------------------------


def forked(*branches: str, gateway: str = "parallelGateway", rename: str = "") -> ProcessModel:
    join = rename or "join"
    return model(
        START, node(gateway, "fork"), node(gateway, join), tasks(*branches, "last"), END,
        path("start", "fork"), path(join, "last", "end"),
        *(path("fork", branch, join) for branch in branches),
    )  # fmt: skip


@pytest.mark.parametrize("gateway", ["parallelGateway", "inclusiveGateway"])
def test_what_has_arrived_at_a_join_counts_in_the_target(gateway):
    world = World(forked("a", "b", "c", gateway=gateway)).start().do("complete_user_task", "a", {})
    migrate(
        world, forked("b", "a", "c", gateway=gateway, rename="meet"), {"b": "b", "c": "c", "join": "meet", "a": "a"}
    )
    assert world.waiting() == ["b", "c", "meet"]
    world.do("complete_user_task", "b", {}).do("complete_user_task", "c", {})
    assert world.waiting() == ["last"]


def test_a_join_that_has_all_it_now_needs_goes_on():
    world = World(forked("a", "b", "c")).start().do("complete_user_task", "a", {}).do("complete_user_task", "b", {})
    target = model(
        START, node("parallelGateway", "fork"), node("parallelGateway", "join"), tasks("a", "b", "c", "last"), END,
        path("start", "fork", "a", "join", "last", "end"), path("fork", "b", "join"), path("fork", "c", "end"),
    )  # fmt: skip
    migrate(world, target)
    assert world.waiting() == ["c", "last"]


def test_an_arrival_that_the_target_cannot_count_is_refused():
    world = World(forked("a", "b")).start().do("complete_user_task", "a", {})
    assert refusals(world, forked("b", "c")) == {"join": "bpmn.migrate-arrived"}
    world = World(forked("a", "b")).start().do("complete_user_task", "a", {})
    migrate(world, forked("b", "c"), {"b": "b", "join": "join", "a_join": "c_join"})
    world.do("complete_user_task", "b", {})
    assert world.waiting() == ["last"]


# -- reasons ----------------------------------------------------------------------------------------------------


JOB = model(START, node("serviceTask", "a", ext=job("x")), END, path("start", "a", "end"))
SINGLE = model(START, tasks("sign"), END, path("start", "sign", "end"))
ELSEWHERE = model(
    START, tasks("a", "b"), boundary("late", "b", timer("duration", "P1D")), END,
    path("start", "a", "b", "end"), path("late", "end"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "target", "mapping", "expected"),
    [
        (OLD2, JOB, {"a": "a"}, {"a": "bpmn.migrate-type"}),
        (OLD2, OLD, {"a": "nowhere"}, {"a": "bpmn.migrate-no-target"}),
        (OLD2, OLD, {"nowhere": "a"}, {"nowhere": "bpmn.migrate-no-source"}),
        (OLD2, OLD, {}, {"a": "bpmn.migrate-not-mapped"}),
        (nested(), OLD, {"i": "a"}, {"i": "bpmn.migrate-scope"}),
        (OLD2, nested(), {"a": "i"}, {"a": "bpmn.migrate-scope"}),
        (signing(), signing(sequential=True), {"sign": "sign"}, {"sign": "bpmn.migrate-multi-instance"}),
        (signing(), SINGLE, {"sign": "sign"}, {"sign": "bpmn.migrate-multi-instance"}),
        (
            awaiting(),
            model(START, node("intermediateCatchEvent", "m", timer("duration", "P1D")), END, path("start", "m", "end")),
            {"m": "m"},
            {"m": "bpmn.migrate-event"},
        ),
        (
            timed(),
            ELSEWHERE,
            {"a": "a", "late": "late"},
            {"late": "bpmn.migrate-boundary-host"},
        ),
    ],
)  # fmt: skip
def test_every_refusal_says_why(source, target, mapping, expected):
    people = {"people": ["ann"]} if "sign" in source.elements else {}
    assert refusals(World(source).start(loan="L", **people), target, mapping) == expected


# -- plans ------------------------------------------------------------------------------------------------------


def test_a_plan_maps_equal_ids_suggests_the_rest_and_says_what_is_left():
    source = model(
        START, node("userTask", "t1", name="Check income"), node("userTask", "t2", name="Old step"), END,
        node("serviceTask", "t3", ext=job("x")),
        path("start", "t1", "t2", "t3", "end"),
    )  # fmt: skip
    target = model(
        START, node("userTask", "check", name="Check the income"), node("userTask", "t3"), END,
        path("start", "check", "t3", "end"),
    )  # fmt: skip
    plan = plan_migration(source, target)
    assert plan.mapping() == {"start": "start", "end": "end"}
    (suggestion,) = plan.suggestions
    assert (suggestion.source_id, suggestion.target_id) == ("t1", "check")
    assert 0.4 < suggestion.score < 1
    assert {message.code for message in suggestion.reasons} == {
        "migrate.same-type",
        "migrate.names",
        "migrate.neighbours",
    }
    assert {f.element: f.message.code for f in plan.unmapped} == {"t2": "bpmn.migrate-gone", "t3": "bpmn.migrate-type"}
    assert plan.added == ("t3",)
    assert plan.mapping(0.4)["t1"] == "check"


def test_inside_a_renamed_subprocess_the_plan_follows_the_suggestion():
    plan = plan_migration(nested(), nested("stage"))
    assert plan.mapping(0.4) == {"start": "start", "end": "end", "sub": "stage", "i": "i", "s": "s", "e": "e"}


def test_the_inverse_of_a_mapping_takes_an_instance_back():
    target = model(START, tasks("review", "b", "c"), END, path("start", "review", "b", "c", "end"))
    mapping = {"a": "review"}
    world = migrate(World(OLD).start(), target, mapping)
    back = inverse_mapping(OLD, target, mapping)
    assert back["review"] == "a" and back["b"] == "b"
    world.do("complete_user_task", "review", {}).do("complete_user_task", "b", {})
    assert refusals(world, OLD, back) == {"c": "bpmn.migrate-not-mapped"}
    world = migrate(World(OLD).start(), target, mapping).do("complete_user_task", "review", {})
    migrate(world, OLD, back)
    assert world.waiting() == ["b"]


def test_what_two_elements_became_is_not_mapped_back():
    assert inverse_mapping(OLD, OLD2, {"a": "a", "b": "a"}) == {"start": "start", "end": "end"}


def test_an_element_that_ends_a_started_instance_must_be_in_the_target():
    world = World(OLD)
    world.execution = Execution.start(OLD, world.services(), instance_key=100, variables={}, stop_after=["b"])
    world._store()
    target = model(START, tasks("a", "c"), END, path("start", "a", "c", "end"))
    assert refusals(world, target) == {"b": "bpmn.migrate-not-mapped"}


def test_a_renamed_element_that_ends_a_started_instance_is_known():
    world = World(OLD)
    world.execution = Execution.start(OLD, world.services(), instance_key=100, variables={}, stop_after=["b"])
    world._store()
    target = model(START, tasks("a", "z"), END, path("start", "a", "z", "end"))
    migrate(world, target, {"a": "a", "b": "z"})
    world.do("complete_user_task", "a", {}).do("complete_user_task", "z", {})
    assert world.execution.ended and not world.completed


def test_conditions_are_those_of_the_target():
    target = model(
        START, tasks("a", "b", "c"), node("exclusiveGateway", "x", default="x_b"), END, path("start", "a", "x"),
        flow("x", "c", "n > 0"), path("x", "b", "end"), path("c", "end"),
    )  # fmt: skip
    world = migrate(World(OLD).start(n=1), target).do("complete_user_task", "a", {})
    assert world.waiting() == ["c"]
