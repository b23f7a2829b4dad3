"""Process definitions: the deployed versions of processes."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances

from .authorization import permission, principal
from .deployments import read_content
from .exact_json import answer, plain
from .fields import TENANT, Flag, Instant, Key, Text, Whole, always, document, maybe
from .forms import FormResult, start_form_answer
from .resource import Resource
from .search import Source, by_flag, by_instant, by_text, by_word, find, get, page_of, search_request
from .statistics import ElementStatistics, InstanceFilter, element_statistics

process_definitions = Resource("Process definition", description="The deployed versions of processes.")

DEFINITIONS = Source(
    kind=("流程定义", "process definition"),
    rows="process_definition d",
    columns="d.*",
    key="d.key",
    fields={
        "processDefinitionKey": "key d.key",
        "processDefinitionId": "text d.process_id",
        "name": "text? d.name",
        "resourceName": "text d.resource_name",
        "version": "whole d.version",
        "versionTag": "text? d.version_tag",
        "hasStartForm": "flag d.has_start_form",
        "isLatestVersion": "flag NOT EXISTS (SELECT 1 FROM process_definition later"
        " WHERE later.process_id = d.process_id AND later.version > d.version)",
        "state": "text 'ACTIVE'",
        "suspendedDate": "instant? d.suspended_at",
        "tenantId": "text '<default>'",
    },
)
ProcessDefinitionResult = document(
    "ProcessDefinition",
    always(
        {
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "name": maybe(Text()),
            "resourceName": Text(),
            "version": Whole(),
            "versionTag": maybe(Text()),
            "hasStartForm": Flag(),
            "state": Text(),
            "suspendedDate": maybe(Instant(metadata={"description": "Since when this version starts no instances"})),
            "suspendedBy": maybe(Text()),
            "suspendReason": maybe(Text()),
            "tenantId": Text(),
        }
    ),
)
ProcessDefinitionPage = page_of("ProcessDefinition", ProcessDefinitionResult)
ProcessDefinitionSearch = search_request(
    "ProcessDefinition",
    {
        "processDefinitionKey": Key(),
        "processDefinitionId": by_text(),
        "name": by_text(),
        "isLatestVersion": by_flag(),
        "resourceName": Text(),
        "version": Whole(),
        "versionTag": Text(),
        "hasStartForm": by_flag(),
        "state": by_word("ACTIVE", "DRAINING", "DELETED"),
        "suspendedDate": by_instant(),
        "tenantId": by_text(),
    },
    (
        "processDefinitionKey",
        "processDefinitionId",
        "name",
        "resourceName",
        "version",
        "versionTag",
        "tenantId",
    ),
)


@process_definitions.route("/process-definitions/search", methods=["POST"])
@permission("process-definition", "read")
@process_definitions.arguments(ProcessDefinitionSearch, required=False)
@process_definitions.response(200, ProcessDefinitionPage)
def search_process_definitions(body: dict[str, Any]) -> Response:
    """Find versions of processes"""
    return find(DEFINITIONS, body, definition_document)


@process_definitions.route("/process-definitions/<key:key>", methods=["GET"])
@permission("process-definition", "read")
@process_definitions.response(200, ProcessDefinitionResult)
def get_process_definition(key: int) -> Response:
    """Get a version of a process"""
    return answer(definition_document(get(DEFINITIONS, key)))


@process_definitions.route("/process-definitions/<key:key>/xml", methods=["GET"])
@permission("process-definition", "read")
@process_definitions.response(200, content_type="text/xml")
def get_process_definition_xml(key: int) -> Response:
    """Get the BPMN file of a version of a process"""
    return plain(read_content(get(DEFINITIONS, key).content_hash), "text/xml")


@process_definitions.route("/process-definitions/<key:key>/form", methods=["GET"])
@permission("process-definition", "read")
@process_definitions.response(200, FormResult)
@process_definitions.alt_response(204, description="There is no form", success=True)
def get_start_process_form(key: int) -> Response:
    """Get the form that starts a process; a 204 where it has none"""
    return start_form_answer(key)


@process_definitions.route("/process-definitions/<key:key>/statistics/element-instances", methods=["POST"])
@permission("process-instance", "read")
@process_definitions.arguments(InstanceFilter, required=False)
@process_definitions.response(200, ElementStatistics)
def get_process_definition_statistics(body: dict[str, Any], key: int) -> Response:
    """Count the element instances of a version's instances, by element"""
    get(DEFINITIONS, key)
    scope = seen_of_instances(principal(), "process-instance", "p.key")
    return element_statistics(body.get("filter", {}), scope, definition_key=key)


def definition_document(row: Any) -> dict[str, Any]:
    """A version of a process as the API shows one."""
    return {
        "processDefinitionKey": str(row.key),
        "processDefinitionId": row.process_id,
        "name": row.name,
        "resourceName": row.resource_name,
        "version": row.version,
        "versionTag": row.version_tag,
        "hasStartForm": row.has_start_form,
        "state": "ACTIVE",
        "suspendedDate": row.suspended_at,
        "suspendedBy": row.suspended_by,
        "suspendReason": row.suspend_reason,
        "tenantId": TENANT,
    }
