"""Calendars with effective dates: years as announced, and an error where a year is not known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import (
    CalendarDefinitionError,
    CalendarGapError,
    DatedCalendar,
    parse_cycle,
    parse_duration,
    read_calendar,
)

HOURS = {"MON-FRI": ["09:00-12:00", "13:30-18:00"]}
YEAR = {
    "from": "2026-01-01",
    "to": "2026-12-31",
    "hours": HOURS,
    "holidays": ["2026-01-01/2026-01-03", "2026-02-15/2026-02-23"],
    "makeUpDays": ["2026-01-04", "2026-02-14", "2026-02-28"],
}


def calendar(*periods: dict[str, Any]) -> DatedCalendar:
    return read_calendar("CN", "Asia/Shanghai", list(periods or (YEAR,)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-02-13T10:00:00+08:00", "P1WD", "2026-02-14T10:00:00+08:00"),  # a Saturday that is worked
        ("2026-02-14T10:00:00+08:00", "P1WD", "2026-02-24T10:00:00+08:00"),  # over the Spring Festival
        ("2026-02-12T10:00:00+08:00", "P3WD", "2026-02-24T10:00:00+08:00"),
        ("2026-02-12T10:00:00+08:00", "P3WDT4H", "2026-02-24T14:00:00+08:00"),
        ("2026-02-12T17:00:00+08:00", "PT2WH", "2026-02-13T10:00:00+08:00"),
        ("2026-02-12T11:00:00+08:00", "PT2WH", "2026-02-12T14:30:00+08:00"),  # over lunch
        ("2026-02-12T11:00:00+08:00", "P1WDT1.5WH", "2026-02-13T14:00:00+08:00"),
    ],
)
def test_working_days_and_hours(start: str, duration: str, due: str) -> None:
    assert parse_duration(duration).after(at(start), calendar()) == at(due)
    assert str(parse_duration(duration)) == duration


def test_a_year_that_is_not_known_is_an_error_that_says_so() -> None:
    with pytest.raises(CalendarGapError, match="2027") as caught:
        parse_duration("P3WD").after(at("2026-12-30T10:00:00+08:00"), calendar())
    assert caught.value.day == date(2027, 1, 1)
    assert "2027 年" in caught.value.message.zh
    assert caught.value.message.code == "calendar.gap"


def test_hours_change_from_a_day_on() -> None:
    summer = {"from": "2027-01-01", "to": "2027-12-31", "hours": {"MON-SAT": ["08:00-12:00"]}}
    changing = calendar(summer, YEAR)  # in any order
    assert parse_duration("PT1WH").after(at("2026-12-31T17:30:00+08:00"), changing) == at("2027-01-01T08:30:00+08:00")
    assert changing.is_working_day(date(2027, 1, 2))
    assert not changing.is_working_day(date(2026, 1, 10))


def test_a_cycle_of_working_days_reaches_the_last_day_that_is_known() -> None:
    cycle = parse_cycle("R/2026-01-05T09:00:00/P1WD", "Asia/Shanghai")
    last = cycle.next(at("2026-12-30T10:00:00+08:00"), calendar())
    assert last == at("2026-12-31T09:00:00+08:00")
    with pytest.raises(CalendarGapError):
        cycle.next(last, calendar())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"from": "2026-13-01"}, "document"),
        ({"to": "2025-12-31", "holidays": [], "makeUpDays": []}, "periods"),
        ({"hours": {}}, "empty"),
        ({"hours": {"MON-FRI": ["18:00-09:00"]}}, "hours"),
        ({"hours": {"MON-FRI": ["9-18"]}}, "document"),
        ({"hours": {"MO": ["09:00-18:00"]}}, "document"),
        ({"hours": {"MON-WED": ["09:00-18:00"], "TUE": ["09:00-18:00"]}}, "document"),
        ({"hours": "09:00-18:00"}, "document"),
        ({"holidays": ["2027-01-01"]}, "outside"),
        ({"holidays": ["2026-05-02/2026-05-01"]}, "document"),
        ({"holidays": ["2026-01-04"]}, "contradiction"),
        ({"holiday": []}, "document"),
    ],
)
def test_refuses_what_makes_no_calendar(change: dict[str, Any], code: str) -> None:
    with pytest.raises(CalendarDefinitionError) as caught:
        calendar({**YEAR, **change})
    assert caught.value.message.code == f"calendar.definition.{code}"
    assert caught.value.message.zh


def test_periods_must_not_overlap() -> None:
    with pytest.raises(CalendarDefinitionError) as caught:
        calendar(YEAR, {"from": "2026-12-31", "to": "2027-12-31", "hours": HOURS})
    assert caught.value.message.code == "calendar.definition.periods"


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC)),
    st.integers(1, 60),
)
def test_n_working_days_later_n_days_were_worked_in_between(start: datetime, count: int) -> None:
    known = calendar()
    due = parse_duration(f"P{count}WD").after(start, known)
    first = start.astimezone(due.tzinfo).date()
    worked = [first + timedelta(days=n) for n in range(1, (due.date() - first).days + 1)]
    assert sum(known.is_working_day(day) for day in worked) == count
    assert known.is_working_day(due)
