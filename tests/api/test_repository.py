"""The designers' repository: uses, versions put back in force, comparisons, trials and scenarios of drafts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.cases import deploy, start
from tests.unit.bpmn.diagrams import END, document, node, path

Person = Callable[[str], httpx.Client]

SCENARIO = """
process: small-loan
variables: {applicationId: A-1, amount: 60000}
jobs:
  check-credit: {complete: {}}
steps:
  - expect: {variables: {rating: RATING}}
  - complete: {task: review, by: zhang, variables: {approved: true, opinion: ok}}
  - message: {name: customer-confirmed, key: A-1}
expect: {state: completed, visited: [granted]}
"""


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def item(http: httpx.Client, kind: str, definition_id: str) -> dict[str, Any]:
    answered = http.get("/v2/repository")
    assert answered.status_code == 200, answered.text
    (found,) = [one for one in answered.json()["items"] if (one["kind"], one["id"]) == (kind, definition_id)]
    return dict(found)


def versions(http: httpx.Client, kind: str, definition_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get(f"/v2/repository/{kind}/{definition_id}/versions").json()["items"]
    return found


def publish(http: httpx.Client, name: str, content: str, note: str) -> httpx.Response:
    return http.post("/v2/deployments", files=[("resources", (name, content.encode()))], data={"note": note})


def test_the_repository_says_what_uses_what(person: Person) -> None:
    xu = person("xu.li")
    graph = item(xu, "decisionRequirements", "risk-graph")
    assert [decision["decisionDefinitionId"] for decision in graph["decisions"]] == ["risk-rating"]
    assert ("small-loan", "rating") in {(use["processDefinitionId"], use["elementId"]) for use in graph["usedBy"]}
    process = item(xu, "process", "small-loan")
    uses = {(use["kind"], use["id"], use["isDeployed"]) for use in process["uses"]}
    assert uses == {("decision", "risk-rating", True), ("form", "review-form", True)}
    assert process["latest"]["deployedBy"] == "lendloom-demo"
    assert person("zhang.wei").get("/v2/repository").status_code == 403


def test_the_form_that_starts_a_process_is_the_one_that_it_is_bound_to(administrator: httpx.Client) -> None:
    def form(label: str) -> tuple[str, tuple[str, str]]:
        field = f'{{"type": "textfield", "id": "f", "key": "k", "label": "{label}"}}'
        text = f'{{"type": "default", "id": "begin-form", "schemaVersion": 19, "components": [{field}]}}'
        return "resources", ("begin.form", text)

    def process(binding: str) -> tuple[str, tuple[str, bytes]]:
        ext = f'<zeebe:formDefinition formId="begin-form" bindingType="{binding}"/>'
        file = document(node("startEvent", "start", ext=ext), END, path("start", "end"), id_=f"begin-{binding}")
        return "resources", (f"{binding}.bpmn", file)

    files: list[Any] = [form("old"), process("deployment"), process("latest")]
    deployed = administrator.post("/v2/deployments", files=files).json()["deployments"]
    administrator.post("/v2/deployments", files=[form("new")])
    keys = [one["processDefinition"]["processDefinitionKey"] for one in deployed if one.get("processDefinition")]
    shown = [administrator.get(f"/v2/process-definitions/{key}/form").json()["schema"] for key in keys]
    assert ['"old"' in shown[0], '"new"' in shown[1]] == [True, True]
    uses = item(administrator, "process", "begin-deployment")["uses"]
    assert [(use["kind"], use["binding"]) for use in uses] == [("form", "deployment")]


def test_a_version_is_published_with_a_note_and_put_back(
    administrator: httpx.Client, person: Person, content: Path
) -> None:
    xu = person("xu.li")
    text = (content / "risk.dmn").read_text()
    changed = publish(xu, "risk.dmn", text.replace("50000", "80000"), "阈值提高到 8 万")
    assert changed.status_code == 200, changed.text
    newest, first = versions(xu, "decisionRequirements", "risk-graph")
    assert (newest["version"], newest["note"], newest["deployedBy"], newest["isLatest"]) == (
        2,
        "阈值提高到 8 万",
        "xu.li",
        True,
    )
    assert first["isLatest"] is False
    refused = xu.post(f"/v2/resources/{newest['resourceKey']}/activation", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "repository.in-force")
    back = xu.post(f"/v2/resources/{first['resourceKey']}/activation", json={"note": "误改，退回"})
    assert back.status_code == 200, back.text
    third = versions(xu, "decisionRequirements", "risk-graph")[0]
    assert (third["version"], third["note"], third["restoredFromVersion"]) == (3, "误改，退回", 1)
    restored = administrator.get(f"/v2/resources/{third['resourceKey']}/content").text
    assert restored == text
    assert person("zhang.wei").post(f"/v2/resources/{first['resourceKey']}/activation", json={}).status_code == 403
    assert xu.post("/v2/resources/1/activation", json={}).status_code == 404


def compare(http: httpx.Client, old: dict[str, Any], new: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    body = {"old": old, "new": new}
    answered = http.post("/v2/resources/comparison", json=body, headers={"Accept-Language": language})
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


def test_a_changed_cell_is_told_with_both_values(person: Person, content: Path) -> None:
    xu = person("xu.li")
    text = (content / "risk.dmn").read_text()
    draft = {"name": "risk", "kind": "dmn", "content": text.replace("&lt; 50000", "&lt; 80000")}
    key = xu.post("/v2/drafts", json=draft).json()["draftKey"]
    deployed = {"resourceKey": item(xu, "decisionRequirements", "risk-graph")["latest"]["resourceKey"]}
    (change,) = compare(xu, deployed, {"draftKey": key})["changes"]
    assert (change["change"], change["partType"], change["name"]) == ("changed", "rule", "1")
    assert change["properties"] == [{"property": "金额", "label": "金额", "oldValue": "< 50000", "newValue": "< 80000"}]
    assert change["sentence"] == "规则“1”：金额由“< 50000”改为“< 80000”"
    (english,) = compare(xu, deployed, {"draftKey": key}, "en")["changes"]
    assert english["sentence"] == "Rule '1': 金额 from '< 50000' to '< 80000'"
    assert compare(xu, deployed, deployed)["isIdentical"]


def test_elements_and_fields_are_compared(person: Person, content: Path) -> None:
    xu = person("xu.li")
    bpmn = (content / "small-loan.bpmn").read_text()
    edited = bpmn.replace('candidateGroups="credit-reviewer-a"', 'candidateGroups="credit-reviewer-b"').replace(
        '<bpmn:endEvent id="refused">', '<bpmn:task id="extra" name="归档" /><bpmn:endEvent id="refused">'
    )
    found = compare(xu, {"kind": "bpmn", "content": bpmn}, {"kind": "bpmn", "content": edited})["changes"]
    assert {(one["change"], one["partId"]) for one in found} == {("changed", "review"), ("added", "extra")}
    (changed,) = [one for one in found if one["change"] == "changed"]
    (groups,) = changed["properties"]
    assert (groups["oldValue"], groups["newValue"]) == ("credit-reviewer-a", "credit-reviewer-b")
    assert groups["label"] == "候选组"
    form = (content / "review.form").read_text()
    optional = form.replace('"required": true', '"required": false')
    (field,) = compare(xu, {"kind": "form", "content": form}, {"kind": "form", "content": optional})["changes"]
    assert (field["name"], field["properties"][0]["newValue"]) == ("意见", "false")


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        ({"kind": "bpmn", "content": "<a/>"}, {"kind": "dmn", "content": "<a/>"}, 400),
        ({"kind": "bpmn", "content": "<a"}, {"kind": "bpmn", "content": "<a/>"}, 400),
        ({"kind": "form", "content": "[]"}, {"kind": "form", "content": "{}"}, 400),
        ({}, {}, 400),
        ({"resourceKey": "1"}, {"resourceKey": "1"}, 404),
        ({"draftKey": "1"}, {"draftKey": "1"}, 404),
    ],
)
def test_what_cannot_be_compared_is_refused(
    person: Person, old: dict[str, Any], new: dict[str, Any], status: int
) -> None:
    answered = person("xu.li").post("/v2/resources/comparison", json={"old": old, "new": new})
    assert answered.status_code == status, answered.text


def test_a_decision_of_a_draft_is_tried_and_nothing_is_kept(
    administrator: httpx.Client, person: Person, content: Path
) -> None:
    xu = person("xu.li")
    text = (content / "risk.dmn").read_text().replace("50000", "80000")
    body = {"content": text, "decisionDefinitionId": "risk-rating", "variables": {"amount": 60_000}}
    before = len(administrator.post("/v2/decision-instances/search", json={}).json()["items"])
    tried = xu.post("/v2/decision-definitions/trial", json=body)
    assert tried.status_code == 200, tried.text
    assert tried.json()["output"] == '"low"'
    (decision,) = tried.json()["evaluatedDecisions"]
    assert [rule["ruleId"] for rule in decision["matchedRules"]] == ["small"]
    assert decision["evaluatedInputs"][0]["inputValue"] == "60000"
    assert len(administrator.post("/v2/decision-instances/search", json={}).json()["items"]) == before
    assert xu.post("/v2/decision-definitions/trial", json={**body, "content": "<x/>"}).status_code == 400
    unknown = xu.post("/v2/decision-definitions/trial", json={**body, "decisionDefinitionId": "other"})
    assert unknown.status_code == 400
    assert person("zhang.wei").post("/v2/decision-definitions/trial", json=body).status_code == 403


def test_a_decision_that_imports_a_deployed_model_is_tried(person: Person, content: Path) -> None:
    namespace = re.search(r'namespace="([^"]+)"', (content / "risk.dmn").read_text())
    assert namespace is not None
    text = f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="limits" name="limits"
      namespace="urn:limits"><import name="risk" namespace="{namespace[1]}"
      importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>
      <decision id="limit" name="limit"><variable name="limit"/><informationRequirement id="r">
      <requiredDecision href="{namespace[1]}#risk-rating"/></informationRequirement>
      <literalExpression><text>risk.风险评级</text></literalExpression></decision></definitions>"""
    body = {"content": text, "decisionDefinitionId": "limit", "variables": {"risk": {"amount": 1}}}
    tried = person("xu.li").post("/v2/decision-definitions/trial", json=body)
    assert (tried.status_code, tried.json()["output"]) == (200, '"low"'), tried.text
    draft = {"name": "x", "kind": "dmn", "content": (content / "risk.dmn").read_text().replace("low", "lower")}
    key = person("ma.chao").post("/v2/drafts", json=draft).json()["draftKey"]
    assert person("xu.li").post("/v2/decision-definitions/trial", json=body).json()["output"] == '"low"'
    with_draft = {**body, "imports": [{"draftKey": key}]}
    assert person("xu.li").post("/v2/decision-definitions/trial", json=with_draft).json()["output"] == '"lower"'
    person("ma.chao").delete(f"/v2/drafts/{key}", headers={"If-Match": '"1"'})
    unknown = {**body, "content": text.replace(f'namespace="{namespace[1]}"', 'namespace="urn:nowhere"')}
    refused = person("xu.li").post("/v2/decision-definitions/trial", json=unknown)
    assert (refused.status_code, "urn:nowhere" in refused.text) == (400, True)


def test_scenarios_run_on_what_is_deployed_and_on_drafts(person: Person, content: Path) -> None:
    xu = person("xu.li")
    high = xu.post("/v2/scenarios/run", json={"scenario": SCENARIO.replace("RATING", "high")})
    assert high.status_code == 200, high.text
    assert high.json()["passed"] is True
    (process,) = high.json()["coverage"]["processes"]
    assert process["processId"] == "small-loan"
    assert process["elements"]["counts"]["granted"] == 1
    assert "refused" in process["elements"]["uncovered"]
    text = (content / "risk.dmn").read_text().replace("50000", "80000")
    draft = xu.post("/v2/drafts", json={"name": "risk", "kind": "dmn", "content": text}).json()["draftKey"]
    body = {"scenario": SCENARIO.replace("RATING", "high"), "resources": [{"draftKey": draft}]}
    failed = xu.post("/v2/scenarios/run", json=body, headers={"Accept-Language": "zh"}).json()
    assert failed["passed"] is False
    (outcome,) = failed["scenarios"]
    assert "low" in outcome["problem"]
    assert outcome["line"] > 0
    body["scenario"] = SCENARIO.replace("RATING", "low")
    assert xu.post("/v2/scenarios/run", json=body).json()["passed"] is True


def test_what_a_scenario_tells_comes_in_the_reader_s_language(person: Person) -> None:
    jobs = "jobs: {check-credit: {error: NONE}}"
    scenario = f"process: small-loan\nvariables: {{amount: 1}}\n{jobs}\nexpect: {{state: completed}}\n"
    for language, told in (("zh", "没有"), ("en", "No boundary event")):
        answered = person("xu.li").post(
            "/v2/scenarios/run", json={"scenario": scenario}, headers={"Accept-Language": language}
        )
        (outcome,) = answered.json()["scenarios"]
        (incident,) = [event for event in outcome["events"] if event["kind"] == "incident"]
        assert told in incident["note"] and told in outcome["problem"]
        assert incident["errorType"] == "UNHANDLED_ERROR_EVENT" and incident["errorType"] not in incident["note"]


def test_a_scenario_that_cannot_be_read_is_refused(person: Person) -> None:
    xu = person("xu.li")
    for text in ("steps: [", "a: b", "process: nothing\nwrong: 1"):
        assert xu.post("/v2/scenarios/run", json={"scenario": text}).status_code == 400, text
    unknown = xu.post("/v2/scenarios/run", json={"scenario": "process: nothing"})
    assert unknown.json()["passed"] is False
    assert xu.post("/v2/scenarios/run", json={}).status_code == 400
    assert person("zhang.wei").post("/v2/scenarios/run", json={"scenario": "process: x"}).status_code == 403


def test_running_instances_are_counted_with_their_version(administrator: httpx.Client, person: Person) -> None:
    before = item(person("xu.li"), "process", "small-loan")["latest"]["activeInstances"]
    start(administrator, administrator)
    assert item(person("xu.li"), "process", "small-loan")["latest"]["activeInstances"] == before + 1


BOUND = (
    """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"
  xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn">
  <bpmn:process id="bound-draft" isExecutable="true"><bpmn:startEvent id="s" />
    <bpmn:userTask id="look"><bpmn:extensionElements>
      <zeebe:formDefinition formId="review-form" bindingType="deployment" /></bpmn:extensionElements></bpmn:userTask>
    <bpmn:businessRuleTask id="decide" camunda:decisionRef="risk-rating" camunda:decisionRefBinding="deployment" />
    <bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="small-loan" />
      </bpmn:extensionElements></bpmn:callActivity>
    <bpmn:callActivity id="computed"><bpmn:extensionElements><zeebe:calledElement processId="=next" />
      </bpmn:extensionElements></bpmn:callActivity>
    <bpmn:sequenceFlow id="open"""
    + '"'
)


def listed(http: httpx.Client, key: str) -> dict[str, Any]:
    (found,) = [one for one in http.get("/v2/repository/drafts").json()["items"] if one["draftKey"] == key]
    return dict(found)


def keep(http: httpx.Client, kind: str, content: str, **more: Any) -> str:
    kept = http.post("/v2/drafts", json={"name": "facts", "kind": kind, "content": content, **more})
    assert kept.status_code == 201, kept.text
    return str(kept.json()["draftKey"])


def test_drafts_are_listed_with_what_they_define_and_refer_to(person: Person, content: Path) -> None:
    xu = person("xu.li")
    process = BOUND.removesuffix('<bpmn:sequenceFlow id="open"') + "</bpmn:process></bpmn:definitions>"
    found = listed(xu, keep(xu, "bpmn", process))
    assert found["definitions"] == [{"kind": "process", "id": "bound-draft"}]
    assert {(use["kind"], use["id"], use["elementId"], use["binding"]) for use in found["uses"]} == {
        ("form", "review-form", "look", "deployment"),
        ("decision", "risk-rating", "decide", "deployment"),
        ("process", "small-loan", "call", "latest"),
    }
    assert found["isPublished"] is False
    graph = listed(xu, keep(xu, "dmn", (content / "risk.dmn").read_text()))
    assert graph["definitions"] == [
        {"kind": "decisionRequirements", "id": "risk-graph"},
        {"kind": "decision", "id": "risk-rating"},
    ]
    form = listed(xu, keep(xu, "form", (content / "review.form").read_text()))
    assert form["definitions"] == [{"kind": "form", "id": "review-form"}]
    assert person("zhang.wei").get("/v2/repository/drafts").status_code == 403


def test_a_draft_is_published_where_a_version_has_its_content(person: Person, content: Path) -> None:
    xu = person("xu.li")

    def state(key: str) -> tuple[bool, bool]:
        found = listed(xu, key)
        return found["isPublished"], found["isInForce"]

    newest = item(xu, "form", "review-form")["latest"]["resourceKey"]
    text = xu.get(f"/v2/resources/{newest}/content").text
    key = keep(xu, "form", text)
    assert state(key) == (True, True)
    assert xu.put(f"/v2/drafts/{key}", json={"content": text + "\n"}, headers={"If-Match": '"1"'}).status_code == 200
    assert state(key) == (False, False)
    assert publish(xu, "review.form", text + "\n", "again").status_code == 200
    assert state(key) == (True, True)
    assert state(keep(xu, "form", text)) == (True, False)


def test_drafts_that_cannot_be_read_and_those_of_others_stay_out_of_the_way(person: Person) -> None:
    xu = person("xu.li")
    for kind, text in (("bpmn", BOUND), ("dmn", "<"), ("form", "["), ("form", "[]")):
        broken = listed(xu, keep(xu, kind, text))
        assert (broken["definitions"], broken["uses"], broken["isPublished"]) == ([], [], False)
    scenario, own = keep(xu, "scenario", "process: x"), keep(xu, "form", '{"id": "mine"}', shared=False)
    keys = {one["draftKey"] for one in xu.get("/v2/repository/drafts").json()["items"]}
    assert own in keys and scenario not in keys
    assert own not in {one["draftKey"] for one in person("ma.chao").get("/v2/repository/drafts").json()["items"]}
