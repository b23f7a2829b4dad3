"""Built-in handlers in real worker processes: run, retried, reported, and rescued from a killed worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.jobs import handlers
from server.jobs.clock import adopt_jobs
from server.runtime import incidents, instances
from server.runtime.command import command
from server.settings import Settings

from ...unit.bpmn.diagrams import boundary, error, error_definition, flow, job
from ..models import ACTOR, deploy, node, one, open_task, path, rows, start_and_end, state, user_task, variables
from .processes import eventually, process

pytestmark = pytest.mark.usefixtures("app", "known_types")
TYPES = ("double", "slow", "flaky", "hopeless", "broken", "refusing")


@pytest.fixture(scope="module")
def known_types(app: object) -> Iterator[None]:
    """The process that steps instances knows which types are built in."""

    def elsewhere(_context: handlers.JobContext) -> None:
        raise AssertionError("only the workers' processes run handlers")

    for name in TYPES:
        handlers.register(f"test-{name}", elsewhere)
    yield
    for name in TYPES:
        handlers.unregister(f"test-{name}")


@pytest.fixture(scope="module", autouse=True)
def deployed(known_types: None) -> None:
    """A process with one job, of a type that a variable names, and a catcher of its business error."""
    deploy(
        start_and_end(
            node("serviceTask", "work", ext=job("=jobType", retries="2")),
            boundary("refused", "work", error()),
            user_task("repair"),
            path("start", "work", "end"),
            flow("refused", "repair"),
            flow("repair", "end"),
            id_="working",
            definitions=error_definition(),
        )
    )


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where the handlers note their calls."""
    path = tmp_path / "notes"
    path.touch()
    return path


def start(name: str, notes: Path) -> int:
    given = {"jobType": f"test-{name}", "amount": 21, "notes": str(notes)}
    return instances.start(process_id="working", variables=given, actor=ACTOR).key


def test_a_worker_runs_handlers_and_reports_what_came_of_them(settings: Settings, notes: Path) -> None:
    double, flaky, refused, hopeless, broken = (
        start(name, notes) for name in ("double", "flaky", "refusing", "hopeless", "broken")
    )
    with process("worker", settings):
        eventually(lambda: state(double) == state(flaky) == "COMPLETED")
        eventually(lambda: rows("SELECT 1 FROM incident WHERE instance_key = %(key)s", key=hopeless))
        eventually(lambda: rows("SELECT 1 FROM job WHERE instance_key = %(key)s AND retries = 1", key=broken))
        assert variables(double)["twice"] == 42
        assert variables(flaky)["tries"] == 2
        eventually(lambda: variables(refused).get("limit") == 5)
        assert open_task(refused, "repair")
        failed = rows("SELECT error_message, error_message_zh FROM job WHERE instance_key = %(key)s", key=broken)[0]
        assert "no such variable" in failed.error_message and "意外错误" not in failed.error_message
        assert "no such variable" in failed.error_message_zh and "意外错误" in failed.error_message_zh
        incident = rows("SELECT key, message_en FROM incident WHERE instance_key = %(key)s", key=hopeless)[0]
        assert "no such account" in incident.message_en
        runs = one("SELECT lease FROM job WHERE instance_key = %(key)s", key=hopeless)
        incidents.resolve(incident_key=incident.key, actor="operator")
        eventually(lambda: one("SELECT lease FROM job WHERE instance_key = %(key)s", key=hopeless) > runs)
    assert one("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 0


def test_a_cancelled_job_is_not_run(settings: Settings, notes: Path) -> None:
    cancelled = start("double", notes)
    instances.cancel(instance_key=cancelled, actor=ACTOR)
    with process("worker", settings):
        eventually(
            lambda: (
                not rows("SELECT 1 FROM procrastinate_jobs WHERE scheduled_at IS NULL AND status IN ('todo', 'doing')")
            )
        )
    assert notes.read_text() == ""


def test_a_killed_worker_s_job_is_run_again_and_counts_once(settings: Settings, notes: Path) -> None:
    key = start("slow", notes)
    with process("worker", settings) as first:
        eventually(lambda: "slow" in notes.read_text())
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert state(key) == "ACTIVE"
    with process("worker", settings):
        begun = time.monotonic()
        eventually(lambda: state(key) == "COMPLETED", within=40)
        assert time.monotonic() - begun < 35
    lines = notes.read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].split()[:2] == lines[1].split()[:2], "the same idempotency key both times"
    assert lines[0].split()[2] != lines[1].split()[2], "another process"
    assert one("SELECT state FROM job WHERE instance_key = %(key)s", key=key) == "COMPLETED"


def test_a_job_that_was_opened_before_its_type_had_a_handler_is_adopted(notes: Path) -> None:
    handlers.unregister("test-double")
    key = start("double", notes)
    queued = "SELECT count(*) FROM procrastinate_jobs WHERE args @> jsonb_build_object('job_key', %(key)s::bigint)"
    job_key = one("SELECT key FROM job WHERE instance_key = %(key)s", key=key)
    assert one(queued, key=job_key) == 0
    handlers.register("test-double", lambda _context: None)
    rows(
        "UPDATE job SET available_at = clock_timestamp() - interval '1 minute' WHERE key = %(key)s RETURNING key",
        key=job_key,
    )
    command(adopt_jobs)
    command(adopt_jobs)
    assert one(queued, key=job_key) == 1
