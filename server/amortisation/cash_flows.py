"""Dated cash flows and what they cost or yield a year, under a stated time convention.

The same payments give 84.6% or 85.6% a year, depending on whether two months are 61 days of 365 or two twelfths
(500 lent, twice 270 repaid): a rate without its convention says nothing.
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.amortisation.day_count import DayCount, year_fraction
from server.amortisation.due_dates import add_months
from server.amortisation.internal_rate import internal_rate

_PRECISION = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money that changes hands on a day; one party's payments are positive, the other's negative."""

    on: date
    amount: Decimal


class TimeConvention(StrEnum):
    """How the time between two flows becomes years: a day count, or whole months and the days left over."""

    THIRTY_360 = "30/360"
    ACTUAL_360 = "actual/360"
    ACTUAL_365 = "actual/365"
    ACTUAL_ACTUAL = "actual/actual"
    MONTHS = "months"


class Compounding(StrEnum):
    """How often a year's rate compounds."""

    ANNUAL = "annual"  # the effective rate, 复利
    MONTHLY = "monthly"  # twelve times a month's rate, 单利


def annual_percentage_rate(flows: Sequence[CashFlow], convention: TimeConvention, compounding: Compounding) -> Decimal:
    """The annual rate, as a factor, at which ``flows`` are worth nothing on balance.

    Raises :class:`~server.amortisation.errors.CashFlowError` where there is no single such rate.
    """
    with decimal.localcontext(_PRECISION):
        start = min((flow.on for flow in flows), default=date.min)
        timed = [(years_between(start, flow.on, convention), flow.amount) for flow in flows]
        effective = internal_rate(timed)
        return effective if compounding is Compounding.ANNUAL else nominal_rate(effective, 12)


def years_between(start: date, end: date, convention: TimeConvention) -> Decimal:
    """The time from ``start`` to ``end`` in years."""
    if convention is not TimeConvention.MONTHS:
        return year_fraction(start, end, DayCount(convention.value))
    # Whole months back from the later date, then days over the year that ends at the first one: remarks to Annex I
    # of the EU's directive 2008/48/EC.
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(end, -months, end.day) < start:
        months -= 1
    days = (add_months(end, -months, end.day) - start).days
    year = (start - add_months(start, -12, start.day)).days
    return Decimal(months) / 12 + Decimal(days) / year


def effective_rate(nominal: Decimal, periods_a_year: int) -> Decimal:
    """What a nominal annual rate comes to when it compounds ``periods_a_year`` times."""
    with decimal.localcontext(_PRECISION):
        return (1 + nominal / periods_a_year) ** periods_a_year - 1


def nominal_rate(effective: Decimal, periods_a_year: int) -> Decimal:
    """The nominal annual rate that compounds to ``effective``."""
    with decimal.localcontext(_PRECISION):
        return ((1 + effective) ** (Decimal(1) / periods_a_year) - 1) * periods_a_year
