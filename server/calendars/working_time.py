"""A working calendar: on which days, and in which hours, a lender works.

Public holidays close a day that the week would open; make-up days (调休上班) open one that it would close.
All arithmetic is done in the calendar's own zone, so a change of clocks neither loses nor adds working time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from server.calendars.errors import CalendarDefinitionError
from server.calendars.instants import at_wall_time, require_aware, zone_named

Span = tuple[time, time]
"""One stretch of work in a day, from the first time up to the second; an end of 00:00 means midnight."""

_MIDNIGHT = time(0)
_DAY = timedelta(days=1)
_LONGEST_CLOSURE = 3660
"""Days without any work after which a search gives up: the calendar is then empty from there on."""


def week(*spans: Span, days: Iterable[int] = range(5)) -> tuple[tuple[Span, ...], ...]:
    """The hours of a week in which every day of ``days`` (Monday is 0) works the same ``spans``."""
    working = frozenset(days)
    return tuple(spans if weekday in working else () for weekday in range(7))


class WorkingTime(ABC):
    """The arithmetic of working days and hours in one zone; what is worked on a day, its subclasses know."""

    __slots__ = ()
    id: str
    zone: str

    @abstractmethod
    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The stretches of work on ``day``, on the wall clock of the calendar's zone."""

    def is_working_day(self, day: date | datetime) -> bool:
        """Whether work is done on ``day``; of an instant, on its day in the calendar's zone."""
        if isinstance(day, datetime):
            day = self._local(day).date()
        return bool(self.spans_on(day))

    def is_working_time(self, instant: datetime) -> bool:
        """Whether work is being done at ``instant``."""
        return any(opens <= instant < closes for opens, closes in self._openings(self._local(instant).date()))

    def next_working_time(self, instant: datetime) -> datetime:
        """``instant`` itself when work is being done then, otherwise when work next begins."""
        local = self._local(instant)
        moment = local.astimezone(UTC)
        for opens, closes in self._openings_from(local.date()):
            if closes > moment:
                return max(opens, moment).astimezone(local.tzinfo)
        raise self._closed_for_ever(local)

    def add_working_days(self, instant: datetime, days: int) -> datetime:
        """The same time of day, ``days`` working days later (earlier when negative).

        Counting starts on the day after ``instant``, so from a Saturday one working day leads to Monday, as
        from Friday. Zero days give ``instant`` back.
        """
        local = self._local(instant)
        if days == 0:
            return local
        step = _DAY if days > 0 else -_DAY
        day, left, closed = local.date(), abs(days), 0
        try:
            while left and closed <= _LONGEST_CLOSURE:
                day += step
                if self.spans_on(day):
                    left, closed = left - 1, 0
                else:
                    closed += 1
        except OverflowError:
            raise self._closed_for_ever(local) from None
        if left:
            raise self._closed_for_ever(local)
        return at_wall_time(datetime.combine(day, local.time()), local.tzinfo or UTC)

    def add_working_time(self, instant: datetime, amount: timedelta) -> datetime:
        """The first instant by which ``amount`` of working time has passed since ``instant``.

        A negative ``amount`` goes back: the last instant from which that much working time remains until
        ``instant``. Zero gives ``instant`` back.
        """
        local = self._local(instant)
        if amount < timedelta(0):
            return self._backward(local, -amount)
        return self._forward(local, amount) if amount else local

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from ``start`` to ``end``; negative when ``end`` comes first."""
        first, last = require_aware(start).astimezone(UTC), require_aware(end).astimezone(UTC)
        if last < first:
            return -self.working_time_between(end, start)
        total = timedelta(0)
        day, last_day = self._local(first).date(), self._local(last).date()
        while day <= last_day:
            for opens, closes in self._openings(day):
                total += max(min(closes, last) - max(opens, first), timedelta(0))
            day += _DAY
        return total

    def _forward(self, local: datetime, amount: timedelta) -> datetime:
        moment, left = local.astimezone(UTC), amount
        for opens, closes in self._openings_from(local.date()):
            begin = max(opens, moment)
            if closes <= begin:
                continue
            if left <= closes - begin:
                return (begin + left).astimezone(local.tzinfo)
            left -= closes - begin
        raise self._closed_for_ever(local)

    def _backward(self, local: datetime, amount: timedelta) -> datetime:
        moment, left = local.astimezone(UTC), amount
        for opens, closes in self._openings_back_from(local.date()):
            end = min(closes, moment)
            if end <= opens:
                continue
            if left <= end - opens:
                return (end - left).astimezone(local.tzinfo)
            left -= end - opens
        raise self._closed_for_ever(local)

    def _openings(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working stretches of ``day`` in UTC, without those that a change of clocks swallows.

        UTC, because Python compares and subtracts instants of one zone by their wall time.
        """
        zone = ZoneInfo(self.zone)
        stretches = []
        for begin, end in self.spans_on(day):
            closing_day = day + _DAY if end == _MIDNIGHT else day
            opens = at_wall_time(datetime.combine(day, begin), zone).astimezone(UTC)
            closes = at_wall_time(datetime.combine(closing_day, end), zone).astimezone(UTC)
            if opens < closes:
                stretches.append((opens, closes))
        return stretches

    def _openings_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        closed = 0
        while closed <= _LONGEST_CLOSURE and day < date.max - _DAY:
            openings = self._openings(day)
            closed = 0 if openings else closed + 1
            yield from openings
            day += _DAY

    def _openings_back_from(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        closed = 0
        while closed <= _LONGEST_CLOSURE and day > date.min + _DAY:
            openings = self._openings(day)
            closed = 0 if openings else closed + 1
            yield from reversed(openings)
            day -= _DAY

    def _local(self, instant: datetime) -> datetime:
        return require_aware(instant).astimezone(ZoneInfo(self.zone))

    def _wrong(self, code: str, zh: str, en: str) -> CalendarDefinitionError:
        return CalendarDefinitionError.of(
            f"definition.{code}", f"工作日历“{self.id}”{zh}。", f"The calendar '{self.id}' {en}."
        )

    def _closed_for_ever(self, start: datetime) -> CalendarDefinitionError:
        return self._wrong(
            "no-working-time",
            f"从 {start.date().isoformat()} 起找不到足够的工作时间；请补充该日历的工作日",
            f"does not have that much working time around {start.date().isoformat()}; add working days to it",
        )


@dataclass(frozen=True, slots=True)
class Calendar(WorkingTime):
    """Working days and hours that hold at any time.

    ``hours`` holds seven tuples of spans, Monday first. A make-up day that falls on a weekday without hours
    works ``make_up_hours``, or, when those are not given, the hours of the first weekday that has any.
    """

    id: str
    zone: str
    holidays: frozenset[date]
    make_up_days: frozenset[date]
    hours: tuple[tuple[Span, ...], ...]
    make_up_hours: tuple[Span, ...] | None = None

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if len(self.hours) != 7:
            raise self._wrong(
                "week",
                "必须给出从星期一开始的七天工作时间",
                "needs the hours of seven weekdays, Monday first",
            )
        both = self.holidays & self.make_up_days
        if both:
            day = min(both).isoformat()
            raise self._wrong(
                "contradiction",
                f"{day} 既是节假日又是调休上班日",
                f"has {day} both as a holiday and as a make-up day",
            )
        for spans in (*self.hours, self.make_up_hours or ()):
            self._check_spans(spans)
        if not any(self.hours) and not (self.make_up_days and self.make_up_hours):
            raise self._wrong("empty", "没有任何工作时间", "has no working hours at all")

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The hours of the weekday, none on a holiday, those of make-up days where the weekday has none."""
        if day in self.holidays:
            return ()
        spans = self.hours[day.weekday()]
        if spans or day not in self.make_up_days:
            return spans
        return self.make_up_hours or next(filter(None, self.hours), ())

    def _check_spans(self, spans: tuple[Span, ...]) -> None:
        earliest = _MIDNIGHT
        for index, (begin, end) in enumerate(spans):
            overlaps = index > 0 and (begin < earliest or earliest == _MIDNIGHT)
            if overlaps or (end != _MIDNIGHT and end <= begin) or begin.tzinfo or end.tzinfo:
                raise self._wrong(
                    "hours",
                    f"工作时段 {begin:%H:%M}-{end:%H:%M} 不正确：起点须早于终点，时段须按先后排列且不重叠，"
                    "跨午夜的时段请拆成两段",
                    f"has a wrong span {begin:%H:%M}-{end:%H:%M}: spans begin before they end, stand in "
                    "order without overlapping, and do not cross midnight",
                )
            earliest = end
