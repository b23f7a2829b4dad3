"""Jobs over the plain calls: activated, extended, completed, failed, ended by a business error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ConflictError, NotFoundError
from camunda_orchestration_sdk.models import (
    IncidentSearchQuery,
    JobActivationRequest,
    JobCompletionRequest,
    JobErrorRequest,
    JobFailRequest,
    JobSearchQuery,
    JobUpdateRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
    VariableSearchQuery,
)

from . import content
from .typed import typed


@pytest.fixture
def transfer(client: CamundaClient, start: Callable[..., Any]) -> Callable[..., Any]:
    """Takes an application to its transfer and returns the activated job."""

    def run(**lease: Any) -> Any:
        key = start(content.CHECK, score=700, customer="王芳").process_instance_key
        tasks = client.search_user_tasks(data=UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": key}}))
        client.complete_user_task(
            tasks.items[0].user_task_key,
            data=UserTaskCompletionRequest.from_dict({"variables": {"decision": "approve"}}),
        )
        jobs = _activate(client, **lease)
        return next(job for job in jobs if job.process_instance_key == key)

    return run


def _activate(client: CamundaClient, **changes: Any) -> list[Any]:
    request = {
        "type": content.TRANSFER,
        "worker": "clients",
        "timeout": 60_000,
        "maxJobsToActivate": 10,
        "requestTimeout": 2_000,
        **changes,
    }
    return typed(client.activate_jobs(data=JobActivationRequest.from_dict(request))).jobs


def _instance(client: CamundaClient, job: Any) -> Any:
    return typed(client.get_process_instance(job.process_instance_key))


def test_a_job_carries_its_variables_and_is_completed(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    job = transfer()

    assert job.variables.to_dict()["customer"] == "王芳"
    assert job.retries == 2
    client.complete_job(job.job_key, data=JobCompletionRequest.from_dict({"variables": {"receipt": "R-1"}}))

    assert _instance(client, job).state == "COMPLETED"
    found = client.search_variables(
        data=VariableSearchQuery.from_dict(
            {"filter": {"processInstanceKey": job.process_instance_key, "name": "receipt"}}
        )
    )
    assert [item.value for item in found.items] == ['"R-1"']
    with pytest.raises((NotFoundError, ConflictError)):
        client.complete_job(job.job_key)


def test_only_the_variables_asked_for_are_sent(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    job = transfer(fetchVariable=["customer"])

    assert job.variables.to_dict() == {"customer": "王芳"}


def test_a_failed_job_is_tried_again_and_then_an_incident(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    job = transfer()

    client.fail_job(job.job_key, data=JobFailRequest.from_dict({"retries": 1, "errorMessage": "bank is closed"}))
    again = next(each for each in _activate(client) if each.job_key == job.job_key)
    assert again.retries == 1
    client.fail_job(job.job_key, data=JobFailRequest.from_dict({"retries": 0, "errorMessage": "still closed"}))

    incidents = typed(
        client.search_incidents(
            data=IncidentSearchQuery.from_dict({"filter": {"processInstanceKey": job.process_instance_key}})
        )
    )
    incident = incidents.items[0]
    assert incident.error_type == "JOB_NO_RETRIES"
    assert incident.job_key == job.job_key
    assert "still closed" in incident.error_message
    assert _instance(client, job).has_incident is True

    client.update_job(job.job_key, data=JobUpdateRequest.from_dict({"changeset": {"retries": 3}}))
    client.resolve_incident(incident.incident_key)
    assert typed(client.get_incident(incident.incident_key)).state == "RESOLVED"
    assert next(each for each in _activate(client) if each.job_key == job.job_key).retries == 3
    client.complete_job(job.job_key)
    assert _instance(client, job).state == "COMPLETED"


def test_a_business_error_takes_the_boundary_event(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    job = transfer()

    client.throw_job_error(
        job.job_key, data=JobErrorRequest.from_dict({"errorCode": "BOUNCED", "errorMessage": "退票"})
    )

    assert _instance(client, job).state == "COMPLETED"
    found = client.search_variables(
        data=VariableSearchQuery.from_dict({"filter": {"processInstanceKey": job.process_instance_key, "name": "note"}})
    )
    assert [item.value for item in found.items] == ['"bounced"']


def test_a_lease_that_was_lost_is_fenced_off(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    first = transfer(withLease=True, timeout=200)
    second = next(job for job in _activate(client, withLease=True, timeout=60_000) if job.job_key == first.job_key)

    assert first.job_lease_token != second.job_lease_token
    with pytest.raises(ConflictError):
        client.complete_job(
            first.job_key, data=JobCompletionRequest.from_dict({"jobLeaseToken": first.job_lease_token})
        )
    client.complete_job(second.job_key, data=JobCompletionRequest.from_dict({"jobLeaseToken": second.job_lease_token}))


def test_jobs_are_found(client: CamundaClient, transfer: Callable[..., Any]) -> None:
    job = transfer()

    found = typed(
        client.search_jobs(
            data=JobSearchQuery.from_dict(
                {"filter": {"processInstanceKey": job.process_instance_key, "type": content.TRANSFER}}
            )
        )
    )

    assert [item.job_key for item in found.items] == [job.job_key]
    assert found.items[0].worker == "clients"
