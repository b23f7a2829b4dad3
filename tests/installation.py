"""A running installation for tests that talk to it from outside: API, worker and clock as real processes.

It stands on a database of the tests' PostgreSQL, listens on a port of its own and writes its logs into its
``var`` folder. :class:`Caller` is one connection to its API, as lean as it can be.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from server.identity.clients import create_client
from server.settings import Settings
from server.store.application import bare_app
from server.store.database import db
from server.store.embedded import EmbeddedPostgres

Sql = Callable[..., list[tuple[Any, ...]]]
"""Runs a statement with its parameters and returns the rows."""

PROJECT = Path(__file__).resolve().parents[1]
CLIENT_ID = "tests"
START_SECONDS = 90.0
STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered: its status, and the JSON document where there is one."""

    status: int
    document: Any
    headers: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether the command was carried out."""
        return self.status < 300


class Caller:
    """One kept-alive connection with a token. Raises ``OSError`` where no whole answer came."""

    def __init__(self, port: int, *, timeout: float = 60.0) -> None:
        self.port = port
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None
        self.authorization: str | None = None

    def sign_in(self, client_id: str, secret: str) -> Caller:
        """Take a token by client credentials and send it from now on."""
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.send("POST", "/oauth/token", urlencode(form).encode(), kind)
        assert answer.ok, answer
        self.authorization = f"Bearer {answer.document['access_token']}"
        return self

    def call(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """One request with a JSON body; ``key`` goes along as its Idempotency-Key."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.send(method, path, None if body is None else json.dumps(body).encode(), headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        """A POST below ``/v2``."""
        return self.call("POST", f"/v2{path}", body, key=key)

    def find(self, path: str, **filters: Any) -> list[dict[str, Any]]:
        """The first page of a search that must succeed."""
        answer = self.post(f"{path}/search", {"filter": filters, "page": {"limit": 1000}})
        assert answer.ok, answer
        items: list[dict[str, Any]] = answer.document["items"]
        return items

    def deploy(self, files: Mapping[str, bytes]) -> Any:
        """Deploy files by name, together."""
        boundary = "----lendloom-tests"
        body = b"".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="resources"; filename="{name}"\r\n'
            f"Content-Type: application/octet-stream\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, content in files.items()
        )
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        answer = self.send("POST", "/v2/deployments", body + f"--{boundary}--\r\n".encode(), kind)
        assert answer.ok, answer
        return answer.document

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request as it stands."""
        sent = {"Accept": "application/json, application/problem+json", **(headers or {})}
        if self.authorization is not None:
            sent["Authorization"] = self.authorization
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self._timeout)
        try:
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(f"{method} {path}: {error!r}") from error
        if response.will_close:
            self.close()
        is_json = "json" in (response.getheader("Content-Type") or "")
        document = json.loads(content) if is_json and content else content.decode(errors="replace")
        return Answer(response.status, document, dict(response.getheaders()))

    def close(self) -> None:
        """Let the connection go; the next request makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(slots=True)
class Installation:
    """The processes of one installation, by name."""

    settings: Settings
    secret: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.settings.port}"

    def caller(self) -> Caller:
        """A new connection to the API, signed in."""
        return Caller(self.settings.port).sign_in(CLIENT_ID, self.secret)

    def sql(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """The rows of a statement, read beside the server."""
        with self.at_one_instant() as sql:
            return sql(statement, *parameters)

    @contextmanager
    def at_one_instant(self) -> Iterator[Sql]:
        """Reads the database as it is at one moment, while everything goes on."""
        with psycopg.connect((self.settings.database_url or "").replace("+psycopg", "")) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True

            def sql(statement: str, *parameters: object) -> list[tuple[Any, ...]]:
                return connection.execute(statement, parameters).fetchall()  # type: ignore[arg-type]

            yield sql

    def start(self, name: str, *arguments: str) -> None:
        """Start api, worker, clock or simulators; its log is ``<name>.log`` in the data folder."""
        with (self.settings.var / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "server.cli", name, *arguments],
                cwd=PROJECT,
                env=environment_of(self.settings),
                stdout=log,
                stderr=log,
            )

    def log(self, name: str) -> str:
        """What a process has logged so far."""
        return (self.settings.var / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def await_ready(self) -> None:
        """Wait until the API says that it is ready."""
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(self.settings.port):
            assert self.processes["api"].poll() is None, f"the API ended:\n{self.log('api')}"
            assert time.monotonic() < deadline, f"the API is not ready:\n{self.log('api')}"
            time.sleep(0.1)

    def resident_bytes(self, name: str) -> int:
        """The memory that a process and its children hold, without what they share with each other."""
        return sum(process.memory_full_info().uss for process in family(self.processes[name].pid))

    def stop(self) -> None:
        """Stop everything."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_ready(port: int) -> bool:
    """Whether an API on this port says that it is ready."""
    try:
        return Caller(port, timeout=2).call("GET", "/health/ready").status == 200
    except OSError:
        return False


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process that is to read exactly these settings."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("LENDLOOM_")}
    return {**others, **settings.to_environment()}


@contextmanager
def running_installation(
    database_url: str, var: Path, *, processes: Sequence[str] = ("api", "worker", "clock"), **settings: str
) -> Iterator[Installation]:
    """An installation on a migrated database; ``settings`` are further ``LENDLOOM_*`` variables."""
    secret = "a-secret-of-the-tests-and-of-nothing-else"
    configured = Settings.from_environment(
        {
            "LENDLOOM_VAR": str(var),
            "LENDLOOM_PORT": str(free_port()),
            "LENDLOOM_DATABASE_URL": database_url,
            "LENDLOOM_PROFILE": "test",
            "LENDLOOM_SECRET_KEY": "the signing secret of an installation under test",
            "LENDLOOM_LOG_LEVEL": "warning",
            **{f"LENDLOOM_{name.upper()}": value for name, value in settings.items()},
        }
    )
    with bare_app(configured).app_context():
        create_client(CLIENT_ID, name="Tests", secret=secret, roles=["administrator"])
        db.engine.dispose()
    installation = Installation(configured, secret)
    try:
        for name in processes:
            installation.start(name)
        installation.await_ready()
        yield installation
    finally:
        installation.stop()


@contextmanager
def fresh_database(server: EmbeddedPostgres, name: str) -> Iterator[str]:
    """The address of a migrated database of this name, a copy of the tests' template."""
    with psycopg.connect(server.database_url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")  # type: ignore[arg-type]
    yield server.database_url(name)
    with psycopg.connect(server.database_url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]
