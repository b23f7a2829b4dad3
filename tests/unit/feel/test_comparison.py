"""Equality, order, between, in and ternary logic (DMN 1.5, tables 42, 50 to 54)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", True),
        ("1 != 2", True),
        ('"a" = "a"', True),
        ('"a" = "A"', False),
        ("null = null", True),
        ("null != null", False),
        ("1 = null", False),
        ("null != 1", True),
        ('1 = "1"', None),
        ("true = 1", None),
        ("true = true", True),
        ("[1, [2]] = [1.0, [2.0]]", True),
        ("[1, 2] = [2, 1]", False),
        ('[1, "a"] = ["a", 1]', False),
        ("[] = []", True),
        ("{a: 1, b: [2]} = {b: [2], a: 1}", True),
        ("{a: 1} = {a: 1, b: null}", False),
        ("{} = []", None),
        ("[1..10] = [1..10.0]", True),
        ("[1..10] = (1..10]", False),
        ("(= 10) = [10..10]", False),
        ('@"2024-01-01T12:00:00+02:00" = @"2024-01-01T10:00:00Z"', True),
        ('@"2024-07-01T12:00:00@Europe/Paris" = @"2024-07-01T10:00:00Z"', True),
        ('@"2024-01-01T12:00:00" = @"2024-01-01T12:00:00Z"', None),
        ('@"10:00:00Z" = @"12:00:00+02:00"', True),
        ('@"10:00:00@Europe/Paris" = @"10:00:00@Europe/Paris"', True),
        ('@"10:00:00@Europe/Paris" = @"10:00:00+01:00"', None),
        ('@"18:00:00@Asia/Shanghai" = @"10:00:00Z"', True),
        ('@"P1D" = @"PT24H"', True),
        ('@"P1Y" = @"P12M"', True),
        ('@"P0Y" = @"P0D"', None),
    ],
)
def test_equality(feel, text, expected):
    assert feel(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 < 2", True),
        ("2 <= 2", True),
        ("2 > 3", False),
        ("3 >= 4", False),
        ('"a" < "b"', True),
        ('"甲" < "乙"', False),
        ('1 < "2"', None),
        ("null < 1", None),
        ("true < false", None),
        ("[1] < [2]", None),
        ('@"2024-01-01" < @"2024-01-02"', True),
        ('@"-0001-01-01" < @"0001-01-01"', True),
        ('@"2024-01-01" < @"2024-01-01T00:00:00"', None),
        ('@"10:00:00" < @"11:00:00"', True),
        ('@"10:00:00+01:00" < @"09:30:00Z"', True),
        ('@"P1D" > @"PT23H"', True),
        ('@"P1Y" > @"P13M"', False),
        ("x > y", True),
        ("x <= y", False),
    ],
)
def test_order(feel, text, expected):
    assert feel(text, x=10, y=9.5) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 between 1 and 10", True),
        ("0 between 1 and 10", False),
        ("x between 1 and 10 and y = 9", True),
        ("11 between 1 and 10 or true", True),
        ("2 between null and 10", None),
        ("11 between null and 10", False),
        ('"b" between "a" and "c"', True),
    ],
)
def test_between(feel, text, expected):
    assert feel(text, x=5, y=9) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in 5", True),
        ("5 in (1, 5)", True),
        ("5 in (1, 2)", False),
        ("5 in [1, 5]", True),
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("5 in (1..5)", False),
        ("5 in ]1..5[", False),
        ("5 in (> 3)", True),
        ("5 in > 3", True),
        ("5 in (< 3, > 4)", True),
        ("5 in ([1..3], [4..6])", True),
        ("5 in [[1..3], [4..6]]", True),
        ("5 in != 5", False),
        ("5 in = 5", True),
        ("[1, 2] in [[1, 2], [3]]", True),
        ("[1, 2] in ([1], [1, 2])", True),
        ("{a: 1} in [{a: 1}]", True),
        ("null in null", True),
        ("null in (1, null)", True),
        ("5 in []", False),
        ('5 in "a"', None),
        ("null in [1..5]", None),
        ('"b" in ["a".."c"]', True),
        ('@"2024-02-01" in [@"2024-01-01"..@"2024-12-31"]', True),
        ("5 in (? > 3)", True),
        ("x in [low..high]", True),
        ("x in low", False),
    ],
)
def test_in(feel, text, expected):
    assert feel(text, x=5, low=1, high=9) is expected


@pytest.mark.parametrize("left", ["true", "false", "null", "1"])
@pytest.mark.parametrize("right", ["true", "false", "null", '"a"'])
def test_ternary_logic(feel, left, right):
    truth = {"true": True, "false": False}
    a, b = truth.get(left), truth.get(right)
    expected_and = False if a is False or b is False else True if a and b else None
    expected_or = True if a is True or b is True else False if a is False and b is False else None
    assert feel(f"{left} and {right}") is expected_and
    assert feel(f"{left} or {right}") is expected_or


def test_logic_of_several_operands(feel):
    assert feel("true and true and null and false") is False
    assert feel("false or null or false") is None
    assert feel("false or false or true and true") is True
    assert feel("true or false and false") is True


def test_conditions(feel):
    assert feel('if x > 3 then "a" else "b"', x=4) == "a"
    assert feel('if x then "a" else "b"', x=None) == "b"
    assert feel('if x then "a" else "b"', x="yes") is None
    assert feel("if false then 1 else if null then 2 else 3") == 3
