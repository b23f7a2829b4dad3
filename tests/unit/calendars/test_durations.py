"""ISO 8601 durations: reading, writing and calendar arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import Calendar, Duration, DurationError, DurationRangeError, parse_duration, week

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 1, 31, 10, tzinfo=UTC)
WEEKDAYS = Calendar("weekdays", "Asia/Shanghai", frozenset({date(2026, 1, 1)}), frozenset(), week((time(9), time(18))))

parts = st.integers(min_value=0, max_value=10_000)
seconds = st.decimals(min_value=0, max_value=10_000_000, places=6, allow_nan=False)
durations = st.builds(Duration, parts, parts, parts, parts, seconds)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("P1Y2M3DT4H5M6S", Duration(1, 2, 3, 0, Decimal(4 * 3600 + 5 * 60 + 6))),
        ("P3W", Duration(days=21)),
        ("P1W2D", Duration(days=9)),
        ("P3WD", Duration(working_days=3)),
        ("P1D2WDT3H", Duration(days=1, working_days=2, seconds=Decimal(10800))),
        ("PT0.5H", Duration(seconds=Decimal(1800))),
        ("PT1,25S", Duration(seconds=Decimal("1.25"))),
        ("-PT24H", Duration(seconds=Decimal(-86400))),
        ("PT0S", Duration()),
    ],
)
def test_reads_iso_durations(text: str, duration: Duration) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "1D",
        "P1H",
        "PT1D",
        "P1.5D",
        "PT1.5H2M",
        "P1D1Y",
        "PT1S1M",
        "P-1D",
        "p1d",
        "P1WDD",
        "PT١S",
    ],
)
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert caught.value.message.code == "calendar.duration.syntax"


@pytest.mark.parametrize("text", ["P9999999999D", "P40000WD"])
def test_refuses_absurd_lengths(text: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert caught.value.message.code == "calendar.duration.too-long"


@given(durations)
def test_a_written_duration_reads_back_equal(duration: Duration) -> None:
    assert parse_duration(str(duration)) == duration
    assert parse_duration(str(duration.times(-1))) == duration.times(-1)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("P1M", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        ("P2M", datetime(2026, 3, 31, 10, tzinfo=UTC)),
        ("P2Y1M", datetime(2028, 2, 29, 10, tzinfo=UTC)),
        ("P1M1D", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("-P2M", datetime(2025, 11, 30, 10, tzinfo=UTC)),
        ("PT36H0.5S", datetime(2026, 2, 1, 22, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_months_clamp_to_the_end_of_the_month(text: str, end: datetime) -> None:
    assert parse_duration(text.replace("H0.5S", "H0M0.5S")).after(START) == end


def test_days_keep_the_wall_clock_and_hours_are_elapsed_time() -> None:
    eve = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    assert parse_duration("P1D").after(eve) == datetime(2026, 3, 8, 12, tzinfo=NEW_YORK)
    assert parse_duration("PT24H").after(eve) == datetime(2026, 3, 8, 13, tzinfo=NEW_YORK)


def test_working_days_use_the_calendar_and_its_zone() -> None:
    new_years_eve = datetime(2025, 12, 31, 2, tzinfo=UTC)
    due = parse_duration("P1WDT2H").after(new_years_eve, WEEKDAYS)
    assert due == datetime(2026, 1, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert due.tzinfo == ZoneInfo("Asia/Shanghai")


def test_working_days_without_a_calendar_are_refused() -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration("P1WD").after(START)
    assert caught.value.message.code == "calendar.duration.calendar-missing"


@pytest.mark.parametrize("text", ["P9000Y", "P999999999D", "-P3000Y", "PT999999999H"])
def test_a_sum_beyond_the_known_dates_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(DurationRangeError):
        parse_duration(text).after(START)


def test_parts_of_different_sign_are_refused() -> None:
    with pytest.raises(DurationError, match="all positive or all negative"):
        Duration(days=1, seconds=Decimal(-1))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(NEW_YORK)), seconds)
def test_elapsed_time_is_exact_to_the_microsecond(start: datetime, length: Decimal) -> None:
    end = Duration(seconds=length).after(start)
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(microseconds=int(length * 1_000_000))


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)), parts, parts)
def test_months_never_change_the_time_nor_raise_the_day(start: datetime, years: int, months: int) -> None:
    length = Duration(years % 50, months)
    end = length.after(start)
    assert end.timetz() == start.timetz()
    assert end.day <= start.day
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == length.years * 12 + months
