"""The border between FEEL and JSON: whole values in and out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from server.feel.diagnostics import ConversionError
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime
from server.feel.values import adopt, kind_in_chinese, kind_of
from server.messages import Message

MAX_DEPTH = 200
"""How deep lists and contexts may be nested in a value that crosses the border."""

MAX_VALUES = 1_000_000
"""How many values may cross at once; a value that holds another one many times over has it counted each time."""


def from_json(value: Any) -> Any:
    """A JSON-like value with everything inside it as FEEL values; strings stay strings."""
    return _Crossing(lambda each: Decimal(each) if type(each) is int else each).convert(value, 0)


def to_json(value: Any) -> Any:
    """A FEEL value as JSON-like Python: temporal values by their ISO text, numbers as int or Decimal.

    Ranges and functions have no JSON form and raise :class:`ConversionError`.
    """
    return _Crossing(_scalar_to_json).convert(value, 0)


class _Crossing:
    """One conversion: ``scalar`` converts what is neither a list nor a context."""

    def __init__(self, scalar: Callable[[Any], Any]) -> None:
        self.scalar = scalar
        self.count = 0

    def convert(self, value: Any, depth: int) -> Any:
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise _too_big()
        value = adopt(value)
        if isinstance(value, list):
            return [self.convert(item, depth + 1) for item in value]
        if isinstance(value, dict):
            return {str(key): self.convert(item, depth + 1) for key, item in value.items()}
        return self.scalar(value)


def _scalar_to_json(value: Any) -> Any:
    if value is None or isinstance(value, bool | str | int | Decimal):
        return value
    if isinstance(value, FeelDate | FeelTime | FeelDateTime | DaysTimeDuration | YearsMonthsDuration):
        return str(value)
    kind = kind_of(value)
    raise ConversionError(
        Message(
            "feel.no-json",
            f"{kind_in_chinese(kind)}不能写成 JSON。",
            f"A {kind.value} value ({type(value).__name__}) cannot be written as JSON.",
        )
    )


def _too_big() -> ConversionError:
    return ConversionError(
        Message(
            "feel.too-big",
            f"数据的嵌套超过 {MAX_DEPTH} 层，或多于 {MAX_VALUES} 个值。",
            f"The data are nested more than {MAX_DEPTH} levels deep, or hold more than {MAX_VALUES} values.",
        )
    )
