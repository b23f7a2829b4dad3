"""User tasks: found, claimed, changed, read with form and variables, completed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.errors import ApiError, ConflictError, NotFoundError
from camunda_orchestration_sdk.models import (
    UserTaskAssignmentRequest,
    UserTaskCompletionRequest,
    UserTaskSearchQuery,
    UserTaskUpdateRequest,
    UserTaskVariableSearchQueryRequest,
)

from . import content
from .typed import typed


@pytest.fixture
def task(client: CamundaClient, start: Callable[..., Any]) -> Any:
    """The open review of a new application."""
    key = start(content.CHECK, score=640, customer="韩梅梅").process_instance_key
    query = {"filter": {"processInstanceKey": key, "state": "CREATED"}}
    return typed(client.search_user_tasks(data=UserTaskSearchQuery.from_dict(query))).items[0]


def test_a_task_says_what_it_is(client: CamundaClient, task: Any) -> None:
    assert task.name == "信审"
    assert task.candidate_groups == ["reviewers"]
    assert task.due_date == dt.datetime(2027, 1, 31, 1, 0, tzinfo=dt.UTC)
    assert task.custom_headers.to_dict() == {"hint": "看材料"}
    assert typed(client.get_user_task(task.user_task_key)) == task


def test_open_tasks_are_found_by_group_date_and_absence_of_an_assignee(client: CamundaClient, task: Any) -> None:
    query = {
        "filter": {
            "candidateGroup": {"$in": ["reviewers", "others"]},
            "assignee": {"$exists": False},
            "state": "CREATED",
            "creationDate": {"$gte": task.creation_date.isoformat()},
            "name": {"$like": "信*"},
        },
        "sort": [{"field": "creationDate", "order": "DESC"}],
        "page": {"from": 0, "limit": 50},
    }

    found = typed(client.search_user_tasks(data=UserTaskSearchQuery.from_dict(query)))

    assert task.user_task_key in {item.user_task_key for item in found.items}


def test_a_claimed_task_is_not_claimed_again(client: CamundaClient, task: Any) -> None:
    def claim(assignee: str, **more: Any) -> None:
        client.assign_user_task(
            task.user_task_key, data=UserTaskAssignmentRequest.from_dict({"assignee": assignee, **more})
        )

    claim("li.na", allowOverride=False)
    with pytest.raises(ConflictError):
        claim("zhang.wei", allowOverride=False)
    assert client.get_user_task(task.user_task_key).assignee == "li.na"
    claim("zhang.wei", allowOverride=True)
    assert client.get_user_task(task.user_task_key).assignee == "zhang.wei"
    client.unassign_user_task(task.user_task_key)
    assert client.get_user_task(task.user_task_key).assignee is None


def test_a_task_is_changed(client: CamundaClient, task: Any) -> None:
    changes = {"priority": 80, "candidateUsers": ["li.na"], "followUpDate": "2027-01-05T00:00:00Z", "dueDate": ""}

    client.update_user_task(task.user_task_key, data=UserTaskUpdateRequest.from_dict({"changeset": changes}))

    changed = typed(client.get_user_task(task.user_task_key))
    assert (changed.priority, changed.candidate_users, changed.due_date) == (80, ["li.na"], None)
    assert changed.follow_up_date == dt.datetime(2027, 1, 5, tzinfo=dt.UTC)


def test_a_task_has_its_form_and_its_variables(client: CamundaClient, task: Any) -> None:
    form = typed(client.get_user_task_form(task.user_task_key))
    variables = typed(
        client.search_user_task_variables(
            task.user_task_key, data=UserTaskVariableSearchQueryRequest.from_dict({"filter": {}})
        )
    )

    assert form.form_id == "client-review"
    assert form.form_key == task.form_key
    assert {item.name: item.value for item in variables.items} == {
        "score": "640",
        "customer": '"韩梅梅"',
        "grade": '"A"',
    }


def test_what_the_form_does_not_allow_is_refused(client: CamundaClient, task: Any) -> None:
    with pytest.raises(ApiError) as refused:
        client.complete_user_task(
            task.user_task_key, data=UserTaskCompletionRequest.from_dict({"variables": {"decision": "maybe"}})
        )

    assert 400 <= refused.value.status_code < 500
    assert b"decision" in refused.value.content


def test_a_task_is_completed_once(client: CamundaClient, task: Any) -> None:
    body = {"variables": {"decision": "reject", "comment": "收入不足"}, "action": "refuse"}

    client.complete_user_task(task.user_task_key, data=UserTaskCompletionRequest.from_dict(body))

    done = typed(client.get_user_task(task.user_task_key))
    assert done.state == "COMPLETED"
    assert done.completion_date is not None
    assert typed(client.get_process_instance(task.process_instance_key)).state == "COMPLETED"
    with pytest.raises((ConflictError, NotFoundError)):
        client.complete_user_task(task.user_task_key, data=UserTaskCompletionRequest.from_dict(body))
