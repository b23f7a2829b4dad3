"""Cases without an end: processes that call each other, or wake each other, within one command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.bpmn import settling
from server.scenarios import Outcome

from ..bpmn.diagrams import END, START, document, node, path, signal, signal_definition

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


def test_instances_that_wake_each_other_without_end_are_told_apart_from_a_crash(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "ROUNDS", 50)
    echo = node(
        "subProcess",
        "echo",
        node("startEvent", "heard", signal(), isInterrupting="false"),
        node("endEvent", "said", signal()),
        path("heard", "said"),
        triggeredByEvent="true",
    )
    throw = node("intermediateThrowEvent", "shout", signal())
    wait = node("userTask", "wait")
    outcome = play(
        """
        process: p.bpmn
        """,
        p_bpmn=document(
            START, throw, wait, END, path("start", "shout", "wait", "end"), echo, definitions=signal_definition()
        ),
    )

    assert outcome.problem is not None
    assert outcome.problem.code == "bpmn.endless-case"
