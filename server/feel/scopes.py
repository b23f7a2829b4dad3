"""The names that emitted code can see: locals of Python, entries of filtered items, variables of the context."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from server.feel.emission import constant, fill, name


@dataclass(slots=True)
class Scope:
    """One lexical level.

    ``local`` maps FEEL names to Python locals. ``item`` is the local of the element that a filter looks at, whose
    entries are names as well. ``pending`` names are those of entries still being computed: only function bodies
    inside see them, for recursion. ``growing`` is the local of a loop's results, which still grow.
    """

    local: dict[str, str] = field(default_factory=dict)
    item: str | None = None
    pending: dict[str, str] = field(default_factory=dict)
    is_function: bool = False
    growing: str | None = None


class Scopes:
    """The stack of levels, the innermost last."""

    def __init__(self) -> None:
        self._levels: list[Scope] = []
        self._count = 0

    def fresh(self) -> str:
        """A Python local that nothing else uses."""
        self._count += 1
        return f"v{self._count}"

    def push(self, scope: Scope) -> None:
        """One level inwards."""
        self._levels.append(scope)

    def pop(self) -> None:
        """One level outwards."""
        self._levels.pop()

    def in_filter(self) -> bool:
        """Whether the element of a filter is in sight."""
        return any(scope.item is not None for scope in self._levels)

    def is_bound(self, feel_name: str) -> bool:
        """Whether a level binds the name, filtered items aside."""
        return self.local(feel_name) is not None

    def local(self, feel_name: str) -> str | None:
        """The Python local that a name is bound to."""
        inside_function = False
        for scope in reversed(self._levels):
            if feel_name in scope.local:
                return scope.local[feel_name]
            if inside_function and feel_name in scope.pending:
                return scope.pending[feel_name]
            inside_function = inside_function or scope.is_function
        return None

    def growing(self, feel_name: str) -> str | None:
        """The Python local that a name is bound to, where that is the list of a loop's results so far."""
        found = self.local(feel_name)
        return found if found is not None and any(scope.growing == found for scope in self._levels) else None

    def resolve(self, feel_name: str, free: ast.expr) -> ast.expr:
        """The code that reads a name; ``free`` reads it where no level binds it."""
        return self._resolve(feel_name, free, len(self._levels) - 1, inside_function=False)

    def _resolve(self, feel_name: str, free: ast.expr, level: int, *, inside_function: bool) -> ast.expr:
        while level >= 0:
            scope = self._levels[level]
            if feel_name in scope.local:
                return name(scope.local[feel_name])
            if inside_function and feel_name in scope.pending:
                return name(scope.pending[feel_name])
            inside_function = inside_function or scope.is_function
            if scope.item is not None:
                if feel_name == "item":
                    outer: ast.expr = name(scope.item)
                else:
                    outer = self._resolve(feel_name, free, level - 1, inside_function=inside_function)
                return fill(
                    "ITEM[KEY] if type(ITEM) is dict and KEY in ITEM else OUTER",
                    ITEM=name(scope.item),
                    KEY=constant(feel_name),
                    OUTER=outer,
                )
            level -= 1
        return free
