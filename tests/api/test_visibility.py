"""Nobody sees or does what they may not: a reviewer's view of other people's cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

Person = Callable[[str], httpx.Client]
OPINION = {"variables": {"opinion": "同意"}}


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    names = ("small-loan.bpmn", "straight-through.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    assert administrator.post("/v2/deployments", files=files).status_code == 200


@pytest.fixture
def case(administrator: httpx.Client) -> dict[str, str]:
    """A case of its own that waits for reviewer A: the keys of the instance and of its task."""
    body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "x", "amount": 1}}
    instance = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 1}
    (job,) = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    administrator.post(f"/v2/jobs/{job['jobKey']}/completion")
    wanted = {"filter": {"processInstanceKey": instance}}
    (task,) = administrator.post("/v2/user-tasks/search", json=wanted).json()["items"]
    return {"instance": instance, "task": task["userTaskKey"]}


def items(http: httpx.Client, what: str, **wanted: Any) -> list[dict[str, Any]]:
    answered = http.post(f"/v2/{what}/search", json={"filter": wanted})
    assert answered.status_code == 200, answered.text
    shown: list[dict[str, Any]] = answered.json()["items"]
    return shown


OF_AN_INSTANCE = ("process-instances", "element-instances", "variables", "decision-instances")


def test_a_candidate_sees_the_task_and_its_case(person: Person, case: dict[str, str]) -> None:
    zhang = person("zhang.wei")
    assert [task["userTaskKey"] for task in items(zhang, "user-tasks", processInstanceKey=case["instance"])]
    for what in OF_AN_INSTANCE:
        assert items(zhang, what, processInstanceKey=case["instance"]), what
    assert zhang.get(f"/v2/user-tasks/{case['task']}").status_code == 200
    assert zhang.get(f"/v2/user-tasks/{case['task']}/form").status_code == 200
    assert zhang.get(f"/v2/process-instances/{case['instance']}").status_code == 200
    assert zhang.get(f"/v2/process-instances/{case['instance']}/sequence-flows").status_code == 200


def test_for_everybody_else_it_does_not_exist(person: Person, case: dict[str, str]) -> None:
    chen = person("chen.jing")
    assert items(chen, "user-tasks", processInstanceKey=case["instance"]) == []
    for what in OF_AN_INSTANCE:
        assert items(chen, what, processInstanceKey=case["instance"]) == [], what
    for path in (
        f"user-tasks/{case['task']}",
        f"user-tasks/{case['task']}/form",
        f"process-instances/{case['instance']}",
        f"process-instances/{case['instance']}/sequence-flows",
        f"process-instances/{case['instance']}/statistics/element-instances",
        f"process-instances/{case['instance']}/scenario",
        f"element-instances/{case['task']}",
    ):
        assert chen.get(f"/v2/{path}").status_code == 404, path
    task = f"/v2/user-tasks/{case['task']}"
    assert chen.post(f"{task}/variables/search", json={}).status_code == 404
    assert chen.post(f"{task}/assignment", json={}).status_code == 404
    assert chen.post(f"{task}/completion", json=OPINION).status_code == 404
    assert chen.delete(f"{task}/assignee").status_code == 404


def test_nobody_of_them_sees_a_single_variable_by_guessing_its_key(
    person: Person, case: dict[str, str], administrator: httpx.Client
) -> None:
    variable = items(administrator, "variables", processInstanceKey=case["instance"], name="amount")[0]
    path = f"/v2/variables/{variable['variableKey']}"
    assert person("zhang.wei").get(path).status_code == 200
    assert person("chen.jing").get(path).status_code == 404
    assert person("xu.li").get(path).status_code == 403


def test_a_reviewer_claims_and_completes(person: Person, case: dict[str, str]) -> None:
    zhang = person("zhang.wei")
    task = f"/v2/user-tasks/{case['task']}"
    assert zhang.post(f"{task}/assignment", json={}).status_code == 204
    assert zhang.get(task).json()["assignee"] == "zhang.wei"
    assert zhang.post(f"{task}/completion", json=OPINION).status_code == 204
    assert zhang.get(task).json()["completedBy"] == "zhang.wei"
    assert zhang.get(f"/v2/process-instances/{case['instance']}").status_code == 200


def test_what_a_colleague_has_claimed_is_a_conflict_that_names_them(
    person: Person, case: dict[str, str], administrator: httpx.Client
) -> None:
    task = f"/v2/user-tasks/{case['task']}"
    administrator.post(f"{task}/assignment", json={"assignee": "li.na"})
    zhang = person("zhang.wei")
    for answered in (
        zhang.post(f"{task}/assignment", json={}),
        zhang.post(f"{task}/completion", json=OPINION),
    ):
        assert answered.status_code == 409
        assert "li.na" in answered.json()["detail"]
    assert zhang.delete(f"{task}/assignee").status_code == 403
    assert person("li.na").post(f"{task}/completion", json=OPINION).status_code == 204


def test_a_reviewer_assigns_nobody_else(person: Person, case: dict[str, str]) -> None:
    answered = person("zhang.wei").post(
        f"/v2/user-tasks/{case['task']}/assignment", json={"assignee": "li.na", "allowOverride": True}
    )
    assert answered.status_code == 403


def test_a_reviewer_puts_back_their_own_task(person: Person, case: dict[str, str]) -> None:
    zhang = person("zhang.wei")
    task = f"/v2/user-tasks/{case['task']}"
    zhang.post(f"{task}/assignment", json={})
    assert zhang.delete(f"{task}/assignee").status_code == 204
    assert zhang.get(task).json()["assignee"] is None


def test_compliance_reads_every_case_and_touches_none(person: Person, case: dict[str, str]) -> None:
    he = person("he.ping")
    for what in OF_AN_INSTANCE:
        assert items(he, what, processInstanceKey=case["instance"]), what
    task = f"/v2/user-tasks/{case['task']}"
    assert he.get(task).status_code == 200
    assert he.post(f"{task}/completion", json=OPINION).status_code == 403
    assert he.post(f"/v2/process-instances/{case['instance']}/cancellation").status_code == 403


def test_a_system_sees_and_cancels_what_it_has_started_and_nothing_else(
    administrator: httpx.Client, address: str, case: dict[str, str]
) -> None:
    made = administrator.post("/v2/clients", json={"clientId": "portal", "roles": ["system"]})
    assert made.status_code == 201
    form = {
        "grant_type": "client_credentials",
        "client_id": "portal",
        "client_secret": made.json()["clientSecret"],
    }
    token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as portal:
        body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "p", "amount": 1}}
        own = portal.post("/v2/process-instances", json=body).json()["processInstanceKey"]
        assert [item["processInstanceKey"] for item in items(portal, "process-instances")] == [own]
        assert portal.get(f"/v2/process-instances/{case['instance']}").status_code == 404
        assert portal.post(f"/v2/process-instances/{case['instance']}/cancellation").status_code == 403
        assert portal.post(f"/v2/process-instances/{own}/cancellation").status_code == 204
        assert portal.post("/v2/user-tasks/search").status_code == 403


def test_statistics_count_only_the_cases_that_one_may_see(
    person: Person, case: dict[str, str], administrator: httpx.Client
) -> None:
    definition = items(administrator, "process-definitions", processDefinitionId="small-loan")[0]
    path = f"/v2/process-definitions/{definition['processDefinitionKey']}/statistics/element-instances"
    counted = administrator.post(path, json={"filter": {"processInstanceKey": case["instance"]}}).json()["items"]
    assert {item["elementId"]: item["active"] for item in counted}["review"] == 1
    assert person("chen.jing").post(path, json={}).json()["items"] == []
