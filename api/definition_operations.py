"""Suspending and resuming versions of a process, with or without the instances that run already."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.runtime import batch_kinds, definition_suspension
from server.runtime.operation_records import LONGEST_REASON

from .authorization import permission, principal
from .exact_json import answer
from .fields import Flag, Key, Listed, Text, always, document, maybe
from .instance_batches import ACTIVE, SUSPENDED, make_of_instances
from .resource import Resource

definition_operations = Resource("Process definition operation", description="Suspending versions of processes.")

DefinitionOperation = document(
    "ProcessDefinitionOperation",
    {
        "allVersions": Flag(metadata={"description": "All versions of the process that there are, not only this one"}),
        "includeProcessInstances": Flag(
            metadata={"description": "Also the running root instances of these versions, as a batch operation"}
        ),
        "reason": Text(longest=LONGEST_REASON, metadata={"description": "Why; kept with who and when"}),
    },
)
DefinitionOperationResult = document(
    "ProcessDefinitionOperationResult",
    always({"processDefinitionKeys": Listed(Key()), "batchOperationKey": maybe(Key())}),
)


@definition_operations.route("/process-definitions/<key:key>/suspension", methods=["POST"])
@permission("process-definition", "suspend")
@definition_operations.arguments(DefinitionOperation, required=False)
@definition_operations.response(200, DefinitionOperationResult)
def suspend_process_definition(body: dict[str, Any], key: int) -> Response:
    """Let a version of a process start no instances"""
    changed = definition_suspension.suspend(**_arguments(body, key))
    return _answer(body, changed, batch_kinds.SUSPEND, ACTIVE)


@definition_operations.route("/process-definitions/<key:key>/resumption", methods=["POST"])
@permission("process-definition", "suspend")
@definition_operations.arguments(DefinitionOperation, required=False)
@definition_operations.response(200, DefinitionOperationResult)
def resume_process_definition(body: dict[str, Any], key: int) -> Response:
    """Let a suspended version of a process start instances again"""
    changed = definition_suspension.resume(**_arguments(body, key))
    return _answer(body, changed, batch_kinds.RESUME, SUSPENDED)


def _arguments(body: dict[str, Any], key: int) -> dict[str, Any]:
    return {
        "definition_key": key,
        "all_versions": body.get("allVersions", False),
        "actor": principal().name,
        "reason": body.get("reason"),
    }


def _answer(body: dict[str, Any], changed: tuple[int, ...], kind: str, fits: str) -> Response:
    keys = [str(key) for key in changed]
    batch = None
    if body.get("includeProcessInstances"):
        wanted = {"filter": {"processDefinitionKey": {"$in": keys}}, "reason": body.get("reason")}
        batch = str(make_of_instances(kind, wanted, fits, ("process-instance", "suspend")).key)
    return answer({"processDefinitionKeys": keys, "batchOperationKey": batch})
