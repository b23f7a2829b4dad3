"""What designers deploy: resources by content, deployments, and versions of processes, decisions, forms."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .database import db


class Resource(db.Model):  # type: ignore[name-defined]
    """The bytes of a deployed file, kept once per content (SHA-256, hexadecimal)."""

    __tablename__ = "resource"
    content_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Deployment(db.Model):  # type: ignore[name-defined]
    """One act of deploying a set of files together.

    ``note`` says why; ``restored_from`` is the earlier version that was put in force again by deploying it anew.
    """

    __tablename__ = "deployment"
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    deployed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    deployed_by: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    restored_from: Mapped[int | None] = mapped_column(BigInteger)


class DeploymentItem(db.Model):  # type: ignore[name-defined]
    """A definition that a deployment contained, new or unchanged: what the binding ``deployment`` looks up.

    ``kind`` is process, decision, decisionRequirements or form; ``definition_id`` the designer's id.
    """

    __tablename__ = "deployment_item"
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    definition_id: Mapped[str] = mapped_column(Text, primary_key=True)
    definition_key: Mapped[int] = mapped_column(BigInteger)


class DeploymentEpoch(db.Model):  # type: ignore[name-defined]
    """One row whose number grows with every deployment: caches see that "the latest version" has changed.

    Its row lock also makes deployments take turns, so that version numbers have no gaps and no doubles.
    No number comes twice, not even after a deployment that was rolled back.
    """

    __tablename__ = "deployment_epoch"
    key: Mapped[int] = mapped_column(Integer, primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)


class ProcessDefinition(db.Model):  # type: ignore[name-defined]
    """One version of a process; ``model`` names the process within the resource's file."""

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("process_id", "version"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    process_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    version_tag: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    resource_name: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(ForeignKey("resource.content_hash"), index=True)
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)
    has_start_form: Mapped[bool] = mapped_column(Boolean, default=False)
    deployed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    suspended_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    suspended_by: Mapped[str | None] = mapped_column(Text)
    suspend_reason: Mapped[str | None] = mapped_column(Text)


class DecisionRequirements(db.Model):  # type: ignore[name-defined]
    """One version of a DMN file: a graph of decisions."""

    __tablename__ = "decision_requirements"
    __table_args__ = (UniqueConstraint("requirements_id", "version"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    requirements_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    resource_name: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(ForeignKey("resource.content_hash"), index=True)
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)
    deployed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class DecisionDefinition(db.Model):  # type: ignore[name-defined]
    """One version of a decision within a version of its graph."""

    __tablename__ = "decision_definition"
    __table_args__ = (UniqueConstraint("decision_id", "version"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    decision_id: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    version_tag: Mapped[str | None] = mapped_column(Text)
    requirements_key: Mapped[int] = mapped_column(ForeignKey("decision_requirements.key"), index=True)


class FormDefinition(db.Model):  # type: ignore[name-defined]
    """One version of a form (form-js JSON)."""

    __tablename__ = "form_definition"
    __table_args__ = (UniqueConstraint("form_id", "version"),)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    form_id: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    version_tag: Mapped[str | None] = mapped_column(Text)
    resource_name: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(ForeignKey("resource.content_hash"), index=True)
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployment.key"), index=True)
    deployed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
