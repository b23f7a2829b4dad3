"""What is said of an expression's kind before it is evaluated is true of every value that it then has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.feel import Budget, BudgetExceeded, FeelSyntaxError, adopt, compile_expression, kind_of
from server.feel.builtins import BUILTINS
from server.feel.possible_kinds import EVERY_KIND, JSON_KINDS, possible_kinds
from server.feel.values import Kind

TIGHT = Budget(max_steps=20_000, max_list_size=5_000, max_string_length=20_000, max_depth=20, regex_seconds=0.05)


def kinds(text: str) -> set[str]:
    return {kind.value for kind in possible_kinds(compile_expression(text).ast, JSON_KINDS)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + 1", {"number"}),
        ("a + b", {"number", "string"}),
        ('"x" + y', {"string"}),
        ("a - b", {"number"}),
        ('a - "x"', set()),
        ("-a", {"number"}),
        ("[a, b]", {"list"}),
        ("{a: b}", {"context"}),
        ("[1..a]", {"range"}),
        ("function(x) x", {"function"}),
        ("date(x)", {"date", "null"}),
        ("upper case(x)", {"string", "null"}),
        ("date(x) + duration(y)", {"date"}),
        ("date(x) - date(y)", {"days and time duration"}),
        ("today().year", {"number", "string", "days and time duration", "null"}),
        ("for x in a return x", {"list"}),
        ("a[b > 1]", {"list", "null"}),
        ("a > 1", {"boolean"}),
        ("a and b", {"boolean", "null"}),
        ("if a > 1 then b + 1 else true", {"number", "boolean"}),
        ('if a > 1 then "x" else [a]', {"string", "list"}),
        ("if 1 + a then true else 2", {"number"}),
        ("sum(a)", {"number", "days and time duration", "years and months duration"}),
        ("a", {kind.value for kind in JSON_KINDS}),
        ("null", {"null"}),
    ],
)
def test_the_kinds_of_an_expression_follow_from_its_text(text, expected):
    assert kinds(text) == expected


@pytest.mark.parametrize("text", ["get or else(a, true)", "a.b", "a[1]", "min(a)", "(function(x) x)(a)", "[true][a]"])
def test_nothing_is_said_of_what_may_be_anything(text):
    assert Kind.BOOLEAN.value in kinds(text)


def test_a_name_that_the_expression_gives_itself_is_no_variable():
    tree = compile_expression('{d: date(x), e: d + @"P1D"}.e').ast
    assert possible_kinds(tree, JSON_KINDS) == EVERY_KIND
    assert possible_kinds(compile_expression("for d in [today()] return d").ast, JSON_KINDS) == {Kind.LIST}
    shadowed = compile_expression("{d: date(x), e: if a then d else d - d}.e").ast
    assert possible_kinds(shadowed, JSON_KINDS) == EVERY_KIND


VALUES = """null | 1 | -2.5 | true | "" | "a" | "2024-01-01" | "P1D" | [] | [1,2] | [[1]] | ["a"] | [true] | {}
    | {key: "k", value: 1} | [1..3] | (> 3) | @"2024-01-31" | @"10:00:00@Europe/Paris" | @"2024-01-31T10:00:00Z"
    | @"P1Y" | @"-PT1H" | function(x) x | x | y | z | z.k | z[k > 1]"""
atoms = st.sampled_from([each.strip() for each in VALUES.split("|")])
FORMS = (
    "({0} + {1})", "({0} - {1})", "({0} * {1})", "({0} / {1})", "({0} ** {1})", "(-{0})", "(if {0} then {1} else {2})",
    "({0})[{1}]", "({0})[1]", "({0}).year", "({0}).k", "[{0}, {1}]", "{{k: {0}}}.k", "({0} = {1})", "({0} < {1})",
    "({0} and {1})", "({0} in {1})", "(for x in {0} return {1})", "(some x in {0} satisfies {1})", "sum({0})",
    "get or else({0}, {1})", "({0} instance of number)", "[{0}..{1}]", "(function(x) {0})({1})", "min({0}, {1})",
    "{{k: {0}, x: {1}}}.x", "is defined({0})",
    "({0} between ({1}) and {2})", "({0} in ({1}, ?))", "({0} != {1})", "[{0}][item = {1}]", "duration({0})",
    "date({0})",
)  # fmt: skip


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(st.sampled_from(FORMS), inner, inner, inner).map(lambda parts: parts[0].format(*parts[1:]))


expressions = st.recursive(atoms, compound, max_leaves=12)
scalars = st.sampled_from([None, True, False, 0, 3, "text", "2024-01-01", "P1D"])
variables = st.recursive(scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k"), inner))
contexts = st.dictionaries(st.sampled_from(["x", "y", "z", "k", "sum", "date"]), variables)


def check(text: str, context: dict[str, Any]) -> None:
    try:
        expression = compile_expression(text)
    except FeelSyntaxError:
        return
    try:
        evaluation = expression.evaluate(context, budget=TIGHT)
    except BudgetExceeded:
        return
    if evaluation.value is None and evaluation.diagnostics:
        return
    assert kind_of(adopt(evaluation.value)) in possible_kinds(expression.ast, JSON_KINDS), evaluation.value


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions, contexts)
@example("{k: 1, x: [true]}.x[1]", {})
def test_no_value_is_of_another_kind(text, context):
    check(text, context)


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(sorted(BUILTINS)), st.lists(atoms, max_size=4), contexts)
def test_no_function_gives_another_kind_than_it_declares(name, arguments, context):
    check(f"{name}({', '.join(arguments)})", context)
