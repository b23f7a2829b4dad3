"""Models that plain SpiffWorkflow parses and then runs wrongly: our gate refuses each of them, or it runs rightly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent

from server.bpmn import lint, read_processes
from server.bpmn.effects import ElementActivated, IncidentRaised, SignalThrown, UserTaskOpened

from ..diagrams import (
    END,
    START,
    World,
    boundary,
    document,
    error,
    error_definition,
    flow,
    node,
    path,
    signal,
    signal_definition,
    subprocess_,
    timer,
)
from .plain import Plain

COMPENSATE = "<bpmn:compensateEventDefinition/>"
TASK = node("manualTask", "t")


def link(tag: str, id_: str) -> str:
    return node(tag, id_, '<bpmn:linkEventDefinition name="there"/>')


def event_subprocess(start: str, *inside: str) -> str:
    return node("subProcess", "handler", start, *inside, triggeredByEvent="true")


def plain(xml: bytes, **data: Any) -> Plain:
    return Plain(xml.replace(b">=", b">"), **data).run()


def never_runs(xml: bytes) -> bool:
    """Whether plain SpiffWorkflow gives up on the file, at reading or running it."""
    try:
        plain(xml)
    except Exception:
        return True
    return False


def activated(world: World) -> set[str]:
    return {effect.element_id for effect in world.of(ElementActivated)}


@dataclass(frozen=True)
class Fault:
    """A model, the proof that plain SpiffWorkflow runs it wrongly, and the proof that ours runs it rightly."""

    xml: bytes
    wrong: Callable[[bytes], bool]
    right: Callable[[World], bool]


def signal_end() -> Fault:
    xml = document(START, node("endEvent", "end", signal()), path("start", "end"), definitions=signal_definition())

    def wrong(xml: bytes) -> bool:
        run = Plain(xml)
        caught: list[Any] = []
        run.workflow.catch = lambda event: caught.append(event)
        return run.run().completed and not caught and not run.workflow.bpmn_events

    return Fault(xml, wrong, lambda world: bool(world.start().of(SignalThrown)))


def link_events() -> Fault:
    xml = document(
        START, link("intermediateThrowEvent", "l"), link("intermediateCatchEvent", "k"), TASK, END,
        path("start", "l"), path("k", "t", "end"),
    )  # fmt: skip

    def wrong(xml: bytes) -> bool:
        run = plain(xml)
        return run.completed and "t" not in run.done()

    return Fault(xml, wrong, lambda world: "t" in activated(world.start()) and world.completed)


def error_event_subprocess() -> Fault:
    handler = event_subprocess(
        node("startEvent", "es", error(), isInterrupting="true"), node("manualTask", "late"), node("endEvent", "ee"),
        path("es", "late", "ee"),
    )  # fmt: skip
    xml = document(
        START, node("userTask", "t"), END, path("start", "t", "end"), handler, definitions=error_definition()
    )

    def wrong(xml: bytes) -> bool:
        return "late" in plain(xml).done()  # nothing has thrown

    def right(world: World) -> bool:
        world.start()
        return "late" not in activated(world) and "t" in world.waiting()

    return Fault(xml, wrong, right)


def interrupting_event_subprocess() -> Fault:
    handler = event_subprocess(
        node("startEvent", "es", signal(), isInterrupting="true"), node("manualTask", "late"), node("endEvent", "ee"),
        path("es", "late", "ee"),
    )  # fmt: skip
    xml = document(
        START, node("userTask", "t"), END, path("start", "t", "end"), handler, definitions=signal_definition()
    )

    def wrong(xml: bytes) -> bool:
        run = Plain(xml)
        for _ in range(20):
            run.workflow.refresh_waiting_tasks()
            ready = [t for t in run.workflow.get_tasks(state=16) if t.task_spec.name != "t"]
            if not ready:
                break
            ready[0].run()
        run.workflow.send_event(BpmnEvent(SignalEventDefinition("rates")))
        run.run()
        return {"late", "t"} <= run.done()

    def right(world: World) -> bool:
        world.start().do("deliver_signal", "es", {})
        return "late" in activated(world) and world.completed

    return Fault(xml, wrong, right)


def unmatched_error() -> Fault:
    inside = (node("startEvent", "s"), node("endEvent", "bad", error()), path("s", "bad"))
    caught = (boundary("b", "sub", error("OTHER")), node("endEvent", "e2"), flow("b", "e2"))
    xml = document(
        START, subprocess_("sub", *inside), *caught, TASK, END, path("start", "sub", "t", "end"),
        definitions=error_definition() + error_definition("OTHER"),
    )  # fmt: skip

    def wrong(xml: bytes) -> bool:
        run = plain(xml)
        return run.completed and "t" in run.done()

    def right(world: World) -> bool:
        world.start()
        return [e.error_type for e in world.of(IncidentRaised)] == ["UNHANDLED_ERROR_EVENT"]

    return Fault(xml, wrong, right)


def nested_edits() -> Fault:
    xml = document(
        START, node("parallelGateway", "f"), node("userTask", "a"), node("userTask", "b"), node("parallelGateway", "j"),
        END, path("start", "f", "a", "j", "end"), path("f", "b", "j"),
    )  # fmt: skip

    def wrong(xml: bytes) -> bool:
        edits = {"a": lambda data: data["app"].update(score=1), "b": lambda data: data["app"].update(limit=2)}
        run = Plain(xml, app={"score": 0, "limit": 0}).run(**edits)
        return run.completed and run.workflow.data["app"] != {"score": 1, "limit": 2}

    def right(world: World) -> bool:
        world.start(app={"score": 0, "limit": 0})
        world.do("complete_user_task", "a", {"app": {"score": 1, "limit": 0}})
        world.do("complete_user_task", "b", {"app": {"score": 0, "limit": 2}})
        return world.completed and world["app"] == {"score": 1, "limit": 2}

    return Fault(xml, wrong, right)


def condition_on_the_only_flow() -> Fault:
    xml = document(START, TASK, node("manualTask", "next"), END, path("start", "t"), flow("t", "next", "wanted"),
                   path("next", "end"))  # fmt: skip

    def wrong(xml: bytes) -> bool:
        return "next" in plain(xml, wanted=False).done()

    def right(world: World) -> bool:
        world.start(wanted=False)
        return "next" not in activated(world) and bool(world.of(IncidentRaised))

    return Fault(xml, wrong, right)


def implicit_fork() -> Fault:
    xml = document(START, TASK, node("manualTask", "a"), node("manualTask", "b"), END, path("start", "t"),
                   flow("t", "a", "yes"), flow("t", "b", "no"), path("a", "end"), path("b", "end"))  # fmt: skip

    def wrong(xml: bytes) -> bool:
        try:
            run = plain(xml, yes=True, no=False)
        except Exception:
            return True
        return "a" not in run.done() or "b" in run.done()

    def right(world: World) -> bool:
        world.start(yes=True, no=False)
        return "a" in activated(world) and "b" not in activated(world) and world.completed

    return Fault(xml, wrong, right)


def standard_timer_text() -> Fault:
    xml = document(
        START, node("intermediateCatchEvent", "w", timer("duration", "PT1H")), END, path("start", "w", "end")
    )

    def right(world: World) -> bool:
        return world.start().do("fire_timer", "w").completed

    return Fault(xml, never_runs, right)


def compensation() -> Fault:
    undone = (
        boundary("b", "t", COMPENSATE),
        node("manualTask", "undo", isForCompensation="true"),
        '<bpmn:association id="a" sourceRef="b" targetRef="undo" associationDirection="One"/>',
    )
    xml = document(START, TASK, *undone, node("intermediateThrowEvent", "c", COMPENSATE), END,
                   path("start", "t", "c", "end"))  # fmt: skip

    def wrong(xml: bytes) -> bool:
        return never_runs(xml) or "undo" not in plain(xml).done()

    return Fault(xml, wrong, lambda world: "undo" in activated(world.start()) and world.completed)


def ad_hoc() -> Fault:
    xml = document(START, node("adHocSubProcess", "ad", node("manualTask", "t")), END, path("start", "ad", "end"))

    def wrong(xml: bytes) -> bool:
        return never_runs(xml) or "t" not in plain(xml).done()

    return Fault(xml, wrong, lambda world: "ad" in activated(world.start()))


def complex_gateway() -> Fault:
    xml = document(START, node("complexGateway", "g"), END, path("start", "g", "end"))
    return Fault(xml, never_runs, lambda world: False)  # it is refused for good


def extensions_of_a_user_task() -> Fault:
    ext = '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="risk"/>'
    xml = document(START, node("userTask", "t", ext=ext), END, path("start", "t", "end"))

    def wrong(xml: bytes) -> bool:
        spec = Plain(xml).workflow.spec.task_specs["t"]
        return "risk" not in repr(vars(spec))

    return Fault(xml, wrong, lambda world: world.start().of(UserTaskOpened)[0].candidate_groups == ("risk",))


def deadlock() -> Fault:
    xml = document(START, node("exclusiveGateway", "x", default="x_b"), node("manualTask", "a"),
                   node("manualTask", "b"), node("parallelGateway", "j"), END, path("start", "x"),
                   flow("x", "a", "no"), flow("x", "b"), path("a", "j", "end"), path("b", "j"))  # fmt: skip

    def wrong(xml: bytes) -> bool:
        run = plain(xml, no=False)
        return not run.completed and not run.workflow.get_tasks(state=16)  # it waits for ever and says nothing

    return Fault(xml, wrong, lambda world: False)


FAULTS = (
    signal_end, link_events, error_event_subprocess, interrupting_event_subprocess, unmatched_error, nested_edits,
    condition_on_the_only_flow, implicit_fork, standard_timer_text, compensation, ad_hoc, complex_gateway,
    extensions_of_a_user_task, deadlock,
)  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_plain_spiffworkflow_runs_it_wrongly(fault):
    case = fault()
    assert case.wrong(case.xml)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_here_it_is_refused_or_right(fault):
    case = fault()
    errors = [finding for finding in lint(case.xml, resource="f.bpmn") if finding.severity == "error"]
    if errors:
        assert all(finding.line and finding.message.zh != finding.message.en for finding in errors)
    else:
        assert case.right(World(read_processes(case.xml)[0]))
