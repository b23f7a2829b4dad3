"""Diagnostics as data: kind, place and a sentence in both languages for every null that came from an error."""

from __future__ import annotations

import pytest

from server.feel import DiagnosticKind, Evaluation, compile_expression


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("x", []),
        ("nul", []),
        ("missing", ["missing-variable"]),
        ("x.a", ["type-mismatch"]),
        ("c.b", ["missing-entry"]),
        ("nul.b", ["type-mismatch"]),
        ('x + "a"', ["type-mismatch"]),
        ("x / 0", ["arithmetic"]),
        ('x < "a"', ["type-mismatch"]),
        ('x = "a"', ["type-mismatch"]),
        ("x = null", []),
        ("nul < 1", ["type-mismatch"]),
        ("true and x", ["type-mismatch"]),
        ("false and x", []),
        ("true and nul", []),
        ("if x then 1 else 2", ["type-mismatch"]),
        ("if nul then 1 else 2", []),
        ("[1][2]", ["invalid-argument"]),
        ('[1]["a"]', ["type-mismatch"]),
        ("for i in nul return i", ["type-mismatch"]),
        ("some i in [1] satisfies i", ["type-mismatch"]),
        ("x(1)", ["unknown-function"]),
        ("sum()", ["invalid-argument"]),
        ("sqrt(-1)", ["invalid-argument"]),
        ('sqrt("a")', ["type-mismatch"]),
        ('date("2024-13-01")', ["invalid-argument"]),
        ('@"2024-13-01"', ["invalid-argument"]),
        ('matches("a", "(")', ["invalid-argument"]),
        ("now()", ["no-clock"]),
        ("[2..1]", ["invalid-argument"]),
        ('[1.."a"]', ["type-mismatch"]),
        ("exp(1e6)", ["arithmetic"]),
    ],
)
def test_kinds(diagnose, text, kinds):
    assert diagnose(text, x=1, nul=None, c={"a": 1}) == kinds


def test_places_are_lines_and_columns_from_one():
    evaluation = compile_expression('1 +\n  ("a" * 2) +\n  sqrt(-1)').evaluate({})
    assert [(each.line, each.column) for each in evaluation.diagnostics] == [(2, 4), (1, 1), (3, 3), (1, 1)]


def test_an_evaluation_is_data():
    evaluation = compile_expression("1 / 0").evaluate({})
    assert evaluation == Evaluation(None, evaluation.diagnostics)
    (diagnostic,) = evaluation.diagnostics
    assert diagnostic.kind is DiagnosticKind.ARITHMETIC
    assert diagnostic.message.text("zh-CN") != diagnostic.message.text("en")


def test_value_collects_nothing_and_says_the_same():
    expression = compile_expression("for i in [1, 0, 2] return 10 / i")
    assert expression.value({}) == expression.evaluate({}).value == [10, None, 5]


def test_a_loop_over_bad_data_does_not_flood():
    evaluation = compile_expression("for i in 1..5000 return i.x").evaluate({})
    assert len(evaluation.diagnostics) == 100
