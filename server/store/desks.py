"""What people keep at their desks: drafts, comments on cases, and up to when they have seen their notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class UserTaskDraft(db.Model):  # type: ignore[name-defined]
    """What somebody has entered into a task's form and not yet sent; it goes with the task's end."""

    __tablename__ = "user_task_draft"
    task_key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    username: Mapped[str] = mapped_column(Text, primary_key=True)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    saved_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class Draft(db.Model):  # type: ignore[name-defined]
    """A file that a designer works on: ``kind`` is bpmn, dmn, form or scenario.

    ``base_key`` is the deployed version that it was begun from. ``revision`` grows with every change of it, so that
    nobody overwrites what they have not seen. Without ``shared`` it is its owner's alone.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_changed_at", "changed_at", "key"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    definition_id: Mapped[str | None] = mapped_column(Text)
    base_key: Mapped[int | None] = mapped_column(BigInteger)
    content: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    shared: Mapped[bool] = mapped_column(Boolean)
    owner: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    changed_by: Mapped[str] = mapped_column(Text)


class DraftRevision(db.Model):  # type: ignore[name-defined]
    """An earlier content of a draft; the last ones are kept."""

    __tablename__ = "draft_revision"
    draft_key: Mapped[int] = mapped_column(ForeignKey("draft.key", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    saved_by: Mapped[str] = mapped_column(Text)


class Comment(db.Model):  # type: ignore[name-defined]
    """A remark of somebody on a case, or on one of its tasks; nobody changes it afterwards."""

    __tablename__ = "comment"
    __table_args__ = (Index("ix_comment_root_key", "root_key", "key"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    root_key: Mapped[int] = mapped_column(BigInteger)
    task_key: Mapped[int | None] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class NoticesSeen(db.Model):  # type: ignore[name-defined]
    """Up to when somebody has seen their notices."""

    __tablename__ = "notices_seen"
    username: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
