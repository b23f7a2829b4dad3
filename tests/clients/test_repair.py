"""Modification and migration with the official client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError, ConflictError
from camunda_orchestration_sdk.models import (
    ElementInstanceSearchQuery,
    ProcessCreationById,
    ProcessInstanceMigrationBatchOperationRequest,
    ProcessInstanceMigrationInstruction,
    ProcessInstanceModificationBatchOperationRequest,
    ProcessInstanceModificationInstruction,
)

from tests.installation import Installation
from tests.unit.bpmn.diagrams import END, START, document, node, path

from .test_operations import ended, items, of
from .typed import typed

REPAIR = "client-repair"


def review(*tasks: str) -> bytes:
    drawn = [node("userTask", task, ext="<zeebe:userTask/>") for task in tasks]
    return document(START, *drawn, END, path("start", *tasks, "end"), id_=REPAIR)


@pytest.fixture
def deploy(client: CamundaClient, tmp_path: Path) -> Callable[..., Any]:
    """Deploys a version of the process with these tasks; its key."""

    def run(*tasks: str) -> Any:
        file = tmp_path / "repair.bpmn"
        file.write_bytes(review(*tasks))
        return client.deploy_resources_from_files([file]).processes[0].process_definition_key

    return run


def begin(client: CamundaClient, *elements: str) -> Any:
    instructions = [{"elementId": element} for element in elements]
    body = {"processDefinitionId": REPAIR, "startInstructions": instructions}
    return typed(client.create_process_instance(data=ProcessCreationById.from_dict(body))).process_instance_key


def active(client: CamundaClient, key: Any) -> dict[str, Any]:
    query = {"filter": {"processInstanceKey": key, "state": "ACTIVE", "type": "USER_TASK"}}
    found = typed(client.search_element_instances(data=ElementInstanceSearchQuery.from_dict(query)))
    return {item.element_id: item.element_instance_key for item in found.items}


def modify(client: CamundaClient, key: Any, **instructions: Any) -> None:
    client.modify_process_instance(key, data=ProcessInstanceModificationInstruction.from_dict(instructions))


def test_elements_are_activated_moved_and_terminated(client: CamundaClient, deploy: Callable[..., Any]) -> None:
    deploy("apply", "check", "sign")
    key = begin(client, "apply", "check")
    assert set(active(client, key)) == {"apply", "check"}

    modify(
        client,
        key,
        activateInstructions=[{"elementId": "sign", "variableInstructions": [{"variables": {"by": "li"}}]}],
        terminateInstructions=[{"elementInstanceKey": active(client, key)["apply"]}],
        moveInstructions=[
            {
                "sourceElementInstruction": {"sourceType": "byId", "sourceElementId": "check"},
                "targetElementId": "apply",
                "ancestorScopeInstruction": {"ancestorScopeType": "sourceParent"},
            }
        ],
    )

    assert set(active(client, key)) == {"apply", "sign"}
    with pytest.raises(ApiError, match="nowhere"):
        modify(client, key, activateInstructions=[{"elementId": "nowhere"}])


def test_an_instance_goes_over_to_the_new_version(client: CamundaClient, deploy: Callable[..., Any]) -> None:
    deploy("apply", "sign")
    key = begin(client, "apply")
    task = active(client, key)["apply"]
    target = deploy("request", "sign")

    def migrate(*pairs: tuple[str, str]) -> None:
        mapping = [{"sourceElementId": source, "targetElementId": into} for source, into in pairs]
        body = {"targetProcessDefinitionKey": target, "mappingInstructions": mapping}
        client.migrate_process_instance(key, data=ProcessInstanceMigrationInstruction.from_dict(body))

    with pytest.raises(ConflictError, match="apply"):
        migrate(("sign", "sign"))
    migrate(("apply", "request"))

    assert active(client, key) == {"request": task}
    assert typed(client.get_process_instance(key)).process_definition_key == target


def test_many_instances_are_modified_and_migrated_and_taken_back(
    client: CamundaClient, deploy: Callable[..., Any], installation: Installation
) -> None:
    source = deploy("apply", "check", "sign")
    keys = [begin(client, "apply") for _ in range(3)]
    moves = [{"sourceElementId": "apply", "targetElementId": "check"}]
    request = ProcessInstanceModificationBatchOperationRequest.from_dict({**of(*keys[:2]), "moveInstructions": moves})
    moved = ended(client, typed(client.modify_process_instances_batch_operation(data=request)).batch_operation_key)
    assert (moved.batch_operation_type, moved.operations_completed_count) == ("MODIFY_PROCESS_INSTANCE", 2)
    assert [set(active(client, key)) for key in keys] == [{"check"}, {"check"}, {"apply"}]

    target = deploy("apply", "sign")
    plan = {
        "targetProcessDefinitionKey": target,
        "mappingInstructions": [{"sourceElementId": "apply", "targetElementId": "sign"}],
    }
    migration = ProcessInstanceMigrationBatchOperationRequest.from_dict({**of(*keys), "migrationPlan": plan})
    batch = typed(client.migrate_process_instances_batch_operation(data=migration)).batch_operation_key
    done = ended(client, batch)
    assert (done.operations_completed_count, done.operations_failed_count) == (1, 2)
    outcome = {item.process_instance_key: item for item in items(client, batch)}
    assert "check" in outcome[keys[0]].error_message
    assert active(client, keys[2]).keys() == {"sign"}

    made = installation.caller().post("/process-instances/migration/reversion", {"batchOperationKey": batch})
    back = ended(client, made.document["batchOperationKey"])
    assert (back.operations_completed_count, back.operations_failed_count) == (1, 0)
    assert active(client, keys[2]).keys() == {"apply"}
    assert typed(client.get_process_instance(keys[2])).process_definition_key == source
