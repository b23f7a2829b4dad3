"""A house under fire: ``lendloom up`` as people run it, whose processes are killed one after the other.

Everything is started again by what a real installation has for that: the supervisor starts its children and
PostgreSQL, gunicorn its workers. Only where the supervisor itself is killed it is started anew, as init would.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg

from server.store.embedded import EmbeddedPostgres
from tests.installation import PROJECT, Caller, free_port, is_ready

START_SECONDS = 120.0
STOP_SECONDS = 60.0
API_WORKER, API, WORKER, CLOCK, DATABASE, SUPERVISOR = "API worker", "API", "worker", "clock", "database", "supervisor"
VICTIMS = (API_WORKER, API, WORKER, CLOCK, DATABASE)
_ARGUMENT = {API: "api.app:create_app()", WORKER: "worker", CLOCK: "clock"}


class House:
    """One ``lendloom up`` on its own folder, port and database."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.postgres = EmbeddedPostgres(var / "postgres")
        self.killed: list[str] = []
        self._log = var / "up.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LENDLOOM_")},
            "LENDLOOM_VAR": str(var),
            "LENDLOOM_PORT": str(self.port),
            "LENDLOOM_PROFILE": "demo",
            "LENDLOOM_SIMULATORS_PORT": str(free_port()),
            "LENDLOOM_LOG_FORMAT": "json",
            "LENDLOOM_LOG_LEVEL": "warning",
            "LENDLOOM_LANGUAGE": "en",
        }
        self._process: subprocess.Popen[bytes] | None = None

    # -- life ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything and wait until it is served."""
        self.var.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "up"],
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self.await_whole()

    def await_whole(self) -> None:
        """Wait until every process of the installation runs and the API is ready."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_whole():
            assert self._process is not None
            assert self._process.poll() is None, f"lendloom up has ended:\n{self.log_tail()}"
            assert time.monotonic() < deadline, f"the installation does not come back:\n{self.log_tail()}"
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop everything, in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS)
        self.postgres.stop()

    def credentials(self) -> tuple[str, str]:
        """The id and the secret of the demo's client."""
        lines = (self.var / "demo.env").read_text(encoding="utf-8").splitlines()
        values = dict(line.split("=", 1) for line in lines if "=" in line)
        return values["CAMUNDA_CLIENT_ID"], values["CAMUNDA_CLIENT_SECRET"]

    def caller(self) -> Caller:
        """A connection to the API, signed in."""
        return Caller(self.port).sign_in(*self.credentials())

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, read beside the server."""
        with psycopg.connect(self.postgres.url.replace("+psycopg", "")) as connection:
            return connection.execute(statement, parameters).fetchall()  # type: ignore[arg-type]

    def log_tail(self) -> str:
        """The last lines that any of the processes has written."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-60:])

    # -- death ---------------------------------------------------------------------------------------------------

    def kill(self, victim: str) -> None:
        """Kill one of the processes without warning (SIGKILL), if it is there: it may be just coming back."""
        if victim == SUPERVISOR:
            assert self._process is not None
            self._process.kill()
            self._process.wait()
            self.killed.append(victim)
            self.start()
            return
        pid = self.postgres.pid if victim == DATABASE else self._pid(victim)
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            self.killed.append(victim)

    def _pid(self, victim: str) -> int | None:
        if victim != API_WORKER:
            child = self._child(_ARGUMENT[victim])
            return None if child is None else child.pid
        master = self._child(_ARGUMENT[API])
        workers = master.children() if master is not None else []
        return random.choice(workers).pid if workers else None

    def _child(self, argument: str) -> psutil.Process | None:
        assert self._process is not None
        return _first(psutil.Process(self._process.pid).children(), lambda child: argument in child.cmdline())

    def _is_whole(self) -> bool:
        return (
            self.postgres.is_running()
            and all(self._child(argument) is not None for argument in _ARGUMENT.values())
            and is_ready(self.port)
        )


def _first(processes: list[psutil.Process], fits: Callable[[psutil.Process], bool]) -> psutil.Process | None:
    for process in processes:
        try:
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE and fits(process):
                return process
        except psutil.NoSuchProcess:
            continue
    return None
