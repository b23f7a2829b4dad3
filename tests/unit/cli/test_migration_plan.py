"""``lendloom migrate plan``: what is shown, what is printed for a request, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.cli import main

from ..bpmn.diagrams import END, START, document, node, path


def drawn(*tasks: tuple[str, str], id_: str = "loan") -> bytes:
    ids = [name for name, _ in tasks]
    return document(START, *(node("userTask", i, name=n) for i, n in tasks), END, path("start", *ids, "end"), id_=id_)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    old, new = tmp_path / "old.bpmn", tmp_path / "new.bpmn"
    old.write_bytes(drawn(("t1", "Check income"), ("t2", "Sign")))
    new.write_bytes(drawn(("check", "Check the income"), ("t2", "Sign"), ("file", "File")))
    return str(old), str(new)


def run(*arguments: str) -> Result:
    return CliRunner(env={"LENDLOOM_LANGUAGE": "en"}).invoke(main, ["migrate", "plan", *arguments])


def test_a_plan_shows_suggestions_with_their_reasons_and_what_is_new(files: tuple[str, str]) -> None:
    shown = run(*files)
    assert "equal ids: 3" in shown.output
    assert "?> t1 -> check" in shown.output and "names" in shown.output
    assert "++ file" in shown.output
    assert shown.exit_code == 1


def test_accepted_suggestions_are_part_of_the_request(files: tuple[str, str]) -> None:
    printed = run(*files, "--accept", "0.5", "--json")
    assert printed.exit_code == 0
    mapping = json.loads(printed.stdout)["mappingInstructions"]
    assert {"sourceElementId": "t1", "targetElementId": "check"} in mapping
    assert len(mapping) == 4


def test_what_cannot_go_over_is_said_with_its_reason(tmp_path: Path, files: tuple[str, str]) -> None:
    other = tmp_path / "other.bpmn"

    other.write_bytes(document(START, node("manualTask", "t1"), END, path("start", "t1", "end"), id_="loan"))
    shown = run(files[0], str(other))
    assert "-- t1 [bpmn.migrate-type]" in shown.output
    assert "-- t2 [bpmn.migrate-gone]" in shown.output
    assert shown.exit_code == 1


def test_a_process_that_is_not_there_is_said(files: tuple[str, str]) -> None:
    refused = run(*files, "--process", "other")
    assert refused.exit_code == 1
    assert "loan" in refused.output
