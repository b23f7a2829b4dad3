"""The PostgreSQL database as the server sees it: one Flask-SQLAlchemy registry, transactions, exact JSON.

Everything that talks to PostgreSQL goes through :func:`transaction`: one command is one transaction. JSON columns
keep numbers exact: they are written and read as ``int`` or ``Decimal``, never as binary floats.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import msgspec
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData
from sqlalchemy.orm import DeclarativeBase

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


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def bind(app: Flask, url: str, *, pool_size: int = 8) -> None:
    """Attach the database at ``url`` to a Flask application (the API, or the bare one of a worker or clock)."""
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": pool_size,
        "max_overflow": pool_size,
        "pool_pre_ping": False,
        "pool_use_lifo": True,
        "json_serializer": encode_json,
        "json_deserializer": decode_json,
        "isolation_level": "READ COMMITTED",
        "connect_args": {"prepare_threshold": 3, "application_name": "lendloom"},
    }
    db.init_app(app)


@contextmanager
def transaction() -> Iterator[Connection]:
    """One command's transaction: committed when the block ends, rolled back when it raises."""
    with db.engine.begin() as connection:
        yield connection
