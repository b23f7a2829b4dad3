"""What designers do with files before they are in force: compare them, ask their decisions, run scenarios with them.

Each file is given outright, as a draft, or as a deployed version; nothing of it is kept.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from server.dmn import read_dmn
from server.file_kinds import kind_of_file
from server.messages import LendloomError, Message
from server.runtime import scenario_runs
from server.runtime.comparison import PartChange, compare
from server.runtime.decision_imports import importable
from server.runtime.errors import Refused
from server.runtime.file_parts import KINDS, FileParts, parts_of
from server.runtime.repository import file_of, latest_files
from server.store.database import encode_json

from .authorization import permission
from .decisions import EvaluatedInput, MatchedRule, decision_type, decisions_in, evaluated_inputs, matched_rules
from .drafts import LONGEST_CONTENT, draft_content, draft_reader
from .exact_json import answer
from .fields import Flag, Key, Listed, OneOf, Part, Text, Variables, Whole, always, document, maybe
from .problems import bad_request, language
from .resource import Resource

trials = Resource("Trials", description="Files compared, decisions tried, scenarios run before anything is deployed.")

_SIDE: dict[str, Any] = {
    "resourceKey": Key(metadata={"description": "A deployed version"}),
    "draftKey": Key(metadata={"description": "A draft"}),
    "content": Text(longest=LONGEST_CONTENT, metadata={"description": "A file's text, with its kind"}),
    "kind": OneOf(*KINDS),
}
ComparedFile = document("ComparedFile", _SIDE)
ComparisonRequest = document(
    "ResourceComparison", {"old": Part(ComparedFile, required=True), "new": Part(ComparedFile, required=True)}
)
_PROPERTY: dict[str, Any] = {
    "property": Text(),
    "label": Text(),
    "oldValue": maybe(Text()),
    "newValue": maybe(Text()),
}
ComparisonResult = document(
    "ResourceComparisonResult",
    always(
        {
            "kind": OneOf(*KINDS),
            "isIdentical": Flag(metadata={"description": "Both say the same; they may be drawn differently"}),
            "changes": Listed(
                Part(
                    document(
                        "PartChange",
                        always(
                            {
                                "change": OneOf("added", "removed", "changed", "moved"),
                                "partId": Text(),
                                "partType": Text(),
                                "partTypeLabel": Text(),
                                "name": Text(),
                                "parentId": maybe(Text()),
                                "parentName": maybe(Text()),
                                "properties": Listed(Part(document("PropertyChange", always(_PROPERTY)))),
                                "sentence": Text(metadata={"description": "The change in words"}),
                            }
                        ),
                    )
                )
            ),
            "movedPartIds": Listed(Text(), metadata={"description": "What is only drawn elsewhere"}),
        }
    ),
)
_FILE = document(
    "ScenarioResource",
    {
        "name": Text(longest=200, metadata={"description": "With its suffix: .bpmn, .dmn or .form"}),
        "content": Text(longest=LONGEST_CONTENT),
        "draftKey": Key(),
        "resourceKey": Key(),
    },
)
Trial = document(
    "DecisionTrial",
    {
        "content": Text(longest=LONGEST_CONTENT, metadata={"description": "The DMN file's text"}),
        "draftKey": Key(),
        "resourceKey": Key(),
        "decisionDefinitionId": Text(required=True, shortest=1, longest=1000),
        "variables": Variables(),
        "imports": Listed(
            Part(_FILE),
            validate=ma.validate.Length(max=100),
            metadata={"description": "Models to import, whatever else has their namespaces"},
        ),
    },
)
TriedDecision = document(
    "TriedDecision",
    always(
        {
            "decisionDefinitionId": Text(),
            "decisionDefinitionName": Text(),
            "decisionDefinitionType": Text(),
            "output": Text(metadata={"description": "JSON text"}),
            "matchedRules": Listed(Part(MatchedRule)),
            "evaluatedInputs": Listed(Part(EvaluatedInput)),
        }
    ),
)
TrialResult = document(
    "DecisionTrialResult",
    always(
        {
            "output": Text(metadata={"description": "JSON text"}),
            "failureMessage": maybe(Text()),
            "diagnostics": Listed(Text()),
            "evaluatedDecisions": Listed(Part(TriedDecision)),
        }
    ),
)
ScenarioRun = document(
    "ScenarioRun",
    {
        "scenario": Text(longest=1_000_000, metadata={"description": "The YAML text of docs/scenarios.md"}),
        "scenarioDraftKey": Key(metadata={"description": "A draft that holds it"}),
        "resources": Listed(Part(_FILE), validate=ma.validate.Length(max=100)),
        "withDeployed": Flag(metadata={"description": "Take what is deployed for the rest; true where not given"}),
    },
)
_SCENARIO: dict[str, Any] = {
    "name": Text(),
    "passed": Flag(),
    "milliseconds": Whole(),
    "problem": maybe(Text()),
    "problemCode": maybe(Text()),
    "step": Whole(),
    "stepKind": Text(),
    "line": Whole(),
    "events": Listed(Variables()),
}
ScenarioRunResult = document(
    "ScenarioRunResult",
    always(
        {
            "passed": Flag(),
            "scenarios": Listed(Part(document("ScenarioOutcome", always(_SCENARIO)))),
            "coverage": Variables(metadata={"description": "totals, processes (with counts by element), tables"}),
        }
    ),
)


@trials.route("/resources/comparison", methods=["POST"])
@permission("resource", "read")
@trials.arguments(ComparisonRequest)
@trials.response(200, ComparisonResult)
def compare_resources(body: dict[str, Any]) -> Response:
    """Compare two versions or drafts of a file in words, with the values as they stand"""
    old, new = (_side(body[side]) for side in ("old", "new"))
    if old.kind != new.kind:
        raise bad_request(
            "comparison-kinds",
            "只能比较同一类文件（bpmn、dmn 或 form）。",
            "Only files of the same kind (bpmn, dmn or form) can be compared.",
        )
    compared = compare(old, new)
    return answer(
        {
            "kind": new.kind,
            "isIdentical": compared.is_identical,
            "changes": [_change(change) for change in compared.changes],
            "movedPartIds": compared.moved,
        }
    )


@trials.route("/decision-definitions/trial", methods=["POST"])
@permission("decision-definition", "evaluate")
@trials.arguments(Trial)
@trials.response(200, TrialResult)
def try_decision(body: dict[str, Any]) -> Response:
    """Ask a decision of a file that need not be deployed; nothing is kept"""
    _, content = _file(body, "dmn")
    chosen = [_file(one, "dmn")[1] for one in body.get("imports", ())]
    try:
        model = read_dmn(content, resource="trial.dmn", imports=importable([content], draft_reader(), chosen))
        evaluation = model.evaluate(body["decisionDefinitionId"], body.get("variables", {}))
    except LendloomError as error:
        raise _refused(error) from error
    trace = evaluation.trace.to_json()
    said = [diagnostic.message.text(language()) for diagnostic in evaluation.diagnostics]
    return answer(
        {
            "output": encode_json(trace["output"]),
            "failureMessage": (said[0] if said else "null") if evaluation.failed else None,
            "diagnostics": said,
            "evaluatedDecisions": [
                {
                    "decisionDefinitionId": part["decisionId"],
                    "decisionDefinitionName": part["decisionName"],
                    "decisionDefinitionType": decision_type(part),
                    "output": encode_json(part["output"]),
                    "matchedRules": matched_rules(part),
                    "evaluatedInputs": evaluated_inputs(part),
                }
                for part in decisions_in(trace)
            ],
        }
    )


@trials.route("/scenarios/run", methods=["POST"])
@permission("draft", "read")
@trials.arguments(ScenarioRun)
@trials.response(200, ScenarioRunResult)
def run_scenarios(body: dict[str, Any]) -> Response:
    """Run scenarios in memory with drafts and with what is deployed; nothing of it is kept"""
    draft = body.get("scenarioDraftKey")
    text = body.get("scenario") if draft is None else draft_content(draft)[1]
    if not text:
        raise bad_request("scenario", "请给出场景文本或草稿。", "Give the text of a scenario, or a draft of one.")
    given = [_file(one) for one in body.get("resources", ())]
    beside = latest_files() if body.get("withDeployed", True) else []
    ran = scenario_runs.run(text, given, beside)
    scenarios = []
    reader = language()
    for one in ran["scenarios"]:
        events = [{**event, "note": event["note"][reader]} for event in one["events"]]
        problem = one["problem"]
        told = None if problem is None else problem[reader]
        code = None if problem is None else problem["code"]
        scenarios.append({**one, "problem": told, "problemCode": code, "events": events})
    passed = all(one["passed"] for one in scenarios)
    return answer({"passed": passed, "scenarios": scenarios, "coverage": ran["coverage"]})


def _side(given: dict[str, Any]) -> FileParts:
    name, content = _file(given, given.get("kind"))
    kind = kind_of_file(name)
    if kind not in KINDS:
        raise bad_request("comparison-kind", "请给出 kind：bpmn、dmn 或 form。", "Give the kind: bpmn, dmn or form.")
    return parts_of(kind, content)


def _file(given: dict[str, Any], kind: str | None = None) -> tuple[str, bytes]:
    """The name and content of a file that is given outright, as a draft, or as a deployed version."""
    if given.get("resourceKey") is not None:
        return file_of(given["resourceKey"])
    name = given.get("name")
    if given.get("draftKey") is not None:
        draft_kind, content = draft_content(given["draftKey"])
        return name or f"draft-{given['draftKey']}.{draft_kind}", content.encode()
    if given.get("content") is not None and (name or kind):
        return name or f"file.{kind}", given["content"].encode()
    raise bad_request(
        "file",
        "请给出 resourceKey、draftKey，或 content 及其类型（名称）。",
        "Give a resourceKey, a draftKey, or a content with its kind (or name).",
    )


def _refused(error: LendloomError) -> Refused:
    findings = getattr(error, "findings", ())
    first: Message = findings[0].message if findings else error.message
    return Refused(Message(first.code, first.zh, first.en))


def _change(change: PartChange) -> dict[str, Any]:
    spoken = language()
    return {
        "change": change.change,
        "partId": change.part.id,
        "partType": change.part.type,
        "partTypeLabel": change.type_label.text(spoken),
        "name": change.part.name,
        "parentId": change.part.parent_id,
        "parentName": change.parent_name,
        "properties": [
            {"property": p.path, "label": p.label.text(spoken), "oldValue": p.old, "newValue": p.new}
            for p in change.properties
        ],
        "sentence": change.sentence.text(spoken),
    }
