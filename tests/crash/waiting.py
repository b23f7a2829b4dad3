"""What the active instances wait for, told twice: by their snapshots, and by the rows that would wake them.

An instance is stuck when a token waits for something that no row stands for, or when a row stands for a token that
is no longer there. Both have to be read at one instant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from server.bpmn import DecisionReference, Execution, ExecutionServices, ProcessModel, read_processes
from server.bpmn.activities import UserTask
from server.store.database import decode_json
from tests.installation import Sql

Wait = tuple[str, int, int]
"""What is waited for (task, job, timer, message, signal, call, incident), the instance, the token."""


def stuck(sql: Sql) -> list[str]:
    """What does not fit, in words; empty where every active instance waits for something that can happen."""
    from_snapshots, unread = _told_by_snapshots(sql)
    from_rows = _told_by_rows(sql)
    lonely = from_snapshots - from_rows
    orphaned = from_rows - from_snapshots
    instances = {key for (key,) in sql("SELECT key FROM process_instance WHERE state = 'ACTIVE'")}
    asleep = instances - {instance for _, instance, _ in from_snapshots}
    return [
        *unread,
        *(f"instance {key}: active, and waits for nothing" for key in sorted(asleep)),
        *(f"instance {i}: token {t} waits for a {kind} that has no row" for kind, i, t in sorted(lonely)),
        *(f"instance {i}: there is a {kind} row {t}, and no token waits for it" for kind, i, t in sorted(orphaned)),
    ]


def _told_by_snapshots(sql: Sql) -> tuple[set[Wait], list[str]]:
    model_of = _models(sql)
    waits: set[Wait] = set()
    unread: list[str] = []
    rows = sql(
        "SELECT p.key, p.process_definition_key, s.snapshot, s.variables::text"
        " FROM process_instance p LEFT JOIN instance_state s USING (key) WHERE p.state = 'ACTIVE'"
    )
    for key, definition_key, snapshot, variables in rows:
        if snapshot is None:
            unread.append(f"instance {key}: active, and has no snapshot")
            continue
        execution = Execution.restore(
            model_of(definition_key),
            _SERVICES,
            instance_key=key,
            snapshot=bytes(snapshot),
            variables=decode_json(variables),
        )
        waits |= {(kind, key, token) for kind, token in _waits_of(execution)}
    return waits, unread


def _waits_of(execution: Execution) -> list[tuple[str, int]]:
    found = []
    for token in execution._instance.tasks.values():
        data = token.internal_data
        if token.has_incident:
            found.append(("incident", token.id))
        if isinstance(token.task_spec, UserTask) and data.get("task"):
            found.append(("task", token.id))
        found += [(flag, token.id) for flag in ("job", "call") if data.get(flag)]
        if data.get("wait"):
            found.append((data["wait"], token.id))
    return found


def _models(sql: Sql) -> Callable[[int], ProcessModel]:
    @cache
    def model(definition_key: int) -> ProcessModel:
        process_id, resource, content = sql(
            "SELECT d.process_id, d.resource_name, r.content FROM process_definition d JOIN resource r"
            " USING (content_hash) WHERE d.key = %s",
            definition_key,
        )[0]
        found = read_processes(bytes(content), resource=resource)
        return next(each for each in found if each.process_id == process_id)

    return model


def _told_by_rows(sql: Sql) -> set[Wait]:
    statements = {
        "task": "SELECT instance_key, key FROM user_task WHERE state = 'CREATED'",
        "job": "SELECT instance_key, key FROM job WHERE ended_at IS NULL",
        "timer": "SELECT instance_key, key FROM timer WHERE instance_key IS NOT NULL",
        "call": "SELECT parent_key, parent_element_instance_key FROM process_instance"
        " WHERE state = 'ACTIVE' AND parent_key IS NOT NULL",
        "incident": "SELECT instance_key, element_instance_key FROM incident WHERE state = 'ACTIVE'",
    }
    waits = {(kind, *row) for kind, statement in statements.items() for row in sql(statement)}
    subscriptions = "SELECT kind, instance_key, key FROM event_subscription WHERE instance_key IS NOT NULL"
    return waits | set(sql(subscriptions))  # type: ignore[return-value]


def _nothing(*_: object) -> NoReturn:
    raise AssertionError("looking at a snapshot takes no step")


def _no_decision(_reference: DecisionReference, _variables: Any) -> Any:
    _nothing()


_SERVICES = ExecutionServices(next_key=_nothing, now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), decide=_no_decision)
