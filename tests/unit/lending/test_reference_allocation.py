"""Allocation and delinquency against published figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from server.amortisation.loan_terms import AgreedInstalment, LoanTerms
from server.amortisation.rounding import Rounding, RoundingMode
from server.amortisation.schedule import repayment_schedule
from server.lending.allocation import (
    AllocationOrder,
    Component,
    OutstandingInstalment,
    Sweep,
    allocate,
    days_past_due,
    outstanding_of,
)
from server.lending.delinquency import Bucket, age_analysis, bucket_of, penalty_interest

pytestmark = pytest.mark.shared

FindCase = Callable[[str], dict[str, Any]]


def principal_only(number: int, due: str, amount: str) -> OutstandingInstalment:
    return OutstandingInstalment(
        number=number, due_date=date.fromisoformat(due), principal=Decimal(amount), interest=Decimal(0)
    )


def test_all_due_interest_before_any_principal(reference_case: FindCase) -> None:
    case = reference_case("FIN-I-RBI")
    hundreds = Rounding(RoundingMode.HALF_EVEN, Decimal(100))
    schedule = repayment_schedule(
        LoanTerms(
            principal=Decimal(case["inputs"]["principal"]),
            annual_rate=Decimal(case["inputs"]["monthly_rate_pct"]) / 100 * 12,
            periods=case["inputs"]["periods"],
            disbursed_on=date.fromisoformat(case["inputs"]["disbursed_on"]),
            rounding=hundreds,
            agreed_instalments=(AgreedInstalment(1, Decimal(3200)),),
        )
    )
    assert [row.due_date.isoformat() for row in schedule.instalments] == case["inputs"]["due_dates"]
    interest_first = AllocationOrder((Component.INTEREST, Component.PRINCIPAL), Sweep.BY_COMPONENT)
    outstanding = outstanding_of(schedule)
    *earlier, last = case["events"]
    for event in earlier:
        paid = allocate(
            Decimal(event["amount"]),
            outstanding,
            due_until=date.fromisoformat(event["date"]),
            order=interest_first,
        )
        assert paid.unallocated == 0
        outstanding = paid.outstanding
    stated = case["expected"]["after_3200_on_2012-01-20"]
    third, fourth = outstanding[2:]
    assert third.total == Decimal(stated["instalment_3"]["outstanding"])
    assert third.principal == Decimal(stated["instalment_3"]["principal_outstanding"])
    assert fourth.total == Decimal(stated["instalment_4"]["outstanding"])
    assert fourth.interest == Decimal(stated["instalment_4"]["interest_outstanding"])
    interest_paid = schedule.instalments[3].interest - fourth.interest
    assert interest_paid == Decimal(stated["instalment_4"]["interest_paid"])
    closing = allocate(Decimal(last["amount"]), outstanding, order=interest_first)
    assert case["expected"]["after_further_3000"] == "closed"
    assert [each.total for each in closing.outstanding] == [0, 0, 0, 0]
    assert closing.unallocated == 0


def test_what_is_written_off_after_a_down_payment_and_a_repayment(reference_case: FindCase) -> None:
    case = reference_case("FIN-WRITEOFF")
    principal = Decimal(case["inputs"]["principal"])
    loan = [
        principal_only(number, f"2023-01-{number:02d}", str(principal / 4))
        for number in range(1, case["inputs"]["periods"] + 2)
    ]
    for event in case["events"][:2]:
        loan = list(allocate(Decimal(event["amount"]), loan).outstanding)
    assert sum(each.principal for each in loan) == Decimal(case["expected"]["write_off_principal"])
    assert sum(each.total for each in loan) == Decimal(case["expected"]["write_off_amount"])


@pytest.mark.parametrize("case_id", ["FIN-DELINQ-INST-A", "FIN-DELINQ-INST-B"])
def test_buckets_by_instalment(reference_case: FindCase, case_id: str) -> None:
    case = reference_case(case_id)
    rows = [("2023-10-01", "250"), *case["inputs"]["instalments"]]
    loan = [principal_only(number, due, amount) for number, (due, amount) in enumerate(rows)]
    buckets = [
        Bucket("RANGE_1", 1, 3),
        Bucket("RANGE_3", 4, 30),
        Bucket("RANGE_30", 31, 60),
        Bucket("RANGE_60", 61, 90),
        Bucket("RANGE_90", 91),
    ]
    ages = age_analysis(loan, date.fromisoformat(case["inputs"]["as_of"]), buckets)
    assert ages == {name: Decimal(amount) for name, amount in case["expected"].items()}


def test_days_past_due_and_their_class(reference_case: FindCase) -> None:
    case = reference_case("FRA-DPD")
    loan = [principal_only(1, case["inputs"]["first_due"], case["inputs"]["principal"])]
    buckets = []
    for name, days in case["inputs"]["ranges"].items():
        low, _, high = days.rstrip("+").partition("-")
        buckets.append(Bucket(name, int(low), int(high) if high else None))
    assert len(case["expected"]) == 3
    for day, expected in case["expected"].items():
        late = days_past_due(loan, date.fromisoformat(day))
        bucket = bucket_of(late, buckets)
        assert (late, bucket and bucket.name) == (expected["dpd"], expected["code"])


def test_penalty_interest_after_grace_days(reference_case: FindCase) -> None:
    case = reference_case("FRA-PENALTY")
    given, expected = case["inputs"], case["expected"]
    penalty = penalty_interest(
        Decimal(expected["accrued_interest"]),
        annual_rate=Decimal(given["penalty_rate_pct"]) / 100,
        days_late=10,
        grace_days=given["grace_days"],
    )
    assert penalty == Decimal(expected["penalty"])
    within_grace = replace(principal_only(1, "2024-01-01", "0"), interest=Decimal(1))
    assert days_past_due([within_grace], date(2024, 1, 6), grace_days=given["grace_days"]) == 0
