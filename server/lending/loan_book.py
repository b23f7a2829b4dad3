"""The loan book: books a loan that was paid out, finds it again, and keeps the state of its instalments.

Every function works in the caller's transaction and may be repeated: booking by the application's id, marking by
the instalment's number. A loan's row is locked before it changes, so changes to one loan take turns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.amortisation.annual_rate import annual_rate_of
from server.amortisation.schedule import Schedule, repayment_schedule
from server.lending.allocation import OutstandingInstalment, days_past_due
from server.lending.application_facts import ApprovedApplication
from server.lending.loans import InstalmentState, Loan, LoanInstalment, LoanState
from server.lending.refusals import LoanConflictError, NoSuchLoanError
from server.messages import Message
from server.store.keys import keys

CURRENCY = "CNY"
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """How a loan reached its borrower: on which day, and under which id at the payment service."""

    disbursed_on: dt.date
    payment_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentAccount:
    """One instalment of a booked loan and what has been paid of it."""

    number: int
    due_date: dt.date
    principal: Decimal
    interest: Decimal
    fees: Decimal
    balance: Decimal
    paid_principal: Decimal
    paid_interest: Decimal
    paid_fees: Decimal
    state: str
    overdue_on: dt.date | None
    settled_on: dt.date | None
    collection_key: int | None

    @property
    def due(self) -> Decimal:
        """Everything that the instalment asks for."""
        return self.principal + self.interest + self.fees

    @property
    def paid(self) -> Decimal:
        """Everything that has been paid of it."""
        return self.paid_principal + self.paid_interest + self.paid_fees

    @property
    def outstanding(self) -> OutstandingInstalment:
        """What is still owed of it, as allocation sees it."""
        return OutstandingInstalment(
            number=self.number,
            due_date=self.due_date,
            principal=self.principal - self.paid_principal,
            interest=self.interest - self.paid_interest,
            fees=self.fees - self.paid_fees,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanAccount:
    """A booked loan with its instalments in the order of their numbers."""

    key: int
    loan_id: str
    application_id: str
    contract_number: str | None
    customer_name: str
    id_number: str | None
    mobile: str | None
    product: str | None
    currency: str
    principal: Decimal
    annual_rate: Decimal
    annual_rate_simple: Decimal
    annual_rate_compound: Decimal
    method: str
    periods: int
    disbursed_on: dt.date
    payment_id: str | None
    state: str
    overpaid: Decimal
    settled_on: dt.date | None
    watch_listed_on: dt.date | None
    watch_reason: str | None
    process_instance_key: int | None
    booked_at: dt.datetime
    instalments: tuple[InstalmentAccount, ...]

    @property
    def outstanding(self) -> tuple[OutstandingInstalment, ...]:
        """What is still owed, instalment by instalment."""
        return tuple(each.outstanding for each in self.instalments)

    @property
    def outstanding_principal(self) -> Decimal:
        """The principal that has not come back yet."""
        return sum((each.principal for each in self.outstanding), _ZERO)

    @property
    def outstanding_total(self) -> Decimal:
        """Everything the borrower still has to pay by the schedule."""
        return sum((each.total for each in self.outstanding), _ZERO)

    def days_past_due(self, as_of: dt.date) -> int:
        """Days since the oldest unsettled instalment fell due."""
        return days_past_due(self.outstanding, as_of)

    def instalment(self, number: int) -> InstalmentAccount:
        """The instalment with this number. Raises :class:`NoSuchLoanError`."""
        for each in self.instalments:
            if each.number == number:
                return each
        raise NoSuchLoanError(self.loan_id, number)


_LOAN_COLUMNS = [getattr(Loan, each.name) for each in fields(LoanAccount) if each.name != "instalments"]
_INSTALMENT_COLUMNS = [getattr(LoanInstalment, each.name) for each in fields(InstalmentAccount)]


def book_loan(
    connection: Connection,
    application: ApprovedApplication,
    payout: Payout,
    *,
    contract_number: str | None,
    process_instance_key: int | None,
    now: dt.datetime,
) -> LoanAccount:
    """Book the loan of an application with its repayment schedule; a second booking finds the first.

    Raises :class:`LoanConflictError` where the application's loan was booked with other terms, and
    :class:`~server.amortisation.errors.TermsError` for terms that make no loan.
    """
    schedule = repayment_schedule(application.terms(payout.disbursed_on))
    key = keys.next(connection)
    row = _loan_row(application, payout, schedule) | {
        "key": key,
        "loan_id": f"LN{payout.disbursed_on:%Y%m%d}-{key}",
        "contract_number": contract_number,
        "process_instance_key": process_instance_key,
        "booked_at": now,
    }
    inserted = connection.execute(
        upsert(Loan).values(row).on_conflict_do_nothing(index_elements=["application_id"]).returning(Loan.key)
    ).one_or_none()
    if inserted is None:
        return _booked_before(connection, application, payout)
    connection.execute(insert(LoanInstalment), _instalment_rows(key, schedule))
    return _account(connection, Loan.key == key)


def loan_account(connection: Connection, loan_id: str, *, lock: bool = False) -> LoanAccount:
    """The loan with this id; with ``lock`` nobody else changes it until the transaction ends.

    Raises :class:`NoSuchLoanError`.
    """
    try:
        return _account(connection, Loan.loan_id == loan_id, lock=lock)
    except LookupError:
        raise NoSuchLoanError(loan_id) from None


def loan_of_application(connection: Connection, application_id: str) -> LoanAccount | None:
    """The loan that was booked for an application, if one was."""
    try:
        return _account(connection, Loan.application_id == application_id)
    except LookupError:
        return None


def mark_overdue(connection: Connection, loan_id: str, number: int, *, today: dt.date) -> LoanAccount:
    """Mark an instalment overdue; one that is settled, or marked already, stays as it is.

    Raises :class:`LoanConflictError` where the instalment is not past due on ``today``.
    """
    loan = loan_account(connection, loan_id, lock=True)
    instalment = loan.instalment(number)
    if instalment.state in (InstalmentState.SETTLED, InstalmentState.OVERDUE):
        return loan
    if today <= instalment.due_date:
        raise LoanConflictError(
            Message(
                "lending.instalment.not-past-due",
                f"贷款 {loan_id} 第 {number} 期应于 {instalment.due_date} 还款，{today} 尚未逾期；"
                "请核对催收流程的时间设置。",
                f"Instalment {number} of loan {loan_id} is due on {instalment.due_date} and not overdue on {today}; "
                "check the times that the collection process goes by.",
            )
        )
    _update_instalment(connection, loan, number, state=InstalmentState.OVERDUE, overdue_on=today)
    _update_loan(connection, loan, state=LoanState.OVERDUE)
    return loan_account(connection, loan_id)


def confirm_settled(connection: Connection, loan_id: str, number: int) -> LoanAccount:
    """The loan, whose instalment ``number`` the book holds as settled.

    Only a repayment settles an instalment. Raises :class:`LoanConflictError` where something is still owed.
    """
    loan = loan_account(connection, loan_id)
    instalment = loan.instalment(number)
    owed = instalment.outstanding.total
    if instalment.state != InstalmentState.SETTLED:
        raise LoanConflictError(
            Message(
                "lending.instalment.not-settled",
                f"台账显示贷款 {loan_id} 第 {number} 期尚欠 {owed}，不能标记结清；请先登记还款。",
                f"By the loan book {owed} of instalment {number} of loan {loan_id} is still owed, so it is not "
                "settled; record the repayment first.",
            )
        )
    return loan


def add_to_watch_list(connection: Connection, loan_id: str, *, reason: str, today: dt.date) -> LoanAccount:
    """Put a loan on the watch list (关注名单); one that is on it keeps its first day and reason."""
    loan = loan_account(connection, loan_id, lock=True)
    if loan.watch_listed_on is None and loan.state != LoanState.SETTLED:
        _update_loan(connection, loan, watch_listed_on=today, watch_reason=reason)
    return loan_account(connection, loan_id)


def is_on_watch_list(connection: Connection, id_number: str) -> bool:
    """Whether a person has a loan on the watch list that is not settled."""
    found = select(Loan.key).where(
        Loan.id_number == id_number, Loan.watch_listed_on.is_not(None), Loan.state != LoanState.SETTLED
    )
    return connection.execute(found.limit(1)).one_or_none() is not None


def state_of(instalments: Sequence[str]) -> LoanState:
    """The state of a loan whose instalments are in these states."""
    if all(state == InstalmentState.SETTLED for state in instalments):
        return LoanState.SETTLED
    return LoanState.OVERDUE if InstalmentState.OVERDUE in instalments else LoanState.ACTIVE


def _loan_row(application: ApprovedApplication, payout: Payout, schedule: Schedule) -> dict[str, Any]:
    rate = annual_rate_of(schedule)
    return {
        "application_id": application.application_id,
        "customer_name": application.applicant_name,
        "id_number": application.id_number,
        "mobile": application.mobile,
        "product": application.product,
        "currency": CURRENCY,
        "principal": application.amount,
        "annual_rate": application.annual_rate,
        "annual_rate_simple": rate.simple,
        "annual_rate_compound": rate.compound,
        "method": application.method,
        "periods": application.periods,
        "disbursed_on": payout.disbursed_on,
        "payment_id": payout.payment_id,
        "state": LoanState.ACTIVE,
    }


def _instalment_rows(loan_key: int, schedule: Schedule) -> list[dict[str, Any]]:
    return [
        {
            "loan_key": loan_key,
            "number": each.number,
            "due_date": each.due_date,
            "principal": each.principal,
            "interest": each.interest,
            "fees": each.fees,
            "balance": each.balance,
            "state": InstalmentState.SCHEDULED,
        }
        for each in schedule.instalments
    ]


def _booked_before(connection: Connection, application: ApprovedApplication, payout: Payout) -> LoanAccount:
    loan = _account(connection, Loan.application_id == application.application_id)
    booked = (loan.principal, loan.annual_rate, loan.periods, loan.method, loan.payment_id)
    asked = (
        application.amount,
        application.annual_rate,
        application.periods,
        application.method,
        payout.payment_id,
    )
    if booked != asked:
        raise LoanConflictError(
            Message(
                "lending.loan.booked-otherwise",
                f"进件 {application.application_id} 的贷款 {loan.loan_id} 已按其他条件入账；"
                "请核对金额、利率、期数、还款方式和付款编号。",
                f"The loan {loan.loan_id} of application {application.application_id} was booked with other terms; "
                "check amount, rate, periods, method and payment id.",
            )
        )
    return loan


def _account(connection: Connection, condition: Any, *, lock: bool = False) -> LoanAccount:
    """The loan that meets the condition; raises :class:`LookupError` where none does."""
    statement = select(*_LOAN_COLUMNS).where(condition)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise LookupError
    instalments = connection.execute(
        select(*_INSTALMENT_COLUMNS).where(LoanInstalment.loan_key == row.key).order_by(LoanInstalment.number)
    )
    return LoanAccount(**row._mapping, instalments=tuple(map(_instalment, instalments)))


def _instalment(row: Row[Any]) -> InstalmentAccount:
    return InstalmentAccount(**row._mapping)


def _update_loan(connection: Connection, loan: LoanAccount, **values: object) -> None:
    connection.execute(update(Loan).where(Loan.key == loan.key).values(**values))


def _update_instalment(connection: Connection, loan: LoanAccount, number: int, **values: object) -> None:
    connection.execute(
        update(LoanInstalment)
        .where(LoanInstalment.loan_key == loan.key, LoanInstalment.number == number)
        .values(**values)
    )
