"""Called processes: instances of their own that start, end, fail and are cancelled with their caller."""

from __future__ import annotations

import pytest

from server.jobs import completion
from server.runtime import incidents, instances
from server.runtime.errors import Conflict
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, error, error_definition, flow, job
from ..models import ACTOR, deploy, line, node, one, open_task, path, rows, start_and_end, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")


def call(process_id: str, id_: str = "call") -> str:
    called = f'<zeebe:calledElement processId="{process_id}" propagateAllChildVariables="true"/>'
    return node("callActivity", id_, ext=called)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A caller of a process with a task; a caller that catches an error; callers three deep."""
    deploy(
        line(("task", user_task("task")), id_="child"),
        line(("call", call("child")), id_="parent"),
        line(("call", call("parent")), id_="grandparent"),
        line(("work", node("serviceTask", "work", ext=job("work"))), id_="risky"),
        start_and_end(
            call("risky"),
            boundary("caught", "call", error()),
            user_task("repair"),
            path("start", "call", "end"),
            flow("caught", "repair"),
            flow("repair", "end"),
            id_="careful",
            definitions=error_definition(),
        ),
        line(("call", call("unknown-process")), id_="lost"),
    )


def child_of(instance_key: int) -> int:
    return int(one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=instance_key))


def test_a_called_process_runs_in_the_same_case_and_its_end_moves_the_callers_on() -> None:
    root = instances.start(process_id="grandparent", variables={"amount": 5}, business_id="B-1", actor=ACTOR).key
    child = child_of(child_of(root))
    row = rows("SELECT root_key, business_id FROM process_instance WHERE key = %(key)s", key=child)[0]
    assert tuple(row) == (root, "B-1")
    assert variables(child)["amount"] == 5
    user_tasks.complete(task_key=open_task(child), variables={"ok": True}, actor=ACTOR)
    assert (state(child), state(root)) == ("COMPLETED", "COMPLETED")
    assert variables(root)["ok"] is True


def test_cancelling_the_root_cancels_what_it_called() -> None:
    root = instances.start(process_id="grandparent", actor=ACTOR).key
    child = child_of(child_of(root))
    with pytest.raises(Conflict, match=str(root)):
        instances.cancel(instance_key=child, actor=ACTOR)
    instances.cancel(instance_key=root, actor=ACTOR)
    assert (state(child), state(child_of(root)), state(root)) == ("TERMINATED",) * 3


def test_an_error_that_the_caller_catches_ends_the_called_instance() -> None:
    root = instances.start(process_id="careful", actor=ACTOR).key
    child = child_of(root)
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=child)
    completion.throw_error(job_key=job_key, error_code="REFUSED", actor=ACTOR)
    assert state(child) == "TERMINATED"
    assert open_task(root, "repair")
    assert one("SELECT state FROM job WHERE key = %(key)s", key=job_key) == "ERROR_THROWN"


def test_a_process_that_is_not_deployed_is_an_incident_that_can_be_repaired() -> None:
    root = instances.start(process_id="lost", actor=ACTOR).key
    incident = rows("SELECT key, error_type FROM incident WHERE instance_key = %(key)s", key=root)[0]
    assert incident.error_type == "CALLED_ELEMENT_ERROR"
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    open_ones = rows("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=root)
    assert len(open_ones) == 1, "the same fault is a new incident"
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=root) == 1
    deploy(line(("task", user_task("task")), id_="unknown-process"), name="late.bpmn")
    incidents.resolve(incident_key=open_ones[0].key, actor=ACTOR)
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=root) == 0
    user_tasks.complete(task_key=open_task(child_of(root)), actor=ACTOR)
    assert state(root) == "COMPLETED"
