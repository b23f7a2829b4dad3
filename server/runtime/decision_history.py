"""Decisions that were taken, looked at again: replayed with the model and inputs of then, and explained."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.calendars import wall_clock
from server.dmn import DecisionTrace
from server.dmn.differences import Difference, differences
from server.dmn.explain import Explanation, explain
from server.messages import LendloomError, Message
from server.store.database import decode_json, encode_json, fetch, transaction

from .definitions import DecisionVersion, catalogue
from .errors import CommandError, no_such

_PAGE = 500


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which decision instances are meant: one, or those of one process instance, by ``key``; those evaluated
    ``since`` an instant; with neither, all."""

    key: int | None = None
    since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision evaluated again: where its trace is not what was stored; ``failure`` where it could not be."""

    key: int
    decision_id: str
    version: int
    evaluated_at: dt.datetime
    differences: tuple[Difference, ...] = ()
    failure: Message | None = None

    @property
    def same(self) -> bool:
        """Whether the same model and inputs gave the same trace."""
        return not self.differences and self.failure is None


def count(chosen: Chosen) -> int:
    """How many decision instances are meant."""
    with transaction() as connection:
        number: int = fetch(connection, f"SELECT count(*) {_CHOSEN}", _parameters(chosen))[0][0]
    return number


def replay(chosen: Chosen) -> Iterator[Replay]:
    """Evaluates decision instances again, in the order of their keys. Nothing is stored."""
    after = 0
    while True:
        with transaction() as connection:
            rows = fetch(connection, _ROWS, {**_parameters(chosen), "after": after})
            versions = {row.decision_definition_key: None for row in rows}
            known: dict[int, DecisionVersion | CommandError] = {}
            for key in versions:
                try:
                    known[key] = catalogue(connection).decision(connection, key)
                except LendloomError as error:
                    known[key] = CommandError(error.message)
        for row in rows:
            yield _again(row, known[row.decision_definition_key])
        if len(rows) < _PAGE:
            return
        after = rows[-1].key


def explain_trace(definition_key: int, trace: Mapping[str, Any], language: str) -> Explanation:
    """The explanation of a stored trace, in the words of the version that gave it. Raises :class:`NotFound`."""
    with transaction() as connection:
        version = catalogue(connection).decision(connection, definition_key)
    return explain(DecisionTrace.from_json(trace), version.model, language)


def explain_instance(key: int, language: str, *, number: int | None = None) -> Explanation:
    """The explanation of the evaluation with this key, or of the decision with this number in it, as
    :func:`decisions_in` counts from 1. Raises :class:`NotFound`."""
    with transaction() as connection:
        rows = fetch(connection, _TRACE, {"key": key})
    if not rows:
        raise no_such("决策实例", "decision instance", key)
    trace = rows[0].trace
    if number is not None:
        parts = decisions_in(trace)
        if not 1 <= number <= len(parts):
            raise no_such("决策实例", "decision instance", f"{key}-{number}")
        trace = parts[number - 1]
    return explain_trace(rows[0].decision_definition_key, trace, language)


def decisions_in(trace: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The decisions of a trace, required ones first, the one that was asked last."""
    below = [part for required in trace["required"] for part in decisions_in(required)]
    return [*below, trace]


def _again(row: Any, version: DecisionVersion | CommandError) -> Replay:
    if isinstance(version, CommandError):
        return Replay(row.key, "", 0, row.evaluated_at, failure=version.message)
    about = (row.key, version.decision_id, version.version, row.evaluated_at)
    try:
        evaluation = version.model.evaluate(version.decision_id, row.inputs, clock=wall_clock(row.evaluated_at))
    except LendloomError as error:
        return Replay(*about, failure=error.message)
    # By way of text, as the stored one went: what is compared is what would have been stored.
    trace = decode_json(encode_json(evaluation.trace.to_json()))
    return Replay(*about, differences=tuple(differences(row.trace, trace)))


def _parameters(chosen: Chosen) -> dict[str, Any]:
    return {"key": chosen.key, "since": chosen.since}


_CHOSEN = """
    FROM decision_instance i
    WHERE (%(key)s::bigint IS NULL OR i.key = %(key)s OR i.instance_key = %(key)s)
      AND (%(since)s::timestamptz IS NULL OR i.evaluated_at >= %(since)s)"""
_ROWS = f"""
    SELECT i.key, i.evaluated_at, i.decision_definition_key, i.inputs, i.trace {_CHOSEN}
      AND i.key > %(after)s ORDER BY i.key LIMIT {_PAGE}"""
_TRACE = "SELECT decision_definition_key, trace FROM decision_instance WHERE key = %(key)s"
