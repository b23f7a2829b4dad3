"""Values as FEEL writes them: what ``string()`` answers (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.functions import FeelFunction
from server.feel.ranges import Range
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime
from server.feel.values import adopt, number_text

_MAX_DEPTH = 100


def feel_text(value: Any, *, inner: bool = False, depth: int = 0) -> str:
    """The text of a value; strings are quoted only inside of lists, contexts and ranges."""
    value = adopt(value)
    if depth > _MAX_DEPTH:
        return "..."
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value) if inner else value
        case int() | Decimal():
            return number_text(value)
        case FeelDate() | FeelTime() | FeelDateTime() | DaysTimeDuration() | YearsMonthsDuration():
            return str(value)
        case list():
            return f"[{', '.join(feel_text(item, inner=True, depth=depth + 1) for item in value)}]"
        case dict():
            return f"{{{', '.join(_entry(key, item, depth + 1) for key, item in value.items())}}}"
        case Range():
            return _range_text(value, depth + 1)
        case FeelFunction():
            return repr(value)
    return str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


def _entry(key: str, value: Any, depth: int) -> str:
    plain = key.replace("_", "a").replace(" ", "a").isalnum() and not key[:1].isdigit()
    return f"{key if plain else _quoted(key)}: {feel_text(value, inner=True, depth=depth)}"


def _range_text(range_: Range, depth: int) -> str:
    if range_.operator is not None:
        return f"({range_.operator} {feel_text(range_.endpoint, inner=True, depth=depth)})"
    opening = "[" if range_.start_included else "("
    closing = "]" if range_.end_included else ")"
    low = feel_text(range_.start, inner=True, depth=depth)
    high = feel_text(range_.end, inner=True, depth=depth)
    return f"{opening}{low}..{high}{closing}"
