"""Repeating intervals: how many, from when, how far apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import Calendar, Cycle, CycleError, Duration, DurationError, parse_cycle, week

START = datetime(2026, 1, 31, tzinfo=UTC)
WEEKDAYS = Calendar("weekdays", "UTC", frozenset({date(2026, 2, 3)}), frozenset(), week((time(9), time(18))))


def test_reads_count_start_and_interval() -> None:
    assert parse_cycle("R3/PT10H") == Cycle(3, None, Duration(seconds=Decimal(36000)))
    assert parse_cycle("R/2026-01-31T00:00:00Z/P1D") == Cycle(None, START, Duration(days=1))
    assert parse_cycle("R-1/P1M").repetitions is None
    assert parse_cycle("R2/2026-01-31T08:00:00/P2WD", "Asia/Shanghai").start == START


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R3", "syntax"),
        ("3/PT1H", "syntax"),
        ("R3/PT1H/2026-01-01T00:00:00Z", "syntax"),
        ("R3/PT1X", "part"),
        ("R3/2026-13-01T00:00:00Z/PT1H", "part"),
        ("R3/2026-01-01T00:00:00/PT1H", "part"),
        ("R/PT0S", "duration-not-positive"),
        ("R/-PT1H", "duration-not-positive"),
        ("R0/PT1H", "never"),
    ],
)
def test_refuses_what_is_no_cycle(text: str, code: str) -> None:
    with pytest.raises(CycleError) as caught:
        parse_cycle(text)
    assert caught.value.message.code == f"calendar.cycle.{code}"


def test_without_a_start_each_firing_follows_the_last() -> None:
    assert parse_cycle("R3/PT10H").next(START) == START + timedelta(hours=10)


def test_with_a_start_the_first_firing_is_the_start() -> None:
    cycle = parse_cycle("R3/2026-01-31T00:00:00Z/P1D")
    assert cycle.next(START - timedelta(days=9)) == START
    assert cycle.next(START) == START + timedelta(days=1)
    assert cycle.next(START + timedelta(hours=30)) == START + timedelta(days=2)
    assert cycle.next(START + timedelta(days=2)) is None


def test_months_are_counted_from_the_start_and_do_not_drift() -> None:
    cycle = parse_cycle("R/2026-01-31T00:00:00Z/P1M")
    february = cycle.next(START)
    assert february == datetime(2026, 2, 28, tzinfo=UTC)
    assert cycle.next(february) == datetime(2026, 3, 31, tzinfo=UTC)


def test_working_days_use_the_calendar() -> None:
    cycle = parse_cycle("R/2026-01-30T10:00:00Z/P1WD")
    monday = cycle.next(datetime(2026, 1, 30, 10, tzinfo=UTC), WEEKDAYS)
    assert monday == datetime(2026, 2, 2, 10, tzinfo=UTC)
    assert cycle.next(monday, WEEKDAYS) == datetime(2026, 2, 4, 10, tzinfo=UTC)
    with pytest.raises(DurationError, match="no calendar"):
        cycle.next(monday)


def test_a_cycle_ends_where_dates_end() -> None:
    assert parse_cycle("R/2026-01-01T00:00:00Z/P3000Y").next(datetime(9000, 1, 1, tzinfo=UTC)) is None


@given(
    st.integers(min_value=1, max_value=5_000_000),
    st.datetimes(datetime(2026, 1, 31), datetime(2036, 1, 1), timezones=st.just(UTC)),
)
def test_next_is_the_first_firing_later_than_the_given_instant(step: int, after: datetime) -> None:
    length = timedelta(seconds=step)
    due = Cycle(None, START, Duration(seconds=Decimal(step))).next(after)
    assert due is not None
    assert after < due <= after + length
    assert (due - START) % length == timedelta(0)
