"""Asking a decision directly, outside any process; the answer is kept with its whole trace all the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.calendars import wall_clock
from server.dmn import DecisionEvaluation
from server.messages import LendloomError, Message
from server.store.database import encode_json, fetch
from server.store.keys import keys

from . import statements
from .command import command
from .definitions import DecisionVersion, catalogue
from .errors import CommandError, Refused, no_such
from .rows import decision_columns


@dataclass(frozen=True, slots=True)
class DecisionAnswer:
    """What a decision said, by which version, and under which key that is kept."""

    key: int
    version: DecisionVersion
    evaluation: DecisionEvaluation


def evaluate(
    *,
    actor: str,
    decision_id: str | None = None,
    definition_key: int | None = None,
    variables: Mapping[str, Any] | None = None,
) -> DecisionAnswer:
    """Evaluate the latest version of a decision, or the version with this key.

    Raises :class:`NotFound`, and :class:`Refused` where the evaluation cannot be carried out at all; one that
    gave no result is an answer, with its diagnostics.
    """
    inputs = dict(variables or {})

    def body(connection: Connection) -> DecisionAnswer:
        version, now = _asked(connection, decision_id, definition_key)
        try:
            evaluation = version.model.evaluate(version.decision_id, inputs, clock=wall_clock(now))
        except CommandError:
            raise
        except LendloomError as error:
            raise Refused(error.message) from error
        kept = {
            "key": keys.next(connection),
            "evaluated_at": now,
            "decision_definition_key": version.key,
            **decision_columns(evaluation, inputs),
        }
        fetch(connection, statements.write(["decisions_taken"]), {"decisions_taken": encode_json([kept])})
        return DecisionAnswer(kept["key"], version, evaluation)

    return command(body)


def decision_asked(*, decision_id: str | None, definition_key: int | None) -> tuple[DecisionVersion, dt.datetime]:
    """The latest version of a decision, or the version with this key, and the installation's present instant."""
    return command(lambda connection: _asked(connection, decision_id, definition_key))


def _asked(
    connection: Connection, decision_id: str | None, definition_key: int | None
) -> tuple[DecisionVersion, dt.datetime]:
    if (decision_id is None) == (definition_key is None):
        raise Refused(
            Message(
                "decision.which",
                "请给出决策编号或决策定义键，二者选一。",
                "Give either a decision id or a decision definition key.",
            )
        )
    row = fetch(connection, statements.BEGINNING)[0]
    definitions = catalogue(connection)
    key = definition_key
    if key is None:
        assert decision_id is not None
        key = definitions.resolve(connection, row.epoch, "decision", decision_id)
        if key is None:
            raise no_such("决策", "decision", decision_id)
    return definitions.decision(connection, key), row.now
