"""The options of ``select``, ``radio``, ``checklist`` and ``taglist``, and where they come from.

They stand in the form (``values``), in a variable of the task (``valuesKey``) or in a formula
(``valuesExpression``). A variable is taken from the task alone: a client cannot submit its own options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.forms.binding import value_at
from server.forms.formulas import Formula
from server.forms.kinds import same_value


@dataclass(frozen=True, slots=True)
class Options:
    """Exactly one source of options."""

    values: tuple[object, ...] | None = None
    variable: str = ""
    formula: Formula | None = None

    @property
    def source(self) -> str:
        """What to tell a reader about where the options come from."""
        return self.formula.text if self.formula else self.variable

    def allowed(
        self, context: Mapping[str, object], scope: Mapping[str, object], clock: datetime | None
    ) -> tuple[object, ...] | None:
        """The values that may be chosen; ``None`` when the source gives no list."""
        if self.values is not None:
            return self.values
        if self.formula is not None:
            listed = self.formula.evaluate(scope, clock).value
        else:
            listed = value_at(context, tuple(self.variable.split(".")))
        return option_values(listed) if isinstance(listed, list | tuple) else None


def option_values(listed: list[object] | tuple[object, ...]) -> tuple[object, ...]:
    """The values of a list of options: each is a plain value, or an object with a ``value``.

    As in the browser, what is neither is no option.
    """
    values = (entry.get("value") if isinstance(entry, Mapping) else entry for entry in listed)
    return tuple(value for value in values if value is not None and value != "")


def is_among(value: object, allowed: tuple[object, ...]) -> bool:
    """Whether ``value`` is one of the ``allowed``."""
    return any(same_value(value, option) for option in allowed)
