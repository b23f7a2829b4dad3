"""Bindings: where in a form's data a field's value lies.

A ``key`` or ``path`` is a dotted name (``applicant.phone``); inside a dynamic list the number of the row
follows the list's own name. No two fields may lie at the same place, nor one inside the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from itertools import pairwise

Binding = tuple[str, ...]
"""The parts of a dotted key or path, as the form's author wrote it."""

Path = tuple[str | int, ...]
"""A place in the data: names, and numbers of rows counted from zero."""

_NAME = re.compile(r"[^\W\d]\w*")


class Missing(Enum):
    """The value of a place at which there is none; unlike null, which somebody wrote there."""

    MISSING = "missing"


MISSING = Missing.MISSING


def parse_binding(text: object) -> Binding | None:
    """The parts of a dotted name, or ``None`` when it is not one that data and FEEL can hold."""
    if not isinstance(text, str):
        return None
    parts = tuple(text.split("."))
    return parts if all(_NAME.fullmatch(part) for part in parts) else None


def path_text(path: Path) -> str:
    """``applicant.contacts[0].phone``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def value_at(data: object, path: Path) -> object:
    """The value that lies at ``path``, or :data:`MISSING`."""
    found = data
    for part in path:
        match found, part:
            case Mapping(), str() if part in found:
                found = found[part]
            case list() | tuple(), int() if part < len(found):
                found = found[part]
            case _:
                return MISSING
    return found


def put_at(data: dict[str, object], path: Path, value: object) -> None:
    """Put ``value`` at ``path``, making the objects on the way; lists and their rows must already be there."""
    holder: object = data
    for part, following in pairwise(path):
        if isinstance(part, int):
            assert isinstance(holder, list)
            holder = holder[part]
            continue
        assert isinstance(holder, dict)
        inner = holder.get(part)
        if isinstance(following, str) and not isinstance(inner, dict):
            inner = holder[part] = {}
        holder = inner
    assert isinstance(holder, dict)
    holder[path[-1]] = value


@dataclass(slots=True)
class BoundTree:
    """What a form has bound at and below one place of its data."""

    parts: dict[str, BoundTree] = field(default_factory=dict)
    closed: bool = False
    rows: bool = False

    def claim(self, path: Binding, *, rows: bool = False, closed: bool = False) -> bool:
        """Bind ``path``; false when that place, or one above it, is already taken.

        A field closes its place. A dynamic list owns it: only its own components, which claim from the tree
        :meth:`at` that place, may lie below. A group leaves it open to others.
        """
        tree = self
        for part in path:
            tree = tree.parts.setdefault(part, BoundTree())
            if tree.closed or tree.rows:
                return False
        if (rows or closed) and tree.parts:
            return False
        tree.rows, tree.closed = rows, closed
        return True

    def at(self, path: Binding) -> BoundTree:
        """The tree at a place that was claimed."""
        tree = self
        for part in path:
            tree = tree.parts[part]
        return tree


@dataclass(slots=True)
class Strangers:
    """Places in submitted data that fit no field: ``unbound`` names, and ``misfits`` that should be objects."""

    unbound: list[Path] = field(default_factory=list)
    misfits: list[Path] = field(default_factory=list)


def strangers_in(data: object, tree: BoundTree) -> Strangers:
    """What in ``data`` the form does not bind, the topmost place of each."""
    found = Strangers()
    _look_for_strangers(data, tree, (), found)
    return found


def _look_for_strangers(data: object, tree: BoundTree, path: Path, found: Strangers) -> None:
    if data is None or tree.closed:
        return
    if tree.rows:
        rows = data if isinstance(data, list | tuple) else ()  # what is no list, its component complains of
        for index, row in enumerate(rows):
            if isinstance(row, Mapping):
                _look_into_object(row, tree, (*path, index), found)
    elif isinstance(data, Mapping):
        _look_into_object(data, tree, path, found)
    else:
        found.misfits.append(path)


def _look_into_object(data: Mapping[str, object], tree: BoundTree, path: Path, found: Strangers) -> None:
    for name, value in data.items():
        if name in tree.parts:
            _look_for_strangers(value, tree.parts[name], (*path, name), found)
        else:
            found.unbound.append((*path, name))


def remove_from_row(data: dict[str, object], path: Path) -> None:
    """Remove what lies at ``path`` inside a row of a list, where the row has it; elsewhere nothing is removed."""
    if not any(isinstance(part, int) for part in path):
        return
    holder = value_at(data, path[:-1])
    if isinstance(holder, dict):
        holder.pop(path[-1], None)
