"""``python -m tests``: every test, in three runs beside each other.

Those in the browser, two at a time, and those of a running installation wait much for processes, databases and pages.
Those of pure code never wait, and the requests made up from the OpenAPI document hardly: they would keep a processor
busy, and take what the others leave.
Those of an installation print as they go; what the others say follows at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
BROWSER = ("tests/browser",)
BUSY = ("tests/unit", "tests/scenario", "tests/contract")
NICE = 5
TWO_AT_A_TIME = ("--numprocesses", "2", "--maxschedchunk", "1")


def main() -> int:
    """Run all, and tell how each ended; the first failure decides."""
    with tempfile.TemporaryFile("w+") as in_browser, tempfile.TemporaryFile("w+") as of_busy:
        told = {BROWSER: in_browser, BUSY: of_busy}
        # All would write the cache of what failed last; that of what prints is the useful one.
        beside = [
            started(*BROWSER, *TWO_AT_A_TIME, "-p", "no:cacheprovider", output=in_browser),
            started(*BUSY, "-p", "no:cacheprovider", output=of_busy, nice=NICE),
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


def started(*arguments: str, output: IO[str] | None = None, nice: int = 0) -> subprocess.Popen[bytes]:
    """A run of pytest that has begun."""
    command = ["nice", "-n", str(nice), sys.executable, "-m", "pytest", *arguments]
    return subprocess.Popen(command, cwd=PROJECT, stdout=output, stderr=None if output is None else subprocess.STDOUT)


if __name__ == "__main__":
    sys.exit(main())
