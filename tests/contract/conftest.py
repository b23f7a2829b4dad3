"""A running installation with something of every kind in it, and its OpenAPI document as schemathesis reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis

from server.store.embedded import EmbeddedPostgres
from tests.clients.content import BROKEN, CAMPAIGN, CHECK, DUNNING, FILES, PAYMENT, TRANSFER
from tests.installation import Caller, Installation, fresh_database, running_installation

from .inhabitants import Inhabitants

EACH = 12
"""Instances of each kind: commands use them up while the test goes on."""
LEAST_BATCHES = 3
"""Batches of decisions; requests that are made up hand in more, up to the most that may be unfinished."""


@pytest.fixture(scope="session")
def installation(database_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    var = tmp_path_factory.mktemp("contract")
    with (
        fresh_database(database_server, "contract") as url,
        running_installation(url, var, processes=["api"], api_processes="1") as installation,
    ):
        yield installation


@pytest.fixture(scope="session")
def token(installation: Installation) -> str:
    """The bearer token that every request carries."""
    caller = installation.caller()
    assert caller.authorization is not None
    return caller.authorization


@pytest.fixture(scope="session")
def inhabitants(installation: Installation) -> Inhabitants:
    """Real keys and names for the requests that are made up."""
    caller = installation.caller()
    caller.deploy(FILES)
    for number in range(EACH):
        for process_id in (CHECK, PAYMENT, CAMPAIGN, DUNNING):
            _start(caller, process_id, {"score": 640, "loanId": f"L-{number}", "customer": "王芳"})
        _start(caller, BROKEN, {"total": 100})
    for task in caller.find("/user-tasks")[: EACH // 2]:
        caller.post(f"/user-tasks/{task['userTaskKey']}/completion", {"variables": {"decision": "approve"}})
    for number in range(LEAST_BATCHES):
        batch = {"decisionDefinitionId": "grade", "inputs": [{"score": number}]}
        assert caller.post("/decision-definitions/batch-evaluations", batch).ok
    request = {"type": TRANSFER, "timeout": 600_000, "maxJobsToActivate": 3, "requestTimeout": -1}
    assert caller.post("/jobs/activation", request).ok
    return Inhabitants.settled_by(caller)


def _start(caller: Caller, process_id: str, variables: dict[str, Any]) -> None:
    answer = caller.post("/process-instances", {"processDefinitionId": process_id, "variables": variables})
    assert answer.ok, answer


@pytest.fixture(scope="session")
def described(installation: Installation, token: str, inhabitants: Inhabitants) -> Any:
    """The document that the installation serves."""
    return schemathesis.openapi.from_url(f"{installation.url}/openapi.json")
