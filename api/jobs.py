"""Jobs: work for job workers, fetched by type, leased for a time, answered for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.jobs import activation, completion
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import (
    TENANT,
    Flag,
    Instant,
    Key,
    Listed,
    OneOf,
    Part,
    Tenant,
    Text,
    Variables,
    Whole,
    always,
    document,
    maybe,
)
from .problems import bad_request, in_language
from .resource import Resource
from .search import (
    Source,
    by_flag,
    by_instant,
    by_key,
    by_text,
    by_whole,
    by_word,
    find,
    page_of,
    search_request,
)
from .waiting import waiting_slot

jobs = Resource("Job", description="Work for job workers.")

DEFAULT_PATIENCE_MS = 10_000
LONGEST_PATIENCE_MS = 60_000
LONGEST_LEASE_MS = 366 * 24 * 3600 * 1000

STATES = ("CREATED", "COMPLETED", "FAILED", "ERROR_THROWN", "CANCELED", "TIMED_OUT")

ERROR_MESSAGES = "array_remove(ARRAY[j.error_message, j.error_message_zh], NULL)"
JOBS = Source(
    kind=("作业", "job"),
    rows="job j LEFT JOIN process_definition d ON d.key = j.process_definition_key",
    columns="j.*, d.process_id, d.version",
    key="j.key",
    fields={
        "jobKey": "key j.key",
        "elementInstanceKey": "key j.key",
        "type": "text j.type",
        "worker": "text coalesce(j.worker, '')",
        "state": "word j.state",
        "kind": "text 'BPMN_ELEMENT'",
        "listenerEventType": "text 'UNSPECIFIED'",
        "retries": "whole j.retries",
        "priority": "whole j.priority",
        "deadline": "instant? j.deadline",
        "endTime": "instant? j.ended_at",
        "creationTime": "instant j.created_at",
        "lastUpdateTime": "instant j.updated_at",
        "errorCode": "text? j.error_code",
        "errorMessage": f"texts? {ERROR_MESSAGES}",
        "hasFailedWithRetriesLeft": "flag (j.state = 'FAILED' AND j.retries > 0)",
        "elementId": "text j.element_id",
        "processDefinitionId": "text d.process_id",
        "processDefinitionKey": "key j.process_definition_key",
        "processInstanceKey": "key j.instance_key",
        "businessId": "text? j.business_id",
        "tenantId": "text '<default>'",
    },
)
JobResult = document(
    "Job",
    always(
        {
            "jobKey": Key(),
            "elementInstanceKey": Key(),
            "type": Text(),
            "worker": Text(),
            "state": Text(),
            "kind": Text(),
            "listenerEventType": Text(),
            "retries": Whole(),
            "priority": Whole(),
            "deadline": maybe(Instant()),
            "endTime": maybe(Instant()),
            "creationTime": maybe(Instant()),
            "lastUpdateTime": maybe(Instant()),
            "errorCode": maybe(Text()),
            "errorMessage": maybe(Text(metadata={"description": "In the reader's language where the server says it"})),
            "hasFailedWithRetriesLeft": Flag(),
            "isDenied": maybe(Flag()),
            "deniedReason": maybe(Text()),
            "customHeaders": Variables(),
            "elementId": Text(),
            "processDefinitionId": Text(),
            "processDefinitionKey": Key(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "businessId": maybe(Text()),
            "tenantId": Text(),
        }
    ),
)
JobPage = page_of("Job", JobResult)
JobSearch = search_request(
    "Job",
    {
        "jobKey": by_key(),
        "elementInstanceKey": by_key(),
        "type": by_text(),
        "worker": by_text(),
        "state": by_word(*STATES),
        "kind": by_text(),
        "listenerEventType": by_text(),
        "retries": by_whole(),
        "priority": by_whole(),
        "deadline": by_instant(),
        "endTime": by_instant(),
        "creationTime": by_instant(),
        "lastUpdateTime": by_instant(),
        "errorCode": by_text(),
        "errorMessage": by_text(),
        "hasFailedWithRetriesLeft": by_flag(),
        "elementId": by_text(),
        "processDefinitionId": by_text(),
        "processDefinitionKey": by_key(),
        "processInstanceKey": by_key(),
        "businessId": by_text(),
        "tenantId": by_text(),
    },
    (
        "jobKey",
        "type",
        "worker",
        "state",
        "kind",
        "listenerEventType",
        "retries",
        "priority",
        "deadline",
        "endTime",
        "creationTime",
        "lastUpdateTime",
        "errorCode",
        "errorMessage",
        "hasFailedWithRetriesLeft",
        "elementId",
        "elementInstanceKey",
        "processDefinitionId",
        "processDefinitionKey",
        "processInstanceKey",
        "tenantId",
    ),
)


Activation = document(
    "JobActivation",
    {
        "type": Text(required=True, shortest=1, longest=1000),
        "worker": Text(longest=256),
        "timeout": Whole(
            required=True, low=1, high=LONGEST_LEASE_MS, metadata={"description": "Length of the lease in ms"}
        ),
        "maxJobsToActivate": Whole(required=True, low=1, high=100_000),
        "fetchVariable": Listed(Text()),
        "requestTimeout": Whole(
            low=-1,
            high=2**63 - 1,
            metadata={"description": "Milliseconds to wait for a job; 0: a while; -1: not at all"},
        ),
        "tenantIds": Listed(Tenant()),
        "tenantFilter": OneOf("PROVIDED", "ASSIGNED"),
        "withLease": Flag(
            allow_none=True, metadata={"description": "Give a token that reports must name to be accepted"}
        ),
    },
)
ActivatedJob = document(
    "ActivatedJob",
    always(
        {
            "jobKey": Key(),
            "elementInstanceKey": Key(),
            "type": Text(),
            "worker": Text(),
            "kind": Text(),
            "listenerEventType": Text(),
            "retries": Whole(),
            "priority": Whole(),
            "deadline": Whole(metadata={"format": "int64", "description": "Milliseconds since 1970-01-01 UTC"}),
            "variables": Variables(),
            "customHeaders": Variables(),
            "userTask": maybe(Variables()),
            "tags": Listed(Text()),
            "jobLeaseToken": maybe(Text()),
            "elementId": Text(),
            "processDefinitionId": Text(),
            "processDefinitionVersion": Whole(),
            "processDefinitionKey": Key(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "businessId": maybe(Text()),
            "tenantId": Text(),
            "physicalTenantId": Text(),
        }
    ),
)
ActivatedJobs = document("ActivatedJobs", always({"jobs": Listed(Part(ActivatedJob))}))
_LEASE = {"jobLeaseToken": Text(allow_none=True, longest=100)}
Completion = document(
    "JobCompletion",
    {
        "variables": Variables(allow_none=True),
        "result": Variables(allow_none=True),
        "businessId": Text(allow_none=True),
        **_LEASE,
    },
)
Failure = document(
    "JobFailure",
    {
        "retries": Whole(metadata={"description": "Tries left; 0, or none given: an incident"}),
        "errorMessage": Text(longest=10_000),
        "retryBackOff": Whole(high=LONGEST_LEASE_MS, metadata={"description": "Milliseconds"}),
        "variables": Variables(),
        **_LEASE,
    },
)
BusinessError = document(
    "JobError",
    {
        "errorCode": Text(required=True, shortest=1, longest=1000),
        "errorMessage": Text(allow_none=True, longest=10_000),
        "variables": Variables(allow_none=True),
        **_LEASE,
    },
)
JobChanges = document(
    "JobChangeset",
    {
        "retries": Whole(low=1, allow_none=True),
        "timeout": Whole(low=1, high=LONGEST_LEASE_MS, allow_none=True),
        "priority": Whole(low=-(2**31), allow_none=True),
    },
)
JobUpdate = document(
    "JobUpdate",
    {
        "changeset": Part(JobChanges, required=True),
        "operationReference": Whole(high=2**63 - 1),
        **_LEASE,
    },
)


@jobs.route("/jobs/activation", methods=["POST"])
@permission("job", "activate")
@jobs.arguments(Activation)
@jobs.response(200, ActivatedJobs)
def activate_jobs(body: dict[str, Any]) -> Response:
    """Fetch jobs of a type, waiting for one if there is none"""
    with waiting_slot() as may_wait:
        activated = activation.activate(
            job_type=body["type"],
            max_jobs=body["maxJobsToActivate"],
            timeout=_milliseconds(body["timeout"]),
            worker=body.get("worker") or principal().name,
            fetch_variables=body.get("fetchVariable"),
            request_timeout=_patience(body.get("requestTimeout", 0)) if may_wait else dt.timedelta(0),
            actor=principal().name,
        )
    return answer({"jobs": [_activated(job, bool(body.get("withLease"))) for job in activated]})


@jobs.route("/jobs/<key:key>/completion", methods=["POST"])
@permission("job", "complete")
@jobs.arguments(Completion, required=False)
@jobs.response(204)
def complete_job(body: dict[str, Any], key: int) -> Response:
    """Report that a job is done"""
    if body.get("result"):
        raise bad_request(
            "job-result",
            "不支持任务监听器和即席子流程的 result；请去掉该字段。",
            "There are no task listeners and no ad-hoc subprocesses that take a result; leave that field out.",
        )
    completion.complete(job_key=key, variables=body.get("variables"), actor=principal().name, lease=_lease(body))
    return no_content()


@jobs.route("/jobs/<key:key>/failure", methods=["POST"])
@permission("job", "complete")
@jobs.arguments(Failure, required=False)
@jobs.response(204)
def fail_job(body: dict[str, Any], key: int) -> Response:
    """Report that a job failed; with no retries left it becomes an incident"""
    completion.fail(
        job_key=key,
        retries=body.get("retries", 0),
        error_message=body.get("errorMessage", ""),
        retry_backoff=_milliseconds(body.get("retryBackOff", 0)),
        variables=body.get("variables"),
        actor=principal().name,
        lease=_lease(body),
    )
    return no_content()


@jobs.route("/jobs/<key:key>/error", methods=["POST"])
@permission("job", "complete")
@jobs.arguments(BusinessError)
@jobs.response(204)
def throw_job_error(body: dict[str, Any], key: int) -> Response:
    """Report a business error, for an error boundary event to catch"""
    completion.throw_error(
        job_key=key,
        error_code=body["errorCode"],
        error_message=body.get("errorMessage") or "",
        variables=body.get("variables"),
        actor=principal().name,
        lease=_lease(body),
    )
    return no_content()


@jobs.route("/jobs/<key:key>", methods=["PATCH"])
@permission("job", "update")
@jobs.arguments(JobUpdate)
@jobs.response(204)
def update_job(body: dict[str, Any], key: int) -> Response:
    """Change a job's retries or priority, or let its lease run anew"""
    changes = body["changeset"]
    timeout = changes.get("timeout")
    completion.update(
        job_key=key,
        retries=changes.get("retries"),
        timeout=None if timeout is None else _milliseconds(timeout),
        priority=changes.get("priority"),
        actor=principal().name,
    )
    return no_content()


def _activated(job: activation.ActivatedJob, with_lease: bool) -> dict[str, Any]:
    return {
        "jobKey": str(job.key),
        "elementInstanceKey": str(job.element_instance_key),
        "type": job.type,
        "worker": job.worker,
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "retries": job.retries,
        "priority": job.priority,
        "deadline": int(job.deadline.timestamp() * 1000),
        "variables": job.variables,
        "customHeaders": job.custom_headers,
        "userTask": None,
        "tags": [],
        "jobLeaseToken": str(job.lease) if with_lease else None,
        "elementId": job.element_id,
        "processDefinitionId": job.process_id,
        "processDefinitionVersion": job.process_version,
        "processDefinitionKey": str(job.process_definition_key),
        "processInstanceKey": str(job.instance_key),
        "rootProcessInstanceKey": str(job.root_key),
        "businessId": job.business_id,
        "tenantId": TENANT,
        "physicalTenantId": "default",
    }


def _patience(asked_ms: int) -> dt.timedelta:
    """How long a request waits for a job."""
    if asked_ms < 0:
        return dt.timedelta(0)
    return _milliseconds(min(asked_ms or DEFAULT_PATIENCE_MS, LONGEST_PATIENCE_MS))


def _lease(body: dict[str, Any]) -> int | None:
    token = body.get("jobLeaseToken")
    if token is None:
        return None
    if not (token.isascii() and token.isdigit() and len(token) < 10):
        raise bad_request(
            "lease", "jobLeaseToken 不是领取任务时给出的值。", "The jobLeaseToken is not one that was given with a job."
        )
    return int(token)


def _milliseconds(number: int) -> dt.timedelta:
    return dt.timedelta(milliseconds=number)


def job_document(row: Any) -> dict[str, Any]:
    """A job as the API shows one."""
    return {
        "jobKey": str(row.key),
        "elementInstanceKey": str(row.key),
        "type": row.type,
        "worker": row.worker or "",
        "state": row.state,
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "retries": row.retries,
        "priority": row.priority,
        "deadline": row.deadline,
        "endTime": row.ended_at,
        "creationTime": row.created_at,
        "lastUpdateTime": row.updated_at,
        "errorCode": row.error_code,
        "errorMessage": in_language(row.error_message, row.error_message_zh),
        "hasFailedWithRetriesLeft": row.state == "FAILED" and row.retries > 0,
        "isDenied": None,
        "deniedReason": None,
        "customHeaders": row.custom_headers,
        "elementId": row.element_id,
        "processDefinitionId": row.process_id,
        "processDefinitionKey": str(row.process_definition_key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "businessId": row.business_id,
        "tenantId": TENANT,
    }


@jobs.route("/jobs/search", methods=["POST"])
@permission("job", "read")
@jobs.arguments(JobSearch, required=False)
@jobs.response(200, JobPage)
def search_jobs(body: dict[str, Any]) -> Response:
    """Find jobs"""
    return find(JOBS, body, job_document, _seen())


def _seen() -> Condition | None:
    return seen_of_instances(principal(), "job", "j.instance_key")
