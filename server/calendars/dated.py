"""Calendars with effective dates: which rules of work held, or will hold, on which days.

Public holidays and make-up days (调休上班) are announced year by year, and working hours change from a day on. A
calendar is therefore a row of periods. A day in no period is unknown, and asking about it is an error: the calendar
of a coming year must never be guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from server.calendars.errors import CalendarDefinitionError, CalendarGapError
from server.calendars.instants import zone_named
from server.calendars.working_time import Calendar, Span, WorkingTime


@dataclass(frozen=True, slots=True)
class Period:
    """The rules that hold from ``first`` to ``last``, both included."""

    first: date
    last: date
    rules: Calendar


@dataclass(frozen=True, slots=True)
class DatedCalendar(WorkingTime):
    """Working days and hours by period; ``periods`` stand in order and do not overlap."""

    id: str
    zone: str
    periods: tuple[Period, ...]

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if not self.periods:
            raise self._wrong("no-period", "没有任何有效期间", "has no period at all")
        before: Period | None = None
        for period in self.periods:
            if period.last < period.first or (before is not None and period.first <= before.last):
                raise self._wrong(
                    "periods",
                    f"期间 {period.first} 至 {period.last} 不正确：起日不得晚于止日，期间须按先后排列且不重叠",
                    f"has a wrong period {period.first} to {period.last}: periods begin before they end, stand in "
                    "order and do not overlap",
                )
            before = period
            for day in sorted(period.rules.holidays | period.rules.make_up_days):
                if not period.first <= day <= period.last:
                    raise CalendarDefinitionError.of(
                        "definition.outside",
                        f"工作日历“{self.id}”：{day} 不在期间 {period.first} 至 {period.last} 内，请移到所属期间。",
                        f"The calendar '{self.id}': {day} lies outside its period {period.first} to {period.last}; "
                        "move it to the period that it belongs to.",
                    )

    def spans_on(self, day: date) -> tuple[Span, ...]:
        """The hours of the period that has ``day``. Raises :class:`CalendarGapError` where none has it."""
        for period in self.periods:
            if period.first <= day <= period.last:
                return period.rules.spans_on(day)
        error = CalendarGapError.of(
            "gap",
            f"工作日历“{self.id}”没有 {day.year} 年 {day.month} 月 {day.day} 日的数据；请补充该年度的节假日与调休"
            f"（PUT /v2/calendars/{self.id} 或 lendloom calendars import），然后重试。",
            f"The calendar '{self.id}' does not know {day.isoformat()}; add the holidays and make-up days of "
            f"{day.year} (PUT /v2/calendars/{self.id} or lendloom calendars import), then retry.",
        )
        error.day = day
        raise error
