"""Stored decisions: replayed to the same trace, and explained from what is stored."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli import main
from server.runtime import decisions, deployments
from server.runtime.decision_analysis import analyse_definition
from server.runtime.decision_history import Chosen, Replay, count, explain_instance, replay
from server.runtime.errors import DeploymentRefused, NotFound
from server.settings import Settings

from ..models import ACTOR, rows

pytestmark = pytest.mark.usefixtures("app")

CONTENT = Path(__file__).resolve().parents[3] / "dmn"
FACTS: dict[str, Any] = {
    "score": 385,
    "overdueCount": 0,
    "fraudLevel": "clear",
    "amount": 20000,
    "termMonths": 12,
    "monthlyDebt": 2000,
    "monthlyIncome": 15000,
}
CLOCK = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="days" name="days"
  namespace="urn:days"><decision id="day" name="day"><variable name="day"/><literalExpression>
  <text>{now: now(), third: 1/3, range: [1..2], none: nothing.at.all}</text>
  </literalExpression></decision></definitions>"""


@pytest.fixture(scope="module")
def taken(app: object) -> dict[str, int]:
    """Decisions of several kinds: with a result, with nothing but a failure, with the time."""
    deployments.deploy([("m.dmn", (CONTENT / "machine-decision.dmn").read_bytes()), ("c.dmn", CLOCK)], actor=ACTOR)
    asked = {"rejected": ("machine-decision", FACTS), "failed": ("machine-decision", {"score": "much"})}
    asked["clock"] = ("day", {})
    return {
        name: decisions.evaluate(decision_id=decision, variables=facts, actor=ACTOR).key
        for name, (decision, facts) in asked.items()
    }


def replayed(**chosen: Any) -> list[Replay]:
    return list(replay(Chosen(**chosen)))


def test_the_same_model_and_inputs_give_the_same_trace(taken: dict[str, int]) -> None:
    found = replayed()

    assert [each.key for each in found] == sorted(taken.values())
    assert [each.differences for each in found] == [(), (), ()]
    assert all(each.same for each in found)
    assert count(Chosen()) == 3


def test_one_decision_or_those_since_an_instant_are_chosen(taken: dict[str, int]) -> None:
    assert [each.key for each in replayed(key=taken["clock"])] == [taken["clock"]]
    assert replayed(key=1) == []
    assert len(replayed(since=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))) == 3
    assert replayed(since=dt.datetime(2999, 1, 1, tzinfo=dt.UTC)) == []


def test_a_trace_that_was_altered_is_found(taken: dict[str, int]) -> None:
    rows(
        "UPDATE decision_instance SET trace = jsonb_set(trace, '{output,outcome}', '\"approve\"')"
        " WHERE key = %(key)s RETURNING key",
        key=taken["rejected"],
    )
    (found,) = [each for each in replayed() if not each.same]

    assert found.key == taken["rejected"]
    assert [(each.path, each.expected, each.actual) for each in found.differences] == [
        ("output.outcome", "approve", "reject")
    ]
    rows(
        "UPDATE decision_instance SET trace = jsonb_set(trace, '{output,outcome}', '\"reject\"')"
        " WHERE key = %(key)s RETURNING key",
        key=taken["rejected"],
    )


def test_a_stored_decision_is_explained(taken: dict[str, int]) -> None:
    found = explain_instance(taken["rejected"], "zh")

    assert found.sentences[0] == "拒绝: 风险评分 385 低于 400 (规则 1)"
    assert found.reason_codes == ("M01",)
    assert any(sentence.startswith("注意: “score”") for sentence in explain_instance(taken["failed"], "zh").sentences)
    with pytest.raises(NotFound):
        explain_instance(1, "zh")


def test_each_decision_of_an_evaluation_is_explained_by_its_number(taken: dict[str, int]) -> None:
    numbered = [explain_instance(taken["rejected"], "zh", number=number) for number in (1, 2, 3)]

    assert {found.decisions[0].decision_id for found in numbered} == {"credit-grade", "debt-ratio", "machine-decision"}
    assert numbered[-1] == explain_instance(taken["rejected"], "zh")
    for number in (0, 4):
        with pytest.raises(NotFound):
            explain_instance(taken["rejected"], "zh", number=number)


def test_a_table_whose_rules_overlap_is_not_deployed() -> None:
    text = (CONTENT / "machine-decision.dmn").read_text(encoding="utf-8").replace("&lt; 400", "&lt;= 400")
    with pytest.raises(DeploymentRefused) as refused:
        deployments.deploy([("m.dmn", text.encode())], actor=ACTOR)

    assert {finding.message.code for finding in refused.value.findings} == {"dmn.analysis.overlap"}
    assert all(finding.line for finding in refused.value.findings)


def test_a_gap_is_a_warning_of_the_deployment() -> None:
    text = (CONTENT / "loan-pricing.dmn").read_text(encoding="utf-8").replace('>"D","U"<', '>"D"<')
    deployed = deployments.deploy([("p.dmn", text.encode())], actor=ACTOR)

    assert {finding.message.code for finding in deployed.findings} == {"dmn.analysis.gap"}
    _, (table,) = analyse_definition(deployed.of("decision")[0].key, seconds=5)
    assert [finding.message.code for finding in table.findings] == ["dmn.analysis.gap"]
    with pytest.raises(NotFound):
        analyse_definition(1, seconds=5)


def test_the_command_ends_with_one_where_a_decision_comes_out_differently(
    taken: dict[str, int], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LENDLOOM_DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("LENDLOOM_VAR", str(settings.var))
    monkeypatch.setenv("LENDLOOM_LANGUAGE", "en")
    output = "UPDATE decision_instance SET trace = jsonb_set(trace, '{decisionName}', %(name)s) WHERE key = %(key)s"

    same = CliRunner().invoke(main, ["replay", "--all"])
    rows(f"{output} RETURNING key", name='"other"', key=taken["clock"])
    other = CliRunner().invoke(main, ["replay", "--instance", str(taken["clock"])])
    explained = CliRunner().invoke(main, ["explain", "--instance", str(taken["rejected"]), "--language", "zh"])
    rows(f"{output} RETURNING key", name='"day"', key=taken["clock"])

    assert same.exit_code == 0, same.output
    assert "0 came out differently" in same.stderr
    assert other.exit_code == 1
    assert "decisionName: 'other' != 'day'" in other.stdout
    assert explained.stdout.startswith("拒绝: ")
    assert CliRunner().invoke(main, ["replay"]).exit_code == 2
