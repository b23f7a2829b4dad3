"""Allocation by the Civil Code's order, prepayment, and days past due."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from server.lending.allocation import (
    Allocated,
    AllocationOrder,
    Component,
    OutstandingInstalment,
    Sweep,
    allocate,
    days_past_due,
)
from server.lending.errors import AllocationError

FIRST = OutstandingInstalment(
    number=1,
    due_date=date(2024, 2, 1),
    principal=Decimal(100),
    interest=Decimal(10),
    fees=Decimal(5),
    penalty=Decimal(2),
)
SECOND = OutstandingInstalment(number=2, due_date=date(2024, 3, 1), principal=Decimal(100), interest=Decimal(8))


def test_costs_then_interest_then_principal_of_the_oldest_instalment() -> None:
    result = allocate(Decimal(60), [SECOND, FIRST])
    assert result.parts == (
        Allocated(1, Component.FEES, Decimal(5)),
        Allocated(1, Component.PENALTY, Decimal(2)),
        Allocated(1, Component.INTEREST, Decimal(10)),
        Allocated(1, Component.PRINCIPAL, Decimal(43)),
    )
    assert [each.total for each in result.outstanding] == [Decimal(57), Decimal(108)]
    assert result.total(Component.PRINCIPAL) == Decimal(43)


def test_an_instalment_is_settled_before_the_next_is_touched() -> None:
    result = allocate(Decimal(120), [FIRST, SECOND])
    assert [each.total for each in result.outstanding] == [0, Decimal(105)]
    assert result.parts[-1] == Allocated(2, Component.INTEREST, Decimal(3))


def test_what_is_not_due_yet_stays_unpaid_and_the_money_is_handed_back() -> None:
    result = allocate(Decimal(150), [FIRST, SECOND], due_until=date(2024, 2, 15))
    assert result.unallocated == Decimal(33)
    assert result.outstanding[1] == SECOND


def test_principal_first_for_assets_in_that_state() -> None:
    order = AllocationOrder((Component.PRINCIPAL, Component.INTEREST), Sweep.BY_COMPONENT)
    result = allocate(Decimal(205), [FIRST, SECOND], order=order)
    assert [(part.number, part.component, part.amount) for part in result.parts] == [
        (1, Component.PRINCIPAL, Decimal(100)),
        (2, Component.PRINCIPAL, Decimal(100)),
        (1, Component.INTEREST, Decimal(5)),
    ]


@pytest.mark.parametrize("amount", ["0", "-1", "NaN"])
def test_a_payment_of_nothing_is_refused(amount: str) -> None:
    with pytest.raises(AllocationError):
        allocate(Decimal(amount), [FIRST])


def test_instalments_of_two_loans_are_refused() -> None:
    with pytest.raises(AllocationError):
        allocate(Decimal(1), [FIRST, FIRST])


@pytest.mark.parametrize(
    ("as_of", "grace_days", "days"),
    [
        (date(2024, 1, 31), 0, 0),
        (date(2024, 2, 1), 0, 0),
        (date(2024, 2, 2), 0, 1),
        (date(2024, 3, 5), 0, 33),
        (date(2024, 2, 4), 3, 0),
        (date(2024, 2, 5), 3, 4),
    ],
)
def test_days_past_due_count_from_the_oldest_unpaid_due_date(as_of: date, grace_days: int, days: int) -> None:
    assert days_past_due([SECOND, FIRST], as_of, grace_days=grace_days) == days


def test_a_settled_instalment_is_not_past_due() -> None:
    paid = allocate(Decimal(117), [FIRST, SECOND]).outstanding
    assert days_past_due(paid, date(2024, 3, 1)) == 0
    assert days_past_due(paid, date(2024, 3, 11)) == 10
    assert days_past_due([], date(2024, 3, 11)) == 0
