"""The annual rate that a borrower is told, held to rates that can be worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from server.amortisation.annual_rate import annual_rate_of
from server.amortisation.due_dates import Frequency, PeriodUnit
from server.amortisation.loan_terms import LoanTerms, RepaymentMethod
from server.amortisation.schedule import repayment_schedule

CENT = Decimal("0.0001")


def rate_of(**terms):
    defaults = {
        "principal": Decimal("30000"),
        "annual_rate": Decimal("0.12"),
        "periods": 12,
        "disbursed_on": date(2026, 1, 15),
    }
    return annual_rate_of(repayment_schedule(LoanTerms(**(defaults | terms))))


@pytest.mark.parametrize(
    "method",
    [RepaymentMethod.EQUAL_INSTALMENTS, RepaymentMethod.EQUAL_PRINCIPAL, RepaymentMethod.INTEREST_FIRST],
)
def test_interest_on_what_is_still_owed_costs_what_it_says(method):
    rate = rate_of(method=method)

    assert rate.simple == pytest.approx(Decimal("0.12"), abs=CENT)
    assert rate.compound == pytest.approx(Decimal("1.01") ** 12 - 1, abs=CENT)


def test_interest_on_principal_that_was_repaid_costs_nearly_twice_what_it_says():
    assert rate_of(method=RepaymentMethod.FLAT).simple == Decimal("0.214572")


def test_interest_that_is_paid_at_the_end_compounds_to_what_it_says():
    rate = rate_of(method=RepaymentMethod.SINGLE_PAYMENT)

    assert rate.compound == Decimal("0.120000")
    assert rate.simple < rate.compound


def test_one_payment_after_one_month_is_the_plain_quotient():
    rate = rate_of(periods=1, principal=Decimal("10000"), annual_rate=Decimal("0.12"))

    assert rate.simple == Decimal("0.120000")


def test_a_fee_is_a_cost_of_the_loan():
    with_fee = rate_of(periods=1, principal=Decimal("10000"), instalment_fee=Decimal("50"))

    # 100 of interest and a fee of 50 for a month on 10,000 are 1.5% a month.
    assert with_fee.simple == Decimal("0.180000")


def test_money_lent_for_nothing_costs_nothing():
    rate = rate_of(annual_rate=Decimal("0"))

    assert (rate.simple, rate.compound) == (0, 0)


def test_weeks_and_days_have_years_of_their_own():
    weekly = rate_of(annual_rate=Decimal("0.52"), periods=10, frequency=Frequency(PeriodUnit.WEEK))

    assert weekly.simple == pytest.approx(Decimal("0.52"), abs=CENT)


def test_a_long_first_period_counts_with_its_length():
    usual = rate_of(annual_rate=Decimal("0.24"))
    long_first = rate_of(annual_rate=Decimal("0.24"), first_due=date(2026, 3, 1))

    assert long_first.simple == pytest.approx(usual.simple, abs=Decimal("0.002"))


def test_thirty_years_of_instalments_stay_exact():
    assert rate_of(principal=Decimal("3000000"), periods=360).simple == Decimal("0.120000")
