"""Working calendars."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of calendars."""
    op.create_table(
        "calendar",
        sa.Column("calendar_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("periods", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("calendar_id", name=op.f("pk_calendar")),
    )
    op.create_index(
        "uq_calendar_default", "calendar", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("calendar")
