"""Durations of ISO 8601, with two extensions: ``WD``, working days (``P3WD``), and ``WH``, working hours (``PT8WH``).

Years, months and days are calendar arithmetic on the wall clock (31 January plus a month is the last day of
February); hours, minutes and seconds are elapsed time; working days and hours need a calendar. ``P3WDT4H`` is the
same time three working days later and four hours on by the clock; ``P3WDT4WH`` counts four hours of work instead.
"""

from __future__ import annotations

import calendar as gregorian
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from server.calendars.errors import DurationError, DurationRangeError
from server.calendars.instants import at_wall_time, require_aware, zone_named
from server.calendars.working_time import WorkingTime

_DURATION = re.compile(
    r"(?P<sign>[+-])?P"
    r"(?:(?P<years>\d{1,12})Y)?(?:(?P<months>\d{1,12})M)?(?:(?P<weeks>\d{1,12})W)?(?:(?P<days>\d{1,12})D)?"
    r"(?:(?P<working_days>\d{1,12})WD)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,12}(?:[.,]\d{1,9})?)H)?(?:(?P<minutes>\d{1,12}(?:[.,]\d{1,9})?)M)?"
    r"(?:(?P<seconds>\d{1,12}(?:[.,]\d{1,9})?)S)?(?:(?P<working_hours>\d{1,12}(?:[.,]\d{1,9})?)WH)?)?",
    re.ASCII,
)
_CLOCK = ("hours", "minutes", "seconds", "working_hours")
_LARGEST = 1_000_000_000
"""No component may be longer: it would only leave the years that a calendar can name."""

_MOST_WORKING_DAYS = 36_525
_MOST_WORKING_HOURS = 100_000
_MICROSECOND = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; all components have the same sign. ``seconds`` includes hours and minutes.

    ``working_seconds`` is time during which work is done.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    working_days: int = 0
    seconds: Decimal = Decimal(0)
    working_seconds: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        signs = {value > 0 for value in self._components() if value}
        if len(signs) > 1:
            raise DurationError.of(
                "duration.mixed-signs",
                "一个时长的各部分必须同为正或同为负。",
                "The parts of a duration must be all positive or all negative.",
            )

    @property
    def is_zero(self) -> bool:
        """Whether the duration has no length."""
        return not any(self._components())

    @property
    def is_negative(self) -> bool:
        """Whether the duration leads back in time."""
        return any(value < 0 for value in self._components())

    @property
    def needs_calendar(self) -> bool:
        """Whether working days or hours are part of it."""
        return bool(self.working_days or self.working_seconds)

    @property
    def is_elapsed(self) -> bool:
        """Whether it is time by the clock alone, the same length wherever it begins."""
        return not (self.years or self.months or self.days or self.needs_calendar)

    def times(self, factor: int) -> Duration:
        """This duration ``factor`` times over: two months at once, not twice one, which could clamp twice."""
        return Duration(
            self.years * factor,
            self.months * factor,
            self.days * factor,
            self.working_days * factor,
            self.seconds * factor,
            self.working_seconds * factor,
        )

    def after(self, instant: datetime, calendar: WorkingTime | None = None) -> datetime:
        """The instant this duration after ``instant``.

        Months come first, then days, then working days, then elapsed time (the order of XML Schema), then working
        hours. Wall clock arithmetic is done in the calendar's zone when there is a calendar, otherwise in the zone of
        ``instant``, and the result is in that zone.
        """
        local = require_aware(instant).astimezone(_zone_for(instant, calendar))
        try:
            local = _add_days(_add_months(local, self.years * 12 + self.months), self.days)
            if self.working_days:
                local = _calendar_for(self, calendar).add_working_days(local, self.working_days)
            local = (local.astimezone(UTC) + _timedelta(self.seconds)).astimezone(local.tzinfo)
            if self.working_seconds:
                local = _calendar_for(self, calendar).add_working_time(local, _timedelta(self.working_seconds))
            return local
        except (OverflowError, ValueError) as error:
            raise DurationRangeError.of(
                "duration.out-of-range",
                f"{instant.isoformat()} 加上 {self} 超出了可以表示的日期范围；请缩短时长。",
                f"{instant.isoformat()} plus {self} leaves the dates that can be represented; shorten it.",
            ) from error

    def __str__(self) -> str:
        """The canonical ISO 8601 text, which :func:`parse_duration` reads back to an equal duration."""
        dates = ((self.years, "Y"), (self.months, "M"), (self.days, "D"), (self.working_days, "WD"))
        text = "".join(f"{abs(value)}{unit}" for value, unit in dates if value)
        hours, rest = divmod(abs(self.seconds), 3600)
        minutes, seconds = divmod(rest, 60)
        work = abs(self.working_seconds) / 3600
        times = ((hours, "H"), (minutes, "M"), (seconds, "S"), (work, "WH"))
        clock = "".join(f"{_plain(value)}{unit}" for value, unit in times if value)
        sign = "-" if self.is_negative else ""
        return f"{sign}P{text}{'T' if clock or not text else ''}{clock or ('' if text else '0S')}"

    def _components(self) -> tuple[int | Decimal, ...]:
        return self.years, self.months, self.days, self.working_days, self.seconds, self.working_seconds


def parse_duration(text: str) -> Duration:
    """Read ``P1Y2M3DT4H5M6S``, ``P3W`` or ``P3WD``; a fraction is allowed in the last of the time parts.

    A leading minus leads back in time ("two days before"); whoever needs a timer refuses that himself.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match[part] for part in _DURATION.groupindex if part != "sign"):
        raise _unreadable(text)
    written = [Decimal(match[part].replace(",", ".")) for part in _CLOCK if match[part]]
    if any(value % 1 for value in written[:-1]):
        raise _unreadable(text)
    clock = [Decimal((match[part] or "0").replace(",", ".")) for part in _CLOCK]
    numbers: dict[str, int] = {
        part: int(match[part] or 0) for part in ("years", "months", "weeks", "days", "working_days")
    }
    longest = max(max(numbers.values()), *map(int, clock))
    if longest > _LARGEST or numbers["working_days"] > _MOST_WORKING_DAYS or clock[3] > _MOST_WORKING_HOURS:
        raise DurationError.of(
            "duration.too-long",
            f"时长“{text}”过长；请检查数字。",
            f"The duration '{text}' is too long; check its numbers.",
        )
    duration = Duration(
        numbers["years"],
        numbers["months"],
        numbers["weeks"] * 7 + numbers["days"],
        numbers["working_days"],
        clock[0] * 3600 + clock[1] * 60 + clock[2],
        clock[3] * 3600,
    )
    return duration.times(-1) if match["sign"] == "-" else duration


def _zone_for(instant: datetime, calendar: WorkingTime | None) -> tzinfo:
    return zone_named(calendar.zone) if calendar is not None else instant.tzinfo or UTC


def _add_months(local: datetime, months: int) -> datetime:
    """The same day and time ``months`` later, or the last day of that month when it is shorter."""
    if not months:
        return local
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(year)
    day = min(local.day, gregorian.monthrange(year, month + 1)[1])
    return at_wall_time(local.replace(year=year, month=month + 1, day=day), local.tzinfo or UTC)


def _add_days(local: datetime, days: int) -> datetime:
    if not days:
        return local
    return at_wall_time(local.replace(tzinfo=None) + timedelta(days=days), local.tzinfo or UTC)


def _timedelta(seconds: Decimal) -> timedelta:
    """Exact to the microsecond, which is as fine as an instant is stored."""
    microseconds = seconds.quantize(_MICROSECOND, ROUND_HALF_EVEN).scaleb(6)
    return timedelta(microseconds=int(microseconds))


def _calendar_for(duration: Duration, calendar: WorkingTime | None) -> WorkingTime:
    if calendar is None:
        raise DurationError.of(
            "duration.calendar-missing",
            f"时长“{duration}”以工作日或工时计，但这里没有工作日历；请指定日历。",
            f"The duration '{duration}' counts working time, but no calendar is set here; name one.",
        )
    return calendar


def _plain(value: Decimal) -> str:
    """The number without exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unreadable(text: str) -> DurationError:
    return DurationError.of(
        "duration.syntax",
        f"“{text}”不是时长；请写成 P1Y2M3DT4H5M6S、P3W、P3WD（工作日）或 PT8WH（工时）的形式。",
        f"'{text}' is not a duration; write it like P1Y2M3DT4H5M6S, P3W, P3WD (working days) or PT8WH (working hours).",
    )
