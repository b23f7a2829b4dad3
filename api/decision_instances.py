"""Decision instances: every decision that was evaluated, with what it saw and which rules matched.

An evaluation has one key. Where the decision that was asked requires others, each of them is an instance of its
own, ``{evaluation key}-{number}``, the required ones first and the one that was asked last.
"""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.runtime.errors import no_such
from server.store.database import encode_json
from server.store.search import Condition, key_of

from .authorization import permission, principal
from .decisions import EvaluatedInput, MatchedRule, decision_type, evaluated_inputs, matched_rules
from .exact_json import answer
from .fields import TENANT, Instant, Key, Listed, Part, Text, Whole, always, document, maybe
from .problems import in_language
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, by_word, find, find_rows, page_of, search_request

decision_instances = Resource("Decision instance", description="Evaluations of decisions, with their traces.")

INSTANCES = Source(
    kind=("决策实例", "decision instance"),
    rows="decision_instance i CROSS JOIN LATERAL decision_parts(i.trace) e"
    " LEFT JOIN decision_definition r ON r.key = i.decision_definition_key"
    " LEFT JOIN decision_definition d ON d.requirements_key = r.requirements_key"
    " AND d.decision_id = e.part->>'decisionId'"
    " LEFT JOIN process_instance p ON p.key = i.instance_key",
    columns="i.*, e.number, e.part, d.key AS definition_key, d.version, p.root_key, p.business_id",
    key="i.key * 1000 + e.number",
    fields={
        "decisionEvaluationKey": "key i.key",
        "decisionEvaluationInstanceKey": "text i.key || '-' || e.number",
        "state": "word i.state",
        "evaluationFailure": "texts? array_remove(ARRAY[i.failure, i.failure_zh], NULL)",
        "evaluationDate": "instant i.evaluated_at",
        "decisionDefinitionKey": "key? d.key",
        "rootDecisionDefinitionKey": "key i.decision_definition_key",
        "decisionDefinitionId": "text e.part->>'decisionId'",
        "decisionDefinitionName": "text e.part->>'decisionName'",
        "decisionDefinitionVersion": "whole? d.version",
        "decisionDefinitionType": "text CASE WHEN e.part->>'decisionType' IN ('DECISION_TABLE',"
        " 'LITERAL_EXPRESSION', 'UNSPECIFIED') THEN e.part->>'decisionType' ELSE 'UNKNOWN' END",
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
    row = decision_instance(evaluation_instance_key)
    traced = {"evaluatedInputs": evaluated_inputs(row.part), "matchedRules": matched_rules(row.part)}
    return answer({**_instance(row), **traced})


def decision_instance(evaluation_instance_key: str) -> Any:
    """The row of a decision instance that the caller may see; ``part`` is its own part of the trace.

    The key of an evaluation without a number stands for the decision that was asked.
    """
    scope = seen_of_instances(principal(), "decision-instance", "i.instance_key")
    evaluation, dash, number = evaluation_instance_key.partition("-")
    key, position = key_of(evaluation), key_of(number)
    if key is None or (dash and position is None):
        raise no_such(*INSTANCES.kind, evaluation_instance_key)
    this = Condition("i.key = %(this)s AND e.number = %(number)s", {"this": key, "number": position})
    if position is None:
        this = Condition("i.key = %(this)s AND e.part = i.trace", {"this": key})
    rows, _ = find_rows(INSTANCES, {}, scope, where=this)
    if not rows:
        raise no_such(*INSTANCES.kind, evaluation_instance_key)
    return rows[0]


def _instance(row: Any) -> dict[str, Any]:
    def key(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "decisionEvaluationKey": str(row.key),
        "decisionEvaluationInstanceKey": f"{row.key}-{row.number}",
        "state": row.state,
        "evaluationDate": row.evaluated_at,
        "evaluationFailure": in_language(row.failure, row.failure_zh),
        "decisionDefinitionKey": str(row.definition_key or 0),  # 0: a part that is no decision of the file
        "decisionDefinitionId": row.part["decisionId"],
        "decisionDefinitionName": row.part["decisionName"],
        "decisionDefinitionVersion": row.version or 0,
        "decisionDefinitionType": decision_type(row.part),
        "rootDecisionDefinitionKey": str(row.decision_definition_key),
        "result": encode_json(row.part["output"]),
        "processDefinitionKey": key(row.process_definition_key),
        "processInstanceKey": key(row.instance_key),
        "rootProcessInstanceKey": key(row.root_key),
        "elementInstanceKey": key(row.element_instance_key),
        "businessId": row.business_id,
        "tenantId": TENANT,
    }
