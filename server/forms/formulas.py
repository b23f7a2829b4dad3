"""Formulas: the FEEL in a form, and the names that it may use.

As in the browser, a formula sees every variable of the task and every field of the form. Inside a dynamic
list ``this`` is its row, ``parent`` what the list lies in and ``i`` the row numbers, counted from one; the
same under ``_this_``, ``_parent_`` and ``_i_`` where a variable hides the short name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from server.feel import (
    BudgetExceeded,
    Diagnostic,
    DiagnosticKind,
    Evaluation,
    Expression,
    compile_expression,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled FEEL expression of a form."""

    text: str
    expression: Expression

    def evaluate(self, scope: Mapping[str, object], clock: datetime | None) -> Evaluation:
        """The value; an evaluation that would have cost too much is null with its diagnostic."""
        try:
            return self.expression.evaluate(scope, clock=clock)
        except BudgetExceeded as error:
            return Evaluation(None, (Diagnostic(DiagnosticKind.BUDGET, error.message),))


def is_formula(text: object) -> bool:
    """Whether a setting is FEEL: form-js marks it by a leading ``=``."""
    return isinstance(text, str) and text.startswith("=")


def compile_formula(text: str, names: frozenset[str]) -> Formula:
    """Compile the setting ``text``, which begins with ``=``; raises ``FeelSyntaxError``.

    ``names`` are those of the form's fields: one may be called like a function of FEEL, ``count`` say.
    """
    return Formula(text, compile_expression(text[1:].strip(), names=names))


def scope_of(
    state: Mapping[str, object],
    *,
    this: object,
    parent: object = None,
    rows: tuple[int, ...] = (),
) -> dict[str, object]:
    """The names for a formula, ``state`` being all data of the form; ``rows`` count from one."""
    special: dict[str, object] = {"this": this, "parent": parent, "i": list(rows)}
    return {**special, **state, **{f"_{name}_": value for name, value in special.items()}}
