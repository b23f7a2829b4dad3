"""Making dates, times and durations, and asking the calendar (DMN 1.5, 10.3.4.1, 10.3.4.7, 10.3.4.9)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from server.feel import compile_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2024-02-29")', "2024-02-29"),
        ('date("-0044-03-15")', "-0044-03-15"),
        ('date("999999999-12-31")', "999999999-12-31"),
        ('date("2023-02-29")', None),
        ('date("2023-2-9")', None),
        ('date("01234-01-01")', None),
        ('date("+2023-01-01")', None),
        ('date("2023-01-01T00:00:00")', None),
        ("date(2024, 2, 29)", "2024-02-29"),
        ("date(2023, 2, 29)", None),
        ("date(2023.5, 1, 1)", None),
        ("date(2023, null, 1)", None),
        ("date(year: 2023, month: 1, day: 2)", "2023-01-02"),
        ('date(date and time("2024-01-01T23:00:00-11:00"))', "2024-01-01"),
        ('date([@"2024-01-01"])', "2024-01-01"),
        ("date(null)", None),
        ("date(1)", None),
        ('time("23:59:59.999")', "23:59:59.999"),
        ('time("10:00:00+08:00")', "10:00:00+08:00"),
        ('time("10:00:00-02:45:55")', "10:00:00-02:45:55"),
        ('time("10:00:00@Europe/Paris")', "10:00:00@Europe/Paris"),
        ('time("10:00:00@Nowhere/City")', None),
        ('time("10:00:00+19:00")', None),
        ('time("24:00:00")', "00:00:00"),
        ('time("24:00:01")', None),
        ('time("7:00:00")', None),
        ('time("10:00")', None),
        ("time(10, 5, 6)", "10:05:06"),
        ("time(10, 5, 6.25)", "10:05:06.25"),
        ("time(10, 5, 6, null)", "10:05:06"),
        ('time(10, 5, 6, @"-PT2H")', "10:05:06-02:00"),
        ('time(10, 5, 6, @"PT19H")', None),
        ("time(24, 0, 0)", None),
        ("time(10, 5, 60)", None),
        ('time(@"2024-01-01")', "00:00:00Z"),
        ('time(@"2024-01-01T10:00:00@Asia/Shanghai")', "10:00:00@Asia/Shanghai"),
        ('date and time("2024-01-01")', "2024-01-01T00:00:00"),
        ('date and time("2024-01-01T10:00:00Z")', "2024-01-01T10:00:00Z"),
        ('date and time("2024-12-31T24:00:00")', "2025-01-01T00:00:00"),
        ('date and time("2024-01-01 10:00:00")', None),
        ('date and time(@"2024-01-01", @"10:00:00Z")', "2024-01-01T10:00:00Z"),
        ('date and time(@"2024-01-01T00:00:00+03:00", @"10:00:00")', "2024-01-01T10:00:00"),
        ("date and time(2024, 1, 2, 3, 4, 5)", "2024-01-02T03:04:05"),
        ('date and time(2024, 1, 2, 3, 4, 5, @"PT8H")', "2024-01-02T03:04:05+08:00"),
        ('date and time(2024, 1, 2, 3, 4, 5, "Asia/Shanghai")', "2024-01-02T03:04:05@Asia/Shanghai"),
        ('date and time(2024, 1, 2, 3, 4, 5, "Nowhere")', None),
        ('duration("P1Y2M")', "P1Y2M"),
        ('duration("-PT90M")', "-PT1H30M"),
        ('duration("PT0.5S")', "PT0.5S"),
        ('duration("P1Y2D")', None),
        ('duration("P")', None),
        ('duration("P1DT")', None),
        ('duration("PT-1H")', None),
        ('years and months duration(@"2020-01-31", @"2024-02-29")', "P4Y"),
        ('years and months duration(@"2024-02-29", @"2020-01-31")', "-P4Y"),
        ('years and months duration(@"2020-01-31", @"2024-03-31")', "P4Y2M"),
        ('years and months duration(from: @"2020-01-01", to: @"2020-01-31T00:00:00")', "P0M"),
        ('day of year(@"2024-12-31")', 366),
        ('day of week(@"2024-02-29")', "Thursday"),
        ('month of year(@"2024-02-29T00:00:00")', "February"),
        ('week of year(@"2005-01-01")', 53),
        ('week of year(@"2024-12-30")', 1),
        ('day of week("2024-02-29")', None),
        ("now()", "2024-02-29T13:45:30Z"),
        ("today()", "2024-02-29"),
        ("now(1)", None),
    ],
)
def test_temporal_functions(feel, text, expected):
    assert feel(text) == expected


def test_the_present_is_the_callers():
    expression = compile_expression("today()")
    assert str(expression.value({}, clock=datetime(2030, 1, 2, tzinfo=UTC))) == "2030-01-02"
    without = expression.evaluate({})
    assert without.value is None
    assert [each.kind.value for each in without.diagnostics] == ["no-clock"]
