"""Incidents: what nobody has handled and an operator can repair."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import require_instance, seen_of_instances
from server.runtime import incidents as runtime
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import TENANT, Instant, Key, Text, Whole, always, document, maybe
from .problems import in_language
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, by_whole, by_word, find, get, page_of, search_request

incidents = Resource("Incident", description="What nobody has handled and an operator can repair.")

# What incidents of the same cause have in common: long numbers (keys, times) tell one from the other, not why.
CAUSE = r"regexp_replace(i.message_en, '\d{4,}', '#', 'g')"
CAUSE_HASH = f"hashtext(i.error_type || ' ' || {CAUSE})"
INCIDENTS = Source(
    kind=("异常", "incident"),
    rows="incident i LEFT JOIN process_definition d ON d.key = i.process_definition_key",
    columns="i.*, d.process_id",
    key="i.key",
    fields={
        "incidentKey": "key i.key",
        "errorType": "text i.error_type",
        "errorMessage": "texts ARRAY[i.message_en, i.message_zh]",
        "elementId": "text i.element_id",
        "state": "word i.state",
        "creationTime": "instant i.created_at",
        "processDefinitionKey": "key i.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "processInstanceKey": "key i.instance_key",
        "elementInstanceKey": "key i.element_instance_key",
        "jobKey": "key? i.job_key",
        "errorHashCode": f"whole {CAUSE_HASH}",
        "tenantId": "text '<default>'",
    },
)
IncidentResult = document(
    "Incident",
    always(
        {
            "incidentKey": Key(),
            "errorType": Text(),
            "errorMessage": Text(metadata={"description": "In the reader's language"}),
            "elementId": Text(),
            "state": Text(),
            "creationTime": Instant(),
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "elementInstanceKey": Key(),
            "jobKey": maybe(Key()),
            "tenantId": Text(),
        }
    ),
)
IncidentPage = page_of("Incident", IncidentResult)
IncidentSearch = search_request(
    "Incident",
    {
        "incidentKey": by_key(),
        "errorType": by_text(),
        "errorMessage": by_text(),
        "elementId": by_text(),
        "state": by_word("ACTIVE", "RESOLVED", "PENDING", "MIGRATED", "UNKNOWN"),
        "creationTime": by_instant(),
        "processDefinitionKey": by_key(),
        "processDefinitionId": by_text(),
        "processInstanceKey": by_key(),
        "elementInstanceKey": by_key(),
        "jobKey": by_key(),
        "errorHashCode": by_whole(),
        "tenantId": by_text(),
    },
    (
        "incidentKey",
        "errorType",
        "elementId",
        "state",
        "creationTime",
        "processDefinitionKey",
        "processDefinitionId",
        "processInstanceKey",
        "elementInstanceKey",
        "jobKey",
        "tenantId",
    ),
)
Resolution = document("IncidentResolution", {"operationReference": Whole(high=2**63 - 1)})


@incidents.route("/incidents/search", methods=["POST"])
@permission("incident", "read")
@incidents.arguments(IncidentSearch, required=False)
@incidents.response(200, IncidentPage)
def search_incidents(body: dict[str, Any]) -> Response:
    """Find incidents"""
    return find(INCIDENTS, body, incident_document, _seen())


@incidents.route("/incidents/<key:key>", methods=["GET"])
@permission("incident", "read")
@incidents.response(200, IncidentResult)
def get_incident(key: int) -> Response:
    """Get an incident"""
    return answer(incident_document(get(INCIDENTS, key, _seen())))


@incidents.route("/incidents/<key:key>/resolution", methods=["POST"])
@permission("incident", "resolve")
@incidents.arguments(Resolution, required=False)
@incidents.response(204)
def resolve_incident(body: dict[str, Any], key: int) -> Response:
    """Resolve an incident: its element is tried again"""
    runtime.resolve(incident_key=key, actor=principal().name)
    return no_content()


@incidents.route("/process-instances/<key:key>/incidents/search", methods=["POST"])
@permission("incident", "read")
@incidents.arguments(IncidentSearch, required=False)
@incidents.response(200, IncidentPage)
def search_process_instance_incidents(body: dict[str, Any], key: int) -> Response:
    """Find the incidents of an instance and of those it called"""
    require_instance(principal(), "incident", "read", key)
    return find(INCIDENTS, body, incident_document, _seen(), where=Condition(_UNDER, {"under": key}))


@incidents.route("/element-instances/<key:key>/incidents/search", methods=["POST"])
@permission("incident", "read")
@incidents.arguments(IncidentSearch, required=False)
@incidents.response(200, IncidentPage)
def search_element_instance_incidents(body: dict[str, Any], key: int) -> Response:
    """Find the incidents of an element instance"""
    return find(INCIDENTS, body, incident_document, _seen(), where=Condition(_AT, {"at": key}))


def incident_document(row: Any) -> dict[str, Any]:
    """An incident as the API shows one."""
    return {
        "incidentKey": str(row.key),
        "errorType": row.error_type,
        "errorMessage": in_language(row.message_en, row.message_zh),
        "elementId": row.element_id,
        "state": row.state,
        "creationTime": row.created_at,
        "processDefinitionKey": str(row.process_definition_key),
        "processDefinitionId": row.process_id,
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "elementInstanceKey": str(row.element_instance_key),
        "jobKey": None if row.job_key is None else str(row.job_key),
        "tenantId": TENANT,
    }


def _seen() -> Condition | None:
    return seen_of_instances(principal(), "incident", "i.instance_key")


_AT = "i.element_instance_key = %(at)s"
# The instance itself and every instance that was called from it, at any depth.
_UNDER = """i.instance_key IN (
    WITH RECURSIVE below AS (
        SELECT %(under)s::bigint AS key
        UNION ALL SELECT p.key FROM process_instance p JOIN below b ON p.parent_key = b.key)
    SELECT key FROM below)"""
