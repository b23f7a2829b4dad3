"""Tokens taken back before they expire: single ones, and all of one user or client.

A token carries what its holder may do, so that a request needs no statement to know it. The price is this list.
Every process keeps a copy of it and reads it again when the copy is a second old, so that taking a token back
takes effect everywhere within about a second.

A row is either the id of one token, or ``<kind>:<name>:<milliseconds>``: the tokens of that name which were
issued before that instant. ``all`` ends sessions (a password was changed, an account was closed); ``access``
only makes the holder fetch a new token, because what they may do has changed.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from server.store.accounts import RevokedToken
from server.store.database import transaction

FRESH_SECONDS = 1.0
LONGEST_TOKEN = dt.timedelta(hours=12)
ISSUED_AT = "iat_ms"


class Tokens(StrEnum):
    """Which tokens of a name are taken back."""

    ALL = "all"
    ACCESS = "access"


def revoke_token(claims: Mapping[str, Any]) -> None:
    """Take back the one token with these claims."""
    expires_at = dt.datetime.fromtimestamp(int(claims["exp"]), dt.UTC)
    with transaction() as connection:
        _insert(connection, str(claims["jti"]), expires_at)
    revocations.forget_copy()


def revoke_tokens_of(connection: Connection, name: str, which: Tokens) -> None:
    """Take back the tokens that ``name`` has now, within the caller's transaction."""
    now = dt.datetime.now(dt.UTC)
    _insert(connection, f"{which}:{name}:{_milliseconds(now)}", now + LONGEST_TOKEN)
    revocations.forget_copy()


def purge_expired(connection: Connection) -> int:
    """Remove the rows of tokens that have expired anyway; returns how many."""
    removed = connection.execute(delete(RevokedToken).where(RevokedToken.expires_at < dt.datetime.now(dt.UTC)))
    return int(removed.rowcount)


def _insert(connection: Connection, token_id: str, expires_at: dt.datetime) -> None:
    statement = insert(RevokedToken).values(token_id=token_id, expires_at=expires_at)
    connection.execute(statement.on_conflict_do_nothing())


def _milliseconds(instant: dt.datetime) -> int:
    return int(instant.timestamp() * 1000)


class Revocations:
    """This process's copy of the list."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._read_at = float("-inf")
        self._tokens: frozenset[str] = frozenset()
        self._before: dict[tuple[str, str], int] = {}

    def forget_copy(self) -> None:
        """Read the list anew on the next question."""
        self._read_at = float("-inf")

    def includes(self, claims: Mapping[str, Any]) -> bool:
        """Whether the token with these claims has been taken back."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self._refresh()
        if claims["jti"] in self._tokens:
            return True
        if not self._before:
            return False
        issued_at = int(claims[ISSUED_AT])
        kinds = (Tokens.ALL, Tokens.ACCESS) if claims["type"] == "access" else (Tokens.ALL,)
        return any(issued_at < self._before.get((kind, claims["sub"]), 0) for kind in kinds)

    def _refresh(self) -> None:
        """Read the list; where another thread is reading it already, its copy of a moment ago will do."""
        first = self._read_at == float("-inf")
        if not self._reading.acquire(blocking=first):
            return
        try:
            if time.monotonic() - self._read_at <= FRESH_SECONDS:
                return
            asked_at = time.monotonic()
            with transaction() as connection:
                rows = connection.execute(_CURRENT, {"now": dt.datetime.now(dt.UTC)}).scalars().all()
            tokens: set[str] = set()
            before: dict[tuple[str, str], int] = {}
            for row in rows:
                kind, _, rest = row.partition(":")
                if not rest:
                    tokens.add(row)
                    continue
                name, _, instant = rest.rpartition(":")
                before[kind, name] = max(before.get((kind, name), 0), int(instant))
            self._tokens, self._before, self._read_at = frozenset(tokens), before, asked_at
        finally:
            self._reading.release()


_CURRENT = select(RevokedToken.token_id).where(RevokedToken.expires_at >= bindparam("now"))

revocations = Revocations()
