"""What operators do to one instance: suspend and resume it, restart or delete it, resolve all its incidents."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import require_instance, seen_of_instances
from server.runtime import batch_kinds, batch_operations, suspension
from server.runtime.deletion import delete_decision, delete_instance
from server.runtime.open_incidents import HELD_INCIDENTS
from server.runtime.operation_records import LONGEST_REASON
from server.runtime.restart import RestartInstructions, RestartVariables, RestartVersion, restart
from server.store.search import Condition

from .authorization import permission, principal
from .batch_operations import CreatedBatchResult, created_batch
from .exact_json import answer, no_content
from .fields import Key, Listed, OneOf, Part, Text, Whole, always, document, maybe
from .problems import bad_request
from .process_instances import INSTANCES, StartInstruction
from .resource import Resource
from .search import get

instance_operations = Resource("Instance operation", description="What operators do to one instance.")

Operation = document(
    "InstanceOperation",
    {
        "operationReference": Whole(high=2**63 - 1),
        "reason": Text(longest=LONGEST_REASON, metadata={"description": "Why; kept with who and when"}),
    },
)
RESTART_FIELDS: dict[str, Any] = {
    "variables": OneOf(
        *RestartVariables,
        metadata={"description": "Start with the variables it was started with (INITIAL), or with its last ones"},
    ),
    "version": OneOf(*RestartVersion, metadata={"description": "Run the version that it ran (SAME), or the latest"}),
    "startElementId": Text(
        shortest=1, longest=1000, metadata={"description": "A start event; where not given, the one it began at"}
    ),
    "startInstructions": Listed(
        Part(StartInstruction), metadata={"description": "Begin at these elements instead, wherever they stand"}
    ),
}
Restart = document(
    "ProcessInstanceRestart",
    {**RESTART_FIELDS, "operationReference": Whole(high=2**63 - 1), "reason": Text(longest=LONGEST_REASON)},
)
Restarted = document(
    "RestartedProcessInstance",
    always(
        {
            "processInstanceKey": Key(),
            "restartedFromProcessInstanceKey": Key(),
            "processDefinitionId": Text(),
            "processDefinitionVersion": Whole(),
            "processDefinitionKey": Key(),
            "businessId": maybe(Text()),
            "tags": Listed(Text()),
        }
    ),
)


@instance_operations.route("/process-instances/<key:key>/suspension", methods=["POST"])
@permission("process-instance", "suspend")
@instance_operations.arguments(Operation, required=False)
@instance_operations.response(204)
def suspend_process_instance(body: dict[str, Any], key: int) -> Response:
    """Suspend a root instance and everything that it called"""
    require_instance(principal(), "process-instance", "suspend", key)
    suspension.suspend(instance_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


@instance_operations.route("/process-instances/<key:key>/resumption", methods=["POST"])
@permission("process-instance", "suspend")
@instance_operations.arguments(Operation, required=False)
@instance_operations.response(204)
def resume_process_instance(body: dict[str, Any], key: int) -> Response:
    """Resume a suspended root instance and everything that it called"""
    require_instance(principal(), "process-instance", "suspend", key)
    suspension.resume(instance_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


@instance_operations.route("/process-instances/<key:key>/restart", methods=["POST"])
@permission("process-instance", "restart")
@instance_operations.arguments(Restart, required=False)
@instance_operations.response(200, Restarted)
def restart_process_instance(body: dict[str, Any], key: int) -> Response:
    """Start a new instance in the place of one that has ended"""
    require_instance(principal(), "process-instance", "restart", key)
    instructions = RestartInstructions.read(restart_instructions(body))
    started = restart(instance_key=key, instructions=instructions, actor=principal().name, reason=body.get("reason"))
    return answer(
        {
            "processInstanceKey": str(started.key),
            "restartedFromProcessInstanceKey": str(key),
            "processDefinitionId": started.process_id,
            "processDefinitionVersion": started.version,
            "processDefinitionKey": str(started.definition_key),
            "businessId": started.business_id,
            "tags": list(started.tags),
        }
    )


@instance_operations.route("/process-instances/<key:key>/deletion", methods=["POST"])
@permission("process-instance", "delete")
@instance_operations.arguments(Operation, required=False)
@instance_operations.response(204)
def delete_process_instance(body: dict[str, Any], key: int) -> Response:
    """Delete an ended root instance, what it called, and the history of both"""
    require_instance(principal(), "process-instance", "delete", key)
    delete_instance(instance_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


@instance_operations.route("/process-instances/<key:key>/incident-resolution", methods=["POST"])
@permission("incident", "resolve")
@instance_operations.arguments(Operation, required=False)
@instance_operations.response(200, CreatedBatchResult)
def resolve_process_instance_incidents(body: dict[str, Any], key: int) -> Response:
    """Resolve all incidents of an instance and of those it called, as a batch"""
    seen = seen_of_instances(principal(), "incident", "p.key", action="resolve")
    get(INSTANCES, key, seen)
    conditions = [Condition("x.holder = %(holder)s", {"holder": key})]
    selection = batch_operations.Selection(f"{HELD_INCIDENTS} x", "x.key", "x.instance_key", "x.root_key", conditions)
    made = batch_operations.create(
        type_=batch_kinds.RESOLVE_INCIDENT,
        selection=selection,
        principal=principal(),
        filter_={"processInstanceKey": str(key)},
        reason=body.get("reason"),
    )
    return created_batch(made)


@instance_operations.route("/decision-instances/<key:key>/deletion", methods=["POST"])
@permission("decision-instance", "delete")
@instance_operations.arguments(Operation, required=False)
@instance_operations.response(204)
def delete_decision_instance(body: dict[str, Any], key: int) -> Response:
    """Delete an evaluation of a decision, with the decisions that it required"""
    delete_decision(evaluation_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


def restart_instructions(body: dict[str, Any]) -> dict[str, Any]:
    """What a request says about how to restart. Raises :class:`ProblemError` when it says two things at once."""
    if "startElementId" in body and body.get("startInstructions"):
        raise bad_request(
            "restart",
            "startElementId 与 startInstructions 只能给出一个：要么从某个启动事件开始，要么从所列元素开始。",
            "Give either startElementId or startInstructions: begin at a start event, or at the elements listed.",
        )
    return {name: body[name] for name in RESTART_FIELDS if name in body}
