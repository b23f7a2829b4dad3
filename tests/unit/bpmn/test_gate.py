"""The deploy gate: what would not really execute is refused, with element, line and both languages."""

from __future__ import annotations

import pytest

from server.bpmn import BpmnError, lint, read_processes
from server.messages import Finding, Severity

from .diagrams import (
    END,
    HEAD,
    START,
    World,
    boundary,
    document,
    error,
    error_definition,
    flow,
    job,
    message,
    message_definition,
    node,
    path,
    subprocess_,
    timer,
)

COMPENSATE = "<bpmn:compensateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"


def errors(*inside: str, definitions: str = "") -> list[Finding]:
    return [f for f in lint(document(*inside, definitions=definitions), resource="f.bpmn") if f.severity == "error"]


def around(*middle: str) -> tuple[str, ...]:
    """A process whose single middle element is under test."""
    id_ = middle[0].split('id="')[1].split('"')[0]
    return (START, *middle, END, path("start", id_, "end"))


REFUSED = {
    "complex gateway": (around(node("complexGateway", "x")), "bpmn.unsupported-element"),
    "compensation catch": (around(node("intermediateCatchEvent", "x", COMPENSATE)), "bpmn.unsupported-event"),
    "cancel throw": (around(node("intermediateThrowEvent", "x", CANCEL)), "bpmn.unsupported-event"),
    "catch without definition": (around(node("intermediateCatchEvent", "x")), "bpmn.event-without-definition"),
    "multi-instance without collection": (
        around(node("task", "x", "<bpmn:multiInstanceLoopCharacteristics/>")),
        "bpmn.loop-collection",
    ),
    "unknown zeebe extension": (
        around(node("task", "x", ext="<zeebe:executionListeners/>")),
        "bpmn.unsupported-extension",
    ),
    "service task without job": (around(node("serviceTask", "x")), "bpmn.no-implementation"),
    "script task without script": (around(node("scriptTask", "x")), "bpmn.no-implementation"),
    "script task with script and job": (
        around(node("scriptTask", "x", ext=job("j") + '<zeebe:script expression="=1" resultVariable="r"/>')),
        "bpmn.two-implementations",
    ),
    "rule task without decision": (around(node("businessRuleTask", "x")), "bpmn.no-implementation"),
    "call without process": (around(node("callActivity", "x")), "bpmn.no-called-element"),
    "bad FEEL": (
        around(node("scriptTask", "x", ext='<zeebe:script expression="=1 +" resultVariable="r"/>')),
        "bpmn.expression",
    ),
    "bad timer": (around(node("intermediateCatchEvent", "x", timer("duration", "PT1X"))), "calendar.duration.syntax"),
    "cycle at an intermediate event": (
        around(node("intermediateCatchEvent", "x", timer("cycle", "R3/PT1H"))),
        "bpmn.cycle-position",
    ),
    "message without name": (
        around(node("intermediateCatchEvent", "x", message("nowhere"))),
        "bpmn.no-event-reference",
    ),
    "no start": ((node("task", "x"), END, path("x", "end")), "bpmn.no-start"),
    "two starts": ((START, node("startEvent", "s2"), END, path("start", "end"), flow("s2", "end")), "bpmn.many-starts"),
    "unreachable": ((START, node("task", "x"), END, path("start", "end")), "bpmn.unreachable"),
    "condition without equals sign": (
        (START, END, flow("start", "end", "x").replace(">=x<", ">x<")),
        "bpmn.condition-not-feel",
    ),
    "exclusive flow without condition": (
        (START, node("exclusiveGateway", "g"), END, node("endEvent", "e2"), path("start", "g", "end"), flow("g", "e2")),
        "bpmn.flow-without-condition",
    ),
    "event gateway to a task": (
        (START, node("eventBasedGateway", "g"), node("task", "x"), END, path("start", "g", "x"), flow("g", "end")),
        "bpmn.event-gateway-target",
    ),
    "typed start in a subprocess": (
        around(subprocess_("x", node("startEvent", "s", message()))),
        "bpmn.typed-start",
    ),
    "flow to nowhere": ((START, END, path("start", "end"), flow("start", "ghost")), "bpmn.flow-ends"),
    "boundary on a gateway": (
        (*around(node("exclusiveGateway", "x")), boundary("b", "x", timer("duration", "P1D"))),
        "bpmn.not-attached",
    ),
    "end event that goes on": ((START, END, node("task", "x"), path("start", "end", "x")), "bpmn.end-goes-on"),
    "error end without a code": (
        (START, node("endEvent", "bad", error(None)), path("start", "bad")),
        "bpmn.no-event-reference",
    ),
}


@pytest.mark.parametrize(("inside", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_not_execute_is_refused(inside, code):
    found = errors(*inside)
    assert code in [f.message.code for f in found], found
    finding = next(f for f in found if f.message.code == code)
    assert finding.line
    assert finding.resource == "f.bpmn"
    assert finding.message.zh != finding.message.en
    with pytest.raises(BpmnError) as refused:
        read_processes(document(*inside))
    assert code in [f.message.code for f in refused.value.findings]


def test_a_message_that_is_waited_for_needs_a_correlation_key():
    definition = message_definition().replace('<zeebe:subscription correlationKey="=loan"/>', "<zeebe:other/>")
    found = errors(*around(node("intermediateCatchEvent", "x", message())), definitions=definition)
    assert [f.message.code for f in found] == ["bpmn.no-correlation-key"]


def test_a_non_interrupting_error_event_is_refused():
    found = errors(
        *around(node("task", "x"), boundary("b", "x", error(), interrupting=False)), definitions=error_definition()
    )
    assert "bpmn.error-not-interrupting" in [f.message.code for f in found]


def test_several_faults_are_reported_together_with_their_lines():
    found = errors(START, node("serviceTask", "a"), "\n", node("serviceTask", "b"), END, path("start", "a", "b", "end"))
    assert [(f.element, f.line) for f in found] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (b"<not xml", "bpmn.xml"),
        (b"<a/>", "bpmn.root"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "bpmn.root"),
        (f"{HEAD}</bpmn:definitions>".encode(), "bpmn.no-process"),
        (document(node("nonsense", "x")), "bpmn.schema"),
    ],
)
def test_files_that_are_not_bpmn_are_refused(xml, code):
    assert [f.message.code for f in lint(xml)] == [code]


def test_an_absent_is_executable_counts_as_true_with_a_warning():
    xml = document(START, END, path("start", "end")).replace(b' isExecutable="true"', b"")
    (finding,) = lint(xml)
    assert (finding.severity, finding.message.code) == (Severity.WARNING, "bpmn.executable-absent")
    assert read_processes(xml)[0].process_id == "p"


def test_a_process_of_a_hundred_thousand_brackets_is_refused_not_crashed():
    deep = "(" * 100_000
    found = errors(*around(node("scriptTask", "x", ext=f'<zeebe:script expression="={deep}" resultVariable="r"/>')))
    assert found[0].message.code == "bpmn.expression"


def test_foreign_extensions_are_told_but_do_not_hinder():
    foreign = '<other:thing xmlns:other="urn:other"/>'
    (finding,) = lint(document(*around(node("task", "x", ext=foreign))))
    assert (finding.severity, finding.message.code) == (Severity.WARNING, "bpmn.foreign-extension")


NUMBERED = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="1"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=xs"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


def test_truth_values_may_be_written_as_numbers():
    xml = document(
        START,
        node("userTask", "work", NUMBERED),
        node("boundaryEvent", "late", timer("duration", "PT1H"), attachedToRef="work", cancelActivity="0"),
        node("endEvent", "reminded"),
        END,
        path("start", "work", "end"),
        path("late", "reminded"),
        executable="1",
    )
    world = World(read_processes(xml)[0]).start(xs=[1, 2])
    assert world.waiting() == ["late", "work", "work"]  # the body, and one instance at a time
    world.do("fire_timer", "late")
    assert world.waiting() == ["work", "work"]
