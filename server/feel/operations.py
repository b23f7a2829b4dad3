"""What emitted code calls: the operators of FEEL with their place, every fault turned into null and a diagnostic.

Every function takes the runtime and the place of the operation first. Emitted code has answered the commonest cases
itself, see :mod:`server.feel.compiler`.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from server.feel import arithmetic, comparison
from server.feel.budget import Spend
from server.feel.diagnostics import DiagnosticKind, Fault, type_mismatch
from server.feel.external import external_function
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import invoke, invoke_named, user_function, wrong_arguments
from server.feel.properties import PROPERTIES
from server.feel.ranges import Range, comparison_range
from server.feel.runtime import Place, Runtime
from server.feel.types import FeelType, is_instance
from server.feel.values import NUMBERS, Kind, adopt, kind_in_chinese, kind_of
from server.messages import Message

_NUMERIC = frozenset({Decimal, int})
_add, _subtract, _multiply, _divide = NUMBERS.add, NUMBERS.subtract, NUMBERS.multiply, NUMBERS.divide


def missing(runtime: Runtime, at: Place, name: str) -> None:
    """A variable that is not in the context."""
    runtime.note(
        DiagnosticKind.MISSING_VARIABLE,
        Message(
            "feel.missing-variable",
            f"变量“{name}”没有值；请检查名称，或先为它赋值。",
            f"There is no variable '{name}'; check its name, or give it a value first.",
        ),
        at,
    )


def invalid_literal(runtime: Runtime, at: Place, text: str) -> None:
    """An ``@"..."`` that denotes nothing."""
    runtime.note(
        DiagnosticKind.INVALID_ARGUMENT,
        Message(
            "feel.invalid-literal",
            f"“{text}”不是日期、时间或时长。",
            f"'{text}' is no date, time, date and time or duration.",
        ),
        at,
    )


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
    try:
        return comparison.equal(left, right, runtime.spend)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def unequal(runtime: Runtime, at: Place, left: Any, right: Any) -> bool | None:
    """``left != right``."""
    try:
        return not comparison.equal(left, right, runtime.spend)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


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
            _not_boolean(runtime, at, operand, word)


def _not_boolean(runtime: Runtime, at: Place, value: Any, word: str) -> None:
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
    _not_boolean(runtime, at, value, "if")


# -- membership


def in_range(runtime: Runtime, at: Place, value: Any, range_: Range) -> bool | None:
    """Whether a value lies in a range."""
    try:
        if value is None:
            raise comparison.incomparable(None, range_.endpoint)
        return comparison.contains(range_, value)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


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
    _not_boolean(runtime, at, value, "?")
    return None


# -- contexts, lists, ranges, calls


def member(runtime: Runtime, at: Place, base: Any, name: str) -> Any:
    """``base.name`` (DMN 1.5, 10.3.2.5): an entry, a property, or the same of every element of a list."""
    try:
        return _member(runtime, at, adopt(base), name)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _member(runtime: Runtime, at: Place, base: Any, name: str) -> Any:
    if isinstance(base, dict):
        if name in base:
            return base[name]
        raise _missing_entry(name)
    if isinstance(base, list):
        runtime.expect_size(len(base))
        return [_element_member(runtime, at, item, name) for item in base]
    if base is None:
        raise type_mismatch(
            f"不能从空值中取“{name}”；请先检查它是否存在。",
            f"'{name}' cannot be taken from null; check first that there is a value.",
        )
    return _property(base, name)


def quiet_member(runtime: Runtime, at: Place, base: Any, name: str) -> Any:
    """``base.name`` where it may be missing."""
    try:
        return _member(runtime, at, adopt(base), name)
    except Fault:
        return None


def is_known(base: Any, name: str) -> bool:
    """Whether a context has an entry."""
    base = adopt(base)
    return isinstance(base, dict) and name in base


def instance_of(runtime: Runtime, at: Place, value: Any, type_: FeelType) -> bool:
    """``value instance of type``."""
    return is_instance(value, type_, runtime.spend)


def make_function(
    parameters: tuple[Parameter, ...],
    body: Callable[..., Any],
    result_type: FeelType | None,
    inferred_type: FeelType | None,
) -> FeelFunction:
    """A function literal's value."""
    return user_function("", parameters, body, result_type, inferred_type)


def make_external(runtime: Runtime, at: Place, parameters: tuple[Parameter, ...], body: Any) -> FeelFunction | None:
    """An external function's value."""
    try:
        return external_function(parameters, adopt(body))
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _element_member(runtime: Runtime, at: Place, item: Any, name: str) -> Any:
    try:
        return _member(runtime, at, adopt(item), name)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def _property(base: Any, name: str) -> Any:
    kind = kind_of(base)
    read = PROPERTIES.get(kind, {}).get(name)
    if read is None:
        raise type_mismatch(
            f"{kind_in_chinese(kind)}没有属性“{name}”。",
            f"A {kind.value} has no property '{name}'.",
        )
    return read(base)


def _missing_entry(name: str) -> Fault:
    return Fault(
        DiagnosticKind.MISSING_ENTRY,
        Message(
            "feel.missing-entry",
            f"上下文中没有“{name}”；请检查名称。",
            f"The context has no entry '{name}'; check its name.",
        ),
    )


def at_index(runtime: Runtime, at: Place, base: Any, index: Any) -> Any:
    """``base[index]``, from 1, or from -1 backwards."""
    base = adopt(base)
    if base is None:
        return None
    items = base if isinstance(base, list) else [base]
    position = int(index)
    if position == index and 0 < position <= len(items):
        return items[position - 1]
    if position == index and -len(items) <= position < 0:
        return items[position]
    runtime.note(
        DiagnosticKind.INVALID_ARGUMENT,
        Message(
            "feel.index",
            f"列表只有 {len(items)} 个元素，没有第 {index} 个。",
            f"The list has {len(items)} elements; there is no element {index}.",
        ),
        at,
    )
    return None


def filtered(runtime: Runtime, at: Place, base: Any, condition: Callable[[Any], Any]) -> Any:
    """``base[condition]``: the elements for which it is true, or the element at the number that it gives."""
    base = adopt(base)
    if base is None:
        return None
    items = base if isinstance(base, list) else [base]
    if not items:
        return at_index(runtime, at, items, found) if _is_number(found := condition(None)) else []
    kept = []
    for item in items:
        runtime.spend(1)
        found = condition(item)
        if found is True:
            kept.append(item)
        elif found is not False and found is not None:
            if _is_number(found):
                return at_index(runtime, at, items, adopt(found))
            _not_boolean(runtime, at, found, "[]")
            return None
    return kept


def _is_number(value: Any) -> bool:
    return type(value) in _NUMERIC or kind_of(adopt(value)) is Kind.NUMBER


def make_range(
    runtime: Runtime, at: Place, low: Any, high: Any, low_included: bool, high_included: bool
) -> Range | None:
    """``[low..high]`` with endpoints computed now."""
    low, high = adopt(low), adopt(high)
    try:
        comparison.check_endpoints(low, high)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    return Range(low, high, low_included and low is not None, high_included and high is not None)


def make_comparison_range(runtime: Runtime, at: Place, operator: str, operand: Any) -> Range | None:
    """``(> operand)`` as a value."""
    operand = adopt(operand)
    try:
        if operator not in ("=", "!="):
            comparison.check_endpoints(operand, None)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    return comparison_range(operator, operand)


def call(runtime: Runtime, at: Place, function: Any, *arguments: Any) -> Any:
    """A call of a function that is only known now, with arguments by position."""
    try:
        return invoke(runtime, function, arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def call_named(runtime: Runtime, at: Place, function: Any, names: tuple[str, ...], *arguments: Any) -> Any:
    """A call of a function that is only known now, with arguments by name."""
    try:
        return invoke_named(runtime, function, names, arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def call_builtin(runtime: Runtime, at: Place, implementation: Callable[..., Any], *arguments: Any) -> Any:
    """A call of a built-in whose signature was chosen when the text was compiled."""
    try:
        runtime.spend(1)
        return implementation(runtime, *arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        runtime.fail(arithmetic.out_of_numbers(), at)
        return None


def misfit(runtime: Runtime, at: Place, function: FeelFunction) -> None:
    """A call of a built-in whose arguments fit none of its signatures."""
    runtime.fail(wrong_arguments(function), at)
    return
