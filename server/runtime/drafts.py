"""Files that designers work on before they deploy them: kept on the server, with a revision that guards every change.

A change names the revision that it was made on; where somebody else has changed the draft meanwhile it is refused,
and nobody's work is overwritten unseen. Earlier contents are kept, the last :data:`REVISIONS_KEPT`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from server.messages import Message
from server.store.database import affect, fetch
from server.store.keys import keys

from . import live
from .command import command
from .errors import Conflict, no_such
from .instant import NOW

KINDS = ("bpmn", "dmn", "form", "scenario")
REVISIONS_KEPT = 20


def create(*, actor: str, values: Mapping[str, Any]) -> int:
    """Keep a new draft and return its key. ``values`` are the columns name, kind, content, definition_id, base_key and
    shared."""

    def body(connection: Connection) -> int:
        key = keys.next(connection)
        affect(connection, _CREATE, {**values, "key": key, "actor": actor})
        affect(connection, _REMEMBER, {"key": key, "kept": REVISIONS_KEPT})
        live.tell([live.Happening("draft", "saved", key)])
        return key

    return command(body)


def change(*, key: int, revision: int, actor: str, values: Mapping[str, Any]) -> int:
    """Change a draft that is at ``revision``; what ``values`` leaves out stays. Returns the new revision.

    Raises :class:`NotFound`, and :class:`Conflict` where somebody has changed it meanwhile. Which version it was begun
    from, or published as, is no change of what people work on: the revision stays.
    """
    given = {name: values.get(name) for name in ("name", "content", "definition_id", "base_key", "shared")}
    edits = int(not values.keys() <= {"definition_id", "base_key"})

    def body(connection: Connection) -> int:
        rows = fetch(connection, _CHANGE, {**given, "key": key, "revision": revision, "edits": edits, "actor": actor})
        if not rows:
            raise _overtaken(_current(connection, key, actor), revision)
        if "content" in values:
            affect(connection, _REMEMBER, {"key": key, "kept": REVISIONS_KEPT})
        live.tell([live.Happening("draft", "saved", key)])
        changed: int = rows[0].revision
        return changed

    return command(body)


def delete(*, key: int, revision: int | None, actor: str) -> None:
    """Delete a draft, where ``revision`` is given only at that one.

    Raises :class:`NotFound`, and :class:`Conflict` where somebody has changed it meanwhile.
    """

    def body(connection: Connection) -> None:
        if not affect(connection, _DELETE, {"key": key, "revision": revision, "actor": actor}):
            raise _overtaken(_current(connection, key, actor), revision or 0)
        live.tell([live.Happening("draft", "deleted", key)])

    command(body)


def drop_task_drafts(connection: Connection) -> int:
    """Drop drafts of tasks that ended at the very moment they were kept; returns how many."""
    return affect(connection, _LEFT_BEHIND)


def _current(connection: Connection, key: int, actor: str) -> Row[Any]:
    rows = fetch(connection, _CURRENT, {"key": key, "actor": actor})
    if not rows:
        raise no_such("草稿", "draft", key)
    row: Row[Any] = rows[0]
    return row


def _overtaken(row: Row[Any], revision: int) -> Conflict:
    return Conflict(
        Message(
            "draft.overtaken",
            f"草稿“{row.name}”已被 {row.changed_by} 修改（现为第 {row.revision} 版，您基于第 {revision} 版）；"
            "请打开最新版，比较后再保存。",
            f"The draft '{row.name}' has been changed by {row.changed_by} (it is at revision {row.revision}, yours "
            f"began at {revision}); open the newest one, compare, then save again.",
            usernames=(row.changed_by,),
        )
    )


_MINE = "(shared OR owner = %(actor)s)"
_CREATE = f"""
    INSERT INTO draft (key, name, kind, definition_id, base_key, content, revision, shared, owner, created_at,
        changed_at, changed_by)
    VALUES (%(key)s, %(name)s, %(kind)s, %(definition_id)s, %(base_key)s, %(content)s, 1, %(shared)s, %(actor)s,
        {NOW}, {NOW}, %(actor)s)"""  # noqa: S608 - parts of our own
_CHANGE = f"""
    UPDATE draft SET name = coalesce(%(name)s, name), content = coalesce(%(content)s, content),
        definition_id = coalesce(%(definition_id)s, definition_id), base_key = coalesce(%(base_key)s::bigint, base_key),
        shared = coalesce(%(shared)s::boolean, shared), revision = revision + %(edits)s,
        changed_at = CASE WHEN %(edits)s = 0 THEN changed_at ELSE {NOW} END,
        changed_by = CASE WHEN %(edits)s = 0 THEN changed_by ELSE %(actor)s END
    WHERE key = %(key)s AND revision = %(revision)s AND {_MINE} RETURNING revision"""  # noqa: S608
_DELETE = f"""
    DELETE FROM draft WHERE key = %(key)s AND revision = coalesce(%(revision)s::int, revision) AND {_MINE}"""  # noqa: S608
_CURRENT = f"SELECT name, revision, changed_by FROM draft WHERE key = %(key)s AND {_MINE}"  # noqa: S608
_REMEMBER = """
    WITH kept AS (
        INSERT INTO draft_revision (draft_key, revision, content, saved_at, saved_by)
        SELECT key, revision, content, changed_at, changed_by FROM draft WHERE key = %(key)s RETURNING revision)
    DELETE FROM draft_revision r USING kept WHERE r.draft_key = %(key)s AND r.revision <= kept.revision - %(kept)s"""
_LEFT_BEHIND = """
    DELETE FROM user_task_draft d USING user_task t WHERE t.key = d.task_key AND t.state <> 'CREATED'"""
