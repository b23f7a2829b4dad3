"""Functions of dates and times (DMN 1.5, 10.3.4.1, 10.3.4.7, 10.3.4.9): making them, and asking the calendar."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from server.feel.diagnostics import DiagnosticKind, Fault, invalid_argument, type_mismatch
from server.feel.durations import (
    NANOS_PER_SECOND,
    DaysTimeDuration,
    Duration,
    YearsMonthsDuration,
    parse_duration,
)
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.temporal import (
    MAX_OFFSET,
    MIDNIGHT,
    MIDNIGHT_UTC,
    FeelDate,
    FeelDateTime,
    FeelTime,
    days_in_month,
    find_zone,
    make_date,
    parse_date,
    parse_date_and_time,
    parse_time,
    time_from_nanos,
)
from server.feel.values import adopt, kind_in_chinese, kind_of, seconds_as_nanos
from server.messages import Message

TEMPORAL = Library()

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _unreadable(text: str, zh: str, en: str) -> Fault:
    return invalid_argument(f"“{text}”不是{zh}。", f"'{text}' is no {en}.")


def _unsuitable(value: Any, zh: str, en: str) -> Fault:
    kind = kind_of(value)
    return type_mismatch(f"不能由{kind_in_chinese(kind)}得到{zh}。", f"A {kind.value} cannot be made a {en}.")


def _whole(*parts: Any) -> list[int]:
    numbers = [int(part) for part in parts]
    if any(number != part for number, part in zip(numbers, parts, strict=True)):
        raise invalid_argument("年月日时分应为整数。", "Years, months, days, hours and minutes are whole numbers.")
    return numbers


@TEMPORAL.builtin("date", "from: Any", "date")
def _date(source: Any) -> FeelDate:
    source = _alone(source)
    match source:
        case str():
            result = parse_date(source)
            if result is None:
                raise _unreadable(source, "日期", "date")
            return result
        case FeelDate():
            return source
        case FeelDateTime():
            return source.date
    raise _unsuitable(source, "日期", "date")


@TEMPORAL.builtin("date", "year: number; month: number; day: number", "date")
def _date_of(year: Any, month: Any, day: Any) -> FeelDate:
    result = make_date(*_whole(year, month, day))
    if result is None:
        raise invalid_argument("日历中没有这一天。", "The calendar has no such day.")
    return result


def _alone(value: Any) -> Any:
    """The element of a list of one (DMN 1.5, 10.3.2.9.4)."""
    return adopt(value[0]) if isinstance(value, list) and len(value) == 1 else value


@TEMPORAL.builtin("time", "from: Any", "time")
def _time(source: Any) -> FeelTime:
    source = _alone(source)
    match source:
        case str():
            result = parse_time(source)
            if result is None:
                raise _unreadable(source, "时间", "time")
            return result
        case FeelTime():
            return source
        case FeelDateTime():
            return source.time
        case FeelDate():
            return MIDNIGHT_UTC
    raise _unsuitable(source, "时间", "time")


@TEMPORAL.builtin("time", "hour: number; minute: number; second: number; offset?: days and time duration|null", "time")
def _time_of(hour: Any, minute: Any, second: Any, offset: DaysTimeDuration | None = None) -> FeelTime:
    hours, minutes = _whole(hour, minute)
    nanos = seconds_as_nanos(second)
    if not (0 <= hours <= 23 and 0 <= minutes <= 59 and 0 <= nanos < 60 * NANOS_PER_SECOND):
        raise invalid_argument("没有这样的时刻。", "There is no such time of day.")
    seconds = None
    if offset is not None:
        seconds = abs(offset.nanoseconds) // NANOS_PER_SECOND
        if seconds > MAX_OFFSET:
            raise invalid_argument("时区偏移不能超过 18 小时。", "An offset is at most 18 hours.")
        seconds = -seconds if offset.nanoseconds < 0 else seconds
    return time_from_nanos((hours * 3600 + minutes * 60) * NANOS_PER_SECOND + nanos, seconds)


@TEMPORAL.builtin("date and time", "from: Any", "date and time")
def _date_and_time(source: Any) -> FeelDateTime:
    source = _alone(source)
    match source:
        case str():
            result = parse_date_and_time(source)
            if result is None:
                raise _unreadable(source, "日期时间", "date and time")
            return result
        case FeelDateTime():
            return source
        case FeelDate():
            return FeelDateTime(source, MIDNIGHT)
    raise _unsuitable(source, "日期时间", "date and time")


@TEMPORAL.builtin("date and time", "date: Any; time: time", "date and time")
def _date_and_time_of(date: Any, time: FeelTime) -> FeelDateTime:
    return FeelDateTime(_calendar_day(date), time)


@TEMPORAL.builtin(
    "date and time",
    "year: number; month: number; day: number; hour: number; minute: number; second: number; "
    "offset?: days and time duration|null",
    "date and time",
)
def _date_and_time_parts(
    year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, offset: DaysTimeDuration | None = None
) -> FeelDateTime:
    return FeelDateTime(_date_of(year, month, day), _time_of(hour, minute, second, offset))


@TEMPORAL.builtin(
    "date and time",
    "year: number; month: number; day: number; hour: number; minute: number; second: number; timezone: string",
    "date and time",
)
def _date_and_time_zoned(
    year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, timezone: str
) -> FeelDateTime:
    if find_zone(timezone) is None:
        raise invalid_argument(f"未知的时区“{timezone}”。", f"Unknown time zone '{timezone}'.")
    time = _time_of(hour, minute, second)
    return FeelDateTime(
        _date_of(year, month, day), FeelTime(time.hour, time.minute, time.second, time.nanosecond, None, timezone)
    )


@TEMPORAL.builtin("duration", "from: Any", "Any")
def _duration(source: Any) -> Duration:
    source = _alone(source)
    match source:
        case str():
            result = parse_duration(source)
            if result is None:
                raise _unreadable(source, "时长", "duration")
            return result
        case DaysTimeDuration() | YearsMonthsDuration():
            return source
    raise _unsuitable(source, "时长", "duration")


@TEMPORAL.builtin("years and months duration", "from: Any; to: Any", "years and months duration")
def _years_and_months(start: Any, end: Any) -> YearsMonthsDuration:
    """Whole months between two days; times of day and zones do not count."""
    a, b = _calendar_day(start), _calendar_day(end)
    months = (b.year - a.year) * 12 + b.month - a.month
    if months > 0 and b.day < a.day:
        months -= 1
    elif months < 0 and b.day > a.day:
        months += 1
    return YearsMonthsDuration(months)


def _calendar_day(value: Any) -> FeelDate:
    value = _alone(value)
    if isinstance(value, FeelDateTime):
        return value.date
    if isinstance(value, FeelDate):
        return value
    raise _unsuitable(value, "日期", "date")


@TEMPORAL.builtin("day of year", "date: Any", "number")
def _day_of_year(date: Any) -> Decimal:
    return Decimal(_calendar_day(date).day_of_year)


@TEMPORAL.builtin("day of week", "date: Any", "string")
def _day_of_week(date: Any) -> str:
    return _WEEKDAYS[_calendar_day(date).weekday - 1]


@TEMPORAL.builtin("month of year", "date: Any", "string")
def _month_of_year(date: Any) -> str:
    return _MONTHS[_calendar_day(date).month - 1]


@TEMPORAL.builtin("week of year", "date: Any", "number")
def _week_of_year(date: Any) -> Decimal:
    return Decimal(_calendar_day(date).week_of_year)


def last_day_of_month(date: Any) -> FeelDate:
    """The last day of the month in which a date lies."""
    day = _calendar_day(date)
    return FeelDate(day.year, day.month, days_in_month(day.year, day.month))


@TEMPORAL.builtin("now", "", "date and time")
def _now(runtime: Runtime) -> Any:
    return _clock(runtime, lambda value: value)


@TEMPORAL.builtin("today", "", "date")
def _today(runtime: Runtime) -> Any:
    return _clock(runtime, lambda value: value.date)


def _clock(runtime: Runtime, read: Callable[[FeelDateTime], Any]) -> Any:
    """The instant that the caller gave; the language has no clock of its own."""
    value = adopt(runtime.clock)
    if not isinstance(value, FeelDateTime):
        raise Fault(
            DiagnosticKind.NO_CLOCK,
            Message(
                "feel.no-clock",
                "此处不提供当前时间；请把时间作为变量传入。",
                "There is no current time here; pass the time in as a variable.",
            ),
        )
    return read(value)
