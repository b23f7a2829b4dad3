"""Conversion functions (DMN 1.5, 10.3.4.1) between strings, numbers and ranges."""

from __future__ import annotations

import re
from decimal import Decimal, DecimalException
from typing import Any

from server.feel import ast
from server.feel.builtins_temporal import TEMPORAL
from server.feel.comparison import check_endpoints
from server.feel.diagnostics import Fault, FeelSyntaxError, invalid_argument
from server.feel.functions import FeelFunction
from server.feel.parser import parse_expression
from server.feel.ranges import Range
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.text import feel_text
from server.feel.values import NUMBERS

CONVERSIONS = Library()

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_RANGE = re.compile(r"\s*[\[\](].*[\])\[]\s*", re.DOTALL)
_ENDPOINT_FUNCTIONS = frozenset({"date", "time", "date and time", "duration"})


@CONVERSIONS.builtin("string", "from: Any", "string")
def _string(runtime: Runtime, source: Any) -> str | None:
    if source is None:
        return None
    text = feel_text(source, runtime.budget.max_string_length)
    runtime.expect_length(len(text))
    return text


@CONVERSIONS.builtin("number", "from: string", "number")
def _number(source: str) -> Decimal:
    return _read_number(source)


@CONVERSIONS.builtin(
    "number", "from: string; grouping separator: string|null; decimal separator: string|null", "number"
)
def _number_with(source: str, grouping: str | None, decimal: str | None) -> Decimal:
    if grouping not in (None, " ", ",", "."):
        raise invalid_argument(
            "分组符号只能是空格、逗号、句点或空值。", "The grouping separator is a space, a comma, a period or null."
        )
    if decimal not in (None, ",", "."):
        raise invalid_argument("小数点只能是逗号、句点或空值。", "The decimal separator is a comma, a period or null.")
    if grouping is not None and grouping == decimal:
        raise invalid_argument("分组符号和小数点不能相同。", "The two separators must differ.")
    text = source.replace(grouping, "") if grouping else source
    if decimal == ",":
        if "." in text:
            raise _no_number(source)
        text = text.replace(",", ".")
    return _read_number(text)


def _read_number(text: str) -> Decimal:
    if _NUMBER.fullmatch(text) is None:
        raise _no_number(text)
    try:
        return NUMBERS.create_decimal(text)
    except DecimalException:
        raise _no_number(text) from None


def _no_number(text: str) -> Fault:
    return invalid_argument(f"“{text[:60]}”不是数字。", f"'{text[:60]}' is no number.")


@CONVERSIONS.builtin("range", "from: string", "range")
def _range(runtime: Runtime, source: str) -> Range:
    """A range from its text; its endpoints are literals, or the functions of literals that make dates and times."""
    if _RANGE.fullmatch(source) is None:
        raise _no_range(source)
    try:
        node = parse_expression(source)
    except FeelSyntaxError:
        raise _no_range(source) from None
    if not isinstance(node, ast.RangeLiteral):
        raise _no_range(source)
    low, high = _endpoint(runtime, node.low, source), _endpoint(runtime, node.high, source)
    if low is None or high is None:
        raise _no_range(source)
    check_endpoints(low, high)
    return Range(low, high, node.low_included, node.high_included)


def _endpoint(runtime: Runtime, node: ast.Node, source: str) -> Any:
    if isinstance(node, ast.Literal):
        return node.value
    if isinstance(node, ast.Negation):
        value = _endpoint(runtime, node.operand, source)
        if isinstance(value, Decimal):
            return value.copy_negate()
    if (
        isinstance(node, ast.Call)
        and isinstance(node.function, ast.Name)
        and node.function.name in _ENDPOINT_FUNCTIONS
        and all(isinstance(argument, ast.Literal) for argument in node.arguments)
        and len(node.arguments) == 1
    ):
        constructor: FeelFunction = TEMPORAL.functions[node.function.name]
        return (constructor.overloads or (constructor,))[0].call(runtime, _endpoint(runtime, node.arguments[0], source))
    raise _no_range(source)


def _no_range(text: str) -> Fault:
    return invalid_argument(f"“{text[:60]}”不是区间。", f"'{text[:60]}' is no range.")
