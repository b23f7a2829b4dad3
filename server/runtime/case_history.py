"""A case as it is read: a root instance, everything it called, and what has happened to them, in a fixed number of
statements however many there are of each.

Nothing here asks who reads: the caller gives the condition on instances, and leaves out what the reader may not see.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.bpmn.outlook import ExpectedStep, expected_steps
from server.store.database import encode_json, fetch, reading
from server.store.search import Condition

from .definitions import catalogue
from .open_incidents import HAS_INCIDENT

MOST_ELEMENTS = 2_000
MOST_OF_A_KIND = 500
_ABSENT = object()

Found = Row[Any]


@dataclass(frozen=True, slots=True)
class CaseHistory:
    """The rows of a case by kind; see the statements below for their columns.

    ``is_whole`` is false where there are more elements than :data:`MOST_ELEMENTS`, or of another kind more than
    :data:`MOST_OF_A_KIND`: then the oldest are left out (of timers the last to fall due).
    """

    root_key: int
    instances: Sequence[Found]
    elements: Sequence[Found]
    is_whole: bool
    tasks: Sequence[Found]
    decisions: Sequence[Found]
    incidents: Sequence[Found]
    jobs: Sequence[Found]
    timers: Sequence[Found]
    subscriptions: Sequence[Found]
    messages: Sequence[Found]
    comments: Sequence[Found]
    operations: Sequence[Found]
    expected: Sequence[tuple[Found, ExpectedStep]]
    names: Mapping[tuple[int, str], str]


@dataclass(frozen=True, slots=True)
class VariableChange:
    """A variable that got another value, at the end of an element or with the start; ``old`` may be absent."""

    name: str
    scope_key: int
    instance_key: int
    old: Any
    new: Any
    at: dt.datetime
    element_instance_key: int | None
    element_id: str | None
    actor: str | None
    reason: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether the variable had no value before, as far as the history knows."""
        return self.old is _ABSENT


def roots_of(business_id: str, seen: Condition | None) -> list[Found]:
    """The root instances of a business id that may be seen, newest first."""
    condition = Condition("true") if seen is None else seen
    with reading() as connection:
        statement = _ROOTS.format(condition=condition.sql)
        return fetch(connection, statement, {**condition.parameters, "business_id": business_id})


def read_case(
    key: int, *, seen: Condition | None, tasks_seen: Condition | None, kinds: frozenset[str]
) -> CaseHistory | None:
    """The case that an instance belongs to, or None where nothing of it may be seen.

    ``seen`` is a condition on the alias p of ``process_instance``, ``tasks_seen`` one on the alias t of
    ``user_task``; ``kinds`` are those of :data:`KINDS` that the reader may see, the others are empty.
    """
    with reading() as connection:
        instances = _select(connection, _INSTANCES, {"key": key}, seen)
        if not any(row.key == key for row in instances):
            return None
        own = {"keys": [row.key for row in instances], "root": instances[0].root_key, "most": MOST_OF_A_KIND + 1}
        elements: list[Found] = []
        if "elements" in kinds:
            elements = fetch(connection, _ELEMENTS, {**own, "most": MOST_ELEMENTS + 1})
        found = {kind: fetch(connection, statement, own) if kind in kinds else [] for kind, statement in KINDS.items()}
        tasks = _select(connection, _TASKS, own, tasks_seen) if "tasks" in kinds else []
        most = max(map(len, (tasks, *found.values())))
        shown = _in_order(elements[:MOST_ELEMENTS])
        names, expected = _of_models(connection, instances, shown)
    return CaseHistory(
        root_key=instances[0].root_key,
        instances=instances,
        elements=shown,
        is_whole=len(elements) <= MOST_ELEMENTS and most <= MOST_OF_A_KIND,
        tasks=_in_order(tasks[:MOST_OF_A_KIND]),
        expected=expected,
        names=names,
        **{kind: _shown(kind, rows[:MOST_OF_A_KIND]) for kind, rows in found.items()},
    )


def variable_history(instance_key: int) -> list[VariableChange]:
    """Every change of the variables of an instance that its history tells of, oldest first: the start's, those of
    elements, and those that operators made. A name that several scopes have is told as one variable."""
    with reading() as connection:
        rows = fetch(connection, _CHANGES, {"key": instance_key})
    changes: list[VariableChange] = []
    values: dict[str, Any] = {}
    for row in rows:
        # What a called instance was given is known from what was there when an operator changed it.
        before = {**values, **(row.before or {})}
        for name, value in (row.changes or {}).items():
            old = before.get(name, _ABSENT)
            if old is _ABSENT or old != value:
                changes.append(
                    VariableChange(
                        name,
                        row.scope_key,
                        instance_key,
                        old,
                        value,
                        row.at,
                        row.key,
                        row.element_id,
                        row.actor,
                        row.reason,
                    )
                )
            values[name] = value
    return changes


def as_text(value: Any) -> str:
    """A variable's value as JSON text."""
    return encode_json(value)


def _of_models(
    connection: Connection, instances: Iterable[Found], elements: Sequence[Found]
) -> tuple[dict[tuple[int, str], str], list[tuple[Found, ExpectedStep]]]:
    """The names of elements by definition and id, and what may come next in the instances that go on."""
    definitions = catalogue(connection)
    names: dict[tuple[int, str], str] = {}
    expected: list[tuple[Found, ExpectedStep]] = []
    active: dict[int, list[str]] = {}
    for row in elements:
        if row.state == "ACTIVE" and row.element_type != "PROCESS":
            active.setdefault(row.instance_key, []).append(row.element_id)
    for instance in instances:
        key = instance.process_definition_key
        model = definitions.process(connection, key).model
        if (key, model.process_id) not in names:
            names[key, model.process_id] = model.name or model.process_id
            names.update({(key, e.id): e.name or e.id for e in model.elements.values()})
        if instance.ended_at is None:
            expected += [(instance, step) for step in expected_steps(model, active.get(instance.key, ()))]
    return names, expected


def _shown(kind: str, rows: Sequence[Found]) -> Sequence[Found]:
    return rows if kind in _AS_READ else _in_order(rows)


def _in_order(newest_first: Sequence[Found]) -> list[Found]:
    return sorted(newest_first, key=lambda row: row.key)


def _select(
    connection: Connection, statement: str, parameters: Mapping[str, Any], condition: Condition | None
) -> list[Found]:
    limit = Condition("true") if condition is None else condition
    return fetch(connection, statement.format(condition=limit.sql), {**limit.parameters, **parameters})


_DEFINITION = "d.process_id, d.name AS process_name, d.version, d.version_tag"
_ROOTS = """
    SELECT p.key, p.state, p.started_at FROM process_instance p
    WHERE p.business_id = %(business_id)s AND p.parent_key IS NULL AND {condition} ORDER BY p.key DESC LIMIT 50"""
_INSTANCES = (
    f"SELECT p.*, {_DEFINITION}, s.flows, {HAS_INCIDENT} AS has_incident"  # noqa: S608 - parts of our own
    """
    FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key
    JOIN instance_state s ON s.key = p.key
    JOIN (SELECT root_key AS key FROM process_instance WHERE key = %(key)s) r
      ON p.key = r.key OR (p.root_key = r.key AND p.parent_key IS NOT NULL)
    WHERE {condition} ORDER BY p.key"""
)
_ELEMENTS = """
    SELECT e.key, e.instance_key, e.process_definition_key, e.scope_key, e.element_id, e.element_type, e.state,
        e.started_at, e.ended_at, e.actor
    FROM element_instance e WHERE e.instance_key = ANY(%(keys)s::bigint[]) ORDER BY e.key DESC LIMIT %(most)s"""
_TASKS = """
    SELECT t.*, d.process_id, d.version, d.name AS process_name, p.tags, p.applicant, p.started_by
    FROM user_task t JOIN process_definition d ON d.key = t.process_definition_key
    JOIN process_instance p ON p.key = t.instance_key
    WHERE t.instance_key = ANY(%(keys)s::bigint[]) AND {condition} ORDER BY t.key DESC LIMIT %(most)s"""
KINDS: Mapping[str, str] = {
    "decisions": """
        SELECT i.key, i.instance_key, i.element_instance_key, i.evaluated_at, i.state, i.failure, i.failure_zh,
            i.decision_definition_key, d.decision_id, d.name, d.version, i.trace->'output' AS output
        FROM decision_instance i LEFT JOIN decision_definition d ON d.key = i.decision_definition_key
        WHERE i.instance_key = ANY(%(keys)s::bigint[]) ORDER BY i.key DESC LIMIT %(most)s""",
    "incidents": """
        SELECT i.*, d.process_id FROM incident i JOIN process_definition d ON d.key = i.process_definition_key
        WHERE i.instance_key = ANY(%(keys)s::bigint[]) ORDER BY i.key DESC LIMIT %(most)s""",
    "jobs": """
        SELECT j.* FROM job j WHERE j.instance_key = ANY(%(keys)s::bigint[]) ORDER BY j.key DESC LIMIT %(most)s""",
    "timers": """
        SELECT t.*, d.process_id FROM timer t JOIN process_definition d ON d.key = t.process_definition_key
        WHERE t.instance_key = ANY(%(keys)s::bigint[]) ORDER BY t.due_at, t.key LIMIT %(most)s""",
    "subscriptions": """
        SELECT s.*, d.process_id, d.name AS process_name, d.version FROM event_subscription s
        JOIN process_definition d ON d.key = s.process_definition_key
        WHERE s.instance_key = ANY(%(keys)s::bigint[]) ORDER BY s.key DESC LIMIT %(most)s""",
    "messages": """
        SELECT DISTINCT m.* FROM message m JOIN event_subscription s
          ON s.kind = 'message' AND s.name = m.name AND s.correlation_key = m.correlation_key
        WHERE s.instance_key = ANY(%(keys)s::bigint[]) ORDER BY m.key DESC LIMIT %(most)s""",
    "comments": """
        SELECT c.* FROM comment c WHERE c.root_key = %(root)s AND c.instance_key = ANY(%(keys)s::bigint[])
        ORDER BY c.key DESC LIMIT %(most)s""",
    "operations": """
        SELECT o.* FROM operation_record o WHERE o.subject_key = ANY(%(keys)s::bigint[])
        ORDER BY o.key DESC LIMIT %(most)s""",
}
"""What is read beside instances, elements and tasks, by kind; the newest first."""
_AS_READ = frozenset({"jobs", "timers"})
"""Kinds that are shown as they are read: the newest jobs first, timers as they fall due."""
_CHANGES = """
    SELECT started_at AS at, 0 AS turn, %(key)s::bigint AS scope_key, NULL::bigint AS key, NULL AS element_id,
        started_by AS actor, NULL AS reason, start_variables AS changes,
        NULL::jsonb AS before
    FROM process_instance WHERE key = %(key)s
    UNION ALL
    SELECT ended_at, key, scope_key, key, element_id, actor, NULL, changes, NULL FROM element_instance
    WHERE instance_key = %(key)s AND changes IS NOT NULL
    UNION ALL
    SELECT at, key, (details->>'scopeKey')::bigint, NULL, NULL, actor, reason, details->'variables', details->'before'
    FROM operation_record WHERE subject_key = %(key)s AND type = 'UPDATE_VARIABLES' AND details ? 'variables'
    ORDER BY at, turn"""
