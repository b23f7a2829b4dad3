"""Operators as emitted code calls them: arithmetic, comparison, logic and membership.

Every function takes the runtime and the place of the operation first and turns a fault into null and a diagnostic.
Emitted code has answered the commonest cases itself, see :mod:`server.feel.compiler`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from server.feel import arithmetic, comparison
from server.feel.budget import Spend
from server.feel.diagnostics import Fault, type_mismatch
from server.feel.ranges import Range
from server.feel.runtime import Place, Runtime
from server.feel.values import NUMBERS, Kind, adopt, kind_in_chinese, kind_of

_NUMERIC = frozenset({Decimal, int})
_add, _subtract, _multiply, _divide = NUMBERS.add, NUMBERS.subtract, NUMBERS.multiply, NUMBERS.divide


# -- arithmetic


def add(runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """``left + right``."""
    try:
        if type(left) in _NUMERIC and type(right) in _NUMERIC:
            return _add(left, right)
        if type(left) is str and type(right) is str:
            runtime.expect_length(len(left) + len(right))
        return arithmetic.add(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        return _retry(arithmetic.add, runtime, at, left, right)


def subtract(runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """``left - right``."""
    try:
        if type(left) in _NUMERIC and type(right) in _NUMERIC:
            return _subtract(left, right)
        return arithmetic.subtract(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        return _retry(arithmetic.subtract, runtime, at, left, right)


def multiply(runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """``left * right``."""
    try:
        if type(left) in _NUMERIC and type(right) in _NUMERIC:
            return _multiply(left, right)
        return arithmetic.multiply(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        return _retry(arithmetic.multiply, runtime, at, left, right)


def divide(runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """``left / right``."""
    try:
        if type(left) in _NUMERIC and type(right) in _NUMERIC:
            return _divide(left, right)
        return arithmetic.divide(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        return _retry(arithmetic.divide, runtime, at, left, right)


def power(runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """``left ** right``."""
    try:
        return arithmetic.power(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def negate(runtime: Runtime, at: Place, value: Any) -> Any:
    """``-value``."""
    try:
        return arithmetic.negate(value)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _retry(operation: Callable[[Any, Any], Any], runtime: Runtime, at: Place, left: Any, right: Any) -> Any:
    """The operation once more, by the way that words its fault."""
    try:
        return operation(left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


_BY_SIGN: dict[str, Callable[[Runtime, Place, Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def chain(runtime: Runtime, at: Place, operators: tuple[str, ...], *operands: Any) -> Any:
    """``a + b - c``, from the left."""
    result = operands[0]
    for operator, operand in zip(operators, operands[1:], strict=True):
        result = _BY_SIGN[operator](runtime, at, result, operand)
    return result


# -- comparison and logic


def equal(runtime: Runtime, at: Place, left: Any, right: Any) -> bool | None:
    """``left = right``."""
    if _quietly_null(runtime, left, right):
        return None
    try:
        return comparison.equal(left, right, runtime.spend)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def unequal(runtime: Runtime, at: Place, left: Any, right: Any) -> bool | None:
    """``left != right``."""
    if _quietly_null(runtime, left, right):
        return None
    try:
        return not comparison.equal(left, right, runtime.spend)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _quietly_null(runtime: Runtime, left: Any, right: Any) -> bool:
    """Whether two values of different kinds meet where nobody wants to hear why that is null."""
    if runtime.diagnostics is not None or left is None or right is None:
        return False
    a, b = kind_of(left), kind_of(right)
    return a is not b and a is not Kind.FOREIGN and b is not Kind.FOREIGN


def compare(runtime: Runtime, at: Place, operator: str, left: Any, right: Any) -> bool | None:
    """``left < right`` and its like."""
    if (left is None or right is None) and runtime.diagnostics is None:
        return None
    try:
        if type(left) is str:
            runtime.spend(len(left) >> 8)
        return comparison.compare(operator, left, right)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def between(runtime: Runtime, at: Place, value: Any, low: Any, high: Any) -> bool | None:
    """``value between low and high``."""
    above = compare(runtime, at, ">=", value, low)
    below = compare(runtime, at, "<=", value, high)
    return False if above is False or below is False else True if above and below else None


def conjunction(runtime: Runtime, at: Place, *operands: Any) -> bool | None:
    """The value of ``and`` where none of the operands is false and not all are true: null."""
    _expect_booleans(runtime, at, "and", operands)
    return None


def disjunction(runtime: Runtime, at: Place, *operands: Any) -> bool | None:
    """The value of ``or`` where none of the operands is true and not all are false: null."""
    _expect_booleans(runtime, at, "or", operands)
    return None


def _expect_booleans(runtime: Runtime, at: Place, word: str, operands: tuple[Any, ...]) -> None:
    for operand in operands:
        if operand is not None and not isinstance(operand, bool):
            not_boolean(runtime, at, operand, word)


def not_boolean(runtime: Runtime, at: Place, value: Any, word: str) -> None:
    """Note that ``word`` met something that is no boolean."""
    kind = kind_of(adopt(value))
    runtime.fail(
        type_mismatch(
            f"“{word}”需要布尔值，但得到的是{kind_in_chinese(kind)}。",
            f"'{word}' needs a boolean, but a {kind.value} was given.",
        ),
        at,
    )


def no_condition(runtime: Runtime, at: Place, value: Any) -> None:
    """An ``if`` whose condition is neither true, false nor null."""
    not_boolean(runtime, at, value, "if")


# -- membership


def test_value(runtime: Runtime, at: Place, value: Any, test: Any) -> bool | None:
    """``value in test``: in a range, in a list or one of its ranges, or equal (DMN 1.5, table 55)."""
    try:
        return _passes(adopt(value), adopt(test), runtime.spend)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _passes(value: Any, test: Any, spend: Spend) -> bool:
    if isinstance(test, Range):
        if isinstance(value, Range):
            return comparison.equal(value, test)
        if value is None:
            raise comparison.incomparable(None, test.endpoint)
        return comparison.contains(test, value)
    if isinstance(test, list):
        if isinstance(value, list) and comparison.same(value, test, spend):
            return True
        spend(len(test))
        return any(_element_passes(value, adopt(item), spend) for item in test)
    return comparison.equal(value, test, spend)


def _element_passes(value: Any, item: Any, spend: Spend) -> bool:
    """Whether an element of a list is the value, or a range around it."""
    try:
        if isinstance(item, Range) and not isinstance(value, Range):
            return comparison.contains(item, value)
        return comparison.equal(value, item, spend)
    except Fault:
        return False


def cell_value(runtime: Runtime, at: Place, value: Any, test: Any) -> bool | None:
    """A cell's expression without ``?``: a boolean answers by itself, unless the input is one (DMN 1.5, 7.3.3)."""
    if isinstance(test, bool) and not isinstance(value, bool):
        return test
    return test_value(runtime, at, value, test)


def truth(runtime: Runtime, at: Place, value: Any) -> bool | None:
    """The value of a test that mentions ``?`` and so must be a boolean."""
    if value is None or isinstance(value, bool):
        return value
    not_boolean(runtime, at, value, "?")
    return None
