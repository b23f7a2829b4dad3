"""Incidents: found with their cause, repaired, resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.models import IncidentSearchQuery, SetVariableRequest

from . import content
from .typed import typed


def _incidents(client: CamundaClient, key: Any, state: str) -> list[Any]:
    query = IncidentSearchQuery.from_dict({"filter": {"processInstanceKey": key, "state": state}})
    return typed(client.search_incidents(data=query)).items


def test_an_incident_is_repaired_and_the_instance_goes_on(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.BROKEN, total=100).process_instance_key

    incident = _incidents(client, key, "ACTIVE")[0]
    assert incident.element_id == "divide"
    assert incident.error_type == "EXTRACT_VALUE_ERROR"
    assert "share" in incident.error_message

    client.resolve_incident(incident.incident_key)
    again = _incidents(client, key, "ACTIVE")
    assert len(again) == 1, "the cause was not repaired, so it is an incident again"

    client.create_element_instance_variables(key, data=SetVariableRequest.from_dict({"variables": {"share": 4}}))
    client.resolve_incident(again[0].incident_key)

    assert _incidents(client, key, "ACTIVE") == []
    instance = typed(client.get_process_instance(key))
    assert (instance.state, instance.has_incident) == ("COMPLETED", False)


def test_incidents_of_one_instance(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.BROKEN, total=100, share=0).process_instance_key

    found = typed(client.search_process_instance_incidents(key))

    assert [item.element_id for item in found.items] == ["divide"]
