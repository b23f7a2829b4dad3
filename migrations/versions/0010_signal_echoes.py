"""How many signals led to a delivery, so that signals that wake each other without end are noticed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the count; deliveries that are under way begin with none."""
    op.add_column("signal_delivery", sa.Column("echoes", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Drop it again."""
    op.drop_column("signal_delivery", "echoes")
