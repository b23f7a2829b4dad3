"""Process instances: the row that people search, and the state that commands lock, read and write.

``process_instance`` changes when an instance starts, ends, is suspended, or gains or loses an incident.
``instance_state`` changes with every command: it holds the snapshot, the variables and a revision number, and it is
the lock of the case. A command first locks the state row of the *root* instance, whichever instance of the case it is
for, so commands on one case run one after the other and can never deadlock.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class ProcessInstance(db.Model):  # type: ignore[name-defined]
    """One process instance, ACTIVE, SUSPENDED, COMPLETED or TERMINATED; ``incidents`` counts the open ones.

    ``start_variables`` are those that a root instance was started with, ``restarted_from`` the ended instance in
    whose place it was started.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index(
            "uq_process_instance_active_business_id",
            "business_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND business_id_unique AND parent_key IS NULL"),
        ),
        Index(
            "ix_process_instance_business_id",
            "business_id",
            postgresql_ops={"business_id": "text_pattern_ops"},
            postgresql_where=text("business_id IS NOT NULL"),
        ),
        Index(
            "ix_process_instance_applicant",
            "applicant",
            postgresql_ops={"applicant": "text_pattern_ops"},
            postgresql_where=text("applicant IS NOT NULL"),
        ),
        Index(
            "ix_process_instance_texts",
            text("text_parts(business_id, applicant)"),
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 256},
            postgresql_where=text("ended_at IS NULL AND (business_id IS NOT NULL OR applicant IS NOT NULL)"),
        ),
        Index("ix_process_instance_started", "started_at", "key"),
        Index("ix_process_instance_active", "process_definition_key", postgresql_where=text("ended_at IS NULL")),
        Index(
            "ix_process_instance_started_by", "started_by", "started_at", postgresql_where=text("parent_key IS NULL")
        ),
        Index("ix_process_instance_definition_started", "process_definition_key", "started_at"),
        Index("ix_process_instance_root_key", "root_key", postgresql_where=text("parent_key IS NOT NULL")),
        Index(
            "ix_process_instance_parent_element",
            "parent_element_instance_key",
            postgresql_where=text("parent_element_instance_key IS NOT NULL"),
        ),
        Index("ix_process_instance_incidents", "key", postgresql_where=text("incidents > 0")),
        Index(
            "ix_process_instance_restarted_from",
            "restarted_from",
            postgresql_where=text("restarted_from IS NOT NULL"),
        ),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    # No foreign key: it would lock the definition's row for every instance that starts.
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    business_id: Mapped[str | None] = mapped_column(Text)
    business_id_unique: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    state: Mapped[str] = mapped_column(Text)
    parent_key: Mapped[int | None] = mapped_column(BigInteger)
    parent_element_instance_key: Mapped[int | None] = mapped_column(BigInteger)
    root_key: Mapped[int] = mapped_column(BigInteger)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    incidents: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    started_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    started_by: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    end_reason: Mapped[str | None] = mapped_column(Text)
    suspended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_by: Mapped[str | None] = mapped_column(Text)
    suspend_reason: Mapped[str | None] = mapped_column(Text)
    start_variables: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    restarted_from: Mapped[int | None] = mapped_column(BigInteger)
    applicant: Mapped[str | None] = mapped_column(Text)


class InstanceState(db.Model):  # type: ignore[name-defined]
    """The lock, the snapshot and the variables of one instance.

    ``variables`` is ``{"": {name: value, …}, "<element instance key>": {…}}``: the process scope under the
    empty string, every local scope under its key. ``snapshot`` is null once the instance has ended. ``flows``
    are the ids of the sequence flows taken. A case is ``suspended`` where the row of its root says so: it stands
    in the row that every command locks, so no command can miss it. The row of a called instance says it where its
    variables were set meanwhile.
    """

    __tablename__ = "instance_state"
    __table_args__ = ({"postgresql_with": {"fillfactor": 60}},)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    root_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    flows: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    suspended: Mapped[bool | None] = mapped_column(Boolean)


class MessageStart(db.Model):  # type: ignore[name-defined]
    """An active instance that a message with a correlation key started.

    While it runs, further messages of that key do not start another instance of the process: they wait.
    """

    __tablename__ = "message_start"
    process_id: Mapped[str] = mapped_column(Text, primary_key=True)
    correlation_key: Mapped[str] = mapped_column(Text, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger, unique=True)
