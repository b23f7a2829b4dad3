"""What the analysis of decision tables finds, how it weighs it by hit policy, and what it says it left out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.dmn import DecisionModel, read_dmn
from server.dmn.analysis import analyse
from server.dmn.analysis_report import TableAnalysis, TableFinding, Weight
from server.messages import Severity

CONTENT = Path(__file__).resolve().parents[3] / "dmn"
GRADES = [["< 400", '"E"'], ["[400..600)", '"C"'], ["> 600", '"A"']]


def only(model: DecisionModel) -> TableAnalysis:
    (found,) = analyse(model)
    return found


def table(dmn: Any, rules: list[list[str]], **options: Any) -> TableAnalysis:
    """The analysis of a table over ``x`` (and ``y``)."""
    inputs = ["x", "y"][: len(rules[0]) - 1]
    return only(dmn.decide(dmn.table(inputs, ["out"], rules, **options)))


def codes(found: TableAnalysis) -> list[tuple[str, str]]:
    return [(finding.message.code.removeprefix("dmn.analysis."), finding.weight.value) for finding in found.findings]


def one(found: TableAnalysis, code: str) -> TableFinding:
    (finding,) = [f for f in found.findings if f.message.code == f"dmn.analysis.{code}"]
    return finding


# --- gaps ---


def test_a_gap_names_the_inputs_and_an_example(dmn: Any) -> None:
    gap = one(table(dmn, GRADES), "gap")

    assert gap.region == (("x", "600"),)
    assert [(each.expression, each.value) for each in gap.example] == [("x", 600)]
    assert "x: 600" in gap.message.en
    assert "x: 600" in gap.message.zh


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"policy": "UNIQUE"}, [("gap", "warning")]),
        ({"policy": "FIRST"}, [("gap", "warning")]),
        ({"policy": "COLLECT", "aggregation": "SUM"}, [("gap", "warning")]),
        ({"policy": "COLLECT", "aggregation": "COUNT"}, [("gap", "note")]),
        ({"policy": "COLLECT"}, [("gap", "note")]),
        ({"policy": "RULE ORDER"}, [("gap", "note")]),
        ({"policy": "UNIQUE", "defaults": ["0"]}, []),
    ],
    ids=str,
)
def test_how_much_a_gap_weighs_depends_on_the_hit_policy(
    dmn: Any, options: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert codes(table(dmn, [["< 1", "1"], ["> 1", "2"]], **options)) == expected


def test_a_gap_of_several_inputs_is_one_rectangle(dmn: Any) -> None:
    found = table(dmn, [["< 10", '"A"', "1"], [">= 10", "-", "2"]], allowed=[None, '"A","B","C"'])

    assert one(found, "gap").region == (("x", "< 10"), ("y", '"B", "C"'))


def test_values_that_are_not_allowed_are_no_gap(dmn: Any) -> None:
    assert codes(table(dmn, [["[0..50]", "1"], ["(50..100]", "2"]], allowed=["[0..100]"])) == []


def test_texts_that_no_rule_names_are_a_gap(dmn: Any) -> None:
    gap = one(table(dmn, [['"A"', "1"], ['"B"', "2"]]), "gap")

    assert gap.region == (("x", 'not("A", "B")'),)
    assert gap.example[0].value not in ("A", "B")


def test_nothing_lies_between_two_days(dmn: Any) -> None:
    rules = [['< date("2024-03-01")', "1"], ['[date("2024-03-01")..date("2024-03-02")]', "2"]]

    assert codes(table(dmn, [*rules, ['>= date("2024-03-03")', "3"]])) == []
    assert one(table(dmn, [*rules, ['> date("2024-03-03")', "3"]]), "gap").region == (("x", 'date("2024-03-03")'),)


def test_null_counts_where_a_cell_speaks_of_it(dmn: Any) -> None:
    without = table(dmn, [["< 1", "1"], [">= 1", "2"]])
    with_null = table(dmn, [["< 1", '"A"', "1"], [">= 1", "-", "2"], ["null", '"A"', "3"]], allowed=[None, '"A","B"'])

    assert codes(without) == []
    assert [gap.region for gap in with_null.findings] == [(("x", "null, < 1"), ("y", '"B"'))]


# --- overlaps ---


def test_an_overlap_of_a_unique_table_is_an_error_also_where_outputs_agree(dmn: Any) -> None:
    for output in ('"A"', '"B"'):
        found = table(dmn, [["<= 10", '"A"'], [">= 10", output]])
        overlap = one(found, "overlap")
        assert (overlap.weight, overlap.rules) == (Weight.ERROR, (1, 2))
        assert [each.value for each in overlap.example] == [10]


def test_an_overlap_of_an_any_table_is_an_error_only_where_outputs_differ(dmn: Any) -> None:
    assert codes(table(dmn, [["<= 10", '"A"'], ["> 5", '"A"']], policy="ANY")) == []
    assert codes(table(dmn, [["<= 10", '"A"'], ["> 5", '"B"']], policy="ANY")) == [("overlap", "error")]
    assert codes(table(dmn, [["<= 10", "x"], ["> 5", "x * 1"]], policy="ANY")) == [("overlap", "warning")]


def test_rules_that_meet_only_where_an_input_is_missing_are_a_warning(dmn: Any) -> None:
    found = table(dmn, [['not("A")', "1"], ['not("B")', "2"]], allowed=['"A","B"'])
    overlap = one(found, "overlap-missing")

    assert overlap.weight is Weight.WARNING
    assert [each.value for each in overlap.example] == [None]
    assert codes(found) == [("overlap-missing", "warning")]


def test_overlaps_are_meant_in_a_collect_table(dmn: Any) -> None:
    assert codes(table(dmn, [["<= 10", "1"], ["> 5", "2"]], policy="COLLECT")) == []


# --- rules that do nothing ---


def test_rules_after_a_wider_one_are_masked_in_a_first_table(dmn: Any) -> None:
    masked = one(table(dmn, [["< 5", "1"], [">= 5", "2"], ["[3..8]", "3"]], policy="FIRST"), "masked")

    assert masked.rules == (3, 1, 2)
    assert masked.weight is Weight.WARNING
    assert 3 <= masked.example[0].value <= 8


def test_a_rule_that_the_next_one_would_repeat_is_redundant(dmn: Any) -> None:
    found = table(dmn, [["< 5", "1"], ["[5..8]", "2"], [">= 5", "2"]], policy="FIRST")

    assert one(found, "redundant").rules == (2, 3)


def test_a_rule_of_lower_priority_is_masked(dmn: Any) -> None:
    rules = [["> 5", '"low"'], ["> 3", '"high"'], ["<= 3", '"low"']]
    found = table(dmn, rules, policy="PRIORITY", values=['"high","low"'], types=["string"])

    assert one(found, "masked").rules == (1, 2)


def test_a_rule_whose_range_is_empty_can_never_match(dmn: Any) -> None:
    found = table(dmn, [["-", "1"], ["[8..5]", "2"]], policy="FIRST")

    assert codes(found) == [("never-matches", "warning")]
    assert one(found, "never-matches").rules == (2,)


def test_conditions_on_the_same_expression_are_read_together(dmn: Any) -> None:
    text = dmn.table(["x", "x"], ["out"], [["> 5", "< 3", "1"], ["<= 5", "-", "2"], ["> 5", ">= 3", "3"]])
    found = only(dmn.decide(text))

    assert codes(found) == [("never-matches", "warning")]


def test_an_output_value_that_only_masked_rules_give_is_unreachable(dmn: Any) -> None:
    rules = [["-", '"A"'], ["> 3", '"B"']]
    found = table(dmn, rules, policy="FIRST", values=['"A","B","C"'])

    unreachable = [f for f in found.findings if f.message.code == "dmn.analysis.unreachable-output"]
    assert [(f.weight.value, f.rules) for f in unreachable] == [("warning", (2,)), ("note", ())]


# --- types and domains ---


def test_a_constant_of_another_type_is_an_error(dmn: Any) -> None:
    model = dmn.read(
        dmn.input("x", "number"),
        dmn.decision("D", dmn.table(["x"], ["out"], [['"A"', "1"], ["-", "2"]], policy="FIRST"), inputs=["#i_x"]),
    )

    assert codes(only(model)) == [("type", "error")]


def test_constants_of_several_types_are_a_warning_where_none_is_declared(dmn: Any) -> None:
    assert ("type-mixed", "warning") in codes(table(dmn, [['"A"', "1"], ["5", "2"]]))


def test_a_value_that_the_input_cannot_have_is_an_error(dmn: Any) -> None:
    found = table(dmn, [['"A","X"', "1"], ['not("A")', "2"]], allowed=['"A","B"'])
    assert [(f.message.code, f.weight.value, f.rules) for f in found.findings] == [
        ("dmn.analysis.domain", "error", (1,)),
    ]


def test_the_allowed_values_of_an_item_definition_count(dmn: Any) -> None:
    grade = (
        '<itemDefinition name="Grade"><typeRef>string</typeRef>'
        '<allowedValues><text>"A","B"</text></allowedValues></itemDefinition>'
    )
    logic = dmn.table(["x"], ["out"], [['"A"', "1"], ['"C"', "2"]])
    model = dmn.read(grade, dmn.input("x", "Grade"), dmn.decision("D", logic, inputs=["#i_x"]))

    assert codes(only(model)) == [("domain", "error"), ("gap", "warning")]
    assert one(only(model), "gap").region == (("x", '"B"'),)


def test_outputs_are_held_to_their_type_and_values(dmn: Any) -> None:
    wrong_type = table(dmn, [["-", '"one"']], types=["number"])
    not_listed = table(dmn, [["-", '"D"']], values=['"A","B"'], types=["string"])

    assert codes(wrong_type) == [("output-type", "error")]
    assert codes(not_listed)[0] == ("output-domain", "warning")


# --- what is left out ---


def test_cells_that_depend_on_other_facts_are_stated_as_a_remainder(dmn: Any) -> None:
    found = table(dmn, [["< limit", '"A"', "1"], ["> 3", '"A"', "2"]], allowed=[None, '"A","B"'])

    assert [message.en.partition(":")[0] for message in found.remainder] == ["column 1 not analysed"]
    assert "第 1 列" in found.remainder[0].zh
    assert not found.complete
    assert {gap.region for gap in found.findings} == {(("x", "-"), ("y", '"B"'))}


def test_a_search_that_runs_out_of_time_says_what_is_left(dmn: Any) -> None:
    rules = [[f"[{n}..{n + 7}]", f"[{n % 9}..{n % 9 + 3}]", str(n)] for n in range(60)]
    model = dmn.decide(dmn.table(["x", "y"], ["out"], rules, policy="FIRST"))

    def after(questions: int) -> Callable[[], bool]:
        left = iter(range(questions))
        return lambda: next(left, None) is None

    (at_once,) = analyse(model, out_of_time=lambda: True)
    assert {m.code.rpartition(".")[2] for m in at_once.remainder} >= {"overlaps", "gaps", "masked"}
    (later,) = analyse(model, out_of_time=after(20))
    (whole,) = analyse(model, limit=10_000)
    assert whole.complete
    assert not later.complete
    known = {finding.message.code for finding in whole.findings}
    assert {finding.message.code for finding in later.findings} <= known


def test_more_findings_than_the_limit_are_counted(dmn: Any) -> None:
    rules = [["-", str(n)] for n in range(10)]
    (found,) = analyse(dmn.decide(dmn.table(["x"], ["out"], rules)), limit=5)

    assert len(found.findings) == 5
    assert "45 overlaps" in found.remainder[0].en


# --- where tables stand ---


def test_tables_of_functions_and_within_contexts_are_analysed_too(dmn: Any) -> None:
    inner = dmn.table(["x"], ["out"], [["< 1", "1"], ["> 1", "2"]])
    function = (
        '<businessKnowledgeModel id="b_f" name="f"><variable name="f"/><encapsulatedLogic>'
        f'<formalParameter name="x" typeRef="number"/>{inner}</encapsulatedLogic></businessKnowledgeModel>'
    )
    context = f'<context><contextEntry><variable name="a"/>{inner}</contextEntry></context>'
    model = dmn.read(function, dmn.decision("D", context))

    assert [(found.element_id, codes(found)) for found in analyse(model)] == [
        ("b_f", [("gap", "warning")]),
        ("d_D", [("gap", "warning")]),
    ]


def test_findings_are_data(dmn: Any) -> None:
    data = json.loads(json.dumps(table(dmn, GRADES).to_json(), default=str))

    assert data["hitPolicy"] == "UNIQUE"
    assert data["complete"] is True
    (gap,) = data["findings"]
    assert gap["code"] == "dmn.analysis.gap"
    assert gap["severity"] == "warning"
    assert gap["example"] == {"x": "600"}
    assert gap["region"] == [{"input": "x", "tests": "600"}]
    assert gap["zh"] != gap["en"]


def test_errors_and_warnings_become_findings_of_a_deployment(dmn: Any) -> None:
    found = table(dmn, [["<= 10", '"A"'], [">= 10", '"B"'], ["> 20", '"B"']], policy="UNIQUE", values=['"A","B","C"'])

    findings = found.as_findings("x.dmn")
    assert {finding.severity for finding in findings} == {Severity.ERROR}
    assert [finding.element for finding in findings] == ["r2", "r3"]
    assert all(finding.resource == "x.dmn" and "'D'" in finding.message.en for finding in findings)
    assert "unreachable-output" not in {finding.message.code for finding in findings}


@pytest.mark.parametrize("path", sorted(CONTENT.glob("*.dmn")), ids=lambda path: path.stem)
def test_the_shipped_tables_have_no_findings(path: Path) -> None:
    for found in analyse(read_dmn(path.read_bytes(), resource=path.name)):
        assert found.as_findings(path.name) == ()
        assert found.complete or found.element_id == "collection-stages"
