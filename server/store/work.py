"""What instances wait for: user tasks, jobs, timers, event subscriptions, buffered messages and incidents.

``suspended`` is true on what belongs to a suspended case or is a start of a suspended definition, and null
otherwise: the indexes by which jobs and timers are taken leave out what is suspended.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Identity, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class UserTask(db.Model):  # type: ignore[name-defined]
    """A task for a person, with the key of its element instance: CREATED, COMPLETED or CANCELED.

    ``assigned_at`` and ``assigned_by`` are of the last time that somebody took it or was given it; null where the
    process itself named the assignee.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        Index("ix_user_task_open", "created_at", "key", postgresql_where=text("state = 'CREATED'")),
        Index(
            "ix_user_task_open_groups",
            "candidate_groups",
            postgresql_using="gin",
            postgresql_where=text("state = 'CREATED'"),
        ),
        Index(
            "ix_user_task_open_users",
            "candidate_users",
            postgresql_using="gin",
            postgresql_where=text("state = 'CREATED' AND candidate_users <> '{}'"),
        ),
        Index("ix_user_task_open_due", "due_date", "key", postgresql_where=text("state = 'CREATED'")),
        Index("ix_user_task_open_priority", "priority", "key", postgresql_where=text("state = 'CREATED'")),
        Index(
            "ix_user_task_unclaimed_name",
            "name",
            "key",
            postgresql_where=text("state = 'CREATED' AND assignee IS NULL"),
        ),
        Index(
            "ix_user_task_unclaimed_business_id",
            "business_id",
            "key",
            postgresql_where=text("state = 'CREATED' AND assignee IS NULL"),
        ),
        Index(
            "ix_user_task_unclaimed_element",
            "process_definition_key",
            "element_id",
            "due_date",
            "key",
            postgresql_where=text("state = 'CREATED' AND assignee IS NULL"),
        ),
        Index(
            "ix_user_task_open_assignee",
            "assignee",
            "created_at",
            "key",
            postgresql_where=text("state = 'CREATED' AND assignee IS NOT NULL"),
        ),
        Index(
            "ix_user_task_completed_by",
            "completed_by",
            "ended_at",
            "key",
            postgresql_where=text("completed_by IS NOT NULL"),
        ),
        Index("ix_user_task_assignee", "assignee", "key", postgresql_where=text("assignee IS NOT NULL")),
        Index("ix_user_task_instance_key", "instance_key"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    root_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    assignee: Mapped[str | None] = mapped_column(Text)
    assigned_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    assigned_by: Mapped[str | None] = mapped_column(Text)
    candidate_users: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    candidate_groups: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    due_date: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    follow_up_date: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    priority: Mapped[int] = mapped_column(Integer, server_default=text("50"))
    form_key: Mapped[int | None] = mapped_column(BigInteger)
    external_form_reference: Mapped[str | None] = mapped_column(Text)
    custom_headers: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    business_id: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    completed_by: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str | None] = mapped_column(Text)
    suspended: Mapped[bool | None] = mapped_column(Boolean)


class TaskAssignment(db.Model):  # type: ignore[name-defined]
    """Somebody took a user task, was given it, or put it back (then ``assignee`` is null); ``actor`` did it.

    Whom the process itself names stands here only from the first such change on.
    """

    __tablename__ = "task_assignment"
    __table_args__ = (Index("ix_task_assignment_instance_key", "instance_key"),)
    key: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    task_key: Mapped[int] = mapped_column(BigInteger)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    assignee: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)


class Job(db.Model):  # type: ignore[name-defined]
    """Work for a job worker; its key is also that of its element instance.

    States as in the Camunda 8 API: CREATED, FAILED (retries left or an incident), ERROR_THROWN, COMPLETED,
    CANCELED, TIMED_OUT. A job may be activated while CREATED, FAILED with retries or TIMED_OUT, from
    ``available_at`` on; an activated job has a ``worker``, a ``deadline`` and a ``lease`` that fences off a
    worker whose time ran out. ``error_message`` is in the worker's own words, of our own workers in English, with
    the Chinese beside it. ``report`` is what a worker said of it while its case was suspended; it counts when
    the case is resumed.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_available",
            "type",
            text("priority DESC"),
            "available_at",
            "key",
            postgresql_where=text("ended_at IS NULL AND retries > 0 AND suspended IS NOT TRUE"),
        ),
        Index("ix_job_instance_key", "instance_key"),
        Index("ix_job_created_at", "created_at", postgresql_using="brin"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    root_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    retries: Mapped[int] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(Integer, server_default=text("50"))
    custom_headers: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"))
    business_id: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(Text)
    lease: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    deadline: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    available_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    error_code: Mapped[str | None] = mapped_column(Text)
    error_message: Mapped[str | None] = mapped_column(Text)
    error_message_zh: Mapped[str | None] = mapped_column(Text)
    failed: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    suspended: Mapped[bool | None] = mapped_column(Boolean)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Timer(db.Model):  # type: ignore[name-defined]
    """A timer that is due at an instant.

    ``key`` is the element instance that waits; a start timer has a definition and no instance. ``cycle`` is
    the ISO 8601 repetition or cron text that gives the next due time, ``remaining`` the repetitions left
    (null: no end). A clock that is firing it has claimed it until ``claimed_until``; ``attempts`` counts the
    claims.
    """

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due_at", "due_at", "key", postgresql_where=text("suspended IS NOT TRUE")),
        Index("ix_timer_instance_key", "instance_key"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    root_key: Mapped[int | None] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    due_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    cycle: Mapped[str | None] = mapped_column(Text)
    remaining: Mapped[int | None] = mapped_column(Integer)
    claimed_until: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    suspended: Mapped[bool | None] = mapped_column(Boolean)


class EventSubscription(db.Model):  # type: ignore[name-defined]
    """A wait for a message (name and correlation key) or a signal (name), or a conditional start event (its id).

    ``key`` is the element instance that waits; the subscription of a start event has no instance.
    """

    __tablename__ = "event_subscription"
    __table_args__ = (
        Index("ix_event_subscription_event", "kind", "name", "correlation_key"),
        Index("ix_event_subscription_instance_key", "instance_key"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    correlation_key: Mapped[str | None] = mapped_column(Text)
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    root_key: Mapped[int | None] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    interrupting: Mapped[bool] = mapped_column(server_default=text("true"))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    suspended: Mapped[bool | None] = mapped_column(Boolean)


class BufferedMessage(db.Model):  # type: ignore[name-defined]
    """A published message that waits for a receiver until ``expires_at``; also the memory of its message id.

    ``correlated_process_ids`` are the processes that have received it: an instance of each may, once. While
    ``pending`` it has not yet been given to those that waited when it was published.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("name", "correlation_key", "message_id"),
        Index("ix_message_expires_at", "expires_at"),
        Index("ix_message_lookup", "name", "correlation_key", "key"),
        Index("ix_message_pending", "key", postgresql_where=text("pending")),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    correlation_key: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(Text)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    published_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    correlated_process_ids: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    pending: Mapped[bool] = mapped_column(server_default=text("false"))


class SignalDelivery(db.Model):  # type: ignore[name-defined]
    """A broadcast signal on its way to one of those that waited for it; deleted with its delivery.

    ``echoes`` counts the signals that led to it, each thrown because of the one before; see
    :data:`server.bpmn.settling.ECHOES`.

    One that is ``suspended`` stays until the case is resumed.
    """

    __tablename__ = "signal_delivery"
    __table_args__ = (Index("ix_signal_delivery_suspended", "root_key", postgresql_where=text("suspended")),)
    key: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    subscription_key: Mapped[int] = mapped_column(BigInteger)
    instance_key: Mapped[int | None] = mapped_column(BigInteger)
    root_key: Mapped[int | None] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    variables: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    suspended: Mapped[bool | None] = mapped_column(Boolean)
    echoes: Mapped[int] = mapped_column(Integer, server_default=text("0"))


class Incident(db.Model):  # type: ignore[name-defined]
    """A failure that nobody handled and that an operator can repair. States: ACTIVE, RESOLVED."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_active", "created_at", "key", postgresql_where=text("state = 'ACTIVE'")),
        Index("ix_incident_instance_key", "instance_key"),
        Index("ix_incident_element_instance_key", "element_instance_key"),
    )
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    instance_key: Mapped[int] = mapped_column(BigInteger)
    root_key: Mapped[int] = mapped_column(BigInteger)
    process_definition_key: Mapped[int] = mapped_column(BigInteger)
    element_instance_key: Mapped[int] = mapped_column(BigInteger)
    element_id: Mapped[str] = mapped_column(Text)
    job_key: Mapped[int | None] = mapped_column(BigInteger)
    error_type: Mapped[str] = mapped_column(Text)
    message_zh: Mapped[str] = mapped_column(Text)
    message_en: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    resolved_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    resolved_by: Mapped[str | None] = mapped_column(Text)
