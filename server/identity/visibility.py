"""Which rows are somebody's *own*: conditions that a search or a command adds to its statement.

A role may allow an action only on one's own rows (see :mod:`server.identity.roles`):

- One's own **user tasks** are those one is the assignee of, a candidate for (by name or by one of one's groups),
  or has completed.
- One's own **process instances** are those one has started and those that have a user task of one's own. What
  belongs to an instance (element instances, variables, decisions, incidents) is seen with it. A called instance
  is an instance of its own: taking part in the caller does not open it.

Work on a task goes one step further than seeing it: :func:`may_work_on` refuses a task that somebody else has
claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import aliased

from server.store.database import transaction
from server.store.instances import ProcessInstance
from server.store.work import UserTask

from .errors import ForbiddenError
from .principal import Principal
from .roles import Reach


def seen_tasks(principal: Principal) -> ColumnElement[bool] | None:
    """The condition on ``user_task`` for reading; None where everything may be read."""
    match principal.reach("user-task", "read"):
        case Reach.EVERYTHING:
            return None
        case Reach.OWN:
            return _own_task(UserTask, principal)
        case _:
            return false()


def seen_of_instances(
    principal: Principal, resource: str, instance_key: ColumnElement[Any], *, action: str = "read"
) -> ColumnElement[bool] | None:
    """The condition on rows of ``resource`` that belong to the instance ``instance_key``.

    None where there is no limit. Rows without an instance (``instance_key`` null) are nobody's own.
    """
    match principal.reach(resource, action):
        case Reach.EVERYTHING:
            return None
        case Reach.OWN:
            instance, task = aliased(ProcessInstance), aliased(UserTask)
            took_part = exists().where(task.instance_key == instance.key, _own_task(task, principal))
            return exists().where(instance.key == instance_key, or_(instance.started_by == principal.name, took_part))
        case _:
            return false()


def require_instance(principal: Principal, resource: str, action: str, instance_key: int) -> None:
    """Raise :class:`ForbiddenError` unless the action is allowed on what belongs to this instance.

    Costs a statement only where the permission is limited to one's own.
    """
    condition = seen_of_instances(principal, resource, ProcessInstance.key, action=action)
    if condition is None:
        return
    statement = select(exists().where(ProcessInstance.key == instance_key, condition))
    with transaction() as connection:
        if not connection.execute(statement).scalar_one():
            raise ForbiddenError(resource, action)


def may_work_on(
    principal: Principal,
    action: str,
    *,
    assignee: str | None,
    candidate_users: Sequence[str],
    candidate_groups: Sequence[str],
) -> None:
    """Raise :class:`ForbiddenError` unless the principal may ``claim`` or ``complete`` such a task.

    Whoever has the permission for everything may. With the permission for one's own, a claimed task is its
    assignee's alone; an unclaimed one is any candidate's.
    """
    permitted = principal.reach("user-task", action)
    if permitted is Reach.EVERYTHING:
        return
    mine = (
        assignee == principal.name
        if assignee is not None
        else _is_candidate(principal, candidate_users, candidate_groups)
    )
    if permitted is Reach.NOTHING or not mine:
        raise ForbiddenError("user-task", action)


def _is_candidate(principal: Principal, users: Sequence[str], groups: Sequence[str]) -> bool:
    return principal.name in users or not set(groups).isdisjoint(principal.groups)


def _own_task(task: Any, principal: Principal) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [
        task.assignee == principal.name,
        task.completed_by == principal.name,
        task.candidate_users.contains([principal.name]),
    ]
    if principal.groups:
        conditions.append(task.candidate_groups.overlap(list(principal.groups)))
    return or_(*conditions)
