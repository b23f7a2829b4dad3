"""Rows beside tables: what a test file may say, when a row passes, and which rules the rows reach."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from server.dmn import DecisionModel, DmnError
from server.dmn.differences import differences
from server.dmn.table_tests import explained_findings, read_cases, run_cases


@pytest.fixture
def model(dmn: Any) -> DecisionModel:
    """A table over another one."""
    below = dmn.table(["score"], ["grade"], [["< 600", '"C"'], [">= 600", '"A"']])
    above = dmn.table(
        ["grade"], ["rate"], [['"A"', "0.05"], ['"C"', "0.10"], ['"X"', "1"]], annotations=["a", "c", "x"]
    )
    return dmn.read(  # type: ignore[no-any-return]
        dmn.decision("grade", below), dmn.decision("rate", above, decisions=["#d_grade"])
    )


def block(*cases: dict[str, Any], decision: str = "rate") -> list[dict[str, Any]]:
    return [{"decision": decision, "cases": list(cases)}]


def test_rows_pass_where_value_and_rule_are_as_expected(model: DecisionModel) -> None:
    rows = block(
        {"given": {"score": 700}, "expect": Decimal("0.050"), "rule": 1},
        {"given": {"score": 500}, "rule": [2]},
        {"given": {"score": 500}, "expect": Decimal("0.1")},
        {"given": {"score": None}, "rule": None},
    )
    report = run_cases(model, read_cases(rows))

    assert report.failures == ()
    assert (report.rules, report.covered) == (5, 4)
    assert [(rule.element_id, rule.rule_index, rule.annotation) for rule in report.uncovered] == [("d_rate", 3, "x")]


def test_rows_fail_with_what_came_instead(model: DecisionModel) -> None:
    rows = block(
        {"given": {"score": 700}, "expect": 1},
        {"given": {"score": 700}, "rule": 2},
        {"given": {"score": "much"}, "rule": 1},
    )
    report = run_cases(model, read_cases([*rows, *block({"given": {}, "expect": 1}, decision="nothing")]))

    codes = [outcome.problem.code for outcome in report.failures if outcome.problem is not None]
    assert codes == ["dmn.test.value", "dmn.test.rule", "dmn.test.rule", "dmn.decision.unknown"]
    assert report.failures[0].problem is not None
    assert "1 != 0.05" in report.failures[0].problem.en


def test_the_instant_of_a_row_is_what_today_answers(dmn: Any) -> None:
    model = dmn.decide(dmn.literal("string(today())"))
    rows = block({"given": {}, "expect": "2024-02-29", "at": "2024-02-29T12:00:00+08:00"}, decision="D")

    assert run_cases(model, read_cases(rows)).failures == ()


@pytest.mark.parametrize(
    "data",
    [
        {},
        [1],
        [{"cases": []}],
        [{"decision": "d"}],
        [{"decision": "d", "cases": [{"expect": 1}]}],
        [{"decision": "d", "cases": [{"given": {}}]}],
        [{"decision": "d", "cases": [{"given": {}, "rule": "1"}]}],
        [{"decision": "d", "cases": [{"given": {}, "rule": True}]}],
        [{"decision": "d", "cases": [{"given": {}, "rule": 1, "expects": 1}]}],
        [{"decision": "d", "cases": [{"given": {}, "rule": 1, "at": "2024-01-01"}]}],
        [{"decision": "d", "case": []}],
    ],
    ids=str,
)
def test_a_file_of_another_form_is_refused(data: Any) -> None:
    with pytest.raises(DmnError) as refused:
        read_cases(data)
    assert refused.value.message.zh and refused.value.message.en


def test_explained_findings_are_read_by_decision() -> None:
    data = [{"decision": "d", "cases": [], "explained": {"dmn.analysis.gap": "meant"}}, {"decision": "e", "cases": []}]

    assert explained_findings(data) == {"d": {"dmn.analysis.gap": "meant"}}


def test_differences_name_the_place() -> None:
    expected = {"a": [1, {"b": True}], "c": Decimal("1.50"), "d": None}
    actual = {"a": [1, {"b": 1}, 3], "c": Decimal("1.5"), "e": "x"}

    assert [each.path for each in differences(expected, actual)] == ["a[1].b", "a[2]", "d", "e"]
    assert list(differences(expected, expected)) == []
