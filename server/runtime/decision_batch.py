"""Decisions for a batch of cases: the rows of a file, or facts as JSON; nothing of it is kept.

A row of a file is a case: headings name the facts, and the same rows come out with results, matched rules and
problems.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from server.calendars import wall_clock
from server.dmn import DecisionModel, DecisionTable
from server.dmn.item_definition import ConstrainedType
from server.feel import (
    FeelDate,
    FeelDateTime,
    FeelType,
    Kind,
    SimpleType,
    adopt,
    parse_date,
    parse_date_and_time,
    parse_duration,
    parse_time,
    to_json,
)
from server.messages import LendloomError, Message
from server.store.database import encode_json

from .errors import Refused

PROBLEMS: Final = "problems"
"""The heading of the column that says what is wrong with a row."""

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "是": True, "否": False}


@dataclass(frozen=True, slots=True)
class Case:
    """What one decision is asked about: its facts, and the cells of the row in which they came."""

    facts: Mapping[str, Any]
    cells: Sequence[Any]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one decision said of one case, as JSON holds it. ``problems`` tells why it ``failed``, or what was noticed
    on the way to a result, such as a fact of the wrong type."""

    decision: str
    value: Any
    rules: tuple[int, ...]
    failed: bool
    problems: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ResultColumns:
    """The columns that one decision adds: its outputs, and the numbers of the rules that matched."""

    decision: str
    outputs: tuple[str, ...]
    is_table: bool

    @property
    def headings(self) -> list[str]:
        """The headings, each beginning with the decision's."""
        own = [f"{self.decision}.{name}" for name in self.outputs] or [self.decision]
        return [*own, f"{self.decision}.rule"] if self.is_table else own

    def cells(self, value: Any, rules: Sequence[int]) -> list[Any]:
        """The cells of a result."""
        members = value if isinstance(value, Mapping) else {}
        found = [_shown(members.get(name)) for name in self.outputs] or [_shown(value)]
        return [*found, ", ".join(map(str, rules))] if self.is_table else found


class DecisionBatch:
    """Decisions of a model that are asked about many cases, all at the same instant."""

    def __init__(self, model: DecisionModel, decisions: Sequence[str], instant: dt.datetime) -> None:
        self._model = model
        self._instant = instant
        self._columns = [_columns(model, decision) for decision in decisions]
        self._types = {name: type_ for decision in decisions for name, type_ in model.facts_of(decision).items()}

    @property
    def headings(self) -> list[str]:
        """The headings of the cells that a case gets."""
        return [*(heading for each in self._columns for heading in each.headings), PROBLEMS]

    def read(self, rows: Iterator[Sequence[Any]], source: str) -> tuple[list[str], Iterator[Case]]:
        """The headings of a file, which its first row holds, and its cases; empty rows are none.

        A file that came out of a batch keeps its facts; its results are left out, as new ones replace them.
        """
        headings = headings_of_file(rows, source)
        return self.kept(headings), self.cases(headings, rows)

    def kept(self, headings: Sequence[str]) -> list[str]:
        """The headings of a file without those that the results will have."""
        return [headings[place] for place in self._kept(headings)]

    def cases(self, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[Case]:
        """The cases in rows under the headings of their file; empty rows are none."""
        kept = self._kept(headings)
        return (
            Case(
                facts_of_row(headings, row, self._types),
                [row[place] if place < len(row) else None for place in kept],
            )
            for row in rows
            if not is_empty(row)
        )

    def evaluate(self, facts: Mapping[str, Any]) -> list[CaseResult]:
        """What every decision says of a case."""
        return [self._ask(each.decision, facts) for each in self._columns]

    def cells(self, results: Sequence[CaseResult], language: str) -> list[Any]:
        """Results as the cells under :attr:`headings`."""
        problems = dict.fromkeys(problem.text(language) for result in results for problem in result.problems)
        cells: list[Any] = []
        for column, result in zip(self._columns, results, strict=True):
            cells += column.cells(result.value, result.rules)
        return [*cells, " ".join(problems) or None]

    def _kept(self, headings: Sequence[str]) -> list[int]:
        added = set(self.headings)
        return [place for place, heading in enumerate(headings) if heading not in added]

    def _ask(self, decision: str, facts: Mapping[str, Any]) -> CaseResult:
        try:
            evaluation = self._model.evaluate(decision, facts, clock=wall_clock(self._instant))
            value = to_json(evaluation.value)
        except LendloomError as error:
            return CaseResult(decision, None, (), True, (error.message,))
        rules = tuple(rule.rule_index for rule in evaluation.trace.matched_rules)
        problems = tuple(dict.fromkeys(diagnostic.message for diagnostic in evaluation.diagnostics))
        return CaseResult(decision, value, rules, evaluation.failed, problems)


def headings_of_file(rows: Iterator[Sequence[Any]], source: str) -> list[str]:
    """The headings of a file: its first row. Raises :class:`Refused` where they name nothing, or a fact twice."""
    headings = [str(heading).strip() if heading is not None else "" for heading in next(rows, [])]
    _check_headings(headings, source)
    return headings


def is_empty(row: Sequence[Any]) -> bool:
    """Whether a row of a file has no cell with anything in it, so that it is no case."""
    return all(value is None for value in row)


def headings_of_facts(inputs: Iterable[Mapping[str, Any]]) -> list[str]:
    """The headings under which facts that came as JSON stand in a table: all their names."""
    return list(dict.fromkeys(name for facts in inputs for name in facts))


def cases_of(inputs: Iterable[Mapping[str, Any]], headings: Sequence[str]) -> Iterator[Case]:
    """Facts that came as JSON as cases with their cells."""
    return (Case(facts, [_shown(facts.get(name)) for name in headings]) for facts in inputs)


def facts_of_row(headings: Sequence[str], row: Sequence[Any], types: Mapping[str, FeelType | None]) -> dict[str, Any]:
    """A row as facts: ``a.b`` is the member ``b`` of ``a``. An empty cell is null."""
    facts: dict[str, Any] = {}
    for heading, cell in zip(headings, row, strict=False):
        if not heading:
            continue
        if heading in types or "." not in heading:
            facts[heading] = _fact(cell, types.get(heading))
            continue
        *outer, last = heading.split(".")
        inside = facts
        for name in outer:
            below = inside.setdefault(name, {})
            inside = below if isinstance(below, dict) else inside
        inside[last] = _fact(cell, None)
    return facts


def _columns(model: DecisionModel, decision: str) -> ResultColumns:
    model.facts_of(decision)  # refuses a decision that is not there
    found = next(d for identity, d in model.decisions.items() if decision in (identity, d.name))
    logic = found.logic
    if not isinstance(logic, DecisionTable):
        return ResultColumns(decision, (), False)
    several = logic.outputs if len(logic.outputs) > 1 and not _lists(logic) else ()
    return ResultColumns(decision, tuple(output.name for output in several), True)


def _lists(table: DecisionTable) -> bool:
    return table.hit_policy.value in ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


def _shown(value: Any) -> Any:
    """A result as a cell: lists and contexts as JSON, dates and durations as ISO texts."""
    shown = to_json(value)
    return encode_json(shown) if isinstance(shown, list | dict) else shown


# --- cells as facts ---


def _fact(cell: Any, type_: FeelType | None) -> Any:
    while isinstance(type_, ConstrainedType):
        type_ = type_.base
    kind = type_.kind if isinstance(type_, SimpleType) else None
    if isinstance(cell, str):
        return _from_text(cell.strip(), kind) if kind is not Kind.STRING else cell
    value = adopt(cell)
    if kind is Kind.DATE and isinstance(value, FeelDateTime):
        return value.date
    if kind is Kind.STRING and isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return format(cell, "f") if isinstance(cell, Decimal) else str(cell)
    if kind is None and isinstance(value, FeelDate | FeelDateTime):
        return str(value)
    return value


def _from_text(text: str, kind: Kind | None) -> Any:
    """What a text stands for; where it does not fit the type it stays a text, and the evaluation says so."""
    if not text:
        return None
    reader = _READERS.get(kind) if kind is not None else _untyped
    found = None if reader is None else reader(text)
    return text if found is None else found


def _number(text: str) -> Any:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def _untyped(text: str) -> Any:
    """Numbers, booleans and JSON as such; a text with a leading zero, such as a phone number, stays a text."""
    if text[0] in "[{":
        try:
            return json.loads(text, parse_float=Decimal)
        except ValueError:
            return text
    found = _number(text)
    return _WORDS.get(text.lower()) if found is None else found


_READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.NUMBER: _number,
    Kind.BOOLEAN: lambda text: _WORDS.get(text.lower()),
    Kind.DATE: parse_date,
    Kind.TIME: parse_time,
    Kind.DATE_AND_TIME: parse_date_and_time,
    Kind.DAYS_TIME_DURATION: parse_duration,
    Kind.YEARS_MONTHS_DURATION: parse_duration,
    Kind.LIST: _untyped,
    Kind.CONTEXT: _untyped,
}


def _check_headings(headings: Sequence[str], source: str) -> None:
    doubles: Iterator[str] = (name for name in headings if name and list(headings).count(name) > 1)
    double = next(doubles, None)
    if double is not None or not any(headings):
        why = ("没有表头", "has no headings") if double is None else (f"表头“{double}”重复", f"has '{double}' twice")
        raise Refused(
            Message(
                "decision.batch-headings",
                f"{source} {why[0]}；第一行应为输入的名称。",
                f"{source} {why[1]}; the first row names the facts.",
            )
        )
