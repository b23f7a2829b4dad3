"""The processes of the benchmark run to their end, so that what is measured is what is meant."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from server.bpmn import lint, read_processes
from server.dmn import read_dmn

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "benchmarks" / "processes"
NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


@pytest.fixture
def run(case_type):
    def run(name: str, variables: dict[str, Any]):
        (model,) = read_processes((FOLDER / f"{name}.bpmn").read_bytes(), resource=name)
        table = FOLDER / f"{name}.dmn"
        decisions = {}
        if table.exists():
            decisions_model = read_dmn(table.read_bytes(), resource=name)
            decisions = dict.fromkeys(decisions_model.decisions, decisions_model)
        return case_type(model, decisions, variables, {}, NOW)

    return run


@pytest.mark.parametrize(
    "path",
    [*sorted(FOLDER.glob("*.bpmn")), *sorted((ROOT / "processes").glob("*.bpmn"))],
    ids=lambda path: path.stem,
)
def test_the_gate_has_nothing_to_say(path: Path) -> None:
    assert list(lint(path.read_bytes(), resource=path.name)) == []


def test_w1_decides_between_two_scripts(run):
    case = run("w1", {"monthlyIncome": 10000, "monthlyDebt": 2500, "amount": 60000})

    assert case.completed
    assert case.variables["grade"]["grade"] == "C"
    assert float(case.variables["interest"]) == 6000


def test_w1_passes_by_the_decision(run):
    case = run("w1", {"monthlyIncome": 10000, "monthlyDebt": 9500, "amount": 60000})

    assert case.completed
    assert "grade" not in case.variables and case.variables["interest"] == 0


def test_w2_takes_two_reviews_and_a_parallel_pair(run, application):
    case = run("w2", {**application, "score": 680})

    assert list(case.open_tasks) == ["first-review"]
    case.complete("first-review", decision="approve")
    assert list(case.open_tasks) == ["second-review"]
    case.complete("second-review", decision="approve")

    assert case.completed
    assert case.variables["contractNumber"] == "C-A-2026-0001"
    assert float(case.variables["instalment"]) == pytest.approx(18000 * 1.11 / 12)


def test_w2_rejects_a_low_score(run, application):
    case = run("w2", {**application, "score": 399})

    assert case.completed and case.tasks == {}
    assert "contractNumber" not in case.variables


def test_w4_waits_for_the_time_it_is_given(run):
    case = run("w4", {"due": "2026-11-02T10:00:00Z"})

    case.pass_time(minutes=59)
    assert not case.ended
    case.pass_time(minutes=1)
    assert case.completed
