"""Conditional start events: variables given from outside, and the instances that they start."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.runtime import conditionals as runtime

from .authorization import permission, principal
from .exact_json import answer
from .fields import TENANT, Key, Listed, Part, Tenant, Text, Variables, always, document
from .resource import Resource

conditionals = Resource("Conditional", description="Conditional start events of processes.")

ConditionalEvaluation = document(
    "ConditionalEvaluation",
    {
        "variables": Variables(
            required=True, metadata={"description": "What conditions are asked about, and what the instances get"}
        ),
        "processDefinitionKey": Key(metadata={"description": "Ask only the start events of this definition"}),
        "tenantId": Tenant(),
    },
)
StartedByCondition = document(
    "ProcessInstanceReference", always({"processDefinitionKey": Key(), "processInstanceKey": Key()})
)
EvaluatedConditionals = document(
    "EvaluatedConditionals",
    always(
        {
            "conditionalEvaluationKey": Key(),
            "tenantId": Text(),
            "processInstances": Listed(Part(StartedByCondition)),
        }
    ),
)


@conditionals.route("/conditionals/evaluation", methods=["POST"])
@permission("process-instance", "create")
@conditionals.arguments(ConditionalEvaluation)
@conditionals.response(200, EvaluatedConditionals)
def evaluate_conditionals(body: dict[str, Any]) -> Response:
    """Start an instance for every conditional start event that is true of the variables given"""
    evaluated = runtime.evaluate(
        variables=body["variables"],
        definition_key=body.get("processDefinitionKey"),
        actor=principal().name,
    )
    return answer(
        {
            "conditionalEvaluationKey": str(evaluated.key),
            "tenantId": TENANT,
            "processInstances": [
                {"processDefinitionKey": str(one.definition_key), "processInstanceKey": str(one.instance_key)}
                for one in evaluated.started
            ],
        }
    )
