"""The record of operators' acts: who has done what to which instance, decision or definition, when and why."""

from __future__ import annotations

from typing import Any

from flask import Response

from .authorization import permission
from .fields import Instant, Key, Text, Variables, always, document, maybe
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, find, page_of, search_request

operation_records = Resource("Operation record", description="What operators have done, when and why.")

RECORDS = Source(
    kind=("操作记录", "operation record"),
    rows="operation_record o",
    columns="o.*",
    key="o.key",
    fields={
        "operationRecordKey": "key o.key",
        "operationType": "text o.type",
        "subjectKey": "key o.subject_key",
        "processDefinitionKey": "key? o.process_definition_key",
        "businessId": "text? o.business_id",
        "actorId": "text o.actor",
        "date": "instant o.at",
    },
)
OperationRecordResult = document(
    "OperationRecord",
    always(
        {
            "operationRecordKey": Key(),
            "operationType": Text(),
            "subjectKey": Key(metadata={"description": "The instance, decision or definition; it may be gone"}),
            "processDefinitionKey": maybe(Key()),
            "businessId": maybe(Text()),
            "actorId": Text(),
            "reason": maybe(Text()),
            "date": Instant(),
            "details": Variables(),
        }
    ),
)
OperationRecordSearch = search_request(
    "OperationRecord",
    {
        "operationRecordKey": by_key(),
        "operationType": by_text(),
        "subjectKey": by_key(),
        "processDefinitionKey": by_key(),
        "businessId": by_text(),
        "actorId": by_text(),
        "date": by_instant(),
    },
    ("operationRecordKey", "operationType", "subjectKey", "actorId", "date"),
)


@operation_records.route("/operation-records/search", methods=["POST"])
@permission("batch-operation", "read")
@operation_records.arguments(OperationRecordSearch, required=False)
@operation_records.response(200, page_of("OperationRecord", OperationRecordResult))
def search_operation_records(body: dict[str, Any]) -> Response:
    """Find what operators have done"""
    return find(RECORDS, body, _document)


def _document(row: Any) -> dict[str, Any]:
    definition = row.process_definition_key
    return {
        "operationRecordKey": str(row.key),
        "operationType": row.type,
        "subjectKey": str(row.subject_key),
        "processDefinitionKey": None if definition is None else str(definition),
        "businessId": row.business_id,
        "actorId": row.actor,
        "reason": row.reason,
        "date": row.at,
        "details": row.details,
    }
