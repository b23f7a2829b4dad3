"""Decision instances: every evaluation of a decision, with what it saw and which rules matched."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.store.database import encode_json

from .authorization import permission, principal
from .decisions import EvaluatedInput, MatchedRule, decision_type, evaluated_inputs, matched_rules
from .exact_json import answer
from .fields import TENANT, Instant, Key, Listed, Part, Text, Whole, always, document, maybe
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, by_word, find, get, page_of, search_request

decision_instances = Resource("Decision instance", description="Evaluations of decisions, with their traces.")

INSTANCES = Source(
    kind=("决策实例", "decision instance"),
    rows="decision_instance i LEFT JOIN decision_definition d ON d.key = i.decision_definition_key"
    " LEFT JOIN process_instance p ON p.key = i.instance_key",
    columns="i.*, d.decision_id, d.name, d.version, p.root_key, p.business_id",
    key="i.key",
    fields={
        "decisionEvaluationKey": "key i.key",
        "decisionEvaluationInstanceKey": "text i.key || '-1'",
        "state": "word i.state",
        "evaluationFailure": "text? i.failure",
        "evaluationDate": "instant i.evaluated_at",
        "decisionDefinitionKey": "key i.decision_definition_key",
        "rootDecisionDefinitionKey": "key i.decision_definition_key",
        "decisionDefinitionId": "text d.decision_id",
        "decisionDefinitionName": "text d.name",
        "decisionDefinitionVersion": "whole d.version",
        "decisionDefinitionType": "text CASE WHEN i.trace->>'decisionType' IN ('DECISION_TABLE',"
        " 'LITERAL_EXPRESSION', 'UNSPECIFIED') THEN i.trace->>'decisionType' ELSE 'UNKNOWN' END",
        "processDefinitionKey": "key? i.process_definition_key",
        "processInstanceKey": "key? i.instance_key",
        "elementInstanceKey": "key? i.element_instance_key",
        "businessId": "text? p.business_id",
        "tenantId": "text '<default>'",
    },
)
_SORTED = (
    "evaluationDate",
    "decisionEvaluationKey",
    "decisionEvaluationInstanceKey",
    "decisionDefinitionId",
    "decisionDefinitionKey",
    "decisionDefinitionName",
    "decisionDefinitionType",
    "decisionDefinitionVersion",
    "rootDecisionDefinitionKey",
    "elementInstanceKey",
    "evaluationFailure",
    "processDefinitionKey",
    "processInstanceKey",
    "businessId",
    "state",
    "tenantId",
)
_MEMBERS: dict[str, Any] = {
    "decisionEvaluationKey": Key(),
    "decisionEvaluationInstanceKey": Text(),
    "state": Text(),
    "evaluationDate": Instant(),
    "evaluationFailure": maybe(Text()),
    "decisionDefinitionKey": Key(),
    "decisionDefinitionId": Text(),
    "decisionDefinitionName": Text(),
    "decisionDefinitionVersion": Whole(),
    "decisionDefinitionType": Text(),
    "rootDecisionDefinitionKey": Key(),
    "result": Text(metadata={"description": "The result, as JSON text"}),
    "processDefinitionKey": maybe(Key()),
    "processInstanceKey": maybe(Key()),
    "rootProcessInstanceKey": maybe(Key()),
    "elementInstanceKey": maybe(Key()),
    "businessId": maybe(Text()),
    "tenantId": Text(),
}
DecisionInstanceResult = document("DecisionInstance", always(_MEMBERS))
DecisionInstanceTrace = document(
    "DecisionInstanceTrace",
    always(
        {
            **_MEMBERS,
            "evaluatedInputs": Listed(Part(EvaluatedInput)),
            "matchedRules": Listed(Part(MatchedRule)),
        }
    ),
)
DecisionInstancePage = page_of("DecisionInstance", DecisionInstanceResult)
DecisionInstanceSearch = search_request(
    "DecisionInstance",
    {
        "decisionEvaluationKey": Key(),
        "decisionEvaluationInstanceKey": by_text(),
        "state": by_word("EVALUATED", "FAILED", "UNSPECIFIED", "UNKNOWN"),
        "evaluationFailure": Text(),
        "evaluationDate": by_instant(),
        "decisionDefinitionKey": by_key(),
        "decisionDefinitionId": Text(),
        "decisionDefinitionName": Text(),
        "decisionDefinitionVersion": Whole(),
        "decisionDefinitionType": Text(),
        "rootDecisionDefinitionKey": by_key(),
        "processDefinitionKey": Key(),
        "processInstanceKey": Key(),
        "elementInstanceKey": by_key(),
        "businessId": by_text(),
        "tenantId": by_text(),
    },
    _SORTED,
)


@decision_instances.route("/decision-instances/search", methods=["POST"])
@permission("decision-instance", "read")
@decision_instances.arguments(DecisionInstanceSearch, required=False)
@decision_instances.response(200, DecisionInstancePage)
def search_decision_instances(body: dict[str, Any]) -> Response:
    """Find evaluations of decisions"""
    scope = seen_of_instances(principal(), "decision-instance", "i.instance_key")
    return find(INSTANCES, body, _instance, scope)


@decision_instances.route("/decision-instances/<string:evaluation_instance_key>", methods=["GET"])
@permission("decision-instance", "read")
@decision_instances.response(200, DecisionInstanceTrace)
def get_decision_instance(evaluation_instance_key: str) -> Response:
    """Get an evaluation, with what it saw and which rules matched"""
    scope = seen_of_instances(principal(), "decision-instance", "i.instance_key")
    row = get(INSTANCES, evaluation_instance_key.removesuffix("-1"), scope)
    traced = {"evaluatedInputs": evaluated_inputs(row.trace), "matchedRules": matched_rules(row.trace)}
    return answer({**_instance(row), **traced})


def _instance(row: Any) -> dict[str, Any]:
    def key(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "decisionEvaluationKey": str(row.key),
        "decisionEvaluationInstanceKey": f"{row.key}-1",
        "state": row.state,
        "evaluationDate": row.evaluated_at,
        "evaluationFailure": row.failure,
        "decisionDefinitionKey": str(row.decision_definition_key),
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionName": row.name,
        "decisionDefinitionVersion": row.version,
        "decisionDefinitionType": decision_type(row.trace),
        "rootDecisionDefinitionKey": str(row.decision_definition_key),
        "result": encode_json(row.trace["output"]),
        "processDefinitionKey": key(row.process_definition_key),
        "processInstanceKey": key(row.instance_key),
        "rootProcessInstanceKey": key(row.root_key),
        "elementInstanceKey": key(row.element_instance_key),
        "businessId": row.business_id,
        "tenantId": TENANT,
    }
