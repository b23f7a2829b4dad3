"""What the schema lets pass and no run could make sense of is refused, and nothing that is written goes unsaid."""

from __future__ import annotations

import pytest

from server.messages import Severity
from server.runtime.lint import lint_files

from .diagrams import END, START, boundary, document, flow, job, node, path, subprocess_, timer

TASK = node("userTask", "t")
INSIDE = subprocess_("sub", node("startEvent", "begin"), TASK, node("endEvent", "done"), path("begin", "t", "done"))
LISTENERS = (
    "<bpmn:extensionElements><zeebe:executionListeners>"
    '<zeebe:executionListener eventType="start" type="audit"/></zeebe:executionListeners></bpmn:extensionElements>'
)
LATER = timer("duration", "PT1H")


def found(file: bytes, severity: Severity = Severity.ERROR) -> list[tuple[str, str]]:
    return [(f.message.code, f.element) for f in lint_files([("test.bpmn", file)]) if f.severity is severity]


@pytest.mark.parametrize(
    ("expected", "file"),
    [
        (
            ("bpmn.flow-crosses", "out"),
            document(START, INSIDE, END, path("start", "sub", "end"), flow("t", "end", id_="out")),
        ),
        (
            ("bpmn.flow-into-event", "t_start"),
            document(START, TASK, END, path("start", "t", "end"), flow("t", "start")),
        ),
        (
            ("bpmn.flow-into-event", "t_late"),
            document(
                START,
                TASK,
                boundary("late", "t", LATER),
                node("userTask", "u"),
                END,
                path("start", "t", "late", "u", "end"),
            ),
        ),
        (
            ("bpmn.flow-into-event", "t_late"),
            document(
                START, TASK, boundary("late", "t", LATER), END, path("start", "t", "end"), path("t", "late", "end")
            ),
        ),
        (
            ("bpmn.boundary-elsewhere", "late"),
            document(
                START, INSIDE, boundary("late", "t", LATER), END, path("start", "sub", "end"), flow("late", "end")
            ),
        ),
        (
            ("bpmn.default-flow", "choice"),
            document(
                START, node("exclusiveGateway", "choice", default="start_choice"), END, path("start", "choice", "end")
            ),
        ),
        (
            ("bpmn.condition-on-parallel", "fork_end"),
            document(
                START,
                node("parallelGateway", "fork"),
                TASK,
                END,
                path("start", "fork", "t", "end"),
                flow("fork", "end", "n > 3"),
            ),
        ),
        (
            ("bpmn.quantity", "t"),
            document(START, node("userTask", "t", startQuantity="2"), END, path("start", "t", "end")),
        ),
        (
            ("bpmn.quantity", "t"),
            document(START, node("userTask", "t", completionQuantity="3"), END, path("start", "t", "end")),
        ),
        (("bpmn.unsupported-extension", "p"), document(LISTENERS, START, END, path("start", "end"))),
        (("bpmn.no-start", "sub"), document(START, node("subProcess", "sub"), END, path("start", "sub", "end"))),
    ],
)
def test_what_no_run_could_make_sense_of_is_refused(expected: tuple[str, str], file: bytes) -> None:
    assert expected in found(file)


def test_a_misspelt_attribute_is_told_where_it_stands() -> None:
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition assigne="zhang"/>'
    file = document(START, node("userTask", "t", ext=ext), END, path("start", "t", "end"))
    assert ("bpmn.unknown-attribute", "t") in found(file, Severity.WARNING)
    assert not found(file)


def test_what_is_right_is_not_told() -> None:
    file = document(
        START,
        node("serviceTask", "pay", ext=job("pay")),
        node("exclusiveGateway", "choice", default="choice_end"),
        boundary("late", "pay", LATER),
        INSIDE,
        END,
        path("start", "pay", "choice", "end"),
        flow("choice", "sub", "n > 3"),
        flow("late", "end"),
        flow("sub", "end"),
    )
    assert not found(file)
    assert not [code for code, _ in found(file, Severity.WARNING) if code == "bpmn.unknown-attribute"]
