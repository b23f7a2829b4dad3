"""Laws that hold for all values: decimals, dates against Python's calendar, durations, texts and their reading."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from datetime import date as python_date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from types import MappingProxyType

from hypothesis import given, settings
from hypothesis import strategies as st

from server.feel import (
    DaysTimeDuration,
    FeelDate,
    YearsMonthsDuration,
    adopt,
    compile_expression,
    feel_text,
    parse_date,
    parse_date_and_time,
    parse_duration,
    parse_time,
)
from server.feel.temporal import MAX_YEAR, add_days, add_months, date_from_ordinal, days_in_month, time_from_nanos

DECIMAL128 = Context(prec=34, rounding=ROUND_HALF_EVEN)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=10)
ordinals = st.integers(-300 * 10**9, 300 * 10**9)
dates = ordinals.map(date_from_ordinal).filter(lambda date: abs(date.year) < MAX_YEAR)


def value(text: str, **context: object) -> object:
    return compile_expression(text, names=context).value(context)


@given(decimals, decimals)
def test_arithmetic_is_decimal128(a, b):
    assert value("a + b", a=a, b=b) == DECIMAL128.add(a, b)
    assert value("a - b", a=a, b=b) == DECIMAL128.subtract(a, b)
    assert value("a * b", a=a, b=b) == DECIMAL128.multiply(a, b)
    assert value("a / b", a=a, b=b) == (DECIMAL128.divide(a, b) if b else None)


@given(decimals, decimals.filter(bool))
def test_modulo_has_the_sign_of_the_divisor(a, b):
    result = value("modulo(a, b)", a=a, b=b)
    assert result == 0 or (result < 0) == (b < 0)
    assert result.copy_abs() < b.copy_abs()


@given(decimals | st.booleans() | st.none() | st.integers() | st.text(max_size=5))
def test_order_and_equality_fit_together(a):
    assert value("a = a", a=a) is True
    assert value("is(a, a)", a=a) is True
    if isinstance(a, Decimal | int | str) and not isinstance(a, bool):
        assert value("a <= a and a >= a and not(a < a) and a in [a..a]", a=a) is True


nested = st.recursive(
    st.integers(0, 2) | st.booleans() | st.none() | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from("ab"), inner),
)


def in_types_of_python(nested_value: object) -> object:
    """The same value as a caller may bring it, with containers that FEEL must first adopt."""
    if isinstance(nested_value, list):
        return tuple(map(in_types_of_python, nested_value))
    if isinstance(nested_value, dict):
        return MappingProxyType({key: in_types_of_python(part) for key, part in nested_value.items()})
    return nested_value


def same_json(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


@given(st.lists(nested, max_size=8), st.lists(nested, max_size=8))
def test_nested_values_are_equal_where_their_parts_are(one, other):
    for a, b in ((one, other), (one, [*one[:-1], *other[:1]]), (one, json.loads(json.dumps(one)))):
        expected = same_json(a, b)
        for left, right in ((a, b), (in_types_of_python(a), in_types_of_python(b)), (a, in_types_of_python(b))):
            assert value("a = b", a=left, b=right) is expected
            assert value("is(a, b)", a=left, b=right) is expected


@given(st.lists(decimals, min_size=1, max_size=8))
def test_aggregates(numbers):
    assert value("min(l)", l=numbers) == min(numbers)
    assert value("max(l)", l=numbers) == max(numbers)
    assert value("sort(l, function(x, y) x < y)", l=numbers) == sorted(numbers)
    median = value("median(l)", l=numbers)
    assert sum(n <= median for n in numbers) * 2 >= len(numbers)
    assert value("count(distinct values(l))", l=numbers) == len(set(numbers))
    assert value("reverse(reverse(l)) = l", l=numbers) is True


@given(dates)
def test_ordinals_and_dates_are_each_others_inverse(date):
    assert date_from_ordinal(date.ordinal) == date
    assert parse_date(str(date)) == date
    assert add_days(add_days(date, 1), -1) == date
    assert date.weekday == (date.ordinal - 1) % 7 + 1


@given(st.dates())
def test_dates_agree_with_pythons(day):
    date = adopt(day)
    assert date.ordinal == day.toordinal()
    assert date.weekday == day.isoweekday()
    assert date.week_of_year == day.isocalendar().week
    assert date.day_of_year == day.timetuple().tm_yday
    assert str(date) == day.isoformat()


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9990, 1, 1)), st.integers(-(10**10), 10**10))
def test_elapsed_seconds_agree_with_pythons(moment, seconds):
    moment = moment.replace(tzinfo=UTC)
    try:
        later = moment + timedelta(seconds=seconds)
    except OverflowError:
        return
    expression = compile_expression("(m + d) = l and l - m = d", names=["m", "d", "l"])
    assert expression.value({"m": moment, "d": timedelta(seconds=seconds), "l": later}) is True


@given(
    st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2090, 1, 1)),
    st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Asia/Kathmandu"]),
    st.integers(-(10**7), 10**7),
)
def test_shifting_in_a_zone_keeps_the_elapsed_time(moment, zone, seconds):
    start = parse_date_and_time(f"{moment.replace(microsecond=0).isoformat()}@{zone}")
    moved = value("m + d", m=start, d=timedelta(seconds=seconds))
    elapsed = (moved.instant - start.instant) // 10**9
    # A local time that the clock shows twice is read as the first one, an hour (or half of one) earlier; a local
    # time that the clock never shows is read as if the clock had not changed.
    assert abs(elapsed - seconds) in (0, 1800, 3600)


@given(dates, st.integers(-(10**6), 10**6))
def test_adding_months_keeps_the_day_or_takes_the_last(date, months):
    moved = add_months(date, months)
    assert moved.day == min(date.day, days_in_month(moved.year, moved.month))
    assert (moved.year * 12 + moved.month) - (date.year * 12 + date.month) == months


@given(st.integers(-(10**20), 10**20))
def test_durations_and_their_texts(nanos):
    duration = DaysTimeDuration(nanos)
    assert parse_duration(str(duration)) == duration
    rebuilt = ((duration.days * 24 + duration.hours) * 60 + duration.minutes) * 60 + duration.seconds
    assert rebuilt * 10**9 == nanos
    months = YearsMonthsDuration(nanos // 10**11)
    assert parse_duration(str(months)) == months
    assert months.years * 12 + months.months == months.total_months


@given(st.integers(0, 86_400 * 10**9 - 1), st.none() | st.integers(-18 * 3600, 18 * 3600))
def test_times_and_their_texts(nanos, offset):
    time = time_from_nanos(nanos, offset)
    assert time.nanos_of_day == nanos
    assert parse_time(str(time)) == time


json_like = st.recursive(
    st.none() | st.booleans() | decimals | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
    max_leaves=10,
)


@settings(deadline=None)
@given(json_like)
def test_the_text_of_a_value_reads_back_as_the_value(given_value):
    if isinstance(given_value, str):
        return
    text = feel_text(given_value)
    assert value("a = b or a = null and b = null", a=compile_expression(text).value({}), b=given_value) is True


def test_the_calendar_reaches_far():
    assert str(FeelDate(MAX_YEAR, 12, 31)) == "999999999-12-31"
    assert add_days(FeelDate(MAX_YEAR, 12, 31), 1) is None
    assert str(date_from_ordinal(0)) == "0000-12-31"
    assert adopt(python_date(1, 1, 1)).ordinal == 1
