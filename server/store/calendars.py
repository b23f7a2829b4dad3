"""Working calendars: holidays, make-up days and hours by period, as the lender keeps them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, DateTime, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class WorkingCalendar(db.Model):  # type: ignore[name-defined]
    """A calendar under its id; ``periods`` are written as :mod:`server.calendars.definition` reads them.

    One calendar may be the default, which counts where a process names none.
    """

    __tablename__ = "calendar"
    __table_args__ = (Index("uq_calendar_default", "is_default", unique=True, postgresql_where=text("is_default")),)
    calendar_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    timezone: Mapped[str] = mapped_column(Text)
    is_default: Mapped[bool] = mapped_column(Boolean)
    periods: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    revision: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    updated_by: Mapped[str] = mapped_column(Text)
