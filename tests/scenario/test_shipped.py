"""The shipped processes' own scenarios: all pass, fast, and reach every element and sequence flow."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli import main
from server.cli.scenario_files import play_file
from server.scenarios.step_shapes import KINDS, START
from tests.yardstick import slowness

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "processes").glob("*.scenario.yaml"))


@pytest.fixture(autouse=True)
def _in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")


def test_every_process_has_scenarios() -> None:
    assert [file.name.removesuffix(".scenario.yaml") for file in FILES] == sorted(
        file.stem for file in (ROOT / "processes").glob("*.bpmn")
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_all_scenarios_pass(file: Path) -> None:
    for played in play_file(file, lambda _file, _name: True):
        outcome = played.outcome
        assert outcome.problem is None, f"{outcome.scenario.name}: step {outcome.step}: {outcome.problem}"


def test_they_reach_every_element_flow_and_rule() -> None:
    done = CliRunner().invoke(main, ["test", "processes", "dmn", "--coverage", "--json", "--minimum", "100"])

    assert done.exit_code == 0, done.output
    totals = json.loads(done.stdout)["coverage"]["totals"]
    assert {kind: part["percent"] for kind, part in totals.items()} == {"elements": 100, "flows": 100, "rules": 100}
    assert totals["elements"]["total"] >= 170


def test_ninety_days_of_collection_take_under_a_second() -> None:
    (file,) = (file for file in FILES if file.name.startswith("collection"))
    play_file(file, lambda _file, name: "九十天" in name)  # reads and compiles the models

    started = time.process_time()
    (played,) = play_file(file, lambda _file, name: "九十天" in name)
    took = time.process_time() - started

    assert played.outcome.passed
    first, last = played.outcome.story.events[0].at, played.outcome.story.events[-1].at
    assert (last - first).days >= 55, "the last event is that of the watch list; the clock went on to day 90"
    assert took < 1 * slowness()


def test_the_designers_guide_shows_a_scenario_that_passes(tmp_path: Path) -> None:
    guide = (ROOT / "docs/designers-guide.zh-CN.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    for folder in ("processes", "dmn", "forms"):
        (tmp_path / folder).mkdir()
        for file in (ROOT / folder).iterdir():
            (tmp_path / folder / file.name).write_bytes(file.read_bytes())
    file = tmp_path / "processes/guide.scenario.yaml"
    file.write_text(example, encoding="utf-8")

    (played,) = play_file(file, lambda _file, _name: True)

    assert played.outcome.problem is None


def test_every_step_and_key_is_described() -> None:
    page = (ROOT / "docs/scenarios.md").read_text(encoding="utf-8")

    words = set(re.findall(r"[a-z][A-Za-z_-]+", page))
    shapes = {**KINDS, "start": START}
    assert {key for kind, shape in shapes.items() for key in (kind, *shape.keys)} - words == set()
