"""The client's own job workers: long polling, completion, failure and errors as its users write them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from camunda_orchestration_sdk import (
    CamundaAsyncClient,
    ConnectedJobContext,
    JobError,
    JobFailure,
    SyncJobContext,
    WorkerConfig,
)
from camunda_orchestration_sdk.models import (
    ProcessCreationById,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
    VariableSearchQuery,
)

from . import content

Run = Callable[[Callable[[CamundaAsyncClient], Awaitable[Any]]], Any]


def _config(**changes: Any) -> WorkerConfig:
    return WorkerConfig(
        job_type=content.TRANSFER,
        job_timeout_milliseconds=20_000,
        request_timeout_milliseconds=2_000,
        worker_name="sdk",
        **changes,
    )


async def _approved(client: CamundaAsyncClient, customer: str) -> Any:
    """A new instance that waits for its transfer."""
    body = {"processDefinitionId": content.CHECK, "variables": {"score": 700, "customer": customer}}
    created = await client.create_process_instance(data=ProcessCreationById.from_dict(body))
    query = {"filter": {"processInstanceKey": created.process_instance_key}}
    tasks = await client.search_user_tasks(data=UserTaskSearchQuery.from_dict(query))
    decision = {"variables": {"decision": "approve"}}
    await client.complete_user_task(tasks.items[0].user_task_key, data=UserTaskCompletionRequest.from_dict(decision))
    return created.process_instance_key


async def _ended(client: CamundaAsyncClient, key: Any) -> dict[str, str]:
    """The variables of an instance, once it has completed."""
    async with asyncio.timeout(20):
        while (await client.get_process_instance(key)).state != "COMPLETED":
            await asyncio.sleep(0.1)
    query = VariableSearchQuery.from_dict({"filter": {"processInstanceKey": key}})
    return {item.name: item.value for item in (await client.search_variables(data=query)).items}


def test_an_asynchronous_worker_completes_fails_and_throws(asynchronously: Run) -> None:
    tries: list[str] = []

    async def transfer(job: ConnectedJobContext) -> dict[str, object]:
        customer = job.variables.to_dict()["customer"]
        tries.append(customer)
        if customer == "fails once" and tries.count(customer) == 1:
            raise JobFailure(message="bank is closed", retries=1)
        if customer == "bounces":
            raise JobError(error_code="BOUNCED", message="退票")
        return {"receipt": f"R-{customer}"}

    async def work(client: CamundaAsyncClient) -> list[dict[str, str]]:
        worker = client.create_job_worker(config=_config(), callback=transfer)
        keys = [await _approved(client, name) for name in ("completes", "fails once", "bounces")]
        results = [await _ended(client, key) for key in keys]
        await worker.aclose()
        return results

    completed, failed, bounced = asynchronously(work)

    assert completed["receipt"] == '"R-completes"'
    assert failed["receipt"] == '"R-fails once"'
    assert bounced["note"] == '"bounced"'
    assert "receipt" not in bounced
    assert sorted(tries) == ["bounces", "completes", "fails once", "fails once"]


def test_a_worker_in_threads_uses_leases(asynchronously: Run) -> None:
    def transfer(job: SyncJobContext) -> dict[str, object]:
        topology = job.client.get_topology()
        return {"receipt": job.job_lease_token is not None, "cluster": topology.cluster_size}

    async def work(client: CamundaAsyncClient) -> dict[str, str]:
        worker = client.create_job_worker(config=_config(with_lease=True), callback=transfer)
        result = await _ended(client, await _approved(client, "threads"))
        await worker.aclose()
        return result

    assert asynchronously(work)["receipt"] == "true"


def test_a_job_completed_by_hand_inside_the_handler_is_not_completed_twice(asynchronously: Run) -> None:
    async def transfer(job: ConnectedJobContext) -> None:
        await job.client.complete_job(job.job_key)

    async def work(client: CamundaAsyncClient) -> dict[str, str]:
        worker = client.create_job_worker(config=_config(), callback=transfer)
        result = await _ended(client, await _approved(client, "by hand"))
        await worker.aclose()
        return result

    assert asynchronously(work)["customer"] == '"by hand"'
