"""Repayment schedules: what a borrower owes on which day, to the cent.

Five methods: 等额本息 (equal instalments), 等额本金 (equal principal), 等本等息 (flat), 先息后本 (interest
first) and 到期一次还本付息 (single payment). They differ in two things only: on which base interest runs, and
how much principal each instalment repays. The last instalment always repays the whole balance, so a
schedule's principal adds up to the loan.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.amortisation.day_count import DayCount, year_fraction
from server.amortisation.due_dates import Period, PeriodUnit, periods_of
from server.amortisation.errors import TermsError
from server.amortisation.loan_terms import InterestPeriod, LoanTerms, RepaymentMethod, check_terms
from server.amortisation.rounding import Rounding

# Wide enough that thirty years of daily factors stay exact to far below a cent, and the same on every thread.
_PRECISION = decimal.Context(prec=40, rounding=decimal.ROUND_HALF_EVEN)

_ZERO = Decimal(0)

_UNITS_A_YEAR = {PeriodUnit.MONTH: 12, PeriodUnit.WEEK: 52}

_PrincipalRule = Callable[[int, Decimal, Decimal], Decimal]
"""Principal of instalment number *n*, from the balance before it and the interest of its period."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One row of a schedule; ``balance`` is the principal still owed after it, ``days`` are calendar days."""

    number: int
    due_date: date
    days: int
    principal: Decimal
    interest: Decimal
    fees: Decimal
    due: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    """A repayment schedule with the terms it follows from; ``total_due`` includes fees."""

    terms: LoanTerms
    instalments: tuple[Instalment, ...]
    total_interest: Decimal
    total_due: Decimal


def repayment_schedule(terms: LoanTerms) -> Schedule:
    """The schedule that follows from ``terms``.

    Raises :class:`~server.amortisation.errors.TermsError` for terms that do not make a loan.
    """
    with decimal.localcontext(_PRECISION):
        check_terms(terms)
        periods = periods_of(
            start=terms.disbursed_on,
            first_due=terms.first_due,
            due_day=terms.due_day,
            frequency=terms.frequency,
            count=terms.periods,
        )
        factors = [interest_factor(terms, period) for period in periods]
        rows = _rows_by_method(terms, periods, factors)
        return Schedule(
            terms=terms,
            instalments=tuple(rows),
            total_interest=sum((row.interest for row in rows), _ZERO),
            total_due=sum((row.due for row in rows), _ZERO),
        )


def interest_factor(terms: LoanTerms, period: Period) -> Decimal:
    """What one unit of principal costs over ``period``, unrounded."""
    if terms.interest_period is InterestPeriod.DAILY:
        return terms.annual_rate * year_fraction(period.start, period.due, terms.day_count)
    frequency = terms.frequency
    if frequency.unit is PeriodUnit.DAY:
        year = Decimal(365) if terms.day_count is DayCount.ACTUAL_ACTUAL else terms.day_count.year_days
        return terms.annual_rate * period.regular * frequency.every / year
    return terms.annual_rate * period.regular * frequency.every / _UNITS_A_YEAR[frequency.unit]


def annuity(principal: Decimal, factors: Sequence[Decimal]) -> Decimal:
    """The level instalment, unrounded, that repays ``principal`` over periods with these interest factors.

    With equal factors *r* this is the textbook ``P r (1+r)^n / ((1+r)^n - 1)``; with day counts each period
    has its own. Both are the principal, grown to the end, over the grown sum of one unit a period.
    """
    with decimal.localcontext(_PRECISION):
        growth = units = Decimal(1)
        for position, factor in enumerate(factors):
            growth *= 1 + factor
            if position:
                units = units * (1 + factor) + 1
        return principal * growth / units


def _rows_by_method(terms: LoanTerms, periods: Sequence[Period], factors: Sequence[Decimal]) -> list[Instalment]:
    match terms.method:
        case RepaymentMethod.EQUAL_INSTALMENTS:
            return _equal_instalments(terms, periods, factors)
        case RepaymentMethod.EQUAL_PRINCIPAL | RepaymentMethod.FLAT:
            share = terms.agreed_principal or _equal_share(terms)
            return _rows(terms, periods, factors, lambda number, balance, interest: share)
        case RepaymentMethod.INTEREST_FIRST:
            return _rows(terms, periods, factors, lambda number, balance, interest: _ZERO)
        case RepaymentMethod.SINGLE_PAYMENT:
            # Simple interest over the whole term: the periods only say how long it is.
            term = Period(1, periods[0].start, periods[-1].due, Decimal(len(periods)))
            return _rows(terms, [term], [sum(factors, _ZERO)], lambda number, balance, interest: _ZERO)


def _equal_share(terms: LoanTerms) -> Decimal:
    """The principal of each instalment; rounded down where rounding to nearest would use it up too early."""
    share = terms.rounding.round(terms.principal / terms.share_count)
    if share * (terms.share_count - 1) >= terms.principal:
        share = terms.rounding.down(terms.principal / terms.share_count)
    return share


def _equal_instalments(terms: LoanTerms, periods: Sequence[Period], factors: Sequence[Decimal]) -> list[Instalment]:
    level = _level_instalment(terms, factors)
    rows = _rows(terms, periods, factors, _annuity_rule(terms, level))
    if not terms.smoothing:
        return rows
    money = terms.instalment_rounding or terms.rounding
    gap = _last_gap(rows, level)
    # Up to half a unit an instalment is what rounding may cost; only a wider gap is worth another instalment.
    if abs(gap) / money.unit <= terms.share_count // 2:
        return rows
    smoother = money.round(level + gap / terms.share_count)
    if smoother <= 0:
        return rows
    retried = _rows(terms, periods, factors, _annuity_rule(terms, smoother))
    return retried if abs(_last_gap(retried, smoother)) < abs(gap) else rows


def _last_gap(rows: Sequence[Instalment], level: Decimal) -> Decimal:
    last = rows[-1]
    return last.principal + last.interest - level


def _level_instalment(terms: LoanTerms, factors: Sequence[Decimal]) -> Decimal:
    exact = annuity(terms.principal, factors[terms.principal_grace :])
    level = terms.rounding.round(exact)
    coarse: Rounding | None = terms.instalment_rounding
    if coarse is None:
        return level
    level = coarse.round(exact)
    interest = terms.rounding.round(terms.principal * factors[terms.principal_grace])
    if level <= interest and not terms.agreed_instalments:
        raise TermsError(
            "instalment_rounding",
            f"每期还款额按 {coarse.unit} 取整后为 {level}，不足以支付利息 {interest}，请减小取整单位。",
            f"Rounded to {coarse.unit} the instalment is {level}, which does not cover the interest of "
            f"{interest}; round it to a smaller unit.",
        )
    return level


def _annuity_rule(terms: LoanTerms, level: Decimal) -> _PrincipalRule:
    """The instalment less the period's interest, with agreed instalments in place of the computed one."""

    def principal(number: int, balance: Decimal, interest: Decimal) -> Decimal:
        agreed = [each.amount for each in terms.agreed_instalments if each.from_number <= number]
        if agreed and agreed[-1] < interest:
            raise TermsError(
                "agreed_instalments",
                f"第 {number} 期约定还款额 {agreed[-1]} 不足以支付当期利息 {interest}，欠款会越还越多。",
                f"The agreed instalment {agreed[-1]} of number {number} does not cover its interest of "
                f"{interest}: the debt would grow.",
            )
        # A cent-sized loan may round its instalment below the interest; the principal then waits for the end.
        return max((agreed[-1] if agreed else level) - interest, _ZERO)

    return principal


def _rows(
    terms: LoanTerms, periods: Sequence[Period], factors: Sequence[Decimal], principal_rule: _PrincipalRule
) -> list[Instalment]:
    """Runs the loan period by period until its balance is repaid."""
    rows: list[Instalment] = []
    balance = terms.principal
    deferred = _ZERO
    for period, factor in zip(periods, factors, strict=True):
        base = terms.principal if terms.method is RepaymentMethod.FLAT else balance
        interest = terms.rounding.round(base * factor)
        if period is periods[-1]:
            principal = balance
        elif period.number <= terms.principal_grace:
            principal = _ZERO
        else:
            principal = min(principal_rule(period.number, balance, interest), balance)
        deferred += interest
        charged = _ZERO if period.number <= terms.interest_deferral else deferred
        deferred -= charged
        balance -= principal
        rows.append(
            Instalment(
                number=period.number,
                due_date=period.due,
                days=period.days,
                principal=principal,
                interest=charged,
                fees=terms.instalment_fee,
                due=principal + charged + terms.instalment_fee,
                balance=balance,
            )
        )
        if balance == 0:
            break
    return rows
