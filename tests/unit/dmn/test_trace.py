"""Traces and evaluations as data."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from server.dmn import DecisionModel, DecisionTrace, read_dmn
from server.feel import Budget, BudgetExceeded


def as_text(trace: DecisionTrace) -> str:
    """The trace as JSON text."""
    return json.dumps(trace.to_json(), default=str, ensure_ascii=False)


def graph(dmn: Any) -> DecisionModel:
    """A table over another decision, a date and a function."""
    table = dmn.table(["net", "born"], ["result"], [["> 5", '< date("2000-01-01")', '"yes"'], ["<= 5", "-", '"no"']])
    return read_dmn(
        dmn.model(
            dmn.input("income", "number")
            + dmn.input("born", "date")
            + dmn.decision("net", dmn.literal("income / 2"), inputs=["#i_income"])
            + dmn.decision("f", dmn.literal("{add: function(a, b) a + b, range: [1..2]}"))
            + dmn.decision("D", table, inputs=["#i_born"], decisions=["#d_net", "#d_f"])
        )
    )


def test_a_trace_survives_json(dmn: Any) -> None:
    evaluation = graph(dmn).evaluate("D", {"income": 13, "born": "1990-01-31"})
    assert evaluation.value == "yes"
    data = evaluation.trace.to_json()
    assert data["inputs"][0]["value"] == Decimal("6.5")
    assert data["inputs"][1] == {"id": "in1", "name": "born", "value": "1990-01-31"}
    assert [required["decisionId"] for required in data["required"]] == ["d_net", "d_f"]
    assert DecisionTrace.from_json(data).to_json() == data
    stored = json.loads(as_text(evaluation.trace))
    assert DecisionTrace.from_json(stored).to_json() == stored


def test_diagnostics_survive_json(dmn: Any) -> None:
    trace = graph(dmn).evaluate("D", {"income": "much", "born": None}).trace
    assert trace.required[0].diagnostics
    restored = DecisionTrace.from_json(trace.to_json())
    assert restored.required[0].diagnostics == trace.required[0].diagnostics


def test_the_same_model_and_facts_give_the_same_trace(dmn: Any) -> None:
    facts = {"income": 13, "born": "1990-01-31"}
    assert as_text(graph(dmn).evaluate("D", facts).trace) == as_text(graph(dmn).evaluate("D", facts).trace)


def test_one_model_serves_many_threads(dmn: Any) -> None:
    model = graph(dmn)

    def decide(income: int) -> Any:
        return model.evaluate("D", {"income": income, "born": "1990-01-31"}).value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(decide, range(200))) == ["no" if income <= 10 else "yes" for income in range(200)]


def test_the_callers_facts_are_not_changed(dmn: Any) -> None:
    facts = {"income": 13, "born": "1990-01-31", "nested": {"a": [1]}}
    graph(dmn).evaluate("D", facts)
    assert facts == {"income": 13, "born": "1990-01-31", "nested": {"a": [1]}}


def test_budgets_bound_all_of_an_evaluation_together(dmn: Any) -> None:
    loop = "sum(for x in 1..60 return x)"
    model = dmn.read(
        *(dmn.decision(f"L{n}", dmn.literal(loop)) for n in range(3)),
        dmn.decision("D", dmn.literal("L0 + L1 + L2"), decisions=["#d_L0", "#d_L1", "#d_L2"]),
    )
    assert model.evaluate("D", {}).value == 3 * 1830
    with pytest.raises(BudgetExceeded):
        model.evaluate("D", {}, budget=Budget(max_steps=150))
    assert model.evaluate("L0", {}, budget=Budget(max_steps=150)).value == 1830


def test_the_clock_is_the_callers(dmn: Any) -> None:
    model = dmn.decide(dmn.literal("today().year"))
    assert model.evaluate("D", {}, clock=datetime(2031, 5, 1, tzinfo=UTC)).value == 2031
    assert model.evaluate("D", {}).failed


@pytest.mark.parametrize(
    ("text", "failed"),
    [("null", False), ("1 / 0", True), ("if 1 / 0 = null then 5 else 6", False), ("{a: 1 / 0, b: 2}", True)],
)
def test_failed_means_a_null_that_came_from_an_error(dmn: Any, text: str, failed: bool) -> None:
    assert dmn.decide(dmn.literal(text)).evaluate("D", {}).failed is failed
