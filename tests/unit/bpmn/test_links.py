"""Links: a throw jumps to the catch of its name in the same scope. Plain SpiffWorkflow swallows the token there."""

from __future__ import annotations

from server.bpmn.effects import ElementActivated, FlowTaken

from .diagrams import END, START, World, flow, io, link, model, node, path, subprocess_


def throw(id_: str, name: str = "onward", ext: str = "") -> str:
    return node("intermediateThrowEvent", id_, link(name), ext=ext)


def catch(id_: str, name: str = "onward") -> str:
    return node("intermediateCatchEvent", id_, link(name))


def test_the_flow_goes_on_behind_the_catching_link():
    world = World(
        model(
            START,
            throw("out"),
            catch("into"),
            node("userTask", "t"),
            END,
            path("start", "out"),
            path("into", "t", "end"),
        )
    ).start()
    assert world.waiting() == ["t"]
    assert [a.element_id for a in world.of(ElementActivated)] == ["p", "start", "out", "into", "t"]
    assert [taken.flow_id for taken in world.of(FlowTaken)] == ["start_out", "into_t"], "a link is no sequence flow"
    assert world.do("complete_user_task", "t", {}).completed


def test_several_throws_lead_to_one_catch_and_loops_may_be_drawn_with_them():
    shape = model(
        START,
        node("exclusiveGateway", "g"),
        throw("back", "again"),
        catch("again", "again"),
        node("userTask", "t"),
        throw("a", "done"),
        catch("done", "done"),
        END,
        path("start", "t", "g"),
        flow("again", "t"),
        flow("g", "back", "n &lt; 2".replace("&lt;", "<")),
        flow("g", "a", "n >= 2"),
        flow("done", "end"),
    )
    world = World(shape).start(n=1).do("complete_user_task", "t", {})
    assert world.waiting() == ["t"]
    assert world.do("complete_user_task", "t", {"n": 2}).completed


def test_a_link_stays_within_its_scope():
    inner = (
        node("startEvent", "s"),
        throw("in1"),
        catch("in2"),
        node("userTask", "t"),
        path("s", "in1"),
        flow("in2", "t"),
    )
    shape = model(
        START,
        subprocess_("sub", *inner),
        throw("out1"),
        catch("out2"),
        node("userTask", "after"),
        path("start", "sub", "out1"),
        flow("out2", "after"),
    )
    world = World(shape).start()
    assert world.waiting() == ["sub", "t"]
    assert world.do("complete_user_task", "t", {}).waiting() == ["after"]


def test_branches_that_jump_meet_at_a_join_behind():
    shape = model(
        START,
        node("parallelGateway", "fork"),
        throw("one", "1"),
        throw("two", "2"),
        catch("into1", "1"),
        catch("into2", "2"),
        node("parallelGateway", "join"),
        node("userTask", "t"),
        path("start", "fork", "one"),
        flow("fork", "two"),
        flow("into1", "join"),
        flow("into2", "join"),
        flow("join", "t"),
    )
    assert World(shape).start().waiting() == ["t"]


def test_an_inclusive_join_waits_for_what_can_still_jump_to_it():
    shape = model(
        START,
        node("inclusiveGateway", "fork"),
        node("userTask", "a"),
        node("userTask", "b"),
        throw("out"),
        catch("into"),
        node("inclusiveGateway", "join"),
        node("userTask", "t"),
        path("start", "fork"),
        flow("fork", "a", "true"),
        flow("fork", "b", "true"),
        path("a", "join", "t"),
        path("b", "out"),
        flow("into", "join"),
    )
    world = World(shape).start().do("complete_user_task", "a", {})
    assert world.waiting() == ["b", "join"]
    assert world.do("complete_user_task", "b", {}).waiting() == ["t"]


def test_output_mappings_of_a_throwing_link_are_applied():
    shape = model(
        START,
        throw("out", ext=io(("output", "1 + 1", "x"))),
        catch("into"),
        END,
        path("start", "out"),
        flow("into", "end"),
    )
    world = World(shape).start()
    assert world.completed
    assert world["x"] == 2
