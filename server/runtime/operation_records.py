"""The record of what operators do: who, what, when and why. It stays when its subject is deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from server.store.database import affect, encode_json
from server.store.keys import keys

LONGEST_REASON = 2000


def record(
    connection: Connection,
    kind: str,
    subject_key: int,
    *,
    actor: str,
    reason: str | None,
    at: dt.datetime,
    definition_key: int | None = None,
    business_id: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Record an act on an instance, a decision or a definition, in the transaction that carries it out."""
    row = {
        "key": keys.next(connection),
        "type": kind,
        "subject": subject_key,
        "definition": definition_key,
        "business_id": business_id,
        "actor": actor,
        "reason": reason,
        "at": at,
        "details": encode_json(details or {}),
    }
    affect(connection, _RECORD, row)


_RECORD = """
    INSERT INTO operation_record (key, type, subject_key, process_definition_key, business_id, actor, reason, at,
        details)
    VALUES (%(key)s, %(type)s, %(subject)s, %(definition)s, %(business_id)s, %(actor)s, %(reason)s, %(at)s,
        %(details)s::jsonb)"""
