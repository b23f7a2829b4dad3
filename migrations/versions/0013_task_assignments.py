"""Who took a user task, was given it or put it back, and when: the task itself knows only the last of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; of tasks that are there it begins with their next change."""
    op.create_table(
        "task_assignment",
        sa.Column("key", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("task_key", sa.BigInteger(), nullable=False),
        sa.Column("instance_key", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
    )
    op.create_index("ix_task_assignment_instance_key", "task_assignment", ["instance_key"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("task_assignment")
