"""The repository, as designers work with it: what there is and who uses it, and versions put back in force."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.runtime import repository as runtime
from server.runtime.draft_facts import DraftFacts, draft_facts
from server.runtime.file_parts import KINDS

from .authorization import permission, principal
from .deployments import LONGEST_NOTE, DeploymentResult, deployment_answer
from .exact_json import answer
from .fields import Flag, Instant, Key, Listed, OneOf, Part, Text, Whole, always, document, maybe
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
