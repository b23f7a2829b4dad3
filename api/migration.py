"""Migrating running instances to another version: plans, trials, one instance or many, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import Response

from server.bpmn import PlannedMapping
from server.identity.visibility import require_instance, seen_of_instances
from server.messages import Finding
from server.runtime import migrations
from server.runtime.migrations import MOST_TRIED, MigrationInstructions, Trial

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import Flag, Key, Listed, Part, Text, Whole, always, document, maybe, wrong
from .modification import REPAIR_FIELDS, RepairResult, report_document
from .problems import language
from .resource import Resource

migration = Resource("Migration", description="Running instances go over to another version of their process.")

MappingInstruction = document(
    "MappingInstruction",
    {
        "sourceElementId": Text(shortest=1, longest=1000, required=True),
        "targetElementId": Text(shortest=1, longest=1000, required=True),
    },
)
MIGRATION_FIELDS: dict[str, Any] = {
    "targetProcessDefinitionKey": Key(required=True),
    "mappingInstructions": Listed(
        Part(MappingInstruction),
        metadata={"description": "Elements, and sequence flows into joins; where not given, equal ids are mapped"},
    ),
    "recomputeTimers": Flag(metadata={"description": "Set waiting timers anew by the target; else due dates stay"}),
}
MigrationSchema = document("ProcessInstanceMigration", {**MIGRATION_FIELDS, **REPAIR_FIELDS})
Reversion = document("MigrationReversion", {name: REPAIR_FIELDS[name] for name in ("operationReference", "reason")})
PlanRequest = document(
    "MigrationPlanRequest",
    {"targetProcessDefinitionKey": Key(metadata={"description": "The latest version of the process where not given"})},
)
_Reason = document(
    "MigrationReason",
    always({"elementId": Text(), "code": Text(), "detail": Text(metadata={"description": "In the reader's language"})}),
)
_Suggestion = document(
    "MigrationSuggestion",
    always(
        {
            "sourceElementId": Text(),
            "targetElementId": Text(),
            "score": ma.fields.Float(metadata={"description": "0 to 1"}),
            "reasons": Listed(Text()),
        }
    ),
)
PlanResult = document(
    "MigrationPlan",
    always(
        {
            "sourceProcessDefinitionKey": Key(),
            "targetProcessDefinitionKey": Key(),
            "mappingInstructions": Listed(Part(MappingInstruction)),
            "suggestions": Listed(Part(_Suggestion)),
            "unmapped": Listed(Part(_Reason)),
            "addedElementIds": Listed(Text()),
        }
    ),
)
TrialRequest = document(
    "MigrationTrialRequest",
    {
        **MIGRATION_FIELDS,
        "after": Key(metadata={"description": "Go on behind this instance: endCursor of the page before"}),
        "limit": Whole(low=1, high=MOST_TRIED),
    },
)
_Trial = document(
    "MigrationTrial", always({"processInstanceKey": Key(), "migratable": Flag(), "reasons": Listed(Part(_Reason))})
)
TrialPage = document(
    "MigrationTrialPage",
    always(
        {
            "items": Listed(Part(_Trial)),
            "migratable": Whole(),
            "refused": Whole(),
            "endCursor": maybe(Key()),
            "hasMoreTotalItems": Flag(),
        }
    ),
)


@migration.route("/process-instances/<key:key>/migration", methods=["POST"])
@permission("process-instance", "migrate")
@migration.arguments(MigrationSchema)
@migration.response(204)
def migrate_process_instance(body: dict[str, Any], key: int) -> Response:
    """Migrate a running instance to another process definition"""
    require_instance(principal(), "process-instance", "migrate", key)
    migrations.migrate(
        instance_key=key,
        instructions=instructions_of(body),
        actor=principal().name,
        reason=body.get("reason"),
        revision=body.get("revision"),
    )
    return no_content()


@migration.route("/process-instances/<key:key>/migration/dry-run", methods=["POST"])
@permission("process-instance", "migrate")
@migration.arguments(MigrationSchema)
@migration.response(200, RepairResult)
def try_out_migration(body: dict[str, Any], key: int) -> Response:
    """Show what the migration of an instance would do, without doing it"""
    require_instance(principal(), "process-instance", "migrate", key)
    found = migrations.try_out(
        instance_key=key, instructions=instructions_of(body), actor=principal().name, revision=body.get("revision")
    )
    return answer(report_document(found))


@migration.route("/process-instances/<key:key>/migration/reversion", methods=["POST"])
@permission("process-instance", "migrate")
@migration.arguments(Reversion, required=False)
@migration.response(204)
def revert_migration(body: dict[str, Any], key: int) -> Response:
    """Take the last migration of an instance back"""
    require_instance(principal(), "process-instance", "migrate", key)
    migrations.revert(instance_key=key, actor=principal().name, reason=body.get("reason"))
    return no_content()


@migration.route("/process-definitions/<key:key>/migration/plan", methods=["POST"])
@permission("process-definition", "read")
@migration.arguments(PlanRequest, required=False)
@migration.response(200, PlanResult)
def plan_migration(body: dict[str, Any], key: int) -> Response:
    """Plan how the instances of a process definition can go over to another"""
    target_key, plan = migrations.plan(source_key=key, target_key=body.get("targetProcessDefinitionKey"))
    return answer(
        {
            "sourceProcessDefinitionKey": str(key),
            "targetProcessDefinitionKey": str(target_key),
            "mappingInstructions": [
                {"sourceElementId": source, "targetElementId": target} for source, target in plan.mapping().items()
            ],
            "suggestions": [_suggestion(planned) for planned in plan.suggestions],
            "unmapped": [_reason(finding) for finding in plan.unmapped],
            "addedElementIds": list(plan.added),
        }
    )


@migration.route("/process-definitions/<key:key>/migration/dry-run", methods=["POST"])
@permission("process-instance", "migrate")
@migration.arguments(TrialRequest)
@migration.response(200, TrialPage)
def try_out_migration_of_version(body: dict[str, Any], key: int) -> Response:
    """Try a migration on every active instance of a process definition, without migrating any"""
    found = migrations.try_out_all(
        source_key=key,
        instructions=instructions_of(body),
        scope=seen_of_instances(principal(), "process-instance", "p.key", action="migrate"),
        after=body.get("after", 0),
        limit=body.get("limit", MOST_TRIED),
    )
    refused = sum(bool(trial.findings) for trial in found.trials)
    return answer(
        {
            "items": [_trial(trial) for trial in found.trials],
            "migratable": len(found.trials) - refused,
            "refused": refused,
            "endCursor": str(found.trials[-1].instance_key) if found.trials else None,
            "hasMoreTotalItems": found.more,
        }
    )


def instructions_of(body: Mapping[str, Any]) -> MigrationInstructions:
    """What a request says about a migration."""
    mapping: dict[str, str] | None = None
    if "mappingInstructions" in body:
        mapping = {}
        for instruction in body["mappingInstructions"]:
            source = instruction["sourceElementId"]
            if source in mapping:
                raise wrong("mapped-twice", f"元素“{source}”映射了两次。", f"The element '{source}' is mapped twice.")
            mapping[source] = instruction["targetElementId"]
    return MigrationInstructions(body["targetProcessDefinitionKey"], mapping, body.get("recomputeTimers", False))


def _suggestion(planned: PlannedMapping) -> dict[str, Any]:
    return {
        "sourceElementId": planned.source_id,
        "targetElementId": planned.target_id,
        "score": planned.score,
        "reasons": [message.text(language()) for message in planned.reasons],
    }


def _reason(finding: Finding) -> dict[str, Any]:
    return {
        "elementId": finding.element,
        "code": finding.message.code,
        "detail": finding.message.text(language()),
    }


def _trial(trial: Trial) -> dict[str, Any]:
    return {
        "processInstanceKey": str(trial.instance_key),
        "migratable": not trial.findings,
        "reasons": [_reason(finding) for finding in trial.findings],
    }
