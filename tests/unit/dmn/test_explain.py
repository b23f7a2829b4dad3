"""Traces as sentences: what came out, which inputs made the rule match, and the reason codes."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from server.dmn import DecisionModel, DecisionTrace, read_dmn
from server.dmn.explain import Explanation, explain
from server.dmn.explain_values import column, value_text

CONTENT = Path(__file__).resolve().parents[3] / "dmn"


def explained(model: DecisionModel, decision: str, language: str = "zh", **facts: Any) -> Explanation:
    return explain(model.evaluate(decision, facts).trace, model, language)


def sentence(dmn: Any, cell: str, value: Any, language: str = "zh", **facts: Any) -> str:
    """The sentence for a table of one rule that ``value`` matches."""
    model = dmn.decide(dmn.table(["x"], ["out"], [[cell, '"拒绝"']]))
    first = explained(model, "D", language, x=value, **facts).sentences[0]
    assert first.startswith("拒绝: x ") and first.endswith(("(规则 1)", "(rule 1)"))
    return first.removeprefix("拒绝: x ").rpartition(" (")[0]


def test_a_rejection_reads_as_a_person_would_say_it(dmn: Any) -> None:
    table = (
        '<decision id="d" name="机审"><decisionTable id="t" hitPolicy="UNIQUE">'
        '<input id="i" label="评分"><inputExpression typeRef="number"><text>score</text></inputExpression></input>'
        '<output id="o" name="outcome"/><annotation name="说明"/>'
        + "".join(
            f'<rule id="r{n}"><inputEntry><text>{cell}</text></inputEntry><outputEntry><text>"{out}"</text>'
            f"</outputEntry><annotationEntry><text>{note}</text></annotationEntry></rule>"
            for n, (cell, out, note) in enumerate(
                [
                    ("&gt;= 600", "approve", "M10 直通"),
                    ("[400..600)", "human", "M08"),
                    ("&lt; 400", "reject", "M01 评分不足"),
                ]
            )
        )
        + "</decisionTable></decision>"
    )
    model = dmn.read(table)

    zh = explained(model, "d", score=385)
    assert zh.sentences == ("拒绝: 评分 385 低于 400 (规则 3)", "规则 3: M01 评分不足")
    assert zh.reason_codes == ("M01",)
    en = explained(model, "d", "en", score=385)
    assert en.sentences[0] == "Rejected: 评分 385 is below 400 (rule 3)"


@pytest.mark.parametrize(
    ("cell", "value", "zh", "en"),
    [
        ("< 400", 385, "385 低于 400", "385 is below 400"),
        (">= 400", 400, "400 不低于 400", "400 is at least 400"),
        ("[400..600)", 410, "410 不低于 400 且低于 600", "410 is at least 400 and below 600"),
        ("(400..600]", 600, "600 高于 400 且不高于 600", "600 is above 400 and at most 600"),
        ('"A"', "A", "为 A", "is A"),
        ('"A","B"', "B", "为 B", "is B"),
        ("1, > 5", 7, "7 高于 5", "7 is above 5"),
        ('not("A","B")', "C", "C 不是 A、B", "C is not A or B"),
        ("null", None, "没有值", "is missing"),
        ("true", True, "为 是", "is yes"),
        (
            '< date("2024-03-01")',
            dt.date(2024, 2, 29),
            "2024年2月29日 早于 2024年3月1日",
            "29 February 2024 is before 1 March 2024",
        ),
        ("> 12000", Decimal("20000.50"), "20,000.5 高于 12,000", "20,000.5 is above 12,000"),
        ("< -1000", -1234567, "-1,234,567 低于 -1,000", "-1,234,567 is below -1,000"),
        (
            '<= duration("P1DT4H")',
            dt.timedelta(hours=4),
            "4 小时 不长于 1 天 4 小时",
            "4 hours is at most 1 day 4 hours",
        ),
        ("? * 2 > 10", 6, "6 满足 ? * 2 > 10", "6 satisfies ? * 2 > 10"),
        ("<= limit", 5, "5 不高于 limit", "5 is at most limit"),
        ("< 1", 0.12345678, "0.123456… 低于 1", "0.123456… is below 1"),
    ],
)
def test_cells_in_words(dmn: Any, cell: str, value: Any, zh: str, en: str) -> None:
    assert sentence(dmn, cell, value, limit=9) == zh
    assert sentence(dmn, cell, value, "en", limit=9) == en


def test_what_a_required_decision_gave_is_named_and_explained_below(dmn: Any) -> None:
    model = dmn.read(
        dmn.input("income", "number"),
        dmn.decision("cap", dmn.literal("income * 3"), inputs=["#i_income"]),
        dmn.decision(
            "D", dmn.table(["asked"], ["out"], [["<= cap", '"approve"'], ["> cap", '"reject"']]), decisions=["#d_cap"]
        ),
    )
    found = explained(model, "D", income=1000, asked=3500)

    assert found.sentences == (
        "拒绝: asked 3,500 高于 3,000 (cap) (规则 2)",
        "cap 3,000: 由 income 1,000 得出，按 income * 3 计算",
    )
    assert [decision.depth for decision in found.decisions] == [0, 1]


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        ("PT4H", "4 小时", "4 hours"),
        ("P1D", "1 天", "1 day"),
        ("PT90M", "1 小时 30 分钟", "1 hour 30 minutes"),
        ("P1Y6M", "1 年 6 个月", "1 year 6 months"),
        ("P3WD", "3 个工作日", "3 working days"),
        ("PT0.5S", "0.5 秒", "0.5 seconds"),
        ("-P2D", "负 2 天", "minus 2 days"),
        ("PT0S", "0 秒", "0 seconds"),
        ("2026-11-22", "2026年11月22日", "22 November 2026"),
        ("2026-11-22T18:30:00Z", "2026年11月23日 02:30", "23 November 2026 02:30"),
        ("2026-11-22T09:30:15+08:00", "2026年11月22日 09:30:15", "22 November 2026 09:30:15"),
        ("2026-11-22T09:30:00", "2026年11月22日 09:30", "22 November 2026 09:30"),
        ("09:00:00+08:00", "09:00", "09:00"),
        ("09:00:00Z", "09:00Z", "09:00Z"),
        ("PASS", "PASS", "PASS"),
        ("2026-13-45", "2026-13-45", "2026-13-45"),
        (Decimal("1234567.891"), "1,234,567.891", "1,234,567.891"),
        ([True, 1000], "是、1,000", "yes, 1,000"),
        ({"rate": Decimal("0.12"), "limit": "PT4H"}, "rate 12%，limit 4 小时", "rate 12%, limit 4 hours"),
    ],
)  # fmt: skip
def test_values_are_said_as_people_say_them(value: Any, zh: str, en: str) -> None:
    assert (value_text(value, "zh"), value_text(value, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("name", "cells", "value", "said"),
    [
        ("年利率", ["<= 0.24", "> 0.24"], "0.1205", "12.05%"),
        ("annualRate", [], "0.12", "12%"),
        ("负债收入比", ["< 0.5", ">= 0.5"], "1.3", "130%"),
        ("debt to income ratio", ["[0..0.55)"], "0.5", "50%"),
        ("年利率(%)", ["< 1"], "0.5", "0.5"),
        ("年利率", ["< 24"], "0.5", "0.5"),
        ("incomeRatio", ["> 2.5"], "0.5", "0.5"),
        ("汇率", [], "0.14", "0.14"),
        ("separate", [], "0.5", "0.5"),
        ("金额", ["< 1"], "0.5", "0.5"),
    ],
)
def test_a_rate_is_said_in_percent_where_its_name_and_its_numbers_tell(
    name: str, cells: list[str], value: str, said: str
) -> None:
    number = Decimal(value)
    assert value_text(number, "zh", column((name,), cells, number)) == said


def test_product_codes_are_no_durations() -> None:
    assert value_text("P12M", "zh", column(("产品代码",), (), "P12M")) == "P12M"
    assert value_text("P12M", "zh", column(("期限",), (), "P12M")) == "12 个月"


@pytest.mark.parametrize(("language", "said"), [("zh", "时限 4 小时"), ("en", "时限 4 hours")])
def test_the_shipped_time_limits_and_prices_are_said_in_words(language: str, said: str) -> None:
    limits = read_dmn((CONTENT / "review-time-limit.dmn").read_bytes())
    asked = {"task": "credit-review", "priority": "urgent"}
    trace = limits.evaluate("review-time-limit", asked).trace
    stored = DecisionTrace.from_json(json.loads(json.dumps(trace.to_json(), default=str)))
    for each in (trace, stored):
        sentences = explain(each, limits, language).sentences
        assert said in sentences[0]
        assert not any("PT" in sentence for sentence in sentences)
    prices = read_dmn((CONTENT / "loan-pricing.dmn").read_bytes())
    price = explained(prices, "loan-pricing", language, loanProduct="consumer", grade="A").sentences[0]
    assert "7.2%" in price


def test_several_conclusions_and_rules(dmn: Any) -> None:
    table = dmn.table(
        ["x"],
        ["hit", "code"],
        [["> 1", '"a"', "1"], ["> 2", '"b"', "2"]],
        policy="RULE ORDER",
        annotations=["R1", "R2 b"],
    )
    found = explained(dmn.decide(table), "D", x=3)

    assert found.sentences == (
        "hit a: x 3 高于 1 (规则 1)",
        "同时给出: code 1",
        "规则 1: R1",
        "hit b: x 3 高于 2 (规则 2)",
        "同时给出: code 2",
        "规则 2: R2 b",
    )
    assert found.reason_codes == ("R1", "R2")


def test_no_rule_a_default_and_a_failure_are_told_apart(dmn: Any) -> None:
    rules = [["> 5", "1"]]
    none = dmn.decide(dmn.table(["x"], ["out"], rules))
    default = dmn.decide(dmn.table(["x"], ["out"], rules, defaults=["0"]))
    overlapping = dmn.decide(dmn.table(["x"], ["out"], [["> 5", "1"], ["> 6", "2"]]))

    assert explained(none, "D", x=1).sentences == ("D: 没有规则适用，没有结果 (x 1)",)
    assert explained(default, "D", x=1).sentences == ("D 0: 没有规则适用，取默认值 (x 1)",)
    assert explained(none, "D", x="text").sentences[0].startswith("D: 没有得出结果: ")
    both = explained(overlapping, "D", x=7).sentences
    assert both[0] == "D 命中: x 7 高于 5 (规则 1)"
    assert both[-1].startswith("没有得出结果: 命中策略 UNIQUE")


def test_a_rule_without_conditions_and_a_literal_without_inputs(dmn: Any) -> None:
    always = dmn.decide(dmn.table(["x"], ["out"], [["-", "1"]]))
    literal = dmn.decide(dmn.literal("1 + 1"))

    assert explained(always, "D", x=5).sentences[0] == "D 1: 不论输入 (规则 1)"
    assert explained(literal, "D").sentences == ("D 2: 由 无输入 得出，按 1 + 1 计算",)


def test_a_stored_trace_is_explained_in_the_same_words() -> None:
    path = CONTENT / "machine-decision.dmn"
    model = read_dmn(path.read_bytes())
    facts = {
        "score": 385,
        "overdueCount": 0,
        "fraudLevel": "clear",
        "amount": 20000,
        "termMonths": 12,
        "monthlyDebt": 2000,
        "monthlyIncome": 15000,
    }
    trace = model.evaluate("machine-decision", facts).trace
    stored = DecisionTrace.from_json(json.loads(json.dumps(trace.to_json(), default=str)))

    found = explain(stored, model, "zh")
    assert found.sentences[0] == "拒绝: 风险评分 385 低于 400 (规则 1)"
    assert found.reason_codes == ("M01",)
    assert "信用等级 E: 风险评分 385 低于 400 (规则 2)" in found.sentences
    data = json.loads(json.dumps(found.to_json(), default=str))
    assert data["decisions"][0]["rules"][0]["conditions"][0]["label"] == "风险评分"


def test_decisions_of_imported_files_are_explained_by_their_tables(dmn: Any) -> None:
    inner = dmn.model(dmn.decision("grade", dmn.table(["x"], ["out"], [["> 5", '"A"']])), namespace="urn:inner")
    outer = dmn.model(
        '<import name="lib" namespace="urn:inner" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
        + dmn.decision("D", dmn.literal("lib.grade"), decisions=["urn:inner#d_grade"])
    )
    model = read_dmn(outer, imports={"inner.dmn": inner})

    assert "grade A: x 9 高于 5 (规则 1)" in explained(model, "D", lib={"x": 9}).sentences
