"""Decisions under the magnifying glass: the analysis of their tables, and why one came out as it did."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from server.runtime.decision_analysis import analyse_definition
from server.runtime.decision_history import explain_trace

from .authorization import permission
from .decision_instances import decision_instance
from .exact_json import answer
from .fields import Flag, Key, Listed, OneOf, Part, Text, Variables, Whole, always, document, maybe
from .problems import language
from .resource import Resource

decision_analysis = Resource(
    "Decision analysis", description="Gaps and overlaps of decision tables, and decisions explained."
)

LONGEST_SECONDS = 20
AnalysisRequest = document(
    "DecisionAnalysisRequest",
    {
        "seconds": Whole(
            low=1, high=LONGEST_SECONDS, metadata={"description": "The time that the analysis may take; 5 if not given"}
        )
    },
)
_SENTENCE: dict[str, Any] = {"code": Text(), "zh": Text(), "en": Text()}
TestedRegion = document("TestedRegion", always({"input": Text(), "tests": Text()}))
AnalysisFinding = document(
    "DecisionAnalysisFinding",
    always(
        {
            **_SENTENCE,
            "severity": Text(metadata={"enum": ["error", "warning", "note"]}),
            "rules": Listed(Whole()),
            "region": Listed(Part(TestedRegion)),
            "example": maybe(Variables(metadata={"description": "A value for every input, by its expression"})),
            "element": Text(),
            "line": maybe(Whole()),
        }
    ),
)
AnalysisRemainder = document("DecisionAnalysisRemainder", always(dict(_SENTENCE)))
AnalysedTable = document(
    "AnalysedTable",
    always(
        {
            "decisionId": Text(),
            "decisionName": Text(),
            "tableId": Text(),
            "hitPolicy": Text(),
            "rules": Whole(),
            "complete": Flag(),
            "findings": Listed(Part(AnalysisFinding)),
            "remainder": Listed(Part(AnalysisRemainder)),
        }
    ),
)
AnalysisResult = document(
    "DecisionAnalysisResult",
    always(
        {
            "decisionDefinitionKey": Key(),
            "decisionDefinitionId": Text(),
            "decisionRequirementsKey": Key(),
            "tables": Listed(Part(AnalysedTable)),
        }
    ),
)
ExplanationQuery = document("DecisionExplanationQuery", {"language": OneOf("zh", "en")})
ExplainedCondition = document(
    "ExplainedCondition",
    always(
        {
            "label": Text(),
            "value": maybe(ma.fields.Raw(metadata={"description": "The value as JSON"})),
            "tests": Text(),
            "text": Text(),
        }
    ),
)
ExplainedRule = document(
    "ExplainedRule", always({"ruleIndex": Whole(), "conditions": Listed(Part(ExplainedCondition))})
)
ExplainedDecision = document(
    "ExplainedDecision",
    always(
        {
            "decisionId": Text(),
            "decisionName": Text(),
            "depth": Whole(),
            "sentences": Listed(Text()),
            "rules": Listed(Part(ExplainedRule)),
            "reasonCodes": Listed(Text()),
            "annotations": Listed(Text()),
        }
    ),
)
Explanation = document(
    "DecisionExplanation",
    always(
        {
            "decisionEvaluationInstanceKey": Text(),
            "language": Text(),
            "sentences": Listed(Text()),
            "reasonCodes": Listed(Text()),
            "decisions": Listed(Part(ExplainedDecision)),
        }
    ),
)


@decision_analysis.route("/decision-definitions/<key:key>/analysis", methods=["POST"])
@permission("decision-definition", "analyse")
@decision_analysis.arguments(AnalysisRequest, required=False)
@decision_analysis.response(200, AnalysisResult)
def analyse_decision_definition(body: dict[str, Any], key: int) -> Response:
    """Analyse the tables of a decision's file: gaps, overlaps, idle rules, wrong types"""
    version, tables = analyse_definition(key, seconds=float(body.get("seconds", 5)))
    return answer(
        {
            "decisionDefinitionKey": str(version.key),
            "decisionDefinitionId": version.decision_id,
            "decisionRequirementsKey": str(version.requirements_key),
            "tables": [table.to_json() for table in tables],
        }
    )


@decision_analysis.route("/decision-instances/<string:evaluation_instance_key>/explanation", methods=["GET"])
@permission("decision-instance", "read")
@decision_analysis.arguments(ExplanationQuery, location="query")
@decision_analysis.response(200, Explanation)
def explain_decision_instance(query: dict[str, Any], evaluation_instance_key: str) -> Response:
    """Say in sentences why a decision came out as it did"""
    row = decision_instance(evaluation_instance_key)
    chosen = query.get("language") or language()
    explanation = explain_trace(row.decision_definition_key, row.part, chosen)
    about = {"decisionEvaluationInstanceKey": f"{row.key}-{row.number}", "language": chosen}
    return answer({**about, **explanation.to_json()})
