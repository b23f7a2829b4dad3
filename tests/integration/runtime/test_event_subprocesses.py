"""Event subprocesses in the database: their waits are found like those of any event, and end with their scope."""

from __future__ import annotations

import datetime as dt

import pytest

from server.jobs import completion
from server.runtime import incidents, instances, messages, signals, timers
from server.runtime import variables as variable_commands
from server.worklist import user_tasks

from ...unit.bpmn.diagrams import (
    END,
    START,
    document,
    error,
    error_definition,
    event_subprocess,
    job,
    message,
    message_definition,
    path,
    signal,
    signal_definition,
    subprocess_,
    timer,
)
from ..models import ACTOR, active_elements, deploy, node, one, open_task, rows, state, user_task, variables

pytestmark = pytest.mark.usefixtures("app")
HOUR = dt.timedelta(hours=1)
DEFINITIONS = message_definition() + signal_definition() + error_definition()


def guarded(id_: str, *handlers: str, work: str = "") -> bytes:
    """A process with a task in a subprocess that ``handlers`` guard."""
    inner = (node("startEvent", "s"), work or user_task("task"), node("endEvent", "e"), path("s", "task", "e"))
    sub = subprocess_("sub", *inner, *handlers)
    return document(START, sub, END, path("start", "sub", "end"), id_=id_, definitions=DEFINITIONS)


@pytest.fixture(scope="module", autouse=True)
def deployed(app: object) -> None:
    """Processes guarded by a message, by a signal and a timer, by an error, and at their own level."""
    deploy(
        guarded("withdrawable", event_subprocess("esp", message())),
        guarded("noted", event_subprocess("esp", message(), interrupting=False)),
        guarded(
            "watched",
            event_subprocess("on_signal", signal(), interrupting=False),
            event_subprocess("on_time", timer("duration", "PT0S")),
        ),
        guarded("risky", event_subprocess("esp", error()), work=node("serviceTask", "task", ext=job("work"))),
        document(
            START,
            node("callActivity", "call", ext='<zeebe:calledElement processId="unguarded"/>'),
            END,
            path("start", "call", "end"),
            event_subprocess("esp", error()),
            id_="calling",
            definitions=DEFINITIONS,
        ),
        guarded("unguarded", work=node("serviceTask", "task", ext=job("work"))),
        document(
            START,
            user_task("task"),
            END,
            path("start", "task", "end"),
            event_subprocess("esp", message()),
            id_="rooted",
            definitions=DEFINITIONS,
        ),
    )


def started(process_id: str, **given: object) -> int:
    return instances.start(process_id=process_id, variables=given, actor=ACTOR).key


def waits(key: int) -> int:
    found = "SELECT (SELECT count(*) FROM event_subscription WHERE instance_key = %(key)s) + "
    return int(one(found + "(SELECT count(*) FROM timer WHERE instance_key = %(key)s)", key=key))


def test_a_correlated_message_interrupts_the_scope_and_the_instance_completes_after_the_handler() -> None:
    key = started("withdrawable", loan="W-1")
    task = open_task(key)
    assert waits(key) == 1
    messages.correlate(name="paid", correlation_key="W-1", variables={"sum": 5}, actor=ACTOR)
    assert active_elements(key) == {"sub", "esp", "esp_task"}
    assert one("SELECT state FROM user_task WHERE key = %(key)s", key=task) == "CANCELED"
    assert waits(key) == 0
    typed = "SELECT element_type FROM element_instance WHERE instance_key = %(key)s AND element_id = 'esp'"
    assert one(typed, key=key) == "EVENT_SUB_PROCESS"
    user_tasks.complete(task_key=open_task(key, "esp_task"), actor=ACTOR)
    assert state(key) == "COMPLETED"
    assert variables(key)["sum"] == 5


def test_a_buffered_message_reaches_it_when_its_scope_begins() -> None:
    messages.publish(name="paid", correlation_key="W-2", time_to_live=HOUR, actor=ACTOR)
    key = started("withdrawable", loan="W-2")
    assert active_elements(key) >= {"esp_task"}


def test_one_that_does_not_interrupt_receives_message_after_message() -> None:
    key = started("noted", loan="N-1")
    for _ in range(3):
        messages.correlate(name="paid", correlation_key="N-1", actor=ACTOR)
    handlers = "SELECT key FROM user_task WHERE instance_key = %(key)s AND element_id = 'esp_task'"
    assert len(rows(handlers, key=key)) == 3
    user_tasks.complete(task_key=open_task(key), actor=ACTOR)
    assert (state(key), waits(key)) == ("ACTIVE", 1)
    for row in rows(handlers, key=key):
        user_tasks.complete(task_key=row.key, actor=ACTOR)
    assert (state(key), waits(key)) == ("COMPLETED", 0)


def test_signals_and_timers_start_them() -> None:
    key = started("watched")
    signals.broadcast(name="rates", actor=ACTOR)
    assert active_elements(key) == {"sub", "task", "on_signal", "on_signal_task"}
    due = [t for t in timers.claim_due(50) if t.instance_key == key]
    assert [timers.fire(timer_) for timer_ in due] == [True]
    assert active_elements(key) == {"sub", "on_time", "on_time_task"}
    assert waits(key) == 0


def test_an_error_of_a_job_starts_it() -> None:
    key = started("risky")
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=key)
    completion.throw_error(job_key=job_key, error_code="REFUSED", variables={"why": "closed"}, actor=ACTOR)
    assert active_elements(key) == {"sub", "esp", "esp_task"}
    assert variables(key)["why"] == "closed"


def test_an_error_that_none_of_them_catches_is_an_incident() -> None:
    key = started("risky")
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=key)
    completion.throw_error(job_key=job_key, error_code="OTHER", actor=ACTOR)
    assert one("SELECT error_type FROM incident WHERE instance_key = %(key)s", key=key) == "UNHANDLED_ERROR_EVENT"


def test_a_process_whose_own_subscription_fails_begins_when_the_incident_is_resolved() -> None:
    key = started("rooted")
    incident = rows("SELECT key, element_instance_key FROM incident WHERE instance_key = %(key)s", key=key)[0]
    assert incident.element_instance_key == key
    assert active_elements(key) == set()
    variable_commands.update(scope_key=key, variables={"loan": "R-1"}, actor=ACTOR)
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    assert active_elements(key) == {"task"}
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0
    messages.correlate(name="paid", correlation_key="R-1", actor=ACTOR)
    assert active_elements(key) == {"esp", "esp_task"}


def test_cancelling_a_process_that_did_not_begin_ends_its_incident() -> None:
    key = started("rooted")
    instances.cancel(instance_key=key, actor=ACTOR)
    assert one("SELECT state FROM incident WHERE instance_key = %(key)s", key=key) == "RESOLVED"
    assert one("SELECT incidents FROM process_instance WHERE key = %(key)s", key=key) == 0


def test_an_error_of_a_called_instance_starts_that_of_its_caller() -> None:
    key = started("calling")
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=child)
    completion.throw_error(job_key=job_key, error_code="REFUSED", variables={"why": "closed"}, actor=ACTOR)
    assert (state(child), state(key)) == ("TERMINATED", "ACTIVE")
    assert active_elements(key) == {"esp", "esp_task"}
    assert variables(key)["why"] == "closed"


def test_an_error_of_a_called_instance_that_nobody_catches_is_an_incident_where_it_was_thrown() -> None:
    key = started("calling")
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=child)
    completion.throw_error(job_key=job_key, error_code="OTHER", actor=ACTOR)
    assert one("SELECT error_type FROM incident WHERE instance_key = %(key)s", key=child) == "UNHANDLED_ERROR_EVENT"
    assert active_elements(key) == {"call"}
