"""Process instances: started, awaited, found, cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Response

from server.identity.visibility import require_instance, seen_of_instances
from server.messages import Message
from server.runtime import instances
from server.runtime.definitions import catalogue, epoch
from server.runtime.errors import no_such
from server.runtime.open_incidents import HAS_INCIDENT
from server.runtime.operation_records import LONGEST_REASON
from server.runtime.recording import instances_of, record_instance
from server.store.database import decode_json, encode_json, fetch, transaction
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
from .idempotency import claim_of_request, in_two_steps, keeps_its_answer, once
from .incidents import CAUSE_HASH
from .problems import ProblemError, bad_request, language
from .resource import Resource
from .search import (
    Source,
    by_instant,
    by_key,
    by_text,
    by_variables,
    by_whole,
    by_word,
    find,
    get,
    page_of,
    search_request,
)
from .statistics import ElementStatistics, element_statistics

process_instances = Resource("Process instance", description="Running and ended instances of processes.")

DEFAULT_WAIT_MS = 10_000
LONGEST_WAIT_MS = 60_000
_MOST_TAGS = 10

StartInstruction = document("StartInstruction", {"elementId": Text(shortest=1, longest=1000, required=True)})
RuntimeInstruction = document(
    "RuntimeInstruction",
    {
        "type": OneOf("TERMINATE_PROCESS_INSTANCE"),
        "afterElementId": Text(
            shortest=1, longest=1000, required=True, metadata={"description": "Completed or terminated"}
        ),
    },
)
Creation = document(
    "ProcessInstanceCreation",
    {
        "processDefinitionId": Text(shortest=1, longest=1000),
        "processDefinitionVersion": Whole(low=-1, metadata={"description": "-1: the latest"}),
        "processDefinitionVersionTag": Text(longest=1000),
        "processDefinitionKey": Key(),
        "variables": Variables(),
        "tenantId": Tenant(),
        "operationReference": Whole(high=2**63 - 1),
        "startInstructions": Listed(Part(StartInstruction)),
        "runtimeInstructions": Listed(Part(RuntimeInstruction)),
        "awaitCompletion": Flag(),
        "fetchVariables": Listed(Text()),
        "requestTimeout": Whole(low=-1, high=2**63 - 1, metadata={"description": "Milliseconds to await"}),
        "tags": Listed(Text(shortest=1, longest=100)),
        "businessId": Text(shortest=1, longest=256),
        "businessIdUnique": Flag(
            metadata={"description": "Refuse to start while an active root instance has this businessId"}
        ),
    },
)
Created = document(
    "CreatedProcessInstance",
    always(
        {
            "processDefinitionId": Text(),
            "processDefinitionVersion": Whole(),
            "processDefinitionVersionTag": maybe(Text()),
            "processDefinitionKey": Key(),
            "processInstanceKey": Key(),
            "tenantId": Text(),
            "variables": Variables(),
            "tags": Listed(Text()),
            "businessId": maybe(Text()),
        }
    ),
)
INSTANCES = Source(
    kind=("流程实例", "process instance"),
    rows="process_instance p LEFT JOIN process_definition d ON d.key = p.process_definition_key",
    columns=f"p.*, d.process_id, d.name AS process_name, d.version, d.version_tag, {HAS_INCIDENT} AS has_incident",
    key="p.key",
    fields={
        "processInstanceKey": "key p.key",
        "processDefinitionKey": "key p.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "processDefinitionName": "text? d.name",
        "processDefinitionVersion": "whole d.version",
        "processDefinitionVersionTag": "text? d.version_tag",
        "startDate": "instant p.started_at",
        "endDate": "instant? p.ended_at",
        "suspendedDate": "instant? p.suspended_at",
        "state": "word p.state",
        "hasIncident": f"flag {HAS_INCIDENT}",
        "parentProcessInstanceKey": "key? p.parent_key",
        "parentElementInstanceKey": "key? p.parent_element_instance_key",
        "businessId": "text? p.business_id",
        "startedBy": "text p.started_by",
        "applicant": "text? p.applicant",
        "variables": "variables p.key, ''",
        "tags": "tags p.tags",
        "tenantId": "text '<default>'",
        "restartedFromProcessInstanceKey": "key? p.restarted_from",
        "elementId": "texts ARRAY(SELECT e.element_id FROM element_instance e"
        " WHERE e.instance_key = p.key AND e.state = 'ACTIVE')",
        "errorMessage": "texts ARRAY(SELECT unnest(ARRAY[x.message_en, x.message_zh]) FROM incident x"
        " WHERE x.instance_key = p.key AND x.state = 'ACTIVE')",
        "incidentErrorHashCode": f"wholes ARRAY(SELECT {CAUSE_HASH} FROM incident i"  # noqa: S608 - our own names
        " WHERE i.instance_key = p.key AND i.state = 'ACTIVE')",
        "hasRetriesLeft": "flag EXISTS (SELECT 1 FROM job x"
        " WHERE x.instance_key = p.key AND x.state = 'FAILED' AND x.retries > 0)",
        "batchOperationKey": "texts ARRAY(SELECT x.batch_key::text FROM batch_operation_item x"
        " WHERE x.instance_key = p.key)",
    },
)
ProcessInstanceResult = document(
    "ProcessInstance",
    always(
        {
            "processInstanceKey": Key(),
            "processDefinitionId": Text(),
            "processDefinitionName": maybe(Text()),
            "processDefinitionVersion": Whole(),
            "processDefinitionVersionTag": maybe(Text()),
            "processDefinitionKey": Key(),
            "startDate": Instant(),
            "endDate": maybe(Instant()),
            "state": Text(),
            "hasIncident": Flag(metadata={"description": "Whether it, or one that it called, has an open incident"}),
            "suspendedDate": maybe(Instant()),
            "parentProcessInstanceKey": maybe(Key()),
            "parentElementInstanceKey": maybe(Key()),
            "rootProcessInstanceKey": maybe(Key()),
            "tags": Listed(Text()),
            "businessId": maybe(Text()),
            "tenantId": Text(),
            "startedBy": Text(),
            "applicant": maybe(
                Text(metadata={"description": "Whose case it is: the variable applicantName or customerName"})
            ),
            "endReason": maybe(Text()),
            "suspendedBy": maybe(Text()),
            "suspendReason": maybe(Text()),
            "restartedFromProcessInstanceKey": maybe(Key()),
        }
    ),
)
ProcessInstancePage = page_of("ProcessInstance", ProcessInstanceResult)
ProcessInstanceSearch = search_request(
    "ProcessInstance",
    {
        "processInstanceKey": by_key(),
        "processDefinitionKey": by_key(),
        "processDefinitionId": by_text(),
        "processDefinitionName": by_text(),
        "processDefinitionVersion": by_whole(),
        "processDefinitionVersionTag": by_text(),
        "startDate": by_instant(),
        "endDate": by_instant(),
        "suspendedDate": by_instant(),
        "state": by_word("ACTIVE", "COMPLETED", "TERMINATED", "SUSPENDED"),
        "hasIncident": Flag(),
        "parentProcessInstanceKey": by_key(),
        "parentElementInstanceKey": by_key(),
        "businessId": by_text(),
        "startedBy": by_text(),
        "applicant": by_text(),
        "variables": by_variables(),
        "tags": Listed(Text()),
        "tenantId": by_text(),
        "restartedFromProcessInstanceKey": by_key(),
        "elementId": by_text(),
        "errorMessage": by_text(),
        "incidentErrorHashCode": by_whole(),
        "hasRetriesLeft": Flag(),
        "batchOperationKey": by_text(),
    },
    (
        "processInstanceKey",
        "processDefinitionKey",
        "processDefinitionId",
        "processDefinitionName",
        "processDefinitionVersion",
        "processDefinitionVersionTag",
        "startDate",
        "endDate",
        "suspendedDate",
        "state",
        "hasIncident",
        "parentProcessInstanceKey",
        "parentElementInstanceKey",
        "businessId",
        "tenantId",
    ),
    alternatives=True,
)
SequenceFlow = document(
    "SequenceFlow",
    always(
        {
            "sequenceFlowId": Text(),
            "elementId": Text(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "tenantId": Text(),
        }
    ),
)
SequenceFlows = document("SequenceFlows", always({"items": Listed(Part(SequenceFlow))}))
RecordedScenario = document(
    "RecordedScenario",
    always(
        {
            "processInstanceKey": Key(),
            "processDefinitionId": Text(),
            "scenario": Text(metadata={"description": "A file for `lendloom test`, in YAML"}),
            "passes": Flag(metadata={"description": "Whether playing it goes as the case has gone"}),
            "remarks": Listed(Text()),
            "resources": Listed(Text()),
        }
    ),
)
Cancellation = document(
    "ProcessInstanceCancellation",
    {"operationReference": Whole(high=2**63 - 1), "reason": Text(longest=LONGEST_REASON)},
)


@process_instances.route("/process-instances", methods=["POST"])
@permission("process-instance", "create")
@keeps_its_answer
@process_instances.arguments(Creation)
@process_instances.response(200, Created)
def create_process_instance(body: dict[str, Any]) -> Response:
    """Start an instance, and await its end where asked"""
    arguments = _start_arguments(body)
    if body.get("awaitCompletion"):
        return in_two_steps(
            lambda: encode_json(_created(instances.start(**arguments), {})).encode(),
            lambda created: _await_end(decode_json(created), body),
        )
    claim = claim_of_request()
    if claim is None:
        return answer(_created(instances.start(**arguments), {}))
    return once(claim, lambda: answer(_created(instances.start(**arguments), {})))


@process_instances.route("/process-instances/<key:key>/cancellation", methods=["POST"])
@permission("process-instance", "cancel")
@process_instances.arguments(Cancellation, required=False)
@process_instances.response(204)
def cancel_process_instance(body: dict[str, Any], key: int) -> Response:
    """Cancel a root instance and everything that it called"""
    require_instance(principal(), "process-instance", "cancel", key)
    instances.cancel(instance_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


def _start_arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    tags = tuple(dict.fromkeys(body.get("tags", ())))
    if len(tags) > _MOST_TAGS:
        raise bad_request("tags", f"标签最多 {_MOST_TAGS} 个。", f"An instance has at most {_MOST_TAGS} tags.")
    arguments: dict[str, Any] = {
        "actor": principal().name,
        "variables": body.get("variables"),
        "business_id": body.get("businessId"),
        "business_id_unique": body.get("businessIdUnique", False),
        "tags": tags,
        "activate": [instruction["elementId"] for instruction in body.get("startInstructions", ())],
        "stop_after": [instruction["afterElementId"] for instruction in body.get("runtimeInstructions", ())],
    }
    if "processDefinitionVersionTag" in body:
        arguments["definition_key"] = _tagged(body)
    elif "processDefinitionKey" in body:
        arguments["definition_key"] = body["processDefinitionKey"]
    if "processDefinitionId" in body and "definition_key" not in arguments:
        version = body.get("processDefinitionVersion", -1)
        arguments |= {
            "process_id": body["processDefinitionId"],
            "version": None if version == -1 else version,
        }
    return arguments


def _tagged(body: Mapping[str, Any]) -> int:
    """The key of the version with the tag that is asked for."""
    process_id, tag = body.get("processDefinitionId", ""), body["processDefinitionVersionTag"]
    with transaction() as connection:
        key = catalogue(connection).resolve(
            connection, epoch(connection), "process", process_id, binding="versionTag", version_tag=tag
        )
    if key is None:
        raise no_such("流程", "process", f"{process_id} ({tag})")
    return key


def _created(started: instances.StartedInstance, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "processDefinitionId": started.process_id,
        "processDefinitionVersion": started.version,
        "processDefinitionVersionTag": started.version_tag,
        "processDefinitionKey": str(started.definition_key),
        "processInstanceKey": str(started.key),
        "tenantId": TENANT,
        "variables": variables,
        "tags": list(started.tags),
        "businessId": started.business_id,
    }


def _await_end(created: dict[str, Any], body: Mapping[str, Any]) -> Response:
    """The answer once the instance has ended: what it was created with, and the variables that are asked for."""
    asked = body.get("requestTimeout", 0)
    wait = min(asked if asked > 0 else DEFAULT_WAIT_MS, LONGEST_WAIT_MS)
    ended = instances.await_end(_started(created), timeout=dt.timedelta(milliseconds=wait))
    if ended.state != "COMPLETED":
        key = created["processInstanceKey"]
        raise ProblemError(
            409,
            Message(
                "instance.terminated",
                f"流程实例 {key} 已被终止，没有正常完成。",
                f"Process instance {key} was terminated before it completed.",
            ),
        )
    names = body.get("fetchVariables")
    variables = {name: value for name, value in ended.variables.items() if not names or name in names}
    return answer({**created, "variables": variables})


def _started(created: Mapping[str, Any]) -> instances.StartedInstance:
    return instances.StartedInstance(
        int(created["processInstanceKey"]),
        int(created["processDefinitionKey"]),
        created["processDefinitionId"],
        created["processDefinitionVersion"],
        created["processDefinitionVersionTag"],
        created["businessId"],
        tuple(created["tags"]),
    )


@process_instances.route("/process-instances/search", methods=["POST"])
@permission("process-instance", "read")
@process_instances.arguments(ProcessInstanceSearch, required=False)
@process_instances.response(200, ProcessInstancePage)
def search_process_instances(body: dict[str, Any]) -> Response:
    """Find instances"""
    return find(INSTANCES, body, instance_document, _seen())


@process_instances.route("/process-instances/<key:key>", methods=["GET"])
@permission("process-instance", "read")
@process_instances.response(200, ProcessInstanceResult)
def get_process_instance(key: int) -> Response:
    """Get an instance"""
    return answer(instance_document(get(INSTANCES, key, _seen())))


@process_instances.route("/process-instances/<key:key>/sequence-flows", methods=["GET"])
@permission("process-instance", "read")
@process_instances.response(200, SequenceFlows)
def get_process_instance_sequence_flows(key: int) -> Response:
    """Get the sequence flows that an instance has taken"""
    row = get(INSTANCES, key, _seen())
    with transaction() as connection:
        flows = fetch(connection, _FLOWS, {"key": key})
    items = [
        {
            "sequenceFlowId": f"{key}_{flow_id}",
            "elementId": flow_id,
            "processInstanceKey": str(key),
            "rootProcessInstanceKey": str(row.root_key),
            "processDefinitionKey": str(row.process_definition_key),
            "processDefinitionId": row.process_id,
            "tenantId": TENANT,
        }
        for flow_id in (flows[0].flows if flows else ())
    ]
    return answer({"items": items})


@process_instances.route("/process-instances/<key:key>/scenario", methods=["GET"])
@permission("process-instance", "read")
@process_instances.response(200, RecordedScenario)
def get_process_instance_scenario(key: int) -> Response:
    """Record an instance, and all that it called, as a scenario for tests; personal data become pseudonyms"""
    get(INSTANCES, key, _seen())
    for each in instances_of(key):
        for resource in ("process-instance", "variable"):
            require_instance(principal(), resource, "read", each)
    recorded = record_instance(key)
    return answer(
        {
            "processInstanceKey": str(key),
            "processDefinitionId": recorded.process_id,
            "scenario": recorded.recording.text,
            "passes": recorded.recording.passes,
            "remarks": [remark.text(language()) for remark in recorded.recording.remarks],
            "resources": [name for name, _ in recorded.resources],
        }
    )


@process_instances.route("/process-instances/<key:key>/statistics/element-instances", methods=["GET"])
@permission("process-instance", "read")
@process_instances.response(200, ElementStatistics)
def get_process_instance_statistics(key: int) -> Response:
    """Count an instance's element instances, by element"""
    get(INSTANCES, key, _seen())
    return element_statistics({}, None, instance_key=key)


def instance_document(row: Any) -> dict[str, Any]:
    """An instance as the API shows one."""

    def key(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "processInstanceKey": str(row.key),
        "processDefinitionId": row.process_id,
        "processDefinitionName": row.process_name,
        "processDefinitionVersion": row.version,
        "processDefinitionVersionTag": row.version_tag,
        "processDefinitionKey": str(row.process_definition_key),
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "state": row.state,
        "hasIncident": row.has_incident,
        "suspendedDate": row.suspended_at,
        "parentProcessInstanceKey": key(row.parent_key),
        "parentElementInstanceKey": key(row.parent_element_instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "tags": row.tags,
        "businessId": row.business_id,
        "tenantId": TENANT,
        "startedBy": row.started_by,
        "applicant": row.applicant,
        "endReason": row.end_reason,
        "suspendedBy": row.suspended_by,
        "suspendReason": row.suspend_reason,
        "restartedFromProcessInstanceKey": key(row.restarted_from),
    }


def _seen() -> Condition | None:
    return seen_of_instances(principal(), "process-instance", "p.key")


_FLOWS = "SELECT flows FROM instance_state WHERE key = %(key)s"
