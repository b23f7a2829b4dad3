"""Runs migrations over the connection that the caller gives, or over that of the Flask application.

``server.store.migration`` passes a connection; under ``flask db …`` Flask-Migrate has made the application
current, and its database is used.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection

from server.store.tables import metadata


def belongs_to_us(_object: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave out what others own: procrastinate's tables, and the monthly partitions that come and go."""
    if kind != "table" or name is None:
        return True
    return not name.startswith("procrastinate_") and name in metadata.tables


def migrate(connection: Connection) -> None:
    """Run what was asked for in one transaction: a migration that fails leaves nothing behind."""
    context.configure(connection=connection, target_metadata=metadata, include_object=belongs_to_us, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    from flask import current_app

    with current_app.extensions["migrate"].db.engine.connect() as own:
        migrate(own)
        own.commit()
