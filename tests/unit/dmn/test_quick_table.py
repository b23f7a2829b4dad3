"""The short way through a table answers what the full way answers, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.dmn import DecisionModel, read_dmn

NUMBER_CELLS = st.sampled_from(["-", "< 3", "[3..7)", ">= 7", "5", "not(5)", "2.5, > 6", "(2..2.5]"])
STRING_CELLS = st.sampled_from(["-", '"A"', '"A", "B"', 'not("B")', "null"])
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "n": st.sampled_from([0, 2, 3, 5, 7, 100, Decimal("2.5"), Decimal("2.6"), 2.5, None, "3", True, [5], 10**40]),
        "s": st.sampled_from(["A", "B", "C", "", None, 1, ["A"]]),
    },
)


def full_way(model: DecisionModel) -> DecisionModel:
    """The same model without the short way."""
    slow = object.__new__(DecisionModel)
    slow.__dict__.update(model.__dict__)
    slow._quick = {}
    return slow


def outcome(model: DecisionModel, facts: Mapping[str, Any]) -> Any:
    """Everything that an evaluation says."""
    evaluation = model.evaluate("D", facts)
    return evaluation.value, evaluation.trace.to_json(), evaluation.diagnostics


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(NUMBER_CELLS, STRING_CELLS, st.sampled_from(["1", '"x"'])), min_size=1, max_size=6),
    st.sampled_from(["UNIQUE", "FIRST", "ANY", "RULE ORDER", "COLLECT"]),
    st.sampled_from([None, "number", "tSmall", "Any"]),
    st.sampled_from([None, '"A", "B"']),
    st.sampled_from([None, "number", "string"]),
    st.lists(FACTS, min_size=1, max_size=8),
)
def test_both_ways_agree(
    dmn: Any,
    rules: list[tuple[str, str, str]],
    policy: str,
    fact_type: str | None,
    allowed: str | None,
    result_type: str | None,
    contexts: list[dict[str, Any]],
) -> None:
    small = (
        '<itemDefinition name="tSmall"><typeRef>number</typeRef>'
        "<allowedValues><text>[0..50]</text></allowedValues></itemDefinition>"
    )
    logic = dmn.table(["n", "s"], ["out"], rules, policy=policy, allowed=[None, allowed])
    decision = dmn.decision("D", logic, inputs=["#i_n", "#i_s"], type_ref=result_type)
    model = read_dmn(dmn.model(small + dmn.input("n", fact_type) + dmn.input("s") + decision))
    slow = full_way(model)
    for facts in contexts:
        assert outcome(model, facts) == outcome(slow, facts)


def test_plain_tables_take_the_short_way(dmn: Any) -> None:
    model = dmn.decide(dmn.table(["n", "s"], ["a", "b"], [["< 5", '"A"', "1", "2"], [">= 5", "-", "3", "4"]]))
    assert set(model._quick) == {"D", "d_D"}
    assert model.evaluate("D", {"n": 7, "s": "A"}).value == {"a": 3, "b": 4}


@pytest.mark.parametrize("cell", ["> limit", "? * 2 > 5"])
def test_tables_that_look_at_other_facts_do_not(dmn: Any, cell: str) -> None:
    assert dmn.decide(dmn.table(["n"], ["a"], [[cell, "1"]]))._quick == {}


def test_answers_are_not_shared(dmn: Any) -> None:
    model = dmn.decide(dmn.table(["n"], ["a", "b"], [["-", "1", "2"]]))
    first = model.evaluate("D", {"n": 1})
    first.value["a"] = "changed"
    assert first.trace.output == {"a": 1, "b": 2}
    assert model.evaluate("D", {"n": 1}).value == {"a": 1, "b": 2}


def test_the_trace_keeps_the_facts_as_they_were(dmn: Any) -> None:
    model = dmn.decide(dmn.table(["n"], ["a"], [["-", "1"]]))
    facts = {"n": 1}
    evaluation = model.evaluate("D", facts)
    facts["n"] = 2
    assert evaluation.trace.inputs == (("in0", "n", 1),)
    assert replace(evaluation.trace, output=1) == evaluation.trace
