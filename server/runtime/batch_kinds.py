"""What can be done to many instances, incidents or decisions at once. Importing this module registers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.bpmn import Modification, Move, ReturnTo
from server.identity.roles import Permission

from . import incidents, instances, migrations, modifications, suspension, variables
from .batch_operations import BatchItem, BatchKind, register
from .deletion import delete_decision, delete_instance
from .restart import RestartInstructions, restart

CANCEL = "CANCEL_PROCESS_INSTANCE"
DELETE = "DELETE_PROCESS_INSTANCE"
DELETE_DECISION = "DELETE_DECISION_INSTANCE"
MIGRATE = migrations.KIND
MODIFY = modifications.KIND
RESOLVE_INCIDENT = "RESOLVE_INCIDENT"
RESTART = "RESTART_PROCESS_INSTANCE"
REVERT_MIGRATION = "REVERT_PROCESS_INSTANCE_MIGRATION"
RESUME = "RESUME_PROCESS_INSTANCE"
SUSPEND = "SUSPEND_PROCESS_INSTANCE"
UPDATE_VARIABLE = "UPDATE_VARIABLE"


def _cancel(item: BatchItem) -> None:
    instances.cancel(instance_key=item.key, actor=item.actor, reason=item.reason)


def _delete(item: BatchItem) -> None:
    delete_instance(instance_key=item.key, actor=item.actor, reason=item.reason)


def _delete_decision(item: BatchItem) -> None:
    delete_decision(evaluation_key=item.key, actor=item.actor, reason=item.reason)


def _migrate(item: BatchItem) -> None:
    asked = item.instructions
    instructions = migrations.MigrationInstructions(
        int(asked["targetProcessDefinitionKey"]), asked["mapping"], asked["recomputeTimers"]
    )
    migrations.migrate(instance_key=item.key, instructions=instructions, actor=item.actor, reason=item.reason)


def _modify(item: BatchItem) -> None:
    asked = item.instructions
    moves = [
        Move(move["targetElementId"], source_id=move["sourceElementId"], ancestor="sourceParent")
        for move in asked["moveInstructions"]
    ]
    returns = [ReturnTo(back["targetElementId"]) for back in asked["returnInstructions"]]
    modification = Modification(move=tuple(moves), return_to=tuple(returns))
    modifications.modify(instance_key=item.key, modification=modification, actor=item.actor, reason=item.reason)


def _revert_migration(item: BatchItem) -> None:
    came_to = int(item.instructions["fromProcessDefinitionKey"])
    migrations.revert(instance_key=item.key, actor=item.actor, reason=item.reason, from_key=came_to)


def _resolve_incident(item: BatchItem) -> None:
    incidents.resolve(incident_key=item.key, actor=item.actor)


def _restart(item: BatchItem) -> Mapping[str, Any]:
    instructions = RestartInstructions.read(item.instructions)
    started = restart(instance_key=item.key, instructions=instructions, actor=item.actor, reason=item.reason)
    return {"processInstanceKey": str(started.key)}


def _resume(item: BatchItem) -> None:
    suspension.resume(instance_key=item.key, actor=item.actor, reason=item.reason)


def _suspend(item: BatchItem) -> None:
    suspension.suspend(instance_key=item.key, actor=item.actor, reason=item.reason)


def _update_variables(item: BatchItem) -> None:
    variables.update(scope_key=item.key, variables=item.instructions["variables"], actor=item.actor, reason=item.reason)


for _kind in (
    BatchKind(CANCEL, Permission("process-instance", "cancel"), _cancel),
    BatchKind(DELETE, Permission("process-instance", "delete"), _delete),
    BatchKind(DELETE_DECISION, Permission("decision-instance", "delete"), _delete_decision),
    BatchKind(MIGRATE, Permission("process-instance", "migrate"), _migrate),
    BatchKind(MODIFY, Permission("process-instance", "modify"), _modify),
    BatchKind(REVERT_MIGRATION, Permission("process-instance", "migrate"), _revert_migration),
    BatchKind(RESOLVE_INCIDENT, Permission("incident", "resolve"), _resolve_incident),
    BatchKind(RESTART, Permission("process-instance", "restart"), _restart),
    BatchKind(RESUME, Permission("process-instance", "suspend"), _resume),
    BatchKind(SUSPEND, Permission("process-instance", "suspend"), _suspend),
    BatchKind(UPDATE_VARIABLE, Permission("variable", "update"), _update_variables),
):
    register(_kind)
