"""The loan book's tables: contracts, loans with their instalments, and repayments.

Money is ``numeric(18, 2)``, rates are factors in ``numeric(12, 8)``. What the lender was promised (principal,
interest and fees of an instalment) never changes after booking; what was paid stands beside it. Everything is
found again by a natural key, so that work which is repeated after a crash changes nothing twice: a contract and
a loan by the application's id, an instalment by its number, a repayment by the payer's key.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from server.store.database import db

MONEY = Numeric(18, 2)
RATE = Numeric(12, 8)


class LoanState(StrEnum):
    """Where a loan stands: overdue as long as one of its instalments is."""

    ACTIVE = "ACTIVE"
    OVERDUE = "OVERDUE"
    SETTLED = "SETTLED"


class InstalmentState(StrEnum):
    """Where an instalment stands; a partial payment does not end its being overdue."""

    SCHEDULED = "SCHEDULED"
    PARTLY_PAID = "PARTLY_PAID"
    OVERDUE = "OVERDUE"
    SETTLED = "SETTLED"


class Contract(db.Model):  # type: ignore[name-defined]
    """A contract as it was offered: its terms, and its text under a hash (SHA-256, hexadecimal).

    ``terms`` are what the text was made from. The same terms for the same application are the same contract;
    other terms are another one, with a number of its own.
    """

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("application_id", "terms_hash"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    contract_number: Mapped[str] = mapped_column(Text, unique=True)
    application_id: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terms_hash: Mapped[str] = mapped_column(Text)
    annual_rate_simple: Mapped[Decimal] = mapped_column(RATE)
    annual_rate_compound: Mapped[Decimal] = mapped_column(RATE)
    content: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    process_instance_key: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class Loan(db.Model):  # type: ignore[name-defined]
    """One loan: ACTIVE, OVERDUE or SETTLED.

    ``annual_rate`` is the nominal rate that interest runs by, the other two are what it costs with fees (see
    :mod:`server.amortisation.annual_rate`). ``overpaid`` is money received beyond everything owed.
    """

    __tablename__ = "loan"
    __table_args__ = (
        Index("ix_loan_state_disbursed", "state", "disbursed_on"),
        Index("ix_loan_id_number", "id_number", postgresql_where=text("id_number IS NOT NULL")),
        Index("ix_loan_process_instance_key", "process_instance_key"),
        CheckConstraint("principal > 0", name="principal_positive"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    loan_id: Mapped[str] = mapped_column(Text, unique=True)
    application_id: Mapped[str] = mapped_column(Text, unique=True)
    contract_number: Mapped[str | None] = mapped_column(ForeignKey("contract.contract_number"))
    customer_name: Mapped[str] = mapped_column(Text)
    id_number: Mapped[str | None] = mapped_column(Text)
    mobile: Mapped[str | None] = mapped_column(Text)
    product: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    principal: Mapped[Decimal] = mapped_column(MONEY)
    annual_rate: Mapped[Decimal] = mapped_column(RATE)
    annual_rate_simple: Mapped[Decimal] = mapped_column(RATE)
    annual_rate_compound: Mapped[Decimal] = mapped_column(RATE)
    method: Mapped[str] = mapped_column(Text)
    periods: Mapped[int] = mapped_column(Integer)
    disbursed_on: Mapped[dt.date] = mapped_column(Date)
    payment_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    overpaid: Mapped[Decimal] = mapped_column(MONEY, server_default=text("0"))
    settled_on: Mapped[dt.date | None] = mapped_column(Date)
    watch_listed_on: Mapped[dt.date | None] = mapped_column(Date)
    watch_reason: Mapped[str | None] = mapped_column(Text)
    process_instance_key: Mapped[int | None] = mapped_column(BigInteger)
    booked_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class LoanInstalment(db.Model):  # type: ignore[name-defined]
    """One instalment: what is due on which day, and what has been paid of it.

    ``balance`` is the principal owed after it. ``collection_key`` is the process instance that follows it.
    """

    __tablename__ = "loan_instalment"
    __table_args__ = (
        Index("ix_loan_instalment_due", "due_date", postgresql_where=text("state <> 'SETTLED'")),
        CheckConstraint(
            "paid_principal BETWEEN 0 AND principal AND paid_interest BETWEEN 0 AND interest "
            "AND paid_fees BETWEEN 0 AND fees",
            name="paid_within_due",
        ),
    )
    loan_key: Mapped[int] = mapped_column(ForeignKey("loan.key"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    due_date: Mapped[dt.date] = mapped_column(Date)
    principal: Mapped[Decimal] = mapped_column(MONEY)
    interest: Mapped[Decimal] = mapped_column(MONEY)
    fees: Mapped[Decimal] = mapped_column(MONEY)
    balance: Mapped[Decimal] = mapped_column(MONEY)
    paid_principal: Mapped[Decimal] = mapped_column(MONEY, server_default=text("0"))
    paid_interest: Mapped[Decimal] = mapped_column(MONEY, server_default=text("0"))
    paid_fees: Mapped[Decimal] = mapped_column(MONEY, server_default=text("0"))
    state: Mapped[str] = mapped_column(Text)
    overdue_on: Mapped[dt.date | None] = mapped_column(Date)
    settled_on: Mapped[dt.date | None] = mapped_column(Date)
    collection_key: Mapped[int | None] = mapped_column(BigInteger)


class Repayment(db.Model):  # type: ignore[name-defined]
    """Money that came in for a loan, and the debts it settled.

    ``repayment_key`` is the payer's own key: the same money is never counted twice. ``allocation`` lists the
    parts as ``{instalment, component, amount}``; ``unallocated`` went beyond everything owed.
    """

    __tablename__ = "repayment"
    __table_args__ = (
        UniqueConstraint("loan_key", "repayment_key"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    loan_key: Mapped[int] = mapped_column(ForeignKey("loan.key"))
    repayment_key: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(MONEY)
    received_on: Mapped[dt.date] = mapped_column(Date)
    payer: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(Text)
    allocation: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    unallocated: Mapped[Decimal] = mapped_column(MONEY)
    recorded_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[str] = mapped_column(Text)
