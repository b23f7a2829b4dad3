"""``python -m tests``: every test, in three runs beside each other.

Those in the browser and those of a running installation wait much for processes, databases and pages; those of pure
code never wait. The longest of them prints as it goes; what the others have to say follows at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[1]
BROWSER = ("tests/browser",)
PURE = ("tests/unit", "tests/scenario")


def main() -> int:
    """Run all, and tell how each ended; the first failure decides."""
    with tempfile.TemporaryFile("w+") as in_browser, tempfile.TemporaryFile("w+") as of_pure_code:
        told = {BROWSER: in_browser, PURE: of_pure_code}
        # All would write the cache of what failed last; that of what prints is the useful one.
        beside = {parts: started(*parts, "-p", "no:cacheprovider", output=told[parts]) for parts in told}
        others = started(*(word for parts in told for part in parts for word in ("--ignore", part)))
        try:
            codes = [others.wait(), *(run.wait() for run in beside.values())]
        except KeyboardInterrupt:
            for run in (others, *beside.values()):
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
