"""Day counts: which share of a year lies between two dates.

Chinese products that quote a daily rate (日利率) count actual/360, products that quote a monthly one 30/360;
actual/365 and actual/actual serve bank and court calculations.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum


class DayCount(StrEnum):
    """How days become a share of a year (ISDA 2006 definitions, section 4.16)."""

    THIRTY_360 = "30/360"
    ACTUAL_360 = "actual/360"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"

    @property
    def year_days(self) -> Decimal:
        """The length of the year; actual/actual has no fixed one and answers 365."""
        short = self in (DayCount.THIRTY_360, DayCount.ACTUAL_360)
        return Decimal(360) if short else Decimal(365)


def days_between(start: date, end: date, day_count: DayCount) -> int:
    """The days from ``start`` to ``end``; months of 30 days under 30/360, calendar days otherwise."""
    if day_count is DayCount.THIRTY_360:
        # 30E/360: the 31st counts as the 30th at either end, which keeps adjacent periods additive.
        months = (end.year - start.year) * 12 + end.month - start.month
        return months * 30 + min(end.day, 30) - min(start.day, 30)
    return (end - start).days


def year_fraction(start: date, end: date, day_count: DayCount) -> Decimal:
    """The share of a year between two dates, as a factor on an annual rate."""
    if day_count is not DayCount.ACTUAL_ACTUAL:
        return Decimal(days_between(start, end, day_count)) / day_count.year_days
    fraction = Decimal(0)
    while start < end:
        # A period over New Year is cut there: each part is measured by its own year's length.
        new_year = date(start.year + 1, 1, 1)
        length = (new_year - date(start.year, 1, 1)).days
        until = min(end, new_year)
        fraction += Decimal((until - start).days) / length
        start = until
    return fraction
