"""The analysis of a deployed decision, and the explanation of one that was taken, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

DMN = Path(__file__).resolve().parents[2] / "dmn"
FACTS = {
    "score": 385,
    "overdueCount": 0,
    "fraudLevel": "clear",
    "amount": 20000,
    "termMonths": 12,
    "monthlyDebt": 2000,
    "monthlyIncome": 15000,
}


@pytest.fixture(scope="module")
def rejection(administrator: httpx.Client) -> dict[str, Any]:
    """A decision that rejected, as its evaluation answered."""
    path = DMN / "machine-decision.dmn"
    deployed = administrator.post("/v2/deployments", files={"resources": (path.name, path.read_bytes())})
    assert deployed.status_code == 200, deployed.text
    body = {"decisionDefinitionId": "machine-decision", "variables": FACTS}
    answer = administrator.post("/v2/decision-definitions/evaluation", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_explanation_reads_in_the_language_asked_for(administrator: httpx.Client, rejection: dict[str, Any]) -> None:
    path = f"/v2/decision-instances/{rejection['decisionInstanceKey']}/explanation"
    chinese = administrator.get(path, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).json()
    english = administrator.get(path, params={"language": "en"}).json()

    assert chinese["sentences"][0] == "拒绝: 风险评分 385 低于 400 (规则 1)"
    assert chinese["reasonCodes"] == ["M01"]
    assert chinese["decisions"][0]["rules"][0]["conditions"][0]["value"] == 385
    assert english["sentences"][0] == "Rejected: 风险评分 385 is below 400 (rule 1)"
    assert administrator.get(path, params={"language": "fr"}).status_code == 400
    assert administrator.get("/v2/decision-instances/1-1/explanation").status_code == 404


def test_every_decision_of_an_evaluation_is_an_instance_under_the_key_it_was_answered_with(
    administrator: httpx.Client, rejection: dict[str, Any]
) -> None:
    query = {"filter": {"decisionEvaluationKey": rejection["decisionInstanceKey"]}}
    found = administrator.post("/v2/decision-instances/search", json=query).json()
    kept = {item["decisionEvaluationInstanceKey"]: item["decisionDefinitionId"] for item in found["items"]}
    answered = {
        part["decisionEvaluationInstanceKey"]: part["decisionDefinitionId"] for part in rejection["evaluatedDecisions"]
    }
    assert kept == answered
    assert len(kept) > 1
    assert list(kept.values())[-1] == "machine-decision"
    for key, decision_id in kept.items():
        one = administrator.get(f"/v2/decision-instances/{key}").json()
        assert one["decisionDefinitionId"] == decision_id
        assert one["evaluatedInputs"]
    assert administrator.get(f"/v2/decision-instances/{rejection['decisionInstanceKey']}-99").status_code == 404
    pages = []
    after: dict[str, Any] = {}
    for _ in kept:
        page = administrator.post("/v2/decision-instances/search", json={**query, "page": {"limit": 1, **after}}).json()
        pages += [item["decisionEvaluationInstanceKey"] for item in page["items"]]
        after = {"after": page["page"]["endCursor"]}
    assert pages == list(kept)


def test_the_tables_of_a_definition_are_analysed(administrator: httpx.Client, rejection: dict[str, Any]) -> None:
    path = f"/v2/decision-definitions/{rejection['decisionDefinitionKey']}/analysis"
    answer = administrator.post(path, json={"seconds": 5})

    assert answer.status_code == 200, answer.text
    tables = {table["decisionId"]: table for table in answer.json()["tables"]}
    assert tables.keys() == {"machine-decision", "credit-grade"}
    assert all(table["complete"] and table["findings"] == [] for table in tables.values())
    assert administrator.post(path).status_code == 200
    assert administrator.post(path, json={"seconds": 999}).status_code == 400
    assert administrator.post("/v2/decision-definitions/1/analysis").status_code == 404


def test_reviewers_may_not_analyse(person: Callable[[str], httpx.Client], rejection: dict[str, Any]) -> None:
    path = f"/v2/decision-definitions/{rejection['decisionDefinitionKey']}/analysis"

    assert person("zhang.wei").post(path).status_code == 403
