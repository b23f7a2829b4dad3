"""The five repayment methods, due dates, grace and refusals, each by one example worked by hand."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.amortisation.day_count import DayCount, days_between, year_fraction
from server.amortisation.due_dates import Frequency, PeriodUnit, add_months, periods_of
from server.amortisation.errors import TermsError
from server.amortisation.loan_terms import AgreedInstalment, InterestPeriod, LoanTerms, RepaymentMethod
from server.amortisation.rounding import Rounding, RoundingMode
from server.amortisation.schedule import repayment_schedule

TWELVE_THOUSAND = LoanTerms(
    principal=Decimal(12000), annual_rate=Decimal("0.12"), periods=12, disbursed_on=date(2024, 1, 31)
)


def amounts(terms: LoanTerms, column: str) -> list[Decimal]:
    return [getattr(row, column) for row in repayment_schedule(terms).instalments]


def test_equal_instalments_are_equal_but_for_the_last() -> None:
    due = amounts(TWELVE_THOUSAND, "due")
    assert due[:-1] == [Decimal("1066.19")] * 11
    assert due[-1] == Decimal("1066.14")


def test_equal_principal_repays_the_same_principal_each_time() -> None:
    terms = replace(TWELVE_THOUSAND, method=RepaymentMethod.EQUAL_PRINCIPAL)
    assert amounts(terms, "principal") == [Decimal(1000)] * 12
    assert amounts(terms, "interest") == [Decimal(10 * months) for months in range(12, 0, -1)]


def test_flat_charges_interest_on_the_original_principal_throughout() -> None:
    terms = replace(TWELVE_THOUSAND, method=RepaymentMethod.FLAT)
    assert amounts(terms, "due") == [Decimal(1120)] * 12


def test_interest_first_repays_the_principal_at_the_end() -> None:
    terms = replace(TWELVE_THOUSAND, method=RepaymentMethod.INTEREST_FIRST, instalment_fee=Decimal("5.50"))
    assert amounts(terms, "due") == [Decimal("125.50")] * 11 + [Decimal("12125.50")]
    assert repayment_schedule(terms).total_due == Decimal("13506.00")


def test_a_single_payment_bears_simple_interest_over_the_term() -> None:
    terms = replace(TWELVE_THOUSAND, method=RepaymentMethod.SINGLE_PAYMENT, periods=6)
    (row,) = repayment_schedule(terms).instalments
    assert (row.due_date, row.interest, row.principal) == (date(2024, 7, 31), Decimal(720), Decimal(12000))


def test_daily_interest_counts_calendar_days_over_360() -> None:
    terms = replace(
        TWELVE_THOUSAND,
        method=RepaymentMethod.INTEREST_FIRST,
        interest_period=InterestPeriod.DAILY,
        day_count=DayCount.ACTUAL_360,
        periods=3,
    )
    # 12000 x 12% / 360 is 4 a day; 2024 is a leap year.
    assert amounts(terms, "days") == [29, 31, 30]
    assert amounts(terms, "interest") == [Decimal(116), Decimal(124), Decimal(120)]


def test_a_period_of_days_costs_its_share_of_the_year() -> None:
    terms = replace(
        TWELVE_THOUSAND,
        method=RepaymentMethod.INTEREST_FIRST,
        frequency=Frequency(PeriodUnit.DAY, 7),
        periods=2,
    )
    assert amounts(terms, "interest") == [Decimal(28), Decimal(28)]
    assert amounts(terms, "days") == [7, 7]


def test_the_last_day_of_the_month_comes_back_after_february() -> None:
    assert [row.due_date for row in repayment_schedule(TWELVE_THOUSAND).instalments[:4]] == [
        date(2024, 2, 29),
        date(2024, 3, 31),
        date(2024, 4, 30),
        date(2024, 5, 31),
    ]
    assert add_months(date(2024, 3, 31), -1, 31) == date(2024, 2, 29)
    assert add_months(date(2023, 12, 15), 14, 30) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("start", "first_due", "due_day", "regular"),
    [
        (date(2024, 1, 15), date(2024, 2, 1), None, Decimal(17) / 31),  # short
        (date(2024, 1, 1), date(2024, 3, 1), None, Decimal(2)),  # two whole months
        (date(2024, 1, 17), date(2024, 3, 1), None, 1 + Decimal(15) / 31),  # long: a month and 15 days
        (date(2024, 1, 31), None, 31, Decimal(1)),
        (date(2024, 1, 20), None, 5, Decimal(16) / 31),
    ],
)
def test_the_length_of_a_broken_first_period(
    start: date, first_due: date | None, due_day: int | None, regular: Decimal
) -> None:
    first, second = periods_of(start=start, first_due=first_due, due_day=due_day, frequency=Frequency(), count=2)
    assert first.regular == regular
    assert second.regular == 1
    assert second.start == first.due


def test_grace_and_deferral() -> None:
    terms = replace(TWELVE_THOUSAND, method=RepaymentMethod.EQUAL_PRINCIPAL, principal_grace=4, interest_deferral=2)
    assert amounts(terms, "principal") == [Decimal(0)] * 4 + [Decimal(1500)] * 8
    assert amounts(terms, "interest")[:5] == [0, 0, Decimal(360), Decimal(120), Decimal(120)]


def test_thirty_360_is_additive_over_the_end_of_the_month() -> None:
    days = [date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    whole = days_between(days[0], days[-1], DayCount.THIRTY_360)
    parts = [days_between(days[i], days[i + 1], DayCount.THIRTY_360) for i in range(3)]
    assert (whole, sum(parts)) == (60, 60)


def test_actual_actual_cuts_at_new_year() -> None:
    share = year_fraction(date(2023, 12, 12), date(2024, 1, 12), DayCount.ACTUAL_ACTUAL)
    assert share == Decimal(20) / 365 + Decimal(11) / 366


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_UP, ["0.13", "0.12", "300"]),
        (RoundingMode.HALF_EVEN, ["0.12", "0.12", "200"]),
        (RoundingMode.UP, ["0.13", "0.13", "300"]),
        (RoundingMode.DOWN, ["0.12", "0.12", "200"]),
    ],
)
def test_rounding_modes(mode: RoundingMode, expected: list[str]) -> None:
    cents, hundreds = Rounding(mode), Rounding(mode, Decimal(100))
    rounded = [cents.round(Decimal("0.125")), cents.round(Decimal("0.121")), hundreds.round(Decimal(250))]
    assert [str(each) for each in rounded] == expected


def test_the_result_does_not_depend_on_the_callers_decimal_context() -> None:
    usual = repayment_schedule(replace(TWELVE_THOUSAND, periods=360))
    with decimal.localcontext(decimal.Context(prec=6, rounding=decimal.ROUND_DOWN)):
        assert repayment_schedule(replace(TWELVE_THOUSAND, periods=360)).instalments == usual.instalments


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("principal", {"principal": Decimal(0)}),
        ("principal", {"principal": Decimal("NaN")}),
        ("principal", {"principal": Decimal("100.005")}),
        ("principal", {"principal": Decimal("0.05"), "method": RepaymentMethod.FLAT}),
        ("annual_rate", {"annual_rate": Decimal("-0.01")}),
        ("annual_rate", {"annual_rate": Decimal("Infinity")}),
        ("periods", {"periods": 0}),
        ("periods", {"periods": 1300}),
        ("frequency", {"frequency": Frequency(PeriodUnit.WEEK, 0)}),
        ("due_day", {"due_day": 32}),
        ("due_day", {"due_day": 5, "frequency": Frequency(PeriodUnit.WEEK, 1)}),
        ("first_due", {"first_due": date(2024, 1, 31)}),
        ("rounding", {"rounding": Rounding(unit=Decimal(0))}),
        ("principal_grace", {"principal_grace": 12}),
        ("principal_grace", {"principal_grace": 1, "method": RepaymentMethod.INTEREST_FIRST}),
        ("interest_deferral", {"interest_deferral": 1}),
        ("instalment_fee", {"instalment_fee": Decimal("-1")}),
        ("instalment_fee", {"instalment_fee": Decimal("NaN")}),
        ("instalment_rounding", {"instalment_rounding": Rounding(unit=Decimal(5000))}),
        ("agreed_instalments", {"agreed_instalments": (AgreedInstalment(1, Decimal(119)),)}),
        ("agreed_instalments", {"agreed_instalments": (AgreedInstalment(13, Decimal(2000)),)}),
        ("agreed_principal", {"agreed_principal": Decimal(500)}),
    ],
)
def test_terms_that_make_no_loan_are_refused_in_both_languages(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(TermsError) as refusal:
        repayment_schedule(replace(TWELVE_THOUSAND, **changes))
    assert refusal.value.field == field
    assert refusal.value.message.code == f"amortisation.terms.{field}"
    assert refusal.value.message.zh != refusal.value.message.en


@pytest.mark.parametrize("read", [lambda terms: terms.principal, lambda terms: terms.annual_rate])
def test_terms_cannot_be_changed(read: Callable[[LoanTerms], Decimal]) -> None:
    before = read(TWELVE_THOUSAND)
    with pytest.raises(AttributeError):
        TWELVE_THOUSAND.principal = Decimal(1)  # type: ignore[misc]
    assert read(TWELVE_THOUSAND) == before
