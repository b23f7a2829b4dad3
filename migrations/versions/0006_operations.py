"""What operators do: suspension, restart, batch operations and a record of every act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SUSPENDED = ("user_task", "job", "timer", "event_subscription", "signal_delivery", "instance_state")
_UNIQUE_BUSINESS_ID = "uq_process_instance_active_business_id"


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Add the marks of suspension, and the tables of batches and records.

    A mark is true or null, so that adding it rewrites no table and rows without it need no space for it.
    """
    for table in _SUSPENDED:
        op.add_column(table, sa.Column("suspended", sa.Boolean(), nullable=True))
    op.add_column("job", sa.Column("report", postgresql.JSONB(), nullable=True))
    for table in ("process_instance", "process_definition"):
        op.add_column(table, _moment("suspended_at"))
        op.add_column(table, sa.Column("suspended_by", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("suspend_reason", sa.Text(), nullable=True))
    op.add_column("process_instance", sa.Column("start_variables", postgresql.JSONB(), nullable=True))
    op.add_column("process_instance", sa.Column("restarted_from", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_process_instance_restarted_from",
        "process_instance",
        ["restarted_from"],
        unique=False,
        postgresql_where=sa.text("restarted_from IS NOT NULL"),
    )
    _unique_business_id("ended_at IS NULL AND business_id_unique AND parent_key IS NULL")
    _index_what_waits("ended_at IS NULL AND retries > 0 AND suspended IS NOT TRUE", "suspended IS NOT TRUE")
    op.create_index(
        "ix_signal_delivery_suspended",
        "signal_delivery",
        ["root_key"],
        unique=False,
        postgresql_where=sa.text("suspended"),
    )
    _make_tables()


def _unique_business_id(where: str) -> None:
    op.drop_index(_UNIQUE_BUSINESS_ID, "process_instance")
    op.create_index(
        _UNIQUE_BUSINESS_ID, "process_instance", ["business_id"], unique=True, postgresql_where=sa.text(where)
    )


def _index_what_waits(jobs: str, timers: str | None) -> None:
    op.drop_index("ix_job_available", "job")
    op.create_index(
        "ix_job_available",
        "job",
        ["type", sa.text("priority DESC"), "available_at", "key"],
        unique=False,
        postgresql_where=sa.text(jobs),
    )
    op.drop_index("ix_timer_due_at", "timer")
    where = None if timers is None else sa.text(timers)
    op.create_index("ix_timer_due_at", "timer", ["due_at", "key"], unique=False, postgresql_where=where)


def _make_tables() -> None:
    op.create_table(
        "batch_operation",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("filter", postgresql.JSONB(), nullable=False),
        sa.Column("instructions", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("items_per_second", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("completed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("failed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("created_at", nullable=False),
        _moment("started_at"),
        _moment("ended_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_batch_operation")),
    )
    op.create_index(
        "ix_batch_operation_open",
        "batch_operation",
        ["key"],
        unique=False,
        postgresql_where=sa.text("state IN ('CREATED', 'ACTIVE')"),
    )
    op.create_table(
        "batch_operation_item",
        sa.Column("batch_key", sa.BigInteger(), nullable=False),
        sa.Column("item_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=True),
        sa.Column("root_key", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _moment("processed_at"),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_zh", sa.Text(), nullable=True),
        sa.Column("error_en", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["batch_key"], ["batch_operation.key"], name=op.f("fk_batch_operation_item_batch_key")),
        sa.PrimaryKeyConstraint("batch_key", "item_key", name=op.f("pk_batch_operation_item")),
    )
    op.create_index(
        "ix_batch_operation_item_next",
        "batch_operation_item",
        ["batch_key", "attempts", "item_key"],
        unique=False,
        postgresql_where=sa.text("state = 'ACTIVE'"),
    )
    op.create_index("ix_batch_operation_item_instance_key", "batch_operation_item", ["instance_key"], unique=False)
    op.create_table(
        "operation_record",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.BigInteger(), nullable=False),
        sa.Column("process_definition_key", sa.BigInteger(), nullable=True),
        sa.Column("business_id", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        _moment("at", nullable=False),
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_operation_record")),
    )
    op.create_index("ix_operation_record_subject_key", "operation_record", ["subject_key"], unique=False)


def downgrade() -> None:
    """Drop it all again."""
    for table in ("operation_record", "batch_operation_item", "batch_operation"):
        op.drop_table(table)
    op.drop_index("ix_signal_delivery_suspended", "signal_delivery")
    _index_what_waits("ended_at IS NULL AND retries > 0", None)
    _unique_business_id("state = 'ACTIVE' AND business_id_unique AND parent_key IS NULL")
    op.drop_index("ix_process_instance_restarted_from", "process_instance")
    for column in ("start_variables", "restarted_from"):
        op.drop_column("process_instance", column)
    for table in ("process_instance", "process_definition"):
        for column in ("suspended_at", "suspended_by", "suspend_reason"):
            op.drop_column(table, column)
    op.drop_column("job", "report")
    for table in _SUSPENDED:
        op.drop_column(table, "suspended")
