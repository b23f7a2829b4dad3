"""Refused texts: the place, the sentence in both languages, and several errors at a time."""

from __future__ import annotations

import pytest

from server.feel import FeelSyntaxError, compile_expression, compile_unary_tests


def refused(text: str) -> FeelSyntaxError:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("1 +", 1, 4),
        ("(1", 1, 3),
        ("[1, 2", 1, 6),
        ("{a: 1", 1, 6),
        ("{a 1}", 1, 2),
        ("1 1", 1, 3),
        ("a\n+ * b", 2, 3),
        ("if a then b", 1, 12),
        ("for x return 1", 1, 7),
        ("for x in [1] x", 1, 14),
        ("some x in y", 1, 12),
        ("x between 1 or 2", 1, 13),
        ("x instance of", 1, 14),
        ("x instance of nonsense", 1, 15),
        ("[1..2", 1, 6),
        ("f(a: 1, 2)", 1, 1),
        ("{a: 1, a: 2}", 1, 8),
        ("function(a, a) a", 1, 13),
        ("a.", 1, 3),
        ("a[1", 1, 4),
        ("1 && 2", 1, 3),
        ('"abc', 1, 1),
    ],
)
def test_the_place_of_an_error(text, line, column):
    error = refused(text)
    assert (error.line, error.column) == (line, column)
    assert error.message.zh and error.message.en and error.message.code.startswith("feel.syntax")


def test_several_errors_are_reported_at_once():
    error = refused("[1, *, 3, /, {a: , b: 2}, f(1, ), 5]")
    assert [each.column for each in error.diagnostics] == [5, 11, 18, 32]


def test_errors_in_several_lines():
    error = refused("{\n  a: 1 +,\n  b: 2,\n  c: (3,\n  d: 4\n}")
    assert error.diagnostics[0].line == 2
    assert len(error.diagnostics) >= 2


def test_full_width_signs_get_a_hint():
    assert "half-width" in refused("f(1；2)").message.en or "半角" in refused("1；2").message.zh


def test_single_quotes_get_a_hint():
    assert "double quotes" in refused("1 'a'").message.en


def test_unary_tests_have_their_errors_too():
    with pytest.raises(FeelSyntaxError) as caught:
        compile_unary_tests("> ")
    assert caught.value.column == 3
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests("1,")
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests("not(1")
    with pytest.raises(FeelSyntaxError):
        compile_unary_tests("")


def test_a_flood_of_errors_is_cut():
    assert len(refused("[" + "*," * 5000 + "1]").diagnostics) <= 25
