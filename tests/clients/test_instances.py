"""Process instances: started, awaited, found, looked into, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError, ConflictError, NotFoundError
from camunda_orchestration_sdk.models import (
    CancelProcessInstanceRequest,
    ElementInstanceSearchQuery,
    ProcessCreationById,
    ProcessCreationByKey,
    ProcessInstanceSearchQuery,
    SetVariableRequest,
    VariableSearchQuery,
)

from . import content
from .typed import typed


def test_an_instance_is_started_by_the_key_of_its_definition(client: CamundaClient, deployed: Any) -> None:
    process = next(p for p in deployed.processes if p.process_definition_id == content.DUNNING)

    created = typed(
        client.create_process_instance(
            data=ProcessCreationByKey.from_dict(
                {"processDefinitionKey": process.process_definition_key, "tags": ["vip"], "businessId": "L-77"}
            )
        )
    )

    assert created.process_definition_id == content.DUNNING
    assert created.tags == ["vip"]
    assert created.business_id == "L-77"


def test_an_instance_is_awaited_and_gives_its_variables(client: CamundaClient, deployed: Any) -> None:
    body = {
        "processDefinitionId": content.STRAIGHT,
        "variables": {"amount": 12500.05, "name": "王芳"},
        "awaitCompletion": True,
        "fetchVariables": ["doubled", "name"],
    }

    done = typed(client.create_process_instance(data=ProcessCreationById.from_dict(body)))

    assert done.variables.to_dict() == {"doubled": 25000.1, "name": "王芳"}


def test_an_unknown_process_is_not_found(client: CamundaClient, deployed: Any) -> None:
    body = {"processDefinitionId": "no-such-process"}

    with pytest.raises(ApiError, match="no-such-process") as refused:
        client.create_process_instance(data=ProcessCreationById.from_dict(body))

    assert refused.value.status_code == 404


def test_instances_elements_and_variables_are_found(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.CHECK, score=640, customer={"name": "李雷", "limits": [1, 2.5]}).process_instance_key

    instance = typed(client.get_process_instance(key))
    assert instance.state == "ACTIVE"
    assert instance.has_incident is False
    found = typed(
        client.search_process_instances(
            data=ProcessInstanceSearchQuery.from_dict(
                {"filter": {"processInstanceKey": {"$in": [key]}, "state": "ACTIVE"}}
            )
        )
    )
    assert [item.process_instance_key for item in found.items] == [key]
    elements = typed(
        client.search_element_instances(
            data=ElementInstanceSearchQuery.from_dict(
                {"filter": {"processInstanceKey": key}, "sort": [{"field": "startDate", "order": "ASC"}]}
            )
        )
    )
    assert {(item.element_id, item.type_.value, item.state.value) for item in elements.items} >= {
        ("grade-it", "BUSINESS_RULE_TASK", "COMPLETED"),
        ("review", "USER_TASK", "ACTIVE"),
    }
    review = next(item for item in elements.items if item.element_id == "review")
    assert typed(client.get_element_instance(review.element_instance_key)).end_date is None
    variables = typed(
        client.search_variables(data=VariableSearchQuery.from_dict({"filter": {"processInstanceKey": key}}))
    )
    assert {item.name: item.value for item in variables.items} == {
        "score": "640",
        "customer": '{"name":"李雷","limits":[1,2.5]}',
        "grade": '"A"',
    }
    assert typed(client.get_variable(variables.items[0].variable_key)).name in {"score", "customer", "grade"}


def test_flows_and_statistics_tell_where_an_instance_has_been(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.CHECK, score=100).process_instance_key

    flows = typed(client.get_process_instance_sequence_flows(key))
    statistics = typed(client.get_process_instance_statistics(key))

    assert {item.element_id for item in flows.items} == {"start_grade-it", "grade-it_review"}
    counted = {item.element_id: item for item in statistics.items}
    assert counted["review"].active == 1
    assert counted["grade-it"].completed == 1


def test_variables_are_set_from_outside(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.CHECK, score=100).process_instance_key

    client.create_element_instance_variables(
        key, data=SetVariableRequest.from_dict({"variables": {"score": 700, "by": "operator"}, "local": False})
    )

    found = client.search_variables(
        data=VariableSearchQuery.from_dict({"filter": {"processInstanceKey": key, "name": "score"}})
    )
    assert [item.value for item in found.items] == ["700"]


def test_a_cancelled_instance_is_terminated_and_cannot_be_cancelled_again(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    key = start(content.DUNNING).process_instance_key

    client.cancel_process_instance(key, data=CancelProcessInstanceRequest())

    instance = typed(client.get_process_instance(key))
    assert instance.state == "TERMINATED"
    assert instance.end_date is not None
    with pytest.raises((NotFoundError, ConflictError)):
        client.cancel_process_instance(key, data=CancelProcessInstanceRequest())


def test_pages_are_walked_by_cursor(client: CamundaClient, start: Callable[..., Any]) -> None:
    started = {start(content.STRAIGHT, amount=n).process_instance_key for n in range(5)}
    seen: list[str] = []
    page: dict[str, Any] = {"limit": 2}
    while True:
        found = typed(
            client.search_process_instances(
                data=ProcessInstanceSearchQuery.from_dict(
                    {
                        "filter": {"processInstanceKey": {"$in": sorted(started)}},
                        "sort": [{"field": "startDate", "order": "DESC"}],
                        "page": page,
                    }
                )
            )
        )
        seen += [item.process_instance_key for item in found.items]
        if len(found.items) < 2:
            break
        page = {"limit": 2, "after": found.page.end_cursor}

    assert len(seen) == 5
    assert set(seen) == started
