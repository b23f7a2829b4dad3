"""A case on one page: its instances, what has happened to them and by whom, what they wait for, what may come next.

One request, a fixed number of statements. Every part needs the permission that its own search needs; without it the
part is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import Response

from server.identity.principal import Principal
from server.identity.visibility import seen_of_instances, seen_tasks
from server.runtime import case_history
from server.runtime.case_history import CaseHistory
from server.runtime.errors import no_such

from .authorization import permission, principal
from .case_timeline import TimelineEntry, timeline
from .comments import CommentResult, comment_document
from .exact_json import answer
from .fields import Flag, Instant, Key, Listed, Part, Text, Whole, always, document, maybe
from .incidents import IncidentResult, incident_document
from .jobs import JobResult, job_document
from .problems import in_language
from .process_instances import INSTANCES, ProcessInstanceResult, instance_document
from .resource import Resource
from .search import get
from .user_tasks import UserTaskResult, task_document
from .waits import (
    MessageResult,
    SubscriptionResult,
    TimerResult,
    message_document,
    subscription_document,
    timer_document,
)

cases = Resource("Case", description="A case on one page.")

# What each part of a case is guarded by.
_PARTS = {
    "elements": ("element-instance", "read"),
    "tasks": ("user-task", "read"),
    "decisions": ("decision-instance", "read"),
    "incidents": ("incident", "read"),
    "jobs": ("job", "read"),
    "timers": ("element-instance", "read"),
    "subscriptions": ("element-instance", "read"),
    "messages": ("message", "read"),
    "comments": ("comment", "read"),
    "operations": ("process-instance", "read"),
}
CaseElement = document(
    "CaseElement",
    always(
        {
            "elementInstanceKey": Key(),
            "processInstanceKey": Key(),
            "processDefinitionKey": Key(),
            "elementInstanceScopeKey": Key(),
            "elementId": Text(),
            "elementName": Text(),
            "type": Text(),
            "state": Text(),
            "startDate": Instant(),
            "endDate": maybe(Instant()),
            "actor": maybe(Text(metadata={"description": "Whose command ended it"})),
        }
    ),
)
CaseInstance = document(
    "CaseInstance",
    {
        **ProcessInstanceResult._declared_fields,
        **always({"takenSequenceFlows": Listed(Text(), metadata={"description": "Ids, each once"})}),
    },
)
CaseDecision = document(
    "CaseDecision",
    always(
        {
            "decisionEvaluationKey": Key(),
            "processInstanceKey": Key(),
            "elementInstanceKey": maybe(Key()),
            "decisionDefinitionKey": Key(),
            "decisionDefinitionId": maybe(Text()),
            "decisionDefinitionName": maybe(Text()),
            "decisionDefinitionVersion": maybe(Whole()),
            "state": Text(),
            "evaluationDate": Instant(),
            "evaluationFailure": maybe(Text()),
            "output": ma.fields.Raw(allow_none=True, metadata={"description": "The result: any JSON value"}),
        }
    ),
)
ExpectedStep = document(
    "ExpectedStep",
    always(
        {
            "processInstanceKey": Key(),
            "elementId": Text(),
            "elementName": Text(),
            "type": Text(metadata={"description": "USER_TASK or CALL_ACTIVITY"}),
            "distance": Whole(metadata={"description": "How many elements away"}),
            "isCertain": Flag(metadata={"description": "false: a gateway has to choose first"}),
            "candidateGroups": Listed(Text(), metadata={"description": "Where the model names them outright"}),
        }
    ),
)
OtherCase = document("OtherCase", always({"processInstanceKey": Key(), "state": Text(), "startDate": Instant()}))
CaseResult = document(
    "Case",
    always(
        {
            "rootProcessInstanceKey": Key(),
            "businessId": maybe(Text()),
            "applicant": maybe(Text()),
            "instances": Listed(Part(CaseInstance)),
            "elements": Listed(Part(CaseElement)),
            "isWhole": Flag(
                metadata={
                    "description": f"false: there are more than {case_history.MOST_ELEMENTS} elements, or more than "
                    f"{case_history.MOST_OF_A_KIND} of another kind; the oldest are left out"
                }
            ),
            "timeline": Listed(Part(TimelineEntry)),
            "expected": Listed(
                Part(ExpectedStep), metadata={"description": "User tasks and calls that may come: no promise"}
            ),
            "userTasks": Listed(Part(UserTaskResult)),
            "decisions": Listed(Part(CaseDecision)),
            "incidents": Listed(Part(IncidentResult)),
            "jobs": Listed(Part(JobResult)),
            "timers": Listed(Part(TimerResult)),
            "messageSubscriptions": Listed(Part(SubscriptionResult)),
            "messages": Listed(Part(MessageResult), metadata={"description": "Buffered ones that it waits for"}),
            "comments": Listed(Part(CommentResult)),
            "otherCases": Listed(Part(OtherCase), metadata={"description": "With the same businessId, newest first"}),
        }
    ),
)
VariableChangeResult = document(
    "VariableChange",
    always(
        {
            "name": Text(),
            "processInstanceKey": Key(),
            "scopeKey": Key(),
            "oldValue": maybe(Text(metadata={"description": "JSON text; null where there was none"})),
            "newValue": Text(metadata={"description": "JSON text"}),
            "date": Instant(),
            "elementInstanceKey": maybe(Key(metadata={"description": "Whose end set it; null for the start"})),
            "elementId": maybe(Text()),
            "actor": maybe(Text()),
            "reason": maybe(Text()),
        }
    ),
)
VariableHistory = document("VariableHistory", always({"items": Listed(Part(VariableChangeResult))}))


@cases.route("/process-instances/<key:key>/case", methods=["GET"])
@permission("process-instance", "read")
@cases.response(200, CaseResult)
def get_process_instance_case(key: int) -> Response:
    """Get the case that an instance belongs to: everything that a page about it shows"""
    return answer(_case(key))


@cases.route("/cases/<string:business_id>", methods=["GET"])
@permission("process-instance", "read")
@cases.response(200, CaseResult)
def get_case(business_id: str) -> Response:
    """Get the newest case of a business id, and which others there are"""
    roots = case_history.roots_of(business_id, seen_of_instances(principal(), "process-instance", "p.key"))
    if not roots:
        raise no_such("案件", "case", business_id)
    return answer(_case(roots[0].key))


@cases.route("/process-instances/<key:key>/variable-history", methods=["GET"])
@permission("variable", "read")
@cases.response(200, VariableHistory)
def get_process_instance_variable_history(key: int) -> Response:
    """Get the changes of an instance's variables, oldest first, with old and new values"""
    get(INSTANCES, key, seen_of_instances(principal(), "variable", "p.key"))
    return answer({"items": [_change(change) for change in case_history.variable_history(key)]})


def _case(key: int) -> dict[str, Any]:
    me = principal()
    seen = seen_of_instances(me, "process-instance", "p.key")
    kinds = frozenset(kind for kind, needed in _PARTS.items() if me.may(*needed))
    case = case_history.read_case(key, seen=seen, tasks_seen=seen_tasks(me), kinds=kinds)
    if case is None:
        raise no_such(*INSTANCES.kind, key)
    return _document(case, me)


def _document(case: CaseHistory, me: Principal) -> dict[str, Any]:
    process_ids = {row.process_definition_key: row.process_id for row in case.instances}
    business_ids = {row.key: row.business_id for row in case.instances}
    first = case.instances[0]
    others = []
    if first.business_id is not None:
        seen = seen_of_instances(me, "process-instance", "p.key")
        others = [row for row in case_history.roots_of(first.business_id, seen) if row.key != case.root_key]
    return {
        "rootProcessInstanceKey": str(case.root_key),
        "businessId": first.business_id,
        "applicant": first.applicant,
        "instances": [
            {**instance_document(row), "takenSequenceFlows": list(dict.fromkeys(row.flows))} for row in case.instances
        ],
        "elements": [_element(row, case) for row in case.elements],
        "isWhole": case.is_whole,
        "timeline": timeline(case),
        "expected": [_expected(instance, step) for instance, step in case.expected],
        "userTasks": [task_document(row) for row in case.tasks],
        "decisions": [_decision(row) for row in case.decisions],
        "incidents": [incident_document(row) for row in case.incidents],
        "jobs": _with(case.jobs, job_document, process_id=lambda row: process_ids[row.process_definition_key]),
        "timers": [timer_document(row) for row in case.timers],
        "messageSubscriptions": _with(
            [row for row in case.subscriptions if row.kind == "message"],
            subscription_document,
            business_id=lambda row: business_ids.get(row.instance_key),
        ),
        "messages": [message_document(row) for row in case.messages],
        "comments": [comment_document(row) for row in case.comments],
        "otherCases": [
            {"processInstanceKey": str(row.key), "state": row.state, "startDate": row.started_at} for row in others
        ],
    }


class _Row:
    """A row with further columns."""

    def __init__(self, row: Any, more: dict[str, Any]) -> None:
        self._row, self._more = row, more

    def __getattr__(self, name: str) -> Any:
        more = self._more
        return more[name] if name in more else getattr(self._row, name)


def _with(rows: Any, present: Callable[[Any], dict[str, Any]], **more: Callable[[Any], Any]) -> list[dict[str, Any]]:
    return [present(_Row(row, {name: of(row) for name, of in more.items()})) for row in rows]


def _element(row: Any, case: CaseHistory) -> dict[str, Any]:
    return {
        "elementInstanceKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "processDefinitionKey": str(row.process_definition_key),
        "elementInstanceScopeKey": str(row.scope_key),
        "elementId": row.element_id,
        "elementName": case.names.get((row.process_definition_key, row.element_id), row.element_id),
        "type": row.element_type,
        "state": row.state,
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "actor": row.actor,
    }


def _expected(instance: Any, step: Any) -> dict[str, Any]:
    return {
        "processInstanceKey": str(instance.key),
        "elementId": step.element.id,
        "elementName": step.element.name or step.element.id,
        "type": step.element.type,
        "distance": step.distance,
        "isCertain": step.is_certain,
        "candidateGroups": list(step.candidate_groups),
    }


def _decision(row: Any) -> dict[str, Any]:
    return {
        "decisionEvaluationKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "elementInstanceKey": None if row.element_instance_key is None else str(row.element_instance_key),
        "decisionDefinitionKey": str(row.decision_definition_key),
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionName": row.name,
        "decisionDefinitionVersion": row.version,
        "state": row.state,
        "evaluationDate": row.evaluated_at,
        "evaluationFailure": in_language(row.failure, row.failure_zh),
        "output": row.output,
    }


def _change(change: case_history.VariableChange) -> dict[str, Any]:
    element = change.element_instance_key
    return {
        "name": change.name,
        "processInstanceKey": str(change.instance_key),
        "scopeKey": str(change.scope_key),
        "oldValue": None if change.is_new else case_history.as_text(change.old),
        "newValue": case_history.as_text(change.new),
        "date": change.at,
        "elementInstanceKey": None if element is None else str(element),
        "elementId": change.element_id,
        "actor": change.actor,
        "reason": change.reason,
    }
