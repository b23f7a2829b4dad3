"""``lendloom up`` as a whole: it starts, serves, survives kills, stops cleanly, and goes on with the same data."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from server.store.embedded import EmbeddedPostgres

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """A running ``lendloom up`` with all it printed."""

    def __init__(self, var: Path, port: int, simulators_port: int) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LENDLOOM_")}
        environment |= {
            "LENDLOOM_VAR": str(var),
            "LENDLOOM_PORT": str(port),
            "LENDLOOM_PROFILE": "demo",
            "LENDLOOM_SIMULATORS_PORT": str(simulators_port),
            "LENDLOOM_API_PROCESSES": "1",
            "LENDLOOM_LANGUAGE": "en",
        }
        self.var = var
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "up"],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_until(self, what: Callable[[], object], seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert self.process.poll() is None, f"it ended early:\n{self.output}"
            assert time.monotonic() < deadline, f"it did not happen in time:\n{self.output}"
            time.sleep(0.1)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def started(self) -> Up:
        self.wait_until(lambda: "What to try next" in self.output)
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(timeout=STOP_SECONDS)
        self._reader.join(timeout=5)
        return code

    def children(self, word: str) -> list[psutil.Process]:
        """The children that run a command with this word: none while a restart is waited for."""
        return [child for child in psutil.Process(self.process.pid).children() if word in child.cmdline()]

    def kill(self, word: str) -> None:
        self.wait_until(lambda: self.children(word))
        self.children(word)[0].kill()


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder of our own: pytest's are closed to other users anew whenever another run of it begins."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-test-"))
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.fixture
def start(var: Path) -> Iterator[Callable[..., Up]]:
    running: list[Up] = []
    ports = free_port(), free_port()

    def begin(port: int = ports[0]) -> Up:
        running.append(Up(var, port, ports[1]))
        return running[-1]

    yield begin
    for up in running:
        if up.process.poll() is None:
            up.process.terminate()
            up.process.wait(timeout=STOP_SECONDS)
    EmbeddedPostgres(var / "postgres").stop()


def _variables(path: Path) -> dict[str, str]:
    return dict(line.strip().split("=", 1) for line in path.read_text().splitlines())


@pytest.mark.slow
def test_one_command_serves_a_demo_that_goes_on_after_a_clean_stop(start: Callable[..., Up]) -> None:
    up = start().started()

    assert up.is_ready()
    assert httpx.get(f"{up.url}/health/live", trust_env=False).status_code == 200
    assert up.url in up.output
    assert "zhang.wei" in up.output
    demo = up.var / "demo.env"
    assert stat.S_IMODE(demo.stat().st_mode) == 0o600
    given = _variables(demo)
    answer = httpx.post(
        given["CAMUNDA_OAUTH_URL"],
        data={
            "grant_type": "client_credentials",
            "client_id": given["CAMUNDA_CLIENT_ID"],
            "client_secret": given["CAMUNDA_CLIENT_SECRET"],
        },
        trust_env=False,
    )
    assert answer.status_code == 200
    assert answer.json()["access_token"]

    assert up.end(signal.SIGINT) == 0
    assert "Stopped." in up.output
    assert not EmbeddedPostgres(up.var / "postgres").is_running()
    assert "did not end cleanly" not in up.output

    again = start().started()
    assert "did not end cleanly" not in again.output
    assert _variables(demo) == given
    assert again.end() == 0


@pytest.mark.slow
def test_what_is_killed_comes_back(start: Callable[..., Up]) -> None:
    up = start().started()
    postgres = EmbeddedPostgres(up.var / "postgres")
    assert postgres.pid is not None

    os.kill(postgres.pid, signal.SIGKILL)
    up.wait_until(lambda: "PostgreSQL has died" in up.output)
    up.wait_until(up.is_ready)
    up.kill("api.app:create_app()")
    up.wait_until(lambda: "api ended (signal SIGKILL)" in up.output)
    up.wait_until(up.is_ready)
    for name in ("worker", "clock"):
        up.kill(name)
        up.wait_until(lambda name=name: f"{name} ended (signal SIGKILL)" in up.output)
        up.wait_until(lambda name=name: up.children(name))

    assert up.end() == 0


@pytest.mark.slow
def test_a_second_start_is_refused_and_a_killed_one_is_no_obstacle(start: Callable[..., Up]) -> None:
    up = start().started()

    second = start()
    assert second.ended() == 1
    assert f"kill {up.process.pid}" in second.output

    up.process.kill()
    up.process.wait()
    third = start().started()
    assert f"process {up.process.pid}) did not end cleanly" in third.output
    assert third.end() == 0


def test_a_port_in_use_is_explained_before_anything_starts(start: Callable[..., Up], var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = start(other.getsockname()[1])
        assert refused.ended() == 1

    assert "LENDLOOM_PORT=" in refused.output
    assert "已被占用" in refused.output
    assert not (var / "postgres").exists()
