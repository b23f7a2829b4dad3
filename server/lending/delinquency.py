"""Delinquency: how old overdue debts are, in which bucket that puts them, and what lateness costs.

Bucket limits are data of the caller (a decision table, a product): nothing here knows that M1 is 30 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.amortisation.day_count import DayCount
from server.amortisation.rounding import TO_THE_CENT, Rounding
from server.lending.allocation import OutstandingInstalment


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of days past due, both ends included; no upper end means everything beyond."""

    name: str
    from_day: int
    to_day: int | None = None

    def holds(self, days: int) -> bool:
        """Whether a debt of this age belongs here."""
        return self.from_day <= days and (self.to_day is None or days <= self.to_day)


def bucket_of(days: int, buckets: Sequence[Bucket]) -> Bucket | None:
    """The first bucket that holds ``days``, or none."""
    return next((bucket for bucket in buckets if bucket.holds(days)), None)


def age_analysis(
    outstanding: Iterable[OutstandingInstalment], as_of: date, buckets: Sequence[Bucket]
) -> dict[str, Decimal]:
    """What is overdue, by the bucket of each instalment's own age (账龄); empty buckets are left out."""
    amounts: dict[str, Decimal] = {}
    for each in outstanding:
        bucket = bucket_of((as_of - each.due_date).days, buckets)
        if bucket is not None and each.total > 0:
            amounts[bucket.name] = amounts.get(bucket.name, Decimal(0)) + each.total
    return amounts


def penalty_interest(
    overdue: Decimal,
    *,
    annual_rate: Decimal,
    days_late: int,
    grace_days: int = 0,
    day_count: DayCount = DayCount.ACTUAL_365,
    rounding: Rounding = TO_THE_CENT,
) -> Decimal:
    """Penalty interest (罚息) on ``overdue`` for the days beyond the grace."""
    days = max(days_late - grace_days, 0)
    return rounding.round(overdue * annual_rate * days / day_count.year_days)
