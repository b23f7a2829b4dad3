"""Every table of the installation, gathered: importing this module fills ``db.metadata``."""

from __future__ import annotations

from . import (
    accounts,
    calendars,
    decision_batches,
    definitions,
    desks,
    documents,
    history,
    instances,
    keys,
    operations,
    work,
)
from .database import db

__all__ = [
    "accounts",
    "calendars",
    "db",
    "decision_batches",
    "definitions",
    "desks",
    "documents",
    "history",
    "instances",
    "keys",
    "metadata",
    "operations",
    "work",
]

metadata = db.metadata
