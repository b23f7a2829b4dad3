"""What operators look at first: incidents by cause, jobs by type and worker, instances by process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk import models as m

from tests.api.cases import deploy, items, start

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


@pytest.fixture(scope="module")
def failed(administrator: httpx.Client, _deployed: None) -> list[str]:
    """Three instances whose job failed, two of them alike: their keys."""
    made = []
    for number in range(3):
        body = {"processDefinitionId": "small-loan", "variables": {"applicationId": str(number), "amount": 1}}
        made.append(administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"])
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 3, "worker": "w-1"}
    jobs = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    for job, message in zip(jobs, ("bank 10001 is down", "bank 20002 is down", "no such account"), strict=True):
        failure = {"retries": 0, "errorMessage": message}
        assert administrator.post(f"/v2/jobs/{job['jobKey']}/failure", json=failure).status_code == 204
    return made


def ask(http: httpx.Client, path: str, **body: Any) -> list[dict[str, Any]]:
    answered = http.post(f"/v2/{path}", json=body)
    assert answered.status_code == 200, answered.text
    found: list[dict[str, Any]] = answered.json()["items"]
    return found


def test_incidents_are_grouped_by_cause(administrator: httpx.Client, failed: list[str], person: Person) -> None:
    causes = ask(person("liu.yang"), "incidents/statistics/process-instances-by-error")
    assert [cause["activeInstancesWithErrorCount"] for cause in causes] == [2, 1]
    assert "bank # is down" in causes[0]["errorMessage"]
    assert causes[0]["processDefinitionIds"] == ["small-loan"]
    code = causes[0]["errorHashCode"]
    (version,) = ask(
        administrator, "incidents/statistics/process-instances-by-definition", filter={"errorHashCode": code}
    )
    assert (version["processDefinitionId"], version["activeInstancesWithErrorCount"]) == ("small-loan", 2)
    assert len(items(administrator, "incidents", filter={"errorHashCode": code, "state": "ACTIVE"})) == 2
    found = items(administrator, "process-instances", filter={"incidentErrorHashCode": code})
    assert {item["processInstanceKey"] for item in found} == set(failed[:2])
    assert ask(person("zhang.wei"), "incidents/statistics/process-instances-by-error") == []


def test_jobs_are_counted_by_type_worker_and_error(administrator: httpx.Client, failed: list[str]) -> None:
    (of_type,) = ask(administrator, "jobs/statistics/by-types", filter={"jobType": "check-credit"})
    assert (of_type["created"]["count"], of_type["open"], of_type["withoutRetries"]) == (3, 3, 3)
    assert of_type["failed"]["count"] == 3
    body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "w", "amount": 1}}
    administrator.post("/v2/process-instances", json=body)
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 1, "worker": "w-2"}
    (job,) = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    (worker,) = ask(administrator, "jobs/statistics/by-workers")
    assert (worker["worker"], worker["open"], worker["activated"]) == ("w-2", 1, 1)
    administrator.post(f"/v2/process-instances/{job['processInstanceKey']}/cancellation")
    errors = ask(administrator, "jobs/statistics/errors", filter={"errorMessage": {"$like": "bank*"}})
    assert [error["count"] for error in errors] == [1, 1]
    window = {"from": "2000-01-01T00:00:00Z", "to": "2001-01-01T00:00:00Z"}
    assert ask(administrator, "jobs/statistics/by-types", filter=window) == []
    counted = administrator.get("/v2/jobs/statistics/global", params=window).json()
    assert (counted["created"]["count"], counted["isIncomplete"]) == (0, False)


def test_active_instances_are_counted_by_process_and_version(administrator: httpx.Client, failed: list[str]) -> None:
    start(administrator, administrator)
    found = {
        one["processDefinitionId"]: one
        for one in ask(administrator, "process-definitions/statistics/process-instances")
    }
    assert found["small-loan"]["activeInstancesWithIncidentCount"] == 3
    assert found["small-loan"]["activeInstancesWithoutIncidentCount"] == 1
    assert found["straight-through"]["activeInstancesWithoutIncidentCount"] == 0
    (version,) = ask(
        administrator,
        "process-definitions/statistics/process-instances-by-version",
        filter={"processDefinitionId": "small-loan"},
    )
    assert version["activeInstancesWithIncidentCount"] == 3


def test_the_official_client_reads_them(client: CamundaClient, failed: list[str]) -> None:
    by_error = client.get_process_instance_statistics_by_error(data=m.IncidentProcessInstanceStatisticsByErrorQuery())
    assert by_error.items[0].active_instances_with_error_count == 2
    by_process = client.get_process_definition_instance_statistics(data=m.ProcessDefinitionInstanceStatisticsQuery())
    assert by_process.items[0].process_definition_id == "small-loan"
