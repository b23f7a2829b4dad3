"""Cases for tests of what people see of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

NAMES = ("small-loan.bpmn", "straight-through.bpmn", "risk.dmn", "review.form")
OPINION = {"variables": {"opinion": "同意"}}


def deploy(administrator: httpx.Client, content: Path) -> None:
    """Deploy the tests' own small loan."""
    files = [("resources", (name, (content / name).read_bytes())) for name in NAMES]
    assert administrator.post("/v2/deployments", files=files).status_code == 200


def start(http: httpx.Client, administrator: httpx.Client, **more: Any) -> dict[str, str]:
    """A case, started by ``http``, that waits for the reviewers of group A: the keys of its instance and its task."""
    variables = {"applicationId": "x", "amount": 1, **more.pop("variables", {})}
    body = {"processDefinitionId": "small-loan", "variables": variables, **more}
    started = http.post("/v2/process-instances", json=body)
    assert started.status_code == 200, started.text
    instance = started.json()["processInstanceKey"]
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 10}
    for job in administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]:
        assert administrator.post(f"/v2/jobs/{job['jobKey']}/completion").status_code == 204
    (task,) = items(administrator, "user-tasks", filter={"processInstanceKey": instance})
    return {"instance": instance, "task": task["userTaskKey"]}


def items(http: httpx.Client, what: str, **body: Any) -> list[dict[str, Any]]:
    """The first page of a search that must succeed."""
    answered = http.post(f"/v2/{what}/search", json=body)
    assert answered.status_code == 200, answered.text
    shown: list[dict[str, Any]] = answered.json()["items"]
    return shown
