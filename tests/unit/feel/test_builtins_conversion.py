"""Conversions: string, number and range (DMN 1.5, 10.3.4.1), and the border to JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from server.feel import ConversionError, compile_expression, from_json, to_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string(1.50)", "1.5"),
        ("string(1e3)", "1000"),
        ("string(-0.0000001)", "-0.0000001"),
        ("string(0.00)", "0"),
        ("string(true)", "true"),
        ('string("a")', "a"),
        ("string(null)", None),
        ('string(@"2024-01-01")', "2024-01-01"),
        ('string(@"PT26H")', "P1DT2H"),
        ('string([1, "a\\"b", null, {c d: @"P1Y"}])', '[1, "a\\"b", null, {c d: P1Y}]'),
        ("string([1..5))", "[1..5)"),
        ("string((> 5))", "(> 5)"),
        ("string({a: {b-c: 1}})", '{a: {"b-c": 1}}'),
        ("string(1, 2)", None),
        ('number("1 000,5", " ", ",")', Decimal("1000.5")),
        ('number("1,000.5", ",", ".")', Decimal("1000.5")),
        ('number("1.000,5", ".", ",")', Decimal("1000.5")),
        ('number("1000", null, null)', 1000),
        ('number("12.5")', Decimal("12.5")),
        ('number("1,5")', None),
        ('number("1.5", ".", ".")', None),
        ('number("1.5", "x", ".")', None),
        ('number("abc")', None),
        ('number("")', None),
        ("number(null)", None),
        ('range("[1..5]") = [1..5]', True),
        ('range(" ( 1 .. 5 [ ") = (1..5)', True),
        ('range("[date(\\"2024-01-01\\")..@\\"2024-02-01\\"]") = [@"2024-01-01"..@"2024-02-01"]', True),
        ('range("[-5..-1]") = [-5..-1]', True),
        ('range("[5..1]")', None),
        ('range("[1..\\"a\\"]")', None),
        ('range("[1..x]")', None),
        ('range("[1..]")', None),
        ('range(">5")', None),
        ('range("1")', None),
    ],
)
def test_conversions(feel, text, expected):
    assert feel(text) == expected


def test_to_json_writes_iso_text_and_keeps_numbers():
    value = compile_expression('{d: @"2024-01-01", t: [@"10:00:00Z", @"P1D"], n: 1.50, i: i, b: null}').value({"i": 3})
    assert to_json(value) == {"d": "2024-01-01", "t": ["10:00:00Z", "P1D"], "n": Decimal("1.50"), "i": 3, "b": None}


@pytest.mark.parametrize("text", ["[1..2]", "function(x) x", "{a: [sum]}"])
def test_ranges_and_functions_have_no_json(text):
    with pytest.raises(ConversionError):
        to_json(compile_expression(text).value({}))


def test_from_json_makes_numbers_decimal():
    assert from_json({"a": [1, 1.5, "x", None, True]}) == {"a": [Decimal(1), Decimal("1.5"), "x", None, True]}
    assert isinstance(from_json(1), Decimal)
    assert from_json(float("nan")) is None
    assert from_json(float("inf")) is None


def test_values_of_pythons_own_types_are_adopted(feel):
    variables = {
        "d": date(2024, 1, 2),
        "dt": datetime(2024, 1, 2, 3, 4, 5, 600000, tzinfo=UTC),
        "zoned": datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris")),
        "t": time(10, 30),
        "td": timedelta(days=-1, seconds=3600),
        "tuple": (1, 2),
        "f": 0.1,
    }
    assert feel("d.year + dt.second", variables) == Decimal("2029.6")
    assert feel('zoned = @"2024-07-01T10:00:00Z"', variables) is True
    assert feel('d < @"2024-01-03" and t = @"10:30:00"', variables) is True
    assert feel("string(td)", variables) == "-PT23H"
    assert feel("sum(tuple) + f", variables) == Decimal("3.1")
    assert feel("string(zoned)", variables) == "2024-07-01T12:00:00@Europe/Paris"


def test_values_nested_too_deep_or_too_often_are_refused():
    deep: list = []
    for _ in range(300):
        deep = [deep]
    with pytest.raises(ConversionError):
        to_json(deep)
    wide: list = [0]
    for _ in range(60):
        wide = [wide, wide]
    with pytest.raises(ConversionError):
        to_json(wide)
