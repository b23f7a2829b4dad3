"""Modification: tokens put in, taken away, moved and sent back, in every kind of scope."""

from __future__ import annotations

import pytest

from server.bpmn import (
    Activate,
    Execution,
    Modification,
    Move,
    NotWaiting,
    RepairRefused,
    ReturnTo,
    Terminate,
    VariableInstruction,
)
from server.bpmn.effects import (
    CallCancelled,
    ElementActivated,
    ElementEnded,
    IncidentCleared,
    JobClosed,
    ProcessEnded,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    UserTaskClosed,
    UserTaskOpened,
)

from .diagrams import (
    END,
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


def tasks(*ids: str) -> str:
    return "".join(node("userTask", id_) for id_ in ids)


LINE = model(START, tasks("a", "b", "c"), END, path("start", "a", "b", "c", "end"))
FORK = model(
    START,
    tasks("first", "a1", "a2", "b1", "last"),
    node("parallelGateway", "split"),
    node("parallelGateway", "join"),
    END,
    path("start", "first", "split", "a1", "a2", "join", "last", "end"),
    path("split", "b1", "join"),
)
NESTED = model(
    START,
    tasks("before", "after"),
    subprocess_(
        "outer",
        node("startEvent", "os"),
        tasks("o1"),
        subprocess_(
            "inner",
            node("startEvent", "is"),
            tasks("i1", "i2"),
            node("endEvent", "ie"),
            path("is", "i1", "i2", "ie"),
            ext=io(("input", "base + 1", "own")),
        ),
        boundary("late", "inner", timer("duration", "P2D")),
        node("endEvent", "late_end"),
        node("endEvent", "oe"),
        path("os", "o1", "inner", "oe"),
        path("late", "late_end"),
    ),
    END,
    path("start", "before", "outer", "after", "end"),
)
MI_LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics{sequential}><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=people" inputElement="person" outputCollection="votes"'
    ' outputElement="=vote"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)


def many(*, sequential: bool = False, extra: str = "") -> World:
    loop = MI_LOOP.format(sequential=' isSequential="true"' if sequential else "")
    process = model(
        START, tasks("before", "after"), node("userTask", "sign", extra, loop), END,
        path("start", "before", "sign", "after", "end"),
    )  # fmt: skip
    world = World(process).start(people=["ann", "bob", "cho"])
    return world.do("complete_user_task", "before", {})


def modify(world: World, *instructions: object) -> World:
    kinds = {Activate: "activate", Terminate: "terminate", Move: "move", ReturnTo: "return_to"}
    parts: dict[str, tuple[object, ...]] = {}
    for instruction in instructions:
        name = kinds[type(instruction)]
        parts[name] = (*parts.get(name, ()), instruction)
    world.execution.modify(Modification(**parts))  # type: ignore[arg-type]
    world._store()
    return world


def refusal(world: World, *instructions: object) -> str:
    with pytest.raises(RepairRefused) as refused:
        modify(world, *instructions)
    assert all(finding.message.zh and finding.message.en for finding in refused.value.findings)
    return refused.value.message.code


# -- activating ------------------------------------------------------------------------------------------------


def test_an_element_is_activated_beside_what_is_active():
    world = modify(World(LINE).start(), Activate("c"))
    assert world.waiting() == ["a", "c"]
    assert [e.element_id for e in world.of(ElementActivated)] == ["c"]


def test_activating_after_an_element_takes_its_flows():
    world = modify(World(LINE).start(), Activate("b", after=True), Terminate("a"))
    assert world.waiting() == ["c"]
    assert [e.element_id for e in world.of(ElementActivated)] == ["c"]


def test_activating_after_a_gateway_asks_its_conditions():
    process = model(
        START, tasks("t", "high", "low"), node("exclusiveGateway", "x", default="x_low"), END,
        path("start", "t", "x"), flow("x", "high", "n > 5"), path("x", "low", "end"), path("high", "end"),
    )  # fmt: skip
    world = modify(World(process).start(n=1), Activate("x", (VariableInstruction({"n": 9}),), after=True))
    assert world.waiting() == ["high", "t"]
    assert world["n"] == 9


def test_variables_are_set_where_they_are_asked_for():
    given = (VariableInstruction({"g": 1}), VariableInstruction({"l": 2}, "b"))
    world = modify(World(LINE).start(), Activate("b", given))
    assert world["g"] == 1
    assert "l" not in world.execution.variables[""]
    assert world.execution.local_variables(world.key("b")) == {"l": 2}
    assert refusal(World(LINE).start(), Activate("b", (VariableInstruction({}, "c"),))) == "bpmn.modify-variable-scope"


def test_missing_scopes_are_opened_with_their_mappings_and_boundary_events():
    world = modify(World(NESTED).start(base=1), Activate("i2"), Terminate("before"))
    assert world.waiting() == ["i2", "inner", "late", "outer"]
    assert world.execution.local_variables(world.key("inner")) == {"own": 2}
    assert [e.element_id for e in world.of(TimerSet)] == ["late"]
    world.do("complete_user_task", "i2", {})
    assert world.waiting() == ["after"]


def test_a_scope_whose_mapping_fails_refuses_the_modification():
    assert refusal(World(NESTED).start(), Activate("i2")) == "bpmn.modify-failed"
    given = VariableInstruction({"base": 1})
    assert refusal(World(NESTED).start(), Activate("i2", (given,))) == "bpmn.modify-failed"


def test_the_live_scope_is_used_and_a_named_ancestor_gets_new_ones():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {}).do("complete_user_task", "o1", {})
    inner = world.key("inner")
    modify(world, Activate("i2"))
    assert world.keys("inner") == [inner]
    modify(world, Activate("i1", ancestor_key=world.key("outer")))
    assert len(world.keys("inner")) == 2
    assert refusal(world, Activate("i1")) == "bpmn.modify-several-scopes"
    modify(world, Activate("i1", ancestor_key=inner))
    assert len(world.keys("i1")) == 3
    modify(world, Activate("i1", ancestor_key=100))
    assert len(world.keys("outer")) == 2


def test_a_key_that_is_no_ancestor_is_refused():
    world = World(NESTED).start(base=1)
    assert refusal(world, Activate("i1", ancestor_key=world.key("before"))) == "bpmn.modify-not-an-ancestor"


def test_a_join_counts_an_arrival_over_its_flow_and_fires_when_activated_itself():
    world = World(FORK).start().do("complete_user_task", "first", {}).do("complete_user_task", "b1", {})
    modify(world, Activate(flow_id="a2_join"), Terminate("a1"))
    assert world.waiting() == ["last"]
    world = World(FORK).start()
    modify(world, Activate("join"), Terminate("first"))
    assert world.waiting() == ["last"]


@pytest.mark.parametrize(
    ("instruction", "code"),
    [
        (Activate("nowhere"), "bpmn.modify-no-element"),
        (Activate(flow_id="nowhere"), "bpmn.modify-no-element"),
        (Activate("late"), "bpmn.modify-boundary"),
        (Activate("end", after=True), "bpmn.modify-after"),
        (Terminate("after"), "bpmn.modify-nothing-there"),
        (Terminate(key=100), "bpmn.modify-root"),
        (Terminate(flow_id="start_before"), "bpmn.modify-nothing-there"),
        (Move("after", source_id="o1"), "bpmn.modify-nothing-there"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(instruction, code):
    assert refusal(World(NESTED).start(base=1), instruction) == code


# -- terminating -----------------------------------------------------------------------------------------------


def test_terminating_everything_terminates_the_instance():
    world = modify(World(LINE).start(), Terminate("a"))
    assert world.execution.ended and not world.completed
    assert [e.completed for e in world.of(ProcessEnded)] == [False]
    assert [e.completed for e in world.of(UserTaskClosed)] == [False]


def test_scopes_left_empty_are_terminated_with_what_waits_in_them():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {}).do("complete_user_task", "o1", {})
    modify(world, Terminate("i1"), Activate("before"))
    assert world.waiting() == ["before"]
    assert len(world.of(TimerCleared)) == 1
    assert [e.completed for e in world.of(ElementEnded)] == [False, False, False]


def test_a_scope_stays_when_something_is_activated_in_it():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {}).do("complete_user_task", "o1", {})
    inner = world.key("inner")
    modify(world, Terminate("i1"), Activate("i2"))
    assert world.keys("inner") == [inner]
    assert world.waiting() == ["i2", "inner", "late", "outer"]


def test_an_element_instance_that_has_ended_is_a_lost_race():
    world = World(LINE).start()
    key = world.key("a")
    world.do("complete_user_task", "a", {})
    with pytest.raises(NotWaiting):
        modify(world, Terminate(key=key))


def test_what_has_arrived_at_a_join_can_be_taken_away():
    world = World(FORK).start().do("complete_user_task", "first", {}).do("complete_user_task", "b1", {})
    modify(world, Terminate(flow_id="b1_join"))
    assert world.waiting() == ["a1"]
    modify(world, Activate("b1"))
    for element in ("a1", "a2", "b1"):
        world.do("complete_user_task", element, {})
    assert world.waiting() == ["last"]


def test_an_incident_goes_with_its_token():
    process = model(
        START, node("scriptTask", "s", ext=script("1/missing", "x")), tasks("t"), END, path("start", "s", "t", "end")
    )
    world = modify(World(process).start(), Move("t", source_id="s"))
    assert world.waiting() == ["t"]
    assert len(world.of(IncidentCleared)) == 1


def test_a_called_instance_is_cancelled_and_an_event_gateway_closes_its_events():
    process = model(
        START,
        node("parallelGateway", "fork"),
        node("callActivity", "call", ext='<zeebe:calledElement processId="other"/>'),
        node("eventBasedGateway", "g"),
        node("intermediateCatchEvent", "m", message()),
        node("intermediateCatchEvent", "t", timer("duration", "P1D")),
        tasks("u"),
        END,
        path("start", "fork", "call", "end"), path("fork", "g", "m", "end"), path("g", "t", "end"),
        path("fork", "u", "end"),
        definitions=message_definition(),
    )  # fmt: skip
    world = World(process).start(loan="L")
    assert refusal(world, Activate("m")) == "bpmn.modify-behind-event-gateway"
    modify(world, Terminate("call"), Move("u", source_id="g"))
    assert world.waiting() == ["u", "u"]
    assert len(world.of(CallCancelled)) == len(world.of(TimerCleared)) == len(world.of(SubscriptionClosed)) == 1
    modify(world, Move("g", source_key=world.key("u")))
    assert world.waiting() == ["g", "m", "t", "u"]
    assert len(world.of(SubscriptionOpened)) == 1


# -- moving ----------------------------------------------------------------------------------------------------


def test_every_instance_of_the_source_is_moved():
    world = modify(World(LINE).start(), Activate("a"), Activate("a"))
    modify(world, Move("c", source_id="a"))
    assert world.waiting() == ["c", "c", "c"]


def test_a_move_within_a_scope_keeps_it():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {}).do("complete_user_task", "o1", {})
    world = modify(world, Activate("i1", ancestor_key=world.key("outer")))
    first, second = world.keys("inner")
    modify(world, Move("i2", source_id="i1", ancestor="inferred"))
    scopes = {world.execution._instance.tasks[key].scope.id for key in world.keys("i2")}
    assert scopes == {first, second}
    modify(world, Move("i1", source_key=world.keys("i2")[0], ancestor="sourceParent"))
    assert len(world.keys("inner")) == 2


def test_inferred_scopes_below_the_common_one_are_new():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {})
    outer = world.key("outer")
    modify(world, Move("i2", source_id="o1", ancestor="inferred"))
    assert world.waiting() == ["i2", "inner", "late", "outer"]
    assert world.keys("outer") == [outer]


def test_moving_from_a_join_moves_what_has_arrived():
    world = World(FORK).start().do("complete_user_task", "first", {}).do("complete_user_task", "b1", {})
    modify(world, Move("b1", source_id="join"))
    assert world.waiting() == ["a1", "b1"]


# -- multi-instance --------------------------------------------------------------------------------------------


def test_a_terminated_inner_instance_counts_and_the_others_end_the_activity():
    world = many()
    _, ann, bob, cho = world.keys("sign")
    modify(world, Terminate(key=bob))
    world.execution.complete_user_task(ann, {"vote": 1})
    world._store()
    assert world.waiting() == ["sign", "sign"]
    world.execution.complete_user_task(cho, {"vote": 3})
    world._store()
    assert world.waiting() == ["after"]
    assert world["votes"] == [1, None, 3]


def test_the_last_inner_instance_taken_away_ends_the_activity_where_another_had_completed():
    world = many()
    _, ann, bob, cho = world.keys("sign")
    world.execution.complete_user_task(ann, {"vote": 1})
    world._store()
    modify(world, Terminate(key=bob), Terminate(key=cho))
    assert world.waiting() == ["after"]


def test_a_body_without_any_completed_instance_is_terminated():
    world = many()
    _, *inner = world.keys("sign")
    modify(world, *(Terminate(key=key) for key in inner))
    assert world.execution.ended and not world.completed


def test_a_sequential_body_goes_on_with_its_next_item():
    world = many(sequential=True)
    body, inner = world.keys("sign")
    modify(world, Terminate(key=inner))
    assert world.waiting() == ["sign", "sign"]
    key = world.keys("sign")[1]
    assert world.execution.variables_of(key)["person"] == "bob"
    modify(world, Activate("sign", (VariableInstruction({"person": "dan"}, "sign"),), ancestor_key=body))
    assert world.waiting() == ["sign", "sign"]  # its turn comes last
    for person in ("bob", "cho", "dan"):
        key = world.keys("sign")[1]
        assert world.execution.variables_of(key)["person"] == person
        world.execution.complete_user_task(key, {"vote": person})
        world._store()
    assert world["votes"] == [None, "bob", "cho", "dan"]


def test_an_instance_is_added_to_a_body():
    world = many()
    body = world.keys("sign")[0]
    modify(world, Activate("sign", (VariableInstruction({"person": "dan"}, "sign"),), ancestor_key=body))
    keys = world.keys("sign")
    assert len(keys) == 5
    assert world.execution.variables_of(keys[-1])["person"] == "dan"
    for number, key in enumerate(keys[1:]):
        world.execution.complete_user_task(key, {"vote": number})
        world._store()
    assert world.waiting() == ["after"]
    assert world["votes"] == [0, 1, 2, 3]


def test_by_element_id_the_whole_multi_instance_activity_is_meant():
    world = modify(many(), Move("before", source_id="sign"))
    assert world.waiting() == ["before"]
    assert len(world.of(UserTaskClosed)) == 3


def test_inside_a_multi_instance_subprocess_an_instance_is_named_or_added():
    inside = node("startEvent", "s") + tasks("x", "y") + node("endEvent", "e") + path("s", "x", "y", "e")
    process = model(
        START, node("subProcess", "sub", MI_LOOP.format(sequential=""), inside), tasks("t"), END,
        path("start", "t", "sub", "end"),
    )  # fmt: skip
    world = World(process).start(people=["ann", "bob"])
    assert refusal(world, Activate("y")) == "bpmn.modify-inside-multi-instance"
    world.do("complete_user_task", "t", {})
    assert refusal(world, Activate("y")) == "bpmn.modify-several-scopes"
    body = world.keys("sub")[0]
    modify(world, Activate("y", ancestor_key=body))
    assert world.waiting() == ["sub"] * 4 + ["x", "x", "y"]
    modify(world, Move("y", source_id="x", ancestor="inferred"))
    assert world.waiting() == ["sub"] * 4 + ["y"] * 3
    for _ in range(3):
        world.do("complete_user_task", "y", {"vote": 1})
    assert world.completed


# -- returning -------------------------------------------------------------------------------------------------


def test_a_return_takes_the_token_back():
    world = World(LINE).start().do("complete_user_task", "a", {}).do("complete_user_task", "b", {})
    modify(world, ReturnTo("a"))
    assert world.waiting() == ["a"]


def test_a_return_to_before_a_split_takes_every_branch():
    world = World(FORK).start().do("complete_user_task", "first", {}).do("complete_user_task", "b1", {})
    modify(world, ReturnTo("first", source_key=world.key("a1")))
    assert world.waiting() == ["first"]
    for element in ("first", "a1", "a2", "b1", "last"):
        world.do("complete_user_task", element, {})
    assert world.completed


def test_a_return_within_a_branch_leaves_the_others():
    world = World(FORK).start().do("complete_user_task", "first", {}).do("complete_user_task", "a1", {})
    modify(world, ReturnTo("a1", source_key=world.key("a2")))
    assert world.waiting() == ["a1", "b1"]


def test_a_return_takes_back_its_own_arrival_at_a_join():
    world = World(FORK).start()
    for element in ("first", "a1", "a2"):
        world.do("complete_user_task", element, {})
    modify(world, ReturnTo("a1"))
    assert world.waiting() == ["a1", "b1"]
    for element in ("a1", "b1", "a2"):
        world.do("complete_user_task", element, {})
    assert world.waiting() == ["last"]


def test_a_return_from_behind_a_join_into_one_branch_is_refused():
    world = World(FORK).start()
    for element in ("first", "a1", "a2", "b1"):
        world.do("complete_user_task", element, {})
    assert refusal(world, ReturnTo("a1", source_key=world.key("last"))) == "bpmn.return-not-on-path"
    assert refusal(world, ReturnTo("a1")) == "bpmn.return-nothing"
    modify(world, ReturnTo("first"))
    assert world.waiting() == ["first"]


def test_a_rework_loop_around_a_split_does_not_draw_the_other_branch_in():
    process = model(
        START,
        node("exclusiveGateway", "again"),
        node("exclusiveGateway", "ok", default="ok_end"),
        node("parallelGateway", "split"),
        node("parallelGateway", "join"),
        tasks("a1", "a2", "b1"),
        END,
        path("start", "again", "split", "a1", "a2", "join", "ok", "end"),
        path("split", "b1", "join"),
        flow("ok", "again", "not(good)"),
    )
    world = World(process).start(good=False).do("complete_user_task", "a1", {})
    modify(world, ReturnTo("a1"))
    assert world.waiting() == ["a1", "b1"]


def test_past_an_inclusive_join_with_a_single_live_branch_one_may_return_into_it():
    process = model(
        START, tasks("first", "a1", "b1", "last"), END,
        node("inclusiveGateway", "split"), node("inclusiveGateway", "join"),
        path("start", "first", "split"), flow("split", "a1", "a"), flow("split", "b1", "b"),
        path("a1", "join", "last", "end"), path("b1", "join"),
    )  # fmt: skip
    world = World(process).start(a=True, b=False)
    for element in ("first", "a1"):
        world.do("complete_user_task", element, {})
    modify(world, ReturnTo("a1"))
    assert world.waiting() == ["a1"]
    both = World(process).start(a=True, b=True)
    for element in ("first", "a1"):
        both.do("complete_user_task", element, {})
    modify(both, ReturnTo("a1"))
    assert both.waiting() == ["a1", "b1"]
    for element in ("a1", "b1", "last"):
        both.do("complete_user_task", element, {})
    assert both.completed


def test_a_return_out_of_a_subprocess_takes_the_subprocess_away():
    world = World(NESTED).start(base=1).do("complete_user_task", "before", {}).do("complete_user_task", "o1", {})
    modify(world, ReturnTo("before", source_key=world.key("i1")))
    assert world.waiting() == ["before"]
    assert len(world.of(TimerCleared)) == 1


def test_a_return_into_a_subprocess_that_has_ended_opens_it_anew():
    world = World(NESTED).start(base=1)
    for element in ("before", "o1", "i1", "i2"):
        world.do("complete_user_task", element, {})
    assert world.waiting() == ["after"]
    modify(world, ReturnTo("i2"))
    assert world.waiting() == ["i2", "inner", "late", "outer"]
    world.do("complete_user_task", "i2", {})
    assert world.waiting() == ["after"]


def test_a_return_from_a_boundary_path_takes_it_back():
    process = model(
        START, tasks("a", "b", "escalated"), boundary("late", "b", timer("duration", "P1D"), interrupting=False), END,
        path("start", "a", "b", "end"), path("late", "escalated", "end"),
    )  # fmt: skip
    world = World(process).start().do("complete_user_task", "a", {}).do("fire_timer", "late")
    assert world.waiting() == ["b", "escalated"]
    modify(world, ReturnTo("a"))
    assert world.waiting() == ["a"]


def test_a_countersigning_round_is_sent_back_whole():
    world = many()
    modify(world, ReturnTo("before", source_key=world.keys("sign")[2]))
    assert world.waiting() == ["before"]
    assert len(world.of(UserTaskClosed)) == 3


# -- starting --------------------------------------------------------------------------------------------------


def test_an_instance_starts_at_elements_and_is_stopped_after_another():
    world = World(NESTED)
    world.execution = Execution.start(
        NESTED, world.services(), instance_key=100, variables={"base": 1}, activate=["i2"], stop_after=["inner"]
    )
    world._store()
    assert world.waiting() == ["i2", "inner", "late", "outer"]
    world.do("complete_user_task", "i2", {})
    assert world.execution.ended and not world.completed
    assert not world.of(UserTaskOpened)


def test_an_instance_is_stopped_when_the_element_is_terminated():
    world = World(NESTED)
    world.execution = Execution.start(
        NESTED, world.services(), instance_key=100, variables={"base": 1}, activate=["i2"], stop_after=["inner"]
    )
    world._store()
    world.do("fire_timer", "late")
    assert world.execution.ended and not world.completed


def test_an_instance_is_stopped_after_an_end_event_that_terminates_its_scope():
    inside = (node("startEvent", "s"), node("endEvent", "e", "<bpmn:terminateEventDefinition/>"), path("s", "e"))
    process = model(START, subprocess_("sub", *inside), tasks("after"), END, path("start", "sub", "after", "end"))
    world = World(process)
    world.execution = Execution.start(
        process, world.services(), instance_key=100, variables={}, activate=["s"], stop_after=["e"]
    )
    assert world.execution.ended and not world.completed


def test_an_instance_does_not_start_at_what_is_not_there():
    world = World(LINE)
    for arguments in ({"activate": ["x"]}, {"stop_after": ["x"]}):
        with pytest.raises(RepairRefused):
            Execution.start(LINE, world.services(), instance_key=100, variables={}, **arguments)


def test_a_job_is_cancelled_with_its_token():
    process = model(START, node("serviceTask", "s", ext=job("pay")), tasks("t"), END, path("start", "s", "t", "end"))
    world = modify(World(process).start(), Move("t", source_id="s"))
    assert [e.state for e in world.of(JobClosed)] == ["CANCELED"]


def test_a_return_into_one_branch_of_a_subprocess_that_has_ended_is_refused():
    inner = (
        node("startEvent", "begin"),
        node("parallelGateway", "split"),
        *(node("userTask", name) for name in ("one", "two")),
        node("parallelGateway", "join"),
        node("userTask", "last"),
        node("endEvent", "done"),
        path("begin", "split", "one", "join", "last", "done"),
        path("split", "two", "join"),
    )
    process = model(START, subprocess_("sub", *inner), tasks("after"), END, path("start", "sub", "after", "end"))
    world = World(process).start()
    for element in ("one", "two", "last"):
        world.do("complete_user_task", element, {})
    assert refusal(world, ReturnTo("one")) == "bpmn.return-into-branch"
    modify(world, ReturnTo("last"))
    assert world.waiting() == ["last", "sub"]
