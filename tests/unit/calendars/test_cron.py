"""Cron schedules in named zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import Calendar, Cron, CronError, InstantError, week

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
NATIONAL_DAY = Calendar(
    "cn",
    "Asia/Shanghai",
    frozenset(date(2026, 10, day) for day in range(1, 8)),
    frozenset({date(2026, 10, 10)}),
    week((time(9), time(18))),
)


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("0 9 * * MON-FRI", datetime(2026, 10, 5, 9, tzinfo=SHANGHAI)),
        ("30 0 9 * * MON-FRI", datetime(2026, 10, 5, 9, 0, 30, tzinfo=SHANGHAI)),
        ("0 9 L * *", datetime(2026, 10, 31, 9, tzinfo=SHANGHAI)),
        ("@daily", datetime(2026, 10, 4, tzinfo=SHANGHAI)),
        ("*/15 * * * *", datetime(2026, 10, 3, 12, 15, tzinfo=SHANGHAI)),
    ],
)
def test_falls_due_by_the_wall_clock_of_its_zone(expression: str, due: datetime) -> None:
    assert Cron(expression, "Asia/Shanghai").next(datetime(2026, 10, 3, 4, tzinfo=UTC)) == due


def test_with_a_calendar_closed_days_are_passed_over() -> None:
    daily = Cron("0 9 * * *", "Asia/Shanghai")
    assert daily.next(datetime(2026, 9, 30, 12, tzinfo=SHANGHAI), NATIONAL_DAY) == datetime(
        2026, 10, 8, 9, tzinfo=SHANGHAI
    )
    assert daily.next(datetime(2026, 10, 9, 12, tzinfo=SHANGHAI), NATIONAL_DAY) == datetime(
        2026, 10, 10, 9, tzinfo=SHANGHAI
    )


def test_a_time_that_occurs_twice_falls_due_once() -> None:
    daily = Cron("30 1 * * *", "America/New_York")
    first = daily.next(datetime(2026, 10, 31, 12, tzinfo=NEW_YORK))
    assert first is not None
    # In UTC: PEP 495 lets an ambiguous wall time equal no instant of another zone.
    assert first.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert daily.next(first) == datetime(2026, 11, 2, 6, 30, tzinfo=UTC)


def test_a_schedule_of_every_hour_runs_through_the_change_of_clocks() -> None:
    hourly = Cron("0 * * * *", "America/New_York")
    due = [datetime(2026, 11, 1, 4, 30, tzinfo=UTC)]
    for _ in range(3):
        following = hourly.next(due[-1])
        assert following is not None
        due.append(following)
    assert [instant.astimezone(UTC).hour for instant in due[1:]] == [5, 6, 7]


def test_a_time_that_the_clocks_skip_falls_due_when_they_have_moved_on() -> None:
    daily = Cron("30 2 * * *", "America/New_York")
    assert daily.next(datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)) == datetime(2026, 3, 8, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "9",
        "0 9 * *",
        "0 9 * * MON-FUN",
        "61 9 * * *",
        "0 9 * * * * *",
        "H 9 * * *",
        "r 9 * * *",
        "@reboot",
    ],
)
def test_refuses_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(CronError) as caught:
        Cron(expression, "Asia/Shanghai")
    assert caught.value.message.code == "calendar.cron.syntax"


def test_refuses_what_never_falls_due() -> None:
    with pytest.raises(CronError) as caught:
        Cron("0 0 30 2 *", "Asia/Shanghai")
    assert caught.value.message.code == "calendar.cron.never"


def test_refuses_an_unknown_zone() -> None:
    with pytest.raises(InstantError):
        Cron("0 9 * * *", "Asia/Nowhere")


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(SHANGHAI)),
)
def test_a_daily_schedule_is_due_within_a_day(minute: int, hour: int, after: datetime) -> None:
    due = Cron(f"{minute} {hour} * * *", "Asia/Shanghai").next(after)
    assert due is not None
    assert after < due <= after + timedelta(days=1)
    assert (due.hour, due.minute, due.second, due.microsecond) == (hour, minute, 0, 0)
