"""The annual rate that a borrower is told (年化利率): what a loan really costs on the principal really used.

Every offer must show it (中国人民银行公告〔2021〕第3号). It follows from the cash flows by the internal rate of
return, fees included, so that a flat loan (等本等息) quoted at 1% a month shows the 21% and more that it costs.
The announcement allows compound interest, which is the internal rate of return, or simple interest with a note
that says so; both are given.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from server.amortisation.due_dates import Frequency, PeriodUnit, periods_of
from server.amortisation.internal_rate import Flow, internal_rate
from server.amortisation.schedule import Schedule

_PRECISION = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN)
_DIGITS = Decimal("0.000001")  # a ten-thousandth of a percent
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class AnnualRate:
    """The annual rate as factors: ``simple`` is the rate of a period times the periods of a year (单利),
    ``compound`` lets it compound over the year (复利)."""

    simple: Decimal
    compound: Decimal


def annual_rate_of(schedule: Schedule) -> AnnualRate:
    """The annual rate of a loan that is repaid as its schedule says, rounded to six digits."""
    with decimal.localcontext(_PRECISION):
        rate = internal_rate([(_ZERO, -schedule.terms.principal), *_flows(schedule)])
        periods_a_year = _periods_a_year(schedule.terms.frequency)
        return AnnualRate(
            simple=(rate * periods_a_year).quantize(_DIGITS),
            compound=((1 + rate) ** periods_a_year - 1).quantize(_DIGITS),
        )


def _flows(schedule: Schedule) -> list[Flow]:
    """What the borrower pays, timed in periods since the payout."""
    terms = schedule.terms
    periods = periods_of(
        start=terms.disbursed_on,
        first_due=terms.first_due,
        due_day=terms.due_day,
        frequency=terms.frequency,
        count=terms.periods,
    )
    elapsed = dict(zip((each.due for each in periods), accumulate(each.regular for each in periods), strict=True))
    return [(elapsed[row.due_date], row.due) for row in schedule.instalments]


def _periods_a_year(frequency: Frequency) -> Decimal:
    year = {PeriodUnit.MONTH: 12, PeriodUnit.WEEK: 52, PeriodUnit.DAY: 365}[frequency.unit]
    return Decimal(year) / frequency.every
