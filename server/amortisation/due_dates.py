"""Due dates: the calendar grid of a loan, from its frequency and its anchored due day.

A month grid is anchored to a day of the month: a loan due on the 31st falls due on the last day of shorter
months and returns to the 31st afterwards; adding a month to the previous date would stick at the 28th.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum


class PeriodUnit(StrEnum):
    """The unit in which instalments recur."""

    MONTH = "month"
    WEEK = "week"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Frequency:
    """An instalment every ``every`` units: monthly, every two weeks, every 28 days."""

    unit: PeriodUnit = PeriodUnit.MONTH
    every: int = 1


MONTHLY = Frequency()


@dataclass(frozen=True, slots=True)
class Period:
    """The time for which one instalment pays; ``regular`` says how many whole grid periods that is."""

    number: int
    start: date
    due: date
    regular: Decimal

    @property
    def days(self) -> int:
        """Calendar days from start to due date."""
        return (self.due - self.start).days


def add_months(start: date, months: int, anchor_day: int) -> date:
    """The day ``anchor_day`` of the month ``months`` later (or earlier), clamped to that month's end."""
    year, month_index = divmod(start.year * 12 + start.month - 1 + months, 12)
    month = month_index + 1
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def step(start: date, periods: int, frequency: Frequency, anchor_day: int) -> date:
    """The grid date ``periods`` periods after ``start``; ``anchor_day`` matters to month grids only."""
    if frequency.unit is PeriodUnit.MONTH:
        return add_months(start, periods * frequency.every, anchor_day)
    days = frequency.every * (7 if frequency.unit is PeriodUnit.WEEK else 1)
    return start + timedelta(days=days * periods)


def periods_of(
    *,
    start: date,
    first_due: date | None,
    due_day: int | None,
    frequency: Frequency,
    count: int,
) -> tuple[Period, ...]:
    """The periods of a loan paid out on ``start``.

    Without ``first_due`` the first instalment falls one period later, on ``due_day`` if there is one.
    """
    anchor = due_day or (first_due or start).day
    first = first_due or step(start, 1, frequency, anchor)
    periods = [Period(1, start, first, _regular_length(start, first, frequency, anchor))]
    for index in range(1, count):
        due = step(first, index, frequency, anchor)
        periods.append(Period(index + 1, periods[-1].due, due, Decimal(1)))
    return tuple(periods)


def _regular_length(start: date, due: date, frequency: Frequency, anchor: int) -> Decimal:
    """How many grid periods a first period holds: whole ones counted back from its due date, then the
    broken rest as actual days over the actual days of the grid period it lies in."""
    whole = 0
    while (later := step(due, -whole, frequency, anchor)) > start:
        earlier = step(due, -whole - 1, frequency, anchor)
        if earlier < start:
            return whole + Decimal((later - start).days) / Decimal((later - earlier).days)
        whole += 1
    return Decimal(whole)
