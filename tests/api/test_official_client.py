"""The official Python client, unmodified, against the running API: everything an application has to do."""

from __future__ import annotations

import asyncio
import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient, CamundaClient, WorkerConfig, errors
from camunda_orchestration_sdk import models as m

FILES = ("small-loan.bpmn", "straight-through.bpmn", "signalled.bpmn", "risk.dmn", "review.form")


@pytest.fixture(scope="module", autouse=True)
def deployed(client: CamundaClient, content: Path) -> Any:
    return client.deploy_resources_from_files([content / name for name in FILES])


def start(client: CamundaClient, amount: int = 20_000) -> Any:
    """A case of its own, which waits for its credit check."""
    variables = m.ProcessInstanceCreationInstructionBaseVariables.from_dict(
        {"applicationId": str(uuid.uuid4()), "amount": amount, "applicant": "王小明"}
    )
    return client.create_process_instance(
        data=m.ProcessCreationById(process_definition_id="small-loan", variables=variables, tags=["test"])
    )


def job_of(client: CamundaClient, instance_key: str, **changes: Any) -> Any:
    """The job of this case, activated."""
    asked = {"type_": "check-credit", "timeout": 60_000, "max_jobs_to_activate": 100, "worker": "a-worker"}
    activated = client.activate_jobs(data=m.JobActivationRequest(**{**asked, **changes})).jobs
    return next(job for job in activated if job.process_instance_key == instance_key)


def task_of(client: CamundaClient, instance_key: str) -> Any:
    query = m.UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": instance_key, "state": "CREATED"}})
    (task,) = client.search_user_tasks(data=query).items
    return task


def reviewed(client: CamundaClient) -> Any:
    """A case that waits for its review."""
    case = start(client)
    client.complete_job(job_key=job_of(client, case.process_instance_key).job_key, data=m.JobCompletionRequest())
    return case


def state_of(client: CamundaClient, instance_key: str) -> str:
    return str(client.get_process_instance(process_instance_key=instance_key).state.value)


def test_the_installation_tells_what_it_is(client: CamundaClient) -> None:
    assert client.get_topology().brokers[0].partitions[0].health.value == "healthy"
    assert client.get_license().valid_license
    assert client.get_authentication().username == "lendloom-demo"
    client.get_status()


def test_a_deployment_names_what_it_contains(deployed: Any) -> None:
    assert {process.process_definition_id for process in deployed.processes} == {
        "small-loan",
        "straight-through",
        "signalled",
    }
    assert deployed.decisions[0].decision_definition_id == "risk-rating"
    assert deployed.decision_requirements[0].decision_requirements_name == "风险"
    assert deployed.forms[0].form_id == "review-form"


def test_the_same_files_again_are_no_new_version(client: CamundaClient, content: Path, deployed: Any) -> None:
    again = client.deploy_resources_from_files([content / name for name in FILES])
    assert {p.process_definition_key for p in again.processes} == {p.process_definition_key for p in deployed.processes}


def test_definitions_are_found_and_read(client: CamundaClient, content: Path) -> None:
    query = m.ProcessDefinitionSearchQuery(
        filter_=m.ProcessDefinitionSearchQueryFilter(process_definition_id="small-loan", is_latest_version=True)
    )
    (found,) = client.search_process_definitions(data=query).items
    key = found.process_definition_key
    assert (found.name, found.version_tag, found.version) == ("小额贷款", "v1", 1)
    assert client.get_process_definition(process_definition_key=key).resource_name == "small-loan.bpmn"
    xml = client.get_process_definition_xml(process_definition_key=key)
    assert xml.encode() == (content / "small-loan.bpmn").read_bytes()
    assert client.get_resource(resource_key=key).resource_id == "small-loan"


def test_a_whole_case(client: CamundaClient) -> None:
    case = start(client)
    key = case.process_instance_key

    job = job_of(client, key)
    assert (job.custom_headers.to_dict(), job.variables.to_dict()["rating"]) == ({"bureau": "central"}, "low")
    answer = m.JobCompletionRequestVariables.from_dict({"score": 640})
    client.complete_job(job_key=job.job_key, data=m.JobCompletionRequest(variables=answer))

    task = task_of(client, key)
    assert (task.name, task.candidate_groups, task.element_id) == ("初审", ["credit-reviewer-a"], "review")
    form = client.get_user_task_form(user_task_key=task.user_task_key)
    assert json.loads(form.schema)["id"] == "review-form"
    found = client.search_user_task_variables(user_task_key=task.user_task_key).items
    seen = {variable.name: json.loads(variable.value) for variable in found}
    assert (seen["score"], seen["asked"], seen["applicant"]) == (640, 20_000, "王小明")
    client.assign_user_task(user_task_key=task.user_task_key, data=m.UserTaskAssignmentRequest(assignee="zhang.wei"))
    assert client.get_user_task(user_task_key=task.user_task_key).assignee == "zhang.wei"
    opinion = m.UserTaskCompletionRequestVariables.from_dict({"approved": True, "opinion": "同意"})
    client.complete_user_task(user_task_key=task.user_task_key, data=m.UserTaskCompletionRequest(variables=opinion))

    application = json.loads(next(v for v in variables_of(client, key) if v.name == "applicationId").value)
    received = client.correlate_message(
        data=m.MessageCorrelationRequest(name="customer-confirmed", correlation_key=application)
    )
    assert received.process_instance_key == key
    assert state_of(client, key) == "COMPLETED"


def variables_of(client: CamundaClient, instance_key: str) -> list[Any]:
    query = m.VariableSearchQuery(filter_=m.VariableSearchQueryFilter(process_instance_key=instance_key))
    return list(client.search_variables(data=query).items)


def test_an_instance_is_awaited_and_gives_its_variables(client: CamundaClient) -> None:
    sums = m.ProcessInstanceCreationInstructionBaseVariables.from_dict({"principal": 1000, "interest": 35})
    ended = client.create_process_instance(
        data=m.ProcessCreationById(
            process_definition_id="straight-through",
            variables=sums,
            await_completion=True,
            fetch_variables=["total"],
        )
    )
    assert ended.variables.to_dict() == {"total": 1035}


def test_a_version_can_be_asked_for_by_its_tag(client: CamundaClient) -> None:
    case = client.create_process_instance(
        data=m.ProcessCreationByVersionTag(
            process_definition_id="small-loan",
            process_definition_version_tag="v1",
            variables=m.ProcessInstanceCreationInstructionBaseVariables.from_dict(
                {"applicationId": "tagged", "amount": 1}
            ),
        )
    )
    assert case.process_definition_version == 1


def test_an_instance_is_found_cancelled_and_has_a_history(client: CamundaClient) -> None:
    case = start(client)
    key = case.process_instance_key
    query = m.ProcessInstanceSearchQuery.from_dict(
        {"filter": {"processInstanceKey": {"$in": [key]}, "state": "ACTIVE", "tags": ["test"]}}
    )
    assert client.search_process_instances(data=query).page.total_items == 1
    client.cancel_process_instance(process_instance_key=key, data=m.CancelProcessInstanceRequest())
    assert state_of(client, key) == "TERMINATED"
    flows = client.get_process_instance_sequence_flows(process_instance_key=key).items
    assert {flow.element_id for flow in flows} == {"to-rating", "to-check"}
    counted = client.get_process_instance_statistics(process_instance_key=key).items
    assert {item.element_id: (item.completed, item.canceled) for item in counted} == {
        "applied": (1, 0),
        "rating": (1, 0),
        "check": (0, 1),
    }
    with pytest.raises(errors.ApiError):
        client.cancel_process_instance(process_instance_key=key, data=m.CancelProcessInstanceRequest())


def test_element_instances_are_found_and_their_variables_set(client: CamundaClient) -> None:
    case = start(client)
    query = m.ElementInstanceSearchQuery(
        filter_=m.ElementInstanceSearchQueryFilter(process_instance_key=case.process_instance_key, element_id="check")
    )
    (element,) = client.search_element_instances(data=query).items
    assert (element.element_name, element.type_.value, element.state.value) == ("征信查询", "SERVICE_TASK", "ACTIVE")
    key = element.element_instance_key
    assert client.get_element_instance(element_instance_key=key).process_definition_id == "small-loan"
    noted = m.SetVariableRequestVariables.from_dict({"note": "急件"})
    client.create_element_instance_variables(
        element_instance_key=case.process_instance_key, data=m.SetVariableRequest(variables=noted)
    )
    (variable,) = [v for v in variables_of(client, case.process_instance_key) if v.name == "note"]
    assert client.get_variable(variable_key=variable.variable_key).value == '"急件"'


def test_a_job_that_fails_is_tried_again_and_then_an_incident(client: CamundaClient) -> None:
    key = start(client).process_instance_key
    first = job_of(client, key)
    client.fail_job(job_key=first.job_key, data=m.JobFailRequest(retries=1, error_message="bureau is down"))
    again = job_of(client, key)
    assert (again.job_key, again.retries) == (first.job_key, 1)
    client.fail_job(job_key=again.job_key, data=m.JobFailRequest(retries=0, error_message="still down"))

    of_case = m.IncidentSearchQuery.from_dict({"filter": {"processInstanceKey": key, "state": "ACTIVE"}})
    (incident,) = client.search_incidents(data=of_case).items
    assert (incident.error_type.value, incident.job_key) == ("JOB_NO_RETRIES", first.job_key)
    assert "still down" in incident.error_message
    within = client.search_process_instance_incidents(process_instance_key=key, data=m.IncidentSearchQuery())
    assert [found.incident_key for found in within.items] == [incident.incident_key]
    assert client.get_process_instance(process_instance_key=key).has_incident

    client.update_job(job_key=first.job_key, data=m.JobUpdateRequest(changeset=m.JobChangeset(retries=2)))
    client.resolve_incident(incident_key=incident.incident_key)
    assert client.get_incident(incident_key=incident.incident_key).state.value == "RESOLVED"
    client.complete_job(job_key=job_of(client, key).job_key, data=m.JobCompletionRequest())
    assert task_of(client, key).element_id == "review"


def test_a_business_error_takes_its_own_way(client: CamundaClient) -> None:
    key = start(client).process_instance_key
    client.throw_job_error(job_key=job_of(client, key).job_key, data=m.JobErrorRequest(error_code="NO_RECORD"))
    assert state_of(client, key) == "COMPLETED"
    of_case = m.JobSearchQueryFilter(process_instance_key=key)
    (job,) = client.search_jobs(data=m.JobSearchQuery(filter_=of_case)).items
    assert (job.state.value, job.error_code) == ("ERROR_THROWN", "NO_RECORD")


def test_a_lease_that_was_lost_is_not_accepted(client: CamundaClient) -> None:
    key = start(client).process_instance_key
    first = job_of(client, key, with_lease=True, timeout=1)
    second = job_of(client, key, with_lease=True)
    assert first.job_lease_token != second.job_lease_token
    with pytest.raises(errors.ApiError) as refused:
        client.complete_job(job_key=first.job_key, data=m.JobCompletionRequest(job_lease_token=first.job_lease_token))
    assert refused.value.status_code == 409


def test_a_task_is_changed_put_back_and_checked_against_its_form(client: CamundaClient) -> None:
    task = task_of(client, reviewed(client).process_instance_key)
    key = task.user_task_key
    client.update_user_task(user_task_key=key, data=m.UserTaskUpdateRequest(changeset=m.Changeset(priority=80)))
    client.assign_user_task(user_task_key=key, data=m.UserTaskAssignmentRequest(assignee="li.na"))
    client.unassign_user_task(user_task_key=key)
    changed = client.get_user_task(user_task_key=key)
    assert (changed.assignee, changed.candidate_groups) == (None, ["credit-reviewer-a"])
    with pytest.raises(errors.ApiError) as refused:
        client.complete_user_task(user_task_key=key, data=m.UserTaskCompletionRequest())
    assert refused.value.status_code == 400
    assert json.loads(refused.value.content)["errors"][0]["pointer"] == "/variables/opinion"


def test_a_message_waits_for_its_receiver(client: CamundaClient) -> None:
    case = reviewed(client)
    key = case.process_instance_key
    application = json.loads(next(v for v in variables_of(client, key) if v.name == "applicationId").value)
    published = client.publish_message(
        data=m.MessagePublicationRequest(
            name="customer-confirmed", correlation_key=application, time_to_live=60_000, message_id="once"
        )
    )
    assert published.message_key
    opinion = m.UserTaskCompletionRequestVariables.from_dict({"opinion": "同意"})
    client.complete_user_task(
        user_task_key=task_of(client, key).user_task_key, data=m.UserTaskCompletionRequest(variables=opinion)
    )
    assert state_of(client, key) == "COMPLETED"


def test_a_message_that_nobody_awaits_is_not_correlated(client: CamundaClient) -> None:
    with pytest.raises(errors.ApiError) as refused:
        client.correlate_message(data=m.MessageCorrelationRequest(name="nothing", correlation_key="x"))
    assert refused.value.status_code == 404


def test_a_signal_reaches_everybody_who_waits(client: CamundaClient) -> None:
    cases = [
        client.create_process_instance(data=m.ProcessCreationById(process_definition_id="signalled")) for _ in range(3)
    ]
    assert client.broadcast_signal(data=m.SignalBroadcastRequest(signal_name="rates-changed")).signal_key
    assert {state_of(client, case.process_instance_key) for case in cases} == {"COMPLETED"}


def test_a_decision_is_asked_and_its_trace_kept(client: CamundaClient) -> None:
    facts = m.DecisionEvaluationByIdVariables.from_dict({"amount": 90_000})
    asked = client.evaluate_decision(
        data=m.DecisionEvaluationByID(decision_definition_id="risk-rating", variables=facts)
    )
    assert json.loads(asked.output) == "high"
    assert asked.evaluated_decisions[0].matched_rules[0].rule_id == "large"
    query = m.DecisionInstanceSearchQuery(
        filter_=m.DecisionInstanceSearchQueryFilter(decision_evaluation_key=asked.decision_evaluation_key)
    )
    (kept,) = client.search_decision_instances(data=query).items
    trace = client.get_decision_instance(decision_evaluation_instance_key=kept.decision_evaluation_instance_key)
    assert (trace.result, trace.decision_definition_type.value) == ('"high"', "DECISION_TABLE")
    assert trace.evaluated_inputs[0].input_value == "90000"


def test_decisions_are_found_and_read(client: CamundaClient, content: Path) -> None:
    (found,) = client.search_decision_definitions(
        data=m.DecisionDefinitionSearchQuery(
            filter_=m.DecisionDefinitionSearchQueryFilter(decision_definition_id="risk-rating")
        )
    ).items
    key = found.decision_definition_key
    assert client.get_decision_definition(decision_definition_key=key).name == "风险评级"
    xml = (content / "risk.dmn").read_bytes()
    assert client.get_decision_definition_xml(decision_definition_key=key).encode() == xml
    graph = found.decision_requirements_key
    assert client.get_decision_requirements(decision_requirements_key=graph).decision_requirements_name == "风险"
    assert client.search_decision_requirements().page.total_items == 1


def test_the_clock_is_pinned_and_runs_again(client: CamundaClient) -> None:
    client.pin_clock(data=m.ClockPinRequest(timestamp=1_893_456_000_000))
    assert start(client).process_instance_key
    query = m.ProcessInstanceSearchQuery.from_dict({"sort": [{"field": "startDate", "order": "DESC"}]})
    assert client.search_process_instances(data=query).items[0].start_date.year == 2030
    client.reset_clock()


def test_a_worker_of_the_client_does_the_jobs(sdk_settings: dict[str, str], client: CamundaClient) -> None:
    async def work() -> None:
        case = start(client, amount=70_000)
        waiting = m.UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": case.process_instance_key}})
        done = asyncio.Event()

        async def check(job: Any) -> dict[str, Any]:
            if job.process_instance_key == case.process_instance_key:
                done.set()
            return {"score": 700}

        async with CamundaAsyncClient(configuration=sdk_settings) as connected:  # type: ignore[arg-type]
            config = WorkerConfig(
                job_type="check-credit", job_timeout_milliseconds=30_000, request_timeout_milliseconds=2_000
            )
            connected.create_job_worker(config, check)
            running = asyncio.create_task(connected.run_workers())
            await asyncio.wait_for(done.wait(), timeout=20)
            async with asyncio.timeout(10):
                while not (await connected.search_user_tasks(data=waiting)).items:
                    await asyncio.sleep(0.05)
            running.cancel()

    asyncio.run(work())
