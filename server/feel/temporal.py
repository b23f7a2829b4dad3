"""Date, time, date and time of FEEL (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.6).

Own types, because Python's stop at the year 9999, at microseconds, and cannot tell an offset from a zone. The
calendar is the proleptic Gregorian one with a year 0; years reach to +-999,999,999. Two values are equal in
Python's sense when FEEL's ``is`` says so: same type, same parts, same way of saying the zone. FEEL's ``=`` compares
instants, see :mod:`server.feel.comparison`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.feel.durations import NANOS_PER_DAY, NANOS_PER_SECOND, fraction_text

MAX_YEAR = 999_999_999
MAX_OFFSET = 18 * 3600

_DATE = re.compile(r"(-?)([0-9]{4}|[1-9][0-9]{4,8})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*))?"
)
_MONTH_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap_year(year: int) -> bool:
    """Whether the Gregorian year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month."""
    return 29 if month == 2 and is_leap_year(year) else _MONTH_DAYS[month]


def _days_before_year(year: int) -> int:
    past = year - 1
    return past * 365 + past // 4 - past // 100 + past // 400


@dataclass(frozen=True, slots=True, order=True)
class FeelDate:
    """A day of the calendar. Build it with :func:`make_date`, which checks."""

    year: int
    month: int
    day: int

    @property
    def ordinal(self) -> int:
        """Days since the day before 0001-01-01, negative before it."""
        return _days_before_year(self.year) + self.day_of_year

    @property
    def day_of_year(self) -> int:
        """1 for the first of January."""
        before = sum(_MONTH_DAYS[1 : self.month])
        return before + self.day + (1 if self.month > 2 and is_leap_year(self.year) else 0)

    @property
    def weekday(self) -> int:
        """1 for Monday to 7 for Sunday (ISO 8601)."""
        return (self.ordinal - 1) % 7 + 1

    @property
    def week_of_year(self) -> int:
        """The ISO 8601 week number."""
        thursday = date_from_ordinal(self.ordinal - self.weekday + 4)
        return (thursday.day_of_year - 1) // 7 + 1

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class FeelTime:
    """A time of day, local, with an offset in seconds, or with an IANA zone."""

    hour: int
    minute: int
    second: int
    nanosecond: int = 0
    offset: int | None = None
    zone: str | None = None

    @property
    def nanos_of_day(self) -> int:
        """Nanoseconds since local midnight."""
        return (self.hour * 3600 + self.minute * 60 + self.second) * NANOS_PER_SECOND + self.nanosecond

    @property
    def is_local(self) -> bool:
        """Whether neither an offset nor a zone is known."""
        return self.offset is None and self.zone is None

    @property
    def utc_offset(self) -> int | None:
        """The offset in seconds where it does not depend on a date: stated, or of a zone that never changes it."""
        return self.offset if self.zone is None else fixed_offset(self.zone)

    def __str__(self) -> str:
        text = f"{self.hour:02d}:{self.minute:02d}:{self.second:02d}{fraction_text(self.nanosecond)}"
        if self.zone is not None:
            return f"{text}@{self.zone}"
        return text if self.offset is None else text + offset_text(self.offset)


@dataclass(frozen=True, slots=True)
class FeelDateTime:
    """A date together with a time of day."""

    date: FeelDate
    time: FeelTime

    @property
    def utc_offset(self) -> int | None:
        """The offset in seconds at this moment; None for a local value."""
        time = self.time
        return time.offset if time.zone is None else zone_offset(time.zone, self.date, time)

    @property
    def instant(self) -> int:
        """Nanoseconds since 0001-01-01T00:00:00Z, reading a local value as if it were UTC."""
        local = (self.date.ordinal - 1) * NANOS_PER_DAY + self.time.nanos_of_day
        return local - (self.utc_offset or 0) * NANOS_PER_SECOND

    def __str__(self) -> str:
        return f"{self.date}T{self.time}"


def make_date(year: int, month: int, day: int) -> FeelDate | None:
    """A date, or None when the calendar has no such day."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return FeelDate(year, month, day)


def date_from_ordinal(ordinal: int) -> FeelDate:
    """The inverse of :attr:`FeelDate.ordinal`."""
    n = ordinal - 1
    cycles, n = divmod(n, 146_097)
    centuries = min(n // 36_524, 3)
    n -= centuries * 36_524
    quads, n = divmod(n, 1_461)
    years = min(n // 365, 3)
    n -= years * 365
    year = cycles * 400 + centuries * 100 + quads * 4 + years + 1
    month = 1
    while n >= (length := days_in_month(year, month)):
        n -= length
        month += 1
    return FeelDate(year, month, n + 1)


def add_months(date: FeelDate, months: int) -> FeelDate | None:
    """The date ``months`` later, on the last day of the month where the day does not exist; None beyond the years."""
    year, month0 = divmod(date.year * 12 + date.month - 1 + months, 12)
    if abs(year) > MAX_YEAR:
        return None
    return FeelDate(year, month0 + 1, min(date.day, days_in_month(year, month0 + 1)))


def add_days(date: FeelDate, days: int) -> FeelDate | None:
    """The date ``days`` later; None beyond the years."""
    result = date_from_ordinal(date.ordinal + days)
    return result if abs(result.year) <= MAX_YEAR else None


def time_from_nanos(nanos: int, offset: int | None = None, zone: str | None = None) -> FeelTime:
    """A time of day from nanoseconds since midnight, modulo one day."""
    seconds, nanosecond = divmod(nanos % NANOS_PER_DAY, NANOS_PER_SECOND)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return FeelTime(hour, minute, second, nanosecond, offset, zone)


MIDNIGHT = FeelTime(0, 0, 0)
MIDNIGHT_UTC = FeelTime(0, 0, 0, 0, 0)


def offset_text(offset: int) -> str:
    """``Z``, ``+08:00`` or ``-02:45:55``."""
    if offset == 0:
        return "Z"
    hours, rest = divmod(abs(offset), 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{'-' if offset < 0 else '+'}{hours:02d}:{minutes:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=1024)
def fixed_offset(name: str) -> int | None:
    """The offset of a zone that has had the same one since 2000 in every month, as far as known; else None."""
    zone = find_zone(name)
    if zone is None:
        return None
    offsets = {
        zone.utcoffset(datetime(year, month, 1))  # noqa: DTZ001 - the zone is what is asked
        for year in range(2000, 2040)
        for month in range(1, 13)
    }
    only = offsets.pop()
    return int(only.total_seconds()) if only is not None and not offsets else None


def zone_offset(name: str, date: FeelDate, time: FeelTime) -> int | None:
    """The offset in seconds that a zone has at a local date and time (the earlier one where the clock goes back)."""
    zone = find_zone(name)
    if zone is None:
        return None
    local = datetime(_zone_year(date.year), date.month, date.day, time.hour, time.minute, time.second)  # noqa: DTZ001
    return _seconds(zone.utcoffset(local))


def _offset_at(name: str, instant: int) -> int | None:
    """The offset in seconds that a zone has at an instant."""
    zone = find_zone(name)
    if zone is None:
        return None
    days, rest = divmod(instant, NANOS_PER_DAY)
    date, time = date_from_ordinal(days + 1), time_from_nanos(rest)
    year = _zone_year(date.year)
    utc = datetime(year, date.month, date.day, time.hour, time.minute, time.second, tzinfo=UTC)
    return _seconds(utc.astimezone(zone).utcoffset())


def _zone_year(year: int) -> int:
    """A year that Python's calendar has; the rules of zones repeat with the 400-year cycle of weekdays."""
    if year > 9000:
        return 8000 + (year - 8000) % 400
    return 400 + year % 400 if year < 2 else year


def _seconds(delta: timedelta | None) -> int | None:
    return None if delta is None else round(delta / timedelta(seconds=1))


def shift_datetime(value: FeelDateTime, nanos: int) -> FeelDateTime | None:
    """A date and time ``nanos`` later; in a zone the elapsed time counts, also across a change of the clock."""
    time = value.time
    if time.zone is None:
        total = (value.date.ordinal - 1) * NANOS_PER_DAY + time.nanos_of_day + nanos
        return _from_local_nanos(total, time.offset, None)
    shifted = value.instant + nanos
    return _from_local_nanos(shifted + (_offset_at(time.zone, shifted) or 0) * NANOS_PER_SECOND, None, time.zone)


def _from_local_nanos(total: int, offset: int | None, zone: str | None) -> FeelDateTime | None:
    days, rest = divmod(total, NANOS_PER_DAY)
    date = date_from_ordinal(days + 1)
    if abs(date.year) > MAX_YEAR:
        return None
    return FeelDateTime(date, time_from_nanos(rest, offset, zone))


def parse_date(text: str) -> FeelDate | None:
    """Read ``YYYY-MM-DD`` as XML Schema writes it; None when it is not a date."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    sign, year, month, day = match.groups()
    return make_date(-int(year) if sign else int(year), int(month), int(day))


def parse_time(text: str) -> FeelTime | None:
    """Read ``hh:mm:ss`` with fraction, offset or ``@zone``; None when it is not a time. 24:00:00 is midnight."""
    parsed = _parse_clock(text)
    return None if parsed is None else parsed[0]


def parse_date_and_time(text: str) -> FeelDateTime | None:
    """Read a date, or a date and a time joined by ``T``; 24:00:00 is the midnight that ends the day."""
    head, separator, tail = text.partition("T")
    date = parse_date(head)
    if date is None or not separator:
        return None if date is None else FeelDateTime(date, MIDNIGHT)
    parsed = _parse_clock(tail)
    if parsed is None:
        return None
    time, ends_day = parsed
    if ends_day:
        following = add_days(date, 1)
        return None if following is None else FeelDateTime(following, time)
    return FeelDateTime(date, time)


def _parse_clock(text: str) -> tuple[FeelTime, bool] | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hh, mm, ss, fraction, zulu, sign, off_h, off_m, off_s, zone = match.groups()
    hour, minute, second = int(hh), int(mm), int(ss)
    nanos = int((fraction or "")[:9].ljust(9, "0"))
    ends_day = hour == 24 and minute == second == nanos == 0
    if minute > 59 or second > 59 or (hour > 23 and not ends_day):
        return None
    offset: int | None = None
    if zulu:
        offset = 0
    elif sign:
        offset = int(off_h) * 3600 + int(off_m) * 60 + int(off_s or 0)
        if int(off_m) > 59 or int(off_s or 0) > 59 or offset > MAX_OFFSET:
            return None
        offset = -offset if sign == "-" else offset
    elif zone and find_zone(zone) is None:
        return None
    return FeelTime(0 if ends_day else hour, minute, second, nanos, offset, zone), ends_day
