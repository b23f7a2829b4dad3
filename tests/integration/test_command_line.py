"""The commands that change an installation, on a real database: migrate, users, deploy, db."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main
from server.settings import Settings
from server.store.embedded import EmbeddedPostgres

from ..unit.bpmn.diagrams import END, START, document, node, path

PROJECT = Path(__file__).resolve().parents[2]
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def installation() -> Iterator[Path]:
    """A data folder whose database has its tables."""
    base = Path(tempfile.mkdtemp(prefix="lendloom-test-"))
    var = base / "var"
    environment = {"LENDLOOM_VAR": str(var), "LENDLOOM_LANGUAGE": "en"}
    done = CliRunner(env=environment).invoke(main, ["migrate"])
    assert done.exit_code == 0, done.output
    yield var
    EmbeddedPostgres(var / "postgres").stop()
    shutil.rmtree(base)


@pytest.fixture
def lendloom(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on the installation, with an optional standard input."""
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENDLOOM_VAR", str(installation))
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return run


def test_migrating_again_changes_nothing(lendloom: Command) -> None:
    _, _, before = lendloom("db", "status").stdout.partition("revision")

    assert lendloom("migrate").exit_code == 0

    _, _, after = lendloom("db", "status").stdout.partition("revision")
    assert before == after
    assert "none" not in after


def test_a_database_without_tables_is_told_of_with_what_to_do(lendloom: Command) -> None:
    assert lendloom("migrate", "--down", "--to", "base").exit_code == 0
    try:
        refused = lendloom("replay", "--all")
    finally:
        lendloom("migrate")

    assert refused.exit_code == 1
    assert "run lendloom migrate" in refused.output
    assert "Traceback" not in refused.output


def test_down_without_a_revision_is_a_usage_error(lendloom: Command) -> None:
    assert lendloom("migrate", "--down").exit_code == 2


def test_a_user_comes_changes_the_password_and_goes(lendloom: Command) -> None:
    who = ("mei.chen", "--name", "陈梅", "--administrator")
    added = lendloom("users", "add", *who, "--password-stdin", stdin="geheim-1\n")
    assert added.exit_code == 0, added.output
    assert "geheim-1" not in added.output
    assert "mei.chen\t陈梅\t-\tactive" in lendloom("users", "list", "--group", "administrators").stdout

    assert lendloom("users", "passwd", "mei.chen", "--password-stdin", stdin="geheim-2\n").exit_code == 0
    assert lendloom("users", "deactivate", "mei.chen").exit_code == 0
    assert "mei.chen\t陈梅\t-\tdeactivated" in lendloom("users", "list").stdout
    assert lendloom("users", "activate", "mei.chen").exit_code == 0
    assert "mei.chen\t陈梅\t-\tactive" in lendloom("users", "list").stdout


def test_a_password_is_made_up_where_nobody_can_be_asked(lendloom: Command) -> None:
    added = lendloom("users", "add", "bo.li")

    assert added.exit_code == 0
    assert len(added.stdout.strip()) >= 12


def test_a_user_twice_and_a_group_that_is_not_there_are_explained(lendloom: Command) -> None:
    assert lendloom("users", "add", "twice").exit_code == 0
    again = lendloom("users", "add", "twice")
    assert again.exit_code == 1
    assert "“twice”" in again.output

    lost = lendloom("users", "add", "lost", "--group", "nowhere")
    assert lost.exit_code == 1
    assert "nowhere" in lost.output
    assert "lost" not in lendloom("users", "list").stdout


def test_a_calendar_comes_in_as_a_file_and_goes_out_as_one(lendloom: Command, tmp_path: Path) -> None:
    example = PROJECT / "docs" / "examples" / "calendar-cn.yaml"
    imported = lendloom("calendars", "import", str(example))
    assert imported.exit_code == 0, imported.output
    assert (
        lendloom("calendars", "list").stdout == "CN\t中国内地工作日\tAsia/Shanghai\tdefault\t2026-01-01..2026-12-31\n"
    )

    exported = tmp_path / "exported.yaml"
    exported.write_text(lendloom("calendars", "export", "CN").stdout)
    again = lendloom("calendars", "import", str(exported))
    assert again.exit_code == 0, again.output
    assert lendloom("calendars", "export", "CN").stdout == exported.read_text()

    exported.write_text(exported.read_text().replace("2026-02-28", "2027-02-28"))
    refused = lendloom("calendars", "import", str(exported))
    assert refused.exit_code == 1
    assert "2027-02-28" in refused.output
    exported.write_text("calendarId: CN\n")
    assert lendloom("calendars", "import", str(exported)).exit_code == 1


def test_the_same_files_twice_make_no_new_version(lendloom: Command, tmp_path: Path) -> None:
    form = tmp_path / "contact.form"
    form.write_text('{"id": "contact", "type": "default", "schemaVersion": 19, "components": []}')

    first = lendloom("deploy", str(tmp_path))
    second = lendloom("deploy", str(tmp_path))
    form.write_text(form.read_text().replace("[]", '[{"type": "text", "id": "t", "text": "hello"}]'))
    third = lendloom("deploy", str(tmp_path))

    assert [run.exit_code for run in (first, second, third)] == [0, 0, 0], third.output
    assert first.stdout.split() == ["new", "form", "contact", "v1", "contact.form"]
    assert second.stdout.split() == ["unchanged", "form", "contact", "v1", "contact.form"]
    assert third.stdout.split() == ["new", "form", "contact", "v2", "contact.form"]


def test_what_instances_would_miss_is_told_when_it_is_deployed(lendloom: Command, tmp_path: Path) -> None:
    call = node("callActivity", "call", ext='<zeebe:calledElement processId="not-there"/>')
    (tmp_path / "calls.bpmn").write_bytes(document(START, call, END, path("start", "call", "end"), id_="calls"))
    deployed = lendloom("deploy", str(tmp_path))
    assert deployed.exit_code == 0, deployed.output
    assert "calls.bpmn:1 call [deployment.missing-reference]" in deployed.stdout


def test_one_bad_file_keeps_all_of_them_out(lendloom: Command, tmp_path: Path) -> None:
    (tmp_path / "good.form").write_text('{"id": "kept-out", "type": "default", "components": []}')
    (tmp_path / "bad.form").write_text("{")

    refused = lendloom("deploy", str(tmp_path))

    assert refused.exit_code == 1
    assert "bad.form:1" in refused.output
    shutil.move(tmp_path / "bad.form", tmp_path / "bad.txt")
    assert "new" in lendloom("deploy", str(tmp_path)).stdout


def test_psql_reaches_the_database(installation: Path) -> None:
    """psql replaces the process, so this one runs as a program."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", "db", "psql", "-tAc", "SELECT current_database()"],
        cwd=PROJECT,
        env={"LENDLOOM_VAR": str(installation), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "lendloom\n"


def test_reset_wants_a_yes_and_then_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    base = Path(tempfile.mkdtemp(prefix="lendloom-test-"))
    monkeypatch.setenv("LENDLOOM_VAR", str(base / "var"))
    runner = CliRunner()
    assert runner.invoke(main, ["db", "start"]).exit_code == 0
    server = EmbeddedPostgres(base / "var" / "postgres")

    assert runner.invoke(main, ["db", "reset"], input="n\n").exit_code == 1
    assert server.is_running()
    assert runner.invoke(main, ["db", "reset", "--yes"]).exit_code == 0

    assert not server.is_running()
    assert not server.data_dir.exists()
    shutil.rmtree(base)
