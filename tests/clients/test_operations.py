"""What operators do with the official client: suspension, deletion, batches and their items."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError, ConflictError
from camunda_orchestration_sdk.models import (
    BatchOperationItemSearchQuery,
    BatchOperationSearchQuery,
    CancelProcessInstanceRequest,
    DecisionInstanceDeletionBatchOperationRequest,
    DecisionInstanceSearchQuery,
    DeleteDecisionInstanceRequest,
    DeleteProcessInstanceRequest,
    JobBatchUpdateRequest,
    JobSearchQuery,
    ProcessInstanceCancellationBatchOperationRequest,
    ProcessInstanceDeletionBatchOperationRequest,
    ProcessInstanceIncidentResolutionBatchOperationRequest,
    ProcessInstanceResumptionBatchOperationRequest,
    ProcessInstanceSearchQuery,
    ProcessInstanceSuspensionBatchOperationRequest,
    ResumeProcessInstanceRequest,
    SetVariableRequest,
    SuspendProcessInstanceRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
)

from tests.installation import Installation

from . import content
from .typed import typed


def ended(client: CamundaClient, key: Any) -> Any:
    """The batch, once it has been worked off."""
    deadline = time.monotonic() + 30
    while True:
        batch = typed(client.get_batch_operation(key))
        if batch.end_date is not None:
            return batch
        assert time.monotonic() < deadline, batch
        time.sleep(0.1)


def items(client: CamundaClient, key: Any) -> list[Any]:
    query = BatchOperationItemSearchQuery.from_dict({"filter": {"batchOperationKey": key}})
    return typed(client.search_batch_operation_items(data=query)).items


def of(*keys: Any) -> dict[str, Any]:
    return {"filter": {"processInstanceKey": {"$in": list(keys)}}}


def test_an_instance_is_suspended_found_and_resumed(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.DUNNING).process_instance_key
    client.suspend_process_instance(key, data=SuspendProcessInstanceRequest())
    found = typed(
        client.search_process_instances(
            data=ProcessInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": key, "state": "SUSPENDED"}})
        )
    ).items
    assert [item.process_instance_key for item in found] == [key]
    assert found[0].suspended_date is not None
    with pytest.raises(ConflictError):
        client.suspend_process_instance(key, data=SuspendProcessInstanceRequest())
    client.resume_process_instance(key, data=ResumeProcessInstanceRequest())
    instance = typed(client.get_process_instance(key))
    assert (instance.state, instance.suspended_date) == ("ACTIVE", None)


def test_a_task_of_a_suspended_instance_is_refused_with_what_to_do(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    key = start(content.CHECK, amount=1000, income=9000).process_instance_key
    client.suspend_process_instance(key, data=SuspendProcessInstanceRequest())
    query = UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": key}})
    (task,) = typed(client.search_user_tasks(data=query)).items
    with pytest.raises(ApiError, match="suspended") as refused:
        client.complete_user_task(task.user_task_key, data=UserTaskCompletionRequest())
    assert refused.value.status_code == 409


def test_instances_are_suspended_resumed_and_cancelled_by_filter(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    keys = [start(content.DUNNING).process_instance_key for _ in range(3)]
    for make, request, kind, state in (
        (
            client.suspend_process_instances_batch_operation,
            ProcessInstanceSuspensionBatchOperationRequest,
            "SUSPEND_PROCESS_INSTANCE",
            "SUSPENDED",
        ),
        (
            client.resume_process_instances_batch_operation,
            ProcessInstanceResumptionBatchOperationRequest,
            "RESUME_PROCESS_INSTANCE",
            "ACTIVE",
        ),
        (
            client.cancel_process_instances_batch_operation,
            ProcessInstanceCancellationBatchOperationRequest,
            "CANCEL_PROCESS_INSTANCE",
            "TERMINATED",
        ),
        (
            client.delete_process_instances_batch_operation,
            ProcessInstanceDeletionBatchOperationRequest,
            "DELETE_PROCESS_INSTANCE",
            None,
        ),
    ):
        made = typed(make(data=request.from_dict(of(*keys))))  # type: ignore[operator]
        assert made.batch_operation_type == kind
        batch = ended(client, made.batch_operation_key)
        assert batch.state == "COMPLETED"
        assert (batch.operations_total_count, batch.operations_completed_count, batch.operations_failed_count) == (
            3,
            3,
            0,
        )
        assert {item.state.value for item in items(client, made.batch_operation_key)} == {"COMPLETED"}
        if state is not None:
            assert {typed(client.get_process_instance(key)).state.value for key in keys} == {state}
    with pytest.raises(ApiError) as gone:
        client.get_process_instance(keys[0])
    assert gone.value.status_code == 404


def test_an_ended_instance_is_deleted_and_a_running_one_is_not(
    client: CamundaClient, start: Callable[..., Any]
) -> None:
    key = start(content.DUNNING).process_instance_key
    with pytest.raises(ConflictError):
        client.delete_process_instance(key, data=DeleteProcessInstanceRequest())
    client.cancel_process_instance(key, data=CancelProcessInstanceRequest())
    client.delete_process_instance(key, data=DeleteProcessInstanceRequest())
    with pytest.raises(ApiError) as gone:
        client.get_process_instance(key)
    assert gone.value.status_code == 404


def test_incidents_are_resolved_of_one_instance_and_of_many(client: CamundaClient, start: Callable[..., Any]) -> None:
    keys = [start(content.BROKEN, total=100).process_instance_key for _ in range(3)]
    for key in keys[:2]:
        variables = SetVariableRequest.from_dict({"variables": {"share": 4}})
        client.create_element_instance_variables(key, data=variables)
    one = typed(client.resolve_process_instance_incidents(keys[0]))
    assert ended(client, one.batch_operation_key).operations_completed_count == 1
    request = ProcessInstanceIncidentResolutionBatchOperationRequest.from_dict(of(*keys))
    many = typed(client.resolve_incidents_batch_operation(data=request))
    assert ended(client, many.batch_operation_key).operations_total_count == 2
    assert [typed(client.get_process_instance(key)).state.value for key in keys] == [
        "COMPLETED",
        "COMPLETED",
        "ACTIVE",
    ]
    assert typed(client.get_process_instance(keys[2])).has_incident


def test_jobs_are_updated_by_filter(client: CamundaClient, start: Callable[..., Any]) -> None:
    key = start(content.CHECK, amount=1000, income=9000).process_instance_key
    query = UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": key}})
    (task,) = typed(client.search_user_tasks(data=query)).items
    done = UserTaskCompletionRequest.from_dict({"variables": {"decision": "approve", "opinion": "同意"}})
    client.complete_user_task(task.user_task_key, data=done)
    request = JobBatchUpdateRequest.from_dict({"filter": {"processInstanceKey": key}, "changeset": {"retries": 8}})
    made = typed(client.update_jobs_batch_operation(data=request))
    assert ended(client, made.batch_operation_key).operations_completed_count == 1
    jobs = typed(client.search_jobs(data=JobSearchQuery.from_dict({"filter": {"processInstanceKey": key}}))).items
    assert [job.retries for job in jobs] == [8]


def test_decision_instances_are_deleted(client: CamundaClient, start: Callable[..., Any]) -> None:
    for delete in (
        lambda found: client.delete_decision_instance(
            found.decision_evaluation_key, data=DeleteDecisionInstanceRequest()
        ),
        lambda found: ended(
            client,
            typed(
                client.delete_decision_instances_batch_operation(
                    data=DecisionInstanceDeletionBatchOperationRequest.from_dict(
                        {"filter": {"processInstanceKey": found.process_instance_key}}
                    )
                )
            ).batch_operation_key,
        ),
    ):
        key = start(content.CHECK, amount=1000, income=9000).process_instance_key
        query = DecisionInstanceSearchQuery.from_dict({"filter": {"processInstanceKey": key}})
        delete(typed(client.search_decision_instances(data=query)).items[0])
        assert typed(client.search_decision_instances(data=query)).items == []


def test_a_batch_is_held_and_cancelled(
    client: CamundaClient, start: Callable[..., Any], installation: Installation
) -> None:
    keys = [start(content.DUNNING).process_instance_key for _ in range(4)]
    slow = {**of(*keys), "itemsPerSecond": 1}
    answer = installation.caller().post("/process-instances/cancellation", slow)
    key = answer.document["batchOperationKey"]
    client.suspend_batch_operation(key)
    assert typed(client.get_batch_operation(key)).state.value == "SUSPENDED"
    client.resume_batch_operation(key)
    client.cancel_batch_operation(key)
    batch = ended(client, key)
    assert batch.state.value == "CANCELED"
    assert batch.actor_id == "tests"
    assert {item.state.value for item in items(client, key)} & {"CANCELED"}


def test_all_batches_can_be_read_whatever_their_type(
    client: CamundaClient, start: Callable[..., Any], installation: Installation
) -> None:
    key = start(content.DUNNING).process_instance_key
    client.cancel_process_instance(key, data=CancelProcessInstanceRequest())
    made = installation.caller().post("/process-instances/restart", of(key)).document
    batch = ended(client, made["batchOperationKey"])
    assert (batch.batch_operation_type, batch.operations_completed_count) == (None, 1)
    everything = BatchOperationSearchQuery.from_dict({})
    found = typed(client.search_batch_operations(data=everything)).items
    assert made["batchOperationKey"] in {item.batch_operation_key for item in found}
    assert typed(client.search_batch_operation_items(data=BatchOperationItemSearchQuery.from_dict({}))).items
