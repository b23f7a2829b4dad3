"""What was delivered to an element from outside, kept with its history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; all months have it at once, as the default of what is there is null."""
    op.add_column("element_instance", sa.Column("received", JSONB))


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("element_instance", "received")
