"""``/health/live`` and ``/health/ready``: whether the process runs, and whether it can do its work."""

from __future__ import annotations

from flask import Flask, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from server.store.database import transaction

from .authorization import public
from .exact_json import answer

_REVISION = text("SELECT version_num FROM alembic_version")


def register_health(app: Flask, *, expected_revision: str) -> None:
    """Serve the health paths; ready means a database whose structure is the one this program was written for."""

    @app.get("/health/live")
    @public
    def live() -> Response:
        return answer({"status": "UP"})

    @app.get("/health/ready")
    @public
    def ready() -> Response:
        database, migrations = _database_state(expected_revision)
        up = database == migrations == "UP"
        checks = {"database": database, "migrations": migrations}
        return answer({"status": "UP" if up else "DOWN", "checks": checks}, 200 if up else 503)


def _database_state(expected_revision: str) -> tuple[str, str]:
    try:
        with transaction() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "DOWN", "UNKNOWN"
    try:
        with transaction() as connection:
            revision = connection.execute(_REVISION).scalar_one_or_none()
    except SQLAlchemyError:
        return "UP", "DOWN"
    return "UP", "UP" if revision == expected_revision else "DOWN"
