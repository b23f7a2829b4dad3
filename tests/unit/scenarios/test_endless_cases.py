"""Cases without an end: processes that call each other, or wake each other, within one command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.bpmn import settling
from server.scenarios import Outcome

from ..bpmn.diagrams import END, START, document, message, message_definition, node, path, signal, signal_definition

Play = Callable[..., Outcome]


def calling(process_id: str) -> str:
    return node("callActivity", "call", ext=f'<zeebe:calledElement processId="{process_id}"/>')


def test_a_process_that_calls_itself_without_end_is_an_incident(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        expect: {state: incident, incidents: {call: CALLED_ELEMENT_ERROR}}
        """,
        p_bpmn=document(START, calling("p"), END, path("start", "call", "end")),
    )

    assert outcome.problem is None


def test_calls_that_multiply_are_incidents(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "CALLS", 20)
    outcome = play(
        """
        process: p.bpmn
        expect: {state: incident}
        """,
        p_bpmn=document(
            START,
            calling("p"),
            node("callActivity", "twin", ext='<zeebe:calledElement processId="p"/>'),
            END,
            path("start", "call", "end"),
            path("start", "twin", "end"),
        ),
    )

    assert outcome.problem is None


def shouting() -> str:
    """A process that throws a signal whenever it hears it."""
    echo = node(
        "subProcess",
        "echo",
        node("startEvent", "heard", signal(), isInterrupting="false"),
        node("endEvent", "said", signal()),
        path("heard", "said"),
        triggeredByEvent="true",
    )
    throw, wait = node("intermediateThrowEvent", "shout", signal()), node("userTask", "wait")
    return document(
        START, throw, wait, END, path("start", "shout", "wait", "end"), echo, definitions=signal_definition()
    )


def test_instances_that_wake_each_other_without_end_are_told_apart_from_a_crash(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "ROUNDS", 50)
    outcome = play(
        """
        process: p.bpmn
        """,
        p_bpmn=shouting(),
    )

    assert outcome.problem is not None
    assert outcome.problem.code == "bpmn.endless-case"


def test_a_signal_that_a_case_throws_at_itself_without_end_is_an_incident(play: Play) -> None:
    outcome = play(
        """
        process: p.bpmn
        expect: {state: incident, incidents: {said: UNKNOWN}}
        """,
        p_bpmn=shouting(),
    )

    assert outcome.problem is None


def test_a_signal_that_goes_to_and_fro_between_cases_is_an_incident(play: Play) -> None:
    """Each waits before the other throws, so every turn is a command of its own."""
    wait, again = node("intermediateCatchEvent", "wait", signal()), node("intermediateThrowEvent", "again", signal())
    gateway, other = node("exclusiveGateway", "turn"), node("startEvent", "other", message("go"))
    outcome = play(
        """
        process: p.bpmn
        resources: [q.bpmn]
        steps:
          - message: {name: go, key: ""}
        expect: {state: incident, incidents: {again: UNKNOWN}}
        """,
        p_bpmn=document(
            START, gateway, wait, again, path("start", "turn", "wait", "again", "turn"), definitions=signal_definition()
        ),
        q_bpmn=document(
            other,
            node("exclusiveGateway", "turn"),
            node("intermediateThrowEvent", "again", signal()),
            wait,
            path("other", "turn", "again", "wait", "turn"),
            id_="q",
            definitions=signal_definition() + message_definition("go"),
        ),
    )

    assert outcome.problem is None
