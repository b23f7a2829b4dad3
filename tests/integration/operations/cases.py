"""The processes that the tests of operators' commands start, and what they look at."""

from __future__ import annotations

from ...unit.bpmn.diagrams import (
    boundary,
    condition,
    document,
    flow,
    job,
    message,
    message_definition,
    node,
    path,
    signal,
    signal_definition,
    timer,
)
from ..models import line, user_task

TYPE = "operations-work"
CALLED = line(("inner", user_task("inner")), id_="operations-called")
CALLING = line(
    ("call", node("callActivity", "call", ext='<zeebe:calledElement processId="operations-called"/>')),
    id_="operations-calling",
)
WORKING = line(
    ("work", node("serviceTask", "work", ext=job(TYPE, "3"))),
    ("after", user_task("after")),
    id_="operations-working",
)
TASK = line(("task", user_task("task")), ("next", user_task("next")), id_="operations-task")
TIMED = line(
    ("pause", node("intermediateCatchEvent", "pause", timer("duration", "PT1H"))),
    ("after", user_task("after")),
    id_="operations-timed",
)
AWAITING = line(
    ("papers", node("intermediateCatchEvent", "papers", message("operations-papers"))),
    ("after", user_task("after")),
    id_="operations-awaiting",
    definitions=message_definition("operations-papers", "loan"),
)
LISTENING = line(
    ("rates", node("intermediateCatchEvent", "rates", signal("operations-rates"))),
    ("after", user_task("after")),
    id_="operations-listening",
    definitions=signal_definition("operations-rates"),
)
REMINDED = document(
    node("startEvent", "start"),
    user_task("task"),
    boundary("reminder", "task", timer("cycle", "R3/PT1H"), interrupting=False),
    node("endEvent", "reminded"),
    node("endEvent", "end"),
    path("start", "task", "end"),
    path("reminder", "reminded"),
    id_="operations-reminded",
)
DUAL = document(
    node("startEvent", "start"),
    node("startEvent", "begin", message("operations-dual")),
    node("exclusiveGateway", "merge"),
    node("intermediateCatchEvent", "wait", message("operations-dual")),
    node("endEvent", "end"),
    path("start", "merge", "wait", "end"),
    path("begin", "merge"),
    id_="operations-dual",
    definitions=message_definition("operations-dual", "loan"),
)
CALLING_LATER = line(
    ("task", user_task("task")),
    ("call", node("callActivity", "call", ext='<zeebe:calledElement processId="operations-called"/>')),
    id_="operations-calling-later",
)
CONDITIONAL = line(
    ("task", user_task("task")),
    ("score", node("intermediateCatchEvent", "score", condition("score > 600"))),
    ("after", user_task("after")),
    id_="operations-conditional",
)
CALLING_CONDITIONAL = line(
    ("call", node("callActivity", "call", ext='<zeebe:calledElement processId="operations-conditional"/>')),
    id_="operations-calling-conditional",
)
CHOOSING = document(
    node("startEvent", "start"),
    node("exclusiveGateway", "choice"),
    user_task("high"),
    user_task("low"),
    node("endEvent", "end"),
    path("start", "choice"),
    flow("choice", "high", "amount > 100"),
    flow("choice", "low", "amount <= 100"),
    path("high", "end"),
    path("low", "end"),
    id_="operations-choosing",
)
REFUSED = document(
    node("startEvent", "start"),
    node("serviceTask", "work", ext=job(TYPE, "3")),
    boundary("bounced", "work", '<bpmn:errorEventDefinition errorRef="error_BOUNCED"/>'),
    user_task("after"),
    user_task("repair"),
    node("endEvent", "end"),
    path("start", "work", "after", "end"),
    flow("bounced", "repair"),
    flow("repair", "end"),
    id_="operations-refused",
    definitions='<bpmn:error id="error_BOUNCED" name="BOUNCED" errorCode="BOUNCED"/>',
)
