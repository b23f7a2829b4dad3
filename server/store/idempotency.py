"""Requests that may be repeated: the first answer under an ``Idempotency-Key`` is every answer.

The key is claimed, the command runs and its answer is kept in *one* transaction. So there is nothing to repair
after a crash: either command, claim and answer are all there, or none of them, and the repeated request runs the
command as if it were the first. A repetition that arrives while the first request is still running waits at the
claim (PostgreSQL's unique index makes it), up to the lock timeout of the connection, and then finds the answer.

A command that waits for something that others must see committed first (an instance that is awaited until it
ends) is cut in two: :func:`answer_once` keeps its first half's result as a *promise*, and :func:`fulfil` replaces
that by the answer. Where the process dies in between, the repetition is given the promise and continues there.

Only answers of commands that were carried out are kept. A refused command has changed nothing, and may be tried
again under the same key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from server.messages import LendloomError, Message

from .database import joined_transactions, transaction
from .history import IdempotencyKey

_LOCK_NOT_AVAILABLE = "55P03"


class IdempotencyError(LendloomError):
    """A repeated request that cannot be answered."""


class KeyReusedError(IdempotencyError):
    """The key came with another request before."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "idempotency.reused",
                "该 Idempotency-Key 已用于另一个内容不同的请求；新请求请使用新的键。",
                "This Idempotency-Key was used for a different request before; use a new key for a new request.",
            )
        )


class FirstStillRunningError(IdempotencyError):
    """The first request with this key has not been answered yet."""

    def __init__(self) -> None:
        super().__init__(
            Message(
                "idempotency.running",
                "使用同一 Idempotency-Key 的第一个请求仍在处理中；请稍后用同一键重试。",
                "The first request with this Idempotency-Key is still running; try again later with the same key.",
            )
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A request that may be repeated: whose it is, its key, and a digest of everything it says."""

    owner: str
    key: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it went over the wire. ``status`` is None for a promise: ``body`` is then the caller's own."""

    status: int | None
    body: bytes
    content_type: str | None = None


def answer_once(claim: Claim, command: Callable[[], Answer]) -> tuple[Answer, bool]:
    """The answer to a request, and whether it is a repetition.

    ``command`` runs at most once for a claim; whatever it does through ``transaction()`` is committed together
    with its answer. Raises what the command raises, :class:`KeyReusedError` and :class:`FirstStillRunningError`.
    """
    with joined_transactions() as connection:
        try:
            claimed = connection.execute(_CLAIM, _row(claim)).one_or_none() is not None
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise FirstStillRunningError from error
            raise
        if not claimed:
            return _first_answer(connection, claim), True
        answer = command()
        _keep(connection, claim, answer)
        return answer, False


def fulfil(claim: Claim, answer: Answer) -> None:
    """Keep the answer to a request that had only a promise."""
    with transaction() as connection:
        _keep(connection, claim, answer)


def forget_before(connection: Connection, instant: dt.datetime) -> int:
    """Remove the answers that were kept before ``instant``; returns how many."""
    return connection.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < instant)).rowcount


_CLAIM = insert(IdempotencyKey).on_conflict_do_nothing().returning(IdempotencyKey.client)
_FIRST = select(
    IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.body, IdempotencyKey.content_type
).where(IdempotencyKey.client == bindparam("owner"), IdempotencyKey.idempotency_key == bindparam("key"))
_KEEP = update(IdempotencyKey).where(
    IdempotencyKey.client == bindparam("owner"), IdempotencyKey.idempotency_key == bindparam("key")
)


def _row(claim: Claim) -> dict[str, object]:
    return {
        "client": claim.owner,
        "idempotency_key": claim.key,
        "request_hash": claim.request_hash,
        "created_at": dt.datetime.now(dt.UTC),
    }


def _first_answer(connection: Connection, claim: Claim) -> Answer:
    row = connection.execute(_FIRST, {"owner": claim.owner, "key": claim.key}).one()
    if row.request_hash != claim.request_hash:
        raise KeyReusedError
    return Answer(row.status, bytes(row.body), row.content_type)


def _keep(connection: Connection, claim: Claim, answer: Answer) -> None:
    connection.execute(
        _KEEP.values(status=answer.status, body=answer.body, content_type=answer.content_type),
        {"owner": claim.owner, "key": claim.key},
    )
