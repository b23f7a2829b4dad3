"""The loan book: contracts, loans, instalments and repayments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(18, 2)
RATE = sa.Numeric(12, 8)
ZERO = sa.text("0")


def upgrade() -> None:
    """Make the tables of the loan book."""
    _create_contract()
    _create_loan()
    _create_loan_instalment()
    _create_repayment()


def downgrade() -> None:
    """Drop the loan book with all its loans."""
    for table in ("repayment", "loan_instalment", "loan", "contract"):
        op.drop_table(table)


def _create_contract() -> None:
    op.create_table(
        "contract",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("contract_number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("terms", postgresql.JSONB(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("annual_rate_simple", RATE, nullable=False),
        sa.Column("annual_rate_compound", RATE, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("process_instance_key", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contract")),
        sa.UniqueConstraint("contract_number", name=op.f("uq_contract_contract_number")),
        sa.UniqueConstraint("application_id", "terms_hash", name=op.f("uq_contract_application_id_terms_hash")),
    )


def _create_loan() -> None:
    op.create_table(
        "loan",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("contract_number", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("mobile", sa.Text(), nullable=True),
        sa.Column("product", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("principal", MONEY, nullable=False),
        sa.Column("annual_rate", RATE, nullable=False),
        sa.Column("annual_rate_simple", RATE, nullable=False),
        sa.Column("annual_rate_compound", RATE, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("payment_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("overpaid", MONEY, server_default=ZERO, nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("watch_listed_on", sa.Date(), nullable=True),
        sa.Column("watch_reason", sa.Text(), nullable=True),
        sa.Column("process_instance_key", sa.BigInteger(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("principal > 0", name=op.f("ck_loan_principal_positive")),
        sa.ForeignKeyConstraint(
            ["contract_number"], ["contract.contract_number"], name=op.f("fk_loan_contract_number")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_loan")),
        sa.UniqueConstraint("loan_id", name=op.f("uq_loan_loan_id")),
        sa.UniqueConstraint("application_id", name=op.f("uq_loan_application_id")),
    )
    op.create_index("ix_loan_state_disbursed", "loan", ["state", "disbursed_on"], unique=False)
    op.create_index(
        "ix_loan_id_number",
        "loan",
        ["id_number"],
        unique=False,
        postgresql_where=sa.text("id_number IS NOT NULL"),
    )
    op.create_index("ix_loan_process_instance_key", "loan", ["process_instance_key"], unique=False)


def _create_loan_instalment() -> None:
    op.create_table(
        "loan_instalment",
        sa.Column("loan_key", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("principal", MONEY, nullable=False),
        sa.Column("interest", MONEY, nullable=False),
        sa.Column("fees", MONEY, nullable=False),
        sa.Column("balance", MONEY, nullable=False),
        sa.Column("paid_principal", MONEY, server_default=ZERO, nullable=False),
        sa.Column("paid_interest", MONEY, server_default=ZERO, nullable=False),
        sa.Column("paid_fees", MONEY, server_default=ZERO, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("overdue_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("collection_key", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "paid_principal BETWEEN 0 AND principal AND paid_interest BETWEEN 0 AND interest "
            "AND paid_fees BETWEEN 0 AND fees",
            name=op.f("ck_loan_instalment_paid_within_due"),
        ),
        sa.ForeignKeyConstraint(["loan_key"], ["loan.key"], name=op.f("fk_loan_instalment_loan_key")),
        sa.PrimaryKeyConstraint("loan_key", "number", name=op.f("pk_loan_instalment")),
    )
    op.create_index(
        "ix_loan_instalment_due",
        "loan_instalment",
        ["due_date"],
        unique=False,
        postgresql_where=sa.text("state <> 'SETTLED'"),
    )


def _create_repayment() -> None:
    op.create_table(
        "repayment",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("loan_key", sa.BigInteger(), nullable=False),
        sa.Column("repayment_key", sa.Text(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("allocation", postgresql.JSONB(), nullable=False),
        sa.Column("unallocated", MONEY, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_repayment_amount_positive")),
        sa.ForeignKeyConstraint(["loan_key"], ["loan.key"], name=op.f("fk_repayment_loan_key")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_repayment")),
        sa.UniqueConstraint("loan_key", "repayment_key", name=op.f("uq_repayment_loan_key_repayment_key")),
    )
