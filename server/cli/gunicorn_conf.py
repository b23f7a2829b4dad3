"""gunicorn's configuration for the API: processes with threads, from the same settings as everything else."""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import multiprocess

from server import logs
from server.settings import Settings

_settings = Settings.from_environment(os.environ)
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host

bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.api_processes
# An open event stream has a thread of its own; api/app.py lets in only so many other requests at a time.
threads = _settings.api_threads + _settings.api_streams
proc_name = "lendloom-api"
# Its socket would be one for all installations of a user.
control_socket_disable = True
# Job activation waits up to a minute for work; a worker that is busy with that is alive.
timeout = 120
graceful_timeout = 10
keepalive = 30
# Heartbeat files on a disk can stall a worker that does nothing wrong.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# A worker's own log lines go the way of all others, see server/logs.py; the API logs its requests itself.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "root": {"level": "INFO", "handlers": ["console"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}


def on_starting(server: Any) -> None:
    """In the master, before the first worker: log like the rest."""
    logs.configure(_settings, process="api")


def post_fork(server: Any, worker: Any) -> None:
    """In each worker: log like the rest, also when gunicorn was reloaded."""
    logs.configure(_settings, process="api")


def post_worker_init(worker: Any) -> None:
    """In each worker, once the application stands: open event streams end when the worker is told to."""
    worker.wsgi.extensions["lendloom-streams"].end_when(lambda: not worker.alive)


def child_exit(server: Any, worker: Any) -> None:
    """In the master, after a worker's end: its gauges must not stay in /metrics."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(worker.pid)
