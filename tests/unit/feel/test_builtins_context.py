"""Context functions (DMN 1.5, 10.3.4.8)."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('get value({a: 1}, "a")', 1),
        ('get value({a: 1}, "b")', None),
        ('get value(null, "a")', None),
        ('get value(key: "a", m: {a: 1})', 1),
        ("get entries({a: 1, b: 2})", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
        ("get entries({})", []),
        ("get entries([1])", None),
        ('context([{key: "a", value: 1}, {key: "b", value: null}])', {"a": 1, "b": None}),
        ('context({key: "a", value: 1})', {"a": 1}),
        ("context([])", {}),
        ('context([{key: "a", value: 1}, {key: "a", value: 2}])', None),
        ('context([{key: "a"}])', None),
        ("context([{key: 1, value: 1}])", None),
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: 1}, "a", null)', {"a": None}),
        ("context put({a: 1}, null, 1)", None),
        ("context put({a: 1}, 1, 1)", None),
        ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
        ('context put({}, ["a", "b"], 2)', {"a": {"b": 2}}),
        ('context put({a: 1}, ["a", "b"], 2)', None),
        ("context put({a: 1}, [], 2)", None),
        ('context put(context: {a: 1}, keys: ["b"], value: 2)', {"a": 1, "b": 2}),
        ('context put(context: {a: 1}, key: ["b"], value: 2)', {"a": 1, "b": 2}),
        ('context put(context: {a: 1}, key: ["b", "c"], value: 2)', None),
        ("context merge([{a: 1}, {b: 2}, {a: 3}])", {"a": 3, "b": 2}),
        ("context merge({a: 1})", {"a": 1}),
        ("context merge([])", {}),
        ("context merge([{a: 1}, 2])", None),
    ],
)
def test_context_functions(feel, text, expected):
    assert feel(text) == expected
