"""The border between FEEL and JSON: whole values in and out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from server.feel.diagnostics import ConversionError
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime
from server.feel.values import adopt, kind_in_chinese, kind_of
from server.messages import Message

MAX_DEPTH = 200
"""How deep lists and contexts may be nested in a value that crosses the border."""


def from_json(value: Any) -> Any:
    """A JSON-like value with everything inside it as FEEL values; strings stay strings."""
    return _from_json(value, 0)


def _from_json(value: Any, depth: int) -> Any:
    value = _shallow(value, depth)
    if isinstance(value, list):
        return [_from_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _from_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return value


def to_json(value: Any) -> Any:
    """A FEEL value as JSON-like Python: temporal values by their ISO text, numbers as int or Decimal.

    Ranges and functions have no JSON form and raise :class:`ConversionError`.
    """
    return _to_json(value, 0)


def _to_json(value: Any, depth: int) -> Any:
    value = _shallow(value, depth)
    if value is None or isinstance(value, bool | str | int | Decimal):
        return value
    if isinstance(value, list):
        return [_to_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_key(key): _to_json(item, depth + 1) for key, item in value.items()}
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


def _shallow(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ConversionError(
            Message(
                "feel.too-deep",
                f"数据的嵌套超过 {MAX_DEPTH} 层。",
                f"The data are nested more than {MAX_DEPTH} levels deep.",
            )
        )
    if isinstance(value, Mapping) and not isinstance(value, dict):
        return dict(value)
    return adopt(value)


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key)
