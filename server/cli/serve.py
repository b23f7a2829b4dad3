"""``lendloom api | worker | clock``: one process of an installation in the foreground.

``lendloom up`` starts these same commands as its children; on several machines they are started one by one,
all with the same ``LENDLOOM_DATABASE_URL`` and ``LENDLOOM_SECRET_KEY``.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from dataclasses import replace

import click

from server.cli.console import SpeakingCommand
from server.cli.installation import running_settings
from server.settings import Settings

# The API stands above everything here; it is started by name in a process of its own, never imported.
API_APPLICATION = "api.app:create_app()"


@click.command(cls=SpeakingCommand)
@click.option("--host", help="Listen on this address (LENDLOOM_HOST, 127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Listen on this port (LENDLOOM_PORT, 8080).")
@click.option("--processes", type=click.IntRange(1, 64), help="Server processes (LENDLOOM_API_PROCESSES, 2).")
@click.option("--threads", type=click.IntRange(1, 256), help="Threads in each (LENDLOOM_API_THREADS, 16).")
def api(host: str | None, port: int | None, processes: int | None, threads: int | None) -> None:
    """Serve the HTTP API until told to stop.

    Any number may run, on any number of machines, on one database. Each request that waits for jobs
    (long polling) holds a thread while it waits.

    \b
    Examples:
      lendloom api
      lendloom api --host 0.0.0.0 --port 80 --processes 4
    """
    settings = running_settings(process="api")
    settings = replace(
        settings,
        host=host or settings.host,
        port=port or settings.port,
        api_processes=processes or settings.api_processes,
        api_threads=threads or settings.api_threads,
    )
    metrics = {"PROMETHEUS_MULTIPROC_DIR": _metrics_folder(settings)}
    environment = {**os.environ, **settings.to_environment(), **metrics}
    command = [sys.executable, "-m", "gunicorn", "-c", "python:server.cli.gunicorn_conf", API_APPLICATION]
    # The command becomes gunicorn, so that signals reach it without a process in between.
    os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter, without a shell


@click.command(cls=SpeakingCommand)
def worker() -> None:
    """Run background jobs (service calls, deliveries, retries) until told to stop.

    Any number may run, on any number of machines. A worker that is killed loses nothing: what it had
    begun is done again by another one.

    \b
    Example:
      lendloom worker
    """
    settings = running_settings(process="worker")
    importlib.import_module("server.jobs.worker").run(settings)


@click.command(cls=SpeakingCommand)
def clock() -> None:
    """Fire what falls due: timers, calendar starts, the end of the day.

    Any number may run: each due timer is fired by exactly one of them.

    \b
    Example:
      lendloom clock
    """
    settings = running_settings(process="clock")
    importlib.import_module("server.jobs.clock").run(settings)


def _metrics_folder(settings: Settings) -> str:
    """An empty folder in which the server's processes keep their counts for ``/metrics``."""
    folder = settings.var / "metrics" / str(settings.port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return str(folder)
