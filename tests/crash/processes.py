"""The processes of the crash and race tests: a case with every kind of wait, one that waits for a signal."""

from __future__ import annotations

from tests.unit.bpmn.diagrams import (
    END,
    START,
    boundary,
    document,
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

CASE, CALLED, RELEASE = "crash-case", "crash-called", "crash-release"
WORK, CALLED_WORK = "crash-work", "crash-called-work"
PAPERS, SIGNAL = "crash-papers", "crash-go"
REMINDERS = 3


def case() -> bytes:
    """Review (with reminders) beside a job, then a called process, a message, a timer.

    What came in is kept under a name for each element, so that it can be told whose completion counted.
    """
    return document(
        START,
        node("parallelGateway", "fork"),
        node(
            "userTask",
            "review",
            ext="<zeebe:userTask/>" + io(("output", "given", "reviewed")),
        ),
        boundary("reminder", "review", timer("cycle", f"R{REMINDERS}/PT1S"), interrupting=False),
        node("scriptTask", "count", ext=script("reminders + 1", "reminders")),
        node("endEvent", "reminded"),
        node("serviceTask", "work", ext=job(WORK, "5", io(("output", "given", "worked")))),
        node("parallelGateway", "join"),
        node(
            "callActivity",
            "call",
            ext='<zeebe:calledElement processId="crash-called" propagateAllChildVariables="false"/>'
            + io(("output", "given", "called")),
        ),
        node(
            "intermediateCatchEvent",
            "papers",
            message(PAPERS),
            ext=io(("output", "given", "received")),
        ),
        node("intermediateCatchEvent", "pause", timer("duration", "PT1S")),
        END,
        path("start", "fork", "review", "join", "call", "papers", "pause", "end"),
        path("fork", "work", "join"),
        path("reminder", "count", "reminded"),
        definitions=message_definition(PAPERS, "caseId"),
        id_=CASE,
    )


def called() -> bytes:
    """A job; what its worker gave is the result."""
    return document(
        START,
        node("serviceTask", "called-work", ext=job(CALLED_WORK, "5")),
        END,
        path("start", "called-work", "end"),
        id_=CALLED,
    )


def release() -> bytes:
    """Waits for the signal."""
    return document(
        START,
        node("intermediateCatchEvent", "wait", signal(SIGNAL)),
        END,
        path("start", "wait", "end"),
        definitions=signal_definition(SIGNAL),
        id_=RELEASE,
    )


def files() -> dict[str, bytes]:
    """All of them, by file name, called processes first."""
    return {"crash-called.bpmn": called(), "crash-case.bpmn": case(), "crash-release.bpmn": release()}
