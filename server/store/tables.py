"""Every table of the installation, gathered: importing this module fills ``db.metadata``."""

from __future__ import annotations

from . import accounts, decision_batches, definitions, history, instances, keys, work
from .database import db

__all__ = ["accounts", "db", "decision_batches", "definitions", "history", "instances", "keys", "metadata", "work"]

metadata = db.metadata
