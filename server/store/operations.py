"""What operators do: batch operations with their items, and a record of every act of repair."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class BatchOperation(db.Model):  # type: ignore[name-defined]
    """One operation on many things that were found by a filter.

    States: CREATED, ACTIVE, SUSPENDED, COMPLETED, CANCELED. ``actor_kind`` and ``actor`` say on whose behalf the
    items are worked off; the counts grow with every item, in its own transaction.
    """

    __tablename__ = "batch_operation"
    __table_args__ = (Index("ix_batch_operation_open", "key", postgresql_where=text("state IN ('CREATED', 'ACTIVE')")),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)
    instructions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    items_per_second: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    completed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class BatchOperationItem(db.Model):  # type: ignore[name-defined]
    """One thing of a batch: ACTIVE (waits for its turn), COMPLETED, FAILED or CANCELED.

    ``item_key`` is that of the instance, incident, job or decision; ``attempts`` counts the times that it could
    not be had because others were at work on it.
    """

    __tablename__ = "batch_operation_item"
    __table_args__ = (
        Index(
            "ix_batch_operation_item_next",
            "batch_key",
            "attempts",
            "item_key",
            postgresql_where=text("state = 'ACTIVE'"),
        ),
        Index("ix_batch_operation_item_instance_key", "instance_key"),
    )
    batch_key: Mapped[int] = mapped_column(ForeignKey("batch_operation.key"), primary_key=True)
    item_key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    root_key: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    processed_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    error_code: Mapped[str | None] = mapped_column(Text)
    error_zh: Mapped[str | None] = mapped_column(Text)
    error_en: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class OperationRecord(db.Model):  # type: ignore[name-defined]
    """Who has done what to an instance, a decision or a definition, when and why; it outlives them."""

    __tablename__ = "operation_record"
    __table_args__ = (Index("ix_operation_record_subject_key", "subject_key"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    subject_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int | None] = mapped_column(BigInteger)
    business_id: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
