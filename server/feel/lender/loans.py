"""Instalments, repayment schedules, and the annual rate that a loan really costs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from server.amortisation.annual_rate import annual_rate_of
from server.amortisation.day_count import DayCount
from server.amortisation.loan_terms import InterestPeriod, LoanTerms, RepaymentMethod
from server.amortisation.schedule import Instalment, Schedule, repayment_schedule
from server.feel.diagnostics import invalid_argument
from server.feel.lender.arguments import as_faults, choice_of, date_of, feel_date, number_of, whole_of
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.temporal import FeelDate

LOANS = Library()

_METHODS = {
    "等额本息": RepaymentMethod.EQUAL_INSTALMENTS,
    "等额本金": RepaymentMethod.EQUAL_PRINCIPAL,
    "等本等息": RepaymentMethod.FLAT,
    "先息后本": RepaymentMethod.INTEREST_FIRST,
    "到期一次还本付息": RepaymentMethod.SINGLE_PAYMENT,
}
_LONGEST = 1200
"""Monthly instalments in the hundred years that terms may span."""

_LONGEST_FIRST_PERIOD = timedelta(days=3660)
_COST = 8
"""Steps for one instalment: computing it takes about as long as so many calls."""

_ANY_DAY = FeelDate(2024, 1, 1)
"""A payout for calculations in whole months, which come out the same on every day."""


@LOANS.builtin(
    "loan instalment", "principal: number; annual rate: number; periods: number; method?: string|null", "number"
)
def _loan_instalment(
    runtime: Runtime, principal: Any, annual_rate: Any, periods: Any, method: str | None = None
) -> Decimal:
    """What is due first, every month costing a twelfth of the rate."""
    return _schedule(runtime, principal, annual_rate, periods, method, _ANY_DAY).instalments[0].due


@LOANS.builtin(
    "repayment schedule",
    "principal: number; annual rate: number; periods: number; method: string; disbursed on: Any;"
    " day count?: string|null; first due on?: Any; due day?: number|null; instalment fee?: number|null",
    "list",
)
def _repayment_schedule(
    runtime: Runtime,
    principal: Any,
    annual_rate: Any,
    periods: Any,
    method: str,
    disbursed_on: Any,
    day_count: str | None = None,
    first_due_on: Any = None,
    due_day: Any = None,
    instalment_fee: Any = None,
) -> list[dict[str, Any]]:
    """The rows of a monthly schedule; with a day count interest runs by the day."""
    schedule = _schedule(
        runtime, principal, annual_rate, periods, method, disbursed_on, day_count, first_due_on, due_day, instalment_fee
    )
    return [_row(each) for each in schedule.instalments]


@LOANS.builtin(
    "loan annual rate",
    "principal: number; annual rate: number; periods: number; method: string; instalment fee?: number|null",
    "context",
)
def _loan_annual_rate(
    runtime: Runtime, principal: Any, annual_rate: Any, periods: Any, method: str, instalment_fee: Any = None
) -> dict[str, Any]:
    """What a borrower must be told: the rate on the principal really used, fees included."""
    schedule = _schedule(runtime, principal, annual_rate, periods, method, _ANY_DAY, instalment_fee=instalment_fee)
    runtime.spend(_COST * len(schedule.instalments))
    with as_faults():
        rate = annual_rate_of(schedule)
    return {"simple": rate.simple, "compound": rate.compound}


def _schedule(
    runtime: Runtime,
    principal: Any,
    annual_rate: Any,
    periods: Any,
    method: str | None,
    disbursed_on: Any,
    day_count: str | None = None,
    first_due_on: Any = None,
    due_day: Any = None,
    instalment_fee: Any = None,
) -> Schedule:
    count = whole_of(periods, "periods", 1, _LONGEST)
    runtime.expect_size(count)
    runtime.spend(_COST * count)
    payout = date_of(disbursed_on, "disbursed on")
    first_due = None if first_due_on is None else date_of(first_due_on, "first due on")
    if first_due is not None and first_due - payout > _LONGEST_FIRST_PERIOD:
        raise invalid_argument(
            "首期还款日距放款日超过十年，请核对。",
            "The first due date is more than ten years after the payout; check both.",
        )
    terms = LoanTerms(
        principal=number_of(principal, "principal"),
        annual_rate=number_of(annual_rate, "annual rate"),
        periods=count,
        disbursed_on=payout,
        method=choice_of(method or RepaymentMethod.EQUAL_INSTALMENTS, RepaymentMethod, "method", _METHODS),
        first_due=first_due,
        due_day=None if due_day is None else whole_of(due_day, "due day", 1, 31),
        day_count=DayCount.THIRTY_360 if day_count is None else choice_of(day_count, DayCount, "day count"),
        interest_period=InterestPeriod.SAME_AS_PERIOD if day_count is None else InterestPeriod.DAILY,
        instalment_fee=Decimal(0) if instalment_fee is None else number_of(instalment_fee, "instalment fee"),
    )
    with as_faults():
        return repayment_schedule(terms)


def _row(instalment: Instalment) -> dict[str, Any]:
    return {
        "number": instalment.number,
        "dueDate": feel_date(instalment.due_date),
        "days": instalment.days,
        "principal": instalment.principal,
        "interest": instalment.interest,
        "fees": instalment.fees,
        "due": instalment.due,
        "balance": instalment.balance,
    }
