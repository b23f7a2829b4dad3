"""The clock process: fires what falls due, and keeps the house.

APScheduler is only the ticker. What is due stands in the database and is claimed there, so any number of clocks
may run, on any number of machines, and one that is killed loses nothing.
"""

from __future__ import annotations

import datetime as dt
import logging
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import Connection

from server.identity.revocation import purge_expired
from server.messages import LendloomError
from server.runtime import background, batch_evaluation, batch_operations, documents, drafts, messages, signals, timers
from server.runtime.command import command
from server.runtime.instant import now
from server.runtime.timers import DueTimer
from server.settings import Settings
from server.store.application import bare_app
from server.store.database import affect, db
from server.store.idempotency import forget_before
from server.store.partitions import PARTITIONED, ensure_partitions

from . import handlers, outbox

BATCH = 200
THREADS = 4
TICK_SECONDS = 0.5
TICK_SECONDS_MOVABLE = 0.2
DELIVERY_SECONDS = 2.0
HOUSEKEEPING_SECONDS = 60.0
ANSWERS_KEPT = dt.timedelta(days=2)

_log = structlog.get_logger(__name__)


class Clock:
    """The work of one clock process; :func:`run` ticks it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="timer")

    def fire_due(self) -> int:
        """Fire everything that is due, batch after batch; returns how many timers fired."""
        fired = 0
        while True:
            with self._app.app_context():
                batch = timers.claim_due(BATCH)
            if batch:
                fired += sum(self._pool.map(self._fire_in_order, _by_case(batch)))
            else:
                return fired

    def deliver_left_behind(self) -> None:
        """Finish deliveries that a killed process had accepted: messages, signals, events."""
        with self._app.app_context():
            for key in command(lambda connection: messages.pending(connection, BATCH)):
                _guarded("clock.message", lambda key=key: messages.distribute(key))  # type: ignore[misc]
            for key in command(lambda connection: signals.undelivered(connection, BATCH)):
                _guarded("clock.signal", lambda key=key: signals.deliver_one(key))  # type: ignore[misc]
            command(outbox.enqueue)
            command(batch_evaluation.enqueue)
            command(adopt_jobs)
            command(batch_operations.adopt)

    def keep_house(self) -> None:
        """Make partitions ahead of time, and remove what has expired."""
        with self._app.app_context():
            _guarded("clock.messages", lambda: command(messages.delete_expired))
            for table in PARTITIONED:
                _guarded("clock.partitions", lambda table=table: command(partial(_partitions, table)))  # type: ignore[misc]
            _guarded("clock.answers", lambda: command(_forget_answers))
            _guarded("clock.batches", lambda: command(batch_evaluation.forget_expired))
            _guarded("clock.drafts", lambda: command(drafts.drop_task_drafts))
            _guarded("clock.tokens", lambda: command(purge_expired))
            _guarded("clock.documents", lambda: command(documents.delete_expired))
            _guarded("clock.queue", lambda: command(_forget_failed_tasks))

    def close(self) -> None:
        """Let running timers finish."""
        self._pool.shutdown(wait=True)

    def _fire_in_order(self, due: Sequence[DueTimer]) -> int:
        """The timers of one case, one after the other; one that fails holds up no other case."""
        fired = 0
        with self._app.app_context():
            for timer in due:
                try:
                    fired += timers.fire(timer)
                except Exception:  # whatever it was, the timer is tried again later
                    _log.exception("clock.timer_failed", timer=timer.key, instance=timer.instance_key)
                    _guarded("clock.postpone", lambda timer=timer: timers.postpone(timer))  # type: ignore[misc]
                    break
        return fired


def run(settings: Settings) -> None:
    """Tick until the process is told to stop (SIGTERM, SIGINT)."""
    handlers.load()
    app = bare_app(settings, pool_size=THREADS + 3)
    clock = Clock(app)
    tick = TICK_SECONDS_MOVABLE if settings.clock_can_move else TICK_SECONDS
    # A handler may be interrupted by the next signal: what it does must not need a lock that it holds itself.
    stopped: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopped.put(received))
    # A tick that finds the one before still at work is left out; that is meant and not worth a warning.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = BackgroundScheduler(timezone=dt.UTC)
    for work, seconds in (
        (clock.fire_due, tick),
        (clock.deliver_left_behind, DELIVERY_SECONDS),
        (clock.keep_house, HOUSEKEEPING_SECONDS),
    ):
        scheduler.add_job(
            _ticking(work),
            "interval",
            seconds=seconds,
            jitter=seconds / 5,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=dt.datetime.now(dt.UTC),
        )
    scheduler.start()
    _log.info("clock.start", tick=tick)
    stopped.get()
    scheduler.shutdown(wait=True)
    clock.close()
    with app.app_context():
        db.engine.dispose()
    _log.info("clock.stop")


def adopt_jobs(connection: Connection) -> int:
    """Queue jobs of built-in types that no queue knows of, such as those opened before the type had a handler."""
    return affect(
        connection,
        _ADOPT,
        {"types": background.built_in_types(), "queue": background.QUEUE, "task": background.TASK},
    )


def _by_case(batch: Sequence[DueTimer]) -> list[list[DueTimer]]:
    """The batch cut up by instance, so that no two threads work on one case and its order is kept."""
    cases: dict[int, list[DueTimer]] = {}
    for timer in batch:
        cases.setdefault(timer.instance_key or timer.key, []).append(timer)
    return list(cases.values())


def _ticking(work: Callable[[], object]) -> Callable[[], None]:
    def tick() -> None:
        _guarded("clock.tick_failed", work)

    return tick


def _guarded(event: str, work: Callable[[], object]) -> None:
    """Do one piece of work; what fails is logged and comes up again with a later tick."""
    try:
        work()
    except LendloomError as error:
        _log.warning(event, cause=str(error))
    except Exception:
        _log.exception(event)


def _partitions(table: str, connection: Connection) -> None:
    for day in {now(connection).date(), dt.datetime.now(dt.UTC).date()}:
        ensure_partitions(connection, day, (table,))


def _forget_answers(connection: Connection) -> None:
    forget_before(connection, dt.datetime.now(dt.UTC) - ANSWERS_KEPT)


def _forget_failed_tasks(connection: Connection) -> None:
    """Of what procrastinate gave up, only a week is kept; the jobs themselves were adopted anew."""
    affect(connection, _FORGET_FAILED)


_ADOPT = """
    SELECT procrastinate_defer_jobs_v1(array_agg(ROW(%(queue)s::text, %(task)s::text, j.priority, NULL, 'job:' || j.key,
        jsonb_build_object('job_key', j.key), j.available_at)::procrastinate_job_to_defer_v1))
    FROM (
        SELECT j.key, j.priority, j.available_at FROM job j
        WHERE j.type = ANY(%(types)s::text[]) AND j.ended_at IS NULL AND j.retries > 0 AND j.suspended IS NOT TRUE
          AND j.available_at < clock_timestamp() - interval '20 seconds'
          AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs q
                          WHERE q.status IN ('todo', 'doing') AND q.args @> jsonb_build_object('job_key', j.key))
        ORDER BY j.key LIMIT 500) j
    HAVING count(*) > 0"""
_FORGET_FAILED = """
    DELETE FROM procrastinate_jobs q WHERE q.status IN ('failed', 'aborted', 'cancelled')
      AND NOT EXISTS (SELECT 1 FROM procrastinate_events e
                      WHERE e.job_id = q.id AND e.at > clock_timestamp() - interval '7 days')"""
