"""Item definitions: structures, collections, constraints, functions, and what is coerced to them."""

from __future__ import annotations

from typing import Any

import pytest

from server.dmn import DecisionModel, DmnError, read_dmn

TYPES = """
<itemDefinition name="tGrade"><typeRef>string</typeRef>
  <allowedValues><text>"A", "B", "C"</text></allowedValues></itemDefinition>
<itemDefinition name="tGrades" isCollection="true"><typeRef>tGrade</typeRef></itemDefinition>
<itemDefinition name="tFew" isCollection="true"><typeRef>number</typeRef>
  <allowedValues><text>&gt; 0</text></allowedValues>
  <typeConstraint><text>count(?) &lt;= 2</text></typeConstraint></itemDefinition>
<itemDefinition name="tLoan">
  <itemComponent name="net amount"><typeRef>number</typeRef></itemComponent>
  <itemComponent name="grades" isCollection="true"><typeRef>tGrade</typeRef></itemComponent>
  <itemComponent name="term"><itemComponent name="start"><typeRef>date</typeRef></itemComponent></itemComponent>
</itemDefinition>
<itemDefinition name="tTest"><functionItem outputTypeRef="boolean">
  <parameters name="x" typeRef="number"/></functionItem></itemDefinition>
"""


def model(dmn: Any, type_ref: str, text: str = "x") -> DecisionModel:
    """A model that looks at one input of that type."""
    decision = dmn.decision("D", dmn.literal(text), inputs=["#i_x"])
    return read_dmn(dmn.model(TYPES + dmn.input("x", type_ref) + decision))


@pytest.mark.parametrize(
    ("type_ref", "given", "expected"),
    [
        ("tGrade", "A", "A"),
        ("tGrade", ["A"], "A"),
        ("tGrades", ["A", "C"], ["A", "C"]),
        ("tGrades", "B", ["B"]),
        ("tGrades", [], []),
        ("tFew", [1, 2], [1, 2]),
        ("tFew", 1, [1]),
        ("number", [3], 3),
        ("feel:number", [3], 3),
        ("list<number>", 3, [3]),
        ("Any", {"a": 1}, {"a": 1}),
        ("context", {"a": 1}, {"a": 1}),
    ],
)
def test_what_conforms(dmn: Any, type_ref: str, given: Any, expected: Any) -> None:
    evaluation = model(dmn, type_ref).evaluate("D", {"x": given})
    assert evaluation.value == expected
    assert not evaluation.failed


@pytest.mark.parametrize(
    ("type_ref", "given"),
    [
        ("tGrade", "D"),
        ("tGrade", 1),
        ("tGrade", ["A", "B"]),
        ("tGrades", ["A", "D"]),
        ("tFew", [1, 2, 3]),
        ("tFew", [0]),
        ("number", [[3]]),
        ("number", "3"),
        ("tLoan", {"net amount": 5}),
        ("tLoan", {"net amount": 5, "grades": ["Z"], "term": {"start": "2024-01-01"}}),
    ],
)
def test_what_does_not_conform_is_null_and_a_failure(dmn: Any, type_ref: str, given: Any) -> None:
    evaluation = model(dmn, type_ref).evaluate("D", {"x": given})
    assert evaluation.value is None
    assert evaluation.failed


def test_null_conforms_to_every_type(dmn: Any) -> None:
    for type_ref in ("tGrade", "tGrades", "tFew", "tLoan", "number"):
        evaluation = model(dmn, type_ref).evaluate("D", {"x": None})
        assert evaluation.value is None
        assert not evaluation.diagnostics


def test_structures_with_nested_dates_and_names_with_spaces(dmn: Any) -> None:
    loan = {"net amount": 5, "grades": ["A"], "term": {"start": "2024-02-29"}, "note": "more is allowed"}
    assert model(dmn, "tLoan", "x.net amount + x.term.start.year").evaluate("D", {"x": loan}).value == 2029


def test_feel_knows_the_models_types(dmn: Any) -> None:
    decision = dmn.decision("D", dmn.literal("[x instance of tGrade, [x] instance of tGrades]"), inputs=["#i_x"])
    read = read_dmn(dmn.model(TYPES + dmn.input("x") + decision))
    assert read.evaluate("D", {"x": "A"}).value == [True, True]
    assert read.evaluate("D", {"x": "Z"}).value == [False, False]


def test_functions_conform_by_signature(dmn: Any) -> None:
    logic = (
        '<context><contextEntry><variable name="f" typeRef="tTest"/>{}</contextEntry>'
        "<contextEntry>{}</contextEntry></context>"
    )
    good = logic.format(dmn.literal("function(x: number) x > 1"), dmn.literal("f(2)"))
    assert read_dmn(dmn.model(TYPES + dmn.decision("D", good))).evaluate("D", {}).value is True
    bad = logic.format(dmn.literal("function(x: string) x"), dmn.literal('f("a")'))
    assert read_dmn(dmn.model(TYPES + dmn.decision("D", bad))).evaluate("D", {}).failed


def test_unknown_and_cyclic_types_are_refused(dmn: Any) -> None:
    with pytest.raises(DmnError) as refused:
        read_dmn(dmn.model(dmn.input("x", "tNowhere") + dmn.decision("D", dmn.literal("1", "tNowhere"))))
    assert [f.message.code for f in refused.value.findings] == ["dmn.type.unknown"]
    circle = (
        '<itemDefinition name="a"><typeRef>b</typeRef></itemDefinition>'
        '<itemDefinition name="b"><typeRef>a</typeRef></itemDefinition>'
    )
    with pytest.raises(DmnError) as refused:
        read_dmn(dmn.model(circle))
    assert "dmn.type.cycle" in {f.message.code for f in refused.value.findings}
