"""A running installation for many clients at once: two API processes, so that races cross processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.store.embedded import EmbeddedPostgres
from tests.crash import processes
from tests.installation import Installation, fresh_database, running_installation

from .together import Together


@pytest.fixture(scope="session")
def installation(database_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    var = tmp_path_factory.mktemp("load")
    with (
        fresh_database(database_server, "load") as url,
        running_installation(url, var, processes=["api", "clock"], api_processes="2") as installation,
    ):
        installation.caller().deploy(processes.files())
        yield installation


@pytest.fixture(scope="session")
def together(installation: Installation) -> Iterator[Together]:
    """Clients that strike at the same moment."""
    with Together(installation) as together:
        yield together
