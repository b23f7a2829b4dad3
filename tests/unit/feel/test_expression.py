"""Compiled expressions: free names and paths, the cache, threads, other mappings than dict."""

from __future__ import annotations

from collections import ChainMap, UserDict
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.feel import STANDARD, compile_expression, compile_unary_tests
from server.feel.builtins import BUILTINS
from server.feel.function_names import BUILTIN_NAMES


@pytest.mark.parametrize(
    ("text", "names", "paths"),
    [
        ("1", set(), set()),
        ("a + b", {"a", "b"}, {("a",), ("b",)}),
        ("app.amount > app.limit", {"app"}, {("app", "amount"), ("app", "limit")}),
        ("a.b.c", {"a"}, {("a", "b", "c")}),
        ("a.b + a", {"a"}, {("a", "b")}),
        ("for x in xs return x.y", {"xs"}, {("xs",)}),
        ("some x in xs, y in x.ys satisfies y > z", {"xs", "z"}, {("xs",), ("z",)}),
        ("function(x) x + n", {"n"}, {("n",)}),
        ("{a: b, c: a + d}", {"b", "d"}, {("b",), ("d",)}),
        ("sum(xs)", {"xs"}, {("xs",)}),
        ("f(a: x)", {"f", "x"}, {("f",), ("x",)}),
        ("xs[1].name", {"xs"}, {("xs",)}),
        ("is defined(a.b)", {"a"}, {("a",)}),
        ("count + 1", {"count"}, {("count",)}),
    ],
)
def test_free_names_and_paths(text, names, paths):
    expression = compile_expression(text)
    assert expression.names == names
    assert expression.paths == paths


def test_names_in_filters_may_be_entries_of_the_elements():
    expression = compile_expression("people[age > limit].name")
    assert expression.names == {"people"}
    assert expression.possible_names == {"age", "limit"}
    declared = compile_expression("people[age > limit].name", names=["people", "limit"])
    assert declared.names == {"people", "limit"}
    assert declared.possible_names == {"age"}


def test_the_same_text_and_names_give_the_same_object():
    assert compile_expression("a + 1", names=["a"]) is compile_expression("a + 1", names=("a",))
    assert compile_expression("a-b", names=["a-b"]) is not compile_expression("a-b")
    assert compile_unary_tests("> 1") is compile_unary_tests("> 1")


def test_an_expression_keeps_its_text_and_tree():
    expression = compile_expression("a + 1")
    assert expression.text == "a + 1"
    assert (expression.ast.start, expression.ast.end) == (0, 5)
    assert "a + 1" in repr(expression)


@pytest.mark.parametrize("mapping", [dict, UserDict, ChainMap])
def test_any_mapping_is_a_context(mapping):
    assert compile_expression("a.b + 1").value(mapping({"a": mapping({"b": 2})})) == 3


def test_threads_share_expressions():
    expression = compile_expression("sum(for i in 1..n return i) / 3 + {f: function(x) x * n, r: f(2)}.r")
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: expression.value({"n": n}), list(range(1, 60)) * 4))
    assert results == [expression.value({"n": n}) for n in range(1, 60)] * 4


def test_the_parser_knows_every_built_in_of_several_words():
    assert sorted(name for name in BUILTINS if " " in name) == list(BUILTIN_NAMES)


def test_every_function_of_the_standard_is_there():
    standard = """abs, after, all, any, append, before, ceiling, coincides, concatenate, contains, context,
        context merge, context put, count, date, date and time, day of week, day of year, decimal, distinct values,
        duration, during, ends with, even, exp, finished by, finishes, flatten, floor, get entries, get value,
        includes, index of, insert before, is, list contains, list replace, log, lower case, matches, max, mean,
        median, meets, met by, min, mode, modulo, month of year, not, now, number, odd, overlaps, overlaps after,
        overlaps before, product, range, remove, replace, reverse, round down, round half down, round half up,
        round up, sort, split, sqrt, started by, starts, starts with, stddev, string, string join, string length,
        sublist, substring, substring after, substring before, sum, time, today, union, upper case, week of year,
        years and months duration"""
    assert sorted(STANDARD) == sorted(" ".join(name.split()) for name in standard.split(","))
