"""Unsound processes: which join waits for what, what never happens, what never ends, and what happens twice."""

from __future__ import annotations

import pytest

from server.bpmn.gate import examine
from server.messages import Finding

from .diagrams import (
    END,
    START,
    boundary,
    document,
    error,
    error_definition,
    flow,
    message,
    message_definition,
    node,
    path,
    subprocess_,
    timer,
)

XOR, AND, OR = "exclusiveGateway", "parallelGateway", "inclusiveGateway"


def found(*inside: str, definitions: str = "") -> list[tuple[str, str, str]]:
    return [(f.severity, f.message.code, f.element) for f in findings(*inside, definitions=definitions)]


def findings(*inside: str, definitions: str = "") -> list[Finding]:
    return list(examine(document(*inside, definitions=definitions), resource="f.bpmn").findings)


def split_and_join(split: str, join: str) -> tuple[str, ...]:
    conditions = ("x", None) if split != AND else (None, None)
    default = {"default": "s_b"} if split != AND else {}
    return (
        START,
        node(split, "s", **default),
        node("userTask", "a"),
        node("userTask", "b"),
        node(join, "j"),
        END,
        path("start", "s"),
        flow("s", "a", conditions[0]),
        flow("s", "b", conditions[1]),
        path("a", "j", "end"),
        flow("b", "j"),
    )


@pytest.mark.parametrize(
    ("split", "join", "expected"),
    [
        (XOR, XOR, []),
        (AND, AND, []),
        (OR, OR, []),
        (AND, OR, []),
        (XOR, OR, []),
        (XOR, AND, [("error", "bpmn.deadlock", "j")]),
        (OR, AND, [("error", "bpmn.deadlock", "j")]),
        (AND, XOR, [("warning", "bpmn.lack-of-synchronisation", "j")]),
    ],
)
def test_a_join_must_fit_its_split(split, join, expected):
    assert found(*split_and_join(split, join)) == expected


def test_an_inclusive_split_into_an_exclusive_merge_may_go_on_twice():
    inside = (
        START,
        node(OR, "s"),
        node("userTask", "a"),
        node("userTask", "b"),
        node(XOR, "m"),
        END,
        path("start", "s"),
        flow("s", "a", "x"),
        flow("s", "b", "y"),
        path("a", "m", "end"),
        flow("b", "m"),
    )
    assert found(*inside) == [("warning", "bpmn.lack-of-synchronisation", "m")]


def test_a_deadlock_names_the_flows_and_the_path():
    (finding,) = findings(*split_and_join(XOR, AND))
    assert finding.line and finding.resource == "f.bpmn"
    assert "‘a_j’ came, ‘b_j’ can no longer come" in finding.message.en
    assert "start → s → a" in finding.message.en
    assert "‘b_j’ 不会再来" in finding.message.zh


CORRELATED = (
    START,
    node(AND, "fork"),
    node(XOR, "x1", default="x1_e1"),
    node(XOR, "x2", default="x2_e2"),
    node(AND, "join"),
    node("endEvent", "e1"),
    node("endEvent", "e2"),
    END,
    path("start", "fork", "x1"),
    flow("fork", "x2"),
    flow("x1", "join", "big"),
    flow("x1", "e1"),
    flow("x2", "join", "big"),
    flow("x2", "e2"),
    path("join", "end"),
)


def test_a_deadlock_that_hangs_on_conditions_is_a_warning():
    assert found(*CORRELATED) == [("warning", "bpmn.deadlock", "join")]


def test_a_deadlock_that_a_boundary_event_can_end_is_a_warning():
    inner = tuple(part.replace("start", "s0").replace("end", "e0") for part in split_and_join(XOR, AND))
    inner = tuple(
        p.replace("<bpmn:s0Event", "<bpmn:startEvent").replace("</bpmn:s0Event", "</bpmn:startEvent") for p in inner
    )
    inner = tuple(
        p.replace("<bpmn:e0Event", "<bpmn:endEvent").replace("</bpmn:e0Event", "</bpmn:endEvent") for p in inner
    )
    outer = (START, subprocess_("sub", *inner), END, path("start", "sub", "end"))
    late = (boundary("late", "sub", timer("duration", "P9D")), node("endEvent", "too-late"), path("late", "too-late"))
    assert found(*outer) == [("error", "bpmn.deadlock", "j")]
    assert found(*outer, *late) == [("warning", "bpmn.deadlock", "j")]


def test_a_loop_that_nothing_leads_out_of_never_ends():
    loop = (START, node(XOR, "again"), node("userTask", "work"), path("start", "again", "work"), flow("work", "again"))
    assert found(*loop)[0][:2] == ("error", "bpmn.no-way-to-end")
    stopped = boundary("stop", "sub", message())
    inner = tuple(part.replace('"start', '"s0') for part in loop)
    inside = (START, subprocess_("sub", *inner), stopped, END, path("start", "sub"), flow("stop", "end"))
    assert found(*inside, definitions=message_definition()) == []


def test_what_follows_a_subprocess_that_only_ends_in_errors_never_happens():
    inside = (
        START,
        subprocess_("sub", node("startEvent", "s"), node("endEvent", "bad", error()), path("s", "bad")),
        boundary("caught", "sub", error()),
        node("userTask", "next"),
        node("userTask", "more"),
        END,
        node("endEvent", "end2"),
        path("start", "sub", "next", "more", "end"),
        path("caught", "end2"),
    )
    assert found(*inside, definitions=error_definition()) == [("error", "bpmn.dead-element", "next")]


def test_branches_forked_in_a_loop_pile_up():
    inside = (
        START,
        node(XOR, "m"),
        node(AND, "fork"),
        node("userTask", "a"),
        END,
        path("start", "m", "fork", "a", "end"),
        flow("fork", "m"),
    )
    assert ("warning", "bpmn.unbounded-tokens") in [f[:2] for f in found(*inside)]


def test_a_branch_beside_an_activity_that_comes_back_is_told():
    inside = (
        START,
        node("userTask", "a"),
        boundary("b", "a", timer("duration", "P1D"), interrupting=False),
        node(XOR, "m"),
        node("userTask", "next"),
        END,
        path("start", "a", "m", "next", "end"),
        flow("b", "m"),
    )
    assert found(*inside) == [("warning", "bpmn.lack-of-synchronisation", "m")]


def test_several_ends_of_parallel_branches_are_nothing_to_talk_about():
    fork = (START, node("userTask", "a"), node("userTask", "b"), END, flow("start", "a"), flow("start", "b"))
    assert found(*fork, flow("a", "end"), flow("b", "end")) == []


def test_an_end_that_terminates_ends_what_waits():
    terminate = node("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
    inside = (
        START,
        node(AND, "fork"),
        node("userTask", "a"),
        node(XOR, "x", default="x_join"),
        terminate,
        node(AND, "join"),
        END,
        path("start", "fork", "a", "join", "end"),
        path("fork", "x", "join"),
        flow("x", "stop", "no"),
    )
    assert found(*inside) == []


def test_what_cannot_be_searched_is_said_and_not_guessed():
    tasks = [f"t{i}" for i in range(12)]
    inside = (START, node("userTask", "a"), END, path("start", "a"), flow("a", "end"))
    many = [part for t in tasks for part in (node("endEvent", t), flow("a", t, f"{t} = 1"))]
    assert found(*inside, *many) == [("info", "bpmn.not-analysed", "a")]


def test_ten_branches_of_twenty_tasks_are_searched_at_once():
    parts = [START, node(AND, "fork"), node(AND, "join"), END, path("start", "fork"), path("join", "end")]
    for branch in range(10):
        row = [f"t{branch}_{n}" for n in range(20)]
        parts += [node("userTask", id_) for id_ in row]
        parts.append(path("fork", *row, "join"))
    assert found(*parts) == []
    assert found(*parts, node(AND, "more"), flow("more", "join"))[0][1] == "bpmn.unreachable"


def event_subprocess(*, interrupting: bool) -> str:
    starts = "true" if interrupting else "false"
    inner = (node("startEvent", "hs", message(), isInterrupting=starts), node("endEvent", "he"), path("hs", "he"))
    return node("subProcess", "handler", *inner, triggeredByEvent="true")


def test_an_event_subprocess_that_interrupts_can_end_a_deadlock():
    stuck = split_and_join(XOR, AND)
    assert found(*stuck, event_subprocess(interrupting=True), definitions=message_definition()) == [
        ("warning", "bpmn.deadlock", "j")
    ]
    assert found(*stuck, event_subprocess(interrupting=False), definitions=message_definition()) == [
        ("error", "bpmn.deadlock", "j")
    ]


def test_links_are_followed():
    def link(tag: str, id_: str) -> str:
        return node(tag, id_, '<bpmn:linkEventDefinition name="there"/>')

    jump = (link("intermediateThrowEvent", "l"), link("intermediateCatchEvent", "k"))
    inside = (START, *jump, node(AND, "f"), node("userTask", "a"), node(XOR, "m"), END)
    inside += (path("start", "l"), path("k", "f", "a", "m", "end"), path("f", "m"))
    assert found(*inside) == [("warning", "bpmn.lack-of-synchronisation", "m")]


def test_a_subprocess_whose_error_its_own_event_subprocess_handles_is_left():
    inside = (
        node("startEvent", "begin"),
        node("endEvent", "refused", error()),
        path("begin", "refused"),
        node(
            "subProcess",
            "rescue",
            node("startEvent", "caught", error()),
            node("endEvent", "rescued"),
            path("caught", "rescued"),
            triggeredByEvent="true",
        ),
    )
    process = START, subprocess_("sub", *inside), END, path("start", "sub", "end")
    assert not found(*process, definitions=error_definition())


REMINDED = (
    START,
    node("userTask", "work"),
    boundary("late", "work", timer("cycle", "R/PT1H"), interrupting=False),
    END,
)


def test_a_reminder_is_meant_to_happen_any_number_of_times():
    reminder = (
        node(XOR, "channel", default="channel_call"),
        *(node("userTask", name) for name in ("call", "write")),
        node(XOR, "reached"),
        node("endEvent", "reminded"),
        path("late", "channel", "call", "reached", "reminded"),
        flow("channel", "write", "mail"),
        path("write", "reached"),
    )
    assert not found(*REMINDED, *reminder, path("start", "work", "end"))


def test_a_reminder_that_goes_into_the_main_path_does_it_again():
    pay = node("userTask", "pay"), path("start", "work", "pay", "end"), path("late", "pay")
    assert found(*REMINDED, *pay) == [("warning", "bpmn.lack-of-synchronisation", "pay")]
