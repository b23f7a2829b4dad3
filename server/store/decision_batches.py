"""Batches of decisions that are evaluated in the background: the batch, and its cases in parts with their results.

A part is what is evaluated and committed at once. It holds the facts of people; a batch goes with all of its parts
when its time is over.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class DecisionBatch(db.Model):  # type: ignore[name-defined]
    """A batch: CREATED, ACTIVE, COMPLETED, CANCELED or FAILED. All its cases are asked at ``created_at``.

    ``source`` says what the cases came as: JSON, CSV or XLSX; ``headings`` are those of the file, or the names of
    all facts. ``served_at`` lets open batches take turns.
    """

    __tablename__ = "decision_batch"
    __table_args__ = (
        Index("ix_decision_batch_open", "key", postgresql_where=text("state IN ('CREATED', 'ACTIVE')")),
        Index("ix_decision_batch_created_by", "created_by", "key"),
        Index("ix_decision_batch_ended_at", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    decision_definition_key: Mapped[int] = mapped_column(BigInteger)
    all_decisions: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str | None] = mapped_column(Text)
    headings: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(Text)
    total: Mapped[int] = mapped_column(Integer)
    evaluated: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    failure_zh: Mapped[str | None] = mapped_column(Text)
    failure_en: Mapped[str | None] = mapped_column(Text)
    kept_days: Mapped[int] = mapped_column(Integer)
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    served_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class DecisionBatchPart(db.Model):  # type: ignore[name-defined]
    """Some consecutive cases of a batch, the first of them with the number ``first_row``, and what came of them.

    ``cases`` and ``results`` are JSON texts (:mod:`server.runtime.batch_parts`). ``attempts`` counts how often the
    part was begun: it shows cases that bring down every worker.
    """

    __tablename__ = "decision_batch_part"
    __table_args__ = (
        Index("ix_decision_batch_part_open", "batch_key", "number", postgresql_where=text("results IS NULL")),
    )
    batch_key: Mapped[int] = mapped_column(ForeignKey("decision_batch.key", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_row: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int] = mapped_column(Integer)
    cases: Mapped[str] = mapped_column(Text)
    results: Mapped[str | None] = mapped_column(Text)
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
