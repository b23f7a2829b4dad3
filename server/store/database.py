"""The PostgreSQL database as the server sees it: one Flask-SQLAlchemy registry, transactions, exact JSON.

Everything that talks to PostgreSQL goes through :func:`transaction`: one command is one transaction. JSON
columns keep numbers exact: they are written and read as ``int`` or ``Decimal``, never as binary floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import msgspec
import structlog
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import DeclarativeBase

_log = structlog.get_logger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of every table; names of constraints are predictable so that migrations can address them."""

    metadata = MetaData(naming_convention=NAMING)


_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


def encode_json(value: Any) -> str:
    """JSON text with exact numbers: a ``Decimal`` is written digit for digit."""
    return _encoder.encode(value).decode()


def decode_json(text: str | bytes) -> Any:
    """The value of JSON text; fractions become ``Decimal``, whole numbers ``int``."""
    return _decoder.decode(text)


LOCK_TIMEOUT_SECONDS = 10

db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def bind(app: Flask, url: str, *, pool_size: int = 8) -> None:
    """Attach the database at ``url`` to a Flask application: the API, or the bare one of a worker or clock."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_pre_ping": False,
        "pool_use_lifo": True,
        "json_serializer": encode_json,
        "json_deserializer": decode_json,
        "isolation_level": "READ COMMITTED",
        # An error is logged with its statement, never with the personal data among its parameters.
        "hide_parameters": True,
        "connect_args": {
            "prepare_threshold": 3,
            "application_name": "lendloom",
            # A wait for a case that another command works on is bounded; compiling a plan never pays here.
            "options": f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c jit=off",
        },
    }
    db.init_app(app)


def fetch(connection: Connection, statement: str, parameters: Mapping[str, Any] | None = None) -> list[Any]:
    """The rows of a statement in the driver's own spelling (``%(name)s``), with no detour by expressions."""
    return list(connection.exec_driver_sql(statement, dict(parameters or {})))


def affect(connection: Connection, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run a statement that answers nothing, and return how many rows it touched."""
    return connection.exec_driver_sql(statement, dict(parameters or {})).rowcount


_enclosing: ContextVar[Connection | None] = ContextVar("enclosing_transaction", default=None)
_following: ContextVar[list[Callable[[], object]] | None] = ContextVar("after_commit", default=None)


@contextmanager
def transaction() -> Iterator[Connection]:
    """One command's transaction: committed when the block ends, rolled back when it raises.

    Within :func:`joined_transactions` it is a part of that larger transaction: a savepoint, so that a part
    that raises leaves nothing behind.
    """
    enclosing = _enclosing.get()
    if enclosing is None:
        with _committing() as connection:
            yield connection
        return
    following = _following.get()
    assert following is not None
    known = len(following)
    try:
        with enclosing.begin_nested():
            yield enclosing
    except BaseException:
        del following[known:]
        raise


@contextmanager
def reading() -> Iterator[Connection]:
    """A connection for statements that only read, each one for itself: no BEGIN and no COMMIT around them.

    Within :func:`joined_transactions` it reads what that transaction has written.
    """
    enclosing = _enclosing.get()
    if enclosing is not None:
        yield enclosing
        return
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection


@contextmanager
def joined_transactions() -> Iterator[Connection]:
    """Make every :func:`transaction` of the block part of one, which commits when the block ends.

    For the few callers that must write something together with a command that is not theirs, such as the
    answer to a request that may be repeated (:mod:`server.store.idempotency`).
    """
    with _committing() as connection:
        token = _enclosing.set(connection)
        try:
            yield connection
        finally:
            _enclosing.reset(token)


def is_joined() -> bool:
    """Whether the current :func:`transaction` is, or would be, a part of a larger one.

    Such a part cannot be begun again on another connection when its own is lost.
    """
    return _enclosing.get() is not None


def after_commit(action: Callable[[], object]) -> None:
    """Run ``action`` once the current transaction has committed; never, when it is rolled back.

    What must happen for certain is not for here: a process may be killed between the commit and the action.
    An action that fails is logged, because the command itself has succeeded.
    """
    following = _following.get()
    assert following is not None, "after_commit() is for the inside of a transaction"
    following.append(action)


@contextmanager
def _committing() -> Iterator[Connection]:
    following: list[Callable[[], object]] = []
    token = _following.set(following)
    try:
        with db.engine.begin() as connection:
            yield connection
    finally:
        _following.reset(token)
    for action in following:
        try:
            action()
        except Exception:
            _log.exception("store.after_commit_failed")
