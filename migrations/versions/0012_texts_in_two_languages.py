"""What our own job handlers and decisions say of a failure, in Chinese beside the English."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the Chinese texts; rows that are there keep their one text, which holds both languages."""
    op.add_column("job", sa.Column("error_message_zh", sa.Text(), nullable=True))
    op.add_column("decision_instance", sa.Column("failure_zh", sa.Text(), nullable=True))


def downgrade() -> None:
    """Drop them again."""
    op.drop_column("decision_instance", "failure_zh")
    op.drop_column("job", "error_message_zh")
