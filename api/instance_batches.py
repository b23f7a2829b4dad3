"""Making batches: what is to be done to all instances, jobs or decisions that a filter finds.

A filter must say something, so that nobody cancels everything by a forgotten line. What does not fit the operation
is left out by itself: only root instances are cancelled, suspended or restarted, only ended ones deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from server.identity.visibility import seen_of_instances
from server.jobs.job_batches import UPDATE_JOB
from server.runtime import batch_kinds, batch_operations
from server.runtime.batch_operations import CreatedBatch, Selection
from server.runtime.open_incidents import HELD_INCIDENTS
from server.runtime.operation_records import LONGEST_REASON
from server.store.search import Condition, Source, conditions_of

from .authorization import permission, principal
from .batch_operations import CreatedBatchResult, created_batch
from .decision_instances import INSTANCES as DECISIONS
from .decision_instances import DecisionInstanceSearch
from .fields import Part, Text, Variables, Whole, document
from .instance_operations import RESTART_FIELDS, restart_instructions
from .jobs import JOBS, JobChanges, JobSearch
from .problems import bad_request
from .process_instances import INSTANCES, ProcessInstanceSearch
from .resource import Resource
from .search import filter_of

instance_batches = Resource("Batch creation", description="Operations on all that a filter finds.")

_ROOTS = "p.parent_key IS NULL"
ACTIVE, SUSPENDED = f"{_ROOTS} AND p.state = 'ACTIVE'", f"{_ROOTS} AND p.state = 'SUSPENDED'"
_LIVE, _ENDED = f"{_ROOTS} AND p.ended_at IS NULL", f"{_ROOTS} AND p.ended_at IS NOT NULL"
_OVERRIDDEN = frozenset({"state", "parentProcessInstanceKey"})

BATCH_FIELDS: dict[str, Any] = {
    "operationReference": Whole(high=2**63 - 1),
    "reason": Text(longest=LONGEST_REASON, metadata={"description": "Why; kept with who and when"}),
    "itemsPerSecond": Whole(
        low=1, high=1000, metadata={"description": f"{batch_operations.ITEMS_PER_SECOND} where not given"}
    ),
}
InstanceBatch = document("ProcessInstanceBatch", {"filter": filter_of(ProcessInstanceSearch), **BATCH_FIELDS})
IncidentBatch = document(
    "IncidentResolutionBatch", {"filter": filter_of(ProcessInstanceSearch, required=False), **BATCH_FIELDS}
)
RestartBatch = document(
    "ProcessInstanceRestartBatch", {"filter": filter_of(ProcessInstanceSearch), **RESTART_FIELDS, **BATCH_FIELDS}
)
VariableBatch = document(
    "VariableUpdateBatch",
    {"filter": filter_of(ProcessInstanceSearch), "variables": Variables(required=True), **BATCH_FIELDS},
)
DecisionBatch = document("DecisionInstanceDeletionBatch", {"filter": filter_of(DecisionInstanceSearch), **BATCH_FIELDS})
JobBatch = document(
    "JobUpdateBatch",
    {"filter": filter_of(JobSearch), "changeset": Part(JobChanges, required=True), **BATCH_FIELDS},
)


@instance_batches.route("/process-instances/cancellation", methods=["POST"])
@permission("process-instance", "cancel")
@instance_batches.arguments(InstanceBatch)
@instance_batches.response(200, CreatedBatchResult)
def cancel_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Cancel the root instances that a filter finds"""
    return _of_instances(batch_kinds.CANCEL, body, _LIVE, ("process-instance", "cancel"))


@instance_batches.route("/process-instances/suspension", methods=["POST"])
@permission("process-instance", "suspend")
@instance_batches.arguments(InstanceBatch)
@instance_batches.response(200, CreatedBatchResult)
def suspend_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Suspend the active root instances that a filter finds"""
    return _of_instances(batch_kinds.SUSPEND, body, ACTIVE, ("process-instance", "suspend"))


@instance_batches.route("/process-instances/resumption", methods=["POST"])
@permission("process-instance", "suspend")
@instance_batches.arguments(InstanceBatch)
@instance_batches.response(200, CreatedBatchResult)
def resume_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Resume the suspended root instances that a filter finds"""
    return _of_instances(batch_kinds.RESUME, body, SUSPENDED, ("process-instance", "suspend"))


@instance_batches.route("/process-instances/deletion", methods=["POST"])
@permission("process-instance", "delete")
@instance_batches.arguments(InstanceBatch)
@instance_batches.response(200, CreatedBatchResult)
def delete_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Delete the ended root instances that a filter finds, with their history"""
    return _of_instances(batch_kinds.DELETE, body, _ENDED, ("process-instance", "delete"))


@instance_batches.route("/process-instances/restart", methods=["POST"])
@permission("process-instance", "restart")
@instance_batches.arguments(RestartBatch)
@instance_batches.response(200, CreatedBatchResult)
def restart_process_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Restart the ended root instances that a filter finds"""
    permitted = ("process-instance", "restart")
    return _of_instances(batch_kinds.RESTART, body, _ENDED, permitted, instructions=restart_instructions(body))


@instance_batches.route("/process-instances/variable-update", methods=["POST"])
@permission("variable", "update")
@instance_batches.arguments(VariableBatch)
@instance_batches.response(200, CreatedBatchResult)
def update_variables_batch_operation(body: dict[str, Any]) -> Response:
    """Set variables in the root instances that a filter finds"""
    instructions = {"variables": body["variables"]}
    return _of_instances(batch_kinds.UPDATE_VARIABLE, body, _LIVE, ("variable", "update"), instructions=instructions)


@instance_batches.route("/process-instances/incident-resolution", methods=["POST"])
@permission("incident", "resolve")
@instance_batches.arguments(IncidentBatch, required=False)
@instance_batches.response(200, CreatedBatchResult)
def resolve_incidents_batch_operation(body: dict[str, Any]) -> Response:
    """Resolve the incidents of the instances that a filter finds, and of those they called; without one, all"""
    wanted = {name: value for name, value in body.get("filter", {}).items() if name != "state"}
    scope = seen_of_instances(principal(), "incident", "p.key", action="resolve")
    conditions = [*conditions_of(INSTANCES, wanted, scope), Condition("p.state = 'ACTIVE'")]
    rows = f"{INSTANCES.rows} JOIN {HELD_INCIDENTS} x ON x.holder = p.key"
    selection = Selection(rows, "x.key", "x.instance_key", "x.root_key", conditions)
    return created_batch(make_batch(batch_kinds.RESOLVE_INCIDENT, selection, body, wanted))


@instance_batches.route("/jobs/batch-update", methods=["POST"])
@permission("job", "update")
@instance_batches.arguments(JobBatch)
@instance_batches.response(200, CreatedBatchResult)
def update_jobs_batch_operation(body: dict[str, Any]) -> Response:
    """Change the retries, priority or lease of the open jobs that a filter finds"""
    changes = {name: value for name, value in body["changeset"].items() if value is not None}
    if not changes:
        raise bad_request(
            "changeset",
            "changeset 中至少要给出一项更改。",
            "The changeset must change something: retries, timeout or priority.",
        )
    wanted = body["filter"]
    conditions = _conditions(JOBS, wanted, "job", "j.instance_key", "update", "j.ended_at IS NULL")
    selection = Selection(JOBS.rows, "j.key", "j.instance_key", "j.root_key", conditions)
    return created_batch(make_batch(UPDATE_JOB, selection, body, wanted, instructions=changes))


@instance_batches.route("/decision-instances/deletion", methods=["POST"])
@permission("decision-instance", "delete")
@instance_batches.arguments(DecisionBatch)
@instance_batches.response(200, CreatedBatchResult)
def delete_decision_instances_batch_operation(body: dict[str, Any]) -> Response:
    """Delete the evaluations of decisions that a filter finds"""
    wanted = body["filter"]
    conditions = _conditions(DECISIONS, wanted, "decision-instance", "i.instance_key", "delete", "true")
    selection = Selection(DECISIONS.rows, "i.key", "i.instance_key", "p.root_key", conditions)
    return created_batch(make_batch(batch_kinds.DELETE_DECISION, selection, body, wanted))


def _of_instances(
    type_: str,
    body: Mapping[str, Any],
    fits: str,
    permitted: tuple[str, str],
    *,
    instructions: Mapping[str, Any] | None = None,
) -> Response:
    return created_batch(make_of_instances(type_, body, fits, permitted, instructions=instructions))


def make_of_instances(
    type_: str,
    body: Mapping[str, Any],
    fits: str,
    permitted: tuple[str, str],
    *,
    instructions: Mapping[str, Any] | None = None,
    overridden: frozenset[str] = _OVERRIDDEN,
) -> CreatedBatch:
    """Make a batch of the instances that a request's filter finds and for which the condition ``fits`` holds.

    What the filter says about ``overridden`` fields does not count.
    """
    wanted = {name: value for name, value in body["filter"].items() if name not in overridden}
    resource, action = permitted
    conditions = _conditions(INSTANCES, wanted, resource, "p.key", action, fits)
    selection = Selection(INSTANCES.rows, "p.key", "p.key", "p.root_key", conditions)
    return make_batch(type_, selection, body, wanted, instructions=instructions)


def _conditions(
    source: Source, wanted: Mapping[str, Any], resource: str, instance_key: str, action: str, fits: str
) -> list[Condition]:
    if not wanted:
        raise bad_request(
            "batch-filter",
            "批量操作的筛选条件不能为空；请至少给出一个条件（state 除外）。",
            "The filter of a batch operation cannot be empty; name at least one condition other than the state.",
        )
    scope = seen_of_instances(principal(), resource, instance_key, action=action)
    return [*conditions_of(source, wanted, scope), Condition(fits)]


def make_batch(
    type_: str,
    selection: Selection,
    body: Mapping[str, Any],
    wanted: Mapping[str, Any],
    *,
    instructions: Mapping[str, Any] | None = None,
) -> CreatedBatch:
    """Make a batch of what a selection finds, as a request asks for it; ``wanted`` is the filter to keep."""
    return batch_operations.create(
        type_=type_,
        selection=selection,
        principal=principal(),
        filter_=wanted,
        instructions=instructions,
        reason=body.get("reason"),
        items_per_second=body.get("itemsPerSecond"),
    )
