"""Schedules against published figures: every stated amount to the cent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from server.amortisation.day_count import DayCount, year_fraction
from server.amortisation.due_dates import Frequency, PeriodUnit
from server.amortisation.loan_terms import AgreedInstalment, InterestPeriod, LoanTerms, RepaymentMethod
from server.amortisation.rounding import Rounding, RoundingMode
from server.amortisation.schedule import Schedule, annuity, repayment_schedule

pytestmark = pytest.mark.shared

FindCase = Callable[[str], dict[str, Any]]

HALF_EVEN_CENTS = Rounding(RoundingMode.HALF_EVEN)
WHOLE_UNITS = Rounding(RoundingMode.HALF_EVEN, Decimal(1))
# Cases that show an unrounded run cut to two places: a unit far below the cent stands for no rounding.
UNROUNDED = Rounding(RoundingMode.HALF_EVEN, Decimal("1E-12"))
CENT = Decimal("0.01")


def terms_of(case: dict[str, Any], **changes: Any) -> LoanTerms:
    """The terms that a case states in its inputs."""
    given = case["inputs"]
    method = given.get("method", "")
    declining = RepaymentMethod.EQUAL_INSTALMENTS
    if "等额本金" in method or "equal principal" in method:
        declining = RepaymentMethod.EQUAL_PRINCIPAL
    elif method.startswith("flat"):
        declining = RepaymentMethod.FLAT
    stated_interest = given.get("interest_period", "") + given.get("day_count", "")
    daily = "DAILY" in stated_interest or "actual" in stated_interest
    half_even = "HALF_EVEN" in given.get("rounding", "")
    terms = LoanTerms(
        principal=Decimal(given["principal"]),
        annual_rate=Decimal(given["annual_rate_pct"]) / 100,
        periods=given["periods"],
        disbursed_on=date.fromisoformat(given.get("disbursed_on", "2024-01-01")),
        method=declining,
        frequency=Frequency(PeriodUnit(given.get("unit", "month")), given.get("every", 1)),
        day_count=DayCount.ACTUAL_365 if daily else DayCount.THIRTY_360,
        interest_period=InterestPeriod.DAILY if daily else InterestPeriod.SAME_AS_PERIOD,
        rounding=HALF_EVEN_CENTS if half_even else Rounding(),
        principal_grace=given.get("grace_principal", 0),
        instalment_rounding=WHOLE_UNITS if "MultiplesOf=1" in given.get("rounding", "") else None,
    )
    return replace(terms, **changes)


def agreed(*pairs: tuple[int, str]) -> tuple[AgreedInstalment, ...]:
    return tuple(AgreedInstalment(number, Decimal(amount)) for number, amount in pairs)


def assert_rows(schedule: Schedule, rows: list[dict[str, Any]]) -> None:
    """Every figure of every stated row, found by its number."""
    by_number = {row.number: row for row in schedule.instalments}
    for row in rows:
        ours = by_number[row["n"]]
        stated = {key: row[key] for key in ("principal", "interest", "due", "balance") if key in row}
        assert {key: getattr(ours, key) for key in stated} == {k: Decimal(v) for k, v in stated.items()}, row
        if "due_date" in row:
            assert ours.due_date.isoformat() == row["due_date"]
        if "days" in row:
            assert ours.days == row["days"]


def assert_totals(schedule: Schedule, expected: dict[str, Any]) -> None:
    if expected.get("instalment"):
        first_paying = schedule.instalments[schedule.terms.principal_grace]
        assert first_paying.due == Decimal(expected["instalment"])
    if expected.get("last_instalment"):
        assert schedule.instalments[-1].due == Decimal(expected["last_instalment"])
    for key in ("total_interest", "total_due"):
        if expected.get(key):
            assert getattr(schedule, key) == Decimal(expected[key]), key


@pytest.mark.parametrize(
    ("case_id", "changes"),
    [
        ("FIN-RS03", {"agreed_instalments": agreed((1, "305"))}),
        ("FIN-RS04", {}),
        ("FIN-RS06", {}),
        # The case's own caveat: its 3 "interest free" periods defer interest, they do not forgive it.
        ("FIN-RS07", {"interest_deferral": 3}),
        ("FIN-RP02", {"agreed_instalments": agreed((1, "863"), (2, "862"))}),
        ("FIN-RP05", {"agreed_instalments": agreed((1, "862"))}),
        ("FIN-RP08", {"agreed_instalments": agreed((1, "1500"), (2, "731"))}),
        ("FIN-RP12", {"agreed_instalments": agreed((1, "1000"), (2, "2000"), (3, "536"))}),
        ("FIN-ROUND-DECL", {}),
        ("FIN-U-ACT365", {"smoothing": True}),
        (
            "FIN-U-ACTACT",
            {"day_count": DayCount.ACTUAL_ACTUAL, "disbursed_on": date(2023, 12, 12), "smoothing": True},
        ),
        (
            "FIN-U-2WEEK",
            {
                "frequency": Frequency(PeriodUnit.WEEK, 2),
                "interest_period": InterestPeriod.SAME_AS_PERIOD,
                "smoothing": True,
            },
        ),
        (
            "FIN-U-GEN",
            {
                "first_due": date(2024, 2, 1),
                "day_count": DayCount.THIRTY_360,
                "interest_period": InterestPeriod.SAME_AS_PERIOD,
            },
        ),
        ("FIN-I-4x2", {}),
    ],
)
def test_a_schedule_matches_its_reference_row_by_row(
    reference_case: FindCase, case_id: str, changes: dict[str, Any]
) -> None:
    case = reference_case(case_id)
    schedule = repayment_schedule(terms_of(case, **changes))
    assert len(schedule.instalments) == len(case["expected"]["schedule"])
    assert_rows(schedule, case["expected"]["schedule"])
    assert_totals(schedule, case["expected"])


def test_without_smoothing_the_two_week_loan_keeps_its_unequal_end(reference_case: FindCase) -> None:
    case = reference_case("FIN-U-2WEEK")
    terms = terms_of(
        case,
        frequency=Frequency(PeriodUnit.WEEK, 2),
        interest_period=InterestPeriod.SAME_AS_PERIOD,
    )
    assert [row.due for row in repayment_schedule(terms).instalments] == [
        Decimal("33.58"),
        Decimal("33.58"),
        Decimal("33.56"),
    ]


@pytest.mark.parametrize("case_id", ["FIN-I-EQP100", "FIN-I-EQP100-G5"])
def test_equal_principal_in_multiples_of_a_hundred(reference_case: FindCase, case_id: str) -> None:
    case = reference_case(case_id)
    schedule = repayment_schedule(terms_of(case, rounding=Rounding(RoundingMode.HALF_EVEN, Decimal(100))))
    assert_rows(schedule, case["expected"]["selected_rows"])


def test_a_balloon_falls_due_at_the_end(reference_case: FindCase) -> None:
    case = reference_case("FIN-I-BALLOON")
    schedule = repayment_schedule(
        terms_of(case, method=RepaymentMethod.EQUAL_PRINCIPAL, agreed_principal=Decimal(5000))
    )
    assert_rows(schedule, case["expected"]["selected_rows"])


def test_rate_factors_by_day_count(reference_case: FindCase) -> None:
    case = reference_case("FIN-U-RATEFACTORS")
    dates = [date.fromisoformat(day) for day in case["inputs"]["periods"]]
    rate = Decimal(case["inputs"]["annual_rate_pct"]) / 100
    for label, day_count in (
        ("actual/365", DayCount.ACTUAL_365),
        ("actual/actual(366)", DayCount.ACTUAL_ACTUAL),
    ):
        factors = [
            (rate * year_fraction(start, end, day_count)).quantize(Decimal("1E-12")) for start, end in pairwise(dates)
        ]
        assert factors == [Decimal(value) for value in case["expected"][label]]


@pytest.mark.parametrize(("refunded_on", "field"), [("2021-01-22", 0), ("2021-02-01", 1)])
def test_interest_accrued_to_the_day_of_a_refund(reference_case: FindCase, refunded_on: str, field: int) -> None:
    case = reference_case("FIN-I-REFUND")
    given = case["inputs"]
    share = year_fraction(
        date.fromisoformat(given["disbursed_on"]), date.fromisoformat(refunded_on), DayCount.ACTUAL_ACTUAL
    )
    interest = Rounding().round(Decimal(given["principal"]) * Decimal(given["annual_rate_pct"]) / 100 * share)
    assert str(interest) == case["expected"][f"refund_on_{refunded_on}"] == ["5.75", "8.48"][field]


def test_a_fixed_instalment_finds_its_own_term(reference_case: FindCase) -> None:
    case = reference_case("FRA-280K-FIXED")
    given, expected = case["inputs"], case["expected"]
    schedule = repayment_schedule(
        LoanTerms(
            principal=Decimal(given["principal"]),
            annual_rate=Decimal(given["annual_rate_pct"]) / 100,
            periods=120,
            disbursed_on=date(2024, 1, 1),
            rounding=Rounding(RoundingMode.HALF_UP, Decimal(1)),
            agreed_instalments=agreed((1, given["instalment"])),
        )
    )
    assert len(schedule.instalments) == expected["periods"]
    assert_totals(schedule, {key: expected[key] for key in ("total_interest", "total_due")})


@pytest.mark.parametrize("case_id", ["FRA-250K-18", "FRA-250K-24"])
def test_quotation_in_whole_units_with_the_instalment_rounded_up(reference_case: FindCase, case_id: str) -> None:
    case = reference_case(case_id)
    schedule = repayment_schedule(
        terms_of(
            case,
            rounding=Rounding(RoundingMode.HALF_UP, Decimal(1)),
            instalment_rounding=Rounding(RoundingMode.UP, Decimal(1)),
        )
    )
    assert_totals(schedule, case["expected"])


@pytest.mark.parametrize("case_id", ["XL-PMT", "XL-200K", "CN-600K"])
def test_the_level_instalment(reference_case: FindCase, case_id: str) -> None:
    case = reference_case(case_id)
    terms = terms_of(case)
    exact = annuity(terms.principal, [terms.annual_rate / 12] * terms.periods)
    assert exact.quantize(CENT) == Decimal(case["expected"]["instalment"])
    assert repayment_schedule(terms).instalments[0].due == Decimal(case["expected"]["instalment"])


def test_cumulative_interest_and_principal_of_a_year(reference_case: FindCase) -> None:
    case = reference_case("XL-CUM")
    rows = repayment_schedule(terms_of(case, rounding=UNROUNDED)).instalments
    year = rows[case["inputs"]["from"] - 1 : case["inputs"]["to"]]
    expected = case["expected"]
    assert sum(row.interest for row in year).quantize(CENT) == Decimal(expected["cumulative_interest"])
    assert sum(row.principal for row in year).quantize(CENT) == Decimal(expected["cumulative_principal"])


def test_a_million_over_thirty_years_unrounded(reference_case: FindCase) -> None:
    case = reference_case("CN-1M-49-ANN")
    expected = case["expected"]
    schedule = repayment_schedule(terms_of(case, rounding=UNROUNDED))
    first = schedule.instalments[0]
    assert first.due.quantize(CENT) == Decimal(expected["instalment"])
    shown = {key: str(getattr(first, key).quantize(CENT)) for key in expected["row_1"]}
    assert shown == expected["row_1"]
    assert schedule.instalments[11].balance.quantize(CENT) == Decimal(expected["balance_after_12"])
    assert schedule.total_interest.quantize(CENT) == Decimal(expected["total_interest"])
    assert schedule.total_due.quantize(CENT) == Decimal(expected["total_due"])


def test_a_million_over_thirty_years_to_the_cent(reference_case: FindCase) -> None:
    case = reference_case("CN-CENT")
    expected = case["expected"]
    schedule = repayment_schedule(terms_of(case, rounding=Rounding()))
    assert schedule.instalments[0].due == Decimal(case["inputs"]["instalment"])
    assert schedule.total_interest == Decimal(expected["total_interest"])
    assert schedule.instalments[-1].due == Decimal(expected["last_instalment"])
    assert sum(row.principal for row in schedule.instalments) == Decimal(expected["sum_principal"])


def test_a_million_over_thirty_years_of_equal_principal(reference_case: FindCase) -> None:
    case = reference_case("CN-1M-49-EQP")
    expected = case["expected"]
    schedule = repayment_schedule(terms_of(case, rounding=UNROUNDED))
    first, second, last = schedule.instalments[0], schedule.instalments[1], schedule.instalments[-1]
    assert first.due.quantize(CENT) == Decimal(expected["first_instalment"])
    assert last.due.quantize(CENT) == Decimal(expected["last_instalment"])
    assert (first.due - second.due).quantize(CENT) == Decimal(expected["monthly_decrease"])
    assert first.principal.quantize(CENT) == Decimal(expected["principal_per_month"])
    assert schedule.total_interest.quantize(CENT) == Decimal(expected["total_interest"])


@pytest.mark.parametrize(
    ("case_id", "paid_rows", "tail"),
    [
        # The rest of a rescheduled loan is a loan of the balance with terms of its own.
        ("FIN-RESCH-DATE", 1, {"periods": 2, "first_due": date(2023, 9, 15)}),
        ("FIN-RESCH-EXTEND", 1, {"periods": 4}),
        ("FIN-RESCH-GRACE", 1, {"periods": 3, "principal_grace": 1}),
    ],
)
def test_the_rest_of_a_rescheduled_loan(
    reference_case: FindCase, case_id: str, paid_rows: int, tail: dict[str, Any]
) -> None:
    case = reference_case(case_id)
    before = repayment_schedule(terms_of(case)).instalments[:paid_rows]
    rest = repayment_schedule(terms_of(case, principal=before[-1].balance, disbursed_on=before[-1].due_date, **tail))
    stated = case["expected"]["schedule"]
    keys = ("due_date", "days", "principal", "interest", "due", "balance")
    ours = [tuple(getattr(row, key) for key in keys) for row in (*before, *rest.instalments)]
    assert ours == [
        (date.fromisoformat(row["due_date"]), row["days"], *(Decimal(row[key]) for key in keys[2:])) for row in stated
    ]


def test_interest_to_the_end_of_the_rest_period(reference_case: FindCase) -> None:
    case = reference_case("FIN-PAYOFF-REST")
    # The product counts 30/360: its published first interest is 0.58 for a whole month.
    schedule = repayment_schedule(terms_of(case, day_count=DayCount.THIRTY_360))
    assert_rows(schedule, case["expected"]["schedule"][:2])
    assert schedule.instalments[0].balance + schedule.instalments[1].interest == Decimal("84.06")


def test_the_instalment_whose_nominal_irr_is_the_cap(reference_case: FindCase) -> None:
    case = reference_case("CN-IRR24")
    exact = annuity(Decimal(case["inputs"]["principal"]), [Decimal("0.02")] * case["inputs"]["periods"])
    assert exact.quantize(CENT) == Decimal(case["expected"]["instalment_max"])
