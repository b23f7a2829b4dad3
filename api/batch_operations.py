"""Batch operations: how far they are, what became of each item, and how to hold or stop them.

The type of a batch is one of the Camunda 8 API's. Restarting and taking migrations back have none there: such
batches have no ``batchOperationType``, as that API has it for batches whose type it does not know, and say it in
``lendloomOperationType``; their items are found by asking for that type or for the batch.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server.runtime import batch_kinds, batch_operations
from server.runtime.batch_operations import CreatedBatch
from server.store.search import Condition

from .authorization import permission
from .exact_json import answer, no_content
from .fields import Instant, Key, Listed, Part, Text, Variables, Whole, always, document, maybe
from .problems import in_language
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, by_word, find, get, page_of, search_request

batches = Resource("Batch operation", description="Operations on many things at once, worked off in the background.")

STATES = ("CREATED", "ACTIVE", "SUSPENDED", "COMPLETED", "PARTIALLY_COMPLETED", "CANCELED", "FAILED")
ITEM_STATES = ("ACTIVE", "COMPLETED", "FAILED", "CANCELED", "SKIPPED")
TYPES = (
    "ADD_VARIABLE",
    "CANCEL_PROCESS_INSTANCE",
    "DELETE_DECISION_DEFINITION",
    "DELETE_DECISION_INSTANCE",
    "DELETE_PROCESS_DEFINITION",
    "DELETE_PROCESS_INSTANCE",
    "MIGRATE_PROCESS_INSTANCE",
    "MODIFY_PROCESS_INSTANCE",
    "RESOLVE_INCIDENT",
    "RESUME_PROCESS_INSTANCE",
    "SUSPEND_PROCESS_INSTANCE",
    "UPDATE_JOB",
    "UPDATE_VARIABLE",
)
_OF_OUR_OWN = frozenset({batch_kinds.RESTART, batch_kinds.REVERT_MIGRATION})
_ANY_TYPE = (*TYPES, *sorted(_OF_OUR_OWN))
_ACTOR_TYPE = "upper(b.actor_kind)"

BATCHES = Source(
    kind=("批量操作", "batch operation"),
    rows="batch_operation b",
    columns="b.*",
    key="b.key",
    fields={
        "batchOperationKey": "key b.key",
        "operationType": "word b.type",
        "state": "word b.state",
        "actorType": f"text {_ACTOR_TYPE}",
        "actorId": "text b.actor",
        "startDate": "instant? b.started_at",
        "endDate": "instant? b.ended_at",
    },
)
ITEMS = Source(
    kind=("批量操作项", "batch operation item"),
    rows="batch_operation_item i JOIN batch_operation b ON b.key = i.batch_key",
    columns="i.*, b.type",
    key="i.item_key",
    fields={
        "batchOperationKey": "key i.batch_key",
        "itemKey": "key i.item_key",
        "processInstanceKey": "key? i.instance_key",
        "state": "word i.state",
        "operationType": "word b.type",
        "processedDate": "instant? i.processed_at",
    },
)
CreatedBatchResult = document(
    "CreatedBatchOperation",
    always(
        {
            "batchOperationKey": Key(),
            "batchOperationType": maybe(Text()),
            "lendloomOperationType": Text(),
            "operationsTotalCount": Whole(),
        }
    ),
)
BatchError = document("BatchOperationError", always({"partitionId": Whole(), "type": Text(), "message": Text()}))
BatchOperationResult = document(
    "BatchOperation",
    always(
        {
            "batchOperationKey": Key(),
            "state": Text(),
            "batchOperationType": maybe(Text()),
            "lendloomOperationType": Text(),
            "startDate": maybe(Instant()),
            "endDate": maybe(Instant()),
            "actorType": maybe(Text()),
            "actorId": maybe(Text()),
            "reason": maybe(Text()),
            "filter": Variables(),
            "instructions": Variables(),
            "itemsPerSecond": Whole(),
            "operationsTotalCount": Whole(),
            "operationsFailedCount": Whole(),
            "operationsCompletedCount": Whole(),
            "errors": Listed(Part(BatchError)),
        }
    ),
)
BatchOperationPage = page_of("BatchOperation", BatchOperationResult)
BatchOperationSearch = search_request(
    "BatchOperation",
    {
        "batchOperationKey": by_key(),
        "operationType": by_word(*_ANY_TYPE),
        "state": by_word(*STATES),
        "actorType": by_text(),
        "actorId": by_text(),
        "startDate": by_instant(),
        "endDate": by_instant(),
    },
    ("batchOperationKey", "operationType", "state", "startDate", "endDate", "actorType", "actorId"),
)
BatchOperationItemResult = document(
    "BatchOperationItem",
    always(
        {
            "operationType": Text(),
            "batchOperationKey": Key(),
            "itemKey": Text(),
            "processInstanceKey": maybe(Key()),
            "rootProcessInstanceKey": maybe(Key()),
            "state": Text(),
            "processedDate": maybe(Instant()),
            "errorMessage": maybe(Text(metadata={"description": "In the reader's language"})),
            "errorCode": maybe(Text()),
            "result": maybe(Variables(metadata={"description": "What came of it, such as the restarted instance"})),
        }
    ),
)
BatchOperationItemPage = page_of("BatchOperationItem", BatchOperationItemResult)
BatchOperationItemSearch = search_request(
    "BatchOperationItem",
    {
        "batchOperationKey": by_key(),
        "itemKey": by_key(),
        "processInstanceKey": by_key(),
        "state": by_word(*ITEM_STATES),
        "operationType": by_word(*_ANY_TYPE),
    },
    ("batchOperationKey", "itemKey", "processInstanceKey", "processedDate", "state"),
)


@batches.route("/batch-operations/search", methods=["POST"])
@permission("batch-operation", "read")
@batches.arguments(BatchOperationSearch, required=False)
@batches.response(200, BatchOperationPage)
def search_batch_operations(body: dict[str, Any]) -> Response:
    """Find batch operations"""
    return find(BATCHES, body, batch_document)


@batches.route("/batch-operations/<key:key>", methods=["GET"])
@permission("batch-operation", "read")
@batches.response(200, BatchOperationResult)
def get_batch_operation(key: int) -> Response:
    """Get a batch operation, with its progress"""
    return answer(batch_document(get(BATCHES, key)))


@batches.route("/batch-operations/<key:key>/cancellation", methods=["POST"])
@permission("batch-operation", "control")
@batches.response(204)
def cancel_batch_operation(key: int) -> Response:
    """Do nothing more of a batch operation; what it has done stays done"""
    batch_operations.cancel(batch_key=key)
    return no_content()


@batches.route("/batch-operations/<key:key>/suspension", methods=["POST"])
@permission("batch-operation", "control")
@batches.response(204)
def suspend_batch_operation(key: int) -> Response:
    """Let a batch operation rest"""
    batch_operations.suspend(batch_key=key)
    return no_content()


@batches.route("/batch-operations/<key:key>/resumption", methods=["POST"])
@permission("batch-operation", "control")
@batches.response(204)
def resume_batch_operation(key: int) -> Response:
    """Go on with a batch operation that rests"""
    batch_operations.resume(batch_key=key)
    return no_content()


@batches.route("/batch-operation-items/search", methods=["POST"])
@permission("batch-operation", "read")
@batches.arguments(BatchOperationItemSearch, required=False)
@batches.response(200, BatchOperationItemPage)
def search_batch_operation_items(body: dict[str, Any]) -> Response:
    """Find the items of batch operations, with what became of each"""
    asked = body.get("filter", {})
    named = "batchOperationKey" in asked or "operationType" in asked
    known = None if named else Condition("b.type <> ALL(%(own)s::text[])", {"own": sorted(_OF_OUR_OWN)})
    return find(ITEMS, body, item_document, where=known)


def created_batch(made: CreatedBatch) -> Response:
    """The answer to a request that has made a batch."""
    return answer(
        {
            "batchOperationKey": str(made.key),
            "batchOperationType": _known_type(made.type),
            "lendloomOperationType": made.type,
            "operationsTotalCount": made.total,
        }
    )


def _known_type(type_: str) -> str | None:
    return None if type_ in _OF_OUR_OWN else type_


def batch_document(row: Any) -> dict[str, Any]:
    """A batch as the API shows one."""
    return {
        "batchOperationKey": str(row.key),
        "state": row.state,
        "batchOperationType": _known_type(row.type),
        "lendloomOperationType": row.type,
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "actorType": row.actor_kind.upper(),
        "actorId": row.actor,
        "reason": row.reason,
        "filter": row.filter,
        "instructions": row.instructions,
        "itemsPerSecond": row.items_per_second,
        "operationsTotalCount": row.total,
        "operationsFailedCount": row.failed,
        "operationsCompletedCount": row.completed,
        "errors": [],
    }


def item_document(row: Any) -> dict[str, Any]:
    """An item as the API shows one."""

    def key(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "operationType": row.type,
        "batchOperationKey": str(row.batch_key),
        "itemKey": str(row.item_key),
        "processInstanceKey": key(row.instance_key),
        "rootProcessInstanceKey": key(row.root_key),
        "state": row.state,
        "processedDate": row.processed_at,
        "errorMessage": in_language(row.error_en, row.error_zh),
        "errorCode": row.error_code,
        "result": row.result,
    }
