"""What elements refer to: definitions that are not there, errors nobody catches, files that do not come along."""

from __future__ import annotations

from server.bpmn.review import ReviewRequest, review

from .diagrams import (
    END,
    START,
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
    script,
    subprocess_,
)
from .test_data_flow import found, row

BAD_END = node("endEvent", "bad", error())


def thrown_inside(*around: str) -> tuple[str, ...]:
    inner = (node("startEvent", "s"), node("exclusiveGateway", "x", default="x_e"), node("endEvent", "e"), BAD_END)
    inner += (path("s", "x", "e"), flow("x", "bad", "wrong"))
    return (START, subprocess_("sub", *inner), END, path("start", "sub", "end"), *around)


def test_an_error_that_nothing_catches_is_told():
    found_ = found(*thrown_inside(), definitions=error_definition())
    assert found_ == [("warning", "bpmn.error-not-caught", "bad")]
    caught = (boundary("b", "sub", error()), flow("b", "end"))
    assert found(*thrown_inside(*caught), definitions=error_definition()) == []
    any_error = (boundary("b", "sub", error(None)), flow("b", "end"))
    assert found(*thrown_inside(*any_error), definitions=error_definition()) == []


def test_an_event_for_an_error_that_nothing_throws_is_told():
    other = error_definition() + error_definition("OTHER")
    caught = (boundary("b", "sub", error()), boundary("c", "sub", error("OTHER")), flow("b", "end"), flow("c", "end"))
    assert found(*thrown_inside(*caught), definitions=other) == [("warning", "bpmn.error-never-thrown", "c")]
    task = node("scriptTask", "t", ext=script("1", "x"))
    inside = (START, task, boundary("b", "t", error()), END, path("start", "t", "end"), flow("b", "end"))
    assert found(*inside, definitions=error_definition()) == [("warning", "bpmn.error-never-thrown", "b")]
    work = node("serviceTask", "t", ext=job("j"))
    inside = (START, work, boundary("b", "t", error()), END, path("start", "t", "end"), flow("b", "end"))
    assert found(*inside, definitions=error_definition()) == []


def test_a_reference_to_an_error_that_is_not_defined_is_refused():
    caught = (boundary("b", "sub", error("GHOST")), flow("b", "end"))
    codes = [f[1] for f in found(*thrown_inside(*caught), definitions=error_definition())]
    assert "bpmn.dangling-reference" in codes  # it would have caught every error


RULE = '<zeebe:calledDecision decisionId="elsewhere" resultVariable="x"{0}/>'


def test_what_is_bound_to_the_deployment_must_be_in_it():
    bound = row(node("businessRuleTask", "d", ext=RULE.format(' bindingType="deployment"')))
    assert found(*bound, complete=True) == [("error", "bpmn.reference-not-in-deployment", "d")]
    assert found(*bound) == [("info", "bpmn.reference-elsewhere", "d")]
    latest = row(node("businessRuleTask", "d", ext=RULE.format("")))
    assert found(*latest, complete=True) == [("info", "bpmn.reference-elsewhere", "d")]


def test_files_that_come_along_are_found():
    call = node("callActivity", "c", ext='<zeebe:calledElement processId="child" bindingType="deployment"/>')
    files = {"a.bpmn": document(*row(call)), "b.bpmn": document(START, END, path("start", "end"), id_="child")}
    assert review(ReviewRequest(files, complete=True)).findings == ()


def started_by_message(process: str) -> bytes:
    start = node("startEvent", "start", message())
    return document(start, END, path("start", "end"), definitions=message_definition(), id_=process)


def test_one_message_that_starts_two_processes_is_told():
    files = {"a.bpmn": started_by_message("a"), "b.bpmn": started_by_message("b")}
    (finding,) = review(ReviewRequest(files)).findings
    assert (finding.severity, finding.message.code, finding.resource) == (
        "warning",
        "bpmn.same-start-message",
        "b.bpmn",
    )


def test_a_process_that_only_a_message_starts_cannot_be_called():
    call = node("callActivity", "c", ext='<zeebe:calledElement processId="child"/>')
    files = {"a.bpmn": document(*row(call)), "b.bpmn": started_by_message("child")}
    (finding,) = review(ReviewRequest(files)).findings
    assert (finding.severity, finding.message.code, finding.element) == ("error", "bpmn.called-without-start", "c")


def test_an_event_subprocess_catches_errors():
    inner = (node("startEvent", "hs", error(), isInterrupting="true"), END.replace("end", "he"), path("hs", "he"))
    handler = node("subProcess", "handler", *inner, triggeredByEvent="true").replace("heEvent", "endEvent")
    assert found(*thrown_inside(handler), definitions=error_definition()) == []


def test_what_refers_to_nothing_is_told_once():
    waiting = (START, node("intermediateCatchEvent", "m", message("ghost")), END, path("start", "m", "end"))
    assert found(*waiting) == [("error", "bpmn.dangling-reference", "m")]


def test_a_condition_that_is_wrong_feel_is_not_said_to_lack_its_equals_sign():
    inside = (START, node("exclusiveGateway", "x", default="x_end"), END, node("endEvent", "o"))
    inside += (path("start", "x", "end"), flow("x", "o", "rate >"))
    assert [code for _, code, _ in found(*inside)] == ["bpmn.expression"]
