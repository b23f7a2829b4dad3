"""``python -m tests.browser``: keep a demo running while its pages are worked on; Ctrl-C ends it.

Prints its addresses. ``LENDLOOM_URL=… npm --prefix web run dev`` then serves the application as it is edited, and
``LENDLOOM_URL=… npx vitest run --config vitest.e2e.config.ts`` in ``web/`` runs the browser tests against it.
``--tasks 100000`` lets so many tasks wait for its reviewers.
"""

from __future__ import annotations

import shutil
import signal
import tempfile
from pathlib import Path

import click

from server.store import migration
from server.store.embedded import EmbeddedPostgres
from tests.browser.installation import addresses_of, demo_installation, fill_worklists


@click.command()
@click.option("--tasks", default=0, help="So many tasks wait for reviewers.")
def main(tasks: int) -> None:
    """Start, say where, wait."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-browser-"))
    postgres = EmbeddedPostgres(folder / "postgres", database="demo", options={"fsync": "off"})
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        url = postgres.start()
        migration.upgrade(url)
        with demo_installation(url, folder) as installation:
            if tasks:
                fill_worklists(installation, tasks)
            addresses = " ".join(f"{name}={address}" for name, address in addresses_of(installation).items())
            click.echo(f"{addresses} {folder}")
            signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


main()
