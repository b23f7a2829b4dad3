"""Lists of any length: the orders and filters of unclaimed tasks and the order of all cases have their indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UNCLAIMED = sa.text("state = 'CREATED' AND assignee IS NULL")
_WITH_TEXTS = sa.text("ended_at IS NULL AND (business_id IS NOT NULL OR applicant IS NOT NULL)")

# Every character of two texts and every two that stand together, in small letters: what a text must contain of
# these to contain another one. Chinese names have two characters, so three, as in pg_trgm, would be too many.
_TEXT_PARTS = """
    CREATE FUNCTION text_parts(first text, second text) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(DISTINCT substr(word, place, size))
        FROM unnest(ARRAY[lower(first), lower(second)]) AS word,
            generate_series(1, length(word)) AS place, generate_series(1, 2) AS size
        WHERE place + size <= length(word) + 1
    $$"""


def upgrade() -> None:
    """Add the indexes, and the function that one of them needs."""
    op.create_index("ix_user_task_unclaimed_name", "user_task", ["name", "key"], postgresql_where=_UNCLAIMED)
    op.create_index(
        "ix_user_task_unclaimed_business_id", "user_task", ["business_id", "key"], postgresql_where=_UNCLAIMED
    )
    op.create_index(
        "ix_user_task_unclaimed_element",
        "user_task",
        ["process_definition_key", "element_id", "due_date", "key"],
        postgresql_where=_UNCLAIMED,
    )
    op.create_index("ix_process_instance_started", "process_instance", ["started_at", "key"])
    op.execute(_TEXT_PARTS)
    op.create_index(
        "ix_process_instance_texts",
        "process_instance",
        [sa.text("text_parts(business_id, applicant)")],
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 256},
        postgresql_where=_WITH_TEXTS,
    )


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_process_instance_texts", "process_instance")
    op.execute("DROP FUNCTION text_parts(text, text)")
    op.drop_index("ix_process_instance_started", "process_instance")
    for name in ("element", "business_id", "name"):
        op.drop_index(f"ix_user_task_unclaimed_{name}", "user_task")
