"""Modification and migration over HTTP: shapes, trials, refusals with their elements, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.integration.models import line, start_and_end, user_task
from tests.unit.bpmn.diagrams import boundary, node, path, timer

FORK = start_and_end(
    user_task("apply"),
    node("parallelGateway", "split"),
    node("parallelGateway", "join"),
    user_task("credit"),
    user_task("risk"),
    path("start", "apply", "split", "credit", "join", "end"),
    path("split", "risk", "join"),
    id_="repair-fork",
)


def deploy(http: httpx.Client, file: bytes) -> str:
    """Deploy a file; the key of its process definition."""
    answer = http.post("/v2/deployments", files={"resources": ("p.bpmn", file)}).raise_for_status().json()
    return str(answer["deployments"][0]["processDefinition"]["processDefinitionKey"])


@pytest.fixture(scope="module")
def definition(administrator: httpx.Client) -> str:
    return deploy(administrator, FORK)


@pytest.fixture
def begin(administrator: httpx.Client, definition: str) -> Callable[..., str]:
    def start(*elements: str, **more: Any) -> str:
        body = {"processDefinitionKey": definition, "startInstructions": [{"elementId": e} for e in elements], **more}
        created = administrator.post("/v2/process-instances", json=body)
        assert created.status_code == 200, created.text
        return str(created.json()["processInstanceKey"])

    return start


def active(http: httpx.Client, key: str) -> dict[str, str]:
    """The keys of the element instances with a token, by element id."""
    body = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
    items = http.post("/v2/element-instances/search", json=body).json()["items"]
    return {i["elementId"]: i["elementInstanceKey"] for i in items if i["type"] != "PROCESS"}


def test_an_instance_starts_at_the_elements_that_are_named(
    administrator: httpx.Client, begin: Callable[..., str]
) -> None:
    assert set(active(administrator, begin())) == {"apply"}
    assert set(active(administrator, begin("credit", "risk"))) == {"credit", "risk"}
    stop = [{"type": "TERMINATE_PROCESS_INSTANCE", "afterElementId": "join"}]
    key = begin("join", runtimeInstructions=stop)
    assert administrator.get(f"/v2/process-instances/{key}").json()["state"] == "TERMINATED"


def test_where_it_cannot_start_is_said_by_element(administrator: httpx.Client, definition: str) -> None:
    body = {"processDefinitionKey": definition, "startInstructions": [{"elementId": "nowhere"}]}
    refused = administrator.post("/v2/process-instances", json=body)
    assert refused.status_code == 400
    assert [error["element"] for error in refused.json()["errors"]] == ["nowhere"]


def test_a_modification_in_camundas_words(administrator: httpx.Client, begin: Callable[..., str]) -> None:
    key = begin("credit")
    body = {
        "activateInstructions": [
            {
                "elementId": "risk",
                "ancestorElementInstanceKey": "-1",
                "variableInstructions": [{"variables": {"level": 2}, "scopeId": ""}],
            }
        ],
        "moveInstructions": [
            {
                "sourceElementInstruction": {"sourceType": "byId", "sourceElementId": "credit"},
                "targetElementId": "apply",
                "ancestorScopeInstruction": {"ancestorScopeType": "inferred"},
            }
        ],
        "terminateInstructions": [],
        "operationReference": 7,
    }
    done = administrator.post(f"/v2/process-instances/{key}/modification", json=body)
    assert done.status_code == 204, done.text
    assert set(active(administrator, key)) == {"apply", "risk"}
    by_key = {"terminateInstructions": [{"elementInstanceKey": active(administrator, key)["risk"]}]}
    assert administrator.post(f"/v2/process-instances/{key}/modification", json=by_key).status_code == 204
    assert administrator.post(f"/v2/process-instances/{key}/modification", json=by_key).status_code == 409


def test_a_trial_shows_the_effect_and_its_revision_guards_the_act(
    administrator: httpx.Client, begin: Callable[..., str]
) -> None:
    key = begin("credit", "risk")
    body: dict[str, Any] = {"returnInstructions": [{"targetElementId": "apply"}], "reason": "again"}
    seen = administrator.post(f"/v2/process-instances/{key}/modification/dry-run", json=body).json()
    assert {change["elementId"] for change in seen["terminated"]} == {"credit", "risk"}
    assert [(wait["kind"], wait["elementId"]) for wait in seen["opened"]] == [("userTask", "apply")]
    assert seen["endsInState"] is None
    assert set(active(administrator, key)) == {"credit", "risk"}
    terminate = {"terminateInstructions": [{"elementId": "risk"}]}
    administrator.post(f"/v2/process-instances/{key}/modification", json=terminate).raise_for_status()
    late = administrator.post(f"/v2/process-instances/{key}/modification", json={**body, "revision": seen["revision"]})
    assert late.status_code == 409
    assert late.json()["code"] == "instance.moved-on"
    assert administrator.post(f"/v2/process-instances/{key}/modification", json=body).status_code == 204
    assert set(active(administrator, key)) == {"apply"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"activateInstructions": [{}]},
        {"activateInstructions": [{"elementId": "a", "sequenceFlowId": "b"}]},
        {"terminateInstructions": [{}]},
        {"terminateInstructions": [{"elementId": "a", "elementInstanceKey": "1"}]},
        {"moveInstructions": [{"targetElementId": "a", "sourceElementInstruction": {"sourceType": "byKey"}}]},
        {"moveInstructions": [{"targetElementId": "a"}]},
        {"activateInstructions": [{"elementId": "risk", "ancestorElementInstanceKey": "-2"}]},
        {"activateInstructions": [{"elementId": "nowhere"}]},
    ],
)
def test_a_modification_that_makes_no_sense_is_a_bad_request(
    administrator: httpx.Client, begin: Callable[..., str], body: dict[str, Any]
) -> None:
    refused = administrator.post(f"/v2/process-instances/{begin('credit')}/modification", json=body)
    assert refused.status_code == 400
    assert body == {} or refused.json()["errors"]


def test_the_reason_is_told_in_the_readers_language(administrator: httpx.Client, begin: Callable[..., str]) -> None:
    path_ = f"/v2/process-instances/{begin('credit')}/modification"
    body = {"terminateInstructions": [{"elementId": "risk"}]}
    chinese = administrator.post(path_, json=body, headers={"Accept-Language": "zh-CN"}).json()
    english = administrator.post(path_, json=body, headers={"Accept-Language": "en"}).json()
    assert "没有活动的令牌" in chinese["errors"][0]["detail"]
    assert "no active token" in english["errors"][0]["detail"]


# -- migration ------------------------------------------------------------------------------------------------------


def review(task: str, *then: str) -> bytes:
    return start_and_end(
        user_task(task),
        boundary("late", task, timer("duration", "P2D"), interrupting=False),
        node("endEvent", "reminded"),
        *(user_task(name) for name in then),
        path("start", task, *then, "end"),
        path("late", "reminded"),
        id_="repair-review",
    )


@pytest.fixture(scope="module")
def versions(administrator: httpx.Client) -> tuple[str, str]:
    return deploy(administrator, review("review", "sign")), deploy(administrator, review("approve", "check", "sign"))


def test_from_plan_to_migration_and_back(administrator: httpx.Client, versions: tuple[str, str]) -> None:
    source, target = versions
    to = {"targetProcessDefinitionKey": target}
    plan = administrator.post(f"/v2/process-definitions/{source}/migration/plan", json=to).json()
    assert {"sourceElementId": "sign", "targetElementId": "sign"} in plan["mappingInstructions"]
    best = plan["suggestions"][0]
    assert (best["sourceElementId"], best["targetElementId"]) == ("review", "approve")
    assert 0 < best["score"] < 1 and best["reasons"]
    assert "check" in plan["addedElementIds"]

    keys = [
        administrator.post("/v2/process-instances", json={"processDefinitionKey": source}).json()["processInstanceKey"]
        for _ in range(2)
    ]
    trial = administrator.post(f"/v2/process-definitions/{source}/migration/dry-run", json=to).json()
    assert (trial["migratable"], trial["refused"]) == (0, 2)
    assert trial["items"][0]["reasons"][0]["elementId"] == "review"
    to["mappingInstructions"] = [  # type: ignore[assignment]
        *plan["mappingInstructions"],
        {"sourceElementId": "review", "targetElementId": "approve"},
        {"sourceElementId": "late", "targetElementId": "late"},
    ]
    page = {**to, "limit": 1}
    first = administrator.post(f"/v2/process-definitions/{source}/migration/dry-run", json=page).json()
    assert (first["migratable"], first["hasMoreTotalItems"], first["endCursor"]) == (1, True, keys[0])
    page["after"] = first["endCursor"]
    rest = administrator.post(f"/v2/process-definitions/{source}/migration/dry-run", json=page).json()
    assert (rest["migratable"], rest["hasMoreTotalItems"]) == (1, False)

    one = f"/v2/process-instances/{keys[0]}"
    seen = administrator.post(f"{one}/migration/dry-run", json=to).json()
    assert seen["opened"] == seen["terminated"] == seen["activated"] == []
    assert administrator.post(f"{one}/migration", json={**to, "reason": "new law"}).status_code == 204
    assert administrator.get(one).json()["processDefinitionKey"] == target
    assert set(active(administrator, keys[0])) == {"approve"}
    assert administrator.post(f"{one}/migration", json=to).status_code == 400
    assert administrator.post(f"{one}/migration/reversion", json={"reason": "by mistake"}).status_code == 204
    assert administrator.get(one).json()["processDefinitionKey"] == source
    assert set(active(administrator, keys[0])) == {"review"}
    assert administrator.post(f"/v2/process-instances/{keys[1]}/migration/reversion").status_code == 409


def test_what_keeps_an_instance_from_migrating_is_a_conflict_with_every_element(
    administrator: httpx.Client, versions: tuple[str, str]
) -> None:
    source, target = versions
    body = {"processDefinitionKey": source, "startInstructions": [{"elementId": "review"}, {"elementId": "sign"}]}
    key = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    to = {"targetProcessDefinitionKey": target, "mappingInstructions": []}
    refused = administrator.post(f"/v2/process-instances/{key}/migration", json=to)
    assert refused.status_code == 409
    assert {error["element"] for error in refused.json()["errors"]} == {"review", "sign"}
    twice = [{"sourceElementId": "sign", "targetElementId": "sign"}] * 2
    to["mappingInstructions"] = twice  # type: ignore[assignment]
    assert administrator.post(f"/v2/process-instances/{key}/migration", json=to).status_code == 400
    unknown = {"targetProcessDefinitionKey": "1"}
    assert administrator.post(f"/v2/process-instances/{key}/migration", json=unknown).status_code == 404


def test_a_line_is_still_drawn_where_it_was(administrator: httpx.Client) -> None:
    """The oldest version stays what it was: a migration changes instances, not definitions."""
    first = deploy(administrator, line(("only", user_task("only")), id_="repair-line"))
    second = deploy(administrator, line(("only", user_task("only")), ("more", user_task("more")), id_="repair-line"))
    key = administrator.post("/v2/process-instances", json={"processDefinitionKey": first}).json()["processInstanceKey"]
    migrate = {"targetProcessDefinitionKey": second}
    assert administrator.post(f"/v2/process-instances/{key}/migration", json=migrate).status_code == 204
    count = f"/v2/process-definitions/{first}/statistics/element-instances"
    items = administrator.post(count, json={}).json()["items"]
    assert all(item["active"] == 0 for item in items if item["elementId"] == "only")


def test_a_join_that_would_wait_for_ever_is_seen_and_moved_by_its_incident(
    administrator: httpx.Client, begin: Callable[..., str]
) -> None:
    key = begin("credit")
    (task,) = administrator.post("/v2/user-tasks/search", json={"filter": {"processInstanceKey": key}}).json()["items"]
    administrator.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", json={}).raise_for_status()

    def incident() -> dict[str, Any]:
        body = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
        (found,) = administrator.post("/v2/incidents/search", json=body).json()["items"]
        return dict(found)

    told = incident()
    assert (told["elementId"], told["errorType"]) == ("join", "UNKNOWN")
    assert "risk_join" in told["errorMessage"]
    element = administrator.get(f"/v2/element-instances/{told['elementInstanceKey']}").json()
    assert (element["elementId"], element["state"], element["hasIncident"]) == ("join", "ACTIVE", True)
    counts = administrator.get(f"/v2/process-instances/{key}/statistics/element-instances").json()["items"]
    assert [count["elementId"] for count in counts if count["incidents"]] == ["join"]
    administrator.post(f"/v2/incidents/{told['incidentKey']}/resolution").raise_for_status()
    again = incident()
    assert again["incidentKey"] != told["incidentKey"]

    source = {"sourceType": "byKey", "sourceElementInstanceKey": again["elementInstanceKey"]}
    body = {"moveInstructions": [{"sourceElementInstruction": source, "targetElementId": "end"}]}
    tried = administrator.post(f"/v2/process-instances/{key}/modification/dry-run", json=body).json()
    assert tried["endsInState"] == "COMPLETED"
    administrator.post(f"/v2/process-instances/{key}/modification", json=body).raise_for_status()
    assert administrator.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"
