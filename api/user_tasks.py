"""User tasks: what waits for people. A reviewer sees and finishes only what is theirs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask import Response

from server.identity.errors import ForbiddenError
from server.identity.roles import Reach
from server.identity.visibility import may_work_on, seen_tasks
from server.runtime.instant import NOW
from server.store.search import Condition
from server.worklist import boxes
from server.worklist import user_tasks as worklist
from server.worklist.boxes import Box
from server.worklist.narrowing import containing, of_process

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import (
    TENANT,
    Flag,
    Instant,
    Key,
    Listed,
    OneOf,
    Part,
    Text,
    Variables,
    Whole,
    always,
    document,
    instant_of,
    maybe,
)
from .forms import FormResult, form_answer, start_form_answer
from .resource import Resource
from .search import (
    Source,
    by_instant,
    by_key,
    by_text,
    by_variables,
    by_whole,
    by_word,
    find,
    get,
    page_of,
    search_request,
)
from .variables import TaskVariableSearch, VariablePage, task_variables

user_tasks = Resource("User task", description="What waits for people.")

_STATES = ("CREATED", "COMPLETED", "CANCELED")
_MOST_COLUMNS = 20

TASKS = Source(
    kind=("用户任务", "user task"),
    rows="user_task t LEFT JOIN process_definition d ON d.key = t.process_definition_key"
    " LEFT JOIN process_instance p ON p.key = t.instance_key",
    columns="t.*, d.process_id, d.version, d.name AS process_name, p.tags, p.applicant, p.started_by",
    key="t.key",
    fields={
        "userTaskKey": "key t.key",
        "elementInstanceKey": "key t.key",
        "processInstanceKey": "key t.instance_key",
        "processDefinitionKey": "key t.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "elementId": "text t.element_id",
        "name": "text? t.name",
        "state": "word t.state",
        "assignee": "text? t.assignee",
        "candidateGroup": "texts t.candidate_groups",
        "candidateUser": "texts t.candidate_users",
        "businessId": "text? t.business_id",
        "applicant": "text? p.applicant",
        "startedBy": "text? p.started_by",
        "completedBy": "text? t.completed_by",
        "isOverdue": f"flag t.due_date < {NOW}",
        "priority": "whole t.priority",
        "creationDate": "instant t.created_at",
        "completionDate": "instant? t.ended_at",
        "followUpDate": "instant? t.follow_up_date",
        "dueDate": "instant? t.due_date",
        "tenantId": "text '<default>'",
        "processInstanceVariables": "variables t.instance_key, ''",
        "localVariables": "variables t.instance_key, t.key::text",
        "tags": "tags p.tags",
        "suspended": "flag t.suspended",
    },
)
# What cases began with.
_CASES = Source(
    kind=("流程实例", "process instance"),
    rows="process_instance p",
    columns="p.process_definition_key",
    key="p.key",
    fields={},
)
# The page's variables come with its rows: the task's own, or those of the process.
_SHOWN = """(SELECT jsonb_object_agg(n.name, coalesce(s.variables->(t.key::text)->n.name, s.variables->''->n.name))
    FROM instance_state s, unnest(%(shown)s::text[]) AS n(name)
    WHERE s.key = t.instance_key
      AND coalesce(s.variables->(t.key::text)->n.name, s.variables->''->n.name) IS NOT NULL) AS shown"""
_TASKS_WITH_VARIABLES = replace(TASKS, columns=f"{TASKS.columns}, {_SHOWN}")
UserTaskResult = document(
    "UserTask",
    always(
        {
            "userTaskKey": Key(),
            "elementInstanceKey": Key(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": maybe(Key()),
            "processDefinitionKey": Key(),
            "processDefinitionId": Text(),
            "processDefinitionVersion": Whole(),
            "processName": maybe(Text()),
            "elementId": Text(),
            "name": maybe(Text()),
            "state": Text(),
            "assignee": maybe(Text()),
            "candidateGroups": Listed(Text()),
            "candidateUsers": Listed(Text()),
            "creationDate": Instant(),
            "completionDate": maybe(Instant()),
            "followUpDate": maybe(Instant()),
            "dueDate": maybe(Instant()),
            "priority": Whole(),
            "formKey": maybe(Key()),
            "externalFormReference": maybe(Text()),
            "customHeaders": Variables(),
            "businessId": maybe(Text()),
            "tags": Listed(Text()),
            "tenantId": Text(),
            "completedBy": maybe(Text()),
            "action": maybe(Text()),
            "suspended": Flag(metadata={"description": "Its case is: it can be neither claimed nor completed"}),
            "applicant": maybe(
                Text(metadata={"description": "Whose case it is: the variable applicantName or customerName"})
            ),
            "startedBy": maybe(Text(metadata={"description": "Who started the instance"})),
        }
    ),
)
FoundUserTask = document(
    "FoundUserTask",
    {
        **UserTaskResult._declared_fields,
        "variables": Variables(
            metadata={"description": "Those of variableNames that there are; numbers of persons are masked"}
        ),
    },
)
UserTaskPage = page_of("UserTask", FoundUserTask)
_SEARCH = search_request(
    "UserTask",
    {
        "userTaskKey": by_key(),
        "elementInstanceKey": Key(),
        "processInstanceKey": by_key(),
        "processDefinitionKey": by_key(),
        "processDefinitionId": by_text(),
        "elementId": Text(),
        "name": by_text(),
        "state": by_word(*_STATES),
        "assignee": by_text(),
        "candidateGroup": by_text(),
        "candidateUser": by_text(),
        "businessId": by_text(),
        "applicant": by_text(),
        "startedBy": by_text(),
        "completedBy": by_text(),
        "isOverdue": Flag(),
        "priority": by_whole(),
        "creationDate": by_instant(),
        "completionDate": by_instant(),
        "followUpDate": by_instant(),
        "dueDate": by_instant(),
        "tenantId": by_text(),
        "processInstanceVariables": by_variables(),
        "localVariables": by_variables(),
        "tags": Listed(Text()),
        "suspended": Flag(),
    },
    (
        "creationDate",
        "completionDate",
        "followUpDate",
        "dueDate",
        "priority",
        "name",
        "businessId",
        "assignee",
        "processDefinitionId",
        "applicant",
    ),
    alternatives=True,
)
UserTaskSearch = document(
    "UserTaskSearch",
    {
        **_SEARCH._declared_fields,
        "box": OneOf(*Box, metadata={"description": "Only what is in this box of one's own worklist"}),
        "text": Text(longest=100, metadata={"description": "Only where it is part of name, businessId or applicant"}),
        "variableNames": Listed(
            Text(shortest=1, longest=200),
            validate=ma.validate.Length(max=_MOST_COLUMNS),
            metadata={"description": "Variables to answer with each task"},
        ),
    },
)
TaskCounts = document(
    "UserTaskCounts",
    always(
        {
            "assigned": Whole(metadata={"description": "Open tasks of one's own"}),
            "overdue": Whole(metadata={"description": "Those of them whose due date is past"}),
            "claimable": Whole(metadata={"description": "Open tasks that nobody has and one may claim"}),
            "completed": Whole(metadata={"description": "Tasks that one has completed"}),
            "started": Whole(metadata={"description": "Cases that one has started"}),
            "startedActive": Whole(metadata={"description": "Those of them that have not ended"}),
            "countedUpTo": Whole(metadata={"description": "A count as high as this means so many or more"}),
        }
    ),
)
Assignment = document(
    "UserTaskAssignment",
    {
        "assignee": Text(shortest=1, longest=256, metadata={"description": "Oneself where not given"}),
        "allowOverride": Flag(allow_none=True, metadata={"description": "false: refuse a task that is claimed"}),
        "action": Text(allow_none=True),
    },
)
Completion = document("UserTaskCompletion", {"variables": Variables(allow_none=True), "action": Text(allow_none=True)})
Changeset = document(
    "UserTaskChangeset",
    {
        "dueDate": Text(allow_none=True, metadata={"format": "date-time", "description": "Empty: none"}),
        "followUpDate": Text(allow_none=True, metadata={"format": "date-time", "description": "Empty: none"}),
        "candidateUsers": Listed(Text(), allow_none=True),
        "candidateGroups": Listed(Text(), allow_none=True),
        "priority": Whole(high=100, allow_none=True),
    },
)
Update = document("UserTaskUpdate", {"changeset": Part(Changeset, allow_none=True), "action": Text(allow_none=True)})


def task_document(row: Any) -> dict[str, Any]:
    """A user task as the API shows one."""
    return {
        "userTaskKey": str(row.key),
        "elementInstanceKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "processDefinitionKey": str(row.process_definition_key),
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "processName": row.process_name,
        "elementId": row.element_id,
        "name": row.name,
        "state": row.state,
        "assignee": row.assignee,
        "candidateGroups": row.candidate_groups,
        "candidateUsers": row.candidate_users,
        "creationDate": row.created_at,
        "completionDate": row.ended_at,
        "followUpDate": row.follow_up_date,
        "dueDate": row.due_date,
        "priority": row.priority,
        "formKey": None if row.form_key is None else str(row.form_key),
        "externalFormReference": row.external_form_reference,
        "customHeaders": row.custom_headers,
        "businessId": row.business_id,
        "tags": row.tags,
        "tenantId": TENANT,
        "completedBy": row.completed_by,
        "action": row.action,
        "suspended": row.suspended is True,
        "applicant": row.applicant,
        "startedBy": row.started_by,
    }


@user_tasks.route("/user-tasks/search", methods=["POST"])
@permission("user-task", "read")
@user_tasks.arguments(UserTaskSearch, required=False)
@user_tasks.response(200, UserTaskPage)
def search_user_tasks(body: dict[str, Any]) -> Response:
    """Find user tasks"""
    me = principal()
    box = Box(body["box"]) if "box" in body else None
    # What is in one's box is one's own: nothing else need be asked, and the box's index is used.
    scope = seen_tasks(me) if box is None else boxes.in_box(me, box)
    body, where = _narrowed(body, box)
    names = body.get("variableNames")
    if not names:
        return find(TASKS, body, task_document, scope, where=where)
    shown = names if me.may("variable", "read") else []
    where = Condition(where.sql, {**where.parameters, "shown": shown})
    return find(_TASKS_WITH_VARIABLES, body, _task_with_variables, scope, where=where)


@user_tasks.route("/user-tasks/counts", methods=["GET"])
@permission("user-task", "read")
@user_tasks.response(200, TaskCounts)
def count_user_tasks() -> Response:
    """Count one's own boxes: tasks and cases"""
    counted = boxes.counts(principal())
    return answer(
        {
            "assigned": counted.assigned,
            "overdue": counted.overdue,
            "claimable": counted.claimable,
            "completed": counted.completed,
            "started": counted.started,
            "startedActive": counted.started_active,
            "countedUpTo": boxes.COUNTED_UP_TO,
        }
    )


def _narrowed(body: dict[str, Any], box: Box | None) -> tuple[dict[str, Any], Condition]:
    """A search without those of its filters that are better looked up first, and the condition that they make."""
    conditions = []
    filters = dict(body.get("filter") or {})
    if isinstance(filters.get("processDefinitionId"), str):
        conditions.append(of_process(filters.pop("processDefinitionId")))
    if body.get("text"):
        conditions.append(containing(body["text"], box))
    sql = " AND ".join(condition.sql for condition in conditions) or "true"
    parameters = {name: value for condition in conditions for name, value in condition.parameters.items()}
    return {**body, "filter": filters}, Condition(sql, parameters)


def _task_with_variables(row: Any) -> dict[str, Any]:
    return {**task_document(row), "variables": boxes.masked(row.shown or {})}


@user_tasks.route("/user-tasks/<key:key>", methods=["GET"])
@permission("user-task", "read")
@user_tasks.response(200, UserTaskResult)
def get_user_task(key: int) -> Response:
    """Get a user task"""
    return answer(task_document(_task(key)))


@user_tasks.route("/user-tasks/<key:key>/form", methods=["GET"])
@permission("user-task", "read")
@user_tasks.response(200, FormResult)
@user_tasks.alt_response(204, description="There is no form", success=True)
def get_user_task_form(key: int) -> Response:
    """Get the form of a user task; a 204 where it has none"""
    form_key = _task(key).form_key
    return no_content() if form_key is None else form_answer(form_key)


@user_tasks.route("/user-tasks/<key:key>/start-form", methods=["GET"])
@permission("user-task", "read")
@user_tasks.response(200, FormResult)
@user_tasks.alt_response(204, description="There is no form", success=True)
def get_user_task_start_form(key: int) -> Response:
    """Get the form with which the case of a user task began; a 204 where there is none

    It is that of the outermost caller. Whoever sees the task may read it, whether or not they see that caller: it
    gives the variables of the task their names, no values.
    """
    return start_form_answer(get(_CASES, _task(key).root_key).process_definition_key)


@user_tasks.route("/user-tasks/<key:key>/variables/search", methods=["POST"])
@permission("user-task", "read")
@user_tasks.arguments(TaskVariableSearch, required=False)
@user_tasks.response(200, VariablePage)
def search_user_task_variables(body: dict[str, Any], key: int) -> Response:
    """Find the variables of a user task and of the scopes around it"""
    return task_variables(_task(key), body)


@user_tasks.route("/user-tasks/<key:key>/effective-variables/search", methods=["POST"])
@permission("user-task", "read")
@user_tasks.arguments(TaskVariableSearch, required=False)
@user_tasks.response(200, VariablePage)
def search_user_task_effective_variables(body: dict[str, Any], key: int) -> Response:
    """Find the variables that a user task sees: of the same name only the innermost"""
    return task_variables(_task(key), body, effective=True)


@user_tasks.route("/user-tasks/<key:key>/assignment", methods=["POST"])
@permission("user-task", "claim")
@user_tasks.arguments(Assignment, required=False)
@user_tasks.response(204)
def assign_user_task(body: dict[str, Any], key: int) -> Response:
    """Claim a task, or give it to somebody"""
    me = principal()
    assignee = body.get("assignee", me.name)
    if me.may("user-task", "assign"):
        override = body.get("allowOverride")
        worklist.assign(
            task_key=key,
            assignee=assignee,
            actor=me.name,
            allow_override=True if override is None else override,
            action=body.get("action"),
        )
        return no_content()
    if assignee != me.name:
        raise ForbiddenError("user-task", "assign")
    _require_mine(key, "claim")
    worklist.assign(
        task_key=key, assignee=me.name, actor=me.name, allow_override=False, action=body.get("action") or "claim"
    )
    return no_content()


@user_tasks.route("/user-tasks/<key:key>/assignee", methods=["DELETE"])
@permission("user-task", "claim")
@user_tasks.response(204)
def unassign_user_task(key: int) -> Response:
    """Put a task back for all its candidates"""
    if not principal().may("user-task", "assign"):
        _require_candidate(_task(key), "claim")
    worklist.unassign(task_key=key, actor=principal().name)
    return no_content()


@user_tasks.route("/user-tasks/<key:key>", methods=["PATCH"])
@permission("user-task", "update")
@user_tasks.arguments(Update, required=False)
@user_tasks.response(204)
def update_user_task(body: dict[str, Any], key: int) -> Response:
    """Change a task's candidates, dates or priority"""
    changes = _changes(body.get("changeset") or {})
    worklist.update(task_key=key, changes=changes, actor=principal().name, action=body.get("action"))
    return no_content()


@user_tasks.route("/user-tasks/<key:key>/completion", methods=["POST"])
@permission("user-task", "complete")
@user_tasks.arguments(Completion, required=False)
@user_tasks.response(204)
def complete_user_task(body: dict[str, Any], key: int) -> Response:
    """Finish a task with what was entered"""
    only_own = principal().reach("user-task", "complete") is not Reach.EVERYTHING
    if only_own:
        _require_mine(key, "complete")
    worklist.complete(
        task_key=key,
        variables=body.get("variables"),
        actor=principal().name,
        action=body.get("action"),
        only_own=only_own,
    )
    return no_content()


def _task(key: int) -> Any:
    return get(TASKS, key, seen_tasks(principal()))


def _require_mine(key: int, action: str) -> None:
    """Refuse to finish or claim a task that is not the principal's; one they cannot see does not exist for them.

    A task that a colleague has taken, before this look at it or after, is refused by the command itself, which
    says who has it.
    """
    row = _task(key)
    if row.assignee in (None, principal().name):
        _require_candidate(row, action)


def _require_candidate(row: Any, action: str) -> None:
    may_work_on(
        principal(),
        action,
        assignee=row.assignee,
        candidate_users=row.candidate_users,
        candidate_groups=row.candidate_groups,
    )


def _changes(changeset: dict[str, Any]) -> worklist.Changes:
    """What to change; a date that is empty text is taken away, null leaves things as they are."""
    given: dict[str, Any] = {}
    for name, key in _CHANGED.items():
        value = changeset.get(name)
        if value is not None:
            given[key] = (instant_of(value) if value else None) if name.endswith("Date") else value
    return worklist.Changes(**given)


_CHANGED = {
    "candidateUsers": "candidate_users",
    "candidateGroups": "candidate_groups",
    "dueDate": "due_date",
    "followUpDate": "follow_up_date",
    "priority": "priority",
}
