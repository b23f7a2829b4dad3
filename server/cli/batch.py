"""Decisions for every row of a file: rows in, the same rows with results, matched rules and problems out."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from server.cli.console import fail, language, say
from server.cli.spreadsheets import read_rows, written_rows
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

_EVERY_SECONDS: Final = 2.0
_PROBLEMS: Final = "problems"
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "是": True, "否": False}


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


def run_batch(model: DecisionModel, decisions: Sequence[str], source: Path, target: Path, instant: dt.datetime) -> None:
    """Evaluates the decisions for every row of ``source``; ends the command with 1 where a row has no result."""
    columns = [_columns(model, decision) for decision in decisions]
    types = {name: type_ for decision in decisions for name, type_ in model.facts_of(decision).items()}
    rows = read_rows(source)
    headings = [str(heading).strip() if heading is not None else "" for heading in next(rows, [])]
    _check_headings(headings, source)
    done = failed = 0
    progress = _Progress()
    added = [*(heading for each in columns for heading in each.headings), _PROBLEMS]
    # A file that went through here before keeps its facts; its results are replaced.
    kept = [place for place, heading in enumerate(headings) if heading not in added]
    with written_rows(target) as write:
        write([*(headings[place] for place in kept), *added])
        for row in rows:
            if all(value is None for value in row):
                continue
            facts = facts_of_row(headings, row, types)
            results, problems = _evaluate(model, columns, facts, instant)
            done += 1
            failed += bool(problems)
            given = [row[place] if place < len(row) else None for place in kept]
            write([*given, *results, "; ".join(problems) or None])
            progress.tell(done)
    say(f"{done} 行已写入 {target}，{failed} 行有问题。", f"{done} rows written to {target}, {failed} with problems.")
    if failed:
        raise SystemExit(1)


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


def _evaluate(
    model: DecisionModel, columns: Sequence[ResultColumns], facts: Mapping[str, Any], instant: dt.datetime
) -> tuple[list[Any], list[str]]:
    results: list[Any] = []
    problems: dict[str, None] = {}
    for each in columns:
        value: Any = None
        rules: list[int] = []
        try:
            evaluation = model.evaluate(each.decision, facts, clock=instant)
        except LendloomError as error:
            problems[error.message.text(language())] = None
        else:
            value = evaluation.value
            rules = [rule.rule_index for rule in evaluation.trace.matched_rules]
            if evaluation.failed:
                problems.update((d.message.text(language()), None) for d in evaluation.diagnostics)
        results += each.cells(value, rules)
    return results, list(problems)


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


class _Progress:
    """Says now and then how far the rows are."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told > _EVERY_SECONDS:
            self._told = now
            rate = done / (now - self._began)
            say(f"  已完成 {done} 行（每秒 {rate:.0f} 行）", f"  {done} rows done ({rate:.0f} a second)")


def _check_headings(headings: Sequence[str], source: Path) -> None:
    doubles: Iterator[str] = (name for name in headings if name and list(headings).count(name) > 1)
    double = next(doubles, None)
    if double is not None or not any(headings):
        why = ("没有表头", "has no headings") if double is None else (f"表头“{double}”重复", f"has '{double}' twice")
        fail(
            Message(
                "cli.batch.headings",
                f"{source} {why[0]}；第一行应为输入的名称。",
                f"{source} {why[1]}; the first row names the facts.",
            )
        )
