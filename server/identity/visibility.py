"""Which rows are somebody's *own*: conditions that a search or a command adds to its statement.

A role may allow an action only on one's own rows (see :mod:`server.identity.roles`):

- One's own **user tasks** are those one is the assignee of, a candidate for (by name or by one of one's groups),
  or has completed.
- One's own **process instances** are those one has started and those that have a user task of one's own. What
  belongs to an instance (element instances, variables, decisions, incidents) is seen with it. A called instance
  is an instance of its own: taking part in the caller does not open it.

- One's own **documents** are those one has uploaded, and those that say they belong to an instance of one's own.
- One's own **batches of decisions** are those one has handed in.

Work on a task goes one step further than seeing it: :func:`may_work_on` refuses a task that somebody else has
claimed.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.store.database import fetch, transaction
from server.store.search import Condition

from .errors import ForbiddenError
from .principal import Principal
from .roles import Reach

_NOTHING = Condition("false")


def seen_tasks(principal: Principal, task: str = "t") -> Condition | None:
    """The condition on the alias ``task`` of ``user_task`` for reading; None where everything may be read."""
    return _limited(principal, principal.reach("user-task", "read"), _own_task(task))


def seen_of_instances(
    principal: Principal, resource: str, instance_key: str, *, action: str = "read"
) -> Condition | None:
    """The condition on rows of ``resource`` that belong to the instance in the column ``instance_key``.

    None where there is no limit. Rows without an instance (``instance_key`` null) are nobody's own.
    """
    own = (
        "EXISTS (SELECT 1 FROM process_instance own_instance"  # noqa: S608 - names of our own
        f" WHERE own_instance.key = {instance_key} AND (own_instance.started_by = %(own_name)s"
        " OR EXISTS (SELECT 1 FROM user_task own_task"
        # With OFFSET it stays a question about one instance; without, all tasks are read to answer it for all.
        f" WHERE own_task.instance_key = own_instance.key AND {_own_task('own_task')} OFFSET 0)))"
    )
    return _limited(principal, principal.reach(resource, action), own)


def own_batches(principal: Principal, batch: str = "b", *, action: str = "read") -> Condition | None:
    """The condition on the alias ``batch`` of ``decision_batch``; None where all may be had."""
    return _limited(principal, principal.reach("decision-batch", action), f"{batch}.created_by = %(own_name)s")


def seen_documents(principal: Principal, document: str = "d", *, action: str = "read") -> Condition | None:
    """The condition on the alias ``document`` of ``document``: one's own, and those of one's own instances."""
    within = seen_of_instances(principal, "document", f"{document}.process_instance_key", action=action)
    if within is None or within is _NOTHING:
        return within
    return Condition(f"{document}.created_by = %(own_name)s OR {within.sql}", within.parameters)


def require_instance(principal: Principal, resource: str, action: str, instance_key: int) -> None:
    """Raise :class:`ForbiddenError` unless the action is allowed on what belongs to this instance.

    Costs a statement only where the permission is limited to one's own.
    """
    condition = seen_of_instances(principal, resource, "%(own_key)s::bigint", action=action)
    if condition is None:
        return
    with transaction() as connection:
        parameters = {**condition.parameters, "own_key": instance_key}
        if not fetch(connection, f"SELECT 1 WHERE {condition.sql}", parameters):
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
    if assignee is not None:
        mine = assignee == principal.name
    else:
        mine = principal.name in candidate_users or not set(candidate_groups).isdisjoint(principal.groups)
    if permitted is Reach.NOTHING or not mine:
        raise ForbiddenError("user-task", action)


def _own_task(task: str) -> str:
    return (
        f"({task}.assignee = %(own_name)s OR {task}.completed_by = %(own_name)s"
        f" OR {task}.candidate_groups && %(own_groups)s::text[]"
        f" OR {task}.candidate_users @> ARRAY[%(own_name)s]::text[])"
    )


def _limited(principal: Principal, reach: Reach, own: str) -> Condition | None:
    match reach:
        case Reach.EVERYTHING:
            return None
        case Reach.OWN:
            return Condition(own, {"own_name": principal.name, "own_groups": list(principal.groups)})
        case _:
            return _NOTHING
