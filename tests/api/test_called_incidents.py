"""An incident of a called instance is one of its callers too: they are found by it, and repaired by it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from flask import Flask

from server.runtime import batch_operations
from tests.api.cases import items
from tests.integration.models import line
from tests.unit.bpmn.diagrams import node


def _call(id_: str, process_id: str) -> tuple[str, str]:
    called = f'<zeebe:calledElement processId="{process_id}" propagateAllChildVariables="false"/>'
    return id_, node("callActivity", id_, ext=called)


_WORK = ("work", node("serviceTask", "work", ext='<zeebe:taskDefinition type="inner-work"/>'))
_PROCESSES = {
    "outer.bpmn": line(_call("call", "middle-called"), _call("call2", "inner-called"), id_="outer-calling"),
    "middle.bpmn": line(_call("call", "inner-called"), id_="middle-called"),
    "inner.bpmn": line(_WORK, id_="inner-called"),
}


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client) -> None:
    files = [("resources", (name, file)) for name, file in _PROCESSES.items()]
    answered = administrator.post("/v2/deployments", files=files)
    assert answered.status_code == 200, answered.text


@pytest.fixture
def case(administrator: httpx.Client) -> dict[str, str]:
    """The keys of the instances of a case whose innermost one has an incident, by their process."""
    started = administrator.post("/v2/process-instances", json={"processDefinitionId": "outer-calling"}).json()
    seen = administrator.get(f"/v2/process-instances/{started['processInstanceKey']}/case").json()
    keys = {one["processDefinitionId"]: one["processInstanceKey"] for one in seen["instances"]}
    asked = {"type": "inner-work", "timeout": 60_000, "maxJobsToActivate": 50}
    jobs = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    (job,) = [job["jobKey"] for job in jobs if job["processInstanceKey"] == keys["inner-called"]]
    failed = {"retries": 0, "errorMessage": "down"}
    assert administrator.post(f"/v2/jobs/{job}/failure", json=failed).status_code == 204
    return keys


def _with_incident(http: httpx.Client, case: dict[str, str], **more: Any) -> set[str]:
    asked = {"processInstanceKey": {"$in": list(case.values())}, "hasIncident": True, **more}
    found = items(http, "process-instances", filter=asked)
    assert all(one["hasIncident"] for one in found)
    return {one["processDefinitionId"] for one in found}


def _work_off(api: Flask, http: httpx.Client, path: str, body: dict[str, Any]) -> int:
    made = http.post(f"/v2/process-instances{path}/incident-resolution", json=body)
    assert made.status_code == 200, made.text
    key = made.json()["batchOperationKey"]
    with api.app_context():
        batch_operations.work_off(int(key))
    return int(http.get(f"/v2/batch-operations/{key}").json()["operationsCompletedCount"])


def test_callers_have_the_incident_until_it_is_gone(administrator: httpx.Client, case: dict[str, str]) -> None:
    everyone = {"outer-calling", "middle-called", "inner-called"}
    assert set(case) == everyone
    assert _with_incident(administrator, case) == everyone
    assert _with_incident(administrator, case, parentProcessInstanceKey={"$exists": False}) == {"outer-calling"}
    shown = administrator.get(f"/v2/process-instances/{case['outer-calling']}/case").json()
    assert all(one["hasIncident"] for one in shown["instances"])
    (incident,) = shown["incidents"]
    assert incident["processInstanceKey"] == case["inner-called"]
    administrator.post(f"/v2/incidents/{incident['incidentKey']}/resolution")
    assert _with_incident(administrator, case) == set()
    assert not administrator.get(f"/v2/process-instances/{case['outer-calling']}").json()["hasIncident"]


def test_a_sibling_without_an_incident_has_none(administrator: httpx.Client, case: dict[str, str]) -> None:
    other = administrator.post("/v2/process-instances", json={"processDefinitionId": "outer-calling"}).json()
    found = _with_incident(administrator, {**case, "other": other["processInstanceKey"]})
    assert found == set(case)
    assert not administrator.get(f"/v2/process-instances/{other['processInstanceKey']}").json()["hasIncident"]


@pytest.mark.parametrize("named", ["one", "filter"])
def test_resolving_a_caller_s_incidents_reaches_those_it_called(
    api: Flask, administrator: httpx.Client, case: dict[str, str], named: str
) -> None:
    key = case["outer-calling"]
    path, body = (f"/{key}", {}) if named == "one" else ("", {"filter": {"processInstanceKey": key}})
    assert _work_off(api, administrator, path, body) == 1
    assert _with_incident(administrator, case) == set()


def test_an_incident_is_resolved_once_however_many_callers_are_found(
    api: Flask, administrator: httpx.Client, case: dict[str, str]
) -> None:
    body = {"filter": {"processInstanceKey": {"$in": list(case.values())}}}
    assert _work_off(api, administrator, "", body) == 1
