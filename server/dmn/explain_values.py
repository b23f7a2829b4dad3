"""Values as people read them: "4 小时", "7.2%", "29 February 2024", "12,000".

Dates, times and durations are told from other texts by their ISO form, because a stored trace holds them as text. A
number is said as a percentage only where its column is a rate by its name and its numbers are fractions of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from server.calendars import DurationError, parse_duration
from server.feel import ConversionError, FeelDate, FeelDateTime, FeelTime, feel_text, to_json
from server.feel.temporal import parse_date, parse_date_and_time, parse_time, shift_datetime
from server.feel.values import number_text

_FRACTION_DIGITS: Final = 6
_BUSINESS_OFFSET: Final = 8 * 3600
"""Lenders work in the time of Asia/Shanghai, in which instants are shown everywhere."""

_RATE: Final = re.compile(
    r"(?<![汇倍频])率|占比|比例|比重|成数|(?<![对类同])比$|(?<![a-z])(?:rate|ratio|apr|irr|ltv|dti|percentage)s?(?![a-z])"
)
_NO_FRACTION: Final = re.compile(r"%|％|‰|百分|percent\b|pct|per mille|\bbps?\b|exchange|汇率", re.IGNORECASE)
_CODE: Final = re.compile(r"代码|编码|编号|产品|型号|(?<![a-z])(?:codes?|products?|ids?|numbers?)(?![a-z])")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_NUMBER: Final = re.compile(r"(?<![\w.])\d*\.?\d+")
_DURATION: Final = re.compile(r"[+-]?P(?:\d|T\d).*")
_MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
_UNITS: Final = (
    ("年", "year"),
    ("个月", "month"),
    ("天", "day"),
    ("个工作日", "working day"),
    ("小时", "hour"),
    ("分钟", "minute"),
    ("秒", "second"),
    ("个工时", "working hour"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of where a value stands: whether its numbers are rates, and its texts codes."""

    rate: bool = False
    codes: bool = False


ANYWHERE: Final = Column()


def column(names: Iterable[str], cells: Iterable[str], value: Any) -> Column:
    """What the names of a column and the numbers in its cells tell; where there are none, the value's own size."""
    known = _words(names)
    rate = bool(_RATE.search(known)) and not _NO_FRACTION.search(known)
    if rate:
        numbers = [Decimal(number) for number in _NUMBER.findall(_QUOTED.sub("", " ".join(cells)))]
        if not numbers and isinstance(value, int | Decimal):
            numbers = [Decimal(value)]
        rate = bool(numbers) and all(abs(number) <= 1 for number in numbers)
    return Column(rate, bool(_CODE.search(known)))


def _words(names: Iterable[str]) -> str:
    """Names in small letters, ``annualRate`` as two words."""
    return " ".join(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ") for name in names).lower()


def value_text(value: Any, language: str, place: Column = ANYWHERE) -> str:
    """A value as people read it, in ``zh`` or ``en``."""
    chinese = language == "zh"
    if value is None:
        return "（空）" if chinese else "(missing)"
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, str):
        return value if place.codes else _temporal_text(value, language)
    if isinstance(value, int | Decimal):
        return _number(value * 100) + "%" if place.rate else _number(value)
    if isinstance(value, list | tuple):
        return ("、" if chinese else ", ").join(value_text(item, language, place) for item in value)
    if isinstance(value, Mapping):
        joint = "，" if chinese else ", "
        items = [(key, item, column((str(key),), (), item)) for key, item in value.items()]
        return joint.join(f"{key} {value_text(item, language, place)}" for key, item, place in items)
    try:
        return _temporal_text(str(to_json(value)), language)
    except ConversionError:
        return feel_text(value)


def _number(value: int | Decimal) -> str:
    """A number with its thousands apart and so many digits of a fraction; what is cut off is hinted at, never
    rounded."""
    text = number_text(value)
    whole, point, fraction = text.partition(".")
    if whole.lstrip("-").isdigit():
        whole = f"{Decimal(whole):,}"
    return whole + point + (fraction if len(fraction) <= _FRACTION_DIGITS else f"{fraction[:_FRACTION_DIGITS]}…")


def _temporal_text(text: str, language: str) -> str:
    """A date, a time or a duration in words; any other text as it is."""
    if _DURATION.fullmatch(text):
        return _duration_text(text, language)
    if len(text) < len("09:30:00") or not text[-1:].isalnum():
        return text
    if (date := parse_date(text)) is not None:
        return _date_text(date, language)
    if "T" in text and (moment := parse_date_and_time(text)) is not None:
        return _moment_text(moment, language)
    time = parse_time(text)
    return text if time is None else _time_text(time)


def _date_text(date: FeelDate, language: str) -> str:
    if language == "zh":
        return f"{date.year}年{date.month}月{date.day}日"
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def _moment_text(moment: FeelDateTime, language: str) -> str:
    offset = moment.utc_offset
    if offset is not None:
        local = FeelDateTime(moment.date, replace(moment.time, offset=None, zone=None))
        moment = shift_datetime(local, (_BUSINESS_OFFSET - offset) * 1_000_000_000) or moment
    return f"{_date_text(moment.date, language)} {_time_text(moment.time)}"


def _time_text(time: FeelTime) -> str:
    """The clock, without seconds where there are none, and without the zone of the business."""
    local = str(replace(time, offset=None, zone=None))
    clock = local.removesuffix(":00") if local.count(":") == 2 else local
    return clock if time.is_local or time.utc_offset == _BUSINESS_OFFSET else clock + str(time)[len(local) :]


def _duration_text(text: str, language: str) -> str:
    try:
        duration = parse_duration(text)
    except DurationError:
        return text
    hours, rest = divmod(abs(duration.seconds), 3600)
    minutes, seconds = divmod(rest, 60)
    dates = [Decimal(abs(n)) for n in (duration.years, duration.months, duration.days, duration.working_days)]
    amounts = [*dates, hours, minutes, seconds, abs(duration.working_seconds) / 3600]
    chinese = language == "zh"
    parts = []
    for amount, (zh, en) in zip(amounts, _UNITS, strict=True):
        if amount:
            shown = _number(amount)
            parts.append(f"{shown} {zh}" if chinese else f"{shown} {en}{'' if shown == '1' else 's'}")
    if not parts:
        return "0 秒" if chinese else "0 seconds"
    sign = ("负 " if chinese else "minus ") if duration.is_negative else ""
    return sign + " ".join(parts)
