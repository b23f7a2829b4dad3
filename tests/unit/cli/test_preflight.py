"""Before a start: a data folder in use, a lock that was left behind, a port in use - each explained."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.cli.preflight import InstallationLock, StartRefusedError, check_port_is_free

HOLD = """
import sys
from pathlib import Path
from server.cli.preflight import InstallationLock
with InstallationLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
def holder(tmp_path: Path):
    """Another process that holds the lock of ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_start_on_the_same_data_is_refused_and_names_the_first(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(StartRefusedError) as refusal, InstallationLock(tmp_path):
        pytest.fail("two hold the same lock")

    message = refusal.value.message
    assert message.code == "start.already-running"
    for sentence in (message.zh, message.en):
        assert f"kill {holder.pid}" in sentence
        assert "LENDLOOM_VAR" in sentence


def test_a_killed_holder_leaves_a_stale_lock_that_is_taken_over(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    with InstallationLock(tmp_path) as lock:
        assert lock.stale_pid == holder.pid
        assert (tmp_path / "lendloom.lock").read_text().strip() == str(os.getpid())


def test_an_orderly_end_leaves_nothing_stale(tmp_path: Path) -> None:
    with InstallationLock(tmp_path):
        pass

    with InstallationLock(tmp_path) as lock:
        assert lock.stale_pid is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use_is_explained(host: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(StartRefusedError) as refusal:
            check_port_is_free(host, port, variable="LENDLOOM_PORT")

    message = refusal.value.message
    assert message.code == "start.port-in-use"
    for sentence in (message.zh, message.en):
        assert f"{host}:{port}" in sentence
        assert str(os.getpid()) in sentence
        assert "LENDLOOM_PORT=" in sentence


def test_a_free_port_passes_and_stays_free() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

    check_port_is_free("127.0.0.1", port, variable="LENDLOOM_PORT")
    check_port_is_free("127.0.0.1", port, variable="LENDLOOM_PORT")


def test_an_address_of_another_machine_is_explained() -> None:
    with pytest.raises(StartRefusedError) as refusal:
        check_port_is_free("192.0.2.1", 8080, variable="LENDLOOM_PORT")

    assert "LENDLOOM_HOST" in refusal.value.message.zh
