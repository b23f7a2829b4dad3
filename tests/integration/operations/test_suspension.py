"""What a suspension does to each kind of wait, and that nothing goes on under it, whoever is faster."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Connection

from server.jobs import activation, completion, handlers
from server.jobs.clock import Clock, adopt_jobs
from server.runtime import incidents, instances, messages, signals, statements, suspension
from server.runtime import variables as runtime_variables
from server.runtime.command import command
from server.runtime.errors import CommandError, Conflict, NotFound
from server.runtime.stimulus import finish, open_case
from server.worklist import user_tasks

from ..models import ACTOR, active_elements, deploy, one, open_task, rows, state, variables
from .cases import (
    AWAITING,
    CALLED,
    CALLING,
    CALLING_CONDITIONAL,
    CALLING_LATER,
    CHOOSING,
    CONDITIONAL,
    DUAL,
    LISTENING,
    REFUSED,
    REMINDED,
    TASK,
    TIMED,
    TYPE,
    WORKING,
)

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    deploy(CALLED, CALLING, CALLING_LATER, WORKING, TASK, TIMED, AWAITING, LISTENING, REMINDED, CHOOSING, REFUSED)
    deploy(DUAL, CONDITIONAL, CALLING_CONDITIONAL)


def start(process: str, **given: object) -> int:
    return instances.start(process_id=f"operations-{process}", variables=given, actor=ACTOR).key


def suspended(process: str, **given: object) -> int:
    key = start(process, **given)
    suspension.suspend(instance_key=key, actor="operator", reason="court order")
    return key


def resume(key: int) -> None:
    suspension.resume(instance_key=key, actor="operator")


def job_of(instance_key: int) -> int:
    return int(one("SELECT key FROM job WHERE instance_key = %(key)s", key=instance_key))


def activated(instance_key: int) -> list[activation.ActivatedJob]:
    found = activation.activate(job_type=TYPE, max_jobs=100, timeout=dt.timedelta(minutes=5), worker="w", actor=ACTOR)
    return [job for job in found if job.instance_key == instance_key]


def make_due(instance_key: int) -> None:
    rows(
        "UPDATE timer SET due_at = clock_timestamp() - interval '1 minute' WHERE instance_key = %(key)s RETURNING key",
        key=instance_key,
    )


def fire(app: Flask) -> int:
    clock = Clock(app)
    try:
        return clock.fire_due()
    finally:
        clock.close()


# -- the case ----------------------------------------------------------------------------------------------------


def test_who_when_and_why_are_kept_and_the_whole_case_stands_still() -> None:
    key = suspended("calling")
    shown = rows(
        "SELECT state, suspended_at, suspended_by, suspend_reason FROM process_instance "
        "WHERE root_key = %(key)s ORDER BY key",
        key=key,
    )
    assert [(row.state, row.suspended_by, row.suspend_reason) for row in shown] == [
        ("SUSPENDED", "operator", "court order")
    ] * 2
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    inner = open_task(child, "inner")
    with pytest.raises(Conflict, match="suspended"):
        user_tasks.complete(task_key=inner, actor=ACTOR)
    resume(key)
    assert state(child) == state(key) == "ACTIVE"
    user_tasks.complete(task_key=inner, actor=ACTOR)
    assert state(key) == "COMPLETED"
    acts = rows("SELECT type, actor, reason FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key)
    assert [tuple(act) for act in acts] == [
        ("SUSPEND_PROCESS_INSTANCE", "operator", "court order"),
        ("RESUME_PROCESS_INSTANCE", "operator", None),
    ]


def test_it_is_done_once_and_to_running_root_instances_only() -> None:
    key = suspended("calling")
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    with pytest.raises(Conflict, match="already"):
        suspension.suspend(instance_key=key, actor=ACTOR)
    with pytest.raises(Conflict, match=str(key)):
        suspension.suspend(instance_key=child, actor=ACTOR)
    resume(key)
    with pytest.raises(Conflict, match="not suspended"):
        resume(key)
    instances.cancel(instance_key=key, actor=ACTOR)
    with pytest.raises(Conflict, match="ended"):
        suspension.suspend(instance_key=key, actor=ACTOR)
    with pytest.raises(NotFound):
        suspension.suspend(instance_key=1, actor=ACTOR)


def test_a_suspended_case_can_be_cancelled_and_stays_so() -> None:
    key = suspended("calling")
    instances.cancel(instance_key=key, actor=ACTOR, reason="settled")
    assert {row.state for row in rows("SELECT state FROM process_instance WHERE root_key = %(key)s", key=key)} == {
        "TERMINATED"
    }
    with pytest.raises(Conflict, match="ended"):
        resume(key)
    assert state(key) == "TERMINATED"


def test_a_suspended_case_keeps_its_unique_business_id() -> None:
    given = {"process_id": "operations-task", "business_id": "one", "business_id_unique": True, "actor": ACTOR}
    key = instances.start(**given).key  # type: ignore[arg-type]
    suspension.suspend(instance_key=key, actor=ACTOR)
    with pytest.raises(Conflict):
        instances.start(**given)  # type: ignore[arg-type]


# -- waits, one by one -------------------------------------------------------------------------------------------


def test_a_user_task_stays_visible_and_can_only_be_handed_over() -> None:
    key = suspended("task")
    task = open_task(key)
    with pytest.raises(Conflict, match="suspended"):
        user_tasks.complete(task_key=task, actor=ACTOR)
    with pytest.raises(Conflict, match="suspended"):
        user_tasks.claim(task_key=task, actor="anna")
    user_tasks.assign(task_key=task, assignee="bert", actor="head")
    user_tasks.unassign(task_key=task, actor="head")
    user_tasks.update(task_key=task, changes=user_tasks.Changes(priority=90), actor="head")
    resume(key)
    user_tasks.claim(task_key=task, actor="anna")
    user_tasks.complete(task_key=task, actor="anna")
    assert active_elements(key) == {"next"}


def test_a_job_is_handed_to_nobody() -> None:
    key = suspended("working")
    job = job_of(key)
    assert activated(key) == []
    assert activation.activate_one(job_key=job, timeout=dt.timedelta(minutes=1), worker="w") is None
    completion.update(job_key=job, retries=7, actor=ACTOR)
    assert activated(key) == [], "changing it makes it no more available"
    resume(key)
    assert [found.retries for found in activated(key)] == [7]


def test_a_job_of_our_own_workers_is_queued_again_at_the_resumption() -> None:
    handlers.register(TYPE, lambda _context: {"done": True})
    try:
        key = suspended("working")
        job = job_of(key)
        handlers.run(job, worker="w")
        assert active_elements(key) == {"work"}, "what was queued before does nothing"
        queued = "SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock = %(lock)s AND status = 'todo'"
        rows("DELETE FROM procrastinate_jobs WHERE queueing_lock = %(lock)s RETURNING id", lock=f"job:{job}")
        command(adopt_jobs)
        assert one(queued, lock=f"job:{job}") == 0
        resume(key)
        assert one(queued, lock=f"job:{job}") == 1
        handlers.run(job, worker="w")
        assert variables(key)["done"] is True
    finally:
        handlers.unregister(TYPE)


def test_what_a_worker_had_begun_before_is_kept_and_counts_at_the_resumption() -> None:
    key = start("working")
    (job,) = activated(key)
    suspension.suspend(instance_key=key, actor=ACTOR)
    completion.complete(job_key=job.key, variables={"paid": True}, actor="worker", lease=job.lease)
    with pytest.raises(Conflict, match="received"):
        completion.complete(job_key=job.key, variables={"paid": False}, actor="worker")
    assert active_elements(key) == {"work"}
    assert "paid" not in variables(key)
    resume(key)
    assert variables(key)["paid"] is True
    assert active_elements(key) == {"after"}
    assert activated(key) == []
    done = rows("SELECT state FROM job WHERE key = %(key)s", key=job.key)
    assert [row.state for row in done] == ["COMPLETED"]
    assert one("SELECT actor FROM element_instance WHERE key = %(key)s", key=job.key) == "worker"


def test_a_business_error_is_kept_and_caught_at_the_resumption() -> None:
    key = start("refused")
    (job,) = activated(key)
    suspension.suspend(instance_key=key, actor=ACTOR)
    completion.throw_error(job_key=job.key, error_code="BOUNCED", error_message="no account", actor="worker")
    assert active_elements(key) == {"work"}
    resume(key)
    assert active_elements(key) == {"repair"}


def test_an_error_that_nobody_catches_is_an_incident_at_the_resumption() -> None:
    key = suspended("working")
    completion.throw_error(job_key=job_of(key), error_code="OTHER", actor="worker")
    resume(key)
    found = rows("SELECT error_type, job_key FROM incident WHERE instance_key = %(key)s", key=key)
    assert [tuple(row) for row in found] == [("UNHANDLED_ERROR_EVENT", job_of(key))]
    assert activated(key) == []


def test_a_failure_is_noted_at_once_and_the_job_waits_for_the_resumption() -> None:
    key = start("working")
    (job,) = activated(key)
    suspension.suspend(instance_key=key, actor=ACTOR)
    completion.fail(job_key=job.key, retries=1, error_message="timeout", actor="worker")
    assert activated(key) == []
    completion.fail(job_key=job.key, retries=0, error_message="gone", actor="worker")
    incident = one("SELECT key FROM incident WHERE instance_key = %(key)s", key=key)
    with pytest.raises(Conflict, match="suspended"):
        incidents.resolve(incident_key=incident, actor=ACTOR)
    resume(key)
    assert activated(key) == [], "its incident is still open"
    incidents.resolve(incident_key=incident, actor=ACTOR)
    assert [found.key for found in activated(key)] == [job.key]


def test_a_timer_does_not_fire_and_fires_at_once_when_it_fell_due_meanwhile(app: Flask) -> None:
    key = suspended("timed")
    make_due(key)
    fire(app)
    assert active_elements(key) == {"pause"}
    resume(key)
    fire(app)
    assert active_elements(key) == {"after"}


def test_a_timer_that_is_not_due_keeps_its_time(app: Flask) -> None:
    key = start("timed")
    due = one("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key)
    suspension.suspend(instance_key=key, actor=ACTOR)
    resume(key)
    assert one("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=key) == due
    fire(app)
    assert active_elements(key) == {"pause"}


def test_a_cycle_goes_on_after_the_resumption(app: Flask) -> None:
    key = suspended("reminded")
    make_due(key)
    fire(app)
    reminders = "SELECT count(*) FROM element_instance WHERE instance_key = %(key)s AND element_id = 'reminded'"
    assert one(reminders, key=key) == 0
    resume(key)
    fire(app)
    assert one(reminders, key=key) == 1
    assert one("SELECT due_at > clock_timestamp() FROM timer WHERE instance_key = %(key)s", key=key)


def test_a_message_waits_for_the_resumption_as_long_as_it_lives() -> None:
    key = suspended("awaiting", loan="S-1")
    with pytest.raises(Conflict, match="suspended"):
        messages.correlate(name="operations-papers", correlation_key="S-1", actor=ACTOR)
    messages.publish(name="operations-papers", correlation_key="S-1", variables={"from": "none"}, actor=ACTOR)
    messages.publish(
        name="operations-papers",
        correlation_key="S-1",
        time_to_live=dt.timedelta(hours=1),
        variables={"from": "buffer"},
        actor=ACTOR,
    )
    assert active_elements(key) == {"papers"}
    resume(key)
    assert active_elements(key) == {"after"}
    assert variables(key)["from"] == "buffer", "the one without a time to live found nobody"


def test_a_message_goes_to_an_instance_that_goes_on_rather_than_to_a_suspended_one() -> None:
    first, second = suspended("awaiting", loan="S-2"), start("awaiting", loan="S-2")
    messages.publish(name="operations-papers", correlation_key="S-2", actor=ACTOR)
    assert (active_elements(first), active_elements(second)) == ({"papers"}, {"after"})


def test_a_message_for_a_suspended_instance_starts_no_other_one() -> None:
    key = suspended("dual", loan="S-3")
    given = {"name": "operations-dual", "correlation_key": "S-3", "time_to_live": dt.timedelta(hours=1)}
    messages.publish(**given, actor=ACTOR)  # type: ignore[arg-type]
    definition = one("SELECT process_definition_key FROM process_instance WHERE key = %(key)s", key=key)
    count = "SELECT count(*) FROM process_instance WHERE process_definition_key = %(key)s"
    assert one(count, key=definition) == 1
    resume(key)
    assert state(key) == "COMPLETED"
    assert one(count, key=definition) == 1


def test_a_signal_is_delivered_at_the_resumption() -> None:
    key, other = suspended("listening"), start("listening")
    signals.broadcast(name="operations-rates", variables={"rate": 4}, actor=ACTOR)
    assert active_elements(other) == {"after"}
    assert active_elements(key) == {"rates"}
    assert command(lambda connection: signals.undelivered(connection, 10)) == []
    resume(key)
    assert active_elements(key) == {"after"}
    assert variables(key)["rate"] == 4
    assert one("SELECT count(*) FROM signal_delivery") == 0


def test_variables_can_be_set_and_the_incident_is_resolved_after_the_resumption() -> None:
    key = suspended("choosing")
    incident = one("SELECT key FROM incident WHERE instance_key = %(key)s", key=key)
    runtime_variables.update(scope_key=key, variables={"amount": 500}, actor=ACTOR)
    with pytest.raises(Conflict, match="suspended"):
        incidents.resolve(incident_key=incident, actor=ACTOR)
    resume(key)
    incidents.resolve(incident_key=incident, actor=ACTOR)
    assert active_elements(key) == {"high"}


def test_a_condition_that_became_true_happens_at_the_resumption() -> None:
    for process in ("conditional", "calling-conditional"):
        root = start(process)
        key = one(
            "SELECT max(key) FROM process_instance WHERE root_key = %(key)s",
            key=root,
        )
        user_tasks.complete(task_key=open_task(key), actor=ACTOR)
        suspension.suspend(instance_key=root, actor=ACTOR)
        for score, expected in ((700, {"score"}), (500, {"score"})):
            runtime_variables.update(scope_key=key, variables={"score": score}, actor=ACTOR)
            assert active_elements(key) == expected
        resume(root)
        assert active_elements(key) == {"score"}, "it was true only for a while"
        suspension.suspend(instance_key=root, actor=ACTOR)
        runtime_variables.update(scope_key=key, variables={"score": 701}, actor=ACTOR)
        assert active_elements(key) == {"score"}
        resume(root)
        assert active_elements(key) == {"after"}
        marked = "SELECT count(*) FROM instance_state WHERE root_key = %(key)s AND suspended"
        assert one(marked, key=root) == 0


def test_what_an_operator_makes_a_suspended_case_do_is_suspended_as_well() -> None:
    """Here a task is completed as a modification may do it: with the instance, suspended or not."""
    key = suspended("calling-later")

    def modify(connection: Connection) -> None:
        opened = open_case(connection, statements.LOCK_INSTANCE, key, "operator")
        assert opened is not None
        opened.live.execution.complete_user_task(task, {})
        finish(opened.case)

    task = open_task(key)
    command(modify)
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    assert (state(key), state(child)) == ("SUSPENDED", "SUSPENDED")
    inner = open_task(child, "inner")
    with pytest.raises(Conflict, match="suspended"):
        user_tasks.claim(task_key=inner, actor="anna")
    resume(key)
    user_tasks.complete(task_key=inner, actor="anna")
    assert state(key) == "COMPLETED"


# -- races -------------------------------------------------------------------------------------------------------


def at_once(app: Flask, *works: Callable[[], object]) -> list[object]:
    """Do everything at once, each on a connection of its own; the results, or the errors that a user would see."""

    def alone(work: Callable[[], object]) -> object:
        with app.app_context():
            try:
                return work()
            except CommandError as error:
                return error

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(alone, works))


def stands_still(key: int, before: str, after: str) -> Counter[str]:
    """A suspended instance stands before or behind the step that raced with its suspension, and not in between."""
    assert state(key) == "SUSPENDED"
    assert active_elements(key) in ({before}, {after})
    open_rows = rows(
        "SELECT suspended FROM user_task WHERE instance_key = %(key)s AND state = 'CREATED' UNION ALL "
        "SELECT suspended FROM job WHERE instance_key = %(key)s AND ended_at IS NULL UNION ALL "
        "SELECT suspended FROM timer WHERE instance_key = %(key)s UNION ALL "
        "SELECT suspended FROM event_subscription WHERE instance_key = %(key)s",
        key=key,
    )
    assert open_rows and all(row.suspended for row in open_rows), "whatever waits is suspended"
    return Counter(active_elements(key))


def test_suspending_races_with_a_completing_person(app: Flask) -> None:
    for _ in range(10):
        key = start("task")
        task = open_task(key)
        outcomes = at_once(
            app,
            lambda key=key: suspension.suspend(instance_key=key, actor=ACTOR),
            lambda task=task: user_tasks.complete(task_key=task, actor=ACTOR),
        )
        assert outcomes[0] is None
        stands_still(key, "task", "next")
        assert isinstance(outcomes[1], Conflict) == (active_elements(key) == {"task"})


def test_suspending_races_with_a_completing_job_and_loses_no_report(app: Flask) -> None:
    for _ in range(10):
        key = start("working")
        job = job_of(key)
        outcomes = at_once(
            app,
            lambda key=key: suspension.suspend(instance_key=key, actor=ACTOR),
            lambda job=job: completion.complete(job_key=job, variables={"paid": 1}, actor=ACTOR),
        )
        assert outcomes == [None, None], "the report is accepted, whoever is faster"
        stands_still(key, "work", "after")
        resume(key)
        assert active_elements(key) == {"after"}
        assert variables(key)["paid"] == 1


def test_suspending_races_with_a_firing_timer(app: Flask) -> None:
    for _ in range(10):
        key = start("timed")
        make_due(key)
        outcomes = at_once(app, lambda key=key: suspension.suspend(instance_key=key, actor=ACTOR), lambda: fire(app))
        assert outcomes[0] is None
        stands_still(key, "pause", "after")
        resume(key)
        fire(app)
        assert active_elements(key) == {"after"}


def test_suspending_and_resuming_race_with_a_message(app: Flask) -> None:
    for number in range(10):
        loan = f"race-{number}"
        key = start("awaiting", loan=loan)
        publish = {"name": "operations-papers", "correlation_key": loan, "time_to_live": dt.timedelta(hours=1)}
        at_once(
            app,
            lambda key=key: suspension.suspend(instance_key=key, actor=ACTOR),
            lambda publish=publish: messages.publish(**publish, actor=ACTOR),  # type: ignore[arg-type]
        )
        stands_still(key, "papers", "after")
        other = start("awaiting", loan=f"{loan}-b")
        suspension.suspend(instance_key=other, actor=ACTOR)
        publish["correlation_key"] = f"{loan}-b"
        at_once(
            app,
            lambda key=other: resume(key),
            lambda publish=publish: messages.publish(**publish, actor=ACTOR),  # type: ignore[arg-type]
        )
        assert active_elements(other) == {"after"}, "neither misses the other"


def test_suspending_races_with_cancelling(app: Flask) -> None:
    for _ in range(10):
        key = start("task")
        outcomes = at_once(
            app,
            lambda key=key: suspension.suspend(instance_key=key, actor=ACTOR),
            lambda key=key: instances.cancel(instance_key=key, actor=ACTOR),
        )
        assert outcomes[1] is None
        assert state(key) == "TERMINATED"
        with pytest.raises(Conflict):
            resume(key)
        assert state(key) == "TERMINATED"
