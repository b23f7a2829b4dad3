"""Functions beyond the standard that designers know from Camunda 8; none of them hides one of the standard's.

``is defined`` and ``get or else`` look at whether a variable is there, which the compiler arranges for.
"""

from __future__ import annotations

import base64
from typing import Any

from server.feel.builtins_list import distinct
from server.feel.builtins_temporal import last_day_of_month
from server.feel.comparison import same
from server.feel.diagnostics import invalid_argument
from server.feel.regular_expressions import compile_pattern, find_all
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime, find_zone, shift_datetime

EXTENSIONS = Library()


@EXTENSIONS.builtin("is defined", "value: Any", "boolean")
def _is_defined(value: Any) -> bool:
    return True


@EXTENSIONS.builtin("get or else", "value: Any; default: Any")
def _get_or_else(value: Any, default: Any) -> Any:
    return default if value is None else value


@EXTENSIONS.builtin("is empty", "list: list", "boolean")
def _is_empty(items: list[Any]) -> bool:
    return not items


@EXTENSIONS.builtin("is blank", "string: string", "boolean")
def _is_blank(string: str) -> bool:
    return not string.strip()


@EXTENSIONS.builtin("trim", "string: string", "string")
def _trim(string: str) -> str:
    return string.strip()


@EXTENSIONS.builtin("to base64", "value: string", "string")
def _to_base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


@EXTENSIONS.builtin("extract", "string: string; pattern: string", "list")
def _extract(runtime: Runtime, string: str, pattern: str) -> list[str]:
    return find_all(compile_pattern(pattern, "", runtime), string, runtime)


@EXTENSIONS.builtin("duplicate values", "list: list", "list")
def _duplicate_values(runtime: Runtime, items: list[Any]) -> list[Any]:
    repeated: list[Any] = []
    seen: list[Any] = []
    for item in items:
        (repeated if any(same(item, other, runtime.spend) for other in seen) else seen).append(item)
    return distinct(runtime, repeated)


@EXTENSIONS.builtin("partition", "list: list; size: number", "list")
def _partition(runtime: Runtime, items: list[Any], size: Any) -> list[list[Any]]:
    length = int(size)
    if length < 1:
        raise invalid_argument("每组至少一个元素。", "A partition holds at least one element.")
    runtime.expect_size(len(items))
    return [items[start : start + length] for start in range(0, len(items), length)]


@EXTENSIONS.builtin("last day of month", "date: Any", "date")
def _last_day_of_month(date: Any) -> FeelDate:
    return last_day_of_month(date)


@EXTENSIONS.builtin("in zone", "date: date and time; timezone: string", "date and time")
def _in_zone(value: FeelDateTime, timezone: str) -> FeelDateTime:
    """The same instant as the clocks of another zone show it."""
    if find_zone(timezone) is None or value.time.is_local:
        raise invalid_argument(
            f"时区“{timezone}”未知，或时间本身没有时区。",
            f"The zone '{timezone}' is unknown, or the time has no zone itself.",
        )
    clock = value.time
    elsewhere = FeelTime(clock.hour, clock.minute, clock.second, clock.nanosecond, None, timezone)
    shown = FeelDateTime(value.date, elsewhere)
    moved = shift_datetime(shown, value.instant - shown.instant)
    if moved is None:
        raise invalid_argument("日期超出范围。", "The date lies beyond the calendar.")
    return moved


@EXTENSIONS.builtin("assert", "value: Any; condition: boolean; message?: string")
def _assert(value: Any, condition: bool, message: str = "") -> Any:
    if not condition:
        raise invalid_argument(f"断言不成立：{message}", f"The assertion does not hold: {message}")
    return value
