"""Repayments: money that came in is allocated once, and the cases that follow the instalments are told.

A payment settles the oldest instalment first, and within it fees, then interest, then principal (民法典第五百六十一
条); what is left goes on to the next instalments as the schedule has them. What goes beyond everything owed is kept
as overpaid. Interest is not recalculated for early payment: settling a loan early is a quote of its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from server.lending.allocation import Allocation, Component, OutstandingInstalment, allocate
from server.lending.business_day import business_date
from server.lending.collection_cases import announce_payment
from server.lending.loan_book import InstalmentAccount, LoanAccount, loan_account, state_of
from server.lending.loans import InstalmentState, Loan, LoanInstalment, LoanState, Repayment
from server.lending.one_transaction import one_transaction
from server.lending.refusals import LoanConflictError, RepaymentRefusedError
from server.messages import Message
from server.runtime.instant import now
from server.store.keys import keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Money that came in; ``repayment_key`` is the payer's own, by which it is never counted twice."""

    repayment_key: str
    amount: Decimal
    received_on: dt.date | None = None
    payer: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class RepaymentPart:
    """A part of a repayment that settled one component of one instalment."""

    instalment: int
    component: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRepayment:
    """A repayment as the loan book holds it."""

    key: int
    repayment_key: str
    amount: Decimal
    received_on: dt.date
    payer: str | None
    reference: str | None
    parts: tuple[RepaymentPart, ...]
    unallocated: Decimal
    recorded_at: dt.datetime
    recorded_by: str


def record_repayment(loan_id: str, receipt: Receipt, *, actor: str) -> RecordedRepayment:
    """Record a repayment of a loan; the same receipt again is answered with the first record.

    Loan, instalments and the messages to the collection cases change in one transaction. Raises
    :class:`NoSuchLoanError`, :class:`RepaymentRefusedError` for an amount or a day that cannot be, and
    :class:`LoanConflictError` for a key that stood for other money, or a loan that owes nothing.
    """
    with one_transaction() as connection:
        loan = loan_account(connection, loan_id, lock=True)
        instant = now(connection)
        today = business_date(instant)
        known = _recorded(connection, loan, receipt.repayment_key)
        if known is not None:
            return _same(known, receipt)
        received_on = receipt.received_on or today
        _check(loan, receipt, received_on, today)
        allocation = allocate(receipt.amount, loan.outstanding)
        key = keys.next(connection)
        connection.execute(
            insert(Repayment).values(
                key=key,
                loan_key=loan.key,
                repayment_key=receipt.repayment_key,
                amount=receipt.amount,
                received_on=received_on,
                payer=receipt.payer,
                reference=receipt.reference,
                allocation=_parts_json(allocation),
                unallocated=allocation.unallocated,
                recorded_at=instant,
                recorded_by=actor,
            )
        )
        touched = _settle(connection, loan, allocation, received_on)
        announce_payment(loan, touched, repayment_key=receipt.repayment_key, actor=actor)
        recorded = _recorded(connection, loan, receipt.repayment_key)
        assert recorded is not None
        return recorded


def repayments_of(connection: Connection, loan: LoanAccount) -> tuple[RecordedRepayment, ...]:
    """The repayments of a loan in the order in which they were recorded."""
    rows = connection.execute(select(Repayment.__table__).where(Repayment.loan_key == loan.key).order_by(Repayment.key))
    return tuple(map(_repayment, rows))


def _check(loan: LoanAccount, receipt: Receipt, received_on: dt.date, today: dt.date) -> None:
    if receipt.amount <= 0 or receipt.amount != round(receipt.amount, 2):
        raise RepaymentRefusedError(
            Message(
                "lending.repayment.amount",
                f"还款金额必须大于 0 且至多两位小数，现为 {receipt.amount}。",
                f"A repayment is greater than zero with at most two decimals; it is {receipt.amount}.",
            )
        )
    if not loan.disbursed_on <= received_on <= today:
        raise RepaymentRefusedError(
            Message(
                "lending.repayment.day",
                f"到账日 {received_on} 应在放款日 {loan.disbursed_on} 与今日 {today} 之间；请更正。",
                f"The day of receipt {received_on} must lie between the payout on {loan.disbursed_on} and today, "
                f"{today}; correct it.",
            )
        )
    if loan.state == LoanState.SETTLED:
        raise LoanConflictError(
            Message(
                "lending.repayment.settled",
                f"贷款 {loan.loan_id} 已结清，不再欠款；请退还该笔款项或改记到其他贷款。",
                f"Loan {loan.loan_id} is settled and owes nothing; return the money or record it for another loan.",
            )
        )


def _same(known: RecordedRepayment, receipt: Receipt) -> RecordedRepayment:
    first = (known.amount, known.payer, known.reference, known.received_on)
    again = (receipt.amount, receipt.payer, receipt.reference, receipt.received_on or known.received_on)
    if first != again:
        raise LoanConflictError(
            Message(
                "lending.repayment.key-reused",
                f"还款键 {receipt.repayment_key} 已用于另一笔还款；新的还款请使用新的键。",
                f"The repayment key {receipt.repayment_key} was used for another repayment; use a new key for a "
                "new one.",
            )
        )
    return known


def _settle(
    connection: Connection, loan: LoanAccount, allocation: Allocation, received_on: dt.date
) -> list[OutstandingInstalment]:
    """Write what the payment settled; the instalments it reached, with what is still owed of them."""
    reached = {part.number for part in allocation.parts}
    left = {each.number: each for each in allocation.outstanding}
    states = {each.number: each.state for each in loan.instalments}
    for number in sorted(reached):
        before = loan.instalment(number)
        states[number] = _state_after(before, left[number])
        connection.execute(
            update(LoanInstalment)
            .where(LoanInstalment.loan_key == loan.key, LoanInstalment.number == number)
            .values(
                paid_principal=before.principal - left[number].principal,
                paid_interest=before.interest - left[number].interest,
                paid_fees=before.fees - left[number].fees,
                state=states[number],
                settled_on=received_on if left[number].total == 0 else None,
            )
        )
    state = state_of(list(states.values()))
    connection.execute(
        update(Loan)
        .where(Loan.key == loan.key)
        .values(
            state=state,
            overpaid=loan.overpaid + allocation.unallocated,
            settled_on=received_on if state is LoanState.SETTLED else None,
        )
    )
    return [left[number] for number in sorted(reached)]


def _state_after(before: InstalmentAccount, left: OutstandingInstalment) -> str:
    if left.total == 0:
        return InstalmentState.SETTLED
    return before.state if before.state == InstalmentState.OVERDUE else InstalmentState.PARTLY_PAID


def _parts_json(allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {"instalment": part.number, "component": part.component, "amount": part.amount} for part in allocation.parts
    ]


def _recorded(connection: Connection, loan: LoanAccount, repayment_key: str) -> RecordedRepayment | None:
    row = connection.execute(
        select(Repayment.__table__).where(Repayment.loan_key == loan.key, Repayment.repayment_key == repayment_key)
    ).one_or_none()
    return None if row is None else _repayment(row)


def _repayment(row: Any) -> RecordedRepayment:
    return RecordedRepayment(
        key=row.key,
        repayment_key=row.repayment_key,
        amount=row.amount,
        received_on=row.received_on,
        payer=row.payer,
        reference=row.reference,
        parts=_parts(row.allocation),
        unallocated=row.unallocated,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )


def _parts(listed: Sequence[dict[str, Any]]) -> tuple[RepaymentPart, ...]:
    return tuple(
        RepaymentPart(part["instalment"], Component(part["component"]), Decimal(part["amount"])) for part in listed
    )
