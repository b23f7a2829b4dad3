"""Modification and migration of all instances that a filter finds, and taking a batch of migrations back."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.messages import Message
from server.runtime import batch_kinds
from server.runtime.batch_operations import Selection
from server.runtime.errors import Conflict
from server.store.search import Condition

from .authorization import permission, principal
from .batch_operations import BATCHES, CreatedBatchResult, created_batch
from .fields import Key, Listed, Part, Text, document
from .instance_batches import BATCH_FIELDS, make_batch, make_of_instances
from .migration import MIGRATION_FIELDS, instructions_of
from .problems import bad_request
from .process_instances import ProcessInstanceSearch
from .resource import Resource
from .search import filter_of, get

repair_batches = Resource("Repair batch", description="Modifications and migrations of many instances.")

_LIVE = "p.ended_at IS NULL"
_OVERRIDDEN = frozenset({"state"})

BatchMove = document(
    "BatchMoveInstruction",
    {
        "sourceElementId": Text(shortest=1, longest=1000, required=True),
        "targetElementId": Text(shortest=1, longest=1000, required=True),
    },
)
BatchReturn = document("BatchReturnInstruction", {"targetElementId": Text(shortest=1, longest=1000, required=True)})
ModificationBatch = document(
    "ProcessInstanceModificationBatch",
    {
        "filter": filter_of(ProcessInstanceSearch),
        "moveInstructions": Listed(Part(BatchMove)),
        "returnInstructions": Listed(Part(BatchReturn)),
        **BATCH_FIELDS,
    },
)
MigrationBatchPlan = document("MigrationBatchPlan", MIGRATION_FIELDS)
MigrationBatch = document(
    "ProcessInstanceMigrationBatch",
    {
        "filter": filter_of(ProcessInstanceSearch),
        "migrationPlan": Part(MigrationBatchPlan, required=True),
        **BATCH_FIELDS,
    },
)
ReversionBatch = document(
    "MigrationReversionBatch",
    {"batchOperationKey": Key(required=True, metadata={"description": "A batch of migrations"}), **BATCH_FIELDS},
)


@repair_batches.route("/process-instances/modification", methods=["POST"])
@permission("process-instance", "modify")
@repair_batches.arguments(ModificationBatch)
@repair_batches.response(200, CreatedBatchResult)
def modify_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Move tokens in the active instances that a filter finds, or send them back"""
    instructions = {name: body.get(name, []) for name in ("moveInstructions", "returnInstructions")}
    if not any(instructions.values()):
        raise bad_request(
            "no-instructions",
            "批量修改中没有任何指令；请至少给出一条移动或退回指令。",
            "The modification has no instruction; move or return something.",
        )
    permitted = ("process-instance", "modify")
    made = make_of_instances(
        batch_kinds.MODIFY, body, _LIVE, permitted, instructions=instructions, overridden=_OVERRIDDEN
    )
    return created_batch(made)


@repair_batches.route("/process-instances/migration", methods=["POST"])
@permission("process-instance", "migrate")
@repair_batches.arguments(MigrationBatch)
@repair_batches.response(200, CreatedBatchResult)
def migrate_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Migrate the active instances that a filter finds"""
    asked = instructions_of(body["migrationPlan"])
    instructions = {
        "targetProcessDefinitionKey": str(asked.target_key),
        "mapping": asked.mapping,
        "recomputeTimers": asked.recompute_timers,
    }
    permitted = ("process-instance", "migrate")
    made = make_of_instances(
        batch_kinds.MIGRATE, body, _LIVE, permitted, instructions=instructions, overridden=_OVERRIDDEN
    )
    return created_batch(made)


@repair_batches.route("/process-instances/migration/reversion", methods=["POST"])
@permission("process-instance", "migrate")
@repair_batches.arguments(ReversionBatch)
@repair_batches.response(200, CreatedBatchResult)
def revert_migrations_batch_operation(body: dict[str, Any]) -> Response:
    """Take back what a batch has migrated; what has moved on too far stays, with the reason"""
    key = body["batchOperationKey"]
    batch = get(BATCHES, key)
    if batch.type != batch_kinds.MIGRATE:
        raise Conflict(
            Message(
                "migration.not-a-migration",
                f"批量操作 {key} 不是迁移，没有可以撤回的；请给出一个迁移批量操作的键。",
                f"Batch operation {key} is not a migration, so there is nothing to take back; give the key of one.",
            )
        )
    seen = seen_of_instances(principal(), "process-instance", "p.key", action="migrate")
    done = Condition(f"i.batch_key = %(of_batch)s AND i.state = 'COMPLETED' AND {_LIVE}", {"of_batch": key})
    rows = "batch_operation_item i JOIN process_instance p ON p.key = i.instance_key"
    selection = Selection(rows, "p.key", "p.key", "p.root_key", [done, *([] if seen is None else [seen])])
    instructions = {
        "fromProcessDefinitionKey": batch.instructions["targetProcessDefinitionKey"],
        "revertedBatchOperationKey": str(key),
    }
    wanted = {"batchOperationKey": str(key)}
    return created_batch(make_batch(batch_kinds.REVERT_MIGRATION, selection, body, wanted, instructions=instructions))
