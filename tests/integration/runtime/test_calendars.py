"""Calendars in the database: timers count by them, changes count at once, and what is missing is an incident."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from server.cli.exact_yaml import read_yaml
from server.runtime import calendars, clock, deployments, incidents, instances
from server.runtime.command import command
from server.runtime.errors import DeploymentRefused, NotFound, Refused
from server.settings import Settings
from server.store.database import db

from ...unit.bpmn.diagrams import document, timer
from ..models import ACTOR, deploy, line, node, one, path, rows, user_task

pytestmark = pytest.mark.usefixtures("app")
NOW = dt.datetime(2026, 12, 28, 2, 0, tzinfo=dt.UTC)  # a Monday, 10:00 in Shanghai
HOURS = {"MON-FRI": ["09:00-18:00"]}
Y2026 = {"from": "2026-01-01", "to": "2026-12-31", "hours": HOURS, "holidays": ["2026-12-30"]}
Y2027 = {"from": "2027-01-01", "to": "2027-12-31", "hours": HOURS, "holidays": ["2027-01-01/2027-01-03"]}


@pytest.fixture(autouse=True)
def pinned(settings: Settings) -> Iterator[None]:
    clock.pin(NOW, actor=ACTOR, settings=settings)
    yield
    for record in calendars.list_calendars():
        calendars.delete(record.calendar_id)
    clock.reset(actor=ACTOR, settings=settings)


def save(*periods: dict[str, Any], calendar_id: str = "CN", is_default: bool = True) -> calendars.CalendarRecord:
    return calendars.save(
        calendar_id=calendar_id,
        name="中国",
        timezone="Asia/Shanghai",
        periods=list(periods),
        is_default=is_default,
        actor=ACTOR,
    )


def waiting(duration: str, ext: str = "") -> str:
    """The id of a process that waits for ``duration``."""
    id_ = f"waits-{duration}"
    deploy(line(("wait", node("intermediateCatchEvent", "wait", timer("duration", duration), ext=ext)), id_=id_))
    return id_


def start(process_id: str) -> int:
    return instances.start(process_id=process_id, actor=ACTOR).key


def due(instance_key: int) -> Any:
    return one("SELECT due_at FROM timer WHERE instance_key = %(key)s", key=instance_key)


def test_a_timer_counts_the_working_days_of_the_default_calendar() -> None:
    save(Y2026)
    assert due(start(waiting("P2WD"))) == NOW + dt.timedelta(days=3)


def test_a_change_of_the_calendar_counts_for_the_next_timer() -> None:
    first = save(Y2026)
    process_id = waiting("P1WD")
    assert due(start(process_id)) == NOW + dt.timedelta(days=1)
    second = save({**Y2026, "holidays": ["2026-12-29"]})
    assert (first.revision, second.revision) == (1, 2)
    assert due(start(process_id)) == NOW + dt.timedelta(days=2)


def test_a_year_that_is_missing_is_an_incident_that_is_resolved_when_it_was_added() -> None:
    save(Y2026)
    key = start(waiting("P4WD"))
    incident = rows("SELECT key, message_en FROM incident WHERE instance_key = %(key)s AND state = 'ACTIVE'", key=key)
    assert "add the holidays and make-up days of 2027" in incident[0].message_en
    save(Y2026, Y2027)
    incidents.resolve(incident_key=incident[0].key, actor=ACTOR)
    assert due(key) == dt.datetime(2027, 1, 5, 2, 0, tzinfo=dt.UTC)


def test_a_named_calendar_goes_before_the_default_one() -> None:
    save(Y2026)
    save({**Y2026, "holidays": ["2026-12-29", "2026-12-30"]}, calendar_id="bank", is_default=False)
    assert due(start(waiting("P1WD", '<lendloom:calendar name="bank"/>'))) == NOW + dt.timedelta(days=3)


def test_there_is_one_default_calendar() -> None:
    save(Y2026)
    save(Y2026, calendar_id="HK")
    assert [(record.calendar_id, record.is_default) for record in calendars.list_calendars()] == [
        ("CN", False),
        ("HK", True),
    ]


def test_what_makes_no_sense_is_refused_and_leaves_the_calendar_as_it_was() -> None:
    save(Y2026)
    with pytest.raises(Refused, match="outside its period"):
        save({**Y2026, "holidays": ["2027-01-01"]})
    assert calendars.get("CN").revision == 1
    with pytest.raises(NotFound):
        calendars.get("US")
    with pytest.raises(NotFound):
        calendars.delete("US")


def test_a_deployment_warns_of_a_calendar_that_is_not_there() -> None:
    wait = node("intermediateCatchEvent", "wait", timer("duration", "P5WD"))
    deployed = deploy(line(("wait", wait), id_="warned"))
    (warning,) = command(lambda connection: deployments.missing_references(connection, deployed))
    assert warning.message.code == "deployment.missing-calendar"
    assert "no default calendar" in warning.message.en
    save(Y2026)
    assert command(lambda connection: deployments.missing_references(connection, deployed)) == []


def test_a_start_timer_needs_its_calendar_at_deployment() -> None:
    file = line(
        ("task", user_task("task")),
        id_="starting",
        start=node("startEvent", "start", timer("cycle", "R/P1WD")),
    )
    with pytest.raises(DeploymentRefused, match="no default calendar"):
        deploy(file)
    save(Y2026)
    deploy(file)
    assert one("SELECT due_at FROM timer WHERE instance_key IS NULL") == NOW + dt.timedelta(days=1)


def test_what_a_refused_deployment_had_read_of_a_calendar_does_not_outlive_it() -> None:
    save(Y2026)
    process_id = waiting("P1WD")
    known = node("startEvent", "known", timer("cycle", "R/P1WD"))
    unknown = node("startEvent", "unknown", timer("cycle", "R/P1WD"), ext='<lendloom:calendar name="nowhere"/>')
    elements = (known, unknown, user_task("task"), node("endEvent", "end"))
    flows = (path("known", "task", "end"), path("unknown", "task"))
    with pytest.raises(DeploymentRefused):
        deploy(document(*elements, *flows, id_="two-timers"))
    save({**Y2026, "holidays": ["2026-12-29", "2026-12-30"]})
    assert due(start(process_id)) == NOW + dt.timedelta(days=3)


def test_a_calendar_is_read_once_and_known_from_then_on() -> None:
    save(Y2026)
    process_id = waiting("P2WD")
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        start(process_id)
        start(process_id)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if "FROM calendar" in statement]) == 1


def test_the_example_calendar_is_read() -> None:
    written = read_yaml(Path(__file__).parents[3] / "docs" / "examples" / "calendar-cn.yaml")
    record = calendars.save(
        calendar_id=written["calendarId"],
        name=written["name"],
        timezone=written["timezone"],
        periods=written["periods"],
        is_default=written["isDefault"],
        actor=ACTOR,
    )
    assert record.is_default
    friday = dt.datetime(2026, 2, 13, 2, 0, tzinfo=dt.UTC)
    assert calendars.due_after("CN", friday, "P2WD") == dt.datetime(2026, 2, 24, 2, 0, tzinfo=dt.UTC)
    with pytest.raises(Refused, match="2027"):
        calendars.due_after("CN", friday, "P300WD")
