"""User tasks as people see them: claimed, handed over, changed and completed.

Claiming and changing touch nothing but the task's row, in one statement that decides every race. Completing is a
command on the case. A task of a suspended case can be neither claimed nor completed; it can be given to another
person, put back and changed. Four eyes: a task whose header ``lendloom:notBy`` names other elements may be neither
taken nor completed by a person who has completed one of those in the same case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection

from server.calendars import wall_clock
from server.messages import Message
from server.runtime import live, statements
from server.runtime.case import Case
from server.runtime.command import command
from server.runtime.definitions import catalogue
from server.runtime.errors import Conflict, Forbidden, Refused, no_such
from server.runtime.instant import NOW
from server.runtime.stimulus import finish, open_case
from server.store.database import fetch

NOT_BY = "lendloom:notBy"


class Unset(Enum):
    """Tells "leave it as it is" from "make it empty"."""

    UNSET = "unset"


UNSET = Unset.UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What to change about a task; what is unset stays as it is."""

    candidate_users: Sequence[str] | Unset = UNSET
    candidate_groups: Sequence[str] | Unset = UNSET
    due_date: dt.datetime | Unset | None = UNSET
    follow_up_date: dt.datetime | Unset | None = UNSET
    priority: int | Unset = UNSET


@dataclass(frozen=True, slots=True)
class CompletedTask:
    """A task that was completed, with the variables that it gave to the process."""

    key: int
    instance_key: int
    variables: Mapping[str, Any]


def claim(*, task_key: int, actor: str) -> None:
    """Take a task for oneself. Raises :class:`Conflict` that says who has taken it before."""
    assign(task_key=task_key, assignee=actor, actor=actor, allow_override=False, action="claim")


def assign(*, task_key: int, assignee: str, actor: str, allow_override: bool = True, action: str | None = None) -> None:
    """Give a task to a person; without ``allow_override`` only where nobody else has it.

    Raises :class:`NotFound`, :class:`Conflict` and :class:`Forbidden` (four eyes).
    """

    def body(connection: Connection) -> None:
        parameters = {
            "key": task_key,
            "assignee": assignee,
            "override": allow_override,
            "claims": assignee == actor,
            "actor": actor,
            "action": action or "assign",
        }
        rows = fetch(connection, _ASSIGN, parameters)
        if not rows:
            raise why_not(connection, task_key, claimed=assignee == actor)
        _check_four_eyes(connection, assignee, rows[0])
        live.tell([live.Happening("user-task", "assigned", task_key)])

    command(body)


def unassign(*, task_key: int, actor: str, action: str | None = None) -> None:
    """Put a task back for all its candidates. Raises :class:`NotFound` and :class:`Conflict`."""

    def body(connection: Connection) -> None:
        parameters = {"key": task_key, "action": action or "unassign", "actor": actor}
        if not fetch(connection, _UNASSIGN, parameters):
            raise why_not(connection, task_key)
        live.tell([live.Happening("user-task", "unassigned", task_key)])

    command(body)


def update(*, task_key: int, changes: Changes, actor: str, action: str | None = None) -> None:
    """Change candidates, dates or priority of an open task. Raises :class:`NotFound` and :class:`Conflict`."""
    if not isinstance(changes.priority, Unset) and not 0 <= changes.priority <= 100:
        raise Refused(
            Message(
                "task.priority",
                "优先级应为 0 到 100 之间的整数。",
                "The priority must be a whole number from 0 to 100.",
            )
        )
    values: dict[str, Any] = {"key": task_key, "action": action or "update"}
    for name in _CHANGEABLE:
        value = getattr(changes, name)
        is_set = not isinstance(value, Unset)
        values[name] = list(value) if is_set and name in _LISTS else value if is_set else None
        values[f"{name}_set"] = is_set

    def body(connection: Connection) -> None:
        if not fetch(connection, _UPDATE, values):
            raise why_not(connection, task_key)
        live.tell([live.Happening("user-task", "updated", task_key)])

    command(body)


def complete(
    *,
    task_key: int,
    variables: Mapping[str, Any] | None = None,
    actor: str,
    action: str | None = None,
    only_own: bool = False,
) -> CompletedTask:
    """Complete a task with what the person entered, checked against its form where it has one.

    With ``only_own`` a task that another person has taken is refused; systems and substitutes complete for
    others. Raises :class:`NotFound`, :class:`Conflict` (completed or taken away meanwhile), :class:`Forbidden`
    (four eyes, or taken by another) and :class:`Refused` with the errors of the fields.
    """

    def body(connection: Connection) -> CompletedTask:
        opened = open_case(connection, statements.LOCK_USER_TASK, task_key, actor)
        if opened is None:
            raise no_such("任务", "user task", task_key)
        row = opened.row
        if opened.target is None or row.task_state != "CREATED":
            raise why_not(connection, task_key)
        if only_own and row.assignee not in (None, actor):
            raise _taken(task_key, row.assignee)
        _check_four_eyes(connection, actor, row)
        running, case = opened.running, opened.case
        values = dict(variables or {})
        if row.form_key is not None:
            values = _checked(case, task_key, row.form_key, running.execution.variables_of(task_key), values)
        case.rows.task_outcome = {
            "action": action or "complete",
            "guarded": only_own,
            "assignee": row.assignee,
        }
        running.execution.complete_user_task(task_key, values)
        finish(case)
        return CompletedTask(task_key, running.origin.instance_key, values)

    return command(body)


def _checked(
    case: Case, task_key: int, form_key: int, context: Mapping[str, Any], submitted: Mapping[str, Any]
) -> dict[str, Any]:
    """What the form makes of the submitted values. Raises :class:`Refused` with what is wrong, by field."""
    form = catalogue(case.connection).form(case.connection, form_key).form
    submission = form.validate(submitted, context, clock=wall_clock(case.now))
    if submission.errors:
        fields = {error.path: error.message for error in submission.errors}
        first_field, first = next(iter(fields.items()))
        raise Refused(
            Message(
                "task.form",
                f"任务 {task_key} 的表单有 {len(fields)} 处错误；第一处在“{first_field}”：{first.zh}",
                f"The form of task {task_key} has {len(fields)} error(s), the first in '{first_field}': {first.en}",
            ),
            fields=fields,
        )
    return submission.values


def _check_four_eyes(connection: Connection, person: str, task: Any) -> None:
    listed = (task.custom_headers or {}).get(NOT_BY)
    if not listed:
        return
    elements = [name.strip() for name in listed.split(",") if name.strip()]
    parameters = {"root_key": task.root_key, "elements": elements, "person": person}
    done = fetch(connection, _DONE_BY, parameters)
    if done:
        shown = done[0].name or done[0].element_id
        raise Forbidden(
            Message(
                "task.four-eyes",
                f"四眼原则：{person} 已经在本案中完成了“{shown}”，此任务须由他人处理。",
                f"Four eyes: {person} has completed '{shown}' of this case, so another person must do this task.",
                usernames=(person,),
            )
        )


def why_not(connection: Connection, task_key: int, *, claimed: bool = False) -> Exception:
    """Why a task could not be changed: it does not exist, is no longer open, its case is suspended, or someone
    has it."""
    rows = fetch(connection, _NOW, {"key": task_key})
    if not rows:
        return no_such("任务", "user task", task_key)
    task = rows[0]
    if task.state == "CREATED" and task.suspended and claimed:
        return Conflict(
            Message(
                "task.suspended",
                f"任务 {task_key} 所属的流程实例已挂起，暂不能认领；请等待运维人员恢复该实例。",
                f"The process instance of task {task_key} is suspended, so it cannot be claimed now; wait until an "
                "operator resumes the instance.",
            )
        )
    if task.state == "CREATED":
        return _taken(task_key, task.assignee)
    by = f"（{task.completed_by}）" if task.completed_by else ""
    done_zh, done_en = ("完成", "completed") if task.state == "COMPLETED" else ("取消", "taken away")
    return Conflict(
        Message(
            "task.closed",
            f"任务 {task_key} 已被{done_zh}{by}；请刷新任务列表。",
            f"Task {task_key} has been {done_en}{f' by {task.completed_by}' if task.completed_by else ''}; "
            "refresh the task list.",
            usernames=(task.completed_by,) if task.completed_by else (),
        )
    )


def _taken(task_key: int, assignee: str | None) -> Conflict:
    return Conflict(
        Message(
            "task.taken",
            f"任务 {task_key} 已由 {assignee} 认领；请选择其他任务，或请对方放回。",
            f"Task {task_key} has been taken by {assignee}; choose another task, or ask them to put it back.",
            usernames=(assignee,) if assignee else (),
        )
    )


_CHANGEABLE = ("candidate_users", "candidate_groups", "due_date", "follow_up_date", "priority")
_LISTS = frozenset({"candidate_users", "candidate_groups"})
_ASSIGN = f"""
    WITH assigned AS (
        UPDATE user_task SET assignee = %(assignee)s, action = %(action)s, assigned_at = clock_timestamp(),
            assigned_by = %(actor)s
        WHERE key = %(key)s AND state = 'CREATED'
          AND (%(override)s OR assignee IS NULL OR assignee = %(assignee)s)
          AND (suspended IS NOT TRUE OR NOT %(claims)s)
        RETURNING key, instance_key, root_key, custom_headers, assignee),
    noted AS (
        INSERT INTO task_assignment (task_key, instance_key, at, assignee, actor)
        SELECT key, instance_key, {NOW}, assignee, %(actor)s FROM assigned)
    SELECT root_key, custom_headers FROM assigned"""  # noqa: S608 - a part of our own
_UNASSIGN = f"""
    WITH unassigned AS (
        UPDATE user_task SET assignee = NULL, assigned_at = NULL, assigned_by = NULL, action = %(action)s
        WHERE key = %(key)s AND state = 'CREATED' RETURNING key, instance_key),
    noted AS (
        INSERT INTO task_assignment (task_key, instance_key, at, assignee, actor)
        SELECT key, instance_key, {NOW}, NULL, %(actor)s FROM unassigned)
    SELECT key FROM unassigned"""  # noqa: S608 - a part of our own
_UPDATE = f"""
    UPDATE user_task SET action = %(action)s,
        {
    ", ".join(
        f"{name} = CASE WHEN %({name}_set)s THEN %({name})s::{kind} ELSE {name} END"
        for name, kind in zip(_CHANGEABLE, ("text[]", "text[]", "timestamptz", "timestamptz", "int"), strict=True)
    )
}
    WHERE key = %(key)s AND state = 'CREATED' RETURNING key"""  # noqa: S608 - names of our own
_NOW = "SELECT state, assignee, completed_by, suspended FROM user_task WHERE key = %(key)s"
_DONE_BY = """
    SELECT t.element_id, t.name FROM process_instance p JOIN user_task t ON t.instance_key = p.key
    WHERE (p.key = %(root_key)s OR p.root_key = %(root_key)s AND p.parent_key IS NOT NULL)
      AND t.element_id = ANY(%(elements)s::text[]) AND t.state = 'COMPLETED' AND t.completed_by = %(person)s
    LIMIT 1"""
