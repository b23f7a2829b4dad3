"""Real worker and clock processes for the tests, on the tests' database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from server.settings import Settings

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def process(kind: str, settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A running ``worker`` or ``clock``; stopped at the end unless it was killed before."""
    code = f"import os; from server.settings import Settings; from server.jobs.{kind} import run; "
    code += "run(Settings.from_environment(os.environ))"
    environment = {
        **os.environ,
        **settings.to_environment(),
        "LENDLOOM_HANDLERS": "sample_handlers",
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent))),
    }
    child = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def eventually(happens: Callable[[], object], *, within: float = 20) -> None:
    """Wait until something is true; fail when it does not become so in time."""
    deadline = time.monotonic() + within
    while not happens():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)
