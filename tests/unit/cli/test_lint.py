"""``lendloom lint``: findings with file, line, element and what to do; thresholds, rules and exit codes."""

from __future__ import annotations

import itertools
import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from server.bpmn.style_rules import rule_of
from server.cli import main
from server.runtime.lint import KNOWN_RULES
from tests.yardstick import slowness

PROJECT = Path(__file__).resolve().parents[3]
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">\n'
    '<bpmn:process id="p" isExecutable="true">\n'
)
FORKED = (
    HEAD + '<bpmn:startEvent id="s"/>\n<bpmn:task id="a"/>\n<bpmn:task id="b"/>\n<bpmn:endEvent id="e"/>\n'
    '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="s" targetRef="b"/>'
    '<bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="a"/><bpmn:sequenceFlow id="f4" sourceRef="a" targetRef="e"/>'
    "</bpmn:process></bpmn:definitions>"
)


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)


def lint(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["lint", *map(str, arguments)])


@pytest.fixture
def forked(tmp_path: Path) -> Path:
    file = tmp_path / "forked.bpmn"
    file.write_text(FORKED)
    return file


def test_a_warning_is_told_and_does_not_fail(forked: Path) -> None:
    result = lint(forked)
    assert result.exit_code == 0
    assert f"warning {forked}:4 a [bpmn.lack-of-synchronisation]" in result.output
    assert "can be deployed" in result.output
    assert "Not listed:" in result.output and "info" in result.output
    assert lint(forked, "--fail-on", "warning").exit_code == 1


def test_files_named_as_flowable_and_activiti_name_them_are_checked(forked: Path, tmp_path: Path) -> None:
    other = forked.rename(tmp_path / "forked.bpmn20.xml")
    for given in (other, tmp_path):
        result = lint(given)
        assert result.exit_code == 0
        assert f"warning {other}:4 a [bpmn.lack-of-synchronisation]" in result.output


def test_the_content_of_a_file_decides_whether_it_is_bpmn(tmp_path: Path) -> None:
    (tmp_path / "pom.bpmn20.xml").write_text("<project/>")
    result = lint(tmp_path)
    assert result.exit_code == 1
    assert "[bpmn.root]" in result.output


def test_infos_are_told_where_they_are_asked_for(forked: Path) -> None:
    assert "lint.label-required" not in lint(forked).output
    assert "lint.label-required" in lint(forked, "--severity", "info").output
    assert lint(forked, "--severity", "error").stdout == ""


def test_json_has_everything_that_a_tool_needs(forked: Path) -> None:
    (finding,) = json.loads(lint(forked, "--json").stdout)
    assert (finding["file"], finding["line"], finding["element"]) == (str(forked), 4, "a")
    assert (finding["severity"], finding["code"]) == ("warning", "bpmn.lack-of-synchronisation")
    assert finding["rule"] == "lack-of-synchronisation"
    assert finding["message"] == finding["en"] != finding["zh"]


def test_rules_can_be_switched_off_or_given_another_weight(forked: Path, tmp_path: Path) -> None:
    (tmp_path / ".lendloomlint.yaml").write_text("rules:\n  lack-of-synchronisation: off\n  label-required: warning\n")
    told = {finding["code"] for finding in json.loads(lint(forked, "--json").stdout)}
    assert told == {"lint.label-required"}
    other = tmp_path / "other.yaml"
    other.write_text("rules: {label-required: off}")
    told = {finding["code"] for finding in json.loads(lint(forked, "--json", "--rules", other).stdout)}
    assert told == {"bpmn.lack-of-synchronisation"}


def test_what_refuses_a_deployment_cannot_be_switched_off(tmp_path: Path) -> None:
    file = tmp_path / "empty.bpmn"
    file.write_text(HEAD + '<bpmn:endEvent id="e"/></bpmn:process></bpmn:definitions>')
    (tmp_path / ".lendloomlint.yaml").write_text("rules: {start-event-required: off}")
    result = lint(file)
    assert result.exit_code == 1 and "bpmn.no-start" in result.output


def test_a_rules_file_that_makes_no_sense_is_refused(forked: Path, tmp_path: Path) -> None:
    (tmp_path / ".lendloomlint.yaml").write_text("rules: {label-required: loud}")
    result = lint(forked)
    assert result.exit_code == 1 and "loud" in result.output


def test_a_misspelt_rule_is_told_with_the_one_that_was_meant(forked: Path, tmp_path: Path) -> None:
    (tmp_path / ".lendloomlint.yaml").write_text("rules: {lable-required: off}")
    result = lint(forked)
    assert result.exit_code == 1
    assert "no rule 'lable-required'" in result.output and "did you mean 'label-required'?" in result.output


def test_every_rule_that_only_warns_can_be_chosen() -> None:
    rows = re.findall(
        r"^\| (`.*?) \| ((?:error|warning|info)[^|]*) \|", (PROJECT / "docs/lint.md").read_text("utf-8"), re.M
    )
    codes = {code for told, severity in rows if severity != "error" for code in re.findall(r"`([^`]+)`", told)}
    analysis = (PROJECT / "server/dmn/analysis_messages.py").read_text("utf-8")
    codes |= {code for code in re.findall(r'"(dmn\.[a-z.-]+)"', analysis) if ".remainder." not in code}
    always_refused = {"bpmn.no-process"}  # in the row of a warning
    assert len(codes) > 40
    assert {rule_of(code) for code in codes - always_refused} <= KNOWN_RULES


def test_one_file_is_no_plural(forked: Path) -> None:
    assert "The file can be deployed." in lint(forked).output
    assert re.search(r"All \d+ files can be deployed\.", lint(PROJECT / "forms").output)


def test_files_are_checked_together() -> None:
    alone = json.loads(lint(PROJECT / "processes/loan-approval.bpmn", "--json", "--severity", "info").stdout)
    assert any(finding["code"] == "bpmn.reference-elsewhere" for finding in alone)


def test_the_shipped_content_is_clean() -> None:
    shipped = [PROJECT / folder for folder in ("processes", "dmn", "forms")]
    result = lint(*shipped, "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_a_file_of_two_hundred_tasks_takes_less_than_a_second(tmp_path: Path) -> None:
    tasks = "".join(f'<bpmn:userTask id="t{n}"/>\n' for n in range(200))
    ids = ["s", *(f"t{n}" for n in range(200)), "e"]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>\n'
        for n, (a, b) in enumerate(itertools.pairwise(ids))
    )
    file = tmp_path / "long.bpmn"
    ends = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>'
    file.write_text(f"{HEAD}{ends}{tasks}{flows}</bpmn:process></bpmn:definitions>")
    lint(file)  # the schema is compiled once
    began = time.process_time()
    assert lint(file).exit_code == 0
    assert time.process_time() - began < 1 * slowness()
