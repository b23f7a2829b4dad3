"""A case on one page: what happened, by whom, what it waits for and what may come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.runtime import case_history
from tests.api.cases import OPINION, deploy, items, start
from tests.integration.models import line
from tests.unit.bpmn.diagrams import node

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def test_a_case_shows_its_whole_story(administrator: httpx.Client, person: Person) -> None:
    made = start(administrator, administrator, businessId="CASE-1", variables={"applicantName": "王芳"})
    zhang = person("zhang.wei")
    zhang.post(f"/v2/process-instances/{made['instance']}/comments", json={"text": "材料齐全"})
    zhang.post(f"/v2/user-tasks/{made['task']}/assignment", json={})
    case = zhang.get(f"/v2/process-instances/{made['instance']}/case").json()
    assert (case["businessId"], case["applicant"], case["isWhole"]) == ("CASE-1", "王芳", True)
    assert [one["processInstanceKey"] for one in case["instances"]] == [made["instance"]]
    assert case["instances"][0]["takenSequenceFlows"]
    (task,) = case["userTasks"]
    assert task["assignee"] == "zhang.wei"
    kinds = [entry["kind"] for entry in case["timeline"]]
    assert kinds[0] == "instance-started"
    assert {"user-task", "comment", "decision"} <= set(kinds)
    dates = [entry["date"] for entry in case["timeline"]]
    assert dates == sorted(dates)
    (decision,) = case["decisions"]
    assert decision["decisionDefinitionId"] == "risk-rating"
    assert decision["output"] is not None
    assert case["comments"][0]["text"] == "材料齐全"
    assert case["jobs"] == []  # reviewers may not read jobs
    assert len(administrator.get(f"/v2/process-instances/{made['instance']}/case").json()["jobs"]) == 1


def test_an_incident_and_its_repair_stand_on_the_timeline(administrator: httpx.Client) -> None:
    body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "x", "amount": 1}}
    key = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 5}
    (job,) = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    administrator.post(f"/v2/jobs/{job['jobKey']}/failure", json={"retries": 0, "errorMessage": "down"})
    path = f"/v2/process-instances/{key}"
    (incident,) = administrator.get(f"{path}/case").json()["incidents"]
    administrator.post(f"/v2/incidents/{incident['incidentKey']}/resolution")
    administrator.post(f"{path}/suspension", json={"reason": "核查"})
    case = administrator.get(f"{path}/case", headers={"Accept-Language": "zh"}).json()
    entries = {entry["kind"]: entry for entry in case["timeline"]}
    assert "down" in entries["incident"]["text"]
    assert entries["incident-resolved"]["actor"] == "lendloom-demo"
    assert (entries["operation"]["operationType"], entries["operation"]["text"]) == ("SUSPEND_PROCESS_INSTANCE", "核查")
    assert [step["elementId"] for step in case["expected"]] == ["review"]
    administrator.post(f"{path}/cancellation", json={"reason": "重复"})
    ended = administrator.get(f"{path}/case").json()
    last = ended["timeline"][-1]
    assert (last["kind"], last["state"], last["text"]) == ("instance-ended", "TERMINATED", "重复")
    assert ended["expected"] == []


def test_what_was_called_ends_before_its_caller(administrator: httpx.Client) -> None:
    called = '<zeebe:calledElement processId="{}" propagateAllChildVariables="false"/>'
    files = {
        "outermost.bpmn": line(("call", node("callActivity", "call", ext=called.format("between"))), id_="outermost"),
        "between.bpmn": line(("call", node("callActivity", "call", ext=called.format("innermost"))), id_="between"),
        "innermost.bpmn": line(("rest", node("task", "rest")), id_="innermost"),
    }
    sent = [("resources", (name, file)) for name, file in files.items()]
    assert administrator.post("/v2/deployments", files=sent).status_code == 200
    key = administrator.post("/v2/process-instances", json={"processDefinitionId": "outermost"}).json()
    case = administrator.get(f"/v2/process-instances/{key['processInstanceKey']}/case").json()
    entries = [(one["kind"], one["elementId"]) for one in case["timeline"] if one["kind"].startswith("instance")]
    begun = [("instance-started", name) for name in ("outermost", "between", "innermost")]
    assert entries == begun + [("instance-ended", name) for name in ("innermost", "between", "outermost")]
    # All of it happened in one moment: whatever ended in an instance stands before its end.
    assert case["timeline"][-3:] == [one for one in case["timeline"] if one["kind"] == "instance-ended"]


def test_a_business_id_leads_to_its_newest_case_and_names_the_others(
    administrator: httpx.Client, person: Person
) -> None:
    old = start(administrator, administrator, businessId="CASE-2")
    administrator.post(f"/v2/process-instances/{old['instance']}/cancellation")
    new = start(administrator, administrator, businessId="CASE-2")
    case = administrator.get("/v2/cases/CASE-2").json()
    assert case["rootProcessInstanceKey"] == new["instance"]
    assert [other["processInstanceKey"] for other in case["otherCases"]] == [old["instance"]]
    assert person("chen.jing").get(f"/v2/process-instances/{new['instance']}/case").status_code == 404
    assert administrator.get("/v2/cases/nothing").status_code == 404


def test_variables_tell_their_old_and_new_values(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator, variables={"rate": 0.1})
    path = f"/v2/element-instances/{case['instance']}/variables"
    body = {"variables": {"rate": 0.12}, "reason": "录入错误"}
    assert administrator.put(path, json=body).status_code == 204
    administrator.post(f"/v2/user-tasks/{case['task']}/completion", json=OPINION)
    history = administrator.get(f"/v2/process-instances/{case['instance']}/variable-history").json()["items"]
    rates = [change for change in history if change["name"] == "rate"]
    assert [(change["oldValue"], change["newValue"]) for change in rates] == [(None, "0.1"), ("0.1", "0.12")]
    assert rates[1]["reason"] == "录入错误"
    (opinion,) = [change for change in history if change["name"] == "opinion"]
    assert (opinion["elementId"], opinion["actor"]) == ("review", "lendloom-demo")
    path = f"/v2/process-instances/{case['instance']}/variable-history"
    assert person("zhang.wei").get(path).status_code == 200
    assert person("chen.jing").get(path).status_code == 404


def test_a_change_of_what_only_an_element_has_tells_the_value_before(administrator: httpx.Client) -> None:
    case = start(administrator, administrator)
    task = administrator.get(f"/v2/user-tasks/{case['task']}").json()
    path = f"/v2/element-instances/{task['elementInstanceKey']}/variables"
    administrator.put(path, json={"variables": {"asked": 2}, "local": True})
    history = administrator.get(f"/v2/process-instances/{case['instance']}/variable-history").json()["items"]
    (change,) = [change for change in history if change["name"] == "asked"]
    assert (change["oldValue"], change["newValue"]) == ("1", "2")


def test_timers_messages_and_subscriptions_can_be_searched(administrator: httpx.Client, person: Person) -> None:
    published = {"name": "paid", "correlationKey": "K-1", "timeToLive": 60_000, "variables": {"rate": 0.10}}
    key = administrator.post("/v2/messages/publication", json=published).json()["messageKey"]
    liu = person("liu.yang")
    (message,) = items(liu, "messages", filter={"correlationKey": "K-1", "isExpired": False})
    assert (message["messageKey"], message["name"]) == (key, "paid")
    assert items(liu, "messages", filter={"isCorrelated": True, "name": "paid"}) == []
    items(liu, "timers", sort=[{"field": "dueDate"}], filter={"isOverdue": False})
    items(liu, "message-subscriptions", filter={"messageSubscriptionState": "CREATED"})
    for what in ("messages", "timers", "message-subscriptions"):
        assert person("zhang.wei").post(f"/v2/{what}/search", json={}).status_code == 403


def test_a_case_that_is_too_long_shows_the_newest_and_says_so(
    administrator: httpx.Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = start(administrator, administrator, businessId="CASE-LONG")
    for number in range(3):
        body = {"text": f"第{number + 1}次联系"}
        person("zhang.wei").post(f"/v2/process-instances/{made['instance']}/comments", json=body)
    path = f"/v2/process-instances/{made['instance']}/case"
    assert administrator.get(path).json()["isWhole"]
    monkeypatch.setattr(case_history, "MOST_OF_A_KIND", 2)
    case = administrator.get(path).json()
    assert not case["isWhole"]
    assert [comment["text"] for comment in case["comments"]] == ["第2次联系", "第3次联系"]
    assert [task["userTaskKey"] for task in case["userTasks"]] == [made["task"]]
