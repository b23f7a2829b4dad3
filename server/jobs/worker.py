"""The worker process: runs built-in handlers, batches and deliveries through procrastinate, as many as wanted.

procrastinate keeps the queue, the retries after infrastructure failures and the workers' heartbeats in our own
PostgreSQL. What a killed worker was running is found by its missing heartbeat and queued again.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import procrastinate
import psycopg
import structlog
from flask import Flask
from procrastinate.exceptions import ProcrastinateException
from psycopg_pool import PoolTimeout
from sqlalchemy.engine import make_url

from server.runtime import background, batch_evaluation, batch_operations
from server.settings import Settings
from server.store.application import bare_app

from . import handlers, outbox

CONCURRENCY = 8
HEARTBEAT_SECONDS = 2.0
DEAD_AFTER_SECONDS = 8.0
RECONNECT_SECONDS = 1.0
_POLL_SECONDS = 2.0

_log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Run jobs until the process is told to stop (SIGTERM, SIGINT); running handlers may finish first."""
    handlers.load()
    app = bare_app(settings, pool_size=CONCURRENCY + 2)
    _log.info("worker.start", types=background.built_in_types())
    while True:
        try:
            asyncio.run(work(app, settings))
            return
        except (psycopg.Error, PoolTimeout, ProcrastinateException) as error:
            # The database went away; what was running is found and run again once it is back.
            _log.warning("worker.database_lost", cause=str(error))
            time.sleep(RECONNECT_SECONDS)


async def work(app: Flask, settings: Settings, *, wait: bool = True) -> None:
    """Run the queue; without ``wait`` until it is empty."""
    assert settings.database_url is not None
    queue = queue_app(app, conninfo(settings.database_url))
    async with queue.open_async():
        rescuer = asyncio.create_task(_rescue(queue))
        try:
            await queue.run_worker_async(
                name=worker_name(),
                concurrency=CONCURRENCY,
                wait=wait,
                fetch_job_polling_interval=_POLL_SECONDS,
                delete_jobs="successful",
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=DEAD_AFTER_SECONDS,
                shutdown_graceful_timeout=20,
                install_signal_handlers=wait,
            )
        finally:
            rescuer.cancel()


def queue_app(app: Flask, database: str) -> procrastinate.App:
    """The procrastinate application with our tasks, each run inside ``app``."""
    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=database, min_size=1, max_size=6))
    # Only the infrastructure can fail here: what a handler does wrong is reported on its own job.
    again = procrastinate.RetryStrategy(max_attempts=20, wait=1, linear_wait=2)

    @queue.task(name=background.TASK, queue=background.QUEUE, retry=again)
    def run_job(job_key: int) -> None:
        with _inside(app, background.TASK, job=job_key):
            handlers.run(job_key, worker=worker_name())

    @queue.task(name=batch_operations.TASK, queue=background.QUEUE, retry=again)
    def work_off_batch(batch_key: int) -> None:
        with _inside(app, batch_operations.TASK, batch=batch_key):
            batch_operations.work_off(batch_key)

    @queue.task(name=outbox.TASK, queue=background.QUEUE, retry=again)
    def deliver_events() -> None:
        with _inside(app, outbox.TASK):
            outbox.deliver_due()

    @queue.task(name=batch_evaluation.TASK, queue=background.QUEUE, retry=again)
    def evaluate_batches() -> None:
        with _inside(app, batch_evaluation.TASK):
            batch_evaluation.evaluate_open()

    return queue


@contextmanager
def _inside(app: Flask, task: str, **what: int) -> Iterator[None]:
    """Where a task runs. What fails here is tried again by the queue, which says nothing of it: the log does."""
    with app.app_context():
        try:
            yield
        except Exception:
            _log.warning("worker.put_off", task=task, **what, exc_info=True)
            raise


def conninfo(database_url: str) -> str:
    """The address of the database as psycopg itself takes it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def worker_name() -> str:
    """A name that operators can find: the machine and the process."""
    return f"{socket.gethostname()}-{os.getpid()}"


async def _rescue(queue: procrastinate.App) -> None:
    """Queue again what dead workers were running."""
    while True:
        await asyncio.sleep(HEARTBEAT_SECONDS)
        try:
            for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
                _log.warning("worker.rescue", job=job.id, task=job.task_name, arguments=job.task_kwargs)
                await queue.job_manager.retry_job(job)
        except ProcrastinateException as error:
            # Another worker was faster, or the database is away for a moment.
            _log.info("worker.rescue_later", cause=str(error))
