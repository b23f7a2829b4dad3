"""The database is killed and comes back: workers, clocks and commands go on, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.jobs import handlers
from server.runtime import instances
from server.settings import Profile, Settings
from server.store import migration
from server.store.application import bare_app
from server.store.database import db
from server.store.embedded import EmbeddedPostgres

from ...unit.bpmn.diagrams import job, timer
from ..models import ACTOR, deploy, line, node, one, state, variables
from .processes import eventually, process


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, because it is going to be killed."""
    folder = Path(tempfile.mkdtemp(prefix="lendloom-killed-"))
    own = EmbeddedPostgres(folder / "postgres")
    migration.upgrade(own.start())
    yield own
    own.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_settings(server: EmbeddedPostgres, tmp_path: Path) -> Settings:
    """An installation on that server."""
    return Settings(database_url=server.url, profile=Profile.TEST, var=tmp_path)


@pytest.fixture
def own_app(own_settings: Settings) -> Iterator[None]:
    """Its application, which knows the type of the built-in job."""
    handlers.register("test-double", lambda _context: None)
    with bare_app(own_settings).app_context():
        yield
        db.engine.dispose()
    handlers.unregister("test-double")


def kill(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: not server.is_running())


@pytest.mark.usefixtures("own_app")
def test_everything_goes_on_after_the_database_was_killed(
    server: EmbeddedPostgres, own_settings: Settings, tmp_path: Path
) -> None:
    deploy(
        line(("wait", node("intermediateCatchEvent", "wait", timer("duration", "PT4S"))), id_="waiting"),
        line(("work", node("serviceTask", "work", ext=job("test-double"))), id_="working"),
    )
    notes = {"notes": str(tmp_path / "notes"), "amount": 4}
    with process("worker", own_settings), process("clock", own_settings):
        before = instances.start(process_id="working", variables=notes, actor=ACTOR).key
        waiting = instances.start(process_id="waiting", actor=ACTOR).key
        eventually(lambda: state(before) == "COMPLETED")
        kill(server)
        server.start()
        assert state(before) == "COMPLETED", "what was acknowledged is there"
        after = instances.start(process_id="working", variables=notes, actor=ACTOR).key
        eventually(lambda: state(waiting) == "COMPLETED", within=40)
        eventually(lambda: state(after) == "COMPLETED", within=40)
    assert variables(after)["twice"] == 8
    assert one("SELECT count(*) FROM job WHERE state <> 'COMPLETED'") == 0
