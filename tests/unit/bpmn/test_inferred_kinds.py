"""An expression that can only be of a kind which its place does not take is refused; what may be right is not."""

from __future__ import annotations

import pytest

from server.bpmn import read_processes
from server.bpmn.effects import IncidentRaised
from server.messages import Severity
from server.runtime.lint import lint_files

from .diagrams import END, START, World, boundary, condition, document, flow, io, job, node, path, script, timer


def errors(file: bytes) -> list[str]:
    found = lint_files([("test.bpmn", file)])
    return [f.message.code for f in found if f.severity is Severity.ERROR]


def choice(text: str) -> bytes:
    return document(
        START,
        node("exclusiveGateway", "x", default="x_end"),
        node("userTask", "a"),
        END,
        flow("start", "x"),
        flow("x", "a", text),
        flow("x", "end"),
        flow("a", "end"),
    )


def line(element: str, *more: str) -> bytes:
    return document(START, element, *more, END, path("start", "x", "end"))


def person(ext: str) -> bytes:
    return line(node("userTask", "x", ext=f"<zeebe:userTask/>{ext}"))


def many(collection: str, completed: str = "") -> bytes:
    body = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{completed}</bpmn:completionCondition>'
    return line(
        node(
            "userTask",
            "x",
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
            f'<zeebe:loopCharacteristics inputCollection="{collection}" inputElement="each"/></bpmn:extensionElements>'
            f"{body if completed else ''}</bpmn:multiInstanceLoopCharacteristics>",
            ext="<zeebe:userTask/>",
        )
    )


def waits(kind: str, text: str) -> bytes:
    return line(node("intermediateCatchEvent", "x", timer(kind, text)))


NEVER_TRUE_OR_FALSE = [
    "a + 1",
    '"x" + y',
    "[a, b]",
    "{a: b}",
    "[1..a]",
    "date(x)",
    "function(x) x + a",
    "upper case(x)",
    "if a > 1 then 2 else b + 1",
    "-a",
    'a - "x"',
    "sum(a)",
    "today() - date(a)",
]
MAY_BE_TRUE = [
    "a",
    "a.b",
    "a = 1",
    "a and b",
    "not(a)",
    "if a = 1 then true else b + 1",
    "some each in a satisfies each = 1",
    "list contains(a, 1)",
    "get or else(a, false)",
    "a[1]",
    "a instance of number",
]


@pytest.mark.parametrize("text", NEVER_TRUE_OR_FALSE)
def test_a_condition_that_is_never_true_or_false_is_refused(text):
    assert errors(choice(text)) == ["bpmn.condition-not-boolean"]


@pytest.mark.parametrize("text", NEVER_TRUE_OR_FALSE)
def test_such_a_condition_would_have_been_an_incident(text):
    (process,) = read_processes(choice(text))
    world = World(process).start(a=3, b=4, x="2026-01-01", y="z")
    assert any(isinstance(effect, IncidentRaised) for effect in world.effects)


@pytest.mark.parametrize("text", MAY_BE_TRUE)
def test_a_condition_that_may_be_true_passes(text):
    assert errors(choice(text)) == []


def test_the_conditions_of_events_are_looked_at_too():
    def guarded(text: str) -> bytes:
        return line(
            node("userTask", "x"),
            boundary("late", "x", condition(text)),
            node("endEvent", "gone"),
            flow("late", "gone"),
        )

    assert errors(guarded("a + 1")) == ["bpmn.condition-not-boolean"]
    assert errors(guarded("a > 1")) == []


WRONG = {
    "bpmn.collection": [many("=a + 1"), many("=count(a)"), many("={a: b}"), many("=[1..a]")],
    "bpmn.condition-constant": [many("=a", "=numberOfCompletedInstances + 1")],
    "bpmn.timer-value": [
        waits("duration", "=a + 1"),
        waits("duration", "=date(a)"),
        waits("date", "=duration(a)"),
        waits("date", "=a * 2"),
        waits("duration", "=[a]"),
    ],
    "bpmn.job-retries": [line(node("serviceTask", "x", ext=job("pay", "=[a]")))],
    "bpmn.job-type": [line(node("serviceTask", "x", ext=job("=a * 2")))],
    "bpmn.task-priority": [person('<zeebe:priorityDefinition priority="=a > 1"/>'.replace("> 1", "&gt; 1"))],
    "bpmn.task-date": [
        person('<zeebe:taskSchedule dueDate="=a * 2"/>'),
        person('<zeebe:taskSchedule followUpDate="=[a]"/>'),
    ],
    "bpmn.candidates": [person('<zeebe:assignmentDefinition candidateGroups="=a * 2"/>')],
    "bpmn.assignee": [
        person('<zeebe:assignmentDefinition assignee="=[a]"/>'),
        person('<zeebe:assignmentDefinition assignee="=[1]"/>'),
        person('<zeebe:assignmentDefinition assignee="={a: b}"/>'),
    ],
    "bpmn.expression-failed": [
        line(node("scriptTask", "x", ext=script("a - 'x'".replace("'", "&quot;"), "y"))),
        line(node("scriptTask", "x", ext=script("[1..a]", "y"))),
        line(node("serviceTask", "x", ext=job("pay") + io(("input", "function(q) q + a", "y")))),
        line(node("serviceTask", "x", ext=job("pay", "=1 / 0"))),
    ],
}


@pytest.mark.parametrize(
    ("code", "file"),
    [(code, file) for code, files in WRONG.items() for file in files],
    ids=lambda value: str(value)[:30],
)
def test_a_value_that_is_certainly_of_another_kind_is_refused_once(code, file):
    assert errors(file) == [code]


@pytest.mark.parametrize(
    "file",
    [
        many("=a"),
        many("=a.b", "=numberOfCompletedInstances > 1".replace(">", "&gt;")),
        many("=for each in 1..a return each"),
        many("=if a = 1 then [] else a"),
        waits("duration", "=a"),
        waits("duration", "=duration(a)"),
        waits("duration", "=&quot;P&quot; + a"),
        waits("date", "=date(a)"),
        waits("date", "=now() + duration(a)"),
        line(node("serviceTask", "x", ext=job("=&quot;pay-&quot; + a", "=a + 1"))),
        person('<zeebe:priorityDefinition priority="=a + 1"/>'),
        person('<zeebe:taskSchedule dueDate="=date(a)" followUpDate="=duration(a)"/>'),
        person('<zeebe:assignmentDefinition assignee="=a" candidateGroups="=[a]" candidateUsers="=string(a)"/>'),
    ],
    ids=range(13),
)
def test_what_may_be_of_the_right_kind_passes(file):
    assert errors(file) == []
