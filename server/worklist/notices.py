"""Notices: what concerns somebody and happened lately, told from what is there; nothing is stored but how far they
have read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from server.identity.principal import Principal
from server.identity.roles import Reach
from server.runtime.command import command
from server.runtime.instant import NOW
from server.store.database import affect, fetch, reading

from .boxes import BOXES, Box, as_reader

KINDS = ("task-assigned", "task-claimable", "task-overdue", "case-ended", "comment", "incident")
MOST = 50
DAYS = 14
"""Older things are no news."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that concerns the reader: when, about which task, case or incident, and by whom where anybody did it.

    ``title`` is the name of the task or process, the comment's text, or nothing.
    """

    kind: str
    at: dt.datetime
    key: int
    instance_key: int
    business_id: str | None
    applicant: str | None
    title: str | None
    actor: str | None


def latest(principal: Principal) -> tuple[list[Notice], dt.datetime | None]:
    """The newest notices, newest first, and up to when the reader has seen them."""
    parts = []
    if principal.may("user-task", "read"):
        parts += [_ASSIGNED, _CLAIMABLE, _OVERDUE]
    if principal.may("process-instance", "read"):
        parts.append(_ENDED)
    if principal.may("comment", "read") and principal.may("user-task", "read"):
        parts.append(_COMMENTS)
    if principal.reach("incident", "resolve") is Reach.EVERYTHING:
        parts.append(_INCIDENTS)
    with reading() as connection:
        seen = fetch(connection, _SEEN, {"me": principal.name})
        rows = []
        if parts:
            statement = " UNION ALL ".join(f"({part})" for part in parts) + " ORDER BY at DESC, key DESC LIMIT %(most)s"
            rows = fetch(connection, as_reader(statement, principal), {"most": MOST, "days": DAYS})
    return [Notice(*row) for row in rows], seen[0].seen_at if seen else None


def mark_seen(principal: Principal, until: dt.datetime | None) -> None:
    """Remember that everything up to an instant, or until now, has been seen."""
    command(lambda connection: affect(connection, _MARK, {"me": principal.name, "until": until}))


_SEEN = "SELECT seen_at FROM notices_seen WHERE username = %(me)s"
_MARK = f"""
    INSERT INTO notices_seen (username, seen_at) VALUES (%(me)s, coalesce(%(until)s::timestamptz, {NOW}))
    ON CONFLICT (username) DO UPDATE SET seen_at = greatest(notices_seen.seen_at, excluded.seen_at)"""  # noqa: S608
_SINCE = f"{NOW} - %(days)s::int * interval '1 day'"


def _of_tasks(kind: str, at: str, box: Box, condition: str, actor: str) -> str:
    return (
        f"SELECT '{kind}' AS kind, n.at, n.key, n.instance_key, n.business_id, p.applicant, n.title, n.actor"  # noqa: S608
        f" FROM (SELECT {at} AS at, t.key, t.instance_key, t.business_id, coalesce(t.name, t.element_id) AS title,"
        f" {actor} AS actor FROM user_task t WHERE {BOXES[box]} AND {condition} ORDER BY {at} DESC LIMIT %(most)s) n"
        " JOIN process_instance p ON p.key = n.instance_key"
    )


_ASSIGNED = _of_tasks(
    "task-assigned",
    "coalesce(t.assigned_at, t.created_at)",
    Box.ASSIGNED,
    f"t.assigned_by IS DISTINCT FROM @me AND coalesce(t.assigned_at, t.created_at) > {_SINCE}",
    "t.assigned_by",
)
_CLAIMABLE = _of_tasks("task-claimable", "t.created_at", Box.CLAIMABLE, f"t.created_at > {_SINCE}", "NULL::text")
_OVERDUE = _of_tasks(
    "task-overdue", "t.due_date", Box.ASSIGNED, f"t.due_date < {NOW} AND t.due_date > {_SINCE}", "NULL"
)
_ENDED = f"""
    SELECT 'case-ended', p.ended_at, p.key, p.key, p.business_id, p.applicant, coalesce(d.name, d.process_id), p.state
    FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key
    WHERE p.started_by = @me AND p.parent_key IS NULL AND p.ended_at > {_SINCE}
    ORDER BY p.ended_at DESC LIMIT %(most)s"""  # noqa: S608
_COMMENTS = f"""
    SELECT 'comment', c.created_at, c.key, c.instance_key, p.business_id, p.applicant, left(c.text, 200), c.author
    FROM comment c JOIN process_instance p ON p.key = c.instance_key
    WHERE c.author <> @me AND c.created_at > {_SINCE} AND c.instance_key IN (
        SELECT t.instance_key FROM user_task t WHERE {BOXES[Box.ASSIGNED]})
    ORDER BY c.created_at DESC LIMIT %(most)s"""  # noqa: S608
_INCIDENTS = f"""
    SELECT 'incident', i.created_at, i.key, i.instance_key, p.business_id, p.applicant, i.error_type, NULL
    FROM incident i JOIN process_instance p ON p.key = i.instance_key
    WHERE i.state = 'ACTIVE' AND i.created_at > {_SINCE} ORDER BY i.created_at DESC LIMIT %(most)s"""  # noqa: S608
