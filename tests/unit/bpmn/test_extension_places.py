"""An extension element that does nothing where it stands is told, with what to do; one that means something is not."""

from __future__ import annotations

import pytest

from server.bpmn.extension_places import PLACES
from server.bpmn.extensions import HANDLED
from server.messages import Finding, Severity
from server.runtime.lint import lint_files

from .diagrams import (
    END,
    START,
    boundary,
    document,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    node,
    path,
    script,
)

CODE = "bpmn.extension-without-effect"
FORM = '<zeebe:formDefinition formId="f"/>'


def told(file: bytes) -> list[Finding]:
    return [f for f in lint_files([("test.bpmn", file)]) if f.message.code == CODE]


def line(tag: str, ext: str, *inside: str) -> bytes:
    return document(START, node(tag, "x", *inside, ext=ext), END, path("start", "x", "end"))


MISPLACED = {
    "taskDefinition": line("userTask", job("pay") + "<zeebe:userTask/>"),
    "taskHeaders": line("manualTask", '<zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>'),
    "userTask": line("serviceTask", job("pay") + "<zeebe:userTask/>"),
    "assignmentDefinition": line("serviceTask", job("pay") + '<zeebe:assignmentDefinition assignee="zhang"/>'),
    "taskSchedule": line("manualTask", '<zeebe:taskSchedule dueDate="P1D"/>'),
    "priorityDefinition": line("task", '<zeebe:priorityDefinition priority="60"/>'),
    "formDefinition": line("serviceTask", job("pay") + FORM),
    "ioMapping": line("exclusiveGateway", io(("input", "1", "a"))),
    "calledDecision": line("serviceTask", job("pay") + '<zeebe:calledDecision decisionId="d" resultVariable="r"/>'),
    "calledElement": line("userTask", '<zeebe:userTask/><zeebe:calledElement processId="q"/>'),
    "script": line("serviceTask", job("pay") + script("1", "r")),
    "loopCharacteristics": line("userTask", '<zeebe:userTask/><zeebe:loopCharacteristics inputCollection="=[1]"/>'),
    "adHoc": line("task", '<zeebe:adHoc activeElementsCollection="=[]"/>'),
    "subscription": line("task", '<zeebe:subscription correlationKey="=a"/>'),
    "versionTag": line("task", '<zeebe:versionTag value="1"/>'),
    "jobPriorityDefinition": line("serviceTask", job("pay") + '<zeebe:jobPriorityDefinition priority="9"/>'),
    "header": line("serviceTask", job("pay") + '<zeebe:header key="a" value="b"/>'),
    "input": line("serviceTask", job("pay") + '<zeebe:input source="=1" target="a"/>'),
    "output": line("serviceTask", job("pay") + '<zeebe:output source="=1" target="a"/>'),
    "property": line("serviceTask", job("pay") + '<zeebe:property name="a" value="b"/>'),
}
HELD = "test.bpmn"


@pytest.mark.parametrize("name", sorted(MISPLACED))
def test_what_does_nothing_is_told_with_its_element_and_what_to_do(name):
    (finding,) = told(MISPLACED[name])
    assert (finding.severity, finding.element, finding.resource) == (Severity.WARNING, "x", HELD)
    assert finding.line
    assert f"zeebe:{name} " in finding.message.en or f"zeebe:{name};" in finding.message.en
    assert any(word in finding.message.en for word in ("Move it", "remove it", "put it into"))


def test_every_extension_element_has_a_place_or_is_known_to_carry_no_behaviour():
    inside = {"header", "input", "output", "property"}
    assert PLACES.keys() - {"conditionalFilter"} | inside | {"properties", "modelerTemplate"} == HANDLED
    assert MISPLACED.keys() == PLACES.keys() - {"conditionalFilter"} | inside


@pytest.mark.parametrize(
    "file",
    [
        document(
            node("startEvent", "start", ext='<zeebe:formDefinition formId="f"/>'),
            node(
                "userTask",
                "x",
                ext=f'<zeebe:userTask/>{FORM}<zeebe:taskSchedule dueDate="P1D"/>' + io(("input", "1", "a")),
            ),
            END,
            path("start", "x", "end"),
        ),
        line("serviceTask", job("pay") + "<zeebe:properties><zeebe:property name='a' value='b'/></zeebe:properties>"),
        line("scriptTask", script("1", "r")),
        line(
            "businessRuleTask", '<zeebe:calledDecision decisionId="d" resultVariable="r"/>' + io(("output", "r", "s"))
        ),
        document(
            START,
            node("endEvent", "end", message(), ext=job("send")),
            path("start", "end"),
            definitions='<bpmn:message id="message_paid" name="paid"/>',
        ),
        document(START, node("task", "x", ext=job("pay")), END, path("start", "x", "end"), executable="false"),
    ],
    ids=range(6),
)
def test_what_means_something_is_not_told(file):
    assert told(file) == []


def test_mappings_that_are_never_applied_are_told():
    def process(start: str, late: str, end: str) -> bytes:
        return document(
            node("startEvent", "start", ext=start),
            node("userTask", "x"),
            boundary("late", "x", error(), ext=late),
            END,
            node("endEvent", "failed", error(), ext=end),
            path("start", "x", "end"),
            flow("late", "failed"),
            definitions=error_definition(),
        )

    applied, ignored = io(("output", "1", "a")), io(("input", "1", "a"))
    assert [f.element for f in told(process(ignored, ignored, applied))] == ["start", "late", "failed"]
    assert told(process(applied, applied, ignored)) == []


def test_a_start_form_where_nobody_fills_it_in_is_told():
    start = node("startEvent", "start", message(), ext=FORM)
    file = document(start, END, path("start", "end"), definitions='<bpmn:message id="message_paid" name="paid"/>')
    assert [f.element for f in told(file)] == ["start"]


def test_the_finding_stands_at_the_line_of_the_extension():
    file = line("serviceTask", f"{job('pay')}\n\n{FORM}")
    assert [f.line for f in told(file)] == [3]
