"""The tables and functions of procrastinate, which runs background work."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply procrastinate's own schema as its installed version ships it."""
    # One simple query of many statements, which the driver takes only without parameters.
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(SchemaManager.get_schema())


def downgrade() -> None:
    """Drop everything that procrastinate's schema made, found by its prefix."""
    for kind, name, catalogue, condition in (
        ("TABLE", "oid::regclass", "pg_class", "relkind = 'r' AND relname"),
        ("FUNCTION", "oid::regprocedure", "pg_proc", "proname"),
        ("TYPE", "oid::regtype", "pg_type", "typtype IN ('e', 'c') AND typname"),
    ):
        op.execute(
            f"DO $$ DECLARE thing text; BEGIN FOR thing IN SELECT {name}::text FROM {catalogue} "  # noqa: S608
            f"WHERE {condition} LIKE 'procrastinate\\_%' LOOP "
            f"EXECUTE 'DROP {kind} IF EXISTS ' || thing || ' CASCADE'; END LOOP; END $$"
        )
