"""``python -m tests.browser``: keep a demo running while its pages are worked on; Ctrl-C ends it.

Prints its addresses. ``LENDLOOM_URL=… npm --prefix web run dev`` then serves the application as it is edited, and
``LENDLOOM_URL=… npx vitest run --config vitest.e2e.config.ts`` in ``web/`` runs the browser tests against it.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path

import click

from server.store import migration
from server.store.embedded import EmbeddedPostgres
from tests.browser.installation import addresses_of, demo_installation


def main() -> None:
    """Start, say where, wait."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-browser-"))
    postgres = EmbeddedPostgres(folder / "postgres", database="demo", options={"fsync": "off"})
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        url = postgres.start()
        migration.upgrade(url)
        with demo_installation(url, folder) as installation:
            addresses = " ".join(f"{name}={address}" for name, address in addresses_of(installation).items())
            click.echo(f"{addresses} {folder}")
            signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
