"""Calls that can never have a value are refused before anything runs, wherever the expression stands."""

from __future__ import annotations

import pytest

from server.bpmn.review import ReviewRequest, review

from .diagrams import (
    END,
    START,
    document,
    flow,
    io,
    job,
    message,
    message_definition,
    node,
    path,
    script,
    timer,
)


def found(*inside: str, definitions: str = "") -> list[tuple[str, str]]:
    findings = review(ReviewRequest({"f.bpmn": document(*inside, definitions=definitions)})).findings
    wanted = ("bpmn.unknown-function", "bpmn.function-arguments")
    return [(f.element, f.message.code) for f in findings if f.message.code in wanted and f.severity == "error"]


def row(*middle: str) -> tuple[str, ...]:
    return (START, *middle, END, path("start", "a", "end"))


GATEWAY = (
    START, node("exclusiveGateway", "a", default="a_end"), END, node("endEvent", "other"),
    path("start", "a", "end"), flow("a", "other", "flor(rate) = 1"),
)  # fmt: skip


@pytest.mark.parametrize(
    "inside",
    [
        row(node("scriptTask", "a", ext=script("flor(rate)", "r"))),
        row(node("scriptTask", "a", ext=script("if rate = null then 0 else [flor(rate)]", "r"))),
        row(node("serviceTask", "a", ext=job("pay") + io(("input", "flor(rate)", "x")))),
        row(node("serviceTask", "a", ext=job("=flor(rate)"))),
        row(node("intermediateCatchEvent", "a", timer("duration", "=flor(rate)"))),
        row(node("userTask", "a", ext='<zeebe:userTask/><zeebe:assignmentDefinition assignee="=flor(rate)"/>')),
        GATEWAY,
    ],
    ids=["script", "inside a branch", "input", "job type", "timer", "assignee", "flow"],
)
def test_a_function_that_there_is_not_is_refused(inside: tuple[str, ...]):
    assert found(*inside) == [("a", "bpmn.unknown-function")]


def test_in_the_key_of_a_message_too():
    inside = row(node("intermediateCatchEvent", "a", message("paid")))
    assert found(*inside, definitions=message_definition("paid", "flor(loan)")) == [("a", "bpmn.unknown-function")]


@pytest.mark.parametrize("call", ["floor()", "floor(rate, 1, 2)", "floor(m: rate)", "substring(rate)"])
def test_arguments_that_no_signature_takes_are_refused(call: str):
    assert found(*row(node("scriptTask", "a", ext=script(call, "r")))) == [("a", "bpmn.function-arguments")]


@pytest.mark.parametrize(
    "call",
    [
        "floor(rate)",
        "floor(n: rate)",
        "max(1, rate, 3)",
        "sum([rate, 1])",
        "{twice: function(x) x * 2, y: twice(rate)}.y",
        "(function(f) f(rate))(function(x) x)",
        "date(rate)",
        "date(2026, rate, 1)",
    ],
)
def test_calls_that_can_have_a_value_pass(call: str):
    assert not found(*row(node("scriptTask", "a", ext=script(call, "r"))))


def test_the_sentence_names_the_function_that_was_meant():
    findings = review(ReviewRequest({"f.bpmn": document(*row(node("scriptTask", "a", ext=script("flor(rate)", "r"))))}))
    (finding,) = (f for f in findings.findings if f.message.code == "bpmn.unknown-function")
    assert "Did you mean 'floor'?" in finding.message.en and "是否应为“floor”？" in finding.message.zh
