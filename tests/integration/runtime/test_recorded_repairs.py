"""What operators did to a case comes again in its recording; what cannot is named in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from server.bpmn import Activate, Modification, Move, ReturnTo, Terminate, VariableInstruction
from server.jobs import completion
from server.runtime import migrations, modifications, signals, suspension, variables
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import document, flow, job, node, path, signal, signal_definition, timer
from ..models import ACTOR, active_elements, deploy, line, rows, user_task
from .recorded import NOW, Clock, at, done, element_keys, played, started

__all__ = ["at"]

ROW = line(("apply", user_task("apply")), ("check", user_task("check")), ("pay", user_task("pay")), id_="rec-row")
VOTES = line(
    (
        "vote",
        node(
            "userTask",
            "vote",
            "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
            '<zeebe:loopCharacteristics inputCollection="=[1,2,3]" inputElement="item"/>'
            "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>",
            ext="<zeebe:userTask/>",
        ),
    ),
    id_="rec-votes",
)
LOPSIDED = document(
    node("startEvent", "start"),
    user_task("first"),
    node("parallelGateway", "fork"),
    node("exclusiveGateway", "one", default="one_end"),
    node("exclusiveGateway", "other", default="other_end"),
    user_task("a"),
    user_task("b"),
    node("parallelGateway", "join"),
    node("endEvent", "end"),
    path("start", "first", "fork", "one", "end"),
    path("fork", "other", "end"),
    flow("one", "a", "checked = true"),
    flow("other", "b", "checked = true and both = true"),
    path("a", "join", "end"),
    path("b", "join"),
    id_="rec-lopsided",
)
"""Where only one of two checks is wanted the join stands still."""
CALLED = line(("inner", user_task("inner")), ("last", user_task("last")), id_="rec-called")
CALLING = document(
    node("startEvent", "start"),
    node("parallelGateway", "fork"),
    *(node("callActivity", name, ext='<zeebe:calledElement processId="rec-called"/>') for name in ("one", "two")),
    node("parallelGateway", "join"),
    node("endEvent", "end"),
    path("start", "fork", "one", "join", "end"),
    path("fork", "two", "join"),
    id_="rec-calling",
)
STANDING = line(
    ("work", node("serviceTask", "work", ext=job("rec-work"))),
    ("pause", node("intermediateCatchEvent", "pause", timer("duration", "PT1H"))),
    ("rates", node("intermediateCatchEvent", "rates", signal("rec-rates"))),
    ("after", user_task("after")),
    id_="rec-standing",
    definitions=signal_definition("rec-rates"),
)


def modify(key: int, **instructions: Any) -> None:
    listed = {kind: tuple(given) for kind, given in instructions.items()}
    modifications.modify(instance_key=key, modification=Modification(**listed), actor="operator")


def test_moves_returns_and_variables_come_again(tmp_path: Path, at: Clock) -> None:
    key = started(ROW, process_id="rec-row", amount=3)
    at(1)
    done(key, "apply")
    at(2)
    modify(key, return_to=[ReturnTo("apply", variables=(VariableInstruction({"returned": True}),))])
    at(3)
    modify(key, move=[Move("pay", source_id="apply", variables=(VariableInstruction({"amount": 5}),))])
    at(4)
    modify(key, activate=[Activate("check")], terminate=[Terminate(element_id="pay")])
    at(5)
    modify(key, activate=[Activate("check", after=True)], terminate=[Terminate(key=element_keys(key, "check")[0])])
    at(6)
    variables.update(scope_key=key, variables={"amount": 7}, actor="operator")

    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.remarks == ()
    assert outcome.story.visited == ["start", "apply", "check", "apply", "pay", "check", "pay"]
    assert "returned: true" in recorded.recording.text and "amount: 7" in recorded.recording.text


def test_a_join_that_stood_still_is_repaired_again_by_the_same_modification(tmp_path: Path, at: Clock) -> None:
    key = started(LOPSIDED, process_id="rec-lopsided", checked=True)
    at(1)
    done(key, "first")
    at(2)
    done(key, "a")
    at(3)
    modify(key, activate=[Activate("b")])
    at(4)
    done(key, "b")

    recorded, outcome = played(tmp_path, key)

    assert "retry" not in recorded.recording.text
    assert outcome.story.visited == ["start", "first", "fork", "one", "other", "a", "end", "join", "b", "end"]


def test_one_of_several_is_named_by_its_number(tmp_path: Path, at: Clock) -> None:
    key = started(VOTES, process_id="rec-votes")
    at(1)
    body, first, second, third = element_keys(key, "vote")
    assert body < first
    modify(key, terminate=[Terminate(key=second)])
    at(2)
    user_tasks.complete(task_key=third, variables={}, actor=ACTOR)

    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.remarks == ()
    assert "index: 3" in recorded.recording.text, "the second instance, behind the body and the first"
    assert outcome.story.visited.count("vote") == 4


def test_a_called_instance_is_named_by_its_process_and_number(tmp_path: Path, at: Clock) -> None:
    key = started(CALLING, CALLED, process_id="rec-calling")
    first, second = (
        row.key for row in rows("SELECT key FROM process_instance WHERE parent_key = %(key)s ORDER BY key", key=key)
    )
    at(1)
    modify(first, move=[Move("last", source_id="inner")])
    at(2)
    modify(second, terminate=[Terminate(element_id="inner")], activate=[Activate("last")])

    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.remarks == ()
    assert "process: rec-called\n    index: 1" in recorded.recording.text
    assert outcome.story.visited.count("last") == 2


def test_a_suspension_holds_back_in_the_recording_what_it_held_back(tmp_path: Path, at: Clock) -> None:
    key = started(STANDING, process_id="rec-standing")
    suspension.suspend(instance_key=key, actor="operator", reason="court order")
    ((work,),) = rows("SELECT key FROM job WHERE instance_key = %(key)s", key=key)
    at(1)
    completion.complete(job_key=work, variables={"paid": True}, actor="worker")
    at(2)
    suspension.resume(instance_key=key, actor="operator")
    suspension.suspend(instance_key=key, actor="operator")
    at(9)
    suspension.resume(instance_key=key, actor="operator")
    at(9)
    assert "rates" in active_elements(key), "the timer fires at the resumption"
    at(10)
    suspension.suspend(instance_key=key, actor="operator")
    at(11)
    signals.broadcast(name="rec-rates", variables={"rate": 5}, actor=ACTOR)
    at(12)
    recorded, _ = played(tmp_path, key)
    assert "state: suspended" in recorded.recording.text

    suspension.resume(instance_key=key, actor="operator")
    recorded, outcome = played(tmp_path, key)

    assert recorded.recording.text.count("suspend: {}") == recorded.recording.text.count("resume: {}") == 3
    assert recorded.recording.remarks == ()
    ended = {event.element_id: event.at for event in outcome.story.events if event.kind == "entered"}
    assert (ended["pause"], ended["rates"]) == (NOW + dt.timedelta(hours=2), NOW + dt.timedelta(hours=9))
    assert outcome.story.visited[-1] == "after"


def test_a_migration_is_named_with_its_versions(tmp_path: Path, at: Clock) -> None:
    key = started(line(("task", user_task("task")), id_="rec-gone"), process_id="rec-gone")
    target = line(("approve", user_task("approve")), ("sign", user_task("sign")), id_="rec-gone")
    ((version,),) = [(item.key,) for item in deploy(target, name="rec-gone.bpmn").of("process")]
    at(1)
    instructions = migrations.MigrationInstructions(version, {"task": "approve"})
    migrations.migrate(instance_key=key, instructions=instructions, actor="operator")
    at(2)
    done(key, "approve")

    recorded, _ = played(tmp_path, key)

    (remark,) = recorded.recording.remarks
    assert remark.code == "recording.migrated"
    said = "Not done again: the migration of rec-gone from version 1 to 2 on 2026-11-02; it mapped task -> approve."
    assert said in remark.en
    assert said in recorded.recording.text.splitlines()[1]
