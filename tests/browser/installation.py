"""A demo as a browser meets it: API, worker, clock, simulators, the shipped models and the demo's people."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.identity.demo import ensure_demo_identities
from server.runtime.deployments import deploy_paths
from server.settings import Profile, Settings
from server.store.application import bare_app
from server.store.database import db
from tests.installation import PROJECT, START_SECONDS, Installation, free_port, running_installation
from tests.many_tasks import fill_with_waiting_tasks

CONTENT = ("processes", "dmn", "forms")
WEB = PROJECT / "web"


@contextmanager
def demo_installation(database_url: str, var: Path) -> Iterator[Installation]:
    """A running demo on a migrated database."""
    with bare_app(Settings(database_url=database_url, profile=Profile.TEST, var=var)).app_context():
        deploy_paths([PROJECT / name for name in CONTENT], actor="tests")
        ensure_demo_identities(Settings(database_url=database_url, profile=Profile.TEST, var=var))
        db.engine.dispose()
    port = str(free_port())
    # Browsers come and go faster than people; a stream that is left is noticed at its next heartbeat.
    services = {"simulators": "on", "simulators_port": port, "api_processes": "1", "api_streams": "400"}
    with running_installation(database_url, var, **services) as installation:
        installation.start("simulators", "--port", port)
        yield installation


def fill_worklists(installation: Installation, total: int) -> None:
    """Let ``total`` tasks wait for reviewers: a few cases that are started, and copies of them."""
    example = json.loads((PROJECT / "docs" / "examples" / "application.json").read_text(encoding="utf-8"))
    caller = installation.caller()
    # Small loans are one reviewer's or the other's, larger ones need both.
    amounts = [30_000] * 7 + [80_000] * 3
    for number, amount in enumerate(amounts):
        variables = {**example["variables"], "applicationId": f"ORIGINAL-{number}", "amount": amount}
        started = caller.post(
            "/process-instances", {**example, "businessId": f"ORIGINAL-{number}", "variables": variables}
        )
        assert started.ok, started
    deadline = time.monotonic() + START_SECONDS
    while len({task["processInstanceKey"] for task in caller.find("/user-tasks", state="CREATED")}) < len(amounts):
        assert time.monotonic() < deadline, "the cases do not get to their reviewers"
        time.sleep(0.2)
    fill_with_waiting_tasks(str(installation.settings.database_url), total)


def addresses_of(installation: Installation) -> dict[str, str]:
    """Where the tests find the server, and the simulators that they let fail."""
    return {
        "LENDLOOM_URL": installation.url,
        "LENDLOOM_SIMULATORS": f"http://127.0.0.1:{installation.settings.simulators_port}",
    }


def run_specification(installation: Installation, specification: Path) -> subprocess.CompletedProcess[str]:
    """Run one file of ``web/e2e`` against an installation; with LENDLOOM_SCREENS, pictures of the pages go there."""
    environment = {**os.environ, **addresses_of(installation)}
    command = ["npx", "vitest", "run", "--config", "vitest.e2e.config.ts", "--no-color", str(specification)]
    return subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, check=False)
