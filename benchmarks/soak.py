"""``python -m benchmarks.soak [MINUTES]``: the crash test in its long form, then memory over many instances.

The supervisor is among the victims here. Ends with 1 where anything acknowledged was lost or done twice, anything
is stuck, a client saw an error that it must not see, or memory has grown.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import time
from pathlib import Path

from tests.crash.trial import trial

from . import workloads
from .installation import fresh_installation
from .measure import run

VAR = Path("var/soak")
PAUSE = (1.0, 8.0)
PARTS = 5
ALLOWED_BYTES_PER_INSTANCE = 500


def main() -> None:
    """Parse the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("minutes", type=float, nargs="?", default=10.0, help="how long processes are killed")
    parser.add_argument("--instances", type=int, default=20_000, help="how many pass while memory is watched")
    parser.add_argument("--seed", type=int, help="kill in the order of an earlier run")
    parser.add_argument("--port", type=int, default=18081)
    options = parser.parse_args()
    wrong = _crashes(options.minutes, options.seed if options.seed is not None else secrets.randbelow(2**31))
    if options.instances:
        wrong += _memory(options.instances, options.port)
    print("\n".join(wrong) if wrong else "Everything agrees.")
    sys.exit(bool(wrong))


def _crashes(minutes: float, seed: int) -> list[str]:
    print(f"Crash test for {minutes:g} minutes, seed {seed}; its folder is {VAR / 'crash'}.")
    shutil.rmtree(VAR / "crash", ignore_errors=True)
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"  {time.monotonic() - began:7.1f} s  {what}", flush=True)

    verdict = trial(
        (VAR / "crash").absolute(),
        seconds=minutes * 60,
        pause=PAUSE,
        seed=seed,
        with_supervisor=True,
        tell=tell,
    )
    print(f"{verdict.summary}; {len(verdict.killed)} kills")
    return [*verdict.differences, *verdict.faults]


def _memory(instances: int, port: int) -> list[str]:
    print(f"Memory over {instances:,} instances ...", flush=True)
    with fresh_installation((VAR / "memory").absolute(), port) as installation:
        run(installation, workloads.loan_approval, clients=4, operations=instances // PARTS)  # caches fill
        marks = [installation.memory_bytes()]
        for _ in range(PARTS - 1):
            run(installation, workloads.loan_approval, clients=4, operations=instances // PARTS)
            marks.append(installation.memory_bytes())
            print(f"  {marks[-1] >> 20} MB", flush=True)
    grown, counted = marks[-1] - marks[0], instances // PARTS * (PARTS - 1)
    if grown < counted * ALLOWED_BYTES_PER_INSTANCE:
        return []
    return [f"memory has grown by {grown >> 10} kB over {counted:,} instances: {[mark >> 20 for mark in marks]} MB"]


if __name__ == "__main__":
    main()
