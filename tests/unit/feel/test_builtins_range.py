"""Functions of ranges (DMN 1.5, 10.3.4.6, table 78), also held against their meaning on whole numbers."""

from __future__ import annotations

import itertools

import pytest

from server.feel import compile_expression

EXAMPLES = {
    "before(1, 10)": True,
    "before(10, 1)": False,
    "before(1, (1..10])": True,
    "before(1, [1..10])": False,
    "before([1..10), 10)": True,
    "before([1..10], [10..20])": False,
    "before([1..10], (10..20])": True,
    "after(12, [1..10])": True,
    "after([11..20], [1..11))": True,
    "after(10, [1..10))": True,
    "meets([1..5], [5..10])": True,
    "meets([1..5), [5..10])": False,
    "met by([5..10], [1..5])": True,
    "met by([5..10], [1..5))": False,
    "overlaps([1..5], [3..8])": True,
    "overlaps([1..5), [5..8])": False,
    "overlaps before([1..5], [3..8])": True,
    "overlaps before([1..5), [5..8])": False,
    "overlaps before([1..5], (1..5])": True,
    "overlaps after([3..8], [1..5])": True,
    "overlaps after((1..5], [1..5))": True,
    "finishes(10, [1..10])": True,
    "finishes(10, [1..10))": False,
    "finishes([5..10], [1..10])": True,
    "finishes([5..10), [1..10])": False,
    "finished by([1..10], 10)": True,
    "finished by([1..10], (1..10])": True,
    "includes([1..10], 5)": True,
    "includes((1..10], 1)": False,
    "includes([1..10], [4..6])": True,
    "includes((1..8], [1..5])": False,
    "during(5, [1..10])": True,
    "during([4..6], [1..10))": True,
    "during((1..10), (1..10])": True,
    "starts(1, [1..10])": True,
    "starts(1, (1..10])": False,
    "starts([1..5], [1..10])": True,
    "starts((1..5], [1..10])": False,
    "started by([1..10], 1)": True,
    "started by([1..10], [1..10])": True,
    "coincides(5, 5)": True,
    "coincides([1..5], [1..5])": True,
    "coincides((1..5), [1..5])": False,
    'before(@"2024-01-01", [@"2024-02-01"..@"2024-03-01"])': True,
    'includes(["a".."f"], "c")': True,
    'before(1, "a")': None,
    "before(1, null)": None,
    "meets(1, [1..2])": None,
    "coincides(1, [1..2])": None,
    "before(point1: 1, point2: 2)": True,
    "includes(range: [1..10], point: 5)": True,
    "before(1)": None,
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples(feel, text):
    assert feel(text) is EXAMPLES[text]


RANGES = [
    f"{left}{low}..{high}{right}"
    for left, right in (("[", "]"), ("(", "]"), ("[", ")"), ("(", ")"))
    for low, high in itertools.combinations((1, 3, 5, 7), 2)
]


@pytest.mark.parametrize("first", RANGES)
def test_converses(first):
    """before/after, includes/during and the rest are each other's converse, and exclude one another rightly."""
    for second in RANGES:

        def holds(name, a=first, b=second):
            return compile_expression(f"{name}({a}, {b})").value({})

        def converse(name, a=first, b=second):
            return compile_expression(f"{name}({b}, {a})").value({})

        assert holds("before") is converse("after")
        assert holds("meets") is converse("met by")
        assert holds("overlaps") is converse("overlaps")
        assert holds("finishes") is converse("finished by")
        assert holds("includes") is converse("during")
        assert holds("starts") is converse("started by")
        assert holds("coincides") is (first == second)
        # Two ranges either share a point of their (dense) order or lie one before the other.
        assert holds("overlaps") is not (holds("before") or holds("after"))
        if holds("includes") or holds("meets") or holds("starts") or holds("finishes"):
            assert holds("overlaps")
