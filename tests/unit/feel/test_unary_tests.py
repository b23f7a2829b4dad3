"""Unary tests of decision table cells (DMN 1.5, 7.3.3, grammar rules 7 to 17)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from server.feel import compile_expression, compile_unary_tests

DATE = compile_expression('@"2024-06-01"').value({})


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("-", 1, True),
        (" - ", None, True),
        ("5", 5, True),
        ("5", Decimal("5.0"), True),
        ("5", 6, False),
        ("-5", -5, True),
        ("5", None, False),
        ("5", "5", None),
        ('"a"', "a", True),
        ('"a","b"', "b", True),
        ('"a", "b"', "c", False),
        ("true", True, True),
        ("true", False, False),
        ("false", None, False),
        ("null", None, True),
        ("null", 1, False),
        ("> 5", 6, True),
        (">= 5", 5, True),
        ("< 5", 5, False),
        ("<= 5.5", 5.5, True),
        ("= 5", 5, True),
        ("!= 5", 5, False),
        ("!= 5", 6, True),
        ("> 5", None, None),
        ("> 5", "a", None),
        ("[1..5]", 1, True),
        ("[1..5)", 5, False),
        ("(1..5]", 1, False),
        ("]1..5[", 3, True),
        ("[1..5]", None, None),
        ("[-5..-1]", -3, True),
        ("[600..700)", 650, True),
        ("< 1, > 5, 3", 3, True),
        ("< 1, > 5, 3", 4, False),
        ("not(5)", 5, False),
        ("not(5)", 6, True),
        ('not("a", "b")', "c", True),
        ("not(> 5)", 3, True),
        ("not(> 5)", None, None),
        ("not([1..5], 7)", 7, False),
        ('["a".."c"]', "b", True),
        ('>= @"2024-01-01"', DATE, True),
        ('[@"2024-01-01"..@"2024-12-31"]', DATE, True),
        ('date("2024-06-01")', DATE, True),
        ("? > 5", 6, True),
        ("? > 5 and ? < 10", 11, False),
        ("? * 2 = limit", 50, True),
        ('starts with(?, "a")', "abc", True),
        ("? > 5, ? = 1", 1, True),
        ("count(?) > 1", [1, 2], True),
        ("? + 1", 5, None),
        ("limit", 100, True),
        ("< limit", 99, True),
        ("[low..limit]", 50, True),
        ("limit - 50", 50, True),
        ("limits", 2, True),
        ("limits", 9, False),
        ("[1, 2, 3]", [1, 2, 3], True),
        ("[1, 2, 3]", 2, True),
        ("ranges", 15, True),
        ("limit > 50", "anything", True),
        ("limit > 50", False, False),
        ("not(limit > 500)", "anything", True),
        ("some x in limits satisfies x = ?", 3, True),
        ("? in limits", 3, True),
        ('"a" in ?', ["a"], True),
    ],
)
def test_unary_tests(text, value, expected):
    context = {"limit": 100, "low": 10, "limits": [1, 2, 3], "ranges": compile_expression("[[10..20]]").value({})}
    tests = compile_unary_tests(text, names=context)
    assert tests.matches(value, context) is expected
    assert tests.evaluate(value, context).value is expected


def test_not_is_a_function_inside_a_longer_expression():
    tests = compile_unary_tests("not(? > 5) or ? = 7")
    assert [tests.matches(value) for value in (3, 6, 7)] == [True, False, True]


def test_values_of_pythons_own_are_adopted():
    assert compile_unary_tests('> @"2024-01-01"').matches(date(2024, 6, 1)) is True
    assert compile_unary_tests("[0..1]").matches(0.5) is True


def test_names_and_diagnostics():
    tests = compile_unary_tests("? > amount, other limit")
    assert tests.names == {"amount", "other limit"}
    evaluation = tests.evaluate(1, {"amount": 0, "other limit": 1})
    assert evaluation.value is True
    assert evaluation.diagnostics == ()
    missing = tests.evaluate(1, {})
    assert {each.kind.value for each in missing.diagnostics} == {"missing-variable", "type-mismatch"}
