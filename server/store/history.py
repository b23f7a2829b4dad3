"""What has happened: element instances and decisions, partitioned by month, and what leaves the house.

The two history tables are partitioned by range on their time, one partition a month, so that old months can
be dropped whole. Their primary keys carry the time for that reason; keys alone are unique all the same.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class ElementInstance(db.Model):  # type: ignore[name-defined]
    """One passage through a BPMN element. ``scope_key`` is the element instance (or process instance) around
    it.

    ``actor`` is the person, worker or clock whose command ended it, ``changes`` the variables that its end
    set. ``received`` is what was delivered to it from outside, where that is not just what it set: what a person
    entered before output mappings.
    """

    __tablename__ = "element_instance"
    __table_args__ = (
        Index("ix_element_instance_instance_key", "instance_key"),
        {"postgresql_partition_by": "RANGE (started_at)"},
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    started_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    scope_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    element_type: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    actor: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    received: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class DecisionInstance(db.Model):  # type: ignore[name-defined]
    """One evaluation of a decision with its trace (inputs, matched rules, outputs, required decisions).

    Why it failed is told in English (``failure``) and in Chinese.
    """

    __tablename__ = "decision_instance"
    __table_args__ = (
        Index("ix_decision_instance_instance_key", "instance_key"),
        Index("ix_decision_instance_definition", "decision_definition_key", "evaluated_at"),
        {"postgresql_partition_by": "RANGE (evaluated_at)"},
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    evaluated_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    decision_definition_key: Mapped[int] = mapped_column(BigInteger)
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    element_instance_key: Mapped[int | None] = mapped_column(BigInteger)
    process_definition_key: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    failure_zh: Mapped[str | None] = mapped_column(Text)
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    trace: Mapped[dict[str, Any]] = mapped_column(JSONB)


class OutboxEvent(db.Model):  # type: ignore[name-defined]
    """An event for the world outside, written in the command's transaction and delivered afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_next_attempt_at", "next_attempt_at"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    next_attempt_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class IdempotencyKey(db.Model):  # type: ignore[name-defined]
    """The first answer to a request that carried an ``Idempotency-Key``."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("ix_idempotency_key_created_at", "created_at"),)
    client: Mapped[str] = mapped_column(Text, primary_key=True)
    idempotency_key: Mapped[str] = mapped_column(Text, primary_key=True)
    request_hash: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_type: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class PinnedClock(db.Model):  # type: ignore[name-defined]
    """The instant that a demo or test pinned the server's clock to; at most one row, none in production."""

    __tablename__ = "pinned_clock"
    key: Mapped[int] = mapped_column(Integer, primary_key=True)
    instant: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
