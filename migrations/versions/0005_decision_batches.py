"""Batches of decisions that are evaluated in the background."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ZERO = sa.text("0")


def upgrade() -> None:
    """Make the tables of batches and of their parts."""
    op.create_table(
        "decision_batch",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("decision_definition_key", sa.BigInteger(), nullable=False),
        sa.Column("all_decisions", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("headings", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("evaluated", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("failed", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("failure_zh", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.Column("kept_days", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_decision_batch")),
    )
    op.create_index(
        "ix_decision_batch_open",
        "decision_batch",
        ["key"],
        unique=False,
        postgresql_where=sa.text("state IN ('CREATED', 'ACTIVE')"),
    )
    op.create_index("ix_decision_batch_created_by", "decision_batch", ["created_by", "key"], unique=False)
    op.create_index(
        "ix_decision_batch_ended_at",
        "decision_batch",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_table(
        "decision_batch_part",
        sa.Column("batch_key", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=True),
        sa.Column("failed", sa.Integer(), server_default=ZERO, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=ZERO, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_key"],
            ["decision_batch.key"],
            name=op.f("fk_decision_batch_part_batch_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("batch_key", "number", name=op.f("pk_decision_batch_part")),
    )
    op.create_index(
        "ix_decision_batch_part_open",
        "decision_batch_part",
        ["batch_key", "number"],
        unique=False,
        postgresql_where=sa.text("results IS NULL"),
    )


def downgrade() -> None:
    """Drop all batches."""
    op.drop_table("decision_batch_part")
    op.drop_table("decision_batch")
