"""The memory of the API stays flat, however many instances have passed through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import PROJECT, Answer, Caller, Installation

from .together import CLIENTS, Together

WARM_UP, INSTANCES = 4_000, 4_000
"""Python's allocator takes a megabyte at a time, and each process a few of them until its threads' caches are full:
what is counted must be many times that, and begin when most of it is done."""
ALLOWED_BYTES_PER_INSTANCE = 1_000
"""What an allocator may still settle; a leak of one small object graph per instance is several times that."""
MODELS = PROJECT / "benchmarks" / "processes"


def _through(name: str) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(Path(MODELS).glob(f"{name}.*"))}


@pytest.mark.slow
def test_memory_is_flat(installation: Installation, together: Together) -> None:
    installation.caller().deploy(_through("w1"))
    body = {
        "processDefinitionId": "bench-w1",
        "variables": {"score": 612, "amount": 80000, "monthlyIncome": 18000, "monthlyDebt": 2500, "termMonths": 24},
    }

    def run(instances: int) -> int:
        def some(caller: Caller) -> Answer:
            for _ in range(instances // CLIENTS):
                answer = caller.post("/process-instances", body)
                assert answer.ok, answer
            return answer

        together([some] * CLIENTS)
        return installation.resident_bytes("api")

    before = run(WARM_UP)
    after = run(INSTANCES)

    grown = after - before
    assert grown < INSTANCES * ALLOWED_BYTES_PER_INSTANCE, f"{grown >> 10} kB over {INSTANCES} instances"
