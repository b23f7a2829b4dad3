"""Recording a case as a scenario: its history read from the database, with the versions that it ran on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection

from server.bpmn.event_description import describe_event
from server.messages import LendloomError, Message
from server.scenarios import read_definitions
from server.scenarios.history import (
    History,
    PastAssignment,
    PastElement,
    PastIncident,
    PastJob,
    PastRepair,
    PastTask,
)
from server.scenarios.recorded_repairs import MIGRATE, RECORDED
from server.scenarios.recording import Recording, record
from server.store.database import fetch, transaction

from .definitions import ProcessVersion, catalogue
from .errors import Conflict, Refused, no_such

_WORD = re.compile(r"[\w.@-]+")


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """A recorded scenario, and the files that it runs with, by name, as they were deployed."""

    process_id: str
    recording: Recording
    resources: tuple[tuple[str, bytes], ...]


def instances_of(root_key: int) -> list[int]:
    """The keys of a root instance and of all that it called."""
    with transaction() as connection:
        return [row.key for row in fetch(connection, _INSTANCES, {"root": root_key})]


def inner_parts(name: str) -> tuple[str, ...]:
    """The parts of a deployed file's name that lead into a folder and never out of it."""
    return tuple(part for part in PurePosixPath(name).parts if part not in ("/", "..")) or ("unnamed",)


def record_instance(root_key: int, *, folder: str = "") -> RecordedCase:
    """Record a root instance with all that it called; personal data are replaced by pseudonyms.

    The scenario names its files as they were deployed, or in the ``folder`` beside it where one is given.

    Raises :class:`NotFound`, :class:`Refused` for a called instance, and :class:`Conflict` where the case ran on
    two versions of one definition, which no scenario can.
    """
    with transaction() as connection:
        reader = _Reader(connection, root_key)
        history = reader.history()
        resources = reader.resources()
    try:
        definitions = read_definitions(resources)
    except LendloomError as error:
        raise Conflict(error.message) from error
    names = ["/".join((folder, *inner_parts(name))) if folder else name for name, _ in resources]
    return RecordedCase(history.process_id, record(history, definitions, names), tuple(resources))


class _Reader:
    """One case in the database."""

    def __init__(self, connection: Connection, root_key: int) -> None:
        self._connection = connection
        found = fetch(connection, _ROOT, {"root": root_key})
        if not found:
            raise no_such("流程实例", "process instance", root_key)
        self._root = found[0]
        if self._root.parent_key is not None:
            raise Refused(
                Message(
                    "recording.called",
                    f"流程实例 {root_key} 是被调用的；请录制根实例 {self._root.root_key}。",
                    f"Process instance {root_key} was called; record the root instance {self._root.root_key}.",
                )
            )
        instances = fetch(connection, _INSTANCES, {"root": root_key})
        self._keys = [row.key for row in instances]
        versions = catalogue(connection)
        self._versions: dict[int, ProcessVersion] = {
            row.key: versions.process(connection, row.process_definition_key) for row in instances
        }
        self._elements = self._rows(_ELEMENTS)
        self._delivered = {row.key: row.received or row.changes for row in self._elements}

    def history(self) -> History:
        root = self._root
        incidents, repairs = self._rows(_INCIDENTS), self._rows(_REPAIRS)
        repaired = {(row.subject_key, row.at) for row in repairs}
        ended = {row.key: row.ended_at for row in self._elements}
        return History(
            key=root.key,
            process_id=self._versions[root.key].process_id,
            state=root.state,
            started_at=root.started_at,
            ended_at=root.ended_at,
            started_with=self._started_with(),
            start_element=self._start_element(),
            variables=root.variables.get("", {}),
            open_incidents=sum(row.state == "ACTIVE" for row in incidents),
            elements=tuple(self._element(row) for row in self._elements),
            tasks=tuple(self._tasks()),
            jobs=tuple(self._job(row) for row in self._rows(_JOBS)),
            incidents=tuple(
                PastIncident(
                    row.key,
                    row.job_key,
                    self._versions[row.instance_key].process_id,
                    row.element_id,
                    row.error_type,
                    row.created_at,
                    row.resolved_at,
                    row.resolved_at is not None
                    and (
                        (row.element_terminated and ended.get(row.element_instance_key) == row.resolved_at)
                        or (row.at_join and (row.instance_key, row.resolved_at) in repaired)
                    ),
                )
                for row in incidents
            ),
            repairs=tuple(map(self._repair, repairs)),
            model_texts=self._model_texts(),
            calendars=self._calendars(),
        )

    def resources(self) -> list[tuple[str, bytes]]:
        """The files that the case ran on; decisions and forms are those that it used."""
        parameters = {"keys": self._keys}
        found: dict[str, bytes] = {}
        for statement in (_PROCESS_FILES, _DECISION_FILES, _FORM_FILES):
            for row in fetch(self._connection, statement, parameters):
                if found.setdefault(row.resource_name, bytes(row.content)) != bytes(row.content):
                    raise Conflict(
                        Message(
                            "recording.versions",
                            f"本案使用了 {row.resource_name} 的两个版本，无法录制为一个场景。",
                            f"The case ran on two versions of {row.resource_name}; one scenario cannot.",
                        )
                    )
        return list(found.items())

    def _rows(self, statement: str) -> Sequence[Any]:
        return fetch(self._connection, statement, {"keys": self._keys, "repairs": list(RECORDED)})

    def _element(self, row: Any) -> PastElement:
        version = self._versions[row.instance_key]
        event = describe_event(version.model, row.element_id)
        kind = None if event is None else event.kind
        return PastElement(
            row.key,
            version.process_id,
            row.element_id,
            row.element_type,
            row.started_at,
            row.ended_at if row.state == "COMPLETED" else None,
            self._delivered.get(row.key),
            message=event.name if event is not None and kind == "message" else None,
            correlation_key=None if event is None else event.correlation_key,
            signal=event.name if event is not None and kind == "signal" else None,
            throws=event is not None and event.throws,
            is_timer=kind == "timer",
            instance_key=row.instance_key,
            scope_key=row.scope_key,
            left_at=row.ended_at,
            terminated=row.state == "TERMINATED",
        )

    def _tasks(self) -> Iterator[PastTask]:
        assignments: dict[int, list[PastAssignment]] = {}
        for row in self._rows(_ASSIGNMENTS):
            assignments.setdefault(row.task_key, []).append(PastAssignment(row.at, row.assignee, row.actor))
        for row in self._rows(_TASKS):
            # Of tasks that are older than the history of assignments only the last is known.
            last = [PastAssignment(row.assigned_at, row.assignee, row.assigned_by)] if row.assigned_at else []
            yield PastTask(
                row.key,
                self._versions[row.instance_key].process_id,
                row.element_id,
                row.state,
                row.created_at,
                row.ended_at,
                row.completed_by,
                self._delivered.get(row.key),
                row.assignee,
                tuple(assignments.get(row.key, last)),
            )

    def _repair(self, row: Any) -> PastRepair:
        details = dict(row.details)
        if row.type == MIGRATE:
            for end in ("source", "target"):
                details[end] = self._version_of(int(details[f"{end}ProcessDefinitionKey"]))
        return PastRepair(
            row.key, row.type, row.at, row.subject_key, self._versions[row.subject_key].process_id, details
        )

    def _version_of(self, definition_key: int) -> int:
        return catalogue(self._connection).process(self._connection, definition_key).version

    def _job(self, row: Any) -> PastJob:
        return PastJob(
            row.key,
            self._versions[row.instance_key].process_id,
            row.element_id,
            row.type,
            row.state,
            row.created_at,
            row.ended_at,
            row.failed,
            row.error_code,
            row.error_message,
            self._delivered.get(row.key),
        )

    def _started_with(self) -> Mapping[str, Any]:
        """What the case was started with; where history does not keep it, what nothing in the case has set."""
        given: Mapping[str, Any] | None = self._root.start_variables
        if given is not None:
            return given
        changed = {name for row in self._elements for name in row.changes or ()}
        return {name: value for name, value in self._root.variables.get("", {}).items() if name not in changed}

    def _start_element(self) -> str | None:
        """The start event, where it is not the process's none start event."""
        model = self._versions[self._root.key].model
        for row in self._elements:
            if row.element_type == "START_EVENT" and row.scope_key == self._root.key:
                return None if row.element_id == model.none_start else str(row.element_id)
        return None

    def _calendars(self) -> dict[str, Mapping[str, Any]]:
        """The calendars that the processes count by, as they are now, with the periods from the beginning on."""
        wanted = {name for version in self._versions.values() for _, name in version.model.calendars}
        found: dict[str, Mapping[str, Any]] = {}
        since = self._root.started_at.date().isoformat()
        for row in fetch(self._connection, _CALENDARS, {"ids": [name for name in wanted if name]}):
            periods = [period for period in row.periods if period["to"] >= since]
            for name in ("" if row.is_default else row.calendar_id, row.calendar_id):
                if (name or None) in wanted:
                    found[name] = {"zone": row.timezone, "periods": periods}
        return found

    def _model_texts(self) -> frozenset[str]:
        """The words of the process files: what stands there is no personal data of a customer or a member of staff."""
        words: set[str] = set()
        for row in fetch(self._connection, _PROCESS_FILES, {"keys": self._keys}):
            words.update(_WORD.findall(bytes(row.content).decode("utf-8", "replace")))
        return frozenset(words)


_ROOT = """
    SELECT p.key, p.root_key, p.parent_key, p.state, p.started_at, p.ended_at, p.start_variables, s.variables
    FROM process_instance p JOIN instance_state s USING (key) WHERE p.key = %(root)s"""
_INSTANCES = """
    SELECT key, process_definition_key FROM process_instance
    WHERE key = %(root)s OR (root_key = %(root)s AND parent_key IS NOT NULL) ORDER BY key"""
_ELEMENTS = """
    SELECT key, instance_key, scope_key, element_id, element_type, state, started_at, ended_at, changes, received
    FROM element_instance WHERE instance_key = ANY(%(keys)s::bigint[]) ORDER BY started_at, key"""
_TASKS = """
    SELECT key, instance_key, element_id, state, created_at, ended_at, completed_by, assignee, assigned_at, assigned_by
    FROM user_task WHERE instance_key = ANY(%(keys)s::bigint[]) ORDER BY created_at, key"""
_ASSIGNMENTS = """
    SELECT task_key, at, assignee, actor FROM task_assignment
    WHERE instance_key = ANY(%(keys)s::bigint[]) ORDER BY key"""
_JOBS = """
    SELECT key, instance_key, element_id, type, state, created_at, ended_at, failed, error_code, error_message
    FROM job WHERE instance_key = ANY(%(keys)s::bigint[]) ORDER BY created_at, key"""
_INCIDENTS = """
    SELECT i.key, i.job_key, i.instance_key, i.element_id, i.element_instance_key, i.state, i.error_type,
           i.created_at, i.resolved_at,
           coalesce(e.state = 'TERMINATED', false) AS element_terminated,
           -- of a join to which nothing could come: a repair of the instance ends it
           coalesce(e.element_type IN ('PARALLEL_GATEWAY', 'INCLUSIVE_GATEWAY'), false)
               AND i.error_type = 'UNKNOWN' AS at_join
    FROM incident i LEFT JOIN element_instance e
      ON e.key = i.element_instance_key AND e.instance_key = i.instance_key
    WHERE i.instance_key = ANY(%(keys)s::bigint[]) ORDER BY i.created_at, i.key"""
_CALENDARS = """
    SELECT calendar_id, timezone, is_default, periods FROM calendar
    WHERE is_default OR calendar_id = ANY(%(ids)s::text[])"""
_REPAIRS = """
    SELECT key, type, subject_key, at, details FROM operation_record
    WHERE subject_key = ANY(%(keys)s::bigint[]) AND type = ANY(%(repairs)s::text[]) ORDER BY at, key"""
_PROCESS_FILES = """
    SELECT DISTINCT d.resource_name, r.content
    FROM process_instance p JOIN process_definition d ON d.key = p.process_definition_key
    JOIN resource r USING (content_hash) WHERE p.key = ANY(%(keys)s::bigint[]) ORDER BY d.resource_name"""
# A model may import the other decision models that were deployed with it.
_DECISION_FILES = """
    WITH used AS (
        SELECT DISTINCT q.key, q.deployment_key, position('import ' in convert_from(r.content, 'UTF8')) > 0 AS imports
        FROM decision_instance i JOIN decision_definition d ON d.key = i.decision_definition_key
        JOIN decision_requirements q ON q.key = d.requirements_key JOIN resource r USING (content_hash)
        WHERE i.instance_key = ANY(%(keys)s::bigint[])),
    needed AS (
        SELECT key FROM used
        UNION SELECT t.definition_key FROM used u JOIN deployment_item t ON t.deployment_key = u.deployment_key
        WHERE u.imports AND t.kind = 'decisionRequirements')
    SELECT DISTINCT q.resource_name, r.content
    FROM needed JOIN decision_requirements q USING (key) JOIN resource r USING (content_hash)
    ORDER BY q.resource_name"""
_FORM_FILES = """
    SELECT DISTINCT d.resource_name, r.content
    FROM user_task t JOIN form_definition d ON d.key = t.form_key
    JOIN resource r USING (content_hash) WHERE t.instance_key = ANY(%(keys)s::bigint[]) ORDER BY d.resource_name"""
