"""Drafts of user tasks: what somebody has entered and not yet sent, so that nothing is lost with the page."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import seen_tasks
from server.worklist import task_drafts as worklist

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import Instant, Variables, always, document
from .resource import Resource
from .search import get
from .user_tasks import TASKS

task_drafts = Resource("User task draft", description="What somebody has entered into a task's form and not yet sent.")

Saving = document("UserTaskDraftSaving", {"variables": Variables(required=True)})
TaskDraftResult = document("UserTaskDraft", always({"variables": Variables(), "savedAt": Instant()}))


@task_drafts.route("/user-tasks/<key:key>/draft", methods=["GET"])
@permission("user-task", "complete")
@task_drafts.response(200, TaskDraftResult)
@task_drafts.alt_response(204, description="There is no draft", success=True)
def get_user_task_draft(key: int) -> Response:
    """Get one's own draft of a task; a 204 where there is none"""
    _require_seen(key)
    draft = worklist.read(task_key=key, person=principal().name)
    return no_content() if draft is None else _answer(draft)


@task_drafts.route("/user-tasks/<key:key>/draft", methods=["PUT"])
@permission("user-task", "complete")
@task_drafts.arguments(Saving)
@task_drafts.response(200, TaskDraftResult)
def save_user_task_draft(body: dict[str, Any], key: int) -> Response:
    """Keep one's own draft of an open task, in place of the one before"""
    _require_seen(key)
    return _answer(worklist.save(task_key=key, person=principal().name, variables=body["variables"]))


@task_drafts.route("/user-tasks/<key:key>/draft", methods=["DELETE"])
@permission("user-task", "complete")
@task_drafts.response(204)
def discard_user_task_draft(key: int) -> Response:
    """Drop one's own draft of a task"""
    _require_seen(key)
    worklist.discard(task_key=key, person=principal().name)
    return no_content()


def _require_seen(key: int) -> None:
    get(TASKS, key, seen_tasks(principal()))


def _answer(draft: worklist.TaskDraft) -> Response:
    return answer({"variables": draft.variables, "savedAt": draft.saved_at})
