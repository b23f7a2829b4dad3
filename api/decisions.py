"""Decisions: the deployed versions, their graphs, and asking one directly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from server.runtime import decisions as runtime
from server.runtime.decision_history import decisions_in
from server.store.database import encode_json, fetch, transaction

from .authorization import permission, principal
from .deployments import read_content
from .exact_json import answer, plain
from .fields import TENANT, Key, Listed, Part, Tenant, Text, Variables, Whole, always, document, maybe
from .problems import language
from .resource import Resource
from .search import Source, by_flag, by_text, find, get, page_of, search_request

decisions = Resource("Decision", description="Decisions: their versions, their graphs, and asking one directly.")

DECISIONS = Source(
    kind=("决策定义", "decision definition"),
    rows="decision_definition d LEFT JOIN decision_requirements q ON q.key = d.requirements_key",
    columns="d.*, q.requirements_id, q.name AS requirements_name, q.version AS requirements_version,"
    " q.content_hash, q.resource_name",
    key="d.key",
    fields={
        "decisionDefinitionKey": "key d.key",
        "decisionDefinitionId": "text d.decision_id",
        "name": "text d.name",
        "version": "whole d.version",
        "isLatestVersion": "flag NOT EXISTS (SELECT 1 FROM decision_definition later"
        " WHERE later.decision_id = d.decision_id AND later.version > d.version)",
        "decisionRequirementsKey": "key d.requirements_key",
        "decisionRequirementsId": "text q.requirements_id",
        "decisionRequirementsName": "text q.name",
        "decisionRequirementsVersion": "whole q.version",
        "tenantId": "text '<default>'",
    },
)
REQUIREMENTS = Source(
    kind=("决策需求图", "decision requirements"),
    rows="decision_requirements q",
    columns="q.*",
    key="q.key",
    fields={
        "decisionRequirementsKey": "key q.key",
        "decisionRequirementsId": "text q.requirements_id",
        "decisionRequirementsName": "text q.name",
        "version": "whole q.version",
        "resourceName": "text q.resource_name",
        "tenantId": "text '<default>'",
    },
)
DecisionResult = document(
    "DecisionDefinition",
    always(
        {
            "decisionDefinitionKey": Key(),
            "decisionDefinitionId": Text(),
            "name": Text(),
            "version": Whole(),
            "decisionRequirementsKey": Key(),
            "decisionRequirementsId": Text(),
            "decisionRequirementsName": Text(),
            "decisionRequirementsVersion": Whole(),
            "tenantId": Text(),
        }
    ),
)
DecisionPage = page_of("DecisionDefinition", DecisionResult)
DecisionSearch = search_request(
    "DecisionDefinition",
    {
        "decisionDefinitionKey": Key(),
        "decisionDefinitionId": by_text(),
        "name": by_text(),
        "isLatestVersion": by_flag(),
        "version": Whole(),
        "decisionRequirementsKey": Key(),
        "decisionRequirementsId": Text(),
        "decisionRequirementsName": Text(),
        "decisionRequirementsVersion": Whole(),
        "tenantId": by_text(),
    },
    (
        "decisionDefinitionKey",
        "decisionDefinitionId",
        "name",
        "version",
        "decisionRequirementsKey",
        "decisionRequirementsId",
        "decisionRequirementsName",
        "decisionRequirementsVersion",
        "tenantId",
    ),
)
RequirementsResult = document(
    "DecisionRequirements",
    always(
        {
            "decisionRequirementsKey": Key(),
            "decisionRequirementsId": Text(),
            "decisionRequirementsName": Text(),
            "version": Whole(),
            "resourceName": Text(),
            "tenantId": Text(),
        }
    ),
)
RequirementsPage = page_of("DecisionRequirements", RequirementsResult)
RequirementsSearch = search_request(
    "DecisionRequirements",
    {
        "decisionRequirementsKey": Key(),
        "decisionRequirementsId": Text(),
        "decisionRequirementsName": Text(),
        "version": Whole(),
        "resourceName": Text(),
        "tenantId": by_text(),
    },
    ("decisionRequirementsKey", "decisionRequirementsId", "decisionRequirementsName", "version", "tenantId"),
)
Evaluation = document(
    "DecisionEvaluation",
    {
        "decisionDefinitionId": Text(shortest=1, longest=1000),
        "decisionDefinitionKey": Key(),
        "variables": Variables(),
        "tenantId": Tenant(),
    },
)
EvaluatedInput = document("EvaluatedInput", always({"inputId": Text(), "inputName": Text(), "inputValue": Text()}))
EvaluatedOutput = document(
    "EvaluatedOutput",
    always(
        {
            "outputId": Text(),
            "outputName": Text(),
            "outputValue": Text(),
            "ruleId": maybe(Text()),
            "ruleIndex": maybe(Whole()),
        }
    ),
)
MatchedRule = document(
    "MatchedRule",
    always({"ruleId": Text(), "ruleIndex": Whole(), "evaluatedOutputs": Listed(Part(EvaluatedOutput))}),
)
EvaluatedDecision = document(
    "EvaluatedDecision",
    always(
        {
            "decisionDefinitionId": Text(),
            "decisionDefinitionName": Text(),
            "decisionDefinitionVersion": Whole(),
            "decisionDefinitionType": Text(),
            "decisionDefinitionKey": Key(),
            "decisionEvaluationInstanceKey": Text(),
            "output": Text(),
            "tenantId": Text(),
            "matchedRules": Listed(Part(MatchedRule)),
            "evaluatedInputs": Listed(Part(EvaluatedInput)),
        }
    ),
)
EvaluationResult = document(
    "DecisionEvaluationResult",
    always(
        {
            "decisionDefinitionId": Text(),
            "decisionDefinitionKey": Key(),
            "decisionDefinitionName": Text(),
            "decisionDefinitionVersion": Whole(),
            "decisionEvaluationKey": Key(),
            "decisionInstanceKey": Key(),
            "decisionRequirementsId": Text(),
            "decisionRequirementsKey": Key(),
            "output": Text(metadata={"description": "The result, as JSON text"}),
            "failedDecisionDefinitionId": maybe(Text()),
            "failureMessage": maybe(Text()),
            "evaluatedDecisions": Listed(Part(EvaluatedDecision)),
            "tenantId": Text(),
        }
    ),
)

_TYPES = frozenset({"DECISION_TABLE", "LITERAL_EXPRESSION", "UNSPECIFIED"})
_SIBLINGS = "SELECT decision_id, key, version FROM decision_definition WHERE requirements_key = %(requirements)s"


@decisions.route("/decision-definitions/search", methods=["POST"])
@permission("decision-definition", "read")
@decisions.arguments(DecisionSearch, required=False)
@decisions.response(200, DecisionPage)
def search_decision_definitions(body: dict[str, Any]) -> Response:
    """Find versions of decisions"""
    return find(DECISIONS, body, _decision)


@decisions.route("/decision-definitions/<key:key>", methods=["GET"])
@permission("decision-definition", "read")
@decisions.response(200, DecisionResult)
def get_decision_definition(key: int) -> Response:
    """Get a version of a decision"""
    return answer(_decision(get(DECISIONS, key)))


@decisions.route("/decision-definitions/<key:key>/xml", methods=["GET"])
@permission("decision-definition", "read")
@decisions.response(200, content_type="text/xml")
def get_decision_definition_xml(key: int) -> Response:
    """Get the DMN file of a version of a decision"""
    return plain(read_content(get(DECISIONS, key).content_hash), "text/xml")


@decisions.route("/decision-definitions/evaluation", methods=["POST"])
@permission("decision-definition", "evaluate")
@decisions.arguments(Evaluation)
@decisions.response(200, EvaluationResult)
def evaluate_decision(body: dict[str, Any]) -> Response:
    """Ask a decision; the answer is kept with its trace"""
    asked = runtime.evaluate(
        actor=principal().name,
        decision_id=body.get("decisionDefinitionId"),
        definition_key=body.get("decisionDefinitionKey"),
        variables=body.get("variables"),
    )
    version, evaluation = asked.version, asked.evaluation
    trace = evaluation.trace.to_json()
    with transaction() as connection:
        rows = fetch(connection, _SIBLINGS, {"requirements": version.requirements_key})
    siblings = {row.decision_id: row for row in rows}
    failure = evaluation.diagnostics[0].message.text(language()) if evaluation.failed else None
    return answer(
        {
            "decisionDefinitionId": version.decision_id,
            "decisionDefinitionKey": str(version.key),
            "decisionDefinitionName": version.name,
            "decisionDefinitionVersion": version.version,
            "decisionEvaluationKey": str(asked.key),
            "decisionInstanceKey": str(asked.key),
            "decisionRequirementsId": version.requirements_id,
            "decisionRequirementsKey": str(version.requirements_key),
            "output": encode_json(trace["output"]),
            "failedDecisionDefinitionId": version.decision_id if evaluation.failed else None,
            "failureMessage": failure,
            "evaluatedDecisions": [
                _evaluated(part, f"{asked.key}-{number}", siblings)
                for number, part in enumerate(decisions_in(trace), start=1)
            ],
            "tenantId": TENANT,
        }
    )


@decisions.route("/decision-requirements/search", methods=["POST"])
@permission("decision-definition", "read")
@decisions.arguments(RequirementsSearch, required=False)
@decisions.response(200, RequirementsPage)
def search_decision_requirements(body: dict[str, Any]) -> Response:
    """Find versions of decision graphs"""
    return find(REQUIREMENTS, body, _requirements)


@decisions.route("/decision-requirements/<key:key>", methods=["GET"])
@permission("decision-definition", "read")
@decisions.response(200, RequirementsResult)
def get_decision_requirements(key: int) -> Response:
    """Get a version of a decision graph"""
    return answer(_requirements(get(REQUIREMENTS, key)))


@decisions.route("/decision-requirements/<key:key>/xml", methods=["GET"])
@permission("decision-definition", "read")
@decisions.response(200, content_type="text/xml")
def get_decision_requirements_xml(key: int) -> Response:
    """Get the DMN file of a decision graph"""
    return plain(read_content(get(REQUIREMENTS, key).content_hash), "text/xml")


def decision_type(trace: Mapping[str, Any]) -> str:
    """The type of a decision in the API's words."""
    kind: str = trace["decisionType"]
    return kind if kind in _TYPES else "UNKNOWN"


def evaluated_inputs(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a decision was given, as the API shows it: values as JSON text."""
    return [
        {"inputId": given["id"], "inputName": given["name"], "inputValue": encode_json(given["value"])}
        for given in trace["inputs"]
    ]


def matched_rules(trace: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules that matched, as the API shows them: values as JSON text."""
    return [
        {
            "ruleId": rule["ruleId"],
            "ruleIndex": rule["ruleIndex"],
            "evaluatedOutputs": [
                {
                    "outputId": output["id"],
                    "outputName": output["name"],
                    "outputValue": encode_json(output["value"]),
                    "ruleId": rule["ruleId"],
                    "ruleIndex": rule["ruleIndex"],
                }
                for output in rule["outputs"]
            ],
        }
        for rule in trace["matchedRules"]
    ]


def _evaluated(trace: Mapping[str, Any], key: str, siblings: Mapping[str, Any]) -> dict[str, Any]:
    known = siblings.get(trace["decisionId"])
    return {
        "decisionDefinitionId": trace["decisionId"],
        "decisionDefinitionName": trace["decisionName"],
        "decisionDefinitionVersion": known.version if known is not None else 0,
        "decisionDefinitionType": decision_type(trace),
        "decisionDefinitionKey": str(known.key) if known is not None else "0",
        "decisionEvaluationInstanceKey": key,
        "output": encode_json(trace["output"]),
        "tenantId": TENANT,
        "matchedRules": matched_rules(trace),
        "evaluatedInputs": evaluated_inputs(trace),
    }


def _decision(row: Any) -> dict[str, Any]:
    return {
        "decisionDefinitionKey": str(row.key),
        "decisionDefinitionId": row.decision_id,
        "name": row.name,
        "version": row.version,
        "decisionRequirementsKey": str(row.requirements_key),
        "decisionRequirementsId": row.requirements_id,
        "decisionRequirementsName": row.requirements_name,
        "decisionRequirementsVersion": row.requirements_version,
        "tenantId": TENANT,
    }


def _requirements(row: Any) -> dict[str, Any]:
    return {
        "decisionRequirementsKey": str(row.key),
        "decisionRequirementsId": row.requirements_id,
        "decisionRequirementsName": row.name,
        "version": row.version,
        "resourceName": row.resource_name,
        "tenantId": TENANT,
    }
