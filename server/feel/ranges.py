"""Ranges as values (DMN 1.5, 10.3.2.3.10): ``[1..10]``, ``(date1..date2]``, ``(> 5)``.

An endpoint of None is unbounded. A range written with one operator remembers it, because ``(!= 5)`` is no interval
and because FEEL tells ``(= 10)`` from ``[10..10]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OPERATORS = ("<", "<=", ">", ">=", "=", "!=")


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two endpoints of one ordered type."""

    start: Any
    end: Any
    start_included: bool
    end_included: bool
    operator: str | None = None

    @property
    def endpoint(self) -> Any:
        """The endpoint that is there, the start first."""
        return self.end if self.start is None else self.start

    @property
    def is_discrete(self) -> bool:
        """Whether both endpoints exist, so that the range can be counted through."""
        return self.start is not None and self.end is not None and self.operator is None


def comparison_range(operator: str, value: Any) -> Range:
    """The range that a unary comparison such as ``(>= 10)`` denotes."""
    if operator in ("<", "<="):
        return Range(None, value, False, operator == "<=", operator)
    if operator in (">", ">="):
        return Range(value, None, operator == ">=", False, operator)
    included = operator == "="
    return Range(value, value, included, included, operator)
