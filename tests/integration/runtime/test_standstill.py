"""Instances in which nothing can move any more are incidents that can be repaired, also where one calls another."""

from __future__ import annotations

import pytest

from server.bpmn import Activate, Modification, Move, Terminate
from server.runtime import incidents, instances, migrations, modifications, suspension
from server.runtime.errors import Conflict
from server.runtime.migrations import MigrationInstructions
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import flow
from ..models import ACTOR, deploy, line, node, one, open_task, path, rows, start_and_end, state, user_task
from .test_calls import call, child_of

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A process whose join lacks a branch where data decide so, and processes that call."""
    deploy(
        start_and_end(
            user_task("first"),
            node("parallelGateway", "fork"),
            node("exclusiveGateway", "one", default="one_end"),
            node("exclusiveGateway", "other", default="other_end"),
            user_task("a"),
            user_task("b"),
            node("parallelGateway", "join"),
            path("start", "first", "fork", "one", "end"),
            path("fork", "other", "end"),
            flow("one", "a", "checked = true"),
            flow("other", "b", "checked = true and both = true"),
            path("a", "join", "end"),
            path("b", "join"),
            id_="lopsided",
        ),
        line(("call", call("lopsided")), id_="calls-lopsided"),
        line(("task", user_task("task")), id_="called"),
        line(("call", call("called")), id_="caller"),
    )


def stuck(process_id: str = "lopsided") -> tuple[int, int]:
    """The root and the instance whose join lacks the branch of b."""
    root = instances.start(process_id=process_id, actor=ACTOR).key
    key = root if process_id == "lopsided" else child_of(root)
    user_tasks.complete(task_key=open_task(key, "first"), variables={"checked": True}, actor=ACTOR)
    user_tasks.complete(task_key=open_task(key, "a"), variables={}, actor=ACTOR)
    return root, key


def incident_of(instance_key: int):
    (row,) = rows("SELECT * FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=instance_key)
    return row


def modify(instance_key: int, **instructions) -> None:
    modifications.modify(instance_key=instance_key, modification=Modification(**instructions), actor=ACTOR)


def test_a_join_that_can_never_fire_is_an_incident_on_an_element_instance() -> None:
    _, key = stuck()
    incident = incident_of(key)
    assert (incident.element_id, incident.error_type) == ("join", "UNKNOWN")
    assert "b_join" in incident.message_zh and "b_join" in incident.message_en
    (element,) = rows("SELECT * FROM element_instance WHERE key = %(key)s", key=incident.element_instance_key)
    assert (element.element_id, element.element_type, element.state) == ("join", "PARALLEL_GATEWAY", "ACTIVE")


def test_resolving_it_without_a_repair_raises_it_again() -> None:
    _, key = stuck()
    before = incident_of(key)
    incidents.resolve(incident_key=before.key, actor=ACTOR)
    after = incident_of(key)
    assert after.key != before.key
    assert after.message_en == before.message_en
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 1


def test_activating_what_is_missing_repairs_it() -> None:
    _, key = stuck()
    incident = incident_of(key)
    modify(key, activate=(Activate("b"),))
    assert one("SELECT state FROM incident WHERE key = %(key)s", key=incident.key) == "RESOLVED"
    user_tasks.complete(task_key=open_task(key, "b"), variables={}, actor=ACTOR)
    assert state(key) == "COMPLETED"
    passages = rows("SELECT state FROM element_instance WHERE instance_key = %(key)s AND element_id = 'join'", key=key)
    assert [row.state for row in passages] == ["COMPLETED"]


def test_moving_it_behind_the_gateway_repairs_it_in_a_called_instance_too() -> None:
    root, key = stuck("calls-lopsided")
    incident = incident_of(key)
    with pytest.raises(Conflict):
        instances.cancel(instance_key=key, actor=ACTOR)
    modify(key, move=(Move("end", source_key=incident.element_instance_key),))
    assert (state(key), state(root)) == ("COMPLETED", "COMPLETED")


def test_cancelling_the_case_closes_it() -> None:
    root, key = stuck("calls-lopsided")
    incident = incident_of(key)
    instances.cancel(instance_key=root, actor=ACTOR)
    assert one("SELECT state FROM incident WHERE key = %(key)s", key=incident.key) == "RESOLVED"


def test_what_waits_in_a_suspended_case_may_still_go_on() -> None:
    root = instances.start(process_id="lopsided", actor=ACTOR).key
    user_tasks.complete(task_key=open_task(root, "first"), variables={"checked": True, "both": True}, actor=ACTOR)
    user_tasks.complete(task_key=open_task(root, "a"), variables={}, actor=ACTOR)
    suspension.suspend(instance_key=root, actor=ACTOR)
    assert not rows("SELECT key FROM incident WHERE instance_key = %(key)s", key=root)
    modify(root, terminate=(Terminate(element_id="b"),))
    assert incident_of(root).element_id == "join"  # the operator has just taken away what it waited for
    suspension.resume(instance_key=root, actor=ACTOR)
    assert incident_of(root).element_id == "join"


def test_a_caller_is_told_when_what_it_called_was_emptied_by_hand() -> None:
    root = instances.start(process_id="caller", actor=ACTOR).key
    first = child_of(root)
    modify(first, terminate=(Terminate(element_id="task"),))
    assert (state(first), state(root)) == ("TERMINATED", "ACTIVE")
    incident = incident_of(root)
    assert (incident.element_id, incident.error_type) == ("call", "CALLED_ELEMENT_ERROR")
    assert str(first) in incident.message_en
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    again = one("SELECT key FROM process_instance WHERE parent_key = %(key)s AND ended_at IS NULL", key=root)
    user_tasks.complete(task_key=open_task(again), variables={}, actor=ACTOR)
    assert state(root) == "COMPLETED"


def lopsided(tail: str, *, renamed: str) -> bytes:
    """Another version of the process, whose branch of b leads elsewhere or over a flow of another name."""
    return start_and_end(
        user_task("first"),
        node("parallelGateway", "fork"),
        node("exclusiveGateway", "one", default="one_end"),
        node("exclusiveGateway", "other", default="other_end"),
        user_task("a"),
        user_task("b"),
        node("parallelGateway", "join"),
        path("start", "first", "fork", "one", "end"),
        path("fork", "other", "end"),
        flow("one", "a", "checked = true"),
        flow("other", "b", "checked = true and both = true"),
        path("a", "join", "end"),
        flow("b", tail, id_=renamed),
        id_="lopsided",
    )


def test_a_migration_ends_the_incident_or_tells_it_anew() -> None:
    _, key = stuck()
    before = incident_of(key)
    other = deploy(lopsided("join", renamed="late")).of("process")[0].key
    mapping = {name: name for name in ("first", "fork", "one", "other", "a", "b", "join")}
    migrations.migrate(instance_key=key, instructions=MigrationInstructions(other, mapping), actor=ACTOR)
    after = incident_of(key)
    assert after.key != before.key
    assert "‘late’" in after.message_en and "b_join" not in after.message_en
    mended = deploy(lopsided("end", renamed="over")).of("process")[0].key
    migrations.migrate(instance_key=key, instructions=MigrationInstructions(mended, mapping), actor=ACTOR)
    assert state(key) == "COMPLETED"
    assert one("SELECT state FROM incident WHERE key = %(key)s", key=after.key) == "RESOLVED"
    (join,) = rows("SELECT * FROM element_instance WHERE instance_key = %(key)s AND element_id = 'join'", key=key)
    assert (join.key, join.state) == (after.element_instance_key, "COMPLETED")
