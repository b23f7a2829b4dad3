"""A suspended version of a process starts no instances, and what would have started them waits or is told."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from server.jobs.clock import Clock
from server.runtime import conditionals, definition_suspension, incidents, instances, messages, signals
from server.runtime.errors import Conflict

from ...unit.bpmn.diagrams import condition, message, message_definition, node, signal, signal_definition, timer
from ..models import ACTOR, active_elements, deploy, line, one, open_task, rows, user_task
from .cases import CALLED, CALLING, TASK

pytestmark = pytest.mark.usefixtures("app")
COUNT = "SELECT count(*) FROM process_instance WHERE process_definition_key = %(key)s"


def deployed(file: bytes) -> int:
    """The key of the version that a file has."""
    return deploy(file).of("process")[0].key


def begun_by(kind: str, event: str, definitions: str = "") -> bytes:
    start = node("startEvent", "start", event)
    return line(("task", user_task("task")), id_=f"begun-by-{kind}", start=start, definitions=definitions)


def tick(app: Flask) -> None:
    clock = Clock(app)
    try:
        clock.deliver_left_behind()
        clock.fire_due()
    finally:
        clock.close()


def suspend(key: int, **options: bool) -> tuple[int, ...]:
    return definition_suspension.suspend(definition_key=key, actor="operator", reason="fault", **options)


def resume(key: int, **options: bool) -> tuple[int, ...]:
    return definition_suspension.resume(definition_key=key, actor="operator", **options)


def test_new_starts_are_refused_and_running_instances_go_on() -> None:
    key = deployed(TASK)
    running = instances.start(definition_key=key, actor=ACTOR).key
    assert suspend(key) == (key,)
    for which in ({"definition_key": key}, {"process_id": "operations-task"}):
        with pytest.raises(Conflict, match="suspended"):
            instances.start(**which, actor=ACTOR)  # type: ignore[arg-type]
    assert open_task(running)
    with pytest.raises(Conflict, match="already"):
        suspend(key)
    assert resume(key) == (key,)
    assert instances.start(definition_key=key, actor=ACTOR).key
    with pytest.raises(Conflict, match="not suspended"):
        resume(key)
    kept = rows("SELECT type, reason FROM operation_record WHERE subject_key = %(key)s ORDER BY key", key=key)
    assert [tuple(row) for row in kept] == [
        ("SUSPEND_PROCESS_DEFINITION", "fault"),
        ("RESUME_PROCESS_DEFINITION", None),
    ]


def test_all_versions_are_suspended_and_a_later_one_is_not() -> None:
    first = deployed(line(("a", user_task("a")), id_="versions"))
    second = deployed(line(("b", user_task("b")), id_="versions"))
    suspend(second)
    assert instances.start(definition_key=first, actor=ACTOR).key
    with pytest.raises(Conflict):
        instances.start(process_id="versions", actor=ACTOR)
    assert suspend(first, all_versions=True) == (first,), "the second was suspended before"
    with pytest.raises(Conflict):
        instances.start(definition_key=first, actor=ACTOR)
    deployed(line(("c", user_task("c")), id_="versions"))
    assert instances.start(process_id="versions", actor=ACTOR).version == 3
    assert resume(first, all_versions=True) == (first, second)


def test_a_call_of_a_suspended_process_is_an_incident_until_it_is_resumed() -> None:
    called = deployed(CALLED)
    deploy(CALLING)
    suspend(called)
    key = instances.start(process_id="operations-calling", actor=ACTOR).key
    (incident,) = rows("SELECT key, message_en FROM incident WHERE instance_key = %(key)s", key=key)
    assert "suspended" in incident.message_en
    resume(called)
    incidents.resolve(incident_key=incident.key, actor=ACTOR)
    child = one("SELECT key FROM process_instance WHERE parent_key = %(key)s", key=key)
    assert active_elements(child) == {"inner"}


def test_a_message_start_waits_in_the_buffer(app: Flask) -> None:
    key = deployed(begun_by("message", message("begin"), message_definition("begin", "loan")))
    suspend(key)
    messages.publish(name="begin", correlation_key="1", actor=ACTOR)
    messages.publish(name="begin", correlation_key="2", time_to_live=dt.timedelta(hours=1), actor=ACTOR)
    tick(app)
    assert one(COUNT, key=key) == 0
    resume(key)
    tick(app)
    tick(app)
    assert one(COUNT, key=key) == 1, "the one without a time to live found nobody"


def test_a_message_that_waits_starts_an_instance_of_the_next_version(app: Flask) -> None:
    def process(name: str) -> bytes:
        start = node("startEvent", "start", message("anew"))
        return line((name, user_task(name)), id_="begun-anew", start=start, definitions=message_definition("anew"))

    key = deployed(process("old"))
    suspend(key)
    messages.publish(name="anew", correlation_key="1", time_to_live=dt.timedelta(hours=1), actor=ACTOR)
    newer = deployed(process("new"))
    tick(app)
    assert (one(COUNT, key=key), one(COUNT, key=newer)) == (0, 1)


def test_a_signal_start_misses_what_is_broadcast_meanwhile(app: Flask) -> None:
    key = deployed(begun_by("signal", signal("campaign"), signal_definition("campaign")))
    suspend(key)
    assert signals.broadcast(name="campaign", actor=ACTOR).receivers == 0
    resume(key)
    tick(app)
    assert one(COUNT, key=key) == 0
    signals.broadcast(name="campaign", actor=ACTOR)
    assert one(COUNT, key=key) == 1


def test_a_conditional_start_is_not_asked() -> None:
    key = deployed(begun_by("condition", condition("grade > 3")))
    suspend(key)
    assert conditionals.evaluate(variables={"grade": 4}, actor=ACTOR).started == ()
    with pytest.raises(Conflict, match="suspended"):
        conditionals.evaluate(variables={"grade": 4}, definition_key=key, actor=ACTOR)
    resume(key)
    assert len(conditionals.evaluate(variables={"grade": 4}, actor=ACTOR).started) == 1


def test_a_timer_start_that_fell_due_starts_at_the_resumption(app: Flask) -> None:
    key = deployed(begun_by("timer", timer("cycle", "R/PT1H")))
    suspend(key)
    rows(
        "UPDATE timer SET due_at = clock_timestamp() - interval '1 minute' WHERE process_definition_key = %(key)s "
        "RETURNING key",
        key=key,
    )
    tick(app)
    assert one(COUNT, key=key) == 0
    resume(key)
    tick(app)
    assert one(COUNT, key=key) == 1
