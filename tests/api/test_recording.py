"""A case recorded over the API: a scenario without personal data, for those who may read the case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest


@pytest.fixture(scope="module")
def case(administrator: httpx.Client, content: Path) -> str:
    """A case that waits for a review."""
    names = ("small-loan.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    assert administrator.post("/v2/deployments", files=files).status_code == 200
    variables = {"applicationId": "JJ-1", "amount": 1, "applicantName": "王芳", "mobile": "13800138000"}
    body = {"processDefinitionId": "small-loan", "variables": variables}
    key: str = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 1}
    (job,) = administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]
    done = {"variables": {"phone": "13800138000"}}
    administrator.post(f"/v2/jobs/{job['jobKey']}/completion", json=done)
    return key


def test_the_scenario_plays_and_names_nobody(administrator: httpx.Client, case: str) -> None:
    answered = administrator.get(f"/v2/process-instances/{case}/scenario")

    assert answered.status_code == 200, answered.text
    shown = answered.json()
    assert (shown["processInstanceKey"], shown["processDefinitionId"]) == (case, "small-loan")
    assert shown["passes"] is True
    assert shown["remarks"] == []
    assert shown["resources"] == ["small-loan.bpmn", "risk.dmn", "review.form"]
    assert "王芳" not in shown["scenario"] and "13800138000" not in shown["scenario"]
    assert "applicationId: JJ-1" in shown["scenario"]
    assert shown["scenario"].count("13900000001") == 4, "one pseudonym wherever the number stood"


def test_those_who_may_read_the_case_may_record_it(person: Callable[[str], httpx.Client], case: str) -> None:
    path = f"/v2/process-instances/{case}/scenario"
    assert person("zhang.wei").get(path).status_code == 200
    assert person("chen.jing").get(path).status_code == 404


def test_what_is_not_there_cannot_be_recorded(administrator: httpx.Client) -> None:
    assert administrator.get("/v2/process-instances/1/scenario").status_code == 404
