"""The one search of the shell: cases, tasks and definitions that a few letters may mean.

Cases are found by the beginning of their business id or of the applicant's name, or by their key; each way follows
an index, looks at :data:`MOST_LOOKED_AT` candidates at most, and keeps those that the reader may see. Tasks are those
of the cases that were found, and among the oldest :data:`MOST_TASKS` of each of the reader's boxes those of that name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.identity.principal import Principal
from server.identity.visibility import seen_of_instances, seen_tasks
from server.runtime.open_incidents import HAS_INCIDENT
from server.store.database import fetch, reading
from server.store.search import Condition, key_of, literally

from .boxes import BOXES, Box, as_reader

MOST_LOOKED_AT = 2_000
MOST_TASKS = 500
_ALL = Condition("true")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: rows of root instances, of user tasks, and of the latest versions of definitions."""

    cases: Sequence[Row[Any]]
    tasks: Sequence[Row[Any]]
    definitions: Sequence[Row[Any]]


def find(principal: Principal, text: str, *, limit: int) -> Found:
    """What a text may mean, at most ``limit`` of each kind."""
    parameters: dict[str, Any] = {
        "beginning": text,
        "behind": f"{text}\U0010ffff",
        "part": f"%{literally(text)}%",
        "wanted_key": key_of(text),
        "limit": limit,
        "looked_at": MOST_LOOKED_AT,
    }
    cases: list[Any] = []
    tasks: list[Any] = []
    definitions: list[Any] = []
    with reading() as connection:
        if principal.may("process-instance", "read"):
            seen = seen_of_instances(principal, "process-instance", "p.key") or _ALL
            statement = _CASES.replace("@seen", seen.sql)
            cases = fetch(connection, statement, {**parameters, **seen.parameters})
        if principal.may("user-task", "read"):
            seen = seen_tasks(principal) or _ALL
            statement = as_reader(_TASKS, principal).replace("@seen", seen.sql)
            known = {"cases": [row.key for row in cases], **parameters, **seen.parameters}
            tasks = fetch(connection, statement, known)
        kinds = [kind for kind, resource in _RESOURCES.items() if principal.may(resource, "read")]
        if kinds:
            definitions = fetch(connection, _DEFINITIONS, {**parameters, "kinds": kinds})
    return Found(cases, tasks, definitions)


_RESOURCES = {"process": "process-definition", "decision": "decision-definition", "form": "form"}
_CANDIDATES = """
    SELECT key FROM process_instance WHERE {column} ~>=~ %(beginning)s AND {column} ~<~ %(behind)s
        AND {column} IS NOT NULL AND parent_key IS NULL LIMIT %(looked_at)s"""
# The operators of the indexes, which compare byte by byte; LIKE with a parameter would find no index.
_CASES = f"""
    SELECT p.key, p.business_id, p.applicant, p.state, p.started_at, p.ended_at, d.process_id,
        {HAS_INCIDENT} AS has_incident, d.name AS process_name, d.version
    FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key
    WHERE p.key = ANY(ARRAY(({_CANDIDATES.format(column="business_id")})
        UNION ({_CANDIDATES.format(column="applicant")}) UNION SELECT %(wanted_key)s::bigint))
      AND @seen
    ORDER BY p.ended_at IS NOT NULL, p.key DESC LIMIT %(limit)s"""  # noqa: S608 - parts of our own
_TASK_COLUMNS = (
    "t.key, t.name, t.element_id, t.state, t.assignee, t.instance_key, t.business_id, t.due_date, t.created_at"
)
_IN_BOX = f"""
    SELECT {_TASK_COLUMNS} FROM (SELECT * FROM user_task t WHERE @box ORDER BY t.created_at, t.key LIMIT {MOST_TASKS}) t
    WHERE t.name ILIKE %(part)s LIMIT %(limit)s"""  # noqa: S608
_TASKS = f"""
    SELECT {_TASK_COLUMNS}, p.applicant FROM (
        (SELECT {_TASK_COLUMNS} FROM user_task t
         WHERE t.instance_key = ANY(%(cases)s::bigint[]) AND t.state = 'CREATED' AND @seen LIMIT %(limit)s)
        UNION ({_IN_BOX.replace("@box", BOXES[Box.ASSIGNED])})
        UNION ({_IN_BOX.replace("@box", BOXES[Box.CLAIMABLE])})
        UNION (SELECT {_TASK_COLUMNS} FROM user_task t WHERE t.key = %(wanted_key)s::bigint AND @seen)) t
    JOIN process_instance p ON p.key = t.instance_key
    ORDER BY t.created_at LIMIT %(limit)s"""  # noqa: S608
_DEFINITIONS = """
    SELECT kind, key, id, name, version, requirements_id FROM (
        SELECT DISTINCT ON (process_id) 'process' AS kind, key, process_id AS id, name, version,
            NULL AS requirements_id
        FROM process_definition ORDER BY process_id, version DESC) latest
    WHERE kind = ANY(%(kinds)s::text[]) AND (id ILIKE %(part)s OR name ILIKE %(part)s)
    UNION ALL
    SELECT kind, key, id, name, version, requirements_id FROM (
        SELECT DISTINCT ON (d.decision_id) 'decision' AS kind, d.key, d.decision_id AS id, d.name, d.version,
            q.requirements_id
        FROM decision_definition d JOIN decision_requirements q ON q.key = d.requirements_key
        ORDER BY d.decision_id, d.version DESC) latest
    WHERE kind = ANY(%(kinds)s::text[]) AND (id ILIKE %(part)s OR name ILIKE %(part)s)
    UNION ALL
    SELECT kind, key, id, NULL, version, NULL FROM (
        SELECT DISTINCT ON (form_id) 'form' AS kind, key, form_id AS id, version
        FROM form_definition ORDER BY form_id, version DESC) latest
    WHERE kind = ANY(%(kinds)s::text[]) AND id ILIKE %(part)s
    ORDER BY kind DESC, id LIMIT %(limit)s"""
