"""Working calendars: days, hours, holidays, make-up days and the arithmetic on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.calendars import Calendar, CalendarDefinitionError, InstantError, week

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = ((time(9), time(12)), (time(13), time(18)))

# The National Day closure of 2026: 1-7 October off, made up for on two weekend days.
BRANCH = Calendar(
    id="branch",
    zone="Asia/Shanghai",
    holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
    make_up_days=frozenset({date(2026, 9, 27), date(2026, 10, 10)}),
    hours=week(*OFFICE),
)
ALWAYS = Calendar(
    id="always",
    zone="America/New_York",
    holidays=frozenset(),
    make_up_days=frozenset(),
    hours=week((time(0), time(0)), days=range(7)),
)

instants = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31), timezones=st.just(UTC))
calendars = st.sampled_from([BRANCH, ALWAYS])


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 25), True),  # an ordinary Friday
        (date(2026, 9, 26), False),  # an ordinary Saturday
        (date(2026, 9, 27), True),  # a Sunday made up
        (date(2026, 10, 1), False),  # a Thursday closed by the holiday
        (date(2026, 10, 10), True),  # a Saturday made up
    ],
)
def test_holidays_close_and_make_up_days_open(day: date, works: bool) -> None:
    assert BRANCH.is_working_day(day) is works


def test_the_day_of_an_instant_is_the_day_in_the_calendars_zone() -> None:
    sunday_in_shanghai = datetime(2026, 9, 26, 17, tzinfo=UTC)
    assert BRANCH.is_working_day(sunday_in_shanghai)
    assert not BRANCH.is_working_day(sunday_in_shanghai - timedelta(hours=2))


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (at(9, 25, 10), 1, at(9, 27, 10)),
        (at(9, 30, 16, 30), 1, at(10, 8, 16, 30)),
        (at(9, 30, 16, 30), 3, at(10, 10, 16, 30)),
        (at(10, 3, 8), 1, at(10, 8, 8)),
        (at(10, 8, 8), -1, at(9, 30, 8)),
        (at(10, 3, 8), 0, at(10, 3, 8)),
    ],
)
def test_working_days_pass_over_closed_days(start: datetime, days: int, end: datetime) -> None:
    assert BRANCH.add_working_days(start, days) == end


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(9, 25, 11), 1, at(9, 25, 12)),
        (at(9, 25, 11), 2, at(9, 25, 14)),
        (at(9, 25, 17), 2, at(9, 27, 10)),
        (at(9, 25, 3), 2, at(9, 25, 11)),
        (at(9, 30, 17), 9, at(10, 8, 18)),
        (at(10, 8, 10), -2, at(9, 30, 17)),
        (at(9, 25, 13), -1, at(9, 25, 11)),
    ],
)
def test_working_time_passes_over_closed_hours(start: datetime, hours: int, end: datetime) -> None:
    assert BRANCH.add_working_time(start, timedelta(hours=hours)) == end


def test_working_time_between_counts_open_hours_only() -> None:
    assert BRANCH.working_time_between(at(9, 25, 11), at(9, 27, 14)) == timedelta(hours=1 + 5 + 3 + 1)
    assert BRANCH.working_time_between(at(10, 1), at(10, 8)) == timedelta(0)
    assert BRANCH.working_time_between(at(9, 25, 14), at(9, 25, 11)) == -timedelta(hours=2)


def test_next_working_time_is_now_or_the_next_opening() -> None:
    assert BRANCH.is_working_time(at(9, 25, 9))
    assert not BRANCH.is_working_time(at(9, 25, 12))
    assert BRANCH.next_working_time(at(9, 25, 10)) == at(9, 25, 10)
    assert BRANCH.next_working_time(at(9, 25, 12, 30)) == at(9, 25, 13)
    assert BRANCH.next_working_time(at(9, 30, 18)) == at(10, 8, 9)


def test_make_up_hours_of_their_own_replace_the_weekday_hours() -> None:
    short = Calendar("s", "Asia/Shanghai", frozenset(), BRANCH.make_up_days, BRANCH.hours, ((time(9), time(11)),))
    assert short.working_time_between(at(9, 26), at(9, 28)) == timedelta(hours=2)


def test_a_day_on_which_the_clocks_change_has_23_or_25_hours() -> None:
    spring, autumn = datetime(2026, 3, 8, tzinfo=NEW_YORK), datetime(2026, 11, 1, tzinfo=NEW_YORK)
    assert ALWAYS.working_time_between(spring, spring + timedelta(days=1)) == timedelta(hours=23)
    assert ALWAYS.working_time_between(autumn, autumn + timedelta(days=1)) == timedelta(hours=25)


def test_a_wall_time_that_the_clocks_skip_moves_on() -> None:
    start = datetime(2026, 3, 7, 2, 30, tzinfo=NEW_YORK)
    assert ALWAYS.add_working_days(start, 1) == datetime(2026, 3, 8, 3, 30, tzinfo=NEW_YORK)


@given(calendars, instants, st.integers(min_value=0, max_value=300))
def test_adding_working_days_ends_on_a_working_day_and_counts_them(
    calendar: Calendar, start: datetime, days: int
) -> None:
    end = calendar.add_working_days(start, days)
    first = start.astimezone(ZoneInfo(calendar.zone)).date()
    passed = (first + timedelta(days=step) for step in range(1, (end.date() - first).days + 1))
    assert sum(calendar.is_working_day(day) for day in passed) == days
    assert days == 0 or calendar.is_working_day(end)


@given(calendars, instants, st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=400)))
def test_the_time_added_is_the_time_between(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    assert calendar.working_time_between(start, calendar.add_working_time(start, amount)) == amount
    assert calendar.working_time_between(calendar.add_working_time(start, -amount), start) == amount


@given(calendars, instants, instants, instants)
def test_time_between_adds_up(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    between = calendar.working_time_between
    assert between(a, b) + between(b, c) == between(a, c)


@given(instants, instants)
def test_a_calendar_that_never_closes_counts_elapsed_time(a: datetime, b: datetime) -> None:
    assert ALWAYS.working_time_between(a, b) == b - a


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": week()}, "calendar.definition.empty"),
        ({"hours": week(*OFFICE)[:5]}, "calendar.definition.week"),
        ({"hours": week((time(18), time(9)))}, "calendar.definition.hours"),
        ({"hours": week((time(9), time(13)), (time(12), time(18)))}, "calendar.definition.hours"),
        ({"hours": week((time(9), time(0)), (time(12), time(18)))}, "calendar.definition.hours"),
        ({"holidays": BRANCH.make_up_days}, "calendar.definition.contradiction"),
    ],
)
def test_calendars_that_make_no_sense_are_refused(changes: dict[str, object], code: str) -> None:
    sound: dict[str, object] = {
        "id": "c", "zone": "Asia/Shanghai", "holidays": frozenset(),
        "make_up_days": BRANCH.make_up_days, "hours": BRANCH.hours,
    }  # fmt: skip
    with pytest.raises(CalendarDefinitionError) as caught:
        Calendar(**{**sound, **changes})  # type: ignore[arg-type]
    assert caught.value.message.code == code
    assert caught.value.message.zh != caught.value.message.en


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(InstantError, match="no time zone 'Asia/Nowhere'"):
        Calendar("c", "Asia/Nowhere", frozenset(), frozenset(), week(*OFFICE))


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(InstantError, match="has no zone"):
        BRANCH.add_working_days(datetime(2026, 1, 1), 1)


def test_a_calendar_that_runs_out_of_work_says_so() -> None:
    only = Calendar(
        "once",
        "UTC",
        frozenset(),
        frozenset({date(2026, 1, 3)}),
        week(),
        make_up_hours=((time(9), time(10)),),
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert only.add_working_days(start, 1) == datetime(2026, 1, 3, tzinfo=UTC)
    for ask in (
        lambda: only.add_working_days(start, 2),
        lambda: only.add_working_time(start, timedelta(hours=2)),
        lambda: only.add_working_time(start, -timedelta(hours=2)),
        lambda: only.next_working_time(start + timedelta(days=9)),
    ):
        with pytest.raises(CalendarDefinitionError) as caught:
            ask()
        assert caught.value.message.code == "calendar.definition.no-working-time"
