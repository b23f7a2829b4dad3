"""``lendloom test`` with scenarios: what it shows, writes, counts, demands and watches."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from server.cli import main, watching
from server.cli.dmn_files import files_below, present_files
from server.cli.test_command import RUNNERS, run_file
from server.cli.testing import Session

SHIPPED = Path(__file__).resolve().parents[3] / "processes"
Command = Callable[..., Result]

PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:t"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<bpmn:process id="review" name="Review &amp; sign" isExecutable="true"><bpmn:startEvent id="start"/>
<bpmn:exclusiveGateway id="large" default="f3"/><bpmn:userTask id="sign"><bpmn:extensionElements><zeebe:userTask/>
</bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="end"/><bpmn:endEvent id="small"/>
<bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="large"/>
<bpmn:sequenceFlow id="f2" sourceRef="large" targetRef="sign"><bpmn:conditionExpression
 xsi:type="bpmn:tFormalExpression">=amount > 10</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="f3" sourceRef="large" targetRef="small"/>
<bpmn:sequenceFlow id="f4" sourceRef="sign" targetRef="end"/></bpmn:process></bpmn:definitions>"""
SCENARIOS = """
process: review.bpmn
scenarios:
  - name: large
    variables: {amount: 11}
    steps: [{complete: sign}]
    expect: {state: completed, visited: [sign, end]}
"""
SMALL = """
  - name: small
    variables: {amount: 1}
    expect: {visited: [%s]}
"""


@pytest.fixture
def lendloom(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    file = tmp_path / "review.bpmn"
    file.write_text(PROCESS, encoding="utf-8")
    return file


@pytest.fixture
def scenarios(tmp_path: Path, model: Path) -> Path:
    """One scenario that leaves out the small case."""
    file = tmp_path / "review.scenario.yaml"
    file.write_text(SCENARIOS, encoding="utf-8")
    return file


def test_a_failure_names_file_line_step_and_the_story(lendloom: Command, scenarios: Path) -> None:
    scenarios.write_text(SCENARIOS + SMALL % "sign", encoding="utf-8")

    done = lendloom("test", scenarios)

    assert done.exit_code == 1
    assert f"{scenarios}:11 'small', step 1 final expect" in done.stderr
    assert "visited: sign was never visited" in done.stderr
    assert "visited 中的 sign 从未经过" in done.stderr
    assert re.search(r"    2026-01-05T09:00:00\+08:00 review: large\n", done.stderr)
    assert "2 cases, 1 failed" in done.stderr


def test_a_test_file_that_names_a_process_holds_scenarios(lendloom: Command, scenarios: Path) -> None:
    scenarios.rename(scenarios.with_name("other.test.yaml"))

    assert "1 case, 0 failed." in lendloom("test", scenarios.parent).stderr


def test_a_process_named_as_flowable_names_it_is_tested(lendloom: Command, scenarios: Path, model: Path) -> None:
    model.rename(model.with_name("review.bpmn20.xml"))
    scenarios.write_text(SCENARIOS.replace("review.bpmn", "review.bpmn20.xml"), encoding="utf-8")

    done = lendloom("test", scenarios.parent, "--coverage")

    assert done.exit_code == 0
    assert "review.bpmn20.xml review: elements 4/5 (80.0 %)" in done.stdout


def test_k_chooses_by_name(lendloom: Command, scenarios: Path) -> None:
    scenarios.write_text(SCENARIOS + SMALL % "sign", encoding="utf-8")

    assert lendloom("test", scenarios, "-k", "large").exit_code == 0
    assert lendloom("test", scenarios, "-k", "small").exit_code == 1


def test_an_event_of_compensation_is_reached_when_its_handler_is(lendloom: Command) -> None:
    examples = SHIPPED.parent / "docs" / "examples"
    done = lendloom("test", examples, "-k", "额度退回", "--coverage")
    assert "undo: elements 8/9" in done.stdout and "not reached: paid\n" in done.stdout


def test_nothing_that_has_the_text_is_no_success(lendloom: Command, scenarios: Path) -> None:
    done = lendloom("test", scenarios, "-k", "nowhere")
    assert done.exit_code == 1 and "'nowhere'" in done.stderr


def test_coverage_names_what_was_not_reached(lendloom: Command, scenarios: Path) -> None:
    done = lendloom("test", scenarios, "--coverage")

    assert "review.bpmn review: elements 4/5 (80.0 %), flows 3/4 (75.0 %)" in done.stdout
    assert "not reached: small" in done.stdout and "not reached: f3" in done.stdout


@pytest.mark.parametrize(
    ("minimum", "code"), [("80", 1), ("elements=80", 0), ("elements=80,flows=75", 0), ("elements=81", 1)]
)
def test_a_minimum_is_demanded_by_kind(lendloom: Command, scenarios: Path, minimum: str, code: int) -> None:
    assert lendloom("test", scenarios, "--minimum", minimum).exit_code == code


def test_a_minimum_that_is_none_is_refused(lendloom: Command, scenarios: Path) -> None:
    assert "--minimum is a number" in lendloom("test", scenarios, "--minimum", "lines=3").stderr


def test_a_process_that_no_scenario_touches_counts_in_its_folder(
    lendloom: Command, scenarios: Path, model: Path
) -> None:
    text = PROCESS.replace('id="review"', 'id="lonely"')
    model.with_name("lonely.bpmn").write_text(text, encoding="utf-8")

    done = lendloom("test", scenarios.parent, "--coverage", "--json")

    shown = {
        each["processId"]: each["elements"]["covered"] for each in json.loads(done.stdout)["coverage"]["processes"]
    }
    assert shown == {"review": 4, "lonely": 0}


def test_the_page_is_self_contained_and_its_diagram_coloured(lendloom: Command, tmp_path: Path) -> None:
    page, data = tmp_path / "coverage.html", tmp_path / "coverage.json"

    done = lendloom("test", SHIPPED, "-k", "支付成功", "--coverage-html", page, "--coverage-json", data)

    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|src=|@import|url\((?!#)|https?://(?!www\.w3\.org/2000/svg)", text)
    root = etree.fromstring(text.encode(), etree.HTMLParser(encoding="utf-8"))
    drawn = {
        group.get("data-element"): (group.get("class"), group.findtext("text[@class='count']"))
        for group in root.iter("g")
        if group.get("data-element")
    }
    assert drawn["payment-pay"] == ("covered", "1")
    assert drawn["payment-query"] == ("uncovered", "0")
    assert drawn["flow-payout-outcome-to-loan-book"][0] == "covered"
    uncovered = {e for p in json.loads(data.read_text())["processes"] for e in p["elements"]["uncovered"]}
    assert {name for name, (kind, count) in drawn.items() if kind == "uncovered" and count is not None} == uncovered


def test_a_file_without_diagram_interchange_says_so(lendloom: Command, scenarios: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    lendloom("test", scenarios, "--coverage-html", page)

    text = page.read_text(encoding="utf-8")
    assert "no diagram interchange" in text and "<svg" not in text
    assert "Review &amp; sign" in text


def test_junit_has_a_case_for_each_scenario(lendloom: Command, scenarios: Path, tmp_path: Path) -> None:
    scenarios.write_text(SCENARIOS + SMALL % "sign", encoding="utf-8")
    file = tmp_path / "junit.xml"

    lendloom("test", scenarios, "--junit", file)

    suite = etree.fromstring(file.read_bytes()).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    (failure,) = suite.iter("failure")
    assert failure.getparent().get("name") == "small"
    assert failure.get("message").endswith("visited: sign was never visited.")
    assert "review: large" in failure.text


def test_json_tells_the_step_and_the_story(lendloom: Command, scenarios: Path) -> None:
    scenarios.write_text(SCENARIOS + SMALL % "sign", encoding="utf-8")

    ((file),) = json.loads(lendloom("test", scenarios, "--json").stdout)

    (failure,) = file["failures"]
    assert (failure["scenario"], failure["step"], failure["line"]) == ("small", 1, 11)
    assert failure["story"][0].endswith("review: start")


def test_the_story_is_told_in_the_language_that_is_asked_for(
    lendloom: Command, scenarios: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    amiss = "\n  - name: amiss\n    variables: {amount: many}\n    expect: {state: completed}\n"
    scenarios.write_text(SCENARIOS + amiss, encoding="utf-8")

    english = lendloom("test", scenarios).stderr
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "zh")
    chinese = lendloom("test", scenarios).stderr

    (told,) = re.findall(r"review: large \[incident\] (.+)", english)
    assert not re.search("[一-鿿]", told)
    (told,) = re.findall(r"review: large \[异常\] (.+)", chinese)
    assert re.search("[一-鿿]", told)


def test_watching_runs_again_what_a_change_affects(
    monkeypatch: pytest.MonkeyPatch, scenarios: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    other = scenarios.with_name("other.scenario.yaml")
    other.write_text(SCENARIOS.replace("review.bpmn", "other.bpmn"), encoding="utf-8")
    model.with_name("other.bpmn").write_text(PROCESS.replace('id="review"', 'id="other"'), encoding="utf-8")
    ran: list[str] = []
    session = Session(quiet=True)

    def run(file: Path) -> Any:
        ran.append(file.name)
        return run_file(file, session)

    def touch(file: Path, text: str) -> None:
        before = file.stat().st_mtime_ns if file.exists() else 0
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(before + 1_000_000, before + 1_000_000))

    new = scenarios.with_name("new.scenario.yaml")
    changes = iter(
        [
            lambda: None,
            lambda: touch(model, PROCESS.replace("amount > 10", "amount > 20")),  # breaks the scenario
            lambda: touch(model, "not a process"),
            lambda: touch(model, PROCESS),
            lambda: touch(new, SCENARIOS),
            lambda: other.unlink(),
        ]
    )
    rounds: list[list[str]] = []

    def pause() -> bool:
        rounds.append(sorted(ran))
        ran.clear()
        change = next(changes, None)
        if change is not None:
            change()
        return change is not None

    folder = scenarios.parent
    watching.watch((folder,), run, lambda: files_below((folder,), RUNNERS), pause=pause)

    mine = ["review.scenario.yaml"]
    assert rounds == [["other.scenario.yaml", *mine], [], mine, mine, mine, ["new.scenario.yaml"], []]
    said = capsys.readouterr().err
    assert said.count("1 case, 1 failed.") == 2, "broken by its condition, then by its file"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("process: review.bpmn\nsteps:\n  - advnce: P1D", 3, "did you mean advance?"),
        ("process: review.bpmn\nstpes: []", 2, "did you mean steps?"),
        ("process: review.bpmn\nsteps:\n  - complete: {task: sign, variabels: {}}", 3, "did you mean variables?"),
        ("process: review.bpmn\nsteps:\n  - complete: {task: sign, index: two}", 3, "'index' must be a whole number"),
        ("process: review.bpmn\nsteps:\n  - complete: {task: sign, index: 0}", 3, "'index' must be a whole number"),
        ("process: review.bpmn\nsteps:\n  - complete: {task: [sign]}", 3, "'task' must be a text"),
        (
            "process: review.bpmn\nsteps:\n  - complete: {task: sign, variables: [1]}",
            3,
            "'variables' must be a mapping",
        ),
        ("process: review.bpmn\nsteps:\n  - set: {variables: 3}", 3, "'variables' must be a mapping"),
        ("process: review.bpmn\nsteps:\n  - signal: {name: s, received: x}", 3, "'received' must be a whole number"),
        ("process: review.bpmn\nsteps:\n  - message: {name: m, received: lots}", 3, "'received' must be"),
        ("process: review.bpmn\nsteps:\n  - fail-job: {job: x, retries: -1}", 3, "'retries' must be"),
        ("process: review.bpmn\nsteps:\n  - set: {variables: {}, local: perhaps}", 3, "'local' must be true or false"),
        ("process: review.bpmn\nsteps:\n  - advance:", 3, "it needs 'by'"),
        ("process: review.bpmn\njobs: {pay: {fail: {retries: q}}}", 2, "'retries' must be a whole number"),
        ("process: review.bpmn\ncalendar: {zone: Mars/X}", 2, "use an IANA name such as Asia/Shanghai."),
        ("process: review.bpmn\ncalendars: {bank: 5}", 2, "a calendar in 'calendars' has"),
        ("process: review.bpmn\nstart_events: rarely", 2, "'start_events' is true, or false"),
        ("process: review.bpmn\nname: [a]", 2, "'name' must be a text"),
        ("process: review.bpmn\nprocess: review.bpmn", 2, "the key 'process' is no text or is there twice"),
        ("process: review.bpmn\nsteps: [", 3, "is no readable YAML"),
        ("", 1, "There is no scenario here"),
        ("scenarios: []", 1, "There is no scenario here"),
        ("- 1", 1, "This needs 'process' or 'scenarios'"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_line(
    lendloom: Command, scenarios: Path, text: str, line: int, told: str
) -> None:
    odd = scenarios.with_name("odd.scenario.yaml")
    odd.write_text(text + "\n", encoding="utf-8")
    done = lendloom("test", scenarios.parent, "--json")
    assert done.exit_code == 1 and told in done.stderr
    data = {Path(entry["file"]).name: entry for entry in json.loads(done.stdout)}
    assert data[scenarios.name]["failures"] == [], "the other file is run all the same"
    (failure,) = data[odd.name]["failures"]
    assert failure["line"] == line and told in failure["en"]
    assert set(failure) == {"scenario", "step", "line", "action", "code", "zh", "en", "story"}


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("suspend: {process: review, index: 7}", "The process review has 1 instance"),
        ("start: {element: sign}", "no start event sign"),
        ("modify: {}", "'modify' needs one of"),
        ('complete: {task: sign, variables: "=5"}', "Variables must be a mapping, but are 5."),
        ("to: 2026-13-01", "2026-13-01"),
        ("advance: P9999999Y", "P9999999Y"),
    ],
)
def test_what_cannot_be_done_is_told_at_its_step(lendloom: Command, scenarios: Path, step: str, told: str) -> None:
    scenarios.write_text(
        f"process: review.bpmn\nvariables: {{amount: 11}}\nsteps:\n  - {step}\nexpect: {{state: active}}\n",
        encoding="utf-8",
    )
    done = lendloom("test", scenarios)
    assert done.exit_code == 1 and told in done.stderr, done.output
    assert f"{scenarios}:4" in done.stderr


def test_a_file_without_scenarios_or_a_name_of_its_own_is_a_case_that_fails(lendloom: Command, scenarios: Path) -> None:
    stray = scenarios.with_name("stray.yaml")
    stray.write_text(SCENARIOS, encoding="utf-8")
    junit = scenarios.with_name("deep") / "junit.xml"
    done = lendloom("test", stray, scenarios, "--junit", junit)
    assert done.exit_code == 1 and "is no test file" in done.stderr
    suites = etree.fromstring(junit.read_bytes())
    assert [suite.get("failures") for suite in suites] == ["1", "0"]


def test_a_model_that_cannot_be_read_is_left_out_of_the_coverage_and_told(lendloom: Command, scenarios: Path) -> None:
    scenarios.with_name("draft.bpmn").write_text("not a process", encoding="utf-8")
    assert lendloom("test", scenarios.parent).exit_code == 0, "no test needs it"
    done = lendloom("test", scenarios.parent, "--json", "--coverage")
    assert done.exit_code == 1 and "draft.bpmn" in done.stderr
    assert [each["processId"] for each in json.loads(done.stdout)["coverage"]["processes"]] == ["review"]


def test_watching_follows_files_that_editors_replace_delete_and_make_again(
    monkeypatch: pytest.MonkeyPatch, scenarios: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    session = Session(quiet=True)
    rounds: list[list[bool]] = []
    during: list[Callable[[], object]] = []

    def run(file: Path) -> Any:
        result = run_file(file, session)
        rounds[-1].append(not result.tally.failed)
        while during:
            during.pop()()
        return result

    def replaced(file: Path, text: str) -> None:
        """As many editors save: a new file takes the place of the old one, here of equal size and time."""
        stat = file.stat()
        new = file.with_name("~new")
        new.write_text(text, encoding="utf-8")
        os.utime(new, ns=(stat.st_mtime_ns, stat.st_mtime_ns))
        new.replace(file)

    changes: Any = iter(
        [
            lambda: replaced(model, PROCESS.replace("amount > 10", "amount > 20")),
            lambda: replaced(model, PROCESS),
            lambda: model.unlink(),
            lambda: model.write_text(PROCESS, encoding="utf-8"),
            lambda: scenarios.unlink(),
            lambda: scenarios.write_text(SCENARIOS, encoding="utf-8"),
            lambda: (
                during.append(lambda: replaced(model, PROCESS.replace("amount > 10", "amount > 30"))),
                replaced(scenarios, SCENARIOS),
            ),
            lambda: None,  # what changed while the tests ran is seen now
        ]
    )

    def pause() -> bool:
        change = next(changes, None)
        if change is None:
            return False
        rounds.append([])
        change()
        return True

    rounds.append([])
    watching.watch((scenarios,), run, lambda: present_files((scenarios,), RUNNERS), pause=pause)
    assert rounds == [[True], [False], [True], [False], [True], [], [True], [True], [False]]
