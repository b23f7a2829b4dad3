"""The web application in a browser: each file of ``web/e2e`` against an installation of its own.

``make test`` builds the application, installs Chromium first, and runs two files at a time. One file alone:
``make test ARGS='tests/browser -k design'``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from server.store.embedded import EmbeddedPostgres
from tests.browser.installation import WEB, demo_installation, fill_worklists, run_specification
from tests.installation import fresh_database

# The long ones first: where several run beside each other, none is left to the end alone.
SPECIFICATIONS = sorted((WEB / "e2e").glob("*.e2e.ts"), key=lambda path: (-path.stat().st_size, path.name))
WAITING_TASKS = {"long-list": 100_000}


@pytest.mark.slow
@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda path: path.name.removesuffix(".e2e.ts"))
def test_the_application_in_a_browser(
    specification: Path, database_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = specification.name.removesuffix(".e2e.ts")
    var = tmp_path_factory.mktemp(name)
    database = f"browser_{name.replace('-', '_')}"
    with fresh_database(database_server, database) as url, demo_installation(url, var) as installation:
        if name in WAITING_TASKS:
            fill_worklists(installation, WAITING_TASKS[name])
        ran = run_specification(installation, specification)
        assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}\n{installation.log('api')[-4000:]}"
