"""Operators' commands over HTTP: rights, reasons, what is refused and why, and what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from server.runtime import batch_operations

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module")
def definition(administrator: httpx.Client, content: Path) -> str:
    """The key of a deployed process."""
    names = ("small-loan.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    answered = administrator.post("/v2/deployments", files=files)
    assert answered.status_code == 200
    found = [part["processDefinition"] for part in answered.json()["deployments"] if part.get("processDefinition")]
    return str(found[0]["processDefinitionKey"])


@pytest.fixture
def case(administrator: httpx.Client, definition: str) -> str:
    """The key of a running instance of its own."""
    body = {"processDefinitionKey": definition, "variables": {"applicationId": "x", "amount": 1}}
    return str(administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"])


def work_off(api: Flask, batch_key: str) -> None:
    with api.app_context():
        batch_operations.work_off(int(batch_key))


def items(http: httpx.Client, batch_key: str, **headers: str) -> list[dict[str, Any]]:
    body = {"filter": {"batchOperationKey": batch_key}}
    answered = http.post("/v2/batch-operation-items/search", json=body, headers=headers)
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["items"]
    return found


def test_a_suspension_shows_who_and_why(administrator: httpx.Client, case: str) -> None:
    path = f"/v2/process-instances/{case}"
    assert administrator.post(f"{path}/suspension", json={"reason": "核查"}).status_code == 204
    shown = administrator.get(path).json()
    assert (shown["state"], shown["suspendReason"]) == ("SUSPENDED", "核查")
    assert shown["suspendedBy"] and shown["suspendedDate"]
    again = administrator.post(f"{path}/suspension", headers={"Accept-Language": "zh"})
    assert again.status_code == 409
    assert again.json()["code"] == "instance.already-suspended"
    assert "已经挂起" in again.json()["detail"]
    assert administrator.post(f"{path}/resumption").status_code == 204
    shown = administrator.get(path).json()
    assert [shown[name] for name in ("state", "suspendedBy", "suspendReason", "suspendedDate")] == [
        "ACTIVE",
        None,
        None,
        None,
    ]
    kept = administrator.post("/v2/operation-records/search", json={"filter": {"subjectKey": case}}).json()["items"]
    assert [(record["operationType"], record["reason"]) for record in kept] == [
        ("SUSPEND_PROCESS_INSTANCE", "核查"),
        ("RESUME_PROCESS_INSTANCE", None),
    ]


def test_a_suspended_job_reports_and_is_told_that_it_counts_later(administrator: httpx.Client, case: str) -> None:
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 100}
    jobs = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    (job,) = [job["jobKey"] for job in jobs if job["processInstanceKey"] == case]
    administrator.post(f"/v2/process-instances/{case}/suspension")
    assert administrator.post(f"/v2/jobs/{job}/completion").status_code == 204
    twice = administrator.post(f"/v2/jobs/{job}/completion")
    assert (twice.status_code, twice.json()["code"]) == (409, "job.reported")
    tasks = {"filter": {"processInstanceKey": case}}
    assert administrator.post("/v2/user-tasks/search", json=tasks).json()["items"] == []
    administrator.post(f"/v2/process-instances/{case}/resumption")
    (task,) = administrator.post("/v2/user-tasks/search", json=tasks).json()["items"]
    assert task["suspended"] is False
    administrator.post(f"/v2/process-instances/{case}/suspension")
    assert administrator.get(f"/v2/user-tasks/{task['userTaskKey']}").json()["suspended"] is True
    only = {"filter": {"processInstanceKey": case, "suspended": True}}
    assert len(administrator.post("/v2/user-tasks/search", json=only).json()["items"]) == 1
    only["filter"]["suspended"] = False
    assert administrator.post("/v2/user-tasks/search", json=only).json()["items"] == []
    claimed = administrator.post(f"/v2/user-tasks/{task['userTaskKey']}/assignment", json={})
    assert (claimed.status_code, claimed.json()["code"]) == (409, "task.suspended")


def test_who_may_do_what(person: Person, administrator: httpx.Client, case: str) -> None:
    zhang, he = person("zhang.wei"), person("he.ping")
    for path in (
        f"process-instances/{case}/suspension",
        f"process-instances/{case}/resumption",
        f"process-instances/{case}/deletion",
        f"process-instances/{case}/restart",
        f"process-instances/{case}/incident-resolution",
        "process-instances/cancellation",
        "process-instances/suspension",
        "process-instances/deletion",
        "process-instances/restart",
        "process-instances/variable-update",
        "process-instances/incident-resolution",
        "jobs/batch-update",
        "decision-instances/deletion",
        "batch-operations/1/cancellation",
    ):
        for http in (zhang, he):
            assert http.post(f"/v2/{path}", json={}).status_code == 403, path
    assert zhang.post("/v2/batch-operations/search").status_code == 403
    assert he.post("/v2/batch-operations/search").status_code == 200
    assert he.post("/v2/operation-records/search").status_code == 200


def test_a_filter_must_say_something(administrator: httpx.Client) -> None:
    for filter_ in ({}, {"state": "ACTIVE"}, {"parentProcessInstanceKey": "1"}):
        answered = administrator.post("/v2/process-instances/cancellation", json={"filter": filter_})
        assert (answered.status_code, answered.json()["code"]) == (400, "request.batch-filter")
    assert administrator.post("/v2/process-instances/cancellation", json={}).status_code == 400
    wrong = {"filter": {"businesId": "x"}}
    assert administrator.post("/v2/process-instances/cancellation", json=wrong).status_code == 400
    nothing = {"filter": {"jobKey": "1"}, "changeset": {"retries": None}}
    assert administrator.post("/v2/jobs/batch-update", json=nothing).json()["code"] == "request.changeset"


def test_each_item_says_in_the_reader_s_language_why_it_failed(
    api: Flask, administrator: httpx.Client, case: str
) -> None:
    body = {"filter": {"processInstanceKey": case}, "reason": "停售", "itemsPerSecond": 500}
    made = administrator.post("/v2/process-instances/suspension", json=body)
    assert made.status_code == 200
    key = made.json()["batchOperationKey"]
    administrator.post(f"/v2/process-instances/{case}/cancellation", json={"reason": "还清"})
    assert administrator.get(f"/v2/process-instances/{case}").json()["endReason"] == "还清"
    work_off(api, key)
    (zh,) = items(administrator, key, **{"Accept-Language": "zh"})
    (en,) = items(administrator, key)
    assert (zh["state"], zh["errorCode"]) == ("FAILED", "instance.ended")
    assert "已经结束" in zh["errorMessage"] and "ended" in en["errorMessage"]
    batch = administrator.get(f"/v2/batch-operations/{key}").json()
    assert (batch["state"], batch["operationsFailedCount"], batch["reason"]) == ("COMPLETED", 1, "停售")
    assert batch["filter"] == {"processInstanceKey": case}
    by_batch = {"filter": {"batchOperationKey": key}}
    found = administrator.post("/v2/process-instances/search", json=by_batch).json()["items"]
    assert [item["processInstanceKey"] for item in found] == [case]


def test_instances_are_found_by_where_they_stand(administrator: httpx.Client, case: str) -> None:
    for wanted, expected in (("check-credit", [case]), ("no-such-element", [])):
        body = {"filter": {"processInstanceKey": case, "elementId": wanted}}
        (job,) = administrator.post("/v2/jobs/search", json={"filter": {"processInstanceKey": case}}).json()["items"]
        if expected:
            body["filter"]["elementId"] = job["elementId"]
        found = administrator.post("/v2/process-instances/search", json=body).json()["items"]
        assert [item["processInstanceKey"] for item in found] == expected


def test_a_definition_is_suspended_with_or_without_its_instances(
    api: Flask, administrator: httpx.Client, definition: str, case: str
) -> None:
    path = f"/v2/process-definitions/{definition}"
    answered = administrator.post(f"{path}/suspension", json={"reason": "rates", "includeProcessInstances": True})
    assert answered.json()["processDefinitionKeys"] == [definition]
    shown = administrator.get(path).json()
    assert (shown["state"], shown["suspendReason"]) == ("ACTIVE", "rates")
    assert shown["suspendedDate"]
    found = administrator.post(
        "/v2/process-definitions/search", json={"filter": {"suspendedDate": {"$exists": True}}}
    ).json()["items"]
    assert [item["processDefinitionKey"] for item in found] == [definition]
    refused = administrator.post("/v2/process-instances", json={"processDefinitionKey": definition})
    assert (refused.status_code, refused.json()["code"]) == (409, "definition.suspended")
    work_off(api, answered.json()["batchOperationKey"])
    assert administrator.get(f"/v2/process-instances/{case}").json()["state"] == "SUSPENDED"
    answered = administrator.post(f"{path}/resumption", json={"includeProcessInstances": True})
    work_off(api, answered.json()["batchOperationKey"])
    assert administrator.get(f"/v2/process-instances/{case}").json()["state"] == "ACTIVE"
    assert administrator.post(f"{path}/resumption").status_code == 409


def test_an_ended_instance_is_restarted_and_names_its_predecessor(
    api: Flask, administrator: httpx.Client, case: str
) -> None:
    path = f"/v2/process-instances/{case}"
    assert administrator.post(f"{path}/restart").json()["code"] == "instance.not-ended"
    administrator.post(f"{path}/cancellation")
    restarted = administrator.post(f"{path}/restart", json={"variables": "LAST", "reason": "wrongly cancelled"})
    assert restarted.status_code == 200
    new = restarted.json()["processInstanceKey"]
    assert administrator.get(f"/v2/process-instances/{new}").json()["restartedFromProcessInstanceKey"] == case
    body = {"filter": {"restartedFromProcessInstanceKey": case}}
    found = administrator.post("/v2/process-instances/search", json=body).json()["items"]
    assert [item["processInstanceKey"] for item in found] == [new]
    assert administrator.post(f"{path}/restart", json={"startElementId": "nowhere"}).status_code == 400
    at_review = {"startInstructions": [{"elementId": "review"}]}
    both = administrator.post(f"{path}/restart", json={**at_review, "startElementId": "start"})
    assert (both.status_code, both.json()["code"]) == (400, "request.restart")
    nowhere = administrator.post(f"{path}/restart", json={"startInstructions": [{"elementId": "nowhere"}]})
    assert [error["element"] for error in nowhere.json()["errors"]] == ["nowhere"]
    batch = {"filter": {"processInstanceKey": case}, **at_review}
    made = administrator.post("/v2/process-instances/restart", json=batch).json()
    work_off(api, made["batchOperationKey"])
    (item,) = items(administrator, made["batchOperationKey"])
    assert item["state"] == "COMPLETED"
    assert administrator.get(f"/v2/process-instances/{item['result']['processInstanceKey']}").status_code == 200


def test_a_kind_of_batch_of_our_own_has_the_same_type_when_made_and_when_read(administrator: httpx.Client) -> None:
    body = {"filter": {"processInstanceKey": "1"}}
    made = administrator.post("/v2/process-instances/restart", json=body).json()
    read = administrator.get(f"/v2/batch-operations/{made['batchOperationKey']}").json()
    types = ("batchOperationType", "lendloomOperationType")
    assert [made[name] for name in types] == [read[name] for name in types] == [None, "RESTART_PROCESS_INSTANCE"]
    made = administrator.post("/v2/process-instances/cancellation", json=body).json()
    assert [made[name] for name in types] == ["CANCEL_PROCESS_INSTANCE"] * 2


def test_variables_are_set_in_all_that_fit(api: Flask, administrator: httpx.Client, case: str) -> None:
    body = {"filter": {"processInstanceKey": case}, "variables": {"rate": 3.85}}
    made = administrator.post("/v2/process-instances/variable-update", json=body).json()
    work_off(api, made["batchOperationKey"])
    wanted = {"filter": {"processInstanceKey": case, "name": "rate"}}
    (variable,) = administrator.post("/v2/variables/search", json=wanted).json()["items"]
    assert variable["value"] == "3.85"
