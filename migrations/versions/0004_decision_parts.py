"""A function that lists the decisions of a stored trace: required ones first, the one that was asked last."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create ``decision_parts(trace)``, whose rows are numbered from 1 as the API numbers evaluated decisions."""
    op.execute("""
        CREATE FUNCTION decision_parts(trace jsonb) RETURNS TABLE (number bigint, part jsonb)
        LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2 AS $$
            WITH RECURSIVE tree(way, part) AS (
                SELECT ARRAY[]::bigint[], trace
                UNION ALL
                SELECT tree.way || required.position, required.part
                FROM tree CROSS JOIN LATERAL
                    jsonb_array_elements(tree.part -> 'required') WITH ORDINALITY AS required(part, position)
            )
            -- A decision comes after all that it requires: its way ends where theirs go on.
            SELECT row_number() OVER (ORDER BY way || 9223372036854775807), part FROM tree
        $$""")


def downgrade() -> None:
    """Drop the function."""
    op.execute("DROP FUNCTION decision_parts(jsonb)")
