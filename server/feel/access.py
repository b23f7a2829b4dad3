"""Access as emitted code does it: variables, paths, filters, indexes and computed ranges.

As in :mod:`server.feel.operators`, the runtime and the place come first, and a fault becomes null.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from server.feel import comparison
from server.feel.diagnostics import DiagnosticKind, Fault, type_mismatch
from server.feel.operators import not_boolean
from server.feel.properties import PROPERTIES
from server.feel.ranges import Range, comparison_range
from server.feel.runtime import Place, Runtime
from server.feel.values import Kind, adopt, kind_in_chinese, kind_of
from server.messages import Message

_NUMERIC = frozenset({Decimal, int})


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


def _element_member(runtime: Runtime, at: Place, item: Any, name: str) -> Any:
    try:
        return _member(runtime, at, adopt(item), name)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def quiet_member(runtime: Runtime, at: Place, base: Any, name: str) -> Any:
    """``base.name`` where it may be missing."""
    try:
        return _member(runtime, at, adopt(base), name)
    except Fault:
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


def is_known(base: Any, name: str) -> bool:
    """Whether a context has an entry."""
    base = adopt(base)
    return isinstance(base, dict) and name in base


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
            not_boolean(runtime, at, found, "[]")
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
