"""What the designers' desk runs: scenarios and rows of decisions, with drafts and with what is deployed beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.cli.scenario_run import run
from server.messages import LendloomError

PROJECT = Path(__file__).parents[3]
PRICING = ("loan-pricing.dmn", (PROJECT / "dmn" / "loan-pricing.dmn").read_bytes())
ROWS = (PROJECT / "dmn" / "loan-pricing.test.yaml").read_text(encoding="utf-8")
SIMPLE = """<?xml version="1.0"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:simple">
  <bpmn:process id="simple" isExecutable="true">
    <bpmn:startEvent id="begin"/><bpmn:sequenceFlow id="go" sourceRef="begin" targetRef="end"/><bpmn:endEvent id="end"/>
  </bpmn:process>
</bpmn:definitions>"""
PROCESS = ("simple.bpmn", SIMPLE.encode())
SCENARIO = "process: simple\nexpect: {state: completed}\n"


def model(name: str, content: str) -> tuple[str, bytes]:
    dmn = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    return (
        f"{name}.dmn",
        f'<definitions xmlns="{dmn}" id="{name}" name="{name}" namespace="urn:{name}">{content}</definitions>'.encode(),
    )


def base(value: str) -> tuple[str, bytes]:
    literal = f"<literalExpression><text>{value}</text></literalExpression>"
    return model("base", f'<decision id="rate" name="rate"><variable name="rate"/>{literal}</decision>')


IMPORTING = model(
    "outer",
    '<import name="inner" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    '<decision id="price" name="price"><variable name="price"/>'
    '<informationRequirement><requiredDecision href="urn:base#rate"/></informationRequirement>'
    "<literalExpression><text>inner.rate * 2</text></literalExpression></decision>",
)


def outcomes(ran: dict[str, Any]) -> list[bool]:
    return [one["passed"] for one in ran["scenarios"]]


def test_a_deployed_model_that_imports_another_harms_no_scenario() -> None:
    assert outcomes(run(SCENARIO, [], [IMPORTING, base("1"), PROCESS])) == [True]


def test_a_draft_imports_what_is_deployed_and_stands_for_what_others_import() -> None:
    rows = "- decision: price\n  cases:\n    - {given: {}, expect: 4}\n"
    assert outcomes(run(rows, [IMPORTING], [base("2")])) == [True]
    assert outcomes(run(rows, [base("2")], [IMPORTING, base("1")])) == [True]
    assert outcomes(run(rows, [base("3")], [IMPORTING, base("1")])) == [False]


def test_a_draft_of_a_library_without_decisions_stands_for_the_deployed_one() -> None:
    def library(name: str, factor: int) -> tuple[str, bytes]:
        function = (
            f"<encapsulatedLogic><literalExpression><text>{factor}</text></literalExpression></encapsulatedLogic>"
        )
        content = f'<businessKnowledgeModel id="f" name="f"><variable name="f"/>{function}</businessKnowledgeModel>'
        return name, model("base", content)[1]

    asking = model(
        "asking",
        '<import name="inner" namespace="urn:base" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
        '<decision id="asked" name="asked"><variable name="asked"/>'
        '<knowledgeRequirement><requiredKnowledge href="urn:base#f"/></knowledgeRequirement>'
        "<literalExpression><text>inner.f()</text></literalExpression></decision>",
    )
    rows = "- decision: asked\n  cases:\n    - {given: {}, expect: 2}\n"
    assert outcomes(run(rows, [library("draft-1.dmn", 2)], [asking, library("zz.dmn", 1)])) == [True]


def test_rows_of_decisions_run_as_scenarios_do_and_tell_the_rules_they_reach() -> None:
    ran = run(ROWS, [PRICING], [])
    assert outcomes(ran) == [True] * 11
    (table,) = ran["coverage"]["tables"]
    assert (table["resource"], table["rules"]["covered"], table["rules"]["total"]) == ("loan-pricing.dmn", 8, 8)


def test_a_row_that_fails_says_where_and_why() -> None:
    rows = """
- decision: loan-pricing
  cases:
    - {given: {loanProduct: consumer, grade: A}, expect: 0.072}
    - {name: B 级, given: {loanProduct: consumer, grade: B}, expect: 0.5}
"""
    passed, failed = run(rows, [], [PRICING])["scenarios"]
    assert passed["passed"]
    assert (failed["name"], failed["line"], failed["problem"]["code"]) == ("loan-pricing #2 B 级", 5, "dmn.test.value")
    (unknown,) = run("- decision: nowhere\n  cases: [{given: {}, expect: 1}]\n", [], [PRICING])["scenarios"]
    assert "nowhere" in unknown["problem"]["zh"] and "nowhere" in unknown["problem"]["en"]


@pytest.mark.parametrize(
    "text",
    [
        "- decision: a\n",
        "- decision: a\n  cases: [1]\n",
        "- decision: a\n- 1\n",
        f"{ROWS}---\n{ROWS}",
    ],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(LendloomError):
        run(text, [], [PRICING])
