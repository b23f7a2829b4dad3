"""Working calendars: holidays, make-up days (调休) and hours, by which timers and due dates count working time."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from server.runtime import calendars as runtime
from server.runtime.calendars import CalendarRecord

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import Flag, Instant, Listed, Part, Text, Variables, Whole, always, document
from .resource import Resource
from .search import by_text, list_page, page_of, search_request

calendars = Resource("Calendar", description="Working days and hours by which timers and due dates count.")

_DAYS = {"description": "Dates, or two dates with a slash between for all days from one to the other"}
_HOURS = {"description": 'Spans by weekday or range of weekdays: {"MON-FRI": ["09:00-12:00", "13:30-18:00"]}'}
CalendarPeriod = document(
    "CalendarPeriod",
    {
        "from": Text(required=True, longest=10, metadata={"format": "date"}),
        "to": Text(required=True, longest=10, metadata={"format": "date"}),
        "hours": Variables(required=True, metadata=_HOURS),
        "holidays": Listed(Text(longest=21), metadata=_DAYS),
        "makeUpDays": Listed(Text(longest=21), metadata=_DAYS),
        "makeUpHours": Listed(Text(longest=11), metadata={"description": "Spans of make-up days on days off"}),
    },
)
CalendarWriting = document(
    "CalendarWriting",
    {
        "name": Text(required=True, shortest=1, longest=256),
        "timezone": Text(required=True, shortest=1, longest=64, metadata={"description": "Such as Asia/Shanghai"}),
        "isDefault": Flag(),
        "periods": Listed(Part(CalendarPeriod), required=True, validate=ma.validate.Length(1, 500)),
    },
)
CalendarResult = document(
    "Calendar",
    always(
        {
            "calendarId": Text(),
            "name": Text(),
            "timezone": Text(),
            "isDefault": Flag(),
            "periods": Listed(Part(CalendarPeriod)),
            "revision": Whole(),
            "updatedAt": Instant(),
            "updatedBy": Text(),
        }
    ),
)
CalendarSearch = search_request(
    "Calendar", {"calendarId": by_text(), "name": by_text(), "isDefault": Flag()}, ("calendarId", "name")
)
CalendarPage = page_of("Calendar", CalendarResult)
DueDateRequest = document(
    "DueDateRequest",
    {
        "from": Instant(metadata={"description": "Now, where it is left out"}),
        "duration": Text(shortest=1, longest=100, metadata={"description": "Such as PT8WH; P1WD where left out"}),
    },
)
DueDateResult = document("DueDate", always({"dueDate": Instant()}))


@calendars.route("/calendars/<string:calendar_id>", methods=["PUT"])
@permission("calendar", "manage")
@calendars.arguments(CalendarWriting)
@calendars.response(200, CalendarResult)
def put_calendar(body: dict[str, Any], calendar_id: str) -> Response:
    """Write a calendar, in place of the one with this id"""
    record = runtime.save(
        calendar_id=calendar_id,
        name=body["name"],
        timezone=body["timezone"],
        periods=body["periods"],
        is_default=body.get("isDefault", False),
        actor=principal().name,
    )
    return answer(_document(record))


@calendars.route("/calendars/<string:calendar_id>", methods=["GET"])
@permission("calendar", "read")
@calendars.response(200, CalendarResult)
def get_calendar(calendar_id: str) -> Response:
    """Get a calendar"""
    return answer(_document(runtime.get(calendar_id)))


@calendars.route("/calendars/<string:calendar_id>", methods=["DELETE"])
@permission("calendar", "manage")
@calendars.response(204)
def delete_calendar(calendar_id: str) -> Response:
    """Remove a calendar; what counts by it from now on stops with an incident"""
    runtime.delete(calendar_id)
    return no_content()


@calendars.route("/calendars/search", methods=["POST"])
@permission("calendar", "read")
@calendars.arguments(CalendarSearch, required=False)
@calendars.response(200, CalendarPage)
def search_calendars(body: dict[str, Any]) -> Response:
    """Find calendars"""
    return answer(list_page([_document(record) for record in runtime.list_calendars()], body))


@calendars.route("/calendars/<string:calendar_id>/due-date", methods=["POST"])
@permission("calendar", "read")
@calendars.arguments(DueDateRequest)
@calendars.response(200, DueDateResult)
def find_due_date(body: dict[str, Any], calendar_id: str) -> Response:
    """Tell when a duration of working time that begins at an instant is over, as a timer would"""
    return answer(
        {"dueDate": runtime.due_after(calendar_id, body.get("from"), body.get("duration", "P1WD")).isoformat()}
    )


def _document(record: CalendarRecord) -> dict[str, Any]:
    return {
        "calendarId": record.calendar_id,
        "name": record.name,
        "timezone": record.timezone,
        "isDefault": record.is_default,
        "periods": record.periods,
        "revision": record.revision,
        "updatedAt": record.updated_at.isoformat(),
        "updatedBy": record.updated_by,
    }
