"""What holds for every schedule, whatever the terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from server.amortisation.day_count import DayCount
from server.amortisation.due_dates import Frequency, PeriodUnit
from server.amortisation.loan_terms import InterestPeriod, LoanTerms, RepaymentMethod
from server.amortisation.rounding import Rounding, RoundingMode
from server.amortisation.schedule import repayment_schedule
from server.lending.allocation import CIVIL_CODE_ORDER, AllocationOrder, Sweep, allocate, outstanding_of

METHODS_WITH_GRACE = (
    RepaymentMethod.EQUAL_INSTALMENTS,
    RepaymentMethod.EQUAL_PRINCIPAL,
    RepaymentMethod.FLAT,
)


@st.composite
def loan_terms(draw: st.DrawFn) -> LoanTerms:
    method = draw(st.sampled_from(RepaymentMethod))
    periods = draw(st.integers(1, 60))
    grace = draw(st.integers(0, periods - 1)) if method in METHODS_WITH_GRACE else 0
    unit = draw(st.sampled_from(PeriodUnit))
    money_unit = draw(st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal(1), Decimal(10)]))
    disbursed_on = draw(st.dates(date(2000, 1, 1), date(2060, 12, 31)))
    return LoanTerms(
        principal=money_unit * draw(st.integers(periods, 10_000_000)),
        annual_rate=draw(st.decimals("0", "0.6", places=6)),
        periods=periods,
        disbursed_on=disbursed_on,
        method=method,
        frequency=Frequency(unit, draw(st.integers(1, 3))),
        due_day=draw(st.none() | st.integers(1, 31)) if unit is PeriodUnit.MONTH else None,
        day_count=draw(st.sampled_from(DayCount)),
        interest_period=draw(st.sampled_from(InterestPeriod)),
        rounding=Rounding(draw(st.sampled_from(RoundingMode)), money_unit),
        smoothing=draw(st.booleans()),
        principal_grace=grace,
        interest_deferral=draw(st.integers(0, grace)),
        instalment_fee=money_unit * draw(st.integers(0, 100)),
    )


@given(loan_terms())
@settings(max_examples=300, deadline=None)
def test_a_schedule_repays_exactly_the_loan(terms: LoanTerms) -> None:
    schedule = repayment_schedule(terms)
    rows = schedule.instalments
    assert sum(row.principal for row in rows) == terms.principal
    assert rows[-1].balance == 0
    assert all(value >= 0 for row in rows for value in (row.principal, row.interest, row.fees, row.balance))
    assert all(row.due == row.principal + row.interest + row.fees for row in rows)
    assert schedule.total_due == sum(row.due for row in rows)
    assert schedule.total_interest == sum(row.interest for row in rows)


@given(loan_terms())
@settings(max_examples=150, deadline=None)
def test_due_dates_rise_and_amounts_are_whole_units(terms: LoanTerms) -> None:
    rows = repayment_schedule(terms).instalments
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    due_dates = [terms.disbursed_on, *(row.due_date for row in rows)]
    assert due_dates == sorted(set(due_dates))
    assert [row.days for row in rows] == [(later - earlier).days for earlier, later in pairwise(due_dates)]
    assert all(terms.rounding.is_whole(value) for row in rows for value in (row.principal, row.interest))


@given(loan_terms())
@settings(max_examples=150, deadline=None)
def test_balances_fall_by_the_principal(terms: LoanTerms) -> None:
    balance = terms.principal
    for row in repayment_schedule(terms).instalments:
        balance -= row.principal
        assert row.balance == balance


@given(loan_terms())
@settings(max_examples=100, deadline=None)
def test_a_higher_rate_never_costs_less(terms: LoanTerms) -> None:
    # Over single payments and interest-first loans the principal does not move, so interest is monotone.
    terms = replace(
        terms, method=RepaymentMethod.INTEREST_FIRST, principal_grace=0, interest_deferral=0, smoothing=False
    )
    dearer = replace(terms, annual_rate=terms.annual_rate + Decimal("0.01"))
    assert repayment_schedule(dearer).total_interest >= repayment_schedule(terms).total_interest


@given(loan_terms(), st.data())
@settings(max_examples=150, deadline=None)
def test_an_allocation_neither_makes_nor_loses_money(terms: LoanTerms, data: st.DataObject) -> None:
    schedule = repayment_schedule(terms)
    outstanding = outstanding_of(schedule)
    owed = sum(each.total for each in outstanding)
    payment = data.draw(st.decimals("0.01", "1000000", places=2))
    due_until = data.draw(st.none() | st.sampled_from([row.due_date for row in schedule.instalments]))
    sweep = data.draw(st.sampled_from(Sweep))
    order = AllocationOrder(CIVIL_CODE_ORDER.components, sweep)
    result = allocate(payment, outstanding, due_until=due_until, order=order)
    settled = sum(part.amount for part in result.parts)
    assert settled + result.unallocated == payment
    assert sum(each.total for each in result.outstanding) == owed - settled
    assert all(each.owed(component) >= 0 for each in result.outstanding for component in order.components)
    payable = [each for each in result.outstanding if due_until is None or each.due_date <= due_until]
    assert result.unallocated == 0 or all(each.total == 0 for each in payable)
