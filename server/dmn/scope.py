"""The names in scope of a FEEL text within a model, and those that can only stand behind a dot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from server.dmn.model import Context, DecisionTable, Definitions, Relation

_SIGNS: Final = re.compile(r"[./\-'+*]")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a text may mention.

    ``names`` is everything, for the parser; ``bound`` are those of them that the logic itself gives a value to:
    entries of a context above, parameters, loop variables.
    """

    names: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()

    def bind(self, *names: str) -> Scope:
        """The scope inside of what gives ``names`` a value."""
        return Scope(self.names.union(names), self.bound.union(names))

    def with_members(self, members: Iterable[str]) -> Scope:
        """The scope in which ``members`` may stand behind a dot.

        The parser takes one set of names. A member such as ``debt-income`` would swallow the subtraction of two
        variables, so it is left out where all its words are variables themselves.
        """
        usable = {member for member in members if not self._swallows(member)}
        return Scope(self.names | usable, self.bound)

    def _swallows(self, member: str) -> bool:
        parts = [part.strip() for part in _SIGNS.split(member)]
        return len(parts) > 1 and all(part in self.names for part in parts if part)


def member_names(definitions: Definitions) -> frozenset[str]:
    """The names in a file of what is part of another value, those of one word left out: they need no knowing."""
    found: set[str] = set()
    for part in _parts(list(definitions.item_definitions.values())):
        found.update(component.name for component in getattr(part, "components", ()))
    for part in _parts(list(definitions.elements.values())):
        match part:
            case Context(entries=entries):
                found.update(entry.variable.name for entry in entries if entry.variable is not None)
            case Relation(columns=columns):
                found.update(column.name for column in columns)
            case DecisionTable(outputs=outputs):
                found.update(output.name for output in outputs)
    return frozenset(filter(_of_several_pieces, found))


def exported_names(definitions: Definitions) -> frozenset[str]:
    """The names that stand behind the import's name where the file is imported, those of one word left out."""
    return frozenset(filter(_of_several_pieces, (e.variable.name for e in definitions.elements.values())))


def _of_several_pieces(name: str) -> bool:
    return " " in name or _SIGNS.search(name) is not None


def _parts(waiting: list[Any]) -> Iterator[Any]:
    """Everything that the elements of a model are made of, without recursion."""
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif is_dataclass(part) and not isinstance(part, type):
            yield part
            waiting.extend(getattr(part, each.name) for each in fields(part))
