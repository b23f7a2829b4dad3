"""The index of a decision table answers what a scan over all its rules answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.dmn import cell as cells
from server.dmn.table_index import Cell, TableIndex, bits
from server.feel import compile_expression, compile_unary_tests
from server.feel.runtime import Runtime

NUMBERS = st.integers(-3, 8).map(str) | st.sampled_from(["0.5", "2.50", "-1.25", "1e3"])
STRINGS = st.sampled_from(['"A"', '"B"', '"甲"', '""', '"B\\u0000"'])
DATES = st.sampled_from(['date("2024-02-28")', 'date("2024-02-29")', '@"2024-03-01"'])
DURATIONS = st.sampled_from(['duration("P1D")', 'duration("PT24H1S")', 'duration("P1M")', '@"P2Y"'])
OTHERS = st.sampled_from(["true", "false", "null", '@"10:00:00"', '@"2024-02-29T10:00:00Z"'])


def ranges(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Tests of one kind: a constant, a comparison, a range, an expression of ``?``."""
    compared = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "!="]), values).map(lambda t: f"{t[0]} {t[1]}")
    between = st.tuples(st.sampled_from("[(]"), values, values, st.sampled_from("])[")).map(
        lambda t: f"{t[0]}{t[1]}..{t[2]}{t[3]}"
    )
    asked = st.tuples(values, values).map(lambda t: f"? > {t[0]} and ? <= {t[1]}")
    return values | compared | between | asked


POSITIVE = ranges(NUMBERS) | ranges(STRINGS) | ranges(DATES) | ranges(DURATIONS) | OTHERS
DEPENDENT = st.sampled_from(["limit", "> limit", "? * 2 > limit", "[limit..10]", "[1, 2, limit]"])
TESTS = st.lists(POSITIVE | DEPENDENT, min_size=1, max_size=3).map(", ".join)
CELLS = st.just("-") | TESTS | st.lists(POSITIVE, min_size=1, max_size=2).map(lambda t: f"not({', '.join(t)})")
VALUES = NUMBERS | STRINGS | DATES | DURATIONS | OTHERS | st.sampled_from(["[1, 2]", "{a: 1}", "1.4999", '"C"'])


def indexed(text: str) -> Cell:
    """A cell as the table's compiler makes it."""
    compiled = compile_unary_tests(text, names=["limit"])
    return Cell(text, compiled._run, cells.borders(compiled))


def scan(rules: Sequence[Sequence[str]], values: Sequence[Any], variables: dict[str, Any]) -> list[int]:
    """The rules that match, one by one."""
    return [
        place
        for place, rule in enumerate(rules)
        if all(
            compile_unary_tests(text, names=["limit"])._run(value, variables, Runtime()) is True
            for text, value in zip(rule, values, strict=True)
        )
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12),
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=6),
    st.integers(-3, 8),
)
def test_index_and_scan_agree(rules: list[tuple[str, str]], facts: list[tuple[str, str]], limit: int) -> None:
    index = TableIndex([[indexed(rule[column]) for rule in rules] for column in range(2)], len(rules))
    variables = {"limit": Decimal(limit)}
    for texts in facts:
        values = [compile_expression(text).value({}) for text in texts]
        expected = scan(rules, values, variables)
        assert list(bits(index.match(values, variables, Runtime()))) == expected
        whole = [int(v) if isinstance(v, Decimal) and v == int(v) else v for v in values]
        assert list(bits(index.match(whole, variables, Runtime()))) == expected


def test_whole_numbers_floats_and_decimals_find_the_same_rule() -> None:
    index = TableIndex([[indexed(text) for text in ("< 5", "5", "(5..7]", "> 7")]], 4)
    for value in (5, Decimal("5.00"), 5.0):
        assert list(bits(index.match([value], {}, Runtime()))) == [1]
    assert list(bits(index.match([Decimal("5.0000000000000000000000000000001")], {}, Runtime()))) == [2]


def test_a_number_that_is_none_counts_as_null() -> None:
    index = TableIndex([[indexed(text) for text in ("< 5", ">= 5", "null", "-")]], 4)
    for value in (Decimal("NaN"), float("nan"), None):
        assert list(bits(index.match([value], {}, Runtime()))) == [2, 3]


def test_cells_of_constants_are_indexed_and_others_are_asked() -> None:
    for text in ('"A", "B"', "[600..700)", 'not("A")', "? > 5 and ? < 8", '< date("2024-01-01")', "-5", "5 * 1000"):
        assert indexed(text).borders is not None, text
    for text in ("limit", "? * 2 > 10", '> @"10:00:00"', "< limit", "string length(?) > 2"):
        assert indexed(text).borders is None, text
