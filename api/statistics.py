"""Counts of element instances by element: of one instance, or of all instances of a definition that fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from server.runtime.open_incidents import HAS_INCIDENT
from server.store.database import fetch, transaction
from server.store.search import Condition

from .exact_json import answer
from .fields import Flag, Listed, Part, Text, Whole, always, document
from .search import Source, by_instant, by_key, by_text, by_variables, by_word, conditions_of, search_request

# An instance is counted once however many of its incidents fit.
COUNTED = Source(
    kind=("流程实例", "process instance"),
    rows="process_instance p",
    columns="p.key",
    key="p.key",
    fields={
        "processInstanceKey": "key p.key",
        "parentProcessInstanceKey": "key p.parent_key",
        "parentElementInstanceKey": "key p.parent_element_instance_key",
        "state": "word p.state",
        "hasIncident": f"flag {HAS_INCIDENT}",
        "startDate": "instant p.started_at",
        "endDate": "instant? p.ended_at",
        "businessId": "text p.business_id",
        "variables": "variables p.key, ''",
        "tags": "tags p.tags",
        "tenantId": "text '<default>'",
    },
)
InstanceFilter = search_request(
    "ElementStatistics",
    {
        "processInstanceKey": by_key(),
        "parentProcessInstanceKey": by_key(),
        "parentElementInstanceKey": by_key(),
        "state": by_word("ACTIVE", "COMPLETED", "TERMINATED", "SUSPENDED"),
        "hasIncident": Flag(),
        "startDate": by_instant(),
        "endDate": by_instant(),
        "businessId": by_text(),
        "variables": by_variables(),
        "tags": Listed(Text()),
        "tenantId": by_text(),
    },
    (),
    alternatives=True,
    plain=True,
)
ElementCount = document(
    "ElementCount",
    always(
        {
            "elementId": Text(),
            "active": Whole(),
            "completed": Whole(),
            "canceled": Whole(),
            "incidents": Whole(),
        }
    ),
)
ElementStatistics = document("ElementStatistics", always({"items": Listed(Part(ElementCount))}))

_COUNT = """
    SELECT e.element_id,
        count(*) FILTER (WHERE e.state = 'ACTIVE' AND i.key IS NULL) AS active,
        count(*) FILTER (WHERE e.state = 'COMPLETED') AS completed,
        count(*) FILTER (WHERE e.state = 'TERMINATED') AS canceled,
        count(i.key) AS incidents
    FROM element_instance e JOIN process_instance p ON p.key = e.instance_key
    LEFT JOIN LATERAL (SELECT i.key FROM incident i
        WHERE i.element_instance_key = e.key AND i.state = 'ACTIVE' LIMIT 1) i ON true
    WHERE {condition} AND e.element_type <> 'PROCESS'
    GROUP BY e.element_id ORDER BY e.element_id"""


def element_statistics(
    wanted: Mapping[str, Any],
    scope: Condition | None,
    *,
    definition_key: int | None = None,
    instance_key: int | None = None,
) -> Response:
    """The counts by element for the instances of a definition that fit, or for one instance."""
    conditions = conditions_of(COUNTED, wanted, scope)
    if definition_key is not None:
        conditions.append(Condition("p.process_definition_key = %(definition)s", {"definition": definition_key}))
    if instance_key is not None:
        conditions.append(Condition("e.instance_key = %(instance)s", {"instance": instance_key}))
    parameters = {name: value for part in conditions for name, value in part.parameters.items()}
    joined = " AND ".join(part.sql for part in conditions)
    with transaction() as connection:
        rows = fetch(connection, _COUNT.format(condition=joined), parameters)
    items = [
        {
            "elementId": row.element_id,
            "active": row.active,
            "completed": row.completed,
            "canceled": row.canceled,
            "incidents": row.incidents,
        }
        for row in rows
    ]
    return answer({"items": items})
