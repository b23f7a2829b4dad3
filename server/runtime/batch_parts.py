"""The cases of a batch and their results as they are kept: JSON texts, a part of a batch each.

The rows of a file are kept as they were read, cell by cell, and become facts when they are evaluated; a cell of Excel
that JSON has no form for is an object with one member that names its kind. Problems are kept in both languages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from server.messages import Message
from server.store.database import decode_json, encode_json

from .decision_batch import Case, CaseResult, DecisionBatch, cases_of, is_empty

PART_ROWS: Final = 200
"""Cases that are evaluated and committed together: some tens of milliseconds for usual tables."""


class BatchSource(StrEnum):
    """What the cases of a batch came as."""

    JSON = "JSON"
    CSV = "CSV"
    XLSX = "XLSX"


@dataclass(frozen=True, slots=True)
class Part:
    """Some consecutive cases; the first one has the number ``first_row``, counted from 1."""

    number: int
    first_row: int
    rows: int
    cases: str


def parts_of_facts(inputs: Iterable[Mapping[str, Any]]) -> Iterator[Part]:
    """Facts that came as JSON, in parts."""
    return _parts(iter(inputs), lambda facts: facts)


def parts_of_rows(rows: Iterable[Sequence[Any]]) -> Iterator[Part]:
    """The rows of a file behind its headings, in parts; empty rows are no cases."""
    return _parts((row for row in rows if not is_empty(row)), lambda row: [_kept_cell(cell) for cell in row])


def cases_in(batch: DecisionBatch, source: BatchSource, headings: Sequence[str], cases: str) -> Iterator[Case]:
    """The cases of a part, under the headings that the batch keeps."""
    kept: list[Any] = decode_json(cases)
    if source is BatchSource.JSON:
        return cases_of(kept, headings)
    return batch.cases(headings, ([_cell(cell) for cell in row] for row in kept))


def result_text(results: Iterable[Sequence[CaseResult]]) -> str:
    """What became of the cases of a part."""
    return encode_json([[_kept_result(result) for result in found] for found in results])


def results_in(text: str) -> list[list[CaseResult]]:
    """The inverse of :func:`result_text`."""
    return [[_result(*kept) for kept in found] for found in decode_json(text)]


def _parts(items: Iterator[Any], kept: Callable[[Any], Any]) -> Iterator[Part]:
    number, first_row = 0, 1
    while held := [kept(item) for item in islice(items, PART_ROWS)]:
        yield Part(number, first_row, len(held), encode_json(held))
        number, first_row = number + 1, first_row + len(held)


def _kept_result(result: CaseResult) -> list[Any]:
    problems = [[problem.code, problem.zh, problem.en] for problem in result.problems]
    return [result.decision, result.value, result.rules, result.failed, problems]


def _result(decision: str, value: Any, rules: list[int], failed: bool, problems: list[list[str]]) -> CaseResult:
    return CaseResult(decision, value, tuple(rules), failed, tuple(Message(*problem) for problem in problems))


def _kept_cell(cell: Any) -> Any:
    if isinstance(cell, dt.timedelta):
        days, seconds, microseconds = cell.days, cell.seconds, cell.microseconds
        return {"duration": [days, seconds, microseconds]}
    for kind, type_ in _KINDS.items():
        if isinstance(cell, type_):
            return {kind: cell.isoformat()}
    return cell


def _cell(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    ((kind, value),) = kept.items()
    return dt.timedelta(*value) if kind == "duration" else _KINDS[kind].fromisoformat(value)


_KINDS: Final[Mapping[str, type[dt.datetime] | type[dt.date] | type[dt.time]]] = {
    # A date and time is a date for Python, so it is looked for first.
    "dateTime": dt.datetime,
    "date": dt.date,
    "time": dt.time,
}
