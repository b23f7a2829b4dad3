"""Joins: what the branches wrote is merged three ways; inclusive joins wait for exactly what can still come."""

from __future__ import annotations

import pytest

from server.bpmn.effects import IncidentCleared, IncidentRaised
from server.bpmn.instance import SCOPE_BUDGET

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


def forked(*branches: str, join: str = "parallelGateway", after: str = "") -> list[str]:
    """A split into user tasks and a join of them, then a task ``last``."""
    return [
        START,
        node("parallelGateway", "split"),
        *(node("userTask", branch) for branch in branches),
        node(join, "join"),
        node("userTask", "last"),
        END,
        flow("start", "split"),
        *(flow("split", branch) for branch in branches),
        *(flow(branch, "join") for branch in branches),
        path("join", "last", "end"),
    ]


APP = {"score": 0, "limit": 0, "notes": []}


def test_nested_edits_of_both_branches_survive_whole_documents_that_come_back():
    world = World(model(*forked("a", "b"))).start(app=APP)
    world.do("complete_user_task", "a", {"app": {**APP, "score": 700, "notes": ["a"]}})
    assert world["app"] == {"score": 700, "limit": 0, "notes": ["a"]}  # shared at once
    world.do("complete_user_task", "b", {"app": {**APP, "limit": 50_000, "notes": ["b"]}})
    assert world.waiting() == ["last"]
    assert world["app"] == {"score": 700, "limit": 50_000, "notes": ["a", "b"]}


def test_three_branches_and_edits_of_mappings_merge():
    world = World(
        model(
            START,
            node("parallelGateway", "split"),
            node("scriptTask", "a", ext=script("1", "x") + io(("output", "x", "app.a"))),
            node("serviceTask", "b", ext=job("b") + io(("output", "b", "app.b"))),
            node("userTask", "c"),
            node("parallelGateway", "join"),
            node("userTask", "last"),
            path("start", "split", "a", "join", "last"),
            path("split", "b", "join"),
            path("split", "c", "join"),
        )
    ).start(app={"a": 0, "b": 0, "c": 0})
    world.do("complete_job", "b", {"b": 2})
    world.do("complete_user_task", "c", {"app": {"a": 0, "b": 0, "c": 3}})
    assert world["app"] == {"a": 1, "b": 2, "c": 3}
    assert world.waiting() == ["last"]


def test_a_true_conflict_is_an_incident_that_shows_both_sides_and_can_be_repaired():
    world = World(model(*forked("a", "b"))).start(app={"decision": "open", "score": 1})
    world.do("complete_user_task", "a", {"app": {"decision": "approve", "score": 1}})
    world.do("complete_user_task", "b", {"app": {"decision": "refuse", "score": 1}})
    assert world.waiting() == ["join"]
    (incident,) = world.of(IncidentRaised)
    assert incident.error_type == "IO_MAPPING_ERROR"
    for language in (incident.message.zh, incident.message.en):
        assert all(part in language for part in ("app.decision", "approve", "refuse", "open"))
    world.execution.set_variables(100, {"app": {"decision": "refuse", "score": 1}})
    world.do("retry", "join")
    assert world.of(IncidentCleared)
    assert world.waiting() == ["last"]
    assert world["app"]["decision"] == "refuse"
    world.do("complete_user_task", "last", {"app": {"decision": "approve", "score": 1}})
    assert world.completed
    assert world["app"]["decision"] == "approve"


def test_branches_that_say_the_same_or_take_their_edit_back_do_not_conflict():
    world = World(model(*forked("a", "b"))).start(ok=None, n=1)
    world.do("complete_user_task", "a", {"ok": True})
    world.do("complete_user_task", "b", {"ok": True, "n": 1})
    assert world.waiting() == ["last"]


def test_branches_that_create_the_same_variable_alike_do_not_conflict_however_often_the_instance_is_stored():
    parts = forked("a", "b")
    parts[-1] += node("userTask", "later")
    parts = [part.replace('sourceRef="b" targetRef="join"', 'sourceRef="b" targetRef="later"') for part in parts]
    world = World(model(*parts, flow("later", "join"))).start()
    world.do("complete_user_task", "a", {"checked": True}).do("complete_user_task", "b", {"checked": True})
    world.do("complete_user_task", "later", {})
    assert not world.of(IncidentRaised)
    assert world.waiting() == ["last"]


def test_a_branch_may_overwrite_its_own_edit():
    parts = forked("a", "b")
    parts += [node("userTask", "a2"), path("split", "a2", "a")]
    parts.remove(flow("split", "a"))
    world = World(model(*parts)).start(app={"x": 0, "y": 0})
    world.do("complete_user_task", "a2", {"app": {"x": 1, "y": 0}})
    world.do("complete_user_task", "b", {"app": {"x": 0, "y": 5}})
    world.do("complete_user_task", "a", {"app": {"x": 2, "y": 0}})
    assert world["app"] == {"x": 2, "y": 5}
    assert world.waiting() == ["last"]


def test_nested_forks_merge_level_by_level():
    process = model(
        START,
        *(node("parallelGateway", name) for name in ("split", "split2", "join2", "join")),
        *(node("userTask", name) for name in ("a", "b", "c", "last")),
        path("start", "split", "split2", "a", "join2", "join", "last"),
        path("split2", "b", "join2"),
        path("split", "c", "join"),
    )
    doc = {"a": 0, "b": 0, "c": 0}
    for order in ("abc", "cba", "acb"):
        world = World(process).start(doc=doc)
        for name in order:
            world.do("complete_user_task", name, {"doc": {**doc, name: 1}})
        assert world["doc"] == {"a": 1, "b": 1, "c": 1}
        assert world.waiting() == ["last"]
    world = World(process).start(doc=doc)
    world.do("complete_user_task", "a", {"doc": {**doc, "a": 1}})
    world.do("complete_user_task", "b", {"doc": {**doc, "b": 1}})
    world.do("complete_user_task", "c", {"doc": {**doc, "b": 2}})
    assert world.waiting() == ["join"]  # the outer join sees what the inner branches made


def test_a_join_of_some_branches_still_answers_to_the_others():
    process = model(
        START,
        *(node("parallelGateway", name) for name in ("split", "early", "late")),
        *(node("userTask", name) for name in ("a", "b", "c", "last")),
        path("start", "split", "a", "early", "late", "last"),
        path("split", "b", "early"),
        path("split", "c", "late"),
    )
    world = World(process).start(n=0)
    world.do("complete_user_task", "a", {"n": 1})
    world.do("complete_user_task", "b", {})
    world.do("complete_user_task", "c", {"n": 2})
    assert world.waiting() == ["late"]
    assert "IO_MAPPING_ERROR" in [incident.error_type for incident in world.of(IncidentRaised)]


def test_a_write_from_inside_a_subprocess_belongs_to_the_branch_around_it():
    process = model(
        START,
        node("parallelGateway", "split"),
        subprocess_("sub", node("startEvent", "s"), node("userTask", "a"), node("endEvent", "e"), path("s", "a", "e")),
        node("userTask", "b"),
        node("parallelGateway", "join"),
        node("userTask", "last"),
        path("start", "split", "sub", "join", "last"),
        path("split", "b", "join"),
    )
    world = World(process).start(app=APP)
    world.do("complete_user_task", "b", {"app": {**APP, "limit": 1}})
    world.do("complete_user_task", "a", {"app": {**APP, "score": 1}})
    assert world["app"] == {"score": 1, "limit": 1, "notes": []}
    assert world.waiting() == ["last"]


def test_a_boundary_event_goes_on_in_the_branch_of_its_activity():
    process = model(
        START,
        node("parallelGateway", "split"),
        node("userTask", "a"),
        boundary("late", "a", timer("duration", "P1D")),
        node("userTask", "b"),
        node("userTask", "instead"),
        node("parallelGateway", "join"),
        node("userTask", "last"),
        path("start", "split", "a"),
        path("late", "instead", "join", "last"),
        path("split", "b", "join"),
    )
    world = World(process).start(d=0)
    world.do("fire_timer", "late")
    world.do("complete_user_task", "instead", {"d": 1})
    world.do("complete_user_task", "b", {"d": 2})
    assert world.waiting() == ["join"]
    assert world.of(IncidentRaised)


def test_forks_leave_nothing_behind():
    process = model(
        START,
        node("exclusiveGateway", "head"),
        node("parallelGateway", "split"),
        node("userTask", "a"),
        node("userTask", "b"),
        node("parallelGateway", "join"),
        node("userTask", "last"),
        path("start", "head", "split", "a", "join", "last", "head"),
        path("split", "b", "join"),
    )
    world = World(process).start(n=0)
    sizes = []
    for turn in range(30):
        world.do("complete_user_task", "a", {"n": turn})
        world.do("complete_user_task", "b", {})
        world.do("complete_user_task", "last", {})
        sizes.append(len(world.execution.snapshot()))
    assert max(sizes[12:]) - min(sizes[12:]) <= 2
    assert "forks" not in world.execution._instance.task_tree.internal_data


def test_a_loop_that_splits_and_never_joins_does_not_grow():
    process = model(
        START,
        node("exclusiveGateway", "head"),
        node("parallelGateway", "split"),
        node("userTask", "work"),
        node("scriptTask", "note", ext=script("n", "noted")),
        node("endEvent", "done"),
        path("start", "head", "split", "work", "head"),
        path("split", "note", "done"),
    )
    world = World(process).start(n=0)
    sizes = []
    for turn in range(200):
        world.do("complete_user_task", "work", {"n": turn})
        sizes.append(len(world.execution.snapshot()))
    assert max(sizes[100:]) <= max(sizes[:100]) + 20  # some numbers have one digit more
    assert max(sizes) < 400


def test_tokens_that_multiply_without_end_are_incidents_before_they_cost_much():
    process = model(
        START,
        node("exclusiveGateway", "head"),
        node("parallelGateway", "split"),
        node("inclusiveGateway", "join"),
        path("start", "head", "split", "join", "head"),
        path("split", "head"),
    )
    world = World(process).start()
    assert len(world.execution._instance.tasks) < 2 * SCOPE_BUDGET
    assert {incident.message.code for incident in world.of(IncidentRaised)} == {"bpmn.crowded-scope"}


# -- inclusive gateways --------------------------------------------------------------------------------------------


def inclusive(**attributes: str):
    return model(
        START,
        node("inclusiveGateway", "split", **attributes),
        *(node("userTask", name) for name in ("a", "b", "c", "last")),
        node("inclusiveGateway", "join"),
        END,
        flow("start", "split"),
        flow("split", "a", "n > 1"),
        flow("split", "b", "n > 2"),
        flow("split", "c", None if attributes else "n > 3"),
        *(flow(name, "join") for name in "abc"),
        path("join", "last", "end"),
    )


@pytest.mark.parametrize(("n", "taken"), [(4, ["a", "b", "c"]), (3, ["a", "b"]), (2, ["a"])])
def test_an_inclusive_split_takes_every_true_flow_and_the_join_waits_for_just_those(n, taken):
    world = World(inclusive()).start(n=n)
    assert world.waiting() == taken
    for name in taken:
        assert "last" not in world.waiting()
        world.do("complete_user_task", name, {})
    assert world.waiting() == ["last"]
    assert world.do("complete_user_task", "last", {}).completed


def test_the_default_flow_is_taken_alone_and_without_one_it_is_an_incident():
    assert World(inclusive(default="split_c")).start(n=0).waiting() == ["c"]
    assert World(inclusive(default="split_c")).start(n=9).waiting() == ["a", "b"]
    world = World(inclusive()).start(n=0)
    assert world.of(IncidentRaised)[0].error_type == "CONDITION_ERROR"


def test_a_branch_that_ends_elsewhere_is_no_longer_waited_for():
    process = model(
        START,
        node("inclusiveGateway", "split"),
        *(node("userTask", name) for name in ("a", "b", "last")),
        node("exclusiveGateway", "which", default="which_gone"),
        node("endEvent", "gone"),
        node("inclusiveGateway", "join"),
        path("start", "split", "a", "join", "last"),
        path("split", "b", "which", "gone"),
        flow("which", "join", "stay"),
    )
    world = World(process).start(stay=False)
    world.do("complete_user_task", "a", {})
    assert world.waiting() == ["b", "join"]
    world.do("complete_user_task", "b", {})
    assert world.waiting() == ["last"]
    world = World(process).start(stay=True)
    world.do("complete_user_task", "b", {})
    assert world.waiting() == ["a", "join"]
    world.do("complete_user_task", "a", {})
    assert world.waiting() == ["last"]


def test_a_token_on_a_boundary_event_counts_as_upstream():
    process = model(
        START,
        node("inclusiveGateway", "split"),
        *(node("userTask", name) for name in ("a", "b", "last")),
        boundary("paid", "b", message()),
        node("endEvent", "gone"),
        node("inclusiveGateway", "join"),
        path("start", "split", "a", "join", "last"),
        path("split", "b", "gone"),
        flow("paid", "join"),
        definitions=message_definition(),
    )
    world = World(process).start(loan="L")
    world.do("complete_user_task", "a", {})
    assert "join" in world.waiting()
    world.do("deliver_message", "paid", {})
    assert world.waiting() == ["last"]


def test_an_inclusive_gateway_in_a_loop_does_not_wait_for_itself():
    process = model(
        START,
        node("inclusiveGateway", "head"),
        node("userTask", "work"),
        node("exclusiveGateway", "again", default="again_end"),
        END,
        path("start", "head", "work", "again", "end"),
        flow("again", "head", "n < 3"),
    )
    world = World(process).start(n=0)
    for n in range(1, 4):
        assert world.waiting() == ["work"]
        world.do("complete_user_task", "work", {"n": n})
    assert world.completed


def test_a_split_inside_a_loop_joins_each_time_with_its_own_tokens():
    process = model(
        START,
        node("exclusiveGateway", "head"),
        node("inclusiveGateway", "split", default="split_a"),
        *(node("userTask", name) for name in ("a", "b")),
        node("inclusiveGateway", "join"),
        node("exclusiveGateway", "again", default="again_end"),
        END,
        path("start", "head", "split", "a", "join", "again", "end"),
        flow("split", "b", "n < 2"),
        flow("b", "join"),
        flow("again", "head", "n < 3"),
    )
    world = World(process).start(n=0)
    world.do("complete_user_task", "b", {"n": 2})
    assert world.waiting() == ["a"]  # the default flow is not taken beside a true one; b was alone


def operated():
    """One branch decides twice, a task for an operator's hand between; the other waits."""
    process = model(
        START,
        node("parallelGateway", "split"),
        node("serviceTask", "first", ext=job("decide")),
        node("serviceTask", "second", ext=job("decide")),
        node("userTask", "other"),
        node("parallelGateway", "join"),
        END,
        path("start", "split", "first", "second", "join", "end"),
        path("split", "other", "join"),
    )
    return World(process).start(ok=None).do("complete_job", "first", {"ok": False})


def test_what_a_branch_writes_after_an_operator_counts_though_it_had_written_the_same_before():
    world = operated()
    world.execution.set_variables(100, {"ok": True})
    world._store()
    world.do("complete_job", "second", {"ok": False})
    assert world["ok"] is False
    world.do("complete_user_task", "other", {})
    assert world.completed


def test_what_an_operator_sets_at_an_element_is_this_very_value():
    world = operated().do("complete_user_task", "other", {"ok": True})
    world.execution.set_variables(world.key("second"), {"ok": False})
    world._store()
    assert world["ok"] is False
    world.do("complete_job", "second", {})
    assert world.completed  # the operator has settled what the branches had made different


def test_an_operators_edit_of_a_document_stays_when_a_branch_hands_back_what_it_had_seen():
    world = operated().do("complete_user_task", "other", {"app": {"score": 1, "limit": 5}})
    world.execution.set_variables(100, {"app": {"score": 2, "limit": 5}})
    world._store()
    world.do("complete_job", "second", {"ok": False})
    assert world.completed
    assert world["app"] == {"score": 2, "limit": 5}
