"""The values of FEEL as Python values, and the kinds they are of (DMN 1.5, table 38).

null is None; booleans, strings, lists and contexts are bool, str, list and dict; numbers are Decimal with 34 digits,
and int is taken for a number wherever it is met. What callers bring besides - float, tuple, datetime - is adopted
where an operation first meets it, so that big inputs need not be converted before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from enum import StrEnum
from typing import Any

from server.feel.durations import NANOS_PER_SECOND, DaysTimeDuration, YearsMonthsDuration
from server.feel.functions import FeelFunction
from server.feel.ranges import Range
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime

NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    capitals=1,
    clamp=0,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
"""IEEE 754 decimal128 (DMN 1.5, 10.3.2.3.1); always called explicitly, never installed as the global context."""


class Kind(StrEnum):
    """The kinds of values that FEEL tells apart, by the names that FEEL gives them."""

    NULL = "null"
    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    DATE = "date"
    TIME = "time"
    DATE_AND_TIME = "date and time"
    DAYS_TIME_DURATION = "days and time duration"
    YEARS_MONTHS_DURATION = "years and months duration"
    LIST = "list"
    CONTEXT = "context"
    RANGE = "range"
    FUNCTION = "function"
    FOREIGN = "foreign"


_KINDS: dict[type, Kind] = {
    type(None): Kind.NULL,
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    Decimal: Kind.NUMBER,
    str: Kind.STRING,
    FeelDate: Kind.DATE,
    FeelTime: Kind.TIME,
    FeelDateTime: Kind.DATE_AND_TIME,
    DaysTimeDuration: Kind.DAYS_TIME_DURATION,
    YearsMonthsDuration: Kind.YEARS_MONTHS_DURATION,
    list: Kind.LIST,
    dict: Kind.CONTEXT,
    Range: Kind.RANGE,
    FeelFunction: Kind.FUNCTION,
}

_CHINESE = {
    Kind.NULL: "空值",
    Kind.BOOLEAN: "布尔值",
    Kind.NUMBER: "数字",
    Kind.STRING: "字符串",
    Kind.DATE: "日期",
    Kind.TIME: "时间",
    Kind.DATE_AND_TIME: "日期时间",
    Kind.DAYS_TIME_DURATION: "天时长",
    Kind.YEARS_MONTHS_DURATION: "年月时长",
    Kind.LIST: "列表",
    Kind.CONTEXT: "上下文",
    Kind.RANGE: "区间",
    Kind.FUNCTION: "函数",
    Kind.FOREIGN: "未知类型",
}


def kind_of(value: Any) -> Kind:
    """The kind of a value that is FEEL's already, or FOREIGN."""
    return _KINDS.get(type(value), Kind.FOREIGN)


def kind_in_chinese(kind: Kind) -> str:
    """The kind's name in a Chinese sentence."""
    return _CHINESE[kind]


def adopt(value: Any) -> Any:
    """The FEEL value for whatever a caller brought; FEEL values come back unchanged, unknown types as they are."""
    if type(value) in _KINDS:
        if type(value) is Decimal and not value.is_finite():
            return None
        return value
    if isinstance(value, float):
        return Decimal(repr(float(value))) if value == value and abs(value) != float("inf") else None
    if isinstance(value, bool):
        return bool(value)
    for base in (str, int, Decimal):
        if isinstance(value, base):
            return base(value)
    if isinstance(value, Mapping):
        return value if isinstance(value, dict) else dict(value)
    if isinstance(value, Sequence | AbstractSet) and not isinstance(value, bytes | bytearray):
        return list(value)
    return adopt_temporal(value)


def adopt_temporal(value: Any) -> Any:
    """The FEEL value for a value of Python's datetime module; anything else comes back unchanged."""
    if isinstance(value, datetime):
        return FeelDateTime(FeelDate(value.year, value.month, value.day), _adopt_time(value.timetz(), value))
    if isinstance(value, date):
        return FeelDate(value.year, value.month, value.day)
    if isinstance(value, time):
        return _adopt_time(value, value)
    if isinstance(value, timedelta):
        microseconds = (value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds
        return DaysTimeDuration(microseconds * 1000)
    return value


def _adopt_time(value: time, source: datetime | time) -> FeelTime:
    offset = source.utcoffset()
    zone = getattr(value.tzinfo, "key", None)
    seconds = None if offset is None or zone is not None else int(offset.total_seconds())
    return FeelTime(value.hour, value.minute, value.second, value.microsecond * 1000, seconds, zone)


def seconds_as_nanos(value: int | Decimal) -> int:
    """Seconds, possibly with a fraction, as whole nanoseconds."""
    return int(NUMBERS.multiply(NUMBERS.create_decimal(value), NANOS_PER_SECOND))


def number_text(value: int | Decimal) -> str:
    """A number in plain notation, as FEEL writes it: no exponent, no trailing zeros of the fraction."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    if abs(value.adjusted()) > 6200:
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
