"""Process instances: started, awaited, found, cancelled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Response

from server.identity.visibility import require_instance
from server.messages import Message
from server.runtime import instances
from server.runtime.definitions import catalogue, epoch
from server.runtime.errors import no_such
from server.store.database import decode_json, encode_json, transaction

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import TENANT, Flag, Key, Listed, Part, Tenant, Text, Variables, Whole, always, document, maybe
from .idempotency import claim_of_request, in_two_steps, keeps_its_answer, once
from .problems import ProblemError, bad_request
from .resource import Resource

process_instances = Resource("Process instance", description="Running and ended instances of processes.")

DEFAULT_WAIT_MS = 10_000
LONGEST_WAIT_MS = 60_000
_MOST_TAGS = 10

StartInstruction = document("StartInstruction", {"elementId": Text(required=True)})
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
        "runtimeInstructions": Listed(Variables()),
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
Cancellation = document("ProcessInstanceCancellation", {"operationReference": Whole(high=2**63 - 1)})


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
    instances.cancel(instance_key=key, actor=principal().name)
    return no_content()


def _start_arguments(body: Mapping[str, Any]) -> dict[str, Any]:
    if body.get("startInstructions") or body.get("runtimeInstructions"):
        raise bad_request(
            "start-instructions",
            "不支持 startInstructions 和 runtimeInstructions；请从流程的启动事件启动实例。",
            "startInstructions and runtimeInstructions are not supported; start the instance at its start event.",
        )
    tags = tuple(dict.fromkeys(body.get("tags", ())))
    if len(tags) > _MOST_TAGS:
        raise bad_request(
            "tags", f"标签最多 {_MOST_TAGS} 个。", f"An instance has at most {_MOST_TAGS} tags."
        )
    arguments: dict[str, Any] = {
        "actor": principal().name,
        "variables": body.get("variables"),
        "business_id": body.get("businessId"),
        "business_id_unique": body.get("businessIdUnique", False),
        "tags": tags,
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
