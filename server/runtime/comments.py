"""Comments: what people say about a case, for those who work on it after them. Nobody changes one afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from server.store.database import fetch
from server.store.keys import keys

from . import live
from .command import command
from .errors import no_such
from .instant import NOW

LONGEST = 4_000


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on an instance, and on one of its tasks where it names one."""

    key: int
    instance_key: int
    root_key: int
    task_key: int | None
    author: str
    text: str
    created_at: dt.datetime


def add(*, instance_key: int, task_key: int | None, author: str, text: str) -> Comment:
    """Add a comment. Raises :class:`NotFound` where there is no such instance, or no such task in it."""

    def body(connection: Connection) -> Comment:
        key = keys.next(connection)
        row = {
            "key": key,
            "instance": instance_key,
            "task": task_key,
            "author": author,
            "text": text,
        }
        rows = fetch(connection, _ADD, row)
        if not rows:
            raise (
                no_such("流程实例", "process instance", instance_key)
                if task_key is None
                else no_such("任务", "user task", task_key)
            )
        live.tell([live.Happening("comment", "created", key, instance_key)])
        return Comment(*rows[0])

    return command(body)


_ADD = f"""
    INSERT INTO comment (key, instance_key, root_key, task_key, author, text, created_at)
    SELECT %(key)s, p.key, p.root_key, %(task)s::bigint, %(author)s, %(text)s, {NOW}
    FROM process_instance p
    WHERE p.key = %(instance)s AND (%(task)s::bigint IS NULL OR EXISTS (
        SELECT 1 FROM user_task t WHERE t.key = %(task)s AND t.instance_key = p.key))
    RETURNING key, instance_key, root_key, task_key, author, text, created_at"""  # noqa: S608 - parts of our own
