"""Repeating intervals of ISO 8601: ``R3/PT10H``, ``R/2026-01-01T00:00:00Z/P1D``.

The number after ``R`` is how many times the timer fires; none (or -1) means without end. With a start, the
first firing is the start itself and the others are counted from it, so that neither a late clock nor a short
month makes them drift. Without a start, each firing is one duration after what came before it.

A zone in brackets at the end (``R/2026-01-01T09:00:00/P1D[Europe/Berlin]``), or behind the start, says on whose wall
clock years, months and days are counted; a mere offset stands still when the clocks change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.calendars.durations import Duration, parse_duration
from server.calendars.errors import CalendarError, CalendarGapError, CycleError, DurationRangeError
from server.calendars.instants import parse_instant, require_aware, zone_named
from server.calendars.working_time import WorkingTime

_CYCLE = re.compile(
    r"R(?P<count>-1|\d{0,9})/(?:(?P<start>\d[^/\[\]@]*(?:\[[^\]]*\]|@[\w+\-/]+)?)/)?"
    r"(?P<duration>[+-]?P[^/\[\]]*)(?:\[(?P<zone>[^\]]*)\])?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Cycle:
    """A repeating interval: how often (``None``: without end), since when, how far apart.

    ``zone`` is the zone that the text names for the whole of it, if it does.
    """

    repetitions: int | None
    start: datetime | None
    duration: Duration
    zone: str | None = None

    def next(self, after: datetime, calendar: WorkingTime | None = None) -> datetime | None:
        """The first firing later than ``after``; ``None`` when a cycle with a start has no more.

        A cycle without a start does not know how often it has fired: its owner counts, and passes the
        previous firing as ``after``.
        """
        require_aware(after)
        if self.start is None:
            return self.duration.after(after, calendar)
        try:
            index = self.index_later_than(after, calendar)
            return None if index is None else self.occurrence(index, calendar)
        except DurationRangeError:
            return None

    def anchored(self, start: datetime) -> Cycle:
        """The firings of a cycle without a start, counted from ``start``, on which it does not fire itself."""
        return Cycle(None, start, self.duration, self.zone)

    def __str__(self) -> str:
        """The text, which :func:`parse_cycle` reads back; the zone of a start goes with it."""
        count = "" if self.repetitions is None else str(self.repetitions)
        start = "" if self.start is None else f"{self.start.isoformat()}{_zone_suffix(self.start)}/"
        return f"R{count}/{start}{self.duration}{f'[{self.zone}]' if self.zone else ''}"

    def occurrence(self, index: int, calendar: WorkingTime | None = None) -> datetime:
        """The firing number ``index`` (from zero) of a cycle that has a start."""
        if self.start is None:
            raise CycleError.of(
                "cycle.no-start",
                "没有起点的循环不能推算第几次触发。",
                "The firings of a cycle without a start cannot be numbered.",
            )
        return self.start if index == 0 else self.duration.times(index).after(self.start, calendar)

    def index_later_than(self, after: datetime, calendar: WorkingTime | None = None) -> int | None:
        """The number of the first firing later than ``after``; ``None`` when there is none left.

        By bisection: firings grow with their index, but months and working days have no fixed length.
        """
        high = 1
        while self._lies_before_or_at(high, after, calendar):
            high *= 2
        low = 0
        while low < high:
            middle = (low + high) // 2
            if self._lies_before_or_at(middle, after, calendar):
                low = middle + 1
            else:
                high = middle
        return low if self.repetitions is None or low < self.repetitions else None

    def _lies_before_or_at(self, index: int, after: datetime, calendar: WorkingTime | None) -> bool:
        try:
            # In UTC: Python compares instants of one zone by their wall time, which clocks may show twice.
            return self.occurrence(index, calendar).astimezone(UTC) <= after.astimezone(UTC)
        except DurationRangeError:
            return False
        except CalendarGapError as gap:
            # Looking ahead came to days that the calendar does not know: later than those in question, or not.
            if calendar is None or gap.day <= after.astimezone(zone_named(calendar.zone)).date():
                raise
            return False


def parse_cycle(text: str, default_zone: str | None = None) -> Cycle:
    """Read a repeating interval; a start that names no zone is meant in ``default_zone``, or refused."""
    match = _CYCLE.fullmatch(text.strip())
    if match is None:
        raise _unreadable(text)
    zone = match["zone"]
    try:
        start = parse_instant(match["start"], zone or default_zone) if match["start"] else None
        if zone is not None:
            named = zone_named(zone)
            start = None if start is None else start.astimezone(named)
        duration = parse_duration(match["duration"])
    except CalendarError as error:
        raise CycleError.of(
            "cycle.part",
            f"循环“{text}”有误：{error.message.zh}",
            f"The cycle '{text}' is wrong: {error.message.en}",
        ) from error
    if duration.is_zero or duration.is_negative:
        raise CycleError.of(
            "cycle.duration-not-positive",
            f"循环“{text}”的间隔必须大于零。",
            f"The interval of the cycle '{text}' must be longer than zero.",
        )
    repetitions = None if match["count"] in ("", "-1") else int(match["count"])
    if repetitions == 0:
        raise CycleError.of(
            "cycle.never",
            f"循环“{text}”一次也不会触发；请写 R1 以上的次数，或只写 R 表示不限次数。",
            f"The cycle '{text}' never fires; write R1 or more, or R alone for no end.",
        )
    return Cycle(repetitions, start, duration, zone)


def _zone_suffix(start: datetime) -> str:
    return f"[{start.tzinfo.key}]" if isinstance(start.tzinfo, ZoneInfo) else ""


def _unreadable(text: str) -> CycleError:
    return CycleError.of(
        "cycle.syntax",
        f"“{text}”不是循环；请写成 R3/PT10H 或 R/2026-01-01T00:00:00+08:00/P1D 的形式。",
        f"'{text}' is not a cycle; write it like R3/PT10H or R/2026-01-01T00:00:00+08:00/P1D.",
    )
