"""A case that stands still for ever shows as an incident in a scenario, as it does for operators."""

from __future__ import annotations

from collections.abc import Callable

from server.scenarios import Outcome

from ..bpmn.diagrams import END, START, boundary, document, flow, message, message_definition, node, path

Play = Callable[..., Outcome]


def task(id_: str) -> str:
    return node("userTask", id_, ext="<zeebe:userTask/>")


LOPSIDED = document(
    START,
    node("parallelGateway", "fork"),
    node("exclusiveGateway", "one", default="one_end"),
    node("exclusiveGateway", "other", default="other_end"),
    task("a"),
    task("b"),
    node("parallelGateway", "join"),
    END,
    path("start", "fork", "one", "end"),
    path("fork", "other", "end"),
    flow("one", "a", "checked = true"),
    flow("other", "b", "checked = true and both = true"),
    path("a", "join", "end"),
    path("b", "join"),
)


def test_a_join_to_which_nothing_can_come_any_more_is_an_incident(play: Play) -> None:
    text = """
        process: p.bpmn
        variables: {checked: true}
        steps:
          - complete: a
        expect: {state: %s}
        """
    assert play(text % "incident, incidents: {join: UNKNOWN}", p_bpmn=LOPSIDED).problem is None
    silent = play(text % "active", p_bpmn=LOPSIDED).problem
    assert silent is not None
    assert "b_join" in silent.en


def test_it_is_repaired_by_a_modification(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        variables: {checked: true}
        steps:
          - complete: a
          - expect: {state: incident}
          - modify: {activate: b}
          - expect: {state: active}
          - complete: b
        expect: {state: completed}
        """,
        p_bpmn=LOPSIDED,
    )
    assert outcome.problem is None


CALLED = document(START, task("inner"), END, path("start", "inner", "end"), id_="called")
CALLER = document(
    START,
    node("callActivity", "call", ext='<zeebe:calledElement processId="called"/>'),
    boundary("paid", "call", message()),
    END,
    path("start", "call", "end"),
    flow("paid", "end"),
    definitions=message_definition(),
)


def test_a_caller_is_told_when_what_it_called_was_emptied_and_may_call_again(play: Play) -> None:
    outcome = play(
        """
        process: caller.bpmn
        resources: [called.bpmn]
        variables: {loan: L}
        steps:
          - modify: {process: called, terminate: inner}
          - expect: {state: incident, incidents: {call: CALLED_ELEMENT_ERROR}}
          - retry: call
          - expect: {state: active, tasks: [inner]}
          - message: {name: paid, key: L}
        expect: {state: completed, tasks: []}
        """,
        caller_bpmn=CALLER,
        called_bpmn=CALLED,
    )
    assert outcome.problem is None
