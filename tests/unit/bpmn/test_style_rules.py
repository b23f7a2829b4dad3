"""bpmnlint's rules by their names: each with a drawing that breaks it, and one that does not."""

from __future__ import annotations

import pytest

from server.bpmn.reader import parse_xml
from server.bpmn.style_rules import RULES, RULES_OF_THE_GATE, check_style, rule_of

from .diagrams import (
    END,
    HEAD,
    START,
    boundary,
    document,
    error_definition,
    flow,
    message_definition,
    node,
    path,
)

TERMINATE = "<bpmn:terminateEventDefinition/>"
X, M = node("exclusiveGateway", "x"), node("exclusiveGateway", "m")
TASK = node("task", "t", name="Work")


def told(rule: str, *inside: str, definitions: str = "") -> list[tuple[str, str]]:
    findings = check_style(parse_xml(document(*inside, definitions=definitions)), "f.bpmn")
    return [(f.severity, f.element) for f in findings if f.message.code == f"lint.{rule}"]


BROKEN = {
    "conditional-flows": (
        (TASK, node("task", "a"), node("task", "b"), flow("t", "a", "big"), flow("t", "b")),
        ("warning", "t_b"),
    ),
    "end-event-required": ((START, TASK, path("start", "t")), ("warning", "p")),
    "fake-join": ((X, TASK, flow("x", "t", "a"), flow("x", "t", "b", id_="other")), ("info", "t")),
    "global": ((START, END, path("start", "end")), ("info", "error_REFUSED")),
    "label-required": ((START,), ("info", "start")),
    "no-bpmndi": ((START,), ("info", "defs")),
    "no-disconnected": ((START, END, path("start", "end"), TASK), ("warning", "t")),
    "no-duplicate-sequence-flows": (
        (START, END, flow("start", "end"), flow("start", "end", id_="2")),
        ("warning", "2"),
    ),
    "no-gateway-join-fork": (
        (X, TASK, END, flow("start", "x"), flow("t", "x"), flow("x", "t", "a"), flow("x", "end", "b")),
        ("info", "x"),
    ),
    "no-implicit-end": ((START, TASK, path("start", "t")), ("info", "t")),
    "no-implicit-split": ((TASK, START, END, flow("t", "start"), flow("t", "end")), ("info", "t")),
    "no-inclusive-gateway": ((node("inclusiveGateway", "x"),), ("info", "x")),
    "superfluous-gateway": ((START, X, END, path("start", "x", "end")), ("info", "x")),
    "superfluous-termination": ((START, node("endEvent", "e", TERMINATE), path("start", "e")), ("info", "e")),
}
SOUND = {
    "conditional-flows": (
        node("task", "t", default="t_b"), node("task", "a"), node("task", "b"), flow("t", "a", "big"), flow("t", "b")
    ),
    "end-event-required": (START, TASK, END, path("start", "t", "end")),
    "fake-join": (X, M, TASK, flow("x", "m", "a"), flow("x", "m", "b", id_="other"), flow("m", "t")),
    "global": (TASK, boundary("b", "t", '<bpmn:errorEventDefinition errorRef="error_REFUSED"/>')),
    "label-required": (node("startEvent", "start", name="Begin"), node("parallelGateway", "g"), TASK),
    "no-disconnected": (START, END, path("start", "end"), node("task", "undo", isForCompensation="true")),
    "no-duplicate-sequence-flows": (START, END, flow("start", "end", "a"), flow("start", "end", "b", id_="2")),
    "no-gateway-join-fork": (X, M, flow("t", "m"), flow("u", "m"), flow("m", "x"), flow("x", "t"), flow("x", "u")),
    "no-implicit-end": (START, TASK, END, path("start", "t", "end")),
    "no-implicit-split": (TASK, START, END, flow("t", "start", "a"), flow("t", "end", "b")),
    "no-inclusive-gateway": (X,),
    "superfluous-gateway": (START, X, END, path("start", "x"), flow("x", "end"), flow("x", "start")),
    "superfluous-termination": (
        START, TASK, node("endEvent", "e", TERMINATE), flow("start", "e"), flow("start", "t", id_="2")
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "inside", "expected"), [(r, *case) for r, case in BROKEN.items()], ids=list(BROKEN))
def test_a_rule_tells_where_it_is_broken(rule, inside, expected):
    assert expected in told(rule, *inside, definitions=error_definition())


@pytest.mark.parametrize(("rule", "inside"), SOUND.items(), ids=list(SOUND))
def test_a_rule_says_nothing_where_it_is_kept(rule, inside):
    assert told(rule, *inside, definitions=error_definition()) == []


def shape(id_: str, x: int) -> str:
    bounds = f'<dc:Bounds x="{x}" y="0" width="100" height="80"/>'
    return f'<di:BPMNShape id="{id_}_di" bpmnElement="{id_}">{bounds}</di:BPMNShape>'


def drawn(*shapes: str) -> bytes:
    diagram = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" id="d"><di:BPMNPlane id="plane" bpmnElement="p">'
        f"{''.join(shapes)}</di:BPMNPlane></di:BPMNDiagram>"
    )
    process = f'<bpmn:process id="p">{node("task", "a")}{node("task", "b")}</bpmn:process>'
    return f"{HEAD}{process}{diagram}</bpmn:definitions>".encode()


def drawing(rule: str, *shapes: str) -> list[tuple[str, str]]:
    findings = check_style(parse_xml(drawn(*shapes)), "f.bpmn")
    return [(f.severity, f.element) for f in findings if f.message.code == f"lint.{rule}"]


def test_what_is_not_drawn_and_what_is_drawn_over_something_is_told():
    assert drawing("no-bpmndi", shape("a", 0), shape("b", 200)) == []
    assert drawing("no-bpmndi", shape("a", 0)) == [("warning", "b")]
    assert drawing("no-overlapping-elements", shape("a", 0), shape("b", 50)) == [("warning", "b")]
    assert drawing("no-overlapping-elements", shape("a", 0), shape("b", 100)) == []


def test_every_rule_is_tested():
    assert set(RULES) - {"no-overlapping-elements"} == set(BROKEN)


def test_rules_of_the_gate_go_by_bpmnlint_s_names():
    assert rule_of("bpmn.no-start") == "start-event-required"
    assert rule_of("lint.fake-join") == "fake-join"
    assert rule_of("bpmn.deadlock") == "deadlock"
    assert not set(RULES_OF_THE_GATE) & set(RULES)


def test_a_name_defined_twice_is_told():
    twice = message_definition() + message_definition().replace("message_paid", "message_again")
    assert ("warning", "message_again") in told("global", START, definitions=twice)
