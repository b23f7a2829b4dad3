"""The repository, as designers work with it: what there is and who uses it, versions put back in force, comparisons,
and trials of what is not deployed yet.
"""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from server.dmn import read_dmn
from server.file_kinds import kind_of_file
from server.messages import LendloomError, Message
from server.runtime import repository as runtime
from server.runtime import scenario_runs
from server.runtime.comparison import PartChange, compare
from server.runtime.decision_imports import importable
from server.runtime.draft_facts import DraftFacts, draft_facts
from server.runtime.errors import Refused
from server.runtime.file_parts import KINDS, FileParts, parts_of
from server.store.database import encode_json

from .authorization import permission, principal
from .decisions import EvaluatedInput, MatchedRule, decision_type, decisions_in, evaluated_inputs, matched_rules
from .deployments import LONGEST_NOTE, DeploymentResult, deployment_answer
from .drafts import LONGEST_CONTENT, draft_content, draft_reader
from .exact_json import answer
from .fields import Flag, Instant, Key, Listed, OneOf, Part, Text, Variables, Whole, always, document, maybe
from .problems import bad_request, language
from .resource import Resource

repository = Resource("Repository", description="Processes, decisions and forms as designers work on them.")

_KINDS = ("process", "decisionRequirements", "form")
_VERSION: dict[str, Any] = {
    "resourceKey": Key(),
    "version": Whole(),
    "versionTag": maybe(Text()),
    "resourceName": Text(),
    "deploymentKey": Key(),
    "deploymentDate": Instant(),
    "deployedBy": Text(),
    "note": maybe(Text()),
    "restoredFromResourceKey": maybe(Key(metadata={"description": "The earlier version that this one puts back"})),
    "suspendedDate": maybe(Instant()),
    "activeInstances": maybe(Whole(metadata={"description": "Of processes: instances of this version that run"})),
}
UseResult = document(
    "DefinitionUse",
    always(
        {
            "processDefinitionId": Text(),
            "processDefinitionName": maybe(Text()),
            "elementId": Text(),
            "binding": Text(),
        }
    ),
)
ReferenceResult = document(
    "DefinitionReference",
    always({"kind": Text(), "id": Text(), "elementId": Text(), "binding": Text(), "isDeployed": Flag()}),
)
DecisionInGraph = document(
    "DecisionInGraph",
    always(
        {
            "decisionDefinitionKey": Key(),
            "decisionDefinitionId": Text(),
            "name": Text(),
            "version": Whole(),
            "versionTag": maybe(Text()),
        }
    ),
)
RepositoryItem = document(
    "RepositoryItem",
    always(
        {
            "kind": OneOf(*_KINDS),
            "id": Text(),
            "name": maybe(Text()),
            "latest": Part(document("DefinitionVersion", always(dict(_VERSION)))),
            "decisions": Listed(Part(DecisionInGraph)),
            "usedBy": Listed(Part(UseResult), metadata={"description": "By the latest versions of processes"}),
            "uses": Listed(Part(ReferenceResult)),
            "imports": Listed(Text(), metadata={"description": "Ids of decision models that it imports, however deep"}),
            "importedBy": Listed(Text(), metadata={"description": "Ids of decision models that import it"}),
        }
    ),
)
RepositoryResult = document("Repository", always({"items": Listed(Part(RepositoryItem))}))
VersionsResult = document(
    "DefinitionVersions",
    always(
        {
            "items": Listed(
                Part(
                    document(
                        "ListedVersion", always({**_VERSION, "restoredFromVersion": maybe(Whole()), "isLatest": Flag()})
                    )
                )
            )
        }
    ),
)
DraftInRepository = document(
    "DraftInRepository",
    always(
        {
            "draftKey": Key(),
            "name": Text(),
            "kind": OneOf(*KINDS),
            "baseResourceKey": maybe(Key(metadata={"description": "The deployed version that it was begun from"})),
            "revision": Whole(),
            "owner": Text(),
            "changeDate": Instant(),
            "changedBy": Text(),
            "definitions": Listed(
                Part(document("DraftDefinition", always({"kind": OneOf(*_KINDS, "decision"), "id": Text()}))),
                metadata={"description": "What is in it, that of the file itself first"},
            ),
            "uses": Listed(
                Part(
                    document(
                        "DraftUse",
                        always({"kind": Text(), "id": Text(), "elementId": Text(), "binding": Text()}),
                    )
                )
            ),
            "isPublished": Flag(metadata={"description": "Some version has this very content: nothing in it is new"}),
            "isInForce": Flag(metadata={"description": "The newest version has this very content"}),
        }
    ),
)
DraftsInRepository = document("DraftsInRepository", always({"items": Listed(Part(DraftInRepository))}))
Activation = document("ResourceActivation", {"note": Text(longest=LONGEST_NOTE, allow_none=True)})
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


@repository.route("/repository", methods=["GET"])
@permission("resource", "read")
@repository.response(200, RepositoryResult)
def get_repository() -> Response:
    """List everything that is deployed, at its latest version, with where it is used"""
    found = runtime.repository()
    known = {(row.kind, row.id) for row in found.latest}
    known |= {("decision", row.decision_id) for rows in found.decisions.values() for row in rows}
    items = []
    for row in found.latest:
        is_model = row.kind == "decisionRequirements"
        decisions = found.decisions.get(row.key, ())
        names = {("decision", decision.decision_id) for decision in decisions} or {(row.kind, row.id)}
        items.append(
            {
                "kind": row.kind,
                "id": row.id,
                "name": row.name,
                "latest": _version(row),
                "decisions": [_decision(decision) for decision in decisions],
                "usedBy": [_use(use) for use in found.uses if (use.kind, use.target) in names],
                "uses": [
                    {
                        "kind": use.kind,
                        "id": use.target,
                        "elementId": use.element_id,
                        "binding": use.binding,
                        "isDeployed": (use.kind, use.target) in known,
                    }
                    for use in found.uses
                    if row.kind == "process" and use.process_id == row.id
                ],
                "imports": list(found.imports.get(row.id, ())) if is_model else [],
                "importedBy": [one for one, imported in found.imports.items() if is_model and row.id in imported],
            }
        )
    return answer({"items": items})


@repository.route("/repository/drafts", methods=["GET"])
@permission("draft", "read")
@repository.response(200, DraftsInRepository)
def get_repository_drafts() -> Response:
    """List the drafts that can be deployed, with what each defines and refers to, the one changed last first"""
    return answer({"items": [_draft_facts(found) for found in draft_facts(principal().name)]})


@repository.route("/repository/<string:kind>/<string:definition_id>/versions", methods=["GET"])
@permission("resource", "read")
@repository.response(200, VersionsResult)
def get_definition_versions(kind: str, definition_id: str) -> Response:
    """List the versions of a process, graph of decisions or form, newest first"""
    rows = runtime.versions(kind, definition_id)
    return answer(
        {
            "items": [
                {**_version(row), "restoredFromVersion": row.restored_version, "isLatest": number == 0}
                for number, row in enumerate(rows)
            ]
        }
    )


@repository.route("/resources/<key:key>/activation", methods=["POST"])
@permission("deployment", "create")
@repository.arguments(Activation, required=False)
@repository.response(200, DeploymentResult)
def activate_resource(body: dict[str, Any], key: int) -> Response:
    """Put an earlier version in force again: its file becomes the newest version; instances that run keep theirs"""
    return deployment_answer(runtime.activate(resource_key=key, note=body.get("note"), actor=principal().name))


@repository.route("/resources/comparison", methods=["POST"])
@permission("resource", "read")
@repository.arguments(ComparisonRequest)
@repository.response(200, ComparisonResult)
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


@repository.route("/decision-definitions/trial", methods=["POST"])
@permission("decision-definition", "evaluate")
@repository.arguments(Trial)
@repository.response(200, TrialResult)
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


@repository.route("/scenarios/run", methods=["POST"])
@permission("draft", "read")
@repository.arguments(ScenarioRun)
@repository.response(200, ScenarioRunResult)
def run_scenarios(body: dict[str, Any]) -> Response:
    """Run scenarios in memory with drafts and with what is deployed; nothing of it is kept"""
    draft = body.get("scenarioDraftKey")
    text = body.get("scenario") if draft is None else draft_content(draft)[1]
    if not text:
        raise bad_request("scenario", "请给出场景文本或草稿。", "Give the text of a scenario, or a draft of one.")
    given = [_file(one) for one in body.get("resources", ())]
    beside = runtime.latest_files() if body.get("withDeployed", True) else []
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
        return runtime.file_of(given["resourceKey"])
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


def _draft_facts(found: DraftFacts) -> dict[str, Any]:
    row = found.row
    return {
        "draftKey": str(row.key),
        "name": row.name,
        "kind": row.kind,
        "baseResourceKey": None if row.base_key is None else str(row.base_key),
        "revision": row.revision,
        "owner": row.owner,
        "changeDate": row.changed_at,
        "changedBy": row.changed_by,
        "definitions": [{"kind": kind, "id": name} for kind, name in found.facts.definitions],
        "uses": [
            {"kind": use.kind, "id": use.target, "elementId": use.element_id, "binding": use.binding}
            for use in found.facts.uses
        ],
        "isPublished": found.is_published,
        "isInForce": found.is_in_force,
    }


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


def _version(row: Any) -> dict[str, Any]:
    return {
        "resourceKey": str(row.key),
        "version": row.version,
        "versionTag": row.version_tag,
        "resourceName": row.resource_name,
        "deploymentKey": str(row.deployment_key),
        "deploymentDate": row.deployed_at,
        "deployedBy": row.deployed_by,
        "note": row.note,
        "restoredFromResourceKey": None if row.restored_from is None else str(row.restored_from),
        "suspendedDate": row.suspended_at,
        "activeInstances": row.active,
    }


def _decision(row: Any) -> dict[str, Any]:
    return {
        "decisionDefinitionKey": str(row.key),
        "decisionDefinitionId": row.decision_id,
        "name": row.name,
        "version": row.version,
        "versionTag": row.version_tag,
    }


def _use(use: runtime.Use) -> dict[str, Any]:
    return {
        "processDefinitionId": use.process_id,
        "processDefinitionName": use.process_name,
        "elementId": use.element_id,
        "binding": use.binding,
    }
