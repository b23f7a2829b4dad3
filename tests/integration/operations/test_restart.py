"""A new instance in the place of one that has ended."""

from __future__ import annotations

import pytest

from server.bpmn import Activate, Modification, VariableInstruction
from server.runtime import instances, messages, modifications
from server.runtime import variables as runtime_variables
from server.runtime.deletion import delete_instance
from server.runtime.errors import Conflict, NotFound, Refused
from server.runtime.restart import RestartInstructions, RestartVariables, RestartVersion, restart
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import message, message_definition, node
from ..models import ACTOR, deploy, line, one, open_task, rows, state, user_task, variables
from .cases import CALLED, CALLING, TASK

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    deploy(TASK, CALLED, CALLING)


def ended(process: str = "operations-task", **options: object) -> int:
    """A cancelled instance whose variables have changed since it was started."""
    key = instances.start(process_id=process, variables={"amount": 1, "nested": {"a": 1}}, actor=ACTOR, **options).key  # type: ignore[arg-type]
    runtime_variables.update(scope_key=key, variables={"amount": 2, "found": True, "nested": {"a": 2}}, actor=ACTOR)
    instances.cancel(instance_key=key, actor=ACTOR)
    return key


def again(key: int, **how: object) -> int:
    return restart(instance_key=key, instructions=RestartInstructions(**how), actor="operator", reason="by error").key  # type: ignore[arg-type]


def test_with_the_variables_it_was_started_with() -> None:
    key = ended(business_id="B-1", tags=("a", "b"))
    new = again(key)
    assert variables(new) == {"amount": 1, "nested": {"a": 1}}
    assert open_task(new)
    row = rows("SELECT * FROM process_instance WHERE key = %(key)s", key=new)[0]
    assert (row.restarted_from, row.business_id, row.tags, row.started_by) == (key, "B-1", ["a", "b"], "operator")
    *_, act = rows(
        "SELECT type, reason, details FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key
    )
    assert (act.type, act.reason, act.details["processInstanceKey"]) == (
        "RESTART_PROCESS_INSTANCE",
        "by error",
        str(new),
    )


def test_with_its_last_variables() -> None:
    assert variables(again(ended(), variables=RestartVariables.LAST)) == {
        "amount": 2,
        "found": True,
        "nested": {"a": 2},
    }


def test_in_the_same_version_or_in_the_latest() -> None:
    deploy(line(("old", user_task("old")), id_="restart-versions"))
    key = ended("restart-versions")
    deploy(line(("new", user_task("new")), id_="restart-versions"))
    assert open_task(again(key), "old")
    assert open_task(again(key, version=RestartVersion.LATEST), "new")


def test_at_the_start_event_that_it_began_at_or_at_another() -> None:
    start = node("startEvent", "start", message("restart-begin"))
    definitions = message_definition("restart-begin", "loan")
    deploy(line(("task", user_task("task")), id_="restart-message", start=start, definitions=definitions))
    key = messages.correlate(
        name="restart-begin", correlation_key="1", variables={"loan": "1"}, actor=ACTOR
    ).instance_key
    instances.cancel(instance_key=key, actor=ACTOR)
    new = again(key)
    assert variables(new) == {"loan": "1"}
    assert (
        one(
            "SELECT element_id FROM element_instance WHERE instance_key = %(key)s AND element_type = 'START_EVENT'",
            key=new,
        )
        == "start"
    )
    with pytest.raises(Refused, match="start"):
        again(key, start_element="task")


def test_at_elements_in_the_middle() -> None:
    deploy(line(("apply", user_task("apply")), ("pay", user_task("pay")), id_="restart-middle"))
    key = ended("restart-middle")
    new = again(key, activate=("pay",))
    assert open_task(new, "pay")
    assert not rows("SELECT 1 FROM user_task WHERE instance_key = %(key)s AND element_id = 'apply'", key=new)
    assert variables(new) == {"amount": 1, "nested": {"a": 1}}
    *_, act = rows("SELECT details FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key)
    assert act.details["startElementIds"] == ["pay"]
    with pytest.raises(Refused, match="ghost"):
        again(key, activate=("pay", "ghost"))


def test_what_runs_and_what_was_called_is_refused() -> None:
    running = instances.start(process_id="operations-calling", actor=ACTOR).key
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=running)
    with pytest.raises(Conflict, match="not ended"):
        again(running)
    instances.cancel(instance_key=running, actor=ACTOR)
    with pytest.raises(Conflict, match=str(running)):
        again(child)
    with pytest.raises(NotFound):
        again(1)


def test_an_instance_of_an_older_release_has_only_its_last_variables() -> None:
    key = ended()
    rows("UPDATE process_instance SET start_variables = NULL WHERE key = %(key)s RETURNING key", key=key)
    with pytest.raises(Conflict, match="LAST"):
        again(key)
    assert again(key, variables=RestartVariables.LAST)


def test_a_unique_business_id_is_still_unique() -> None:
    key = ended(business_id="unique", business_id_unique=True)
    again(key)
    with pytest.raises(Conflict):
        again(key)


def test_deleting_leaves_the_record_of_it_and_nothing_else() -> None:
    key = instances.start(process_id="operations-calling", variables={"a": 1}, actor=ACTOR).key
    with pytest.raises(Conflict, match="not ended"):
        delete_instance(instance_key=key, actor=ACTOR)
    instances.cancel(instance_key=key, actor=ACTOR)
    family = [row.key for row in rows("SELECT key FROM process_instance WHERE root_key = %(key)s", key=key)]
    assert len(family) == 2
    with pytest.raises(Conflict, match=str(key)):
        delete_instance(instance_key=max(family), actor=ACTOR)
    delete_instance(instance_key=key, actor="officer", reason="erasure asked for")
    for table in ("process_instance", "instance_state"):
        assert rows(f"SELECT 1 FROM {table} WHERE key = ANY(%(keys)s)", keys=family) == []
    for table in ("element_instance", "user_task", "job", "incident", "decision_instance", "event_subscription"):
        assert rows(f"SELECT 1 FROM {table} WHERE instance_key = ANY(%(keys)s)", keys=family) == []
    cancelled, deleted = rows(
        "SELECT type, actor, reason, details FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key
    )
    assert cancelled.type == "CANCEL_PROCESS_INSTANCE"
    assert tuple(deleted) == ("DELETE_PROCESS_INSTANCE", "officer", "erasure asked for", {"processInstances": 2})
    with pytest.raises(NotFound):
        delete_instance(instance_key=key, actor=ACTOR)
    assert state(instances.start(process_id="operations-task", actor=ACTOR).key) == "ACTIVE"


def test_deleting_takes_the_values_out_of_the_records_and_who_had_a_task() -> None:
    key = instances.start(process_id="operations-task", actor=ACTOR).key
    task = open_task(key)
    user_tasks.claim(task_key=task, actor="zhang.wei")
    user_tasks.unassign(task_key=task, actor="zhang.wei")
    changes = rows("SELECT assignee, actor FROM task_assignment WHERE task_key = %(key)s ORDER BY key", key=task)
    assert [tuple(row) for row in changes] == [("zhang.wei", "zhang.wei"), (None, "zhang.wei")]
    given = VariableInstruction({"applicantName": "王芳"})
    modifications.modify(
        instance_key=key,
        modification=Modification(activate=(Activate("task", variables=(given,)),)),
        actor="operator",
    )
    instances.cancel(instance_key=key, actor=ACTOR)
    delete_instance(instance_key=key, actor="officer")
    assert rows("SELECT 1 FROM task_assignment WHERE instance_key = %(key)s", key=key) == []
    told = rows("SELECT type, details::text AS details FROM operation_record WHERE subject_key = %(key)s", key=key)
    assert "MODIFY_PROCESS_INSTANCE" in {row.type for row in told}, "the act itself stays"
    assert not any("王芳" in row.details for row in told)
