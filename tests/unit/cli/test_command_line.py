"""The command line as a newcomer meets it: help for everything, and errors that speak."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from server.cli import COMMANDS, main
from server.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings of the machine reach these tests, and nothing they do leaves the temporary folder."""
    for name in Settings().to_environment():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LENDLOOM_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")


def _commands() -> Iterator[tuple[str, ...]]:
    def below(path: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, ...]]:
        yield path
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                yield from below((*path, name), inner)

    return below((), main)


def test_help_lists_every_command_without_loading_any() -> None:
    code = (
        "import sys\nfrom server.cli import main\nmain(['--help'], standalone_mode=False)\n"
        "sys.exit([n for n in sys.modules if n.startswith(('server.', 'flask', 'sqlalchemy')) "
        "and n != 'server.cli'] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert f"  {name} " in done.stdout


@pytest.mark.parametrize("path", list(_commands()), ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])

    assert result.exit_code == 0
    assert "Usage:" in result.output
    body = result.output.partition("Usage:")[2].splitlines()[2]
    assert len(body.split()) >= 3


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"simulators", "tck"}))
def test_help_teaches_by_example(name: str) -> None:
    output = CliRunner().invoke(main, [name, "--help"]).output

    assert "Example" in output
    assert "lendloom" in output.partition("Example")[2]


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["fly"])

    assert result.exit_code == 2
    assert "fly" in result.output


def test_a_bad_setting_ends_in_a_sentence_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDLOOM_PORT", "eighty")

    result = CliRunner().invoke(main, ["db", "url"])

    assert result.exit_code == 1
    assert "LENDLOOM_PORT cannot be 'eighty'" in result.output
    assert "环境变量 LENDLOOM_PORT" in result.output
    assert "Traceback" not in result.output


def test_the_address_of_the_database_is_told_without_starting_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["db", "url", "--libpq"])

    assert result.output.startswith("postgresql://lendloom@/lendloom?host=")
    assert not (tmp_path / "var" / "postgres").exists()


def test_the_status_of_a_stopped_database_has_its_own_exit_code() -> None:
    result = CliRunner().invoke(main, ["db", "status"])

    assert result.exit_code == 3
    assert "stopped" in result.output


@pytest.mark.parametrize("command", ["start", "stop", "reset"])
def test_a_database_of_ones_own_is_left_alone(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENDLOOM_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x")

    result = CliRunner().invoke(main, ["db", command])

    assert result.exit_code == 1
    assert "LENDLOOM_DATABASE_URL" in result.output
    assert "hunter2" not in result.output


def test_a_database_that_cannot_be_reached_is_explained_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LENDLOOM_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x")

    result = CliRunner().invoke(main, ["db", "status"])

    assert result.exit_code == 1
    assert "无法连接数据库" in result.output
    assert "hunter2" not in result.output


def test_lint_refuses_a_file_that_is_no_model(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("hello")

    result = CliRunner().invoke(main, ["lint", str(file)])

    assert result.exit_code == 1
    assert str(file) in result.output
    assert ".bpmn" in result.output


def test_lint_names_file_line_and_fault(tmp_path: Path) -> None:
    good = tmp_path / "good.form"
    good.write_text('{"id": "f", "type": "default", "components": []}')
    (tmp_path / "bad.form").write_text('{"id": "f",\n "type" "default"}')
    (tmp_path / "bad.bpmn").write_text("<definitions>")
    (tmp_path / "bad.dmn").write_text("nothing")

    result = CliRunner().invoke(main, ["lint", str(tmp_path)])

    assert result.exit_code == 1
    for name in ("bad.form:2", "bad.bpmn", "bad.dmn"):
        assert name in result.output
    assert "would be refused" in result.output
    assert CliRunner().invoke(main, ["lint", str(good)]).exit_code == 0


@pytest.mark.parametrize(
    ("expression", "context", "value"),
    [
        ("0.1 + 0.2", "{}", "0.3"),
        ("amount * rate", '{"amount": 12000, "rate": 0.018}', "216.000"),
        ('"贷" + "款"', "{}", '"贷款"'),
        ("[1, 2][item > 1]", "{}", "[2]"),
    ],
)
def test_feel_prints_the_value_as_exact_json(expression: str, context: str, value: str) -> None:
    result = CliRunner().invoke(main, ["feel", expression, "--context", context])

    assert (result.exit_code, result.output.strip()) == (0, value)


def test_feel_tells_why_the_value_is_null() -> None:
    result = CliRunner().invoke(main, ["feel", '1 + "a"'])

    assert result.exit_code == 1
    assert result.stdout.strip() == "null"
    assert "1:" in result.stderr


def test_feel_refuses_what_is_not_feel_and_a_context_that_is_no_object() -> None:
    assert CliRunner().invoke(main, ["feel", "1 +"]).exit_code == 1
    result = CliRunner().invoke(main, ["feel", "1", "--context", "[1]"])
    assert result.exit_code == 1
    assert "--context" in result.output
