"""Aggregates over lists (DMN 1.5, 10.3.4.4): minimum, sum, mean, median, mode and their like.

Every function takes one list or its elements one by one. null among the elements, or an element of another type,
makes the result null.
"""

from __future__ import annotations

from decimal import Context, Decimal
from functools import reduce
from typing import Any

from server.feel import arithmetic
from server.feel.comparison import compare
from server.feel.diagnostics import Fault, invalid_argument, type_mismatch
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import NUMBERS, Kind, adopt, kind_in_chinese, kind_of

AGGREGATES = Library()

# Sums of squares keep more digits than the result, so that rounding happens once.
_WIDE = Context(prec=80, Emin=-20_000, Emax=20_000)


@AGGREGATES.builtin("min", "c*: Any")
@AGGREGATES.builtin("min", "list: list")
def _min(runtime: Runtime, items: list[Any]) -> Any:
    return _extreme(runtime, items, "<")


@AGGREGATES.builtin("max", "c*: Any")
@AGGREGATES.builtin("max", "list: list")
def _max(runtime: Runtime, items: list[Any]) -> Any:
    return _extreme(runtime, items, ">")


def _extreme(runtime: Runtime, items: list[Any], operator: str) -> Any:
    runtime.spend(len(items))
    values = _some([adopt(item) for item in items])
    if len(values) == 1:
        compare(operator, values[0], values[0])
    return reduce(lambda best, value: value if compare(operator, value, best) else best, values)


def _some(values: list[Any]) -> list[Any]:
    if not values:
        raise invalid_argument("列表是空的。", "The list is empty.")
    return values


@AGGREGATES.builtin("sum", "n*: Any")
@AGGREGATES.builtin("sum", "list: list")
def _sum(runtime: Runtime, items: list[Any]) -> Any:
    runtime.spend(len(items))
    values = _some([adopt(item) for item in items])
    if all(kind_of(value) is Kind.NUMBER for value in values):
        return reduce(NUMBERS.add, values, Decimal(0))
    if kind_of(values[0]) in (Kind.DAYS_TIME_DURATION, Kind.YEARS_MONTHS_DURATION):
        return reduce(arithmetic.add, values)
    raise _not_numbers(values)


@AGGREGATES.builtin("mean", "n*: Any")
@AGGREGATES.builtin("mean", "list: list")
def _mean(runtime: Runtime, items: list[Any]) -> Any:
    return arithmetic.divide(_sum(runtime, items), len(items))


@AGGREGATES.builtin("product", "n*: Any", "number")
@AGGREGATES.builtin("product", "list: list", "number")
def _product(runtime: Runtime, items: list[Any]) -> Decimal:
    return reduce(NUMBERS.multiply, _some(_numbers(runtime, items)), Decimal(1))


@AGGREGATES.builtin("median", "n*: Any", "number")
@AGGREGATES.builtin("median", "list: list", "number")
def _median(runtime: Runtime, items: list[Any]) -> Any:
    values = sorted(_some(_numbers(runtime, items)))
    middle = len(values) // 2
    if len(values) % 2:
        return values[middle]
    return NUMBERS.divide(NUMBERS.add(values[middle - 1], values[middle]), 2)


@AGGREGATES.builtin("stddev", "n*: Any", "number")
@AGGREGATES.builtin("stddev", "list: list", "number")
def _stddev(runtime: Runtime, items: list[Any]) -> Decimal:
    """The standard deviation of a sample."""
    values = _numbers(runtime, items)
    if len(values) < 2:
        raise invalid_argument("标准差至少需要两个数字。", "A standard deviation needs at least two numbers.")
    mean = _WIDE.divide(reduce(_WIDE.add, values), Decimal(len(values)))
    squares = reduce(_WIDE.add, (_WIDE.power(_WIDE.subtract(value, mean), Decimal(2)) for value in values))
    return NUMBERS.plus(_WIDE.sqrt(_WIDE.divide(squares, Decimal(len(values) - 1))))


@AGGREGATES.builtin("mode", "n*: Any", "list")
@AGGREGATES.builtin("mode", "list: list", "list")
def _mode(runtime: Runtime, items: list[Any]) -> list[Decimal]:
    """The most frequent numbers, ascending; none for an empty list."""
    counts: dict[Decimal, int] = {}
    for value in _numbers(runtime, items):
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


def _numbers(runtime: Runtime, items: list[Any]) -> list[Decimal]:
    runtime.spend(len(items))
    values = [adopt(item) for item in items]
    if not all(kind_of(value) is Kind.NUMBER for value in values):
        raise _not_numbers(values)
    return [NUMBERS.create_decimal(value) for value in values]


def _not_numbers(values: list[Any]) -> Fault:
    kind = next(kind_of(value) for value in values if kind_of(value) is not Kind.NUMBER)
    return type_mismatch(
        f"列表中只能有数字，但有{kind_in_chinese(kind)}。",
        f"Only numbers are allowed in the list, but there is a {kind.value}.",
    )
