"""Element instances: every passage of an instance through an element of its diagram."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import Response

from server.identity.visibility import require_instance, seen_of_instances
from server.runtime import elements
from server.runtime import variables as runtime
from server.runtime.definitions import catalogue
from server.runtime.operation_records import LONGEST_REASON
from server.store.database import fetch, transaction
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import TENANT, Flag, Instant, Key, Listed, Part, Text, Variables, Whole, always, document, maybe
from .resource import Resource
from .search import (
    Source,
    by_flag,
    by_instant,
    by_key,
    by_text,
    by_word,
    find_rows,
    get,
    page_of,
    search_request,
)

element_instances = Resource("Element instance", description="Passages through the elements of a diagram.")

ELEMENTS = Source(
    kind=("元素实例", "element instance"),
    rows="element_instance e LEFT JOIN process_definition d ON d.key = e.process_definition_key"
    " LEFT JOIN LATERAL (SELECT i.key FROM incident i WHERE i.element_instance_key = e.key"
    " AND i.state = 'ACTIVE' ORDER BY i.key DESC LIMIT 1) f ON true"
    " LEFT JOIN process_instance p ON p.key = e.instance_key",
    columns="e.*, d.process_id, f.key AS incident_key, p.root_key",
    key="e.key",
    fields={
        "elementInstanceKey": "key e.key",
        "elementId": "text e.element_id",
        "type": "text e.element_type",
        "state": "word e.state",
        "startDate": "instant e.started_at",
        "endDate": "instant? e.ended_at",
        "processInstanceKey": "key e.instance_key",
        "processDefinitionKey": "key e.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "elementInstanceScopeKey": "key e.scope_key",
        "hasIncident": "flag f.key IS NOT NULL",
        "incidentKey": "key? f.key",
        "tenantId": "text '<default>'",
    },
)
ElementInstanceResult = document(
    "ElementInstance",
    always(
        {
            "elementInstanceKey": Key(),
            "elementId": Text(),
            "elementName": Text(),
            "type": Text(),
            "state": Text(),
            "startDate": Instant(),
            "endDate": maybe(Instant()),
            "hasIncident": Flag(),
            "incidentKey": maybe(Key()),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "tenantId": Text(),
            "actor": maybe(Text(metadata={"description": "Whose command ended it"})),
        }
    ),
)
ElementInstancePage = page_of("ElementInstance", ElementInstanceResult)
ElementInstanceSearch = search_request(
    "ElementInstance",
    {
        "elementInstanceKey": Key(),
        "elementId": by_text(),
        "type": Text(),
        "state": by_word("ACTIVE", "COMPLETED", "TERMINATED"),
        "startDate": by_instant(),
        "endDate": by_instant(),
        "processInstanceKey": Key(),
        "processDefinitionKey": Key(),
        "processDefinitionId": Text(),
        "elementInstanceScopeKey": by_key(),
        "hasIncident": by_flag(),
        "incidentKey": Key(),
        "tenantId": by_text(),
    },
    (
        "elementInstanceKey",
        "elementId",
        "type",
        "state",
        "startDate",
        "endDate",
        "processInstanceKey",
        "processDefinitionKey",
        "processDefinitionId",
        "incidentKey",
        "tenantId",
    ),
    alternatives=True,
)
VariableUpdate = document(
    "VariableUpdate",
    {
        "variables": Variables(required=True),
        "local": Flag(metadata={"description": "Set them in this very scope, also where outer ones exist"}),
        "reason": Text(longest=LONGEST_REASON, allow_none=True),
        "operationReference": Whole(high=2**63 - 1),
    },
)
ActivatedElement = document(
    "AdHocSubProcessActivateActivityReference",
    {"elementId": Text(required=True), "variables": Variables()},
)
AdHocActivation = document(
    "AdHocSubProcessActivateActivitiesInstruction",
    {
        "elements": Listed(Part(ActivatedElement), required=True, validate=ma.validate.Length(min=1)),
        "cancelRemainingInstances": Flag(metadata={"description": "Take away what runs in the subprocess first"}),
    },
)
MultiInstanceAddition = document(
    "MultiInstanceAddition",
    {
        "item": ma.fields.Raw(
            required=True,
            allow_none=True,
            metadata={"description": "The item of the new instance: any JSON value"},
        ),
        "variables": Variables(metadata={"description": "Further variables of the new instance"}),
        "operationReference": Whole(high=2**63 - 1),
    },
)
AddedInstance = document(
    "AddedMultiInstance",
    always(
        {
            "elementInstanceKey": maybe(
                Key(metadata={"description": "The new instance; null where its turn in the sequence comes later"})
            )
        }
    ),
)
InstanceRemoval = document("MultiInstanceRemoval", {"operationReference": Whole(high=2**63 - 1)})
_INSTANCE_OF = "SELECT instance_key FROM element_instance WHERE key = %(key)s"


@element_instances.route("/element-instances/search", methods=["POST"])
@permission("element-instance", "read")
@element_instances.arguments(ElementInstanceSearch, required=False)
@element_instances.response(200, ElementInstancePage)
def search_element_instances(body: dict[str, Any]) -> Response:
    """Find element instances"""
    rows, page = find_rows(ELEMENTS, body, _seen())
    name_of = element_names({row.process_definition_key for row in rows})
    return answer({"items": [_element(row, name_of) for row in rows], "page": page})


@element_instances.route("/element-instances/<key:key>", methods=["GET"])
@permission("element-instance", "read")
@element_instances.response(200, ElementInstanceResult)
def get_element_instance(key: int) -> Response:
    """Get an element instance"""
    row = get(ELEMENTS, key, _seen())
    return answer(_element(row, element_names({row.process_definition_key})))


@element_instances.route("/element-instances/<key:key>/variables", methods=["PUT"])
@permission("variable", "update")
@element_instances.arguments(VariableUpdate)
@element_instances.response(204)
def create_element_instance_variables(body: dict[str, Any], key: int) -> Response:
    """Set variables of a running instance, or of an element instance in it"""
    _require_instance_of(key, "variable", "update")
    runtime.update(
        scope_key=key,
        variables=body["variables"],
        local=body.get("local", False),
        actor=principal().name,
        reason=body.get("reason"),
    )
    return no_content()


@element_instances.route("/element-instances/ad-hoc-activities/<key:key>/activation", methods=["POST"])
@permission("process-instance", "update")
@element_instances.arguments(AdHocActivation)
@element_instances.response(204)
def activate_ad_hoc_sub_process_activities(body: dict[str, Any], key: int) -> Response:
    """Activate elements of an ad-hoc subprocess"""
    _require_instance_of(key, "process-instance", "update")
    elements.activate_ad_hoc(
        key=key,
        elements=[(wanted["elementId"], wanted.get("variables", {})) for wanted in body["elements"]],
        cancel_remaining=body.get("cancelRemainingInstances", False),
        actor=principal().name,
    )
    return no_content()


@element_instances.route("/element-instances/<key:key>/instances", methods=["POST"])
@permission("process-instance", "update")
@element_instances.arguments(MultiInstanceAddition)
@element_instances.response(200, AddedInstance)
def add_multi_instance(body: dict[str, Any], key: int) -> Response:
    """Add an instance to a multi-instance body that is active"""
    _require_instance_of(key, "process-instance", "update")
    given = body.get("variables", {})
    added = elements.add_instance(key=key, item=body["item"], variables=given, actor=principal().name)
    return answer({"elementInstanceKey": None if added is None else str(added)})


@element_instances.route("/element-instances/<key:key>/removal", methods=["POST"])
@permission("process-instance", "update")
@element_instances.arguments(InstanceRemoval, required=False)
@element_instances.response(204)
def remove_multi_instance(body: dict[str, Any], key: int) -> Response:
    """Remove an active instance from its multi-instance activity"""
    _require_instance_of(key, "process-instance", "update")
    elements.remove_instance(key=key, actor=principal().name)
    return no_content()


def _require_instance_of(key: int, resource: str, action: str) -> None:
    """Raise unless the action is allowed on the process instance that an element instance belongs to."""
    with transaction() as connection:
        rows = fetch(connection, _INSTANCE_OF, {"key": key})
    require_instance(principal(), resource, action, rows[0].instance_key if rows else key)


def element_names(definition_keys: set[int]) -> Callable[[int, str], str]:
    """The names of elements in these definitions, by definition and element; a nameless one has its id."""
    names: dict[tuple[int, str], str] = {}
    with transaction() as connection:
        definitions = catalogue(connection)
        for key in definition_keys:
            model = definitions.process(connection, key).model
            names[key, model.process_id] = model.name or model.process_id
            for element in model.elements.values():
                names[key, element.id] = element.name or element.id
    return lambda key, element_id: names.get((key, element_id), element_id)


def _element(row: Any, name_of: Callable[[int, str], str]) -> dict[str, Any]:
    return {
        "elementInstanceKey": str(row.key),
        "elementId": row.element_id,
        "elementName": name_of(row.process_definition_key, row.element_id),
        "type": row.element_type,
        "state": row.state,
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "hasIncident": row.incident_key is not None,
        "incidentKey": None if row.incident_key is None else str(row.incident_key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "processDefinitionKey": str(row.process_definition_key),
        "processDefinitionId": row.process_id,
        "tenantId": TENANT,
        "actor": row.actor,
    }


def _seen() -> Condition | None:
    return seen_of_instances(principal(), "element-instance", "e.instance_key")
