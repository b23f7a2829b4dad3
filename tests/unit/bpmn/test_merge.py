"""Merging values three ways."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.bpmn.merge import ABSENT, collisions, merge

values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "z", "w"]), inner, max_size=4)
    ),
    max_leaves=8,
)
maybe = values | st.just(ABSENT)


@pytest.mark.parametrize(
    ("base", "theirs", "ours", "merged"),
    [
        ({"score": 0, "limit": 0}, {"score": 0, "limit": 9}, {"score": 7, "limit": 0}, {"score": 7, "limit": 9}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": 1, "b": 2}, {"b": 2}, {"a": 1, "b": 3}, {"b": 3}),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, {"b": 2}, {"b": 3}),
        ([1], [1, 2], [1, 3], [1, 2, 3]),
        ([1], [1, 2], [1, 2, 3], [1, 2, 3]),
        ([1], [2], [1, 3], [1, 3]),
        (ABSENT, {"score": 7}, {"limit": 9}, {"score": 7, "limit": 9}),
        (True, True, 1, 1),
        (1, 2, 1, 2),
    ],
)
def test_edits_of_both_sides_survive(base, theirs, ours, merged):
    assert merge(base, theirs, ours) == merged


@pytest.mark.parametrize(
    ("base", "one", "other", "paths"),
    [
        ({"d": 0}, {"d": 1}, {"d": 2}, [("d",)]),
        ({"d": 0}, {"d": 1}, {"d": 1}, []),
        ({"d": 0}, {"d": 1}, {"d": 0}, []),
        ({"d": 0}, {}, {"d": 2}, [("d",)]),
        ({}, {"d": {"e": 1, "f": 2}}, {"d": {"e": 2, "g": 2}}, [("d", "e")]),
        ([1], [1, 2], [1, 3], []),
        ([1], [2], [3], [()]),
        (ABSENT, True, 1, [()]),
        ({}, {"d": [True]}, {"d": [1]}, [("d",)]),
    ],
)
def test_a_place_that_both_changed_differently_is_a_collision(base, one, other, paths):
    assert [collision.path for collision in collisions(base, one, other)] == paths


@given(base=maybe, edited=maybe)
def test_who_changed_nothing_has_no_say(base, edited):
    assert merge(base, edited, base) == edited
    assert merge(base, base, edited) == edited
    assert merge(base, edited, edited) == edited
    assert not list(collisions(base, edited, base))


@given(base=maybe, one=maybe, other=maybe)
def test_without_a_collision_the_order_of_the_sides_does_not_matter(base, one, other):
    before = copy.deepcopy((base, one, other))
    found = list(collisions(base, one, other))
    first, second = merge(base, one, other), merge(base, other, one)
    assert (base, one, other) == before  # nothing is changed in place
    if not found:
        assert _unordered(first) == _unordered(second)


def _unordered(value):
    """A value in which appended lists compare by what they hold."""
    if isinstance(value, dict):
        return {name: _unordered(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted(repr(_unordered(item)) for item in value)
    return value
