"""What people have entered into a task's form and not yet sent: kept on the server, one draft a person and task.

A draft can be kept as long as the task is open; it is dropped with the command that ends the task.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.runtime.command import command
from server.runtime.instant import NOW
from server.store.database import affect, encode_json, fetch, reading

from .user_tasks import why_not


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A draft: the values of the form's fields by name, and when it was kept."""

    variables: Mapping[str, Any]
    saved_at: dt.datetime


def read(*, task_key: int, person: str) -> TaskDraft | None:
    """Somebody's draft of a task, or None."""
    with reading() as connection:
        rows = fetch(connection, _READ, {"key": task_key, "person": person})
    return TaskDraft(*rows[0]) if rows else None


def save(*, task_key: int, person: str, variables: Mapping[str, Any]) -> TaskDraft:
    """Keep a draft in place of the one before.

    Raises :class:`NotFound`, and :class:`Conflict` where the task is no longer open.
    """
    values = {"key": task_key, "person": person, "variables": encode_json(variables)}

    def body(connection: Connection) -> TaskDraft:
        rows = fetch(connection, _SAVE, values)
        if not rows:
            raise why_not(connection, task_key)
        return TaskDraft(variables, rows[0].saved_at)

    return command(body)


def discard(*, task_key: int, person: str) -> None:
    """Drop somebody's draft, if there is one."""
    command(lambda connection: affect(connection, _DISCARD, {"key": task_key, "person": person}))


_READ = "SELECT variables, saved_at FROM user_task_draft WHERE task_key = %(key)s AND username = %(person)s"
# The task's row is locked so that it does not end in between.
_SAVE = f"""
    WITH open_task AS (SELECT key FROM user_task WHERE key = %(key)s AND state = 'CREATED' FOR SHARE)
    INSERT INTO user_task_draft (task_key, username, variables, saved_at)
    SELECT key, %(person)s, %(variables)s::jsonb, {NOW} FROM open_task
    ON CONFLICT (task_key, username) DO UPDATE SET variables = excluded.variables, saved_at = excluded.saved_at
    RETURNING saved_at"""  # noqa: S608 - parts of our own
_DISCARD = "DELETE FROM user_task_draft WHERE task_key = %(key)s AND username = %(person)s"
