"""Batches of decisions in the background: handed in, evaluated part by part, canceled, resumed, forgotten.

A worker takes the next part of the batch that has waited longest, evaluates it without a transaction and commits its
results together with the progress of the batch. So a worker that is killed loses one part at most, which is evaluated
again, and no case is counted twice. One worker at a time does this, for a few seconds, and then queues again behind
what else there is: processes come first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from server.messages import LendloomError, Message
from server.store.database import affect, fetch, reading
from server.store.keys import keys

from . import background
from .batch_parts import BatchSource, Part, cases_in, result_text, results_in
from .command import command
from .decision_batch import CaseResult, DecisionBatch
from .decisions import decision_asked
from .definitions import DecisionVersion, catalogue
from .errors import Busy, Conflict, TooLarge, no_such
from .instant import NOW

TASK: Final = "lendloom.evaluate_batches"
TURN_SECONDS: Final = 5.0
MOST_ATTEMPTS: Final = 5
"""How often a part is begun; after that it is what brings the workers down."""

_PARTS_READ: Final = 10
_FORGOTTEN_AT_ONCE: Final = 20

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """What an installation takes: the most cases of a batch, the most unfinished batches of one actor, and how many
    days a batch is kept after its end."""

    rows: int
    unfinished: int
    days: int


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The cases of a new batch, and what they came as; ``parts`` are read once."""

    source: BatchSource
    file_name: str | None
    headings: Sequence[str]
    parts: Iterable[Part]


def hand_in(
    cases: HandedIn,
    *,
    actor: str,
    limits: BatchLimits,
    decision_id: str | None = None,
    definition_key: int | None = None,
    all_decisions: bool = False,
) -> int:
    """Keep a batch for the workers and return its key; a batch without cases is complete at once.

    Raises :class:`NotFound`, :class:`TooLarge`, what reading the cases raises, and :class:`Conflict` where the actor
    has as many unfinished batches as he may.
    """
    version, now = decision_asked(decision_id=decision_id, definition_key=definition_key)
    parts = _bounded(cases.parts, limits.rows)
    total = sum(part.rows for part in parts)
    batch = {
        "definition": version.key,
        "all": all_decisions,
        "source": str(cases.source),
        "file_name": cases.file_name,
        "headings": list(cases.headings),
        "state": "CREATED" if total else "COMPLETED",
        "total": total,
        "days": limits.days,
        "actor": actor,
        "now": now,
        "ended_at": None if total else now,
    }

    def body(connection: Connection) -> int:
        fetch(connection, _ONE_AFTER_THE_OTHER, {"actor": actor})
        if fetch(connection, _UNFINISHED, {"actor": actor})[0][0] >= limits.unfinished:
            raise _unfinished(limits.unfinished)
        key = keys.next(connection)
        affect(connection, _INSERT, {**batch, "key": key})
        if parts:
            connection.exec_driver_sql(_INSERT_PART, [{"key": key, **asdict(part)} for part in parts])
            enqueue(connection)
        return key

    return command(body)


def _bounded(parts: Iterable[Part], most: int) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if part.first_row + part.rows - 1 > most:
            raise _too_many(most)
        kept.append(part)
    return kept


def cancel(key: int) -> None:
    """Stop a batch; what was evaluated so far stays. Raises :class:`NotFound`, and :class:`Conflict` after its end."""

    def body(connection: Connection) -> None:
        _require(connection, key, "CREATED", "ACTIVE")
        affect(connection, _END, {"key": key, "state": "CANCELED", "zh": None, "en": None})

    command(body)


def resume(key: int) -> None:
    """Go on with a batch that failed, where it stopped. Raises :class:`NotFound` and :class:`Conflict`."""

    def body(connection: Connection) -> None:
        _require(connection, key, "FAILED")
        affect(connection, _BEGIN_AGAIN, {"key": key})
        affect(connection, _RESUME, {"key": key})
        enqueue(connection)

    command(body)


def delete(key: int) -> None:
    """Remove a batch that has ended, with its cases and results. Raises :class:`NotFound` and :class:`Conflict`."""

    def body(connection: Connection) -> None:
        _require(connection, key, "COMPLETED", "CANCELED", "FAILED")
        affect(connection, _DELETE, {"key": key})

    command(body)


def forget_expired(connection: Connection) -> int:
    """Remove batches whose time is over; returns how many."""
    return affect(connection, _FORGET, {"limit": _FORGOTTEN_AT_ONCE})


def enqueue(connection: Connection) -> bool:
    """Queue the evaluation where batches are open and nobody is at it."""
    return bool(affect(connection, _ENQUEUE, {**_QUEUED, "statuses": ["todo", "doing"]}))


# --- what the workers do ---


def evaluate_open(*, seconds: float = TURN_SECONDS) -> int:
    """Evaluate parts of open batches, for about so many seconds; returns how many parts. Where more are left, the
    next turn is queued."""
    until = time.monotonic() + seconds
    done = 0
    while (part := command(_next_part)) is not None:
        _evaluate(part)
        done += 1
        if time.monotonic() > until:
            command(lambda connection: affect(connection, _ENQUEUE, {**_QUEUED, "statuses": ["todo"]}))
            break
    return done


def _next_part(connection: Connection) -> Any:
    rows = fetch(connection, _NEXT)
    return rows[0] if rows else None


def _evaluate(part: Any) -> None:
    """Evaluate one part; whatever is wrong with the whole of it ends the batch, which can be resumed."""
    first, last = part.first_row, part.first_row + part.rows - 1
    if part.attempts > MOST_ATTEMPTS:
        _fail(part.key, _brings_down(first, last))
        return
    try:
        batch = evaluator(part)
        cases = cases_in(batch, BatchSource(part.source), part.headings, part.cases)
        results = [batch.evaluate(case.facts) for case in cases]
    except Busy:
        raise
    except LendloomError as error:
        _log.warning("batch.failed", key=part.key, first=first, last=last, cause=str(error))
        _fail(part.key, error.message)
        return
    except Exception as error:
        _log.exception("batch.failed", key=part.key, first=first, last=last)
        _fail(part.key, _unforeseen(first, last, error))
        return
    failed = sum(any(result.failed for result in found) for found in results)
    done = {"key": part.key, "number": part.number, "rows": part.rows, "failed": failed}
    command(lambda connection: _write(connection, {**done, "results": result_text(results)}))


def _write(connection: Connection, done: dict[str, Any]) -> None:
    """Keep the results of a part and count it, unless the batch was canceled or somebody else was faster."""
    state = fetch(connection, _LOCK, {"key": done["key"]})
    if state and state[0].state == "ACTIVE" and affect(connection, _WRITE_PART, done):
        affect(connection, _COUNT, done)


def _fail(key: int, message: Message) -> None:
    def body(connection: Connection) -> None:
        state = fetch(connection, _LOCK, {"key": key})
        if state and state[0].state == "ACTIVE":
            affect(connection, _END, {"key": key, "state": "FAILED", "zh": message.zh, "en": message.en})

    command(body)


# --- what came of it ---


def evaluator(batch: Any) -> DecisionBatch:
    """What a batch asks, from its row: the decisions of the version that it was handed in for, at that instant."""
    version = _version(batch.decision_definition_key)
    chosen = list(version.model.decisions) if batch.all_decisions else [version.decision_id]
    return DecisionBatch(version.model, chosen, batch.created_at)


@dataclass(frozen=True, slots=True)
class EvaluatedPart:
    """Some consecutive cases of a batch, as they are kept, and what the decisions said of each."""

    first_row: int
    cases: str
    results: list[list[CaseResult]]


def evaluated_parts(key: int, *, after: int = 0, only_failed: bool = False) -> Iterator[EvaluatedPart]:
    """The parts of a batch that are evaluated, in order, from the one that holds the row after the row ``after``;
    with ``only_failed`` those in which a case has no result."""
    while True:
        with reading() as connection:
            wanted = {"key": key, "after": after, "failed": int(only_failed), "limit": _PARTS_READ}
            rows = fetch(connection, _EVALUATED, wanted)
        for row in rows:
            after = row.first_row + row.rows - 1
            yield EvaluatedPart(row.first_row, row.cases, results_in(row.results))
        if len(rows) < _PARTS_READ:
            return


def _version(key: int) -> DecisionVersion:
    return command(lambda connection: catalogue(connection).decision(connection, key))


def _require(connection: Connection, key: int, *states: str) -> None:
    rows = fetch(connection, _LOCK, {"key": key})
    if not rows:
        raise no_such("批量评估", "batch evaluation", key)
    if rows[0].state not in states:
        raise Conflict(
            Message(
                "decision.batch-state",
                f"批量评估 {key} 的状态为 {rows[0].state}，此操作只适用于 {'、'.join(states)}。",
                f"The batch evaluation {key} is {rows[0].state}; this applies only to {', '.join(states)}.",
            )
        )


def _too_many(most: int) -> TooLarge:
    return TooLarge(
        Message(
            "decision.batch-rows",
            f"一批最多 {most} 行（LENDLOOM_DECISION_BATCH_ROWS）；请分成几批。",
            f"A batch has at most {most} cases (LENDLOOM_DECISION_BATCH_ROWS); send it in parts.",
        )
    )


def _unfinished(most: int) -> Conflict:
    return Conflict(
        Message(
            "decision.batch-unfinished",
            f"您已有 {most} 个未完成的批量评估（LENDLOOM_DECISION_BATCHES_UNFINISHED）；请等待其中一个结束或取消它。",
            f"You have {most} unfinished batch evaluations (LENDLOOM_DECISION_BATCHES_UNFINISHED) already; wait for"
            " one of them to end, or cancel it.",
        )
    )


def _brings_down(first: int, last: int) -> Message:
    return Message(
        "decision.batch-brings-down",
        f"评估第 {first} 至 {last} 行时，作业进程 {MOST_ATTEMPTS} 次中途停止；请检查这些行和内存，然后恢复或取消。",
        f"The worker ended {MOST_ATTEMPTS} times while it evaluated the rows {first} to {last}; look at these rows and"
        " at the memory, then resume the batch or cancel it.",
    )


def _unforeseen(first: int, last: int, error: Exception) -> Message:
    cause = f"{type(error).__name__}: {error}"[:500].replace("\0", "")
    return Message(
        "decision.batch-unforeseen",
        f"评估第 {first} 至 {last} 行时出现意外错误（{cause}）；排除后可恢复，已完成的行不会重新评估。",
        f"Something unforeseen happened with the rows {first} to {last} ({cause}); once it is mended, resume the batch:"
        " what is done is not evaluated again.",
    )


_QUEUED: Final = {"queue": background.QUEUE, "task": TASK}
_ENQUEUE = """
    SELECT procrastinate_defer_jobs_v1(
        ARRAY[ROW(%(queue)s::text, %(task)s::text, 0, NULL, NULL, '{}', NULL)::procrastinate_job_to_defer_v1])
    WHERE EXISTS (SELECT 1 FROM decision_batch WHERE state IN ('CREATED', 'ACTIVE'))
      AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs
                      WHERE task_name = %(task)s::text AND status::text = ANY(%(statuses)s::text[]))"""
_ONE_AFTER_THE_OTHER = "SELECT pg_advisory_xact_lock(hashtextextended('decision_batch:' || %(actor)s::text, 0))"
_UNFINISHED = "SELECT count(*) FROM decision_batch WHERE created_by = %(actor)s AND state IN ('CREATED', 'ACTIVE')"
_INSERT = """
    INSERT INTO decision_batch (key, decision_definition_key, all_decisions, source, file_name, headings, state, total,
                                kept_days, created_by, created_at, ended_at)
    VALUES (%(key)s, %(definition)s, %(all)s, %(source)s, %(file_name)s, %(headings)s::text[], %(state)s, %(total)s,
            %(days)s, %(actor)s, %(now)s, %(ended_at)s)"""
_INSERT_PART = """
    INSERT INTO decision_batch_part (batch_key, number, first_row, rows, cases)
    VALUES (%(key)s, %(number)s, %(first_row)s, %(rows)s, %(cases)s)"""
_LOCK = "SELECT state FROM decision_batch WHERE key = %(key)s FOR UPDATE"
_END = f"""
    UPDATE decision_batch SET state = %(state)s, failure_zh = %(zh)s, failure_en = %(en)s, ended_at = {NOW}
    WHERE key = %(key)s"""  # noqa: S608
_RESUME = """
    UPDATE decision_batch SET state = 'ACTIVE', failure_zh = NULL, failure_en = NULL, ended_at = NULL
    WHERE key = %(key)s"""
_BEGIN_AGAIN = "UPDATE decision_batch_part SET attempts = 0 WHERE batch_key = %(key)s AND results IS NULL"
_DELETE = "DELETE FROM decision_batch WHERE key = %(key)s"
_FORGET = f"""
    DELETE FROM decision_batch WHERE key IN (
        SELECT key FROM decision_batch WHERE ended_at < {NOW} - kept_days * interval '1 day'
        ORDER BY ended_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)"""  # noqa: S608
_NEXT = f"""
    WITH chosen AS (
        SELECT key FROM decision_batch WHERE state IN ('CREATED', 'ACTIVE')
        ORDER BY served_at NULLS FIRST, key LIMIT 1 FOR UPDATE),
    begun AS (
        UPDATE decision_batch b
        SET state = 'ACTIVE', started_at = coalesce(b.started_at, {NOW}), served_at = clock_timestamp()
        FROM chosen WHERE b.key = chosen.key
        RETURNING b.key, b.decision_definition_key, b.all_decisions, b.source, b.headings, b.created_at),
    part AS (
        UPDATE decision_batch_part p SET attempts = p.attempts + 1 FROM begun
        WHERE p.batch_key = begun.key AND p.number = (
            SELECT min(open.number) FROM decision_batch_part open
            WHERE open.batch_key = begun.key AND open.results IS NULL)
        RETURNING p.number, p.first_row, p.rows, p.cases, p.attempts)
    SELECT * FROM begun CROSS JOIN part"""  # noqa: S608
_WRITE_PART = """
    UPDATE decision_batch_part SET results = %(results)s, failed = %(failed)s
    WHERE batch_key = %(key)s AND number = %(number)s AND results IS NULL"""
_COUNT = f"""
    UPDATE decision_batch
    SET evaluated = evaluated + %(rows)s, failed = failed + %(failed)s,
        state = CASE WHEN evaluated + %(rows)s = total THEN 'COMPLETED' ELSE state END,
        ended_at = CASE WHEN evaluated + %(rows)s = total THEN {NOW} END
    WHERE key = %(key)s"""  # noqa: S608
_EVALUATED = """
    SELECT first_row, rows, cases, results FROM decision_batch_part
    WHERE batch_key = %(key)s AND results IS NOT NULL AND first_row + rows - 1 > %(after)s AND failed >= %(failed)s
    ORDER BY number LIMIT %(limit)s"""
