"""The properties of temporal values and ranges (DMN 1.5, table 65), as the paths after them read them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from server.feel.durations import NANOS_PER_SECOND, DaysTimeDuration, seconds_decimal
from server.feel.temporal import FeelDateTime, FeelTime
from server.feel.values import Kind


def _seconds(time: FeelTime) -> Decimal:
    return seconds_decimal(time.second, time.nanosecond)


def _offset(value: FeelTime | FeelDateTime) -> DaysTimeDuration | None:
    offset = value.utc_offset
    return None if offset is None else DaysTimeDuration(offset * NANOS_PER_SECOND)


_DATE: dict[str, Callable[[Any], Any]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: dict[str, Callable[[Any], Any]] = {
    "hour": lambda time: Decimal(time.hour),
    "minute": lambda time: Decimal(time.minute),
    "second": _seconds,
    "time offset": _offset,
    "timezone": lambda time: time.zone,
}


def _of_date(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value.date)


def _of_time(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(value.time)


PROPERTIES: dict[Kind, dict[str, Callable[[Any], Any]]] = {
    Kind.DATE: _DATE,
    Kind.TIME: _TIME,
    Kind.DATE_AND_TIME: {
        **{name: _of_date(read) for name, read in _DATE.items()},
        **{name: _of_time(read) for name, read in _TIME.items()},
        "time offset": _offset,
    },
    Kind.YEARS_MONTHS_DURATION: {
        "years": lambda duration: Decimal(duration.years),
        "months": lambda duration: Decimal(duration.months),
    },
    Kind.DAYS_TIME_DURATION: {
        "days": lambda duration: Decimal(duration.days),
        "hours": lambda duration: Decimal(duration.hours),
        "minutes": lambda duration: Decimal(duration.minutes),
        "seconds": lambda duration: duration.seconds,
    },
    Kind.RANGE: {
        "start": lambda range_: range_.start,
        "end": lambda range_: range_.end,
        "start included": lambda range_: range_.start_included,
        "end included": lambda range_: range_.end_included,
    },
}
