"""The deploy gate on events: what would never happen, or not where it is drawn, is refused."""

from __future__ import annotations

import pytest

from server.bpmn import lint, read_processes

from .diagrams import (
    END,
    START,
    boundary,
    condition,
    document,
    error,
    error_definition,
    escalation,
    escalation_definition,
    event_subprocess,
    flow,
    job,
    link,
    message,
    message_definition,
    node,
    path,
    signal,
    signal_definition,
    subprocess_,
    timer,
)

DEFINITIONS = (
    message_definition()
    + signal_definition()
    + error_definition()
    + escalation_definition()
    + '<bpmn:error id="error_nameless"/><bpmn:escalation id="escalation_nameless"/>'
    + '<bpmn:error id="error_dynamic" errorCode="=code"/><bpmn:signal id="signal_dynamic" name="=name"/>'
)
TASK = (START, node("userTask", "x"), END, path("start", "x", "end"))
SUB = subprocess_("x", node("startEvent", "s"), node("endEvent", "e"), path("s", "e"))


def around(*middle: str) -> tuple[str, ...]:
    id_ = middle[0].split('id="')[1].split('"')[0]
    return (START, *middle, END, path("start", id_, "end"))


def catch(definition: str) -> tuple[str, ...]:
    return around(node("intermediateCatchEvent", "x", definition))


def raw_condition(text: str) -> str:
    body = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">{text}</bpmn:condition>'
    return f"<bpmn:conditionalEventDefinition>{body}</bpmn:conditionalEventDefinition>"


def two_gateway_targets(*targets: str) -> tuple[str, ...]:
    gateway = node("eventBasedGateway", "g")
    first = node("intermediateCatchEvent", "t1", timer("duration", "P1D"))
    id_ = targets[0].split('id="')[1].split('"')[0]
    return (START, gateway, first, *targets, END, path("start", "g", "t1", "end"), path("g", id_, "end"))


REFUSED = {
    "event subprocess without a typed start": (
        (*TASK, node("subProcess", "esp", node("startEvent", "s"), triggeredByEvent="true")),
        "bpmn.event-subprocess-start",
    ),
    "event subprocess with two starts": (
        (*TASK, event_subprocess("esp", message(), node("startEvent", "s2", signal()))),
        "bpmn.event-subprocess-start",
    ),
    "event subprocess in the sequence flow": (
        (*TASK, event_subprocess("esp", message()), flow("x", "esp")),
        "bpmn.event-subprocess-flow",
    ),
    "boundary event at an event subprocess": (
        (*TASK, event_subprocess("esp", message()), boundary("b", "esp", signal()), flow("b", "end")),
        "bpmn.event-subprocess-flow",
    ),
    "event subprocess many times": (
        (
            *TASK,
            event_subprocess("esp", message()).replace("<bpmn:start", "<bpmn:standardLoopCharacteristics/><bpmn:start"),
        ),
        "bpmn.event-subprocess-loop",
    ),
    "error start that does not interrupt": (
        (*TASK, event_subprocess("esp", error(), interrupting=False)),
        "bpmn.error-not-interrupting",
    ),
    "cycle that interrupts": (
        (*TASK, event_subprocess("esp", timer("cycle", "R/PT1H"))),
        "bpmn.cycle-position",
    ),
    "link at the start of an event subprocess": ((*TASK, event_subprocess("esp", link())), "bpmn.unsupported-event"),
    "error start of a process": (
        (node("startEvent", "start", error()), END, path("start", "end")),
        "bpmn.unsupported-event",
    ),
    "escalation start of a process": (
        (node("startEvent", "start", escalation()), END, path("start", "end")),
        "bpmn.unsupported-event",
    ),
    "escalation that is waited for in the flow": (catch(escalation()), "bpmn.unsupported-event"),
    "error thrown in the middle": (around(node("intermediateThrowEvent", "x", error())), "bpmn.unsupported-event"),
    "escalation thrown without a code": (
        around(node("intermediateThrowEvent", "x", escalation(None))),
        "bpmn.no-event-reference",
    ),
    "escalation boundary on a task": (
        (*TASK, boundary("b", "x", escalation()), flow("b", "end")),
        "bpmn.escalation-host",
    ),
    "error that catches by a reference without a code": (
        (*TASK, boundary("b", "x", error("nameless")), flow("b", "end")),
        "bpmn.no-event-reference",
    ),
    "escalation that refers to nothing": (
        (*around(SUB), boundary("b", "x", escalation("nowhere")), flow("b", "end")),
        "bpmn.no-event-reference",
    ),
    "caught code as an expression": (
        (*TASK, boundary("b", "x", error("dynamic")), flow("b", "end")),
        "bpmn.catch-code-expression",
    ),
    "signal start with an expression": (
        (node("startEvent", "start", signal("dynamic")), END, path("start", "end")),
        "bpmn.start-name-expression",
    ),
    "condition that is no FEEL": (catch(raw_condition("x > 1".replace(">", "&gt;"))), "bpmn.condition-not-feel"),
    "condition without text": (catch(raw_condition("")), "bpmn.condition-not-feel"),
    "condition with an error": (catch(raw_condition("=x +")), "bpmn.expression"),
    "condition over nothing": (catch(raw_condition("=now() = null")), "bpmn.condition-constant"),
    "filter for deletions": (catch(condition("y", events="delete")), "bpmn.condition-filter"),
    "filter at a process start": (
        (node("startEvent", "start", condition("y", events="create")), END, path("start", "end")),
        "bpmn.condition-filter",
    ),
    "unknown extension in a definition": (
        catch(condition("y", names="y").replace("conditionalFilter", "surprise")),
        "bpmn.unsupported-extension",
    ),
    "two conditional starts with one condition": (
        (
            node("startEvent", "s1", condition("y")),
            node("startEvent", "s2", condition("y")),
            END,
            flow("s1", "end"),
            flow("s2", "end"),
        ),
        "bpmn.duplicate-event",
    ),
    "two boundary events for one message": (
        (*TASK, boundary("a", "x", message()), boundary("b", "x", message()), flow("a", "end"), flow("b", "end")),
        "bpmn.duplicate-event",
    ),
    "two event subprocesses for one error": (
        (*TASK, event_subprocess("a", error()), event_subprocess("b", error())),
        "bpmn.duplicate-event",
    ),
    "two event subprocesses inside for every escalation": (
        around(
            subprocess_(
                "x",
                node("startEvent", "s"),
                event_subprocess("a", escalation(None)),
                event_subprocess("b", escalation(None)),
            )
        ),
        "bpmn.duplicate-event",
    ),
    "two events for one message behind a gateway": (
        (
            START,
            node("eventBasedGateway", "g"),
            node("intermediateCatchEvent", "a", message()),
            node("receiveTask", "b", messageRef="message_paid"),
            END,
            path("start", "g", "a", "end"),
            path("g", "b", "end"),
        ),
        "bpmn.duplicate-event",
    ),
    "receive task with a boundary event behind a gateway": (
        (
            *two_gateway_targets(node("receiveTask", "r", messageRef="message_paid")),
            boundary("b", "r", timer("duration", "P1D")),
            flow("b", "end"),
        ),
        "bpmn.event-gateway-target",
    ),
    "link behind a gateway": (
        two_gateway_targets(node("intermediateCatchEvent", "l", link())),
        "bpmn.event-gateway-target",
    ),
    "link without a name": (around(node("intermediateThrowEvent", "x", link(""))), "bpmn.link-name"),
    "link to nowhere": ((START, node("intermediateThrowEvent", "x", link()), path("start", "x")), "bpmn.link-target"),
    "link into a subprocess": (
        (
            START,
            node("intermediateThrowEvent", "x", link()),
            path("start", "x"),
            subprocess_("sub", node("startEvent", "s"), node("intermediateCatchEvent", "into", link())),
        ),
        "bpmn.link-target",
    ),
    "link with two catches": (
        (
            START,
            node("intermediateThrowEvent", "x", link()),
            node("intermediateCatchEvent", "a", link()),
            node("intermediateCatchEvent", "b", link()),
            END,
            path("start", "x"),
            path("a", "end"),
            path("b", "end"),
        ),
        "bpmn.link-double",
    ),
    "throwing link that also flows on": (
        (
            *around(node("intermediateThrowEvent", "x", link())),
            node("intermediateCatchEvent", "into", link()),
            flow("into", "end"),
        ),
        "bpmn.link-flow",
    ),
    "catching link nobody throws to": (
        (START, END, path("start", "end"), node("intermediateCatchEvent", "x", link()), flow("x", "end")),
        "bpmn.unreachable",
    ),
}


@pytest.mark.parametrize(("inside", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_never_happen_is_refused(inside, code):
    found = [f for f in lint(document(*inside, definitions=DEFINITIONS), resource="f.bpmn") if f.severity == "error"]
    assert code in [f.message.code for f in found], found
    finding = next(f for f in found if f.message.code == code)
    assert finding.line
    assert finding.element
    assert finding.message.zh != finding.message.en


ACCEPTED = {
    "every start of an event subprocess": (
        *TASK,
        *(
            event_subprocess(f"esp{n}", definition, interrupting=interrupting)
            for n, (definition, interrupting) in enumerate(
                [
                    (message(), True),
                    (timer("date", "2026-03-01T09:00:00+08:00"), True),
                    (timer("duration", "P1D"), False),
                    (timer("cycle", "R/P1D"), False),
                    (signal(), False),
                    (error(), True),
                    (error(None), True),
                    (escalation(), False),
                    (escalation(None), True),
                    (condition("a"), True),
                    (condition("b"), False),
                ]
            )
        ),
    ),
    "every boundary event": (
        *around(SUB),
        *(
            boundary(f"b{n}", "x", definition, interrupting=interrupting) + flow(f"b{n}", "end")
            for n, (definition, interrupting) in enumerate(
                [
                    (message(), False),
                    (timer("cycle", "R/P1D"), False),
                    (signal(), True),
                    (error(), True),
                    (escalation(), False),
                    (escalation(None), True),
                    (condition("a"), False),
                ]
            )
        ),
    ),
    "every end event": (
        START,
        node("endEvent", "none"),
        node("endEvent", "m", message(), ext=job("send")),
        node("endEvent", "s", signal()),
        node("endEvent", "e", error()),
        node("endEvent", "esc", escalation()),
        node("endEvent", "t", "<bpmn:terminateEventDefinition/>"),
        *(flow("start", end) for end in ("none", "m", "s", "e", "esc", "t")),
    ),
    "every start event": (
        START,
        node("startEvent", "m", message()),
        node("startEvent", "s", signal()),
        node("startEvent", "t", timer("cycle", "R/P1D")),
        node("startEvent", "c", condition("a", names="a")),
        END,
        *(flow(start, "end") for start in ("start", "m", "s", "t", "c")),
    ),
    "a receive task behind a gateway": two_gateway_targets(node("receiveTask", "r", messageRef="message_paid")),
}


@pytest.mark.parametrize("inside", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_executed_passes(inside):
    assert lint(document(*inside, definitions=DEFINITIONS)) == []
    assert read_processes(document(*inside, definitions=DEFINITIONS))[0].elements
