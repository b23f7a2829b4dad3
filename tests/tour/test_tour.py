"""The READMEs keep their word: the tour runs line by line, and both languages tell the same."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.forms import read_form
from server.store.embedded import EmbeddedPostgres
from tests.installation import free_port
from tests.integration.test_up import Up

from .console import Bash, Step, is_as_told, steps_of

PROJECT = Path(__file__).resolve().parents[2]
ENGLISH = PROJECT / "README.md"
CHINESE = PROJECT / "README.zh-CN.md"
WIDEST_COMMAND = 110
_LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.fixture
def simulators_port() -> int:
    return free_port()


@pytest.fixture
def installation(tmp_path: Path, simulators_port: int) -> Iterator[Up]:
    """What ``make run`` starts, on ports of its own."""
    up = Up(tmp_path / "var", free_port(), simulators_port)
    try:
        yield up.started()
    finally:
        if up.process.poll() is None:
            up.end()
        EmbeddedPostgres(up.var / "postgres").stop()


@pytest.fixture
def checkout(tmp_path: Path, installation: Up) -> Path:
    """The folder in which a reader of the README stands, with the test's own var/."""
    folder = tmp_path / "lendloom"
    folder.mkdir()
    for name in ("docs", "processes", "dmn", "forms"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "var").symlink_to(installation.var)
    return folder


def environment() -> dict[str, str]:
    """A newcomer's environment: nothing is set that steers Lendloom or the official clients."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LENDLOOM_", "CAMUNDA_"))}
    return {**kept, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


@pytest.mark.slow
def test_the_tour_runs_line_by_line(installation: Up, checkout: Path, simulators_port: int) -> None:
    def here(text: str) -> str:
        at_home = text.replace("http://127.0.0.1:8080", installation.url)
        return at_home.replace("http://127.0.0.1:8090", f"http://127.0.0.1:{simulators_port}")

    with Bash(checkout, environment()) as bash:
        for step in steps_of(ENGLISH):
            printed = bash.run(here(step.command))
            assert is_as_told(printed, here(step.printed)), (
                f"README.md:{step.line}\n$ {step.command}\n-- told --\n{step.printed}-- printed --\n{printed}"
                f"-- the server's last lines --\n{''.join(installation.lines[-20:])}"
            )


def test_both_languages_have_the_same_tour() -> None:
    def told(step: Step) -> tuple[str, str]:
        return step.command, step.printed

    assert [told(step) for step in steps_of(CHINESE)] == [told(step) for step in steps_of(ENGLISH)]


def test_commands_are_short_enough_to_read() -> None:
    lines = [line for step in steps_of(ENGLISH) for line in step.command.splitlines()]

    assert [line for line in lines if len(line) > WIDEST_COMMAND] == []


@pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=lambda path: path.name)
def test_what_a_readme_links_to_is_there(readme: Path) -> None:
    links = _LINK.findall(readme.read_text(encoding="utf-8"))

    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []


def test_the_application_is_one_that_its_form_takes() -> None:
    application = json.loads((PROJECT / "docs/examples/application.json").read_text(encoding="utf-8"))["variables"]
    form = read_form((PROJECT / "forms/loan-application.form").read_bytes(), resource="loan-application.form")

    submission = form.validate(application, clock=dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC))

    assert submission.errors == ()
    assert submission.values.keys() >= application.keys(), "the form knows every field"
    assert len(application) >= 25
