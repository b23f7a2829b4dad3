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
from server.dmn.decision_table import CompiledTable
from server.dmn.evaluation import Run
from server.dmn.hit_policy import MULTIPLE_HIT
from server.dmn.item_definition import ConstrainedType
from server.dmn.literal_expression import cell_of
from server.dmn.model import Decision, HitPolicy
from server.dmn.table_index import Column, Exact, KindIndex, WholeNumbers
from server.dmn.trace import DecisionEvaluation, DecisionTrace
from server.feel import Diagnostic, Kind, Runtime, SimpleType
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.temporal import FeelDate

_PYTHON_TYPES: Final[Mapping[Kind, frozenset[type]]] = {
    Kind.NUMBER: frozenset({int, Decimal}),
    Kind.STRING: frozenset({str}),
    Kind.BOOLEAN: frozenset({bool}),
    Kind.DATE: frozenset({FeelDate}),
    Kind.DAYS_TIME_DURATION: frozenset({DaysTimeDuration}),
    Kind.YEARS_MONTHS_DURATION: frozenset({YearsMonthsDuration}),
}
_ALL_TYPES: Final[frozenset[type]] = frozenset[type]().union(*_PYTHON_TYPES.values())

_Finder = tuple[Callable[[Any], int], Sequence[int] | None]
"""Finds the place of a value's mask in the masks beside it, or, where there are none, the mask itself."""

_Lookup = tuple[str, Mapping[type, _Finder]]
"""The fact that a column tests, and by the type of its value how to find the mask."""

_Gate = tuple[int, Mapping[type, _Finder]]
"""The column, by its place, whose value has to be an allowed one, and how to find whether it is."""


class _OrElse(dict[Any, int]):
    """The masks of named values, and one for all others."""

    def __init__(self, masks: Mapping[Any, int], otherwise: int) -> None:
        super().__init__(masks)
        self._otherwise = otherwise

    def __missing__(self, _value: Any) -> int:
        return self._otherwise


class QuickTable:
    """A decision's table, asked straight from the caller's facts."""

    __slots__ = ("_answers", "_decision", "_first", "_full", "_gates", "_hash", "_lookups", "_matched", "_traced")

    def __init__(
        self,
        decision: Decision,
        table: CompiledTable,
        lookups: Sequence[_Lookup],
        gates: Sequence[_Gate],
        answers: Sequence[Any],
        model_hash: str,
    ) -> None:
        self._decision = decision
        self._hash = model_hash
        self._lookups = tuple(lookups)
        self._gates = tuple(gates)
        self._full = table.index.full
        self._first = table.table.hit_policy is HitPolicy.FIRST
        self._answers = tuple(answers)
        self._matched = tuple(table.matched(rule, rule.constant or ()) for rule in table.rules)
        self._traced = tuple((column.clause.id, column.clause.label) for column in table.inputs)

    def evaluate(self, facts: Mapping[str, Any]) -> DecisionEvaluation | None:
        """The evaluation, or None where the full way has to be taken."""
        alive = self._full
        values = []
        try:
            for name, by_type in self._lookups:
                value = facts[name]
                values.append(value)
                find, masks = by_type[type(value)]
                alive &= find(value) if masks is None else masks[find(value)]
            for place, by_type in self._gates:
                value = values[place]
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
        rule = alive.bit_length() - 1
        return DecisionEvaluation(_fresh(self._answers[rule]), (self.trace, values, rule))

    def trace(self, values: Sequence[Any], rule: int) -> DecisionTrace:
        """The trace of the rule at the place ``rule``, matched by those values."""
        decision = self._decision
        return DecisionTrace(
            decision.id,
            decision.name,
            decision.type,
            self._hash,
            tuple((*named, value) for named, value in zip(self._traced, values, strict=True)),
            (self._matched[rule],),
            _fresh(self._answers[rule]),
        )


def _fresh(answer: Any) -> Any:
    """An answer that its receiver may change: contexts and lists of them are copied."""
    kind = type(answer)
    if kind is dict:
        return dict(answer)
    return [_fresh(item) for item in answer] if kind is list else answer


def quick_table(compiled: CompiledDecision, model_hash: str) -> QuickTable | None:
    """The short way through a decision, where it has one."""
    table = compiled.table
    if table is None or compiled.decisions or table.table.aggregation is not None:
        return None
    inputs = {binding.name: binding for binding in compiled.inputs if not binding.import_name}
    lookups: list[_Lookup] = []
    gates: list[_Gate] = []
    for place, (column, index) in enumerate(zip(table.inputs, table.index.columns, strict=True)):
        name = column.name
        if name is None or index.asked or (name not in inputs and name not in compiled.facts):
            return None
        types = _ALL_TYPES
        tests = [] if column.values is None else [column.values]
        for type_ in (column.type, inputs[name].type if name in inputs else None):
            while isinstance(type_, ConstrainedType):
                tests.append(cell_of(type_.tests))
                type_ = type_.base
            if type_ is not None and not isinstance(type_, SimpleType):
                return None
            if type_ is not None:
                types &= _PYTHON_TYPES.get(type_.kind, frozenset())
        lookups.append((name, _finders(index, types)))
        for test in tests:
            if test.borders is None:
                return None
            gates.append((place, _finders(Column([test]), types, table.index.full)))
    answers = _answers(compiled, table)
    return None if answers is None else QuickTable(compiled.decision, table, lookups, gates, answers, model_hash)


def _finders(column: Column, types: frozenset[type], full: int = 1) -> dict[type, _Finder]:
    """How to find masks, by type. For a gate, a column of one test, its one bit stands for ``full``."""
    return {kind: _finder(column.by_type[kind], full) for kind in types}


def _finder(index: KindIndex, full: int) -> _Finder:
    match index:
        case Exact(masks=masks, otherwise=otherwise):
            scaled = {value: mask * full for value, mask in masks.items()}
            return _OrElse(scaled, otherwise * full).__getitem__, None
        case WholeNumbers(starts=starts, masks=masks):
            return partial(bisect_right, starts), tuple(mask * full for mask in masks)
        case _:
            return index.place, tuple(mask * full for mask in index.masks)


def _answers(compiled: CompiledDecision, table: CompiledTable) -> list[Any] | None:
    """The answer of every rule when it alone matches, held to the types of table and decision."""
    diagnostics: list[Diagnostic] = []
    run = Run("", Runtime(diagnostics=diagnostics), diagnostics)
    answers = []
    for rule in table.rules:
        if rule.constant is None:
            return None
        answer = table.answer(rule.constant)
        if table.table.hit_policy in MULTIPLE_HIT:
            answer = [answer]
        for type_ in (compiled.table_type, compiled.result):
            if type_ is not None:
                answer = run.conform(answer, type_, "")
        answers.append(answer)
    return None if diagnostics else answers
