"""The rows of tests of decisions, put to the decisions of many files, as scenarios are told of."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.dmn.table_tests import TableCase, run_cases
from server.messages import Message
from server.scenarios import Definitions
from server.scenarios.coverage import Coverage
from server.scenarios.definitions import PlacedDecision


def is_table_test(documents: Sequence[tuple[Any, Any]]) -> bool:
    """Whether the documents of a text, with their lines, are one that holds rows for decisions, and no scenarios."""
    if len(documents) != 1:
        return False
    ((data, _),) = documents
    return isinstance(data, list) and any(isinstance(block, Mapping) and "decision" in block for block in data)


def row_lines(data: Sequence[Any], lines: Mapping[tuple[str | int, ...], int]) -> Iterator[int]:
    """The line of each row, in their order."""
    for number, block in enumerate(data):
        for row in range(len(block["cases"])):
            yield lines[(number, "cases", row)]


def run_rows(
    cases: Sequence[TableCase], lines: Sequence[int], definitions: Definitions, coverage: Coverage
) -> list[dict[str, Any]]:
    """What came of each row, in the shape that scenarios have; the rules that they reach are added to the coverage."""
    return [_run_row(case, line, definitions, coverage) for case, line in zip(cases, lines, strict=True)]


def _run_row(case: TableCase, line: int, definitions: Definitions, coverage: Coverage) -> dict[str, Any]:
    began = time.perf_counter()
    placed = _placed(definitions, case.decision)
    if placed is None:
        problem: Message | None = _unknown(case.decision)
    else:
        report = run_cases(placed.model, [case])
        coverage.add_rules(placed.resource, placed.model, report.reached)
        problem = report.outcomes[0].problem
    return {
        "name": f"{case.decision} #{case.number} {case.name}".rstrip(),
        "passed": problem is None,
        "milliseconds": round((time.perf_counter() - began) * 1000),
        "problem": None if problem is None else {"code": problem.code, "zh": problem.zh, "en": problem.en},
        "step": 0,
        "stepKind": "",
        "line": line,
        "events": [],
    }


def _placed(definitions: Definitions, wanted: str) -> PlacedDecision | None:
    """A decision by its id or, as in the files beside tables, by its name."""
    if wanted in definitions.decisions:
        return definitions.decisions[wanted]
    named = (placed for placed in definitions.decisions.values() if _has_name(placed, wanted))
    return next(named, None)


def _has_name(placed: PlacedDecision, wanted: str) -> bool:
    return any(decision.name == wanted for decision in placed.model.decisions.values())


def _unknown(decision: str) -> Message:
    return Message(
        "scenario.decision-unknown",
        f"没有决策“{decision}”；请核对 decision，或选中它的草稿一起运行。",
        f"There is no decision '{decision}'; check 'decision', or choose the draft that has it.",
    )
