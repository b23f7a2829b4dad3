"""Decision tables: hit policies, aggregation, defaults, priorities, and what the trace says of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from server.dmn import DecisionEvaluation, DmnError

SCORE = [["< 600", '"reject"'], ["[600..700)", '"manual"'], [">= 700", '"approve"']]
OVERLAP = [["> 0", '"low"', "1"], ["> 10", '"high"', "2"], ["> 20", '"middle"', "3"], ["> 30", '"high"', "4"]]


def decide(dmn: Any, score: Any, *arguments: Any, **options: Any) -> DecisionEvaluation:
    """What a table over ``score`` decides."""
    model = dmn.decide(dmn.table(["score"], *arguments, **options))
    evaluation: DecisionEvaluation = model.evaluate("D", {"score": score})
    return evaluation


@pytest.mark.parametrize(("score", "expected"), [(599, "reject"), (600, "manual"), (700, "approve")])
def test_unique(dmn: Any, score: int, expected: str) -> None:
    evaluation = decide(dmn, score, ["result"], SCORE)
    assert evaluation.value == expected
    assert not evaluation.failed


def test_unique_violated_is_null_and_a_failure(dmn: Any) -> None:
    evaluation = decide(dmn, 25, ["a", "b"], OVERLAP)
    assert evaluation.value is None
    assert evaluation.failed
    assert [d.message.code for d in evaluation.diagnostics] == ["dmn.table.unique"]
    assert [rule.rule_id for rule in evaluation.trace.matched_rules] == ["r1", "r2", "r3"]


def test_no_match_is_null_without_failure(dmn: Any) -> None:
    evaluation = decide(dmn, -1, ["a", "b"], OVERLAP)
    assert evaluation.value is None
    assert not evaluation.failed
    assert evaluation.trace.matched_rules == ()


def test_no_match_because_of_the_input_type_is_a_failure(dmn: Any) -> None:
    evaluation = decide(dmn, "high", ["result"], SCORE)
    assert evaluation.value is None
    assert evaluation.failed
    assert evaluation.diagnostics[0].message.code == "dmn.table.input-type"


def test_a_missing_variable_is_a_failure(dmn: Any) -> None:
    evaluation = dmn.decide(dmn.table(["score"], ["result"], SCORE)).evaluate("D", {})
    assert evaluation.value is None
    assert evaluation.failed


def test_first_takes_the_first_and_traces_only_it(dmn: Any) -> None:
    evaluation = decide(dmn, 25, ["a", "b"], OVERLAP, policy="FIRST")
    assert evaluation.value == {"a": "low", "b": Decimal(1)}
    assert [rule.rule_index for rule in evaluation.trace.matched_rules] == [1]


def test_any_agrees_or_fails(dmn: Any) -> None:
    rules = [["> 0", '"yes"'], ["> 10", '"yes"'], ["> 20", '"no"']]
    assert decide(dmn, 15, ["a"], rules, policy="ANY").value == "yes"
    evaluation = decide(dmn, 25, ["a"], rules, policy="ANY")
    assert evaluation.value is None
    assert evaluation.diagnostics[0].message.code == "dmn.table.any"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("PRIORITY", {"a": "high", "b": 4}),
        (
            "OUTPUT ORDER",
            [{"a": "high", "b": 4}, {"a": "high", "b": 2}, {"a": "middle", "b": 3}, {"a": "low", "b": 1}],
        ),
        (
            "RULE ORDER",
            [{"a": "low", "b": 1}, {"a": "high", "b": 2}, {"a": "middle", "b": 3}, {"a": "high", "b": 4}],
        ),
    ],
)
def test_orders(dmn: Any, policy: str, expected: Any) -> None:
    values = ['"high", "middle", "low"', "4, 3, 2, 1"]
    assert decide(dmn, 31, ["a", "b"], OVERLAP, policy=policy, values=values).value == expected


def test_priority_keeps_the_rule_order_among_equals(dmn: Any) -> None:
    values = ['"high", "middle", "low"', None]
    evaluation = decide(dmn, 31, ["a", "b"], OVERLAP, policy="PRIORITY", values=values)
    assert evaluation.value == {"a": "high", "b": 2}


@pytest.mark.parametrize(
    ("aggregation", "score", "expected"),
    [
        (None, 25, [5, 7, 9]),
        ("SUM", 25, 21),
        ("MIN", 25, 5),
        ("MAX", 25, 9),
        ("COUNT", 25, 3),
        (None, -1, []),
        ("COUNT", -1, 0),
        ("SUM", -1, None),
    ],
)
def test_collect(dmn: Any, aggregation: str | None, score: int, expected: Any) -> None:
    rules = [["> 0", "5"], ["> 10", "7"], ["> 20", "9"]]
    evaluation = decide(dmn, score, ["a"], rules, policy="COLLECT", aggregation=aggregation)
    assert evaluation.value == expected
    assert not evaluation.failed


def test_default_outputs_where_no_rule_matches(dmn: Any) -> None:
    values = ["1, 2", '"x", "y"']
    options: dict[str, Any] = {"values": values, "defaults": ["2", None]}
    assert decide(dmn, 0, ["a", "b"], [["1", "1", '"x"']], **options).value == {"a": 2, "b": None}


def test_outputs_may_use_facts_and_cells_other_facts(dmn: Any) -> None:
    logic = dmn.table(["amount"], ["fee"], [["<= limit", "amount * rate"], ["> limit", "limit * rate"]])
    model = dmn.decide(logic)
    facts = {"limit": 1000, "rate": Decimal("0.015")}
    assert model.evaluate("D", {"amount": 200, **facts}).value == Decimal("3.000")
    assert model.evaluate("D", {"amount": 2000, **facts}).value == Decimal("15.000")


def test_inputs_outside_the_allowed_values_fail(dmn: Any) -> None:
    model = dmn.decide(dmn.table(["grade"], ["a"], [["-", "1"]], allowed=['"A", "B"']))
    assert model.evaluate("D", {"grade": "A"}).value == 1
    refused = model.evaluate("D", {"grade": "C"})
    assert refused.value is None
    assert refused.failed


def test_trace_shows_inputs_rules_outputs_and_annotations(dmn: Any) -> None:
    logic = dmn.table(["score"], ["result"], SCORE, annotations=["评分低于 600", "人工复核", "通过"])
    model = dmn.decide(logic)
    trace = model.evaluate("D", {"score": 385}).trace
    assert (trace.decision_id, trace.decision_name, trace.decision_type) == ("d_D", "D", "DECISION_TABLE")
    assert trace.model_hash == model.content_hash
    assert trace.inputs == (("in0", "score", 385),)
    (rule,) = trace.matched_rules
    assert (rule.rule_id, rule.rule_index) == ("r1", 1)
    assert rule.outputs == (("out0", "result", "reject"),)
    assert rule.annotations == ("评分低于 600",)


def test_an_output_of_the_wrong_type_is_null_and_a_failure(dmn: Any) -> None:
    evaluation = decide(dmn, 1, ["a"], [["-", '"text"']], types=["number"])
    assert evaluation.value is None
    assert evaluation.failed


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"policy": "SOMETIMES"}, "dmn.table.hit-policy"),
        ({"policy": "UNIQUE", "aggregation": "SUM"}, "dmn.table.aggregation-policy"),
        ({"policy": "COLLECT", "aggregation": "MEAN"}, "dmn.table.aggregation"),
        ({"policy": "PRIORITY"}, "dmn.table.priority-values"),
        ({"policy": "PRIORITY", "values": ["> 5"]}, "dmn.table.priority-list"),
    ],
)
def test_faulty_tables_are_refused(dmn: Any, options: dict[str, Any], code: str) -> None:
    with pytest.raises(DmnError) as refused:
        dmn.decide(dmn.table(["score"], ["a"], [["-", "1"]], **options))
    assert code in {finding.message.code for finding in refused.value.findings}


def test_all_faults_of_a_table_are_told_at_once_with_their_places(dmn: Any) -> None:
    logic = dmn.table(["score +", "x"], ["a"], [["<", "-", "1"], ["-", "2"], ["-", "-", "1 +"]])
    with pytest.raises(DmnError) as refused:
        dmn.decide(logic)
    places = {(finding.element, finding.line) for finding in refused.value.findings}
    assert len(places) >= 4
    assert all(line for _, line in places)
    assert {"in0", "r1", "r2", "r3"} <= {element for element, _ in places}


def sentences(evaluation: DecisionEvaluation) -> list[tuple[str, str]]:
    """What was noticed, in both languages."""
    return [(diagnostic.message.zh, diagnostic.message.en) for diagnostic in evaluation.diagnostics]


def test_what_is_wrong_in_an_input_expression_names_the_input(dmn: Any) -> None:
    model = dmn.decide(dmn.table(["score > 600"], ["result"], [["true", '"approve"']]))
    evaluation = model.evaluate("D", {"score": None})
    [(zh, en)] = sentences(evaluation)
    assert evaluation.failed
    assert zh.startswith("输入“score > 600”：") and "不能比较" in zh
    assert en == "Input 'score > 600': A null cannot be compared with a number."


def test_what_is_wrong_in_a_cell_names_the_input_and_the_rules(dmn: Any) -> None:
    rules = [["< 100", "-", '"small"'], [">= limit", "-", '"over"'], [">= limit", "> 9", '"far over"']]
    model = dmn.decide(dmn.table(["amount", "age"], ["result"], rules))
    evaluation = model.evaluate("D", {"amount": 500, "age": 30, "limit": None})
    [(zh, en)] = sentences(evaluation)
    assert zh.startswith("输入“amount”规则 2, 3：")
    assert en == "Input 'amount', rules 2, 3: A number cannot be compared with a null."


def test_a_value_that_fits_no_cell_of_its_column_names_the_input_once(dmn: Any) -> None:
    rules = [[f"> {number * 100}", f"{number}"] for number in range(3)]
    evaluation = dmn.decide(dmn.table(["amount"], ["result"], rules)).evaluate("D", {"amount": {"of": 5}})
    assert set(sentences(evaluation)) == {
        ("输入“amount”：上下文和数字不能比较。", "Input 'amount': A context cannot be compared with a number.")
    }


def test_what_is_wrong_in_a_conclusion_names_output_and_rule(dmn: Any) -> None:
    rules = [["< 100", "0"], [">= 100", "amount / term"]]
    evaluation = dmn.decide(dmn.table(["amount"], ["rate"], rules)).evaluate("D", {"amount": 500, "term": 0})
    [(zh, en)] = sentences(evaluation)
    assert zh.startswith("输出“rate”规则 2：")
    assert en.startswith("Output 'rate', rule 2: ")
