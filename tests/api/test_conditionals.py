"""Conditional start events over HTTP: the official client, what is refused, and incidents of conditions."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import BadRequestError, NotFoundError
from camunda_orchestration_sdk.models import ConditionalEvaluationInstruction

from ..unit.bpmn.diagrams import END, START, boundary, condition, document, flow, node, path


def started_by(id_: str, text: str) -> bytes:
    start = node("startEvent", "start", condition(text))
    return document(start, node("userTask", "work"), END, path("start", "work", "end"), id_=id_)


def deploy(http: httpx.Client, name: str, content: bytes) -> int:
    answered = http.post("/v2/deployments", files=[("resources", (name, content))])
    assert answered.status_code == 200, answered.text
    return int(answered.json()["deployments"][0]["processDefinition"]["processDefinitionKey"])


def instruction(**body: Any) -> ConditionalEvaluationInstruction:
    return ConditionalEvaluationInstruction.from_dict(body)


@pytest.fixture(scope="module")
def definitions(administrator: httpx.Client) -> dict[str, int]:
    """The keys of two processes that conditions start."""
    return {
        id_: deploy(administrator, f"{id_}.bpmn", started_by(id_, text))
        for id_, text in (("large-loan", "amount > 1000"), ("any-loan", "amount > 0"))
    }


def test_the_official_client_starts_what_its_variables_fulfil(
    client: CamundaClient, definitions: dict[str, int]
) -> None:
    both = client.evaluate_conditionals(data=instruction(variables={"amount": 5000}))
    assert {int(one.process_definition_key) for one in both.process_instances} == set(definitions.values())
    assert both.conditional_evaluation_key
    started = client.get_process_instance(both.process_instances[0].process_instance_key)
    assert started.state == "ACTIVE"
    none = client.evaluate_conditionals(data=instruction(variables={"amount": -1}))
    assert none.process_instances == []
    one = client.evaluate_conditionals(
        data=instruction(variables={"amount": 5000}, processDefinitionKey=str(definitions["any-loan"]))
    )
    assert [int(found.process_definition_key) for found in one.process_instances] == [definitions["any-loan"]]


def test_what_cannot_be_evaluated_is_said(client: CamundaClient, definitions: dict[str, int]) -> None:
    assert definitions
    with pytest.raises(NotFoundError):
        client.evaluate_conditionals(data=instruction(variables={}, processDefinitionKey="1"))
    with pytest.raises(BadRequestError, match="-loan"):
        client.evaluate_conditionals(data=instruction(variables={"amount": "much"}))


def test_the_shape_of_the_request_is_checked(administrator: httpx.Client) -> None:
    for body in ({}, {"variables": 5}, {"variables": {}, "tenantId": "x"}, {"variables": {}, "more": 1}):
        answered = administrator.post("/v2/conditionals/evaluation", json=body)
        assert answered.status_code == 400, body
        assert answered.headers["content-type"] == "application/problem+json"


def test_a_condition_that_loses_its_value_is_an_incident_to_be_found(administrator: httpx.Client) -> None:
    shape = document(
        START,
        node("userTask", "work"),
        boundary("withdrawn", "work", condition("cancelled")),
        END,
        path("start", "work", "end"),
        flow("withdrawn", "end"),
        id_="withdrawable",
    )
    deploy(administrator, "withdrawable.bpmn", shape)
    created = administrator.post("/v2/process-instances", json={"processDefinitionId": "withdrawable"}).json()
    key = created["processInstanceKey"]

    def set_(value: Any) -> None:
        body = {"variables": {"cancelled": value}}
        assert administrator.put(f"/v2/element-instances/{key}/variables", json=body).status_code == 204

    def incidents() -> list[dict[str, Any]]:
        query = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
        found: list[dict[str, Any]] = administrator.post("/v2/incidents/search", json=query).json()["items"]
        return found

    set_("perhaps")
    (incident,) = incidents()
    assert (incident["elementId"], incident["errorType"]) == ("withdrawn", "CONDITION_ERROR")
    set_(False)
    assert incidents() == []
    set_(True)
    assert administrator.get(f"/v2/process-instances/{key}").json()["state"] == "COMPLETED"
