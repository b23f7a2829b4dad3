"""``python -m tests``: every test, in three runs beside each other.

Those in the browser, two at a time, and those of a running installation wait much for processes, databases and pages;
those of pure code never wait, and those of the API's contract hardly. Those of an installation print as they go; what
the others say follows at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
BROWSER = ("tests/browser",)
COMPUTING = ("tests/unit", "tests/scenario", "tests/contract")
TWO_AT_A_TIME = ("--numprocesses", "2", "--maxschedchunk", "1")


def main() -> int:
    """Run all, and tell how each ended; the first failure decides."""
    with tempfile.TemporaryFile("w+") as in_browser, tempfile.TemporaryFile("w+") as of_computing:
        told = {BROWSER: in_browser, COMPUTING: of_computing}
        # All would write the cache of what failed last; that of what prints is the useful one.
        beside = [
            started(*BROWSER, *TWO_AT_A_TIME, "-p", "no:cacheprovider", output=in_browser),
            started(*COMPUTING, "-p", "no:cacheprovider", output=of_computing),
        ]
        others = started(*(word for parts in told for part in parts for word in ("--ignore", part)))
        try:
            codes = [others.wait(), *(run.wait() for run in beside)]
        except KeyboardInterrupt:
            for run in (others, *beside):
                run.wait()
            return 130
        for parts, output in told.items():
            output.seek(0)
            sys.stdout.write(f"\n{' '.join(parts)}\n{output.read()}")
    return next((code for code in codes if code), 0)


def started(*arguments: str, output: IO[str] | None = None) -> subprocess.Popen[bytes]:
    """A run of pytest that has begun."""
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stdout=output, stderr=None if output is None else subprocess.STDOUT)


if __name__ == "__main__":
    sys.exit(main())
