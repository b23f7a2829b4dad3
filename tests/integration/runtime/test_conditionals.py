"""Conditional events in the database: variables changed from outside, and start events of definitions."""

from __future__ import annotations

import pytest

from server.jobs import completion
from server.runtime import conditionals, definition_suspension, incidents, instances, suspension
from server.runtime import variables as variable_commands
from server.runtime.errors import Conflict, NotFound, Refused
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import boundary, condition, flow, job
from ..models import (
    ACTOR,
    active_elements,
    deploy,
    line,
    node,
    one,
    open_task,
    path,
    rows,
    start_and_end,
    state,
    user_task,
    variables,
)

pytestmark = pytest.mark.usefixtures("app")


def starting(id_: str, text: str, *, names: str | None = None) -> bytes:
    start = node("startEvent", "start", condition(text, names=names))
    return line(("task", user_task("task")), id_=id_, start=start)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """A process that waits, one whose task is withdrawn by a condition, and some that conditions start."""
    deploy(
        line(("wait", node("intermediateCatchEvent", "wait", condition("approved = true"))), id_="waiting"),
        start_and_end(
            user_task("task"),
            boundary("withdrawn", "task", condition("cancelled")),
            user_task("undo"),
            path("start", "task", "end"),
            flow("withdrawn", "undo"),
            id_="withdrawable",
        ),
        start_and_end(
            node("serviceTask", "work", ext=job("work")),
            boundary("hopeless", "work", condition('reason = "gone"')),
            user_task("undo"),
            path("start", "work", "end"),
            flow("hopeless", "undo"),
            id_="working",
        ),
    )


def test_a_variable_set_from_outside_moves_a_waiting_instance_on() -> None:
    key = instances.start(process_id="waiting", actor=ACTOR).key
    variable_commands.update(scope_key=key, variables={"approved": False}, actor=ACTOR)
    assert state(key) == "ACTIVE"
    variable_commands.update(scope_key=key, variables={"approved": True}, actor=ACTOR)
    assert state(key) == "COMPLETED"
    assert rows("SELECT 1 FROM event_subscription WHERE instance_key = %(key)s", key=key) == []


def test_a_variable_of_the_task_itself_withdraws_it() -> None:
    key = instances.start(process_id="withdrawable", actor=ACTOR).key
    task = open_task(key)
    variable_commands.update(scope_key=task, variables={"cancelled": True}, local=True, actor=ACTOR)
    assert active_elements(key) == {"undo"}
    assert one("SELECT state FROM user_task WHERE key = %(key)s", key=task) == "CANCELED"


def test_a_condition_without_a_value_is_an_incident_that_a_better_value_ends() -> None:
    key = instances.start(process_id="withdrawable", actor=ACTOR).key
    variable_commands.update(scope_key=key, variables={"cancelled": "perhaps"}, actor=ACTOR)
    incident = rows("SELECT key, element_id, error_type FROM incident WHERE instance_key = %(key)s", key=key)[0]
    assert (incident.element_id, incident.error_type) == ("withdrawn", "CONDITION_ERROR")
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 1
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    active = rows("SELECT key FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=key)
    assert len(active) == 1, "the same fault is a new incident"
    variable_commands.update(scope_key=key, variables={"cancelled": False}, actor=ACTOR)
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0
    user_tasks.complete(task_key=open_task(key), actor=ACTOR)
    assert state(key) == "COMPLETED"


def test_an_evaluation_starts_every_process_whose_condition_is_true() -> None:
    deploy(
        starting("large", "amount > 1000"),
        starting("small", "amount <= 1000"),
        starting("other", 'colour = "red"'),
        starting("filtered", "amount > 0", names="released"),
    )
    evaluated = conditionals.evaluate(variables={"amount": 5000}, actor=ACTOR)
    assert len(evaluated.started) == 1
    key = evaluated.started[0].instance_key
    assert active_elements(key) == {"task"}
    assert variables(key) == {"amount": 5000}
    assert conditionals.evaluate(variables={"weight": 3}, actor=ACTOR).started == ()
    assert len(conditionals.evaluate(variables={"amount": 5000, "released": True}, actor=ACTOR).started) == 2


def test_only_the_newest_version_of_a_process_is_asked() -> None:
    first = deploy(starting("versioned", "grade = 1")).of("process")[0].key
    second = deploy(starting("versioned", "grade > 0")).of("process")[0].key
    (started,) = conditionals.evaluate(variables={"grade": 1}, actor=ACTOR).started
    assert started.definition_key == second
    assert conditionals.evaluate(variables={"grade": 1}, definition_key=first, actor=ACTOR).started == ()
    assert len(conditionals.evaluate(variables={"grade": 1}, definition_key=second, actor=ACTOR).started) == 1
    with pytest.raises(NotFound):
        conditionals.evaluate(variables={"grade": 1}, definition_key=1, actor=ACTOR)


def test_a_condition_without_a_value_starts_nothing_at_all() -> None:
    deploy(starting("first", "debt > 5"), starting("second", "debt + rate > 5"))
    before = one("SELECT count(*) FROM process_instance")
    with pytest.raises(Refused, match="first"):
        conditionals.evaluate(variables={"debt": "much"}, actor=ACTOR)
    assert one("SELECT count(*) FROM process_instance") == before
    assert len(conditionals.evaluate(variables={"debt": 6}, actor=ACTOR).started) == 1, "what is not given is not true"


def test_several_starts_of_one_process_may_be_true() -> None:
    deploy(
        start_and_end(
            node("startEvent", "again", condition("stock < 5")),
            user_task("task"),
            path("start", "task", "end"),
            flow("again", "task"),
            start=node("startEvent", "start", condition("stock < 10")),
            id_="twofold",
        )
    )
    assert len(conditionals.evaluate(variables={"stock": 1}, actor=ACTOR).started) == 2
    assert len(conditionals.evaluate(variables={"stock": 7}, actor=ACTOR).started) == 1


@pytest.mark.parametrize("retries", [2, 0])
def test_what_a_failing_job_says_may_take_it_away(retries: int) -> None:
    key = instances.start(process_id="working", actor=ACTOR).key
    for reason, left in (("busy", {"work"}), ("gone", {"undo"})):
        job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=key)
        completion.fail(
            job_key=job_key,
            retries=2 if reason == "busy" else retries,
            error_message="no answer",
            variables={"reason": reason},
            actor=ACTOR,
        )
        assert active_elements(key) == left
    assert one("SELECT state FROM job WHERE instance_key = %(key)s", key=key) == "CANCELED"
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0


def test_a_suspended_case_asks_its_conditions_when_it_is_resumed() -> None:
    key = instances.start(process_id="withdrawable", actor=ACTOR).key
    suspension.suspend(instance_key=key, actor=ACTOR)
    variable_commands.update(scope_key=key, variables={"cancelled": True}, actor=ACTOR)
    assert active_elements(key) == {"task"}
    suspension.resume(instance_key=key, actor=ACTOR)
    assert active_elements(key) == {"undo"}

    key = instances.start(process_id="withdrawable", actor=ACTOR).key
    suspension.suspend(instance_key=key, actor=ACTOR)
    variable_commands.update(scope_key=key, variables={"cancelled": True}, actor=ACTOR)
    variable_commands.update(scope_key=key, variables={"cancelled": False}, actor=ACTOR)
    suspension.resume(instance_key=key, actor=ACTOR)
    assert active_elements(key) == {"task"}, "what counts is how it is at the resumption"


def test_a_suspended_version_starts_nothing() -> None:
    key = deploy(starting("paused", "pressure > 1")).of("process")[0].key
    definition_suspension.suspend(definition_key=key, actor=ACTOR)
    assert conditionals.evaluate(variables={"pressure": 5}, actor=ACTOR).started == ()
    with pytest.raises(Conflict):
        conditionals.evaluate(variables={"pressure": 5}, definition_key=key, actor=ACTOR)
    definition_suspension.resume(definition_key=key, actor=ACTOR)
    assert len(conditionals.evaluate(variables={"pressure": 5}, actor=ACTOR).started) == 1
