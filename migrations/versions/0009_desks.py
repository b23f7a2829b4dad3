"""What the desks of the web application need: drafts, comments, notices, notes, and the ways to find things fast."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OPEN = "state = 'CREATED'"
_INDEXES: tuple[tuple[str, str, list[str], str | None, dict[str, object]], ...] = (
    ("ix_user_task_open_due", "user_task", ["due_date", "key"], _OPEN, {}),
    ("ix_user_task_open_priority", "user_task", ["priority", "key"], _OPEN, {}),
    (
        "ix_user_task_open_users",
        "user_task",
        ["candidate_users"],
        f"{_OPEN} AND candidate_users <> '{{}}'",
        {"postgresql_using": "gin"},
    ),
    (
        "ix_user_task_open_assignee",
        "user_task",
        ["assignee", "created_at", "key"],
        f"{_OPEN} AND assignee IS NOT NULL",
        {},
    ),
    ("ix_user_task_completed_by", "user_task", ["completed_by", "ended_at", "key"], "completed_by IS NOT NULL", {}),
    ("ix_process_instance_active", "process_instance", ["process_definition_key"], "ended_at IS NULL", {}),
    ("ix_job_created_at", "job", ["created_at"], None, {"postgresql_using": "brin"}),
    ("ix_process_instance_started_by", "process_instance", ["started_by", "started_at"], "parent_key IS NULL", {}),
    (
        "ix_process_instance_applicant",
        "process_instance",
        ["applicant"],
        "applicant IS NOT NULL",
        {"postgresql_ops": {"applicant": "text_pattern_ops"}},
    ),
)
_APPLICANTS = """
    UPDATE process_instance p
    SET applicant = left(coalesce(s.variables->''->>'applicantName', s.variables->''->>'customerName'), 200)
    FROM instance_state s
    WHERE s.key = p.key AND jsonb_typeof(coalesce(s.variables->''->'applicantName', s.variables->''->'customerName'))
        = 'string'"""


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Add tables, columns and indexes; cases that are there already learn whose they are."""
    op.add_column("process_instance", sa.Column("applicant", sa.Text(), nullable=True))
    op.add_column("user_task", sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("user_task", sa.Column("assigned_by", sa.Text(), nullable=True))
    op.add_column("deployment", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("deployment", sa.Column("restored_from", sa.BigInteger(), nullable=True))
    op.execute(_APPLICANTS)
    for name, table, columns, where, options in _INDEXES:
        if where is not None:
            options = {**options, "postgresql_where": sa.text(where)}
        op.create_index(name, table, columns, unique=False, **options)
    _index_business_ids({"postgresql_ops": {"business_id": "text_pattern_ops"}})
    _make_tables()


def _index_business_ids(options: dict[str, object]) -> None:
    name, where = "ix_process_instance_business_id", sa.text("business_id IS NOT NULL")
    op.drop_index(name, "process_instance")
    op.create_index(name, "process_instance", ["business_id"], unique=False, postgresql_where=where, **options)


def _make_tables() -> None:
    op.create_table(
        "user_task_draft",
        sa.Column("task_key", sa.BigInteger(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("variables", JSONB(), nullable=False),
        _moment("saved_at"),
        sa.PrimaryKeyConstraint("task_key", "username", name=op.f("pk_user_task_draft")),
    )
    op.create_table(
        "draft",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=True),
        sa.Column("base_key", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("changed_at"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_draft")),
    )
    op.create_index("ix_draft_changed_at", "draft", ["changed_at", "key"], unique=False)
    op.create_table(
        "draft_revision",
        sa.Column("draft_key", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        _moment("saved_at"),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_key"], ["draft.key"], name=op.f("fk_draft_revision_draft_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_key", "revision", name=op.f("pk_draft_revision")),
    )
    op.create_table(
        "comment",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("root_key", sa.BigInteger(), nullable=False),
        sa.Column("task_key", sa.BigInteger(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_comment")),
    )
    op.create_index("ix_comment_root_key", "comment", ["root_key", "key"], unique=False)
    op.create_table(
        "notices_seen",
        sa.Column("username", sa.Text(), nullable=False),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_notices_seen")),
    )


def downgrade() -> None:
    """Drop it all again."""
    for table in ("notices_seen", "comment", "draft_revision", "draft", "user_task_draft"):
        op.drop_table(table)
    _index_business_ids({})
    for name, table, *_ in _INDEXES:
        op.drop_index(name, table)
    op.drop_column("user_task", "assigned_by")
    op.drop_column("user_task", "assigned_at")
    op.drop_column("deployment", "restored_from")
    op.drop_column("deployment", "note")
    op.drop_column("process_instance", "applicant")
