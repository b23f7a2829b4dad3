"""Contexts and paths (DMN 1.5, 10.3.2.5, 10.3.2.6, tables 48 and 65)."""

from __future__ import annotations

import pytest

from server.feel import compile_expression


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", {}),
        ("{a: 1}", {"a": 1}),
        ('{"a": 1, "b c": 2}', {"a": 1, "b c": 2}),
        ("{b c: 2}", {"b c": 2}),
        ("{b   c: 2}", {"b c": 2}),
        ("{foo+bar: 1, it's: 2}", {"foo+bar": 1, "it's": 2}),
        ('{"foo+bar((!!],foo": 1}', {"foo+bar((!!],foo": 1}),
        ('{"": 1}', {"": 1}),
        ("{a: 1, b: a + 1, c: b * b}", {"a": 1, "b": 2, "c": 4}),
        ("{a: 1, b: {a: 2, c: a}}.b.c", 2),
        ("{a: x}.a", 7),
        ("{x: x + 1}.x", 8),
        ("{b c: 2, d: b c + 1}.d", 3),
        ("{a: {b: {c: 3}}}.a.b.c", 3),
        ("{b c: 2}.b c + 1", 3),
        ("{in: 1}.in", 1),
        ("{a: 1}.b", None),
        ("{a: 1}.a.b", None),
        ("null.a", None),
        ("x.y", None),
        ("p.name", ["Ann", "Bob"]),
        ("p.pets.kind", [["cat"], None]),
    ],
)
def test_contexts_and_paths(feel, text, expected):
    people = [{"name": "Ann", "pets": [{"kind": "cat"}]}, {"name": "Bob", "pets": None}]
    assert feel(text, x=7, p=people) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2024-02-29".year', 2024),
        ('@"2024-02-29".month', 2),
        ('@"2024-02-29".day', 29),
        ('@"2024-02-29".weekday', 4),
        ('@"2024-02-29T10:11:12.5".second', 12.5),
        ('@"2024-02-29T10:11:12".hour', 10),
        ('@"2024-02-29T10:11:12".weekday', 4),
        ('@"2024-02-29T10:11:12+08:00".time offset', "PT8H"),
        ('@"2024-02-29T10:11:12@Asia/Shanghai".time offset', "PT8H"),
        ('@"2024-02-29T10:11:12@Asia/Shanghai".timezone', "Asia/Shanghai"),
        ('@"2024-02-29T10:11:12".timezone', None),
        ('@"10:11:12".minute', 11),
        ('@"10:11:12Z".time offset', "PT0S"),
        ('@"10:11:12".time offset', None),
        ('@"10:11:12".year', None),
        ('@"P1Y2M".years', 1),
        ('@"-P1Y2M".months', -2),
        ('@"P1Y".days', None),
        ('@"P1DT2H3M4.5S".days', 1),
        ('@"P1DT2H3M4.5S".hours', 2),
        ('@"P1DT2H3M4.5S".minutes', 3),
        ('@"-PT4.5S".seconds', -4.5),
        ("[1..5).start", 1),
        ("[1..5).end", 5),
        ("[1..5).start included", True),
        ("[1..5).end included", False),
        ("(<= 10).start", None),
        ("(<= 10).end included", True),
        ('"abc".length', None),
    ],
)
def test_properties(feel, text, expected):
    assert feel(text) == expected


def test_a_function_in_a_context_can_call_itself(feel):
    text = "{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(10)}.r"
    assert feel(text) == 3628800
    assert feel("{my fact: function(n) if n <= 1 then 1 else n * my fact(n - 1), r: my fact(5)}.r") == 120


def test_contexts_of_the_caller_are_not_changed(feel):
    given = {"a": {"b": [1, 2]}}
    feel('context put(a, ["b"], 5)', given)
    feel("append(a.b, 3)", given)
    assert given == {"a": {"b": [1, 2]}}


def test_constant_lists_are_fresh_at_every_evaluation(feel):
    expression = compile_expression("[1, [2]]")
    expression.value({})[1].append(3)
    assert expression.value({}) == [1, [2]]
