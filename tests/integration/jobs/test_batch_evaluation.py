"""Batches of decisions in the background: a worker that is killed, cases that bring it down, turns, and forgetting."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.jobs.clock import Clock
from server.messages import Message
from server.runtime import batch_evaluation, deployments
from server.runtime.batch_evaluation import BatchLimits, HandedIn
from server.runtime.batch_parts import PART_ROWS, BatchSource, parts_of_facts
from server.runtime.command import command
from server.runtime.decision_batch import DecisionBatch
from server.runtime.errors import Busy, Conflict, NotFound
from server.settings import Settings
from server.store.database import affect

from ..models import ACTOR, one, rows
from .processes import eventually, process

pytestmark = pytest.mark.usefixtures("app", "deployed")
DMN = Path(__file__).resolve().parents[3] / "dmn"
FACTS: dict[str, Any] = {"score": 385, "overdueCount": 0, "fraudLevel": "clear", "amount": 20000, "termMonths": 12}
LIMITS = BatchLimits(rows=100_000, unfinished=20, days=7)


@pytest.fixture(scope="module")
def deployed(app: Flask) -> None:
    """A file with three decisions."""
    path = DMN / "machine-decision.dmn"
    deployments.deploy([(path.name, path.read_bytes())], actor=ACTOR)


@pytest.fixture(autouse=True)
def nothing_left_over(app: Flask) -> Iterator[None]:
    """No test finds the batches or the queue of another."""
    yield
    for statement in ("DELETE FROM decision_batch", "DELETE FROM procrastinate_jobs"):
        command(lambda connection, statement=statement: affect(connection, statement))  # type: ignore[misc]


def hand_in(number: int, decision: str = "machine-decision") -> int:
    """A batch of so many cases; which they are can be seen from the amount."""
    inputs = [{**FACTS, "amount": place, "score": 385 if place % 2 else 390} for place in range(1, number + 1)]
    cases = HandedIn(BatchSource.JSON, None, list(FACTS), parts_of_facts(inputs))
    return batch_evaluation.hand_in(cases, actor=ACTOR, limits=LIMITS, decision_id=decision)


def batch(key: int) -> Any:
    return rows("SELECT * FROM decision_batch WHERE key = %(key)s", key=key)[0]


def queued() -> int:
    return int(one("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %(task)s", task=batch_evaluation.TASK))


def evaluated(key: int) -> list[tuple[int, int]]:
    """The rows that have a result, each with how often its part was begun."""
    attempts = {
        row.first_row: row.attempts
        for row in rows("SELECT first_row, attempts FROM decision_batch_part WHERE batch_key = %(key)s", key=key)
    }
    return [
        (number, attempts[part.first_row])
        for part in batch_evaluation.evaluated_parts(key)
        for number, _ in enumerate(part.results, start=part.first_row)
    ]


def test_a_batch_goes_on_where_a_killed_worker_was(settings: Settings) -> None:
    total = 60_000
    key = hand_in(total)
    with process("worker", settings) as first:
        eventually(lambda: batch(key).evaluated > 2_000, within=30)
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    killed = batch(key)
    assert killed.state == "ACTIVE" and 2_000 < killed.evaluated < total, "killed on the way"
    kept = rows(
        "SELECT number, xmin::text AS written FROM decision_batch_part WHERE batch_key = %(key)s"
        " AND results IS NOT NULL ORDER BY number",
        key=key,
    )
    assert sum(1 for _ in kept) * PART_ROWS == killed.evaluated
    with process("worker", settings):
        eventually(lambda: batch(key).state == "COMPLETED", within=60)
    done = batch(key)
    assert (done.evaluated, done.failed) == (total, 0)
    assert done.started_at == killed.started_at
    found = evaluated(key)
    assert [row for row, _ in found] == list(range(1, total + 1)), "every case once, in its order"
    again = {row for row, attempts in found if attempts != 1}
    assert len(again) <= PART_ROWS, "only what the worker was at is evaluated again"
    written = {row.number: row.written for row in kept}
    for row in rows("SELECT number, xmin::text AS written FROM decision_batch_part WHERE batch_key = %(key)s", key=key):
        assert written.get(row.number, row.written) == row.written, "what was done is not written again"
    assert one("SELECT count(*) FROM decision_instance") == 0


class Failing:
    """Lets the evaluation of one case raise, as often as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, amount: int, error: BaseException) -> None:
        self.armed = True
        self.asked: list[int] = []
        evaluate = DecisionBatch.evaluate

        def failing(batch: DecisionBatch, facts: Mapping[str, Any]) -> Any:
            self.asked.append(facts["amount"])
            if self.armed and facts["amount"] == amount:
                raise error
            return evaluate(batch, facts)

        monkeypatch.setattr(DecisionBatch, "evaluate", failing)


def test_what_nobody_foresaw_ends_a_batch_that_can_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(monkeypatch, 2 * PART_ROWS + 3, RuntimeError("the moon is full"))
    key, other = hand_in(3 * PART_ROWS), hand_in(5)
    batch_evaluation.evaluate_open()
    failed = batch(key)
    assert (failed.state, failed.evaluated) == ("FAILED", 2 * PART_ROWS)
    assert "the moon is full" in failed.failure_en and "the moon is full" in failed.failure_zh
    assert f"{2 * PART_ROWS + 1} to {3 * PART_ROWS}" in failed.failure_en
    assert failed.ended_at is not None
    assert batch(other).state == "COMPLETED", "the others go on"
    batch_evaluation.evaluate_open()
    assert batch(key).state == "FAILED"

    failing.armed, failing.asked = False, []
    batch_evaluation.resume(key)
    batch_evaluation.evaluate_open()
    done = batch(key)
    assert (done.state, done.evaluated, done.failure_en) == ("COMPLETED", 3 * PART_ROWS, None)
    assert failing.asked == list(range(2 * PART_ROWS + 1, 3 * PART_ROWS + 1))
    with pytest.raises(Conflict):
        batch_evaluation.resume(key)


def test_cases_that_bring_down_every_worker_end_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        """Ends a worker in the middle of its work."""

    Failing(monkeypatch, PART_ROWS + 1, KilledError())
    key = hand_in(2 * PART_ROWS)
    for _ in range(batch_evaluation.MOST_ATTEMPTS):
        with pytest.raises(KilledError):
            batch_evaluation.evaluate_open()
    assert batch(key).state == "ACTIVE"
    batch_evaluation.evaluate_open()
    assert (batch(key).state, batch(key).evaluated) == ("FAILED", PART_ROWS)
    assert f"{PART_ROWS + 1} to {2 * PART_ROWS}" in batch(key).failure_en


def test_a_database_that_is_busy_fails_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    key = hand_in(3)

    def busy(_batch: Any) -> Any:
        raise Busy(Message("test.busy", "忙", "busy"))

    monkeypatch.setattr(batch_evaluation, "evaluator", busy)
    with pytest.raises(Busy):
        batch_evaluation.evaluate_open()
    assert batch(key).state == "ACTIVE"


def test_a_batch_that_is_canceled_meanwhile_gets_no_more_results(monkeypatch: pytest.MonkeyPatch) -> None:
    key = hand_in(2 * PART_ROWS)
    evaluate = DecisionBatch.evaluate

    def canceling(asked: DecisionBatch, facts: Mapping[str, Any]) -> Any:
        if facts["amount"] == PART_ROWS + 1:
            batch_evaluation.cancel(key)
        return evaluate(asked, facts)

    monkeypatch.setattr(DecisionBatch, "evaluate", canceling)
    batch_evaluation.evaluate_open()
    assert (batch(key).state, batch(key).evaluated) == ("CANCELED", PART_ROWS)
    assert len(evaluated(key)) == PART_ROWS


def test_open_batches_take_turns_and_the_next_turn_is_queued_once() -> None:
    long, short = hand_in(3 * PART_ROWS), hand_in(PART_ROWS)
    assert queued() == 1
    batch_evaluation.evaluate_open(seconds=0)
    batch_evaluation.evaluate_open(seconds=0)
    assert (batch(long).evaluated, batch(short).state) == (PART_ROWS, "COMPLETED")
    assert queued() == 1
    while batch_evaluation.evaluate_open(seconds=0):
        pass
    assert batch(long).state == "COMPLETED"


def test_a_batch_that_no_queue_knows_of_is_adopted(app: Flask) -> None:
    hand_in(1)
    command(lambda connection: affect(connection, "DELETE FROM procrastinate_jobs"))
    clock = Clock(app)
    clock.deliver_left_behind()
    clock.deliver_left_behind()
    clock.close()
    assert queued() == 1


def test_a_batch_is_forgotten_when_its_time_is_over(app: Flask) -> None:
    old, fresh, waiting = hand_in(1), hand_in(1), hand_in(1)
    for key, days in ((old, 8), (fresh, 6)):
        batch_evaluation.cancel(key)
        ended = {"key": key, "days": days}
        command(
            lambda connection, ended=ended: affect(  # type: ignore[misc]
                connection,
                "UPDATE decision_batch SET ended_at = clock_timestamp() - %(days)s * interval '1 day'"
                " WHERE key = %(key)s",
                ended,
            )
        )
    clock = Clock(app)
    clock.keep_house()
    clock.close()
    left = {row.key for row in rows("SELECT key FROM decision_batch")}
    assert left == {fresh, waiting}
    assert {row.batch_key for row in rows("SELECT batch_key FROM decision_batch_part")} == left
    with pytest.raises(NotFound):
        batch_evaluation.cancel(old)


def test_the_version_is_the_one_the_batch_was_handed_in_for() -> None:
    key = hand_in(1, "credit-grade")
    path = DMN / "machine-decision.dmn"
    changed = path.read_bytes().replace(b'"E"', b'"Z"')
    deployments.deploy([(path.name, changed)], actor=ACTOR)
    batch_evaluation.evaluate_open()
    [part] = batch_evaluation.evaluated_parts(key)
    assert [result.value for result in part.results[0]] == ["E"]
