"""Deployments and definitions: deployed, found, read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient, ProcessDefinitionKey
from camunda_orchestration_sdk.errors import BadRequestError, NotFoundError
from camunda_orchestration_sdk.models import (
    DecisionDefinitionSearchQuery,
    DecisionRequirementsSearchQuery,
    ProcessDefinitionElementStatisticsQuery,
    ProcessDefinitionSearchQuery,
)

from . import content
from .typed import typed


def test_all_files_of_a_deployment_become_definitions(deployed: Any) -> None:
    assert {process.process_definition_id for process in deployed.processes} == {
        content.CHECK,
        content.STRAIGHT,
        content.PAYMENT,
        content.CAMPAIGN,
        content.DUNNING,
        content.BROKEN,
    }
    assert {decision.decision_definition_id for decision in deployed.decisions} == {"grade", "band"}
    assert [graph.decision_requirements_id for graph in deployed.decision_requirements] == ["client-grading"]
    assert [form.form_id for form in deployed.forms] == ["client-review"]
    for each in (*deployed.processes, *deployed.decisions, *deployed.decision_requirements, *deployed.forms):
        typed(each)


def test_the_same_files_again_are_no_new_versions(
    client: CamundaClient, deployed: Any, files: list[str | Path]
) -> None:
    again = client.deploy_resources_from_files(files)

    assert again.deployment_key != deployed.deployment_key
    assert {p.process_definition_key for p in again.processes} == {p.process_definition_key for p in deployed.processes}


def test_what_would_not_execute_is_refused(client: CamundaClient, tmp_path: Path) -> None:
    broken = tmp_path / "broken.bpmn"
    broken.write_bytes(content.STRAIGHT_BPMN.replace(b"scriptTask", b"adHocSubProcess"))

    with pytest.raises(BadRequestError, match="double"):
        client.deploy_resources_from_files([broken])


def test_process_definitions_are_found_and_read(client: CamundaClient, deployed: Any) -> None:
    query = ProcessDefinitionSearchQuery.from_dict(
        {"filter": {"processDefinitionId": content.CHECK, "isLatestVersion": True}}
    )

    found = typed(client.search_process_definitions(data=query))

    assert [item.process_definition_id for item in found.items] == [content.CHECK]
    key = found.items[0].process_definition_key
    assert typed(client.get_process_definition(key)).resource_name == "client-check.bpmn"
    xml = client.get_process_definition_xml(key)
    assert xml.encode() == content.CHECK_BPMN
    with pytest.raises(NotFoundError):
        client.get_process_definition(ProcessDefinitionKey("1"))


def test_statistics_count_what_instances_do_at_each_element(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.DUNNING).process_definition_key

    found = typed(
        client.get_process_definition_statistics(
            key, data=ProcessDefinitionElementStatisticsQuery.from_dict({"filter": {}})
        )
    )

    active = {item.element_id: item.active for item in found.items}
    assert active["wait"] >= 1


def test_decisions_and_their_graph_are_found_and_read(client: CamundaClient, deployed: Any) -> None:
    query = DecisionDefinitionSearchQuery.from_dict({"filter": {"decisionDefinitionId": "grade"}})
    found = typed(client.search_decision_definitions(data=query))

    assert [item.name for item in found.items] == ["评级"]
    assert "rule-good" in client.get_decision_definition_xml(found.items[0].decision_definition_key)
    assert typed(client.get_decision_definition(found.items[0].decision_definition_key)).version == 1
    graphs = typed(
        client.search_decision_requirements(
            data=DecisionRequirementsSearchQuery.from_dict({"filter": {"decisionRequirementsId": "client-grading"}})
        )
    )
    assert "rule-high" in client.get_decision_requirements_xml(graphs.items[0].decision_requirements_key)


def test_forms_are_read_by_key(client: CamundaClient, deployed: Any) -> None:
    form = typed(client.get_form_by_key(deployed.forms[0].form_key))

    assert form.form_id == "client-review"
    assert "Field_decision" in form.schema
