"""The step ``modify`` says all that a modification over the API can say, by elements and numbers instead of keys."""

from __future__ import annotations

from collections.abc import Callable

from server.scenarios import Outcome

from ..bpmn.diagrams import END, START, document, node, path, subprocess_

Play = Callable[..., Outcome]


def task(id_: str) -> str:
    return node("userTask", id_, ext="<zeebe:userTask/>")


def several(id_: str) -> str:
    loop = '<zeebe:loopCharacteristics inputCollection="=[1,2,3]" inputElement="item"/>'
    return node(
        "userTask",
        id_,
        f"<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>{loop}</bpmn:extensionElements>"
        "</bpmn:multiInstanceLoopCharacteristics>",
        ext="<zeebe:userTask/>",
    )


FORK = document(
    START,
    node("parallelGateway", "fork"),
    task("a"),
    task("b"),
    node("parallelGateway", "join"),
    task("c"),
    END,
    path("start", "fork", "a", "join", "c", "end"),
    path("fork", "b", "join"),
)
INSIDE = document(
    START,
    subprocess_("sub", node("startEvent", "s"), task("x"), task("y"), node("endEvent", "e"), path("s", "x", "y", "e")),
    END,
    path("start", "sub", "end"),
)


def test_one_of_several_is_taken_away_by_its_number(play: Play) -> None:
    model = document(START, several("vote"), END, path("start", "vote", "end"))
    outcome = play(
        """
        process: p.bpmn
        steps:
          - modify: {terminate: {element: vote, index: 3}}
          - expect: {tasks: [vote, vote]}
          - complete: {task: vote, where: item = 1}
          - complete: {task: vote, where: item = 3}
        expect: {state: completed}
        """,
        p_bpmn=model,
    )
    assert outcome.problem is None


def test_a_flow_is_taken_and_an_arrival_taken_back(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        steps:
          - complete: a
          - modify: {terminate: {flow: a_join}, activate: a}
          - expect: {tasks: [a, b]}
          - complete: a
          - modify: {activate: {flow: b_join}, terminate: b}
        expect: {tasks: [c], state: active}
        """,
        p_bpmn=FORK,
    )
    assert outcome.problem is None


def test_variables_go_to_the_scope_that_is_named(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        variables: {amount: 3}
        steps:
          - modify:
              move: [{from: x, to: y, variables: {outer: 1}, scopes: {sub: {inner: '=amount + 1'}}}]
              variables: {outer: 7, shared: true}
          - expect: {tasks: [y], variables: {outer: 1, shared: true}, that: [is defined(inner) = false]}
          - modify: {activate: [{element: x, inside: sub}]}
          - expect: {tasks: [x, y], not_visited: [end]}
          - complete: {task: y, where: inner = 4}
          - complete: x
          - modify: {return_to: {element: x, source: y}}
          - expect: {tasks: [x]}
        """,
        p_bpmn=INSIDE,
    )
    assert outcome.problem is None


def test_an_entry_that_nobody_knows_is_told_with_what_there_is(play: Play) -> None:
    outcome = play("process: p.bpmn\nsteps: [{modify: {terminate: [{elemnt: a}]}}]", p_bpmn=FORK)
    assert outcome.problem is not None
    assert "elemnt: unknown here; there are element, flow, index, where" in outcome.problem.en


def test_one_that_is_not_open_is_told(play: Play) -> None:
    outcome = play("process: p.bpmn\nsteps: [{modify: {terminate: {element: a, index: 2}}}]", p_bpmn=FORK)
    assert outcome.problem is not None
    assert "No element a is open" in outcome.problem.en
