"""Addition to exponentiation over numbers, strings, dates and durations (DMN 1.5, tables 55 to 59).

Every function raises :class:`Fault` where FEEL's table has no row for its operands.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from server.feel.diagnostics import Fault, arithmetic_fault, type_mismatch
from server.feel.durations import (
    MAX_MONTHS,
    MAX_NANOS,
    NANOS_PER_DAY,
    DaysTimeDuration,
    YearsMonthsDuration,
)
from server.feel.temporal import (
    MIDNIGHT_UTC,
    FeelDate,
    FeelDateTime,
    FeelTime,
    add_days,
    add_months,
    shift_datetime,
    time_from_nanos,
)
from server.feel.values import NUMBERS, Kind, adopt, kind_in_chinese, kind_of

_SIGNS = {"+": ("相加", "added"), "-": ("相减", "subtracted"), "*": ("相乘", "multiplied"), "/": ("相除", "divided")}


def _undefined(operator: str, left: Any, right: Any) -> Fault:
    a, b = kind_of(left), kind_of(right)
    zh, en = _SIGNS.get(operator, ("乘方", "raised to a power"))
    return type_mismatch(
        f"{kind_in_chinese(a)}和{kind_in_chinese(b)}不能{zh}（{operator}）。",
        f"A {a.value} and a {b.value} cannot be {en} ({operator}).",
    )


def _numbers(operation: Callable[[Any, Any], Decimal], left: Any, right: Any) -> Decimal:
    try:
        return operation(left, right)
    except DecimalException:
        raise out_of_numbers() from None


def out_of_numbers() -> Fault:
    """A calculation that decimal128 has no result for."""
    return arithmetic_fault(
        "计算没有结果：除数为零，或数值超出范围。",
        "The calculation has no result: a division by zero, or a number out of range.",
    )


def add(left: Any, right: Any) -> Any:
    """``left + right``."""
    left, right = adopt(left), adopt(right)
    match kind_of(left), kind_of(right):
        case Kind.NUMBER, Kind.NUMBER:
            return _numbers(NUMBERS.add, left, right)
        case Kind.STRING, Kind.STRING:
            return left + right
        case (Kind.DAYS_TIME_DURATION, Kind.DAYS_TIME_DURATION):
            return days_time(left.nanoseconds + right.nanoseconds)
        case (Kind.YEARS_MONTHS_DURATION, Kind.YEARS_MONTHS_DURATION):
            return years_months(left.total_months + right.total_months)
        case ((Kind.DATE | Kind.TIME | Kind.DATE_AND_TIME), (Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION)):
            return _shift("+", left, right, 1)
        case ((Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION), (Kind.DATE | Kind.TIME | Kind.DATE_AND_TIME)):
            return _shift("+", right, left, 1)
    raise _undefined("+", left, right)


def subtract(left: Any, right: Any) -> Any:
    """``left - right``."""
    left, right = adopt(left), adopt(right)
    match kind_of(left), kind_of(right):
        case Kind.NUMBER, Kind.NUMBER:
            return _numbers(NUMBERS.subtract, left, right)
        case (Kind.DAYS_TIME_DURATION, Kind.DAYS_TIME_DURATION):
            return days_time(left.nanoseconds - right.nanoseconds)
        case (Kind.YEARS_MONTHS_DURATION, Kind.YEARS_MONTHS_DURATION):
            return years_months(left.total_months - right.total_months)
        case ((Kind.DATE | Kind.TIME | Kind.DATE_AND_TIME), (Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION)):
            return _shift("-", left, right, -1)
        case Kind.DATE, Kind.DATE:
            return days_time((left.ordinal - right.ordinal) * NANOS_PER_DAY)
        case ((Kind.DATE | Kind.DATE_AND_TIME), (Kind.DATE | Kind.DATE_AND_TIME)):
            return _elapsed(_moment(left), _moment(right))
        case Kind.TIME, Kind.TIME:
            return _elapsed_of_day(left, right)
    raise _undefined("-", left, right)


def multiply(left: Any, right: Any) -> Any:
    """``left * right``."""
    left, right = adopt(left), adopt(right)
    match kind_of(left), kind_of(right):
        case Kind.NUMBER, Kind.NUMBER:
            return _numbers(NUMBERS.multiply, left, right)
        case ((Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION), Kind.NUMBER):
            return _scaled(left, right, NUMBERS.multiply)
        case Kind.NUMBER, (Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION):
            return _scaled(right, left, NUMBERS.multiply)
    raise _undefined("*", left, right)


def divide(left: Any, right: Any) -> Any:
    """``left / right``."""
    left, right = adopt(left), adopt(right)
    match kind_of(left), kind_of(right):
        case Kind.NUMBER, Kind.NUMBER:
            return _numbers(NUMBERS.divide, left, right)
        case ((Kind.DAYS_TIME_DURATION | Kind.YEARS_MONTHS_DURATION), Kind.NUMBER):
            return _scaled(left, right, NUMBERS.divide)
        case (Kind.DAYS_TIME_DURATION, Kind.DAYS_TIME_DURATION):
            return _numbers(NUMBERS.divide, Decimal(left.nanoseconds), Decimal(right.nanoseconds))
        case (Kind.YEARS_MONTHS_DURATION, Kind.YEARS_MONTHS_DURATION):
            return _numbers(NUMBERS.divide, Decimal(left.total_months), Decimal(right.total_months))
    raise _undefined("/", left, right)


def power(left: Any, right: Any) -> Any:
    """``left ** right``."""
    left, right = adopt(left), adopt(right)
    if kind_of(left) is Kind.NUMBER and kind_of(right) is Kind.NUMBER:
        return _numbers(_power, left, right)
    raise _undefined("**", left, right)


def _power(base: Any, exponent: Any) -> Decimal:
    return (
        Decimal(1) if exponent == 0 else NUMBERS.power(NUMBERS.create_decimal(base), NUMBERS.create_decimal(exponent))
    )


def negate(value: Any) -> Any:
    """``-value``."""
    value = adopt(value)
    match kind_of(value):
        case Kind.NUMBER:
            return _numbers(NUMBERS.subtract, 0, value)
        case Kind.DAYS_TIME_DURATION:
            return DaysTimeDuration(-value.nanoseconds)
        case Kind.YEARS_MONTHS_DURATION:
            return YearsMonthsDuration(-value.total_months)
    kind = kind_of(value)
    raise type_mismatch(f"{kind_in_chinese(kind)}不能取负。", f"A {kind.value} cannot be negated.")


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def days_time(nanoseconds: int) -> DaysTimeDuration:
    """A days and time duration within its bounds."""
    if abs(nanoseconds) > MAX_NANOS:
        raise _out_of_range()
    return DaysTimeDuration(nanoseconds)


def years_months(months: int) -> YearsMonthsDuration:
    """A years and months duration within its bounds."""
    if abs(months) > MAX_MONTHS:
        raise _out_of_range()
    return YearsMonthsDuration(months)


def _out_of_range() -> Fault:
    return arithmetic_fault("日期或时长超出可表示的范围。", "The date or duration lies beyond what can be represented.")


def _scaled(
    duration: DaysTimeDuration | YearsMonthsDuration, number: Any, operation: Callable[[Any, Any], Decimal]
) -> Any:
    if isinstance(duration, DaysTimeDuration):
        result = _numbers(operation, duration.nanoseconds, number)
        return days_time(int(result) if abs(result) <= MAX_NANOS else MAX_NANOS + 1)
    result = _numbers(operation, duration.total_months, number)
    return years_months(int(result) if abs(result) <= MAX_MONTHS else MAX_MONTHS + 1)


def _shift(operator: str, value: Any, duration: DaysTimeDuration | YearsMonthsDuration, sign: int) -> Any:
    """A date, time or date and time moved by a duration, forward or back."""
    result: FeelDate | FeelTime | FeelDateTime | None
    if isinstance(duration, YearsMonthsDuration):
        months = sign * duration.total_months
        if isinstance(value, FeelTime):
            raise _undefined(operator, value, duration)
        if isinstance(value, FeelDate):
            result = add_months(value, months)
        else:
            moved = add_months(value.date, months)
            result = None if moved is None else FeelDateTime(moved, value.time)
    else:
        nanos = sign * duration.nanoseconds
        if isinstance(value, FeelTime):
            result = time_from_nanos(value.nanos_of_day + nanos, value.offset, value.zone)
        elif isinstance(value, FeelDate):
            # A date moves as its midnight would; what is left of a day is cut off.
            result = add_days(value, nanos // NANOS_PER_DAY)
        else:
            result = shift_datetime(value, nanos)
    if result is None:
        raise _out_of_range()
    return result


def _moment(value: FeelDate | FeelDateTime) -> FeelDateTime:
    """A date beside a date and time counts as its midnight in UTC (DMN 1.5, table 57)."""
    return FeelDateTime(value, MIDNIGHT_UTC) if isinstance(value, FeelDate) else value


def _elapsed(left: FeelDateTime, right: FeelDateTime) -> DaysTimeDuration:
    if left.time.is_local is not right.time.is_local:
        raise _zone_missing()
    return days_time(left.instant - right.instant)


def _elapsed_of_day(left: FeelTime, right: FeelTime) -> DaysTimeDuration:
    if left.is_local is not right.is_local:
        raise _zone_missing()
    difference = left.nanos_of_day - right.nanos_of_day
    if left.zone is None or left.zone != right.zone:
        a, b = left.utc_offset, right.utc_offset
        if (a is None) is not (b is None) or (a is None and not left.is_local):
            raise _zone_missing()
        difference -= ((a or 0) - (b or 0)) * 1_000_000_000
    return days_time(difference)


def _zone_missing() -> Fault:
    return type_mismatch(
        "一个值有时区而另一个没有，不能相减；请为两者都写明时区。",
        "One value has a time zone and the other has none; state the zone of both to subtract them.",
    )
