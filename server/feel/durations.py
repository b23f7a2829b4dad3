"""The two durations of FEEL (DMN 1.5, 10.3.2.3.7 and 10.3.2.3.8): days and time, years and months.

Both are a signed count of one unit - nanoseconds, months - and are written in normal form: ``P1DT2H``, ``P1Y2M``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_MINUTE = 60 * NANOS_PER_SECOND
NANOS_PER_HOUR = 3_600 * NANOS_PER_SECOND
NANOS_PER_DAY = 86_400 * NANOS_PER_SECOND

MAX_NANOS = 10**10 * 366 * NANOS_PER_DAY
"""Longer than the span between the first and the last date; bounds what arithmetic may produce."""

MAX_MONTHS = 12 * 10**10

_YEARS_MONTHS = re.compile(r"(-)?P(?:([0-9]{1,12})Y)?(?:([0-9]{1,12})M)?")
_DAYS_TIME = re.compile(
    r"(-)?P(?:([0-9]{1,15})D)?"
    r"(?:(T)(?:([0-9]{1,15})H)?(?:([0-9]{1,15})M)?(?:([0-9]{1,15})(?:\.([0-9]{0,30}))?S)?)?"
)


@dataclass(frozen=True, slots=True, order=True)
class DaysTimeDuration:
    """A signed number of nanoseconds."""

    nanoseconds: int

    @property
    def days(self) -> int:
        """Whole days, with the sign of the duration."""
        return self._part(NANOS_PER_DAY, 10**30)

    @property
    def hours(self) -> int:
        """Whole hours beyond the days."""
        return self._part(NANOS_PER_HOUR, 24)

    @property
    def minutes(self) -> int:
        """Whole minutes beyond the hours."""
        return self._part(NANOS_PER_MINUTE, 60)

    @property
    def seconds(self) -> Decimal:
        """Seconds beyond the minutes, with their fraction."""
        rest = abs(self.nanoseconds) % NANOS_PER_MINUTE
        value = seconds_decimal(rest // NANOS_PER_SECOND, rest % NANOS_PER_SECOND)
        return value.copy_negate() if self.nanoseconds < 0 and value else value

    def _part(self, unit: int, modulus: int) -> int:
        value = abs(self.nanoseconds) // unit % modulus
        return -value if self.nanoseconds < 0 else value

    def __str__(self) -> str:
        if not self.nanoseconds:
            return "PT0S"
        rest = abs(self.nanoseconds)
        days, rest = divmod(rest, NANOS_PER_DAY)
        hours, rest = divmod(rest, NANOS_PER_HOUR)
        minutes, rest = divmod(rest, NANOS_PER_MINUTE)
        seconds, nanos = divmod(rest, NANOS_PER_SECOND)
        text = "-P" if self.nanoseconds < 0 else "P"
        if days:
            text += f"{days}D"
        if hours or minutes or seconds or nanos:
            text += "T"
        if hours:
            text += f"{hours}H"
        if minutes:
            text += f"{minutes}M"
        if seconds or nanos:
            text += f"{seconds}{fraction_text(nanos)}S"
        return text


@dataclass(frozen=True, slots=True, order=True)
class YearsMonthsDuration:
    """A signed number of months."""

    total_months: int

    @property
    def years(self) -> int:
        """Whole years, with the sign of the duration."""
        value = abs(self.total_months) // 12
        return -value if self.total_months < 0 else value

    @property
    def months(self) -> int:
        """Whole months beyond the years."""
        value = abs(self.total_months) % 12
        return -value if self.total_months < 0 else value

    def __str__(self) -> str:
        if not self.total_months:
            return "P0M"
        years, months = divmod(abs(self.total_months), 12)
        text = "-P" if self.total_months < 0 else "P"
        if years:
            text += f"{years}Y"
        if months:
            text += f"{months}M"
        return text


Duration = DaysTimeDuration | YearsMonthsDuration


def seconds_decimal(seconds: int, nanos: int) -> Decimal:
    """Seconds and nanoseconds as one exact number, whatever the decimal context."""
    return Decimal(f"{seconds}{fraction_text(nanos)}")


def fraction_text(nanos: int) -> str:
    """The decimal fraction of a second as ISO 8601 writes it, without trailing zeros; empty for none."""
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def parse_duration(text: str) -> Duration | None:
    """Read an ISO 8601 duration of either kind; None when it is neither, or mixes both."""
    if match := _YEARS_MONTHS.fullmatch(text):
        sign, years, months = match.groups()
        if years is not None or months is not None:
            total = int(years or 0) * 12 + int(months or 0)
            return YearsMonthsDuration(-total if sign else total) if total <= MAX_MONTHS else None
    match = _DAYS_TIME.fullmatch(text)
    if match is None:
        return None
    sign, days, clock, hours, minutes, seconds, fraction = match.groups()
    in_clock = (hours, minutes, seconds)
    if days is None and all(part is None for part in in_clock):
        return None
    if clock and all(part is None for part in in_clock):
        return None
    total = (
        int(days or 0) * NANOS_PER_DAY
        + int(hours or 0) * NANOS_PER_HOUR
        + int(minutes or 0) * NANOS_PER_MINUTE
        + int(seconds or 0) * NANOS_PER_SECOND
        + int((fraction or "")[:9].ljust(9, "0"))
    )
    return DaysTimeDuration(-total if sign else total) if total <= MAX_NANOS else None
