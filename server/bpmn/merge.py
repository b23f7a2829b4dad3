"""Merging values three ways: two edits of one document against what both began with.

Contexts are merged name by name, however deep; lists that were only appended to keep what both sides appended;
every other value is one whole. :data:`ABSENT` stands for a name that is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


class Absent(Enum):
    """The type of :data:`ABSENT`."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Collision:
    """A place that both sides changed, each in its own way."""

    path: tuple[str, ...]
    base: Any
    one: Any
    other: Any


def merge(base: Any, theirs: Any, ours: Any) -> Any:
    """``theirs`` with all that ``ours`` changed against ``base``; where both changed the same place, ours stays."""
    if same(ours, base):
        return theirs
    if same(theirs, base) or same(theirs, ours):
        return ours
    if isinstance(theirs, dict) and isinstance(ours, dict):
        before = base if isinstance(base, dict) else {}
        merged = {}
        for name in (*theirs, *(n for n in ours if n not in theirs)):
            value = merge(before.get(name, ABSENT), theirs.get(name, ABSENT), ours.get(name, ABSENT))
            if value is not ABSENT:
                merged[name] = value
        return merged
    if _both_appended(base, theirs, ours):
        return ours if same(ours[: len(theirs)], theirs) else theirs + ours[len(base) :]
    return ours


def collisions(base: Any, one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[Collision]:
    """The places where merging ``one`` and ``other`` would lose the edit of one of them."""
    if same(one, base) or same(other, base) or same(one, other):
        return
    if isinstance(one, dict) and isinstance(other, dict):
        before = base if isinstance(base, dict) else {}
        for name in {**one, **other, **before}:
            yield from collisions(
                before.get(name, ABSENT), one.get(name, ABSENT), other.get(name, ABSENT), (*path, name)
            )
    elif not _both_appended(base, one, other):
        yield Collision(path, base, one, other)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same one; true is not 1, also not inside a list or a context."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _both_appended(base: Any, one: Any, other: Any) -> bool:
    if not (isinstance(base, list) and isinstance(one, list) and isinstance(other, list)):
        return False
    return same(one[: len(base)], base) and same(other[: len(base)], base)
