"""Allocation: which debts a payment settles, in which order.

By default the oldest instalment is settled first, and within it costs, then interest, then principal, as the
Civil Code orders where nothing else is agreed (民法典第五百六十一条: 费用 -> 利息 -> 主债务). Penalty
interest (罚息) is interest and goes before the ordinary one. Other orders are data of the product or of the
asset's state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.amortisation.schedule import Schedule
from server.lending.errors import AllocationError
from server.messages import Message

_ZERO = Decimal(0)


class Component(StrEnum):
    """A part of what an instalment owes."""

    FEES = "fees"
    PENALTY = "penalty"
    INTEREST = "interest"
    PRINCIPAL = "principal"


class Sweep(StrEnum):
    """Whether an order is run through instalment by instalment, or component by component across all."""

    BY_INSTALMENT = "by-instalment"
    BY_COMPONENT = "by-component"


@dataclass(frozen=True, slots=True)
class AllocationOrder:
    """The order in which debts are settled; components not named are not settled at all."""

    components: tuple[Component, ...] = (
        Component.FEES,
        Component.PENALTY,
        Component.INTEREST,
        Component.PRINCIPAL,
    )
    sweep: Sweep = Sweep.BY_INSTALMENT


CIVIL_CODE_ORDER = AllocationOrder()


@dataclass(frozen=True, slots=True, kw_only=True)
class OutstandingInstalment:
    """What is still owed of one instalment."""

    number: int
    due_date: date
    principal: Decimal
    interest: Decimal
    fees: Decimal = _ZERO
    penalty: Decimal = _ZERO

    @property
    def total(self) -> Decimal:
        """All components together."""
        return self.principal + self.interest + self.fees + self.penalty

    def owed(self, component: Component) -> Decimal:
        """What is owed of one component."""
        match component:
            case Component.FEES:
                return self.fees
            case Component.PENALTY:
                return self.penalty
            case Component.INTEREST:
                return self.interest
            case Component.PRINCIPAL:
                return self.principal

    def less(self, component: Component, amount: Decimal) -> OutstandingInstalment:
        """The same instalment with ``amount`` of ``component`` settled."""
        rest = self.owed(component) - amount
        match component:
            case Component.FEES:
                return replace(self, fees=rest)
            case Component.PENALTY:
                return replace(self, penalty=rest)
            case Component.INTEREST:
                return replace(self, interest=rest)
            case Component.PRINCIPAL:
                return replace(self, principal=rest)


@dataclass(frozen=True, slots=True)
class Allocated:
    """A part of a payment that settled one component of one instalment."""

    number: int
    component: Component
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Allocation:
    """A payment laid out: its parts, what is owed afterwards, and what was left of the payment."""

    parts: tuple[Allocated, ...]
    outstanding: tuple[OutstandingInstalment, ...]
    unallocated: Decimal

    def total(self, component: Component) -> Decimal:
        """How much of the payment went to one component."""
        return sum((part.amount for part in self.parts if part.component is component), _ZERO)


def outstanding_of(schedule: Schedule) -> tuple[OutstandingInstalment, ...]:
    """A schedule of which nothing has been paid yet."""
    return tuple(
        OutstandingInstalment(
            number=row.number,
            due_date=row.due_date,
            principal=row.principal,
            interest=row.interest,
            fees=row.fees,
        )
        for row in schedule.instalments
    )


def allocate(
    amount: Decimal,
    outstanding: Iterable[OutstandingInstalment],
    *,
    due_until: date | None = None,
    order: AllocationOrder = CIVIL_CODE_ORDER,
) -> Allocation:
    """Lays a payment out over the instalments.

    Parameters
    ----------
    amount:
        The payment, greater than zero.
    due_until:
        Settle only instalments due on or before this day, and leave the rest of the payment unallocated: what
        is paid beyond is prepayment, whose interest runs to the day of payment (民法典第六百七十七条).
        Without it the payment settles every instalment it reaches.

    Raises :class:`~server.lending.errors.AllocationError` for an amount that is no payment, and for
    instalments that are not those of one loan.
    """
    if not amount.is_finite() or amount <= 0:
        raise AllocationError(
            Message(
                "lending.allocation.amount",
                f"还款金额必须大于 0，现为 {amount}。",
                f"A payment must be greater than zero; it is {amount}.",
            )
        )
    by_age = sorted(outstanding, key=lambda each: (each.due_date, each.number))
    rows = {each.number: each for each in by_age}
    if len(rows) != len(by_age):
        raise AllocationError(
            Message(
                "lending.allocation.numbers",
                "同一期号出现了两次，请按一笔贷款的各期分别分配还款。",
                "An instalment number occurs twice; allocate a payment over the instalments of one loan.",
            )
        )
    payable = [each for each in by_age if due_until is None or each.due_date <= due_until]
    parts: list[Allocated] = []
    rest = amount
    for number, component in _sequence(payable, order):
        settled = min(rest, rows[number].owed(component))
        if settled > 0:
            parts.append(Allocated(number, component, settled))
            rows[number] = rows[number].less(component, settled)
            rest -= settled
    return Allocation(tuple(parts), tuple(rows.values()), rest)


def _sequence(payable: Sequence[OutstandingInstalment], order: AllocationOrder) -> list[tuple[int, Component]]:
    if order.sweep is Sweep.BY_INSTALMENT:
        return [(each.number, component) for each in payable for component in order.components]
    return [(each.number, component) for component in order.components for each in payable]


def days_past_due(outstanding: Iterable[OutstandingInstalment], as_of: date, *, grace_days: int = 0) -> int:
    """Days since the oldest unsettled instalment fell due; 0 while nothing is overdue.

    Within ``grace_days`` (宽限期) an instalment does not count as overdue; after them its days count from the
    due date, not from the end of the grace.
    """
    unsettled = [each.due_date for each in outstanding if each.total > 0]
    late = (as_of - min(unsettled)).days if unsettled else 0
    return late if late > grace_days else 0
