"""User tasks: what waits for people. A reviewer sees and finishes only what is theirs."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.errors import ForbiddenError
from server.identity.roles import Reach
from server.identity.visibility import seen_tasks
from server.worklist import user_tasks as worklist

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import TENANT, Flag, Instant, Key, Listed, Part, Text, Variables, Whole, always, document, maybe
from .forms import FormResult, form_answer
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
from .variables import VariablePage, task_variables

user_tasks = Resource("User task", description="What waits for people.")

_STATES = ("CREATED", "COMPLETED", "CANCELED")

TASKS = Source(
    kind=("用户任务", "user task"),
    rows="user_task t JOIN process_definition d ON d.key = t.process_definition_key",
    columns="t.*, d.process_id, d.version, d.name AS process_name",
    key="t.key",
    fields={
        "userTaskKey": "key t.key",
        "elementInstanceKey": "key t.key",
        "processInstanceKey": "key t.instance_key",
        "processDefinitionKey": "key t.process_definition_key",
        "processDefinitionId": "text d.process_id",
        "elementId": "text t.element_id",
        "name": "text t.name",
        "state": "text t.state",
        "assignee": "text t.assignee",
        "candidateGroup": "texts t.candidate_groups",
        "candidateUser": "texts t.candidate_users",
        "businessId": "text t.business_id",
        "priority": "whole t.priority",
        "creationDate": "instant t.created_at",
        "completionDate": "instant t.ended_at",
        "followUpDate": "instant t.follow_up_date",
        "dueDate": "instant t.due_date",
        "tenantId": "tenant",
        "processInstanceVariables": "variables t.instance_key",
        "localVariables": "variables t.key",
        "tags": "tags t.instance_key",
    },
)
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
        }
    ),
)
UserTaskPage = page_of("UserTask", UserTaskResult)
UserTaskSearch = search_request(
    "UserTask",
    {
        "userTaskKey": Key(),
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
        "priority": by_whole(),
        "creationDate": by_instant(),
        "completionDate": by_instant(),
        "followUpDate": by_instant(),
        "dueDate": by_instant(),
        "tenantId": by_text(),
        "processInstanceVariables": by_variables(),
        "localVariables": by_variables(),
        "tags": Listed(Text()),
    },
    ("creationDate", "completionDate", "followUpDate", "dueDate", "priority", "name", "businessId"),
    alternatives=True,
)
Assignment = document(
    "UserTaskAssignment",
    {
        "assignee": Text(shortest=1, longest=256, metadata={"description": "Oneself where not given"}),
        "allowOverride": Flag(allow_none=True, metadata={"description": "false: refuse a task that is claimed"}),
        "action": Text(allow_none=True),
    },
)
Completion = document(
    "UserTaskCompletion", {"variables": Variables(allow_none=True), "action": Text(allow_none=True)}
)
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
Update = document(
    "UserTaskUpdate", {"changeset": Part(Changeset, allow_none=True), "action": Text(allow_none=True)}
)


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
    }
