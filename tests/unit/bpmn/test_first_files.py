"""The first files that a process reads may come to several of its threads at once, as a worker's first jobs do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
PROGRAM = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from server.bpmn import read_processes

content = Path("processes/loan-approval.bpmn").read_bytes()
together = threading.Barrier(4)

def read(_number):
    together.wait()
    return [model.process_id for model in read_processes(content)]

with ThreadPoolExecutor(4) as pool:
    assert list(pool.map(read, range(4))) == [["loan-approval"]] * 4
"""


@pytest.mark.slow
def test_several_threads_may_read_the_first_files_at_once() -> None:
    for _ in range(4):
        done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=PROJECT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
