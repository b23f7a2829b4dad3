"""Working days as plain dates: weekends, holidays and make-up days, without hours and zones.

Monday to Friday work. Holidays close a day; make-up days (调休上班) open a Saturday or Sunday. Which days those are
is announced year by year, so they are always given and never built in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from server.calendars.errors import CalendarDefinitionError

_DAY = timedelta(days=1)
_LONGEST_CLOSURE = 3660
"""Days without any work after which a search gives up."""


class DayAdjustment(StrEnum):
    """Where a date goes that is no working day."""

    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified following"  # unless that is in the next month: then back
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which dates are worked."""

    holidays: frozenset[date] = frozenset()
    make_up_days: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        both = self.holidays & self.make_up_days
        if both:
            day = min(both).isoformat()
            raise CalendarDefinitionError.of(
                "definition.contradiction",
                f"{day} 既是节假日又是调休上班日，请从其中一个列表删除。",
                f"{day} is both a holiday and a make-up day; remove it from one of the lists.",
            )

    def includes(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        return day in self.make_up_days or (day.weekday() < 5 and day not in self.holidays)

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``, or before it when negative; zero gives ``day`` back."""
        later = self._from(day, _DAY if count > 0 else -_DAY)
        for _ in range(abs(count)):
            day = next(later)
        return day

    def adjust(self, day: date, adjustment: DayAdjustment) -> date:
        """``day`` itself where it is worked, otherwise the working day that takes its place."""
        if self.includes(day):
            return day
        if adjustment is DayAdjustment.PRECEDING:
            return self.add(day, -1)
        following = self.add(day, 1)
        if adjustment is DayAdjustment.MODIFIED_FOLLOWING and following.month != day.month:
            return self.add(day, -1)
        return following

    def between(self, start: date, end: date) -> int:
        """How many working days lead from ``start`` to ``end``, so that ``between(day, add(day, n))`` is n.

        Those after ``start`` up to and including ``end``. When ``end`` comes first, those from it up to the day before
        ``start``, as a negative number.
        """
        if end < start:
            return -self._worked(end, (start - end).days)
        return self._worked(start + _DAY, (end - start).days)

    def _worked(self, first: date, days: int) -> int:
        return sum(self.includes(first + timedelta(days=number)) for number in range(days))

    def _from(self, day: date, step: timedelta) -> Iterator[date]:
        closed = 0
        while closed <= _LONGEST_CLOSURE:
            try:
                day += step
            except OverflowError:
                break
            if self.includes(day):
                closed = 0
                yield day
            else:
                closed += 1
        raise CalendarDefinitionError.of(
            "definition.no-working-time",
            f"在 {day.isoformat()} 附近找不到工作日，请检查节假日列表。",
            f"There is no working day around {day.isoformat()}; check the list of holidays.",
        )
