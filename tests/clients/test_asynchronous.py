"""The asynchronous client: the same calls, many at once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from camunda_orchestration_sdk import CamundaAsyncClient
from camunda_orchestration_sdk.models import (
    DecisionEvaluationByID,
    MessageCorrelationRequest,
    ProcessCreationById,
    ProcessInstanceSearchQuery,
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
)

from . import content
from .typed import typed

Run = Callable[[Callable[[CamundaAsyncClient], Awaitable[Any]]], Any]


def test_it_deploys_and_sees_who_it_is(asynchronously: Run, files: list[str | Path]) -> None:
    async def work(client: CamundaAsyncClient) -> None:
        deployment = await client.deploy_resources_from_files(files)
        assert len(deployment.processes) == 6
        typed(await client.get_topology())
        typed(await client.get_license())
        me = typed(await client.get_authentication())
        assert "tests" in {me.username, getattr(me, "client_id", None)}
        await client.get_status()

    asynchronously(work)


def test_many_instances_at_once(asynchronously: Run) -> None:
    tag = f"t{uuid.uuid4().hex}"

    async def one(client: CamundaAsyncClient, number: int) -> Any:
        body = {
            "processDefinitionId": content.STRAIGHT,
            "variables": {"amount": number},
            "awaitCompletion": True,
            "tags": [tag],
        }
        return typed(await client.create_process_instance(data=ProcessCreationById.from_dict(body)))

    async def work(client: CamundaAsyncClient) -> None:
        done = await asyncio.gather(*(one(client, number) for number in range(20)))
        assert [each.variables.to_dict()["doubled"] for each in done] == [2 * number for number in range(20)]
        query = ProcessInstanceSearchQuery.from_dict({"filter": {"tags": [tag]}})
        found = typed(await client.search_process_instances(data=query))
        assert found.page.total_items == 20

    asynchronously(work)


def test_a_case_from_start_to_end(asynchronously: Run) -> None:
    async def work(client: CamundaAsyncClient) -> None:
        body = {"processDefinitionId": content.CHECK, "variables": {"score": 500}}
        created = typed(await client.create_process_instance(data=ProcessCreationById.from_dict(body)))
        query = UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": created.process_instance_key}})
        task = typed(await client.search_user_tasks(data=query)).items[0]
        await client.assign_user_task(
            task.user_task_key, data=UserTaskAssignmentRequest.from_dict({"assignee": "li.na"})
        )
        await client.complete_user_task(
            task.user_task_key, data=UserTaskCompletionRequest.from_dict({"variables": {"decision": "reject"}})
        )
        assert (await client.get_process_instance(created.process_instance_key)).state == "COMPLETED"

    asynchronously(work)


def test_messages_and_decisions(asynchronously: Run) -> None:
    async def work(client: CamundaAsyncClient) -> None:
        loan = uuid.uuid4().hex
        body = {"processDefinitionId": content.PAYMENT, "variables": {"loanId": loan}}
        created = await client.create_process_instance(data=ProcessCreationById.from_dict(body))
        message = {"name": "client-paid", "correlationKey": loan, "variables": {"amount": 1}}
        answer = typed(await client.correlate_message(data=MessageCorrelationRequest.from_dict(message)))
        assert answer.process_instance_key == created.process_instance_key
        decision = {"decisionDefinitionId": "band", "variables": {"score": 600}}
        result = typed(await client.evaluate_decision(data=DecisionEvaluationByID.from_dict(decision)))
        assert result.output == '"high"'

    asynchronously(work)
