"""Random text: whatever is thrown at it, the language answers with a value, a syntax error or a spent budget."""

from __future__ import annotations

import time
from contextlib import suppress

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from server.feel import (
    Budget,
    BudgetExceeded,
    FeelSyntaxError,
    compile_expression,
    compile_unary_tests,
    feel_text,
    to_json,
)
from server.feel.builtins import BUILTINS
from server.feel.diagnostics import ConversionError

TIGHT = Budget(max_steps=20_000, max_list_size=5_000, max_string_length=20_000, max_depth=20, regex_seconds=0.05)

tokens = st.sampled_from(
    [
        *"()[]{}.,:<>=+-*/?@\"'",
        *("..", "**", "<=", "!=", "->", " ", "\n", "//", "/*", "*/"),
        *("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "function", "external"),
        *("and", "or", "not", "between", "instance of", "null", "true", "item", "partial"),
        *("list<", "context<", "range<number>", "Any", "date and time"),
        *("x", "y", "a b", "1", "2.5", "1e3", '"s"', '"a{2}"', '@"2024-01-01"', '@"P1D"', "审批"),
        *sorted(BUILTINS),
    ]
)
scraps = st.lists(tokens | st.text(max_size=3), max_size=25).map(" ".join)


def check(text: str) -> None:
    begun = time.thread_time()
    context = {"x": [1, {"y": 2}], "y": "text", "a b": 3}
    try:
        expression = compile_expression(text, names=context)
    except FeelSyntaxError as error:
        assert error.diagnostics
        assert error.line >= 1
        assert error.column >= 1
    else:
        try:
            evaluation = expression.evaluate(context, budget=TIGHT)
            feel_text(evaluation.value)
            to_json(evaluation.value)
        except (BudgetExceeded, ConversionError):
            pass
    with suppress(FeelSyntaxError, BudgetExceeded):
        compile_unary_tests(text, names=context).matches(5, context, budget=TIGHT)
    assert time.thread_time() - begun < 5


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(scraps)
@example("for x in [1..")
@example("{a: function(x) {b: x}}.a(1).b[")
@example("not(not(")
@example("]1..2[")
@example("\ud800")
@example("\x00")
def test_scraps_of_the_language(text):
    check(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text(text):
    check(text)


VALUES = """null | 1 | -2.5 | 1e40 | true | "" | "a" | "(a+" | "2024-01-01" | "P1D" | [] | [1,2] | [[1]] | ["a"] | {}
    | {key: "k", value: 1} | [1..3] | (> 3) | @"2024-01-31" | @"10:00:00@Europe/Paris" | @"2024-01-31T10:00:00Z"
    | @"P1Y" | @"-PT1H" | function(x) x | function(x, y) x > y | sum | x"""
arguments = st.lists(st.sampled_from([each.strip() for each in VALUES.split("|")]), max_size=4)


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(sorted(BUILTINS)), arguments)
def test_every_function_takes_every_argument(name, given_arguments):
    check(f"{name}({', '.join(given_arguments)})")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab()[]{}^$.*+?|\\-pdsw0123,LuIs&~ ", max_size=14), st.text(alphabet="ab01 -", max_size=12))
def test_any_pattern(pattern, subject):
    for text in ("matches(s, p)", 'replace(s, p, "x")', "split(s, p)", 'matches(s, p, "smix")'):
        expression = compile_expression(text, names=["s", "p"])
        try:
            evaluation = expression.evaluate({"s": subject, "p": pattern}, budget=TIGHT)
        except BudgetExceeded:
            continue
        assert evaluation.value is not None or evaluation.diagnostics
