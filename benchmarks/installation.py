"""A fresh installation to measure: embedded PostgreSQL with fsync on, the API, and a clock where one is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from server.identity.clients import create_client
from server.settings import Settings
from server.store.application import bare_app
from server.store.embedded import EmbeddedPostgres
from server.store.migration import upgrade

from .http import Client

CONTENT = Path(__file__).parent / "processes"
CLIENT_ID = "bench"


@dataclass(slots=True)
class Installation:
    """A running installation, with what measuring it needs."""

    settings: Settings
    postgres: EmbeddedPostgres
    secret: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def client(self) -> Client:
        """A new connection, signed in."""
        client = Client(self.settings.port)
        client.sign_in(CLIENT_ID, self.secret)
        return client

    def sql(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """Run one statement beside the server, and return its rows."""
        url = (self.settings.database_url or "").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement, parameters)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def start(self, name: str) -> None:
        """Start one of the server's processes: api, clock or worker."""
        environment = {**os.environ, **self.settings.to_environment()}
        log = (self.settings.var / f"{name}.log").open("wb")
        self.processes.append(
            subprocess.Popen([sys.executable, "-m", "server.cli", name], env=environment, stdout=log, stderr=log)
        )

    def cpu_seconds(self) -> tuple[float, float]:
        """CPU used so far by the server's processes and by PostgreSQL's, user and system together."""
        server = sum(_tree(process.pid) for process in self.processes)
        return server, _tree(self.postgres.pid or 0)

    def wal_bytes(self) -> int:
        """The position of the write-ahead log."""
        return int(str(self.sql("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0]))

    def memory_bytes(self) -> int:
        """Resident memory of the server's processes."""
        return sum(p.memory_info().rss for process in self.processes for p in _family(process.pid))


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _tree(pid: int) -> float:
    total = 0.0
    for process in _family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def fresh_installation(var: Path, port: int) -> Iterator[Installation]:
    """An empty installation under ``var``, served on ``port``, taken down at the end."""
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    postgres = EmbeddedPostgres(var / "postgres")
    url = postgres.start()
    secret = "benchmark-secret-of-no-value-elsewhere"
    settings = Settings.from_environment(
        {
            "LENDLOOM_VAR": str(var),
            "LENDLOOM_PORT": str(port),
            "LENDLOOM_DATABASE_URL": url,
            "LENDLOOM_PROFILE": "test",
            "LENDLOOM_SECRET_KEY": "0123456789abcdef" * 4,
            "LENDLOOM_LOG_LEVEL": "warning",
            "LENDLOOM_API_PROCESSES": os.environ.get("LENDLOOM_API_PROCESSES", "2"),
        }
    )
    installation = Installation(settings, postgres, secret)
    try:
        upgrade(url)
        with bare_app(settings).app_context():
            create_client(client_id=CLIENT_ID, name="Benchmark", secret=secret, roles=["administrator"])
        installation.start("api")
        _await_ready(port)
        installation.client().deploy(sorted(p for p in CONTENT.iterdir() if p.suffix in (".bpmn", ".dmn")))
        yield installation
    finally:
        for process in installation.processes:
            process.terminate()
        for process in installation.processes:
            process.wait(30)
        postgres.stop()


def _await_ready(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if Client(port).request("GET", "/health/ready")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("The server did not become ready; see the logs in its var directory.")
