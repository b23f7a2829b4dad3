"""User tasks: claimed, handed over, changed, completed against their form, and by four eyes."""

from __future__ import annotations

import datetime as dt

import pytest

from server.runtime import deployments, instances
from server.runtime.errors import Conflict, Forbidden, NotFound, Refused
from server.worklist import user_tasks
from server.worklist.user_tasks import Changes

from ..models import ACTOR, deploy, line, one, open_task, review, rows, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")

FORM = b"""{"type": "default", "id": "opinion", "schemaVersion": 16, "components": [
  {"type": "textfield", "key": "opinion", "label": "Opinion", "id": "f1", "validate": {"required": true}},
  {"type": "number", "key": "limit", "label": "Limit", "id": "f2", "validate": {"max": 1000}}]}"""


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A task, a task with a form, and two tasks for four eyes."""
    second = user_task(
        "second",
        ext='<zeebe:taskHeaders><zeebe:header key="lendloom:notBy" value="first, other"/></zeebe:taskHeaders>',
    )
    form = '<zeebe:formDefinition formId="opinion"/>'
    files = [
        ("a.bpmn", review()),
        ("b.bpmn", line(("task", user_task("task", ext=form)), id_="formed")),
        ("c.bpmn", line(("first", user_task("first")), ("second", second), id_="four-eyes")),
        ("opinion.form", FORM),
    ]
    deployments.deploy(files, actor=ACTOR)


def task_of(process_id: str = "review", element: str = "task") -> int:
    return open_task(instances.start(process_id=process_id, actor=ACTOR).key, element)


def row(task_key: int) -> object:
    return rows("SELECT * FROM user_task WHERE key = %(key)s", key=task_key)[0]


def test_claiming_names_who_was_first() -> None:
    task = task_of()
    user_tasks.claim(task_key=task, actor="anna")
    user_tasks.claim(task_key=task, actor="anna")
    with pytest.raises(Conflict, match="anna"):
        user_tasks.claim(task_key=task, actor="bert")
    user_tasks.unassign(task_key=task, actor="anna")
    user_tasks.claim(task_key=task, actor="bert")
    assert row(task).assignee == "bert"  # type: ignore[attr-defined]
    user_tasks.assign(task_key=task, assignee="carl", actor="boss")
    assert row(task).assignee == "carl"  # type: ignore[attr-defined]


def test_a_closed_or_unknown_task_takes_nothing() -> None:
    task = task_of()
    user_tasks.complete(task_key=task, actor="anna")
    for attempt in (
        lambda: user_tasks.claim(task_key=task, actor="bert"),
        lambda: user_tasks.unassign(task_key=task, actor="bert"),
        lambda: user_tasks.update(task_key=task, changes=Changes(priority=1), actor="bert"),
        lambda: user_tasks.complete(task_key=task, actor="bert"),
    ):
        with pytest.raises(Conflict, match="anna"):
            attempt()
    with pytest.raises(NotFound):
        user_tasks.claim(task_key=1, actor="anna")
    with pytest.raises(NotFound):
        user_tasks.complete(task_key=1, actor="anna")


def test_only_what_is_set_changes() -> None:
    task = task_of()
    due = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    changes = Changes(due_date=due, candidate_users=["dora"], priority=80)
    user_tasks.update(task_key=task, changes=changes, actor=ACTOR)
    changed = row(task)
    assert (changed.due_date, changed.candidate_users, changed.priority) == (due, ["dora"], 80)  # type: ignore[attr-defined]
    assert changed.candidate_groups == ["reviewers"]  # type: ignore[attr-defined]
    user_tasks.update(task_key=task, changes=Changes(due_date=None), actor=ACTOR)
    assert row(task).due_date is None  # type: ignore[attr-defined]
    with pytest.raises(Refused):
        user_tasks.update(task_key=task, changes=Changes(priority=101), actor=ACTOR)


def test_another_s_task_can_be_protected() -> None:
    task = task_of()
    user_tasks.claim(task_key=task, actor="anna")
    with pytest.raises(Conflict, match="anna"):
        user_tasks.complete(task_key=task, actor="bert", only_own=True)
    user_tasks.complete(task_key=task, actor="anna", only_own=True)
    closed = row(task)
    assert (closed.state, closed.completed_by, closed.action) == ("COMPLETED", "anna", "complete")  # type: ignore[attr-defined]


def test_the_form_decides_what_may_be_submitted() -> None:
    instance = instances.start(process_id="formed", actor=ACTOR).key
    task = open_task(instance)
    assert row(task).form_key is not None  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        user_tasks.complete(task_key=task, variables={"limit": 5000}, actor="anna")
    assert refused.value.fields.keys() == {"opinion", "limit"}
    assert state(instance) == "ACTIVE"
    user_tasks.complete(task_key=task, variables={"opinion": "同意", "limit": 900}, actor="anna")
    assert variables(instance) == {"opinion": "同意", "limit": 900}


def test_four_eyes_keep_one_person_from_both_tasks() -> None:
    instance = instances.start(process_id="four-eyes", actor=ACTOR).key
    user_tasks.complete(task_key=open_task(instance, "first"), actor="anna")
    second = open_task(instance, "second")
    with pytest.raises(Forbidden, match="anna"):
        user_tasks.claim(task_key=second, actor="anna")
    assert one("SELECT assignee IS NULL FROM user_task WHERE key = %(key)s", key=second)
    with pytest.raises(Forbidden):
        user_tasks.complete(task_key=second, actor="anna")
    user_tasks.complete(task_key=second, actor="bert")
    assert state(instance) == "COMPLETED"
    deploy(review())
