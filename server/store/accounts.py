"""Users, groups, clients and roles, and the tokens that were taken back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, DateTime, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class User(db.Model):  # type: ignore[name-defined]
    """A person who signs in; ``password_hash`` is an Argon2 hash."""

    __tablename__ = "user_account"
    username: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class Group(db.Model):  # type: ignore[name-defined]
    """A group of users, such as credit-reviewers: a candidate for tasks, and a holder of roles."""

    __tablename__ = "user_group"
    group_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))


class Membership(db.Model):  # type: ignore[name-defined]
    """A user's membership in a group."""

    __tablename__ = "membership"
    username: Mapped[str] = mapped_column(ForeignKey("user_account.username", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[str] = mapped_column(
        ForeignKey("user_group.group_id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Client(db.Model):  # type: ignore[name-defined]
    """A system that signs in with client credentials; ``roles`` are its own."""

    __tablename__ = "api_client"
    client_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class RevokedToken(db.Model):  # type: ignore[name-defined]
    """A token that may no longer be used, until it would have expired anyway."""

    __tablename__ = "revoked_token"
    __table_args__ = (Index("ix_revoked_token_expires_at", "expires_at"),)
    token_id: Mapped[str] = mapped_column(Text, primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
