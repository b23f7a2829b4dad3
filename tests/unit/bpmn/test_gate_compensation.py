"""The gate's rules for compensation and transactions: what would undo nothing, or could not, is refused."""

from __future__ import annotations

import pytest

from server.bpmn import lint
from server.messages import Severity

from .diagrams import END, START, boundary, document, flow, io, node, path, signal, signal_definition, subprocess_
from .test_compensation import EVENT_SUBPROCESS, MANY, handled, step, throw

CANCEL = "<bpmn:cancelEventDefinition/>"
COMPENSATE = "<bpmn:compensateEventDefinition/>"
INNER = node("startEvent", "s") + step("a") + handled("a")


def book(*more: str, after: str = "") -> tuple[str, ...]:
    return (START, step("book"), *more, END, path("start", "book", *([after] if after else []), "end"))


def transaction(*inside: str, loop: str = "", **attributes: str) -> str:
    body = (loop, node("startEvent", "s"), node("endEvent", "c", CANCEL), path("s", "c"), *inside)
    return node("transaction", "t", *body, **attributes)


def around(*middle: str, id_: str = "t") -> tuple[str, ...]:
    return (START, *middle, END, path("start", id_, "end"))


REFUSED = {
    "boundary without handler": (book(boundary("b", "book", COMPENSATE)), "bpmn.compensation-handler"),
    "handler without its mark": (
        book(handled("book").replace(' isForCompensation="true"', "")),
        "bpmn.handler-mark",
    ),
    "handler in another scope": (
        book(
            boundary("b", "book", COMPENSATE),
            subprocess_("sub", node("startEvent", "s"), node("task", "undo", isForCompensation="true")),
            '<bpmn:association id="x" sourceRef="b" targetRef="undo"/>',
        ),
        "bpmn.handler-scope",
    ),
    "flow out of the boundary event": (book(handled("book"), flow("c_book", "end")), "bpmn.compensation-flow"),
    "flow out of a handler": (book(handled("book"), flow("undo_book", "end")), "bpmn.handler-flow"),
    "two compensation boundary events": (
        book(handled("book"), handled("book", "other").replace("c_book", "c2").replace("association_book", "y")),
        "bpmn.two-handlers",
    ),
    "boundary event on a handler": (
        book(handled("book"), boundary("b", "undo_book", signal())),
        "bpmn.handler-boundary",
    ),
    "handler of nothing": (book(node("task", "undo", isForCompensation="true")), "bpmn.handler-unused"),
    "throw with nothing to undo": (book(throw("sorry"), after="sorry"), "bpmn.compensation-nothing"),
    "throw for an activity without handler": (
        book(handled("book"), step("other"), throw("sorry", "other"), flow("book", "other"), after="sorry"),
        "bpmn.compensation-activity",
    ),
    "throw for an activity elsewhere": (
        around(subprocess_("t", INNER, path("s", "a")), throw("sorry", "a"), flow("t", "sorry")),
        "bpmn.compensation-activity",
    ),
    "throw with input mappings": (
        book(
            handled("book"),
            node("intermediateThrowEvent", "sorry", COMPENSATE, ext=io(("input", "1", "x"))),
            after="sorry",
        ),
        "bpmn.compensation-mapping",
    ),
    "compensation start of the process": (
        (node("startEvent", "start", COMPENSATE), END, path("start", "end")),
        "bpmn.unsupported-event",
    ),
    "compensation event subprocess of the process": (
        (*book(handled("hotel"), step("hotel"), flow("book", "hotel")), EVENT_SUBPROCESS),
        "bpmn.compensation-subprocess-place",
    ),
    "event subprocess and handler": (
        around(subprocess_("t", INNER, path("s", "a"), EVENT_SUBPROCESS), handled("t")),
        "bpmn.two-handlers",
    ),
    "flow into an event subprocess": (
        around(subprocess_("t", INNER, path("s", "a", "undoing"), EVENT_SUBPROCESS)),
        "bpmn.event-subprocess-flow",
    ),
    "cancel outside a transaction": (
        around(subprocess_("t", INNER, node("endEvent", "c", CANCEL), path("s", "a", "c"))),
        "bpmn.cancel-outside",
    ),
    "cancel without a boundary event": (around(transaction()), "bpmn.cancel-without-boundary"),
    "cancel boundary on a task": (
        (*around(node("task", "t")), boundary("b", "t", CANCEL)),
        "bpmn.cancel-boundary",
    ),
    "cancel that does not interrupt": (
        (*around(transaction()), boundary("b", "t", CANCEL, interrupting=False)),
        "bpmn.cancel-not-interrupting",
    ),
    "cancel of one of many": (
        (*around(transaction(loop=MANY.format("true"))), boundary("b", "t", CANCEL)),
        "bpmn.transaction-loop",
    ),
    "transaction by image": (around(transaction(method="##Image")), "bpmn.transaction-method"),
}


@pytest.mark.parametrize(("inside", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_not_undo_is_refused(inside, code):
    findings = lint(document(*inside, definitions=signal_definition()), resource="f.bpmn")
    found = [f for f in findings if f.severity is Severity.ERROR]
    assert code in [f.message.code for f in found], found
    finding = next(f for f in found if f.message.code == code)
    assert finding.line and finding.element
    assert finding.message.zh != finding.message.en


def test_a_sound_model_passes_without_a_word():
    whole = around(subprocess_("t", INNER, path("s", "a")), throw("sorry", "t"), flow("t", "sorry"))
    assert lint(document(*whole)) == []
