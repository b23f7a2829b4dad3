"""The timeline of a case: one list of what has happened, in its order, and at its end what is due."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from server.runtime.case_history import CaseHistory

from .fields import Instant, Key, Listed, OneOf, Text, Variables, document, maybe
from .problems import in_language

KINDS = (
    "instance-started",
    "instance-ended",
    "element",
    "user-task",
    "decision",
    "incident",
    "incident-resolved",
    "comment",
    "operation",
    "timer-due",
)
TimelineEntry = document(
    "TimelineEntry",
    {
        "date": Instant(required=True),
        "kind": OneOf(*KINDS, required=True),
        "processInstanceKey": Key(required=True),
        "endDate": maybe(Instant()),
        "elementInstanceKey": maybe(Key()),
        "elementId": maybe(Text()),
        "elementName": maybe(Text()),
        "elementType": maybe(Text()),
        "state": maybe(Text()),
        "actor": maybe(Text(metadata={"description": "Who did it, or whose command ended the element"})),
        "userTaskKey": maybe(Key()),
        "assignee": maybe(Text()),
        "candidateGroups": Listed(Text()),
        "dueDate": maybe(Instant()),
        "action": maybe(Text()),
        "decisionEvaluationKeys": Listed(Key(), metadata={"description": "Of the decisions that the element took"}),
        "incidentKey": maybe(Key()),
        "commentKey": maybe(Key()),
        "operationType": maybe(Text()),
        "text": maybe(Text(metadata={"description": "Of a comment or an incident, or the reason of an operation"})),
        "details": Variables(),
    },
)


def timeline(case: CaseHistory) -> list[dict[str, Any]]:
    """The entries of a case, oldest first; of the same moment in the order of their keys."""
    entries = [*_instances(case), *_elements(case), *_incidents(case), *_remarks(case), *_timers(case)]
    return [entry for _, _, entry in sorted(entries, key=lambda one: one[:2])]


_Entry = tuple[dt.datetime, int, dict[str, Any]]


def _instances(case: CaseHistory) -> Iterator[_Entry]:
    for row in case.instances:
        known = {"processInstanceKey": str(row.key), "elementId": row.process_id, "elementName": row.process_name}
        started = {"kind": "instance-started", "date": row.started_at, "actor": row.started_by, **known}
        yield row.started_at, row.key, started
        if row.ended_at is not None:
            ended = {"kind": "instance-ended", "date": row.ended_at, "state": row.state, "text": row.end_reason}
            # Of the same moment: what was called ends before who called it, and after all that happened in it.
            yield row.ended_at, 2**63 - row.key, {**ended, **known}


def _elements(case: CaseHistory) -> Iterator[_Entry]:
    tasks = {row.key: row for row in case.tasks}
    decisions: defaultdict[int, list[str]] = defaultdict(list)
    for decision in case.decisions:
        decisions[decision.element_instance_key].append(str(decision.key))
    for row in case.elements:
        if row.element_type == "PROCESS":
            continue
        entry: dict[str, Any] = {
            "kind": "decision" if row.key in decisions else "element",
            "date": row.started_at,
            "endDate": row.ended_at,
            "processInstanceKey": str(row.instance_key),
            "elementInstanceKey": str(row.key),
            "elementId": row.element_id,
            "elementName": case.names.get((row.process_definition_key, row.element_id), row.element_id),
            "elementType": row.element_type,
            "state": row.state,
            "actor": row.actor,
        }
        if row.key in decisions:
            entry["decisionEvaluationKeys"] = decisions[row.key]
        if row.element_type == "USER_TASK":
            entry |= {"kind": "user-task", "userTaskKey": str(row.key)}
        task = tasks.get(row.key)
        if task is not None:
            entry |= {
                "elementName": task.name or entry["elementName"],
                "assignee": task.assignee,
                "candidateGroups": task.candidate_groups,
                "dueDate": task.due_date,
                "action": task.action,
            }
        yield row.started_at, row.key, entry


def _incidents(case: CaseHistory) -> Iterator[_Entry]:
    for row in case.incidents:
        known = {
            "processInstanceKey": str(row.instance_key),
            "elementInstanceKey": str(row.element_instance_key),
            "elementId": row.element_id,
            "elementName": case.names.get((row.process_definition_key, row.element_id), row.element_id),
            "incidentKey": str(row.key),
        }
        text = in_language(row.message_en, row.message_zh)
        yield row.created_at, row.key, {"kind": "incident", "date": row.created_at, "text": text, **known}
        if row.resolved_at is not None:
            resolved = {"kind": "incident-resolved", "date": row.resolved_at, "actor": row.resolved_by, **known}
            yield row.resolved_at, row.key, resolved


def _remarks(case: CaseHistory) -> Iterator[_Entry]:
    for row in case.comments:
        comment = {
            "kind": "comment",
            "date": row.created_at,
            "processInstanceKey": str(row.instance_key),
            "actor": row.author,
            "text": row.text,
            "commentKey": str(row.key),
            "userTaskKey": None if row.task_key is None else str(row.task_key),
        }
        yield row.created_at, row.key, comment
    for row in case.operations:
        operation = {
            "kind": "operation",
            "date": row.at,
            "processInstanceKey": str(row.subject_key),
            "actor": row.actor,
            "operationType": row.type,
            "text": row.reason,
            "details": row.details,
        }
        yield row.at, row.key, operation


def _timers(case: CaseHistory) -> Iterator[_Entry]:
    for row in case.timers:
        due = {
            "kind": "timer-due",
            "date": row.due_at,
            "processInstanceKey": str(row.instance_key),
            "elementInstanceKey": str(row.key),
            "elementId": row.element_id,
            "elementName": case.names.get((row.process_definition_key, row.element_id), row.element_id),
        }
        yield row.due_at, row.key + 2**62, due
