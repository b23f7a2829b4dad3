"""Documents: large content beside the variables, which hold no more than a reference to it.

The content lies in chunks, so that no statement has to carry all of it at once; in the database, so that it is saved,
restored and reached from every host like everything else.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class Document(db.Model):  # type: ignore[name-defined]
    """What is known of a document; ``content_hash`` is the SHA-256 of its content, ``size`` counts bytes."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
        Index(
            "ix_document_process_instance_key",
            "process_instance_key",
            postgresql_where=text("process_instance_key IS NOT NULL"),
        ),
    )
    document_id: Mapped[str] = mapped_column(Text, primary_key=True)
    content_hash: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    process_definition_id: Mapped[str | None] = mapped_column(Text)
    process_instance_key: Mapped[int | None] = mapped_column(BigInteger)
    custom_properties: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    created_by: Mapped[str] = mapped_column(Text)


class DocumentChunk(db.Model):  # type: ignore[name-defined]
    """A piece of a document's content, numbered from zero."""

    __tablename__ = "document_chunk"
    document_id: Mapped[str] = mapped_column(
        Text, ForeignKey("document.document_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
