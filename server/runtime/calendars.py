"""Working calendars as data: who keeps them writes them here, and timers count by them.

A calendar that changes raises the epoch of deployments, by which every process knows that what it has kept of
calendars is old. Timers that are set already keep the due times that they were given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.bpmn import ProcessModel
from server.calendars import CalendarError, parse_duration, read_calendar
from server.messages import Finding, Message, Severity
from server.store.database import affect, encode_json, fetch, transaction

from .command import command
from .definitions import catalogue, epoch, next_epoch
from .errors import Refused, no_such
from .instant import NOW, now


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """A stored calendar; ``revision`` counts its changes."""

    calendar_id: str
    name: str
    timezone: str
    is_default: bool
    periods: list[Mapping[str, Any]]
    revision: int
    updated_at: dt.datetime
    updated_by: str


def save(
    *, calendar_id: str, name: str, timezone: str, periods: Any, is_default: bool = False, actor: str
) -> CalendarRecord:
    """Write a calendar, in place of the one with that id. Raises :class:`Refused` for one that makes no sense.

    Where it becomes the default, the default before it is no longer.
    """
    try:
        read_calendar(calendar_id, timezone, periods)
    except CalendarError as error:
        raise Refused(error.message) from error
    row = {
        "id": calendar_id,
        "name": name,
        "timezone": timezone,
        "is_default": is_default,
        "periods": encode_json(periods),
        "actor": actor,
    }

    def body(connection: Connection) -> CalendarRecord:
        next_epoch(connection)
        if is_default:
            affect(connection, _NO_DEFAULT, {"id": calendar_id})
        return CalendarRecord(*fetch(connection, _SAVE, row)[0])

    return command(body)


def get(calendar_id: str) -> CalendarRecord:
    """The calendar with this id. Raises :class:`NotFound`."""
    with transaction() as connection:
        for row in fetch(connection, f"{_READ} WHERE calendar_id = %(id)s", {"id": calendar_id}):
            return CalendarRecord(*row)
    raise no_such("工作日历", "calendar", calendar_id)


def list_calendars() -> list[CalendarRecord]:
    """All calendars, by id."""
    with transaction() as connection:
        return [CalendarRecord(*row) for row in fetch(connection, f"{_READ} ORDER BY calendar_id")]


def delete(calendar_id: str) -> None:
    """Remove a calendar. Raises :class:`NotFound`. Whatever counts by it from now on stops with an incident."""

    def body(connection: Connection) -> None:
        next_epoch(connection)
        if not affect(connection, "DELETE FROM calendar WHERE calendar_id = %(id)s", {"id": calendar_id}):
            raise no_such("工作日历", "calendar", calendar_id)

    command(body)


def due_after(calendar_id: str, start: dt.datetime | None, duration: str) -> dt.datetime:
    """The instant ``duration`` (such as P3WD) after ``start`` (None: now) by a calendar, as a timer would be due.

    Raises :class:`NotFound`, and :class:`Refused` where the duration cannot be read or the calendar lacks the year.
    """
    get(calendar_id)

    def body(connection: Connection) -> dt.datetime:
        calendar = catalogue(connection).calendar(connection, epoch(connection), calendar_id)
        try:
            return parse_duration(duration).after(start or now(connection), calendar)
        except CalendarError as error:
            raise Refused(error.message) from error

    return command(body)


def missing(connection: Connection, number: int, model: ProcessModel, resource: str) -> list[Finding]:
    """What a process counts by that nobody has written, at epoch ``number``: its instances would stop there."""
    found = []
    for element_id, calendar_id in model.calendars:
        try:
            catalogue(connection).calendar(connection, number, calendar_id)
        except CalendarError as error:
            place, cause = f"{resource}: {element_id}", error.message
            message = Message("deployment.missing-calendar", f"{place}：{cause.zh}", f"{place}: {cause.en}")
            found.append(Finding(Severity.WARNING, message, resource, element_id, model.elements[element_id].line))
    return found


_COLUMNS = "calendar_id, name, timezone, is_default, periods, revision, updated_at, updated_by"
_READ = f"SELECT {_COLUMNS} FROM calendar"  # noqa: S608 - columns of our own
_NO_DEFAULT = "UPDATE calendar SET is_default = false WHERE is_default AND calendar_id <> %(id)s"
_SAVE = f"""
    INSERT INTO calendar ({_COLUMNS})
    VALUES (%(id)s, %(name)s, %(timezone)s, %(is_default)s, %(periods)s, 1, {NOW}, %(actor)s)
    ON CONFLICT (calendar_id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone,
        is_default = excluded.is_default, periods = excluded.periods, revision = calendar.revision + 1,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by
    RETURNING {_COLUMNS}"""  # noqa: S608
