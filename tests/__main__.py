"""``python -m tests``: every test, those in the browser beside the others.

Both wait much for processes, databases and pages, so together they take little longer than the longer of them. The
others print as they go; what the browser tests have to say follows at the end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
BROWSER = "tests/browser"


def main() -> int:
    """Run both, and tell how each ended; the first failure decides."""
    pytest = [sys.executable, "-m", "pytest"]
    with tempfile.TemporaryFile("w+") as told:
        # Both would write the cache of what failed last; that of the many tests is the useful one.
        in_browser = subprocess.Popen(
            [*pytest, BROWSER, "-p", "no:cacheprovider"], cwd=PROJECT, stdout=told, stderr=subprocess.STDOUT
        )
        try:
            others = subprocess.run([*pytest, "--ignore", BROWSER], cwd=PROJECT, check=False).returncode
            browser = in_browser.wait()
        except KeyboardInterrupt:
            in_browser.wait()
            return 130
        told.seek(0)
        sys.stdout.write(f"\n{BROWSER}\n{told.read()}")
    return others or browser


if __name__ == "__main__":
    sys.exit(main())
