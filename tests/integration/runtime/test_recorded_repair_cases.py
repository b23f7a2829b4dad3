"""Cases that went wrong and were repaired, recorded: incidents, errors through calls, cancelled work, races."""

from __future__ import annotations

from pathlib import Path

from server.bpmn import Modification, Terminate
from server.jobs import completion
from server.runtime import incidents, instances, messages, modifications, variables
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import (
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
    timer,
)
from ..models import ACTOR, line, open_task, rows, start_and_end, state, user_task
from .recorded import Clock, at, breaks, done, open_jobs, played, started, worked

__all__ = ["at"]

LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=loans" inputElement="item"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


def resolve(key: int) -> None:
    """An operator resolves the first open incident of a case."""
    found = rows("SELECT key FROM incident WHERE root_key = %(key)s AND state = 'ACTIVE' ORDER BY key", key=key)
    incidents.resolve(incident_key=found[0].key, actor="operator")


def test_a_condition_without_its_variable_is_repaired(tmp_path: Path, at: Clock) -> None:
    process = document(
        node("startEvent", "start"),
        user_task("ask"),
        node("exclusiveGateway", "split", default="small"),
        user_task("head"),
        node("endEvent", "end"),
        node("endEvent", "quick"),
        path("start", "ask", "split"),
        flow("split", "head", "amount > 10"),
        flow("split", "quick", id_="small"),
        path("head", "end"),
        id_="rec-broken",
    )
    key = started(process, process_id="rec-broken", amount="many")
    at(1)
    done(key, "ask")
    recorded, _ = played(tmp_path, key)
    assert "state: incident" in recorded.recording.text and recorded.recording.remarks == ()
    at(2)
    variables.update(scope_key=key, variables={"amount": 20}, actor="operator")
    at(3)
    resolve(key)
    at(4)
    done(key, "head")

    recorded, _ = played(tmp_path, key)

    assert recorded.recording.remarks == ()
    breaks(tmp_path, recorded, "amount > 10", "amount > 30")


def test_jobs_of_one_type_with_incidents_in_several_instances(tmp_path: Path, at: Clock) -> None:
    book = node("serviceTask", "book", LOOP, ext=job("rec-book"))
    key = started(line(("book", book), id_="rec-many"), process_id="rec-many", loans=["A", "B", "C"])
    first, second, third = open_jobs(key, "book")
    completion.fail(job_key=first, retries=0, error_message="down", actor="worker")
    at(1)
    completion.complete(job_key=third, variables={"last": "C"}, actor="worker")
    at(2)
    completion.fail(job_key=second, retries=0, error_message="down", actor="worker")
    at(3)
    resolve(key)
    at(4)
    resolve(key)
    completion.complete(job_key=second, variables={"last": "B"}, actor="worker")
    at(5)
    completion.complete(job_key=first, variables={"last": "A"}, actor="worker")
    assert state(key) == "COMPLETED"

    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.remarks == (), recorded.recording.text
    assert [event.kind for event in outcome.story.events].count("incident") == 2


def test_an_error_of_a_called_process_is_caught_by_the_call(tmp_path: Path, at: Clock) -> None:
    called = document(
        node("startEvent", "s"),
        user_task("inner"),
        node("endEvent", "failed", error()),
        path("s", "inner", "failed"),
        definitions=error_definition(),
        id_="rec-failing",
    )
    calling = start_and_end(
        node("callActivity", "call", ext='<zeebe:calledElement processId="rec-failing"/>'),
        boundary("caught", "call", error()),
        user_task("repair"),
        path("start", "call", "end"),
        path("caught", "repair", "end"),
        id_="rec-caller",
        definitions=error_definition(),
    )
    key = started(calling, called, process_id="rec-caller")
    ((child,),) = rows("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    at(1)
    done(child, "inner", why="blocked")
    at(2)
    done(key, "repair")

    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.remarks == ()
    assert "caught" in outcome.story.visited
    breaks(tmp_path, recorded, '<bpmn:boundaryEvent id="caught"', '<bpmn:boundaryEvent id="other"')


def test_the_first_of_two_events_wins_and_a_message_at_one_of_many_tasks(tmp_path: Path, at: Clock) -> None:
    process = document(
        node("startEvent", "start"),
        node("eventBasedGateway", "race"),
        node("intermediateCatchEvent", "paid", message("rec-race")),
        node("intermediateCatchEvent", "late", timer("duration", "PT5H")),
        node("userTask", "sign", LOOP, ext="<zeebe:userTask/>"),
        boundary("withdrawn", "sign", message("rec-back")),
        node("endEvent", "end"),
        node("endEvent", "gone"),
        path("start", "race", "paid", "sign", "end"),
        path("race", "late", "sign"),
        path("withdrawn", "gone"),
        id_="rec-race",
        definitions=message_definition("rec-race", "loan") + message_definition("rec-back", "loan"),
    )
    key = started(process, process_id="rec-race", loan="L-5", loans=[1, 2])
    at(1)
    messages.publish(name="rec-race", correlation_key="L-5", variables={"amount": 10}, actor=ACTOR)
    at(2)
    task = rows("SELECT key FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED' ORDER BY key", key=key)
    user_tasks.complete(task_key=task[1].key, variables={}, actor="zhang.wei")
    at(3)
    messages.publish(name="rec-back", correlation_key="L-5", variables={}, actor=ACTOR)
    assert state(key) == "COMPLETED"

    recorded, _ = played(tmp_path, key)

    assert recorded.recording.remarks == (), recorded.recording.text
    assert "index: 2" in recorded.recording.text
    breaks(tmp_path, recorded, "PT5H", "PT1H")
    breaks(tmp_path, recorded, 'cancelActivity="true"', 'cancelActivity="false"')


def test_work_that_was_under_way_when_all_was_taken_away(tmp_path: Path, at: Clock) -> None:
    process = start_and_end(
        node("parallelGateway", "fork"),
        node("serviceTask", "pay", ext=job("rec-open")),
        user_task("ask"),
        node("parallelGateway", "join"),
        path("start", "fork", "pay", "join", "end"),
        path("fork", "ask", "join"),
        id_="rec-away",
    )
    cancelled, emptied = started(process, process_id="rec-away"), started(process, process_id="rec-away")
    at(1)
    instances.cancel(instance_key=cancelled, actor="operator")
    worked(emptied, "pay", paid=True)
    at(2)
    modifications.modify(
        instance_key=emptied,
        modification=Modification(terminate=(Terminate(element_id="ask"), Terminate(element_id="join"))),
        actor="operator",
    )

    for key in (cancelled, emptied):
        recorded, _ = played(tmp_path, key)
        assert recorded.recording.remarks == (), recorded.recording.text
    assert state(emptied) != "ACTIVE"


def test_a_case_under_way_says_what_is_open(tmp_path: Path, at: Clock) -> None:
    process = start_and_end(
        node("parallelGateway", "fork"),
        node("serviceTask", "pay", ext=job("rec-waits")),
        user_task("ask"),
        node("parallelGateway", "join"),
        path("start", "fork", "pay", "join", "end"),
        path("fork", "ask", "join"),
        id_="rec-open",
    )
    key = started(process, process_id="rec-open")
    at(1)
    user_tasks.claim(task_key=open_task(key, "ask"), actor="zhang.wei")

    recorded, _ = played(tmp_path, key)

    assert "tasks:\n  - ask" in recorded.recording.text and "jobs:\n  - pay" in recorded.recording.text
    breaks(tmp_path, recorded, '<bpmn:serviceTask id="pay">', '<bpmn:serviceTask id="paying">')
