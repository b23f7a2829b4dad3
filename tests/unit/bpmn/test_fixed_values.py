"""Fixed values that an element cannot use are refused before anything runs, and none of them ends a command badly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.bpmn import read_processes
from server.bpmn.effects import IncidentRaised, SubscriptionOpened, UserTaskOpened
from server.messages import Severity
from server.runtime.lint import lint_files

from .diagrams import (
    END,
    START,
    World,
    boundary,
    document,
    error,
    error_definition,
    flow,
    io,
    job,
    message,
    message_definition,
    node,
    path,
    script,
    signal,
    signal_definition,
    timer,
)


def errors(file: bytes) -> list[tuple[str, str]]:
    found = lint_files([("test.bpmn", file)])
    return [(f.message.code, f.element) for f in found if f.severity is Severity.ERROR]


def line(element: str, *, definitions: str = "") -> bytes:
    return document(START, element, END, path("start", "x", "end"), definitions=definitions)


def person(ext: str, *inside: str) -> bytes:
    return line(node("userTask", "x", *inside, ext=f"<zeebe:userTask/>{ext}"))


def many(attributes: str, condition: str = "") -> str:
    body = f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">{condition}</bpmn:completionCondition>'
    return (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        f'<zeebe:loopCharacteristics inputCollection="=[1]" {attributes}/></bpmn:extensionElements>'
        f"{body if condition else ''}</bpmn:multiInstanceLoopCharacteristics>"
    )


def again(condition: str) -> str:
    body = f'<bpmn:loopCondition xsi:type="bpmn:tFormalExpression">{condition}</bpmn:loopCondition>'
    return f"<bpmn:standardLoopCharacteristics>{body}</bpmn:standardLoopCharacteristics>"


def called(attributes: str) -> bytes:
    return line(node("callActivity", "x", ext=f"<zeebe:calledElement {attributes}/>"))


def ad_hoc(active: str, *inside: str) -> bytes:
    ext = f'<zeebe:adHoc activeElementsCollection="{active}"/>'
    return line(node("adHocSubProcess", "x", node("userTask", "a"), *inside, ext=ext))


ASSIGNED = "<zeebe:assignmentDefinition {}/>"
REFUSED = {
    "bpmn.job-retries": [
        line(node("serviceTask", "x", ext=job("pay", retries)))
        for retries in ("many", "-1", "2.5", "=true", "=2.5", "99999999999", "=[3]")
    ],
    "bpmn.job-type": [line(node("serviceTask", "x", ext=job("=1")))],
    "bpmn.task-priority": [
        person(f'<zeebe:priorityDefinition priority="{priority}"/>') for priority in ("high", "=true", "=1.5")
    ],
    "bpmn.candidates": [
        person(ASSIGNED.format('candidateGroups="=5"')),
        person(ASSIGNED.format('candidateUsers="=[1]"')),
    ],
    "calendar.instant.syntax": [
        person('<zeebe:taskSchedule dueDate="=5"/>'),
        person('<zeebe:taskSchedule followUpDate="=&quot;tomorrow&quot;"/>'),
    ],
    "bpmn.reference-value": [
        called('processId="=5"'),
        line(node("businessRuleTask", "x", ext='<zeebe:calledDecision decisionId="=[1]" resultVariable="r"/>')),
    ],
    "bpmn.binding": [called('processId="q" bindingType="newest"'), called('processId="q" bindingType="versionTag"')],
    "bpmn.script-not-feel": [line(node("scriptTask", "x", ext=script("n + 1", "r").replace('"=', '"')))],
    "bpmn.variable-name": [
        person(io(("input", "1", target))) for target in ("", "a..b", "1st", "a[1]", " a", "a,b", "=a")
    ]
    + [
        line(node("scriptTask", "x", ext=script("1", "a.b"))),
        person("", many('inputElement="a.b"')),
        person("", many('inputElement="a" outputCollection="(o)" outputElement="=a"')),
    ],
    "bpmn.condition-constant": [
        person("", many('inputElement="a"', "=5")),
        person("", many('inputElement="a"', '="done"')),
        person("", again("=5")),
        ad_hoc(
            "=[&quot;a&quot;]",
            '<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">=5</bpmn:completionCondition>',
        ),
    ],
    "bpmn.loop-endless": [person("", again("=true"))],
    "bpmn.active-elements": [ad_hoc("=[&quot;nowhere&quot;]"), ad_hoc("=&quot;a&quot;")],
    "bpmn.correlation-key": [
        line(node("intermediateCatchEvent", "x", message()), definitions=message_definition(key=key))
        for key in ("null", "[1]", "true", "&quot;&quot;")
    ],
    "bpmn.event-name": [
        line(
            node("intermediateThrowEvent", "x", signal()),
            definitions=signal_definition().replace('name="rates"', 'name="=5"'),
        ),
        document(
            START,
            node("endEvent", "x", error()),
            path("start", "x"),
            definitions=error_definition().replace('errorCode="REFUSED"', 'errorCode="=5"'),
        ),
    ],
    "bpmn.too-long": [line(node("serviceTask", "x", ext=job("t" * 501)))],
    "bpmn.start-timer-variables": [
        document(node("startEvent", "x", timer("date", "=begin")), END, path("x", "end")),
    ],
    "bpmn.start-form-expression": [
        document(node("startEvent", "x", ext='<zeebe:formDefinition formId="=which"/>'), END, path("x", "end")),
    ],
}


@pytest.mark.parametrize(("code", "file"), [(code, file) for code, files in REFUSED.items() for file in files])
def test_a_fixed_value_that_cannot_be_used_is_refused(code: str, file: bytes) -> None:
    assert (code, "x") in errors(file)


@pytest.mark.parametrize(
    "file",
    [
        line(node("serviceTask", "x", ext=job("=kind", "=tries"))),
        line(node("serviceTask", "x", ext=job("pay", "0"))),
        person('<zeebe:priorityDefinition priority="70"/>' + ASSIGNED.format('candidateGroups="a, b"')),
        person(
            '<zeebe:priorityDefinition priority="=null"/><zeebe:taskSchedule dueDate="=duration(&quot;P1D&quot;)"/>'
        ),
        person(io(("input", "1", "monthly income"), ("output", "1", "借款人.姓名"))),
        person("", many('inputElement="item"', "=true")),
        document(
            START,
            node("userTask", "x", again("=true")),
            boundary("enough", "x", timer("duration", "PT1H")),
            END,
            path("start", "x", "end"),
            flow("enough", "end"),
        ),
        ad_hoc("=[&quot;a&quot;]"),
        called('processId="q" bindingType="versionTag" versionTag="1.0"'),
    ],
)
def test_what_can_be_used_is_not(file: bytes) -> None:
    assert errors(file) == []


def test_a_correlation_key_that_is_the_same_for_all_is_told() -> None:
    file = line(
        node("intermediateCatchEvent", "x", message()),
        definitions=message_definition().replace('"=loan"', '"loan"'),
    )
    told = [f.message.code for f in lint_files([("test.bpmn", file)]) if f.severity is Severity.WARNING]
    assert told == ["bpmn.fixed-correlation-key"]


@pytest.mark.parametrize(
    "file",
    [
        person('<zeebe:taskSchedule dueDate="="/>'),
        line(node("intermediateCatchEvent", "x", timer("duration", "=1 +"))),
        line(node("scriptTask", "x", ext='<zeebe:script expression="=a +" resultVariable="r"/>')),
        line(node("serviceTask", "x", ext=job("pay", "="))),
        ad_hoc("=a +"),
    ],
)
def test_what_is_no_feel_is_told_once(file: bytes) -> None:
    assert errors(file) == [("bpmn.expression", "x")]


@pytest.mark.parametrize(
    "element",
    [
        node("userTask", "x", ext='<zeebe:userTask/><zeebe:priorityDefinition priority="=given"/>'),
        node("serviceTask", "x", ext=job("pay", "=given")),
    ],
)
@pytest.mark.parametrize("given", ["high", True, [1], 10**12 + 0.5])
def test_a_value_that_only_the_run_tells_is_an_incident(element: str, given: object) -> None:
    world = World(read_processes(line(element))[0]).start(given=given)
    (raised,) = world.of(IncidentRaised)
    assert raised.error_type == "EXTRACT_VALUE_ERROR"


ELSEWHERE = {
    "bpmn.assignee": person(ASSIGNED.format('assignee="=given"')),
    "bpmn.candidates": person(ASSIGNED.format('candidateUsers="=given"')),
    "bpmn.reference-value": called('processId="=given"'),
    "bpmn.correlation-key": line(
        node("intermediateCatchEvent", "x", message()), definitions=message_definition(key="given")
    ),
}


@pytest.mark.parametrize(("given", "shown"), [(True, "true"), ([1], "[1]"), ({"id": "a"}, '{id: "a"}')])
@pytest.mark.parametrize(("code", "file"), ELSEWHERE.items(), ids=ELSEWHERE)
def test_what_is_no_text_never_becomes_one(code: str, file: bytes, given: object, shown: str) -> None:
    (raised,) = World(read_processes(file)[0]).start(given=given).of(IncidentRaised)
    assert raised.message.code == code
    assert f"is {shown}" in raised.message.en or f"are {shown}" in raised.message.en


@pytest.mark.parametrize("target", ["called", "form", "decision"])
def test_what_is_referred_to_by_nothing_is_told_so(target: str) -> None:
    file = {
        "called": called('processId="=given"'),
        "form": person('<zeebe:formDefinition formId="=given"/>'),
        "decision": line(
            node("businessRuleTask", "x", ext='<zeebe:calledDecision decisionId="=given" resultVariable="r"/>')
        ),
    }[target]
    for given in (None, "", 5):
        (raised,) = World(read_processes(file)[0]).start(given=given).of(IncidentRaised)
        assert raised.message.code == "bpmn.reference-value"


def test_an_empty_correlation_key_waits_for_no_message_at_all() -> None:
    world = World(read_processes(ELSEWHERE["bpmn.correlation-key"])[0]).start(given="")
    assert [raised.message.code for raised in world.of(IncidentRaised)] == ["bpmn.correlation-key"]


@pytest.mark.parametrize("given", [Decimal("7.00"), Decimal("0.7E1"), 7, "7"])
def test_equal_numbers_are_the_same_key_and_the_same_person(given: object) -> None:
    world = World(read_processes(ELSEWHERE["bpmn.correlation-key"])[0]).start(given=given)
    assert [opened.correlation_key for opened in world.of(SubscriptionOpened)] == ["7"]
    world = World(read_processes(ELSEWHERE["bpmn.assignee"])[0]).start(given=given)
    assert [opened.assignee for opened in world.of(UserTaskOpened)] == ["7"]


def test_an_empty_assignee_is_nobody() -> None:
    world = World(read_processes(ELSEWHERE["bpmn.assignee"])[0]).start(given="")
    assert [opened.assignee for opened in world.of(UserTaskOpened)] == [None]
