"""The conformance runner, and the conformance of the engine on the shared part of the suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.tck import run_tck, tck

SHARED = Path(os.environ.get("LENDLOOM_SHARED") or Path(__file__).resolve().parents[4] / "shared")

MODEL = """<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="m" name="m" namespace="urn:m">
<decision id="a" name="A"><literalExpression><text>[1, 1/3, "x", date("2024-02-29"), {y: null}]</text>
</literalExpression></decision>
<decision id="b" name="B"><literalExpression><text>1 +</text></literalExpression></decision></definitions>"""

CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<modelName>m.dmn</modelName>
<testCase id="right"><resultNode name="A" type="decision"><expected><list>
 <item><value xsi:type="xsd:decimal">1</value></item>
 <item><value xsi:type="xsd:decimal">0.333333333</value></item>
 <item><value xsi:type="xsd:string">x</value></item>
 <item><value xsi:type="xsd:date">2024-02-29</value></item>
 <item><component name="y"><value xsi:nil="true"/></component></item>
</list></expected></resultNode></testCase>
<testCase id="wrong"><resultNode name="A" type="decision"><expected>
 <value xsi:type="xsd:decimal">1</value></expected></resultNode></testCase>
<testCase id="null"><resultNode name="B" type="decision" errorResult="true"><expected>
 <value xsi:nil="true"/></expected></resultNode></testCase>
<testCase id="unknown"><resultNode name="C" type="decision"><expected>
 <value xsi:nil="true"/></expected></resultNode></testCase>
</testCases>"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of one folder with right and wrong cases."""
    folder = tmp_path / "compliance-level-9" / "0001-mixed"
    folder.mkdir(parents=True)
    (folder / "m.dmn").write_text(MODEL, encoding="utf-8")
    (folder / "0001-mixed-test-01.xml").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_cases_are_compared_and_counted(suite: Path) -> None:
    report = run_tck(suite)
    assert {result.case: result.passed for result in report.results} == {
        "right": True,
        "wrong": False,
        "null": True,
        "unknown": False,
    }
    assert str(report.levels["compliance-level-9"]) == "2/4 passed; of those expecting a value 1/2"


def test_the_command_writes_the_official_csv_and_fails(suite: Path, tmp_path: Path) -> None:
    file = tmp_path / "results.csv"
    result = CliRunner().invoke(tck, [str(suite), "--csv", str(file)])
    assert result.exit_code == 1
    assert "compliance-level-9: 2/4" in result.output
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith('"compliance-level-9/0001-mixed","0001-mixed-test-01","right","SUCCESS"')


@pytest.mark.shared
@pytest.mark.parametrize("level", ["compliance-level-2", "compliance-level-3"])
def test_every_case_of_the_shared_suite_passes(level: str) -> None:
    directory = SHARED / "tck" / level
    if not directory.is_dir():
        pytest.skip(f"the conformance suite is not at {directory}; set LENDLOOM_SHARED")
    report = run_tck(directory)
    assert report.results
    assert [(r.folder, r.case, r.remark) for r in report.failures] == []
