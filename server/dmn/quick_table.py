"""The short way through a decision that is a table over plain facts.

Most decisions of a lender are one table whose inputs are facts by name, whose cells are constants and whose rules
conclude constants. For these everything but the match itself is known beforehand: the answer of every rule, held to
its types, and its trace. Where anything is out of the ordinary - a fact that is missing or of another type, no rule
or several rules that match - the short way says nothing, and the evaluation takes the full one with its diagnostics.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final

from server.dmn.compiled_graph import CompiledDecision
from server.dmn.decision_table import CompiledInput, CompiledTable
from server.dmn.evaluation import Run
from server.dmn.hit_policy import MULTIPLE_HIT
from server.dmn.item_definition import ConstrainedType
from server.dmn.model import HitPolicy
from server.dmn.table_index import Column, Exact, KindIndex, WholeNumbers
from server.dmn.trace import DecisionEvaluation, DecisionTrace, MatchedRule
from server.feel import Diagnostic, Kind, Runtime, SimpleType
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.temporal import FeelDate
from server.feel.types import FeelType

_PYTHON_TYPES: Final[Mapping[Kind, frozenset[type]]] = {
    Kind.NUMBER: frozenset({int, Decimal}),
    Kind.STRING: frozenset({str}),
    Kind.BOOLEAN: frozenset({bool}),
    Kind.DATE: frozenset({FeelDate}),
    Kind.DAYS_TIME_DURATION: frozenset({DaysTimeDuration}),
    Kind.YEARS_MONTHS_DURATION: frozenset({YearsMonthsDuration}),
}
_ALL_TYPES: Final = frozenset().union(*_PYTHON_TYPES.values())

_Finder = tuple[Callable[[Any], int], Sequence[int] | None]
"""Finds the place of a value's mask in the masks beside it, or, where there are none, the mask itself."""

_Lookup = tuple[str, Mapping[type, _Finder]]
"""The fact that a column tests, and by the type of its value how to find the mask."""


class _OrElse(dict[Any, int]):
    """The masks of named values, and one for all others."""

    def __init__(self, masks: Mapping[Any, int], otherwise: int) -> None:
        super().__init__(masks)
        self._otherwise = otherwise

    def __missing__(self, _value: Any) -> int:
        return self._otherwise


class QuickTable:
    """A decision's table, asked straight from the caller's facts."""

    __slots__ = ("_answers", "_decision", "_first", "_full", "_hash", "_lookups", "_matched", "_traced")

    def __init__(
        self,
        decision: CompiledDecision,
        table: CompiledTable,
        lookups: Sequence[_Lookup],
        answers: Sequence[Any],
        model_hash: str,
    ) -> None:
        self._decision = decision.decision
        self._hash = model_hash
        self._lookups = tuple(lookups)
        self._full = table.index.full
        self._first = table.table.hit_policy is HitPolicy.FIRST
        self._answers = tuple(answers)
        self._matched = tuple(_matched(table))
        self._traced = tuple((column.clause.id, column.clause.label, column.name or "") for column in table.inputs)

    def evaluate(self, facts: Mapping[str, Any]) -> DecisionEvaluation | None:
        """The evaluation, or None where the full way has to be taken."""
        alive = self._full
        try:
            for name, by_type in self._lookups:
                value = facts[name]
                find, masks = by_type[type(value)]
                alive &= find(value) if masks is None else masks[find(value)]
        except (KeyError, InvalidOperation, TypeError):
            return None
        if alive & (alive - 1):
            if not self._first:
                return None
            alive &= -alive
        if not alive:
            return None
        place = alive.bit_length() - 1
        answer = self._answers[place]
        if type(answer) is dict:
            answer = dict(answer)
        return DecisionEvaluation(answer, _QuickTrace(self, facts, place, answer))

    def trace(self, values: Sequence[Any], place: int, answer: Any) -> DecisionTrace:
        """The trace of the rule at ``place``, matched by those values."""
        decision = self._decision
        return DecisionTrace(
            decision.id,
            decision.name,
            decision.type,
            self._hash,
            tuple((*named[:2], value) for named, value in zip(self._traced, values, strict=True)),
            (self._matched[place],),
            answer,
        )
