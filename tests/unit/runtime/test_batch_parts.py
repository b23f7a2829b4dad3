"""Cases and results of a batch as they are kept: what comes back is what went in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server.dmn import read_dmn
from server.messages import Message
from server.runtime.batch_parts import (
    PART_ROWS,
    BatchSource,
    cases_in,
    parts_of_facts,
    parts_of_rows,
    result_text,
    results_in,
)
from server.runtime.decision_batch import CaseResult, DecisionBatch

DMN = Path(__file__).resolve().parents[3] / "dmn"
NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)
BATCH = DecisionBatch(
    read_dmn((DMN / "machine-decision.dmn").read_bytes(), resource="machine-decision.dmn"), ["machine-decision"], NOON
)
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=7),
    st.text(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(),
)
HEADINGS = ("a", "b.c", "problems", "d")


@given(st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=12))
def test_rows_come_back_as_the_cells_and_facts_they_were(given_rows: list[list[Any]]) -> None:
    kept = [
        case for part in parts_of_rows(given_rows) for case in cases_in(BATCH, BatchSource.XLSX, HEADINGS, part.cases)
    ]
    direct = list(BATCH.cases(HEADINGS, given_rows))
    assert [case.facts for case in kept] == [case.facts for case in direct]
    assert [[(type(cell), cell) for cell in case.cells] for case in kept] == [
        [(type(cell), cell) for cell in case.cells] for case in direct
    ]


def test_parts_number_the_rows_without_the_empty_ones() -> None:
    rows: list[list[Any]] = [[number] if number % 3 else [None, None] for number in range(3 * PART_ROWS)]
    parts = list(parts_of_rows(rows))
    assert [(part.number, part.first_row, part.rows) for part in parts] == [
        (0, 1, PART_ROWS),
        (1, PART_ROWS + 1, PART_ROWS),
    ]
    assert list(parts_of_rows([[None]])) == []


def test_facts_come_back_exactly_with_cells_under_all_headings() -> None:
    inputs: list[dict[str, Any]] = [{"rate": Decimal("0.10")}, {"note": {"by": "王芳"}, "rate": 1}]
    [part] = parts_of_facts(inputs)
    first, second = cases_in(BATCH, BatchSource.JSON, ["rate", "note"], part.cases)
    assert str(first.facts["rate"]) == "0.10" and first.cells == [Decimal("0.10"), None]
    assert second.facts == inputs[1] and second.cells == [1, '{"by":"王芳"}']


def test_results_come_back_in_both_languages() -> None:
    results = [
        [CaseResult("a", {"rate": Decimal("0.0720")}, (1, 3), False, ())],
        [CaseResult("a", None, (), True, (Message("x", "不对", "wrong"),))],
    ]
    assert results_in(result_text(results)) == results
