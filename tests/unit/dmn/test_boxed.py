"""Boxed expressions: every kind, nested, typed, and in scope of what stands above."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from server.dmn import DmnError, read_draft
from server.feel import BudgetExceeded


def value(dmn: Any, logic: str, **facts: Any) -> Any:
    """What a decision with that logic comes to."""
    return dmn.decide(logic).evaluate("D", facts).value


def entry(dmn: Any, name: str | None, text: str) -> str:
    """A context entry."""
    variable = "" if name is None else f'<variable name="{name}"/>'
    return f"<contextEntry>{variable}{dmn.literal(text)}</contextEntry>"


def test_literal(dmn: Any) -> None:
    assert value(dmn, dmn.literal("principal * rate / 12"), principal=12000, rate=Decimal("0.05")) == 50


def test_context_entries_see_those_above(dmn: Any) -> None:
    entries = entry(dmn, "net income", "income - debts") + entry(dmn, "ratio", "net income / income")
    assert value(dmn, f"<context>{entries}</context>", income=10, debts=4) == {
        "net income": Decimal(6),
        "ratio": Decimal("0.6"),
    }


def test_context_with_a_result_cell(dmn: Any) -> None:
    entries = entry(dmn, "a", "2") + entry(dmn, "b", "a * 3") + entry(dmn, None, "a + b")
    assert value(dmn, f"<context>{entries}</context>") == 8


def test_list_and_relation(dmn: Any) -> None:
    assert value(dmn, f"<list>{dmn.literal('1')}{dmn.literal('x')}</list>", x="y") == [1, "y"]
    rows = "".join(f"<row>{dmn.literal(a)}{dmn.literal(b)}</row>" for a, b in (("1", '"p"'), ("2", '"q"')))
    relation = f'<relation><column name="n"/><column name="kind"/>{rows}</relation>'
    assert value(dmn, relation) == [{"n": 1, "kind": "p"}, {"n": 2, "kind": "q"}]


def test_conditional(dmn: Any) -> None:
    logic = (
        f"<conditional><if>{dmn.literal('x > 5')}</if><then>{dmn.literal('1')}</then>"
        f"<else>{dmn.literal('2')}</else></conditional>"
    )
    assert value(dmn, logic, x=6) == 1
    assert value(dmn, logic, x=5) == 2
    assert value(dmn, logic, x=None) == 2


def test_a_condition_that_is_no_boolean_is_an_error(dmn: Any) -> None:
    logic = (
        f"<conditional><if>{dmn.literal('x')}</if><then>{dmn.literal('1')}</then>"
        f"<else>{dmn.literal('2')}</else></conditional>"
    )
    evaluation = dmn.decide(logic).evaluate("D", {"x": "abc"})
    assert evaluation.value is None
    assert evaluation.failed


def test_filter_by_item_and_by_entry(dmn: Any) -> None:
    logic = f"<filter><in>{dmn.literal('xs')}</in><match>{dmn.literal('item >= 3')}</match></filter>"
    assert value(dmn, logic, xs=[1, 3, 5]) == [3, 5]
    assert value(dmn, logic, xs=[1]) == []
    logic = f"<filter><in>{dmn.literal('loans')}</in><match>{dmn.literal('overdue')}</match></filter>"
    loans = [{"id": 1, "overdue": True}, {"id": 2, "overdue": False}, {"id": 3, "overdue": None}]
    assert value(dmn, logic, loans=loans) == [loans[0]]


def test_for_with_partial_results(dmn: Any) -> None:
    logic = (
        f'<for iteratorVariable="x"><in>{dmn.literal("xs")}</in>'
        f"<return>{dmn.literal('if count(partial) = 0 then x else x * partial[-1]')}</return></for>"
    )
    assert value(dmn, logic, xs=[1, 2, 3, 4]) == [1, 2, 6, 24]
    logic = f'<for iteratorVariable="x"><in>{dmn.literal("3..1")}</in><return>{dmn.literal("x * x")}</return></for>'
    assert value(dmn, logic) == [9, 4, 1]
    logic = f'<for iteratorVariable="x"><in>{dmn.literal("[1..3]")}</in><return>{dmn.literal("x * x")}</return></for>'
    assert value(dmn, logic) == [1, 4, 9]


@pytest.mark.parametrize(
    ("quantifier", "xs", "expected"),
    [("some", [1, 5], True), ("some", [1, 2], False), ("every", [4, 5], True), ("every", [1, 5], False)],
)
def test_quantified(dmn: Any, quantifier: str, xs: list[int], expected: bool) -> None:
    logic = (
        f'<{quantifier} iteratorVariable="x"><in>{dmn.literal("xs")}</in>'
        f"<satisfies>{dmn.literal('x > 3')}</satisfies></{quantifier}>"
    )
    assert value(dmn, logic, xs=xs) is expected


def test_functions_close_over_their_scope_and_call_themselves(dmn: Any) -> None:
    function = (
        '<contextEntry><variable name="power"/><functionDefinition><formalParameter name="n" typeRef="number"/>'
        f"{dmn.literal('if n = 0 then 1 else base * power(n - 1)')}</functionDefinition></contextEntry>"
    )
    logic = f"<context>{entry(dmn, 'base', '2')}{function}{entry(dmn, None, 'power(10)')}</context>"
    assert value(dmn, logic) == 1024


def test_invocation_binds_by_name_and_holds_arguments_to_their_types(dmn: Any) -> None:
    function = (
        '<contextEntry><variable name="f"/><functionDefinition><formalParameter name="a" typeRef="number"/>'
        f'<formalParameter name="b"/>{dmn.literal("a - b")}</functionDefinition></contextEntry>'
    )
    invocation = (
        f'<contextEntry><invocation>{dmn.literal("f")}<binding><parameter name="b"/>{dmn.literal("1")}</binding>'
        f'<binding><parameter name="a"/>{dmn.literal("x")}</binding></invocation></contextEntry>'
    )
    model = dmn.decide(f"<context>{function}{invocation}</context>")
    assert model.evaluate("D", {"x": 5}).value == 4
    refused = model.evaluate("D", {"x": "five"})
    assert refused.value is None
    assert refused.failed


def test_a_type_reference_makes_what_does_not_conform_null(dmn: Any) -> None:
    evaluation = dmn.decide(dmn.literal("x", "number")).evaluate("D", {"x": "text"})
    assert evaluation.value is None
    assert evaluation.failed
    assert value(dmn, dmn.literal("x", "number"), x=[7]) == 7


def test_java_outside_the_registry_and_pmml_are_refused(dmn: Any) -> None:
    entries = entry(dmn, "class", '"java.lang.Runtime"') + entry(dmn, "method signature", '"exit(int)"')
    described = f"<context>{entries}</context>"
    for kind in ("Java", "PMML"):
        text = f'<functionDefinition kind="{kind}"><formalParameter name="x"/>{described}</functionDefinition>'
        with pytest.raises(DmnError) as refused:
            dmn.decide(text)
        assert "dmn.function.foreign" in {finding.message.code for finding in refused.value.findings}


def test_a_draft_answers_null_where_it_is_faulty_and_says_so(dmn: Any) -> None:
    sound = dmn.decision("Sound", dmn.literal("1 + 1"))
    broken = dmn.decision("Broken", dmn.literal("1 +"))
    model = read_draft(dmn.model(sound + broken))
    assert model.evaluate("Sound", {}).value == 2
    evaluation = model.evaluate("Broken", {})
    assert evaluation.value is None
    assert evaluation.failed
    assert [finding.element for finding in model.findings] == ["d_Broken"]


def test_deep_recursion_ends_in_a_budget_error(dmn: Any) -> None:
    function = (
        '<contextEntry><variable name="f"/><functionDefinition><formalParameter name="n"/>'
        f"{dmn.literal('f(n + 1)')}</functionDefinition></contextEntry>"
    )
    model = dmn.decide(f"<context>{function}{entry(dmn, None, 'f(0)')}</context>")
    with pytest.raises(BudgetExceeded):
        model.evaluate("D", {})
