"""What is deployed, as commands see it: versions found by id, tag or deployment, and their parsed models.

Reading a model takes milliseconds, so models are kept by content; a version's row never changes, so versions are
kept by key. Only "the latest version", "the version with this tag" and which versions are suspended change: what
they mean is kept for one *epoch*, the number that every deployment and every suspension of a version raises and
that every command reads with its first statement. No number is used twice, not even one that was rolled back: what
was kept for that holds definitions that there are not.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from server.bpmn import ProcessModel, read_processes
from server.calendars import CalendarDefinitionError, DatedCalendar, read_calendar
from server.dmn import DecisionModel, read_dmn
from server.forms import Form, read_form
from server.store.database import fetch

from .errors import NotFound, no_such
from .instant import NOW

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ProcessVersion:
    """One deployed version of a process and its model."""

    key: int
    process_id: str
    version: int
    version_tag: str | None
    name: str | None
    deployment_key: int
    resource_name: str
    model: ProcessModel


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """One deployed version of a decision and the model of its file."""

    key: int
    decision_id: str
    version: int
    name: str
    requirements_key: int
    requirements_id: str
    model: DecisionModel


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One deployed version of a form."""

    key: int
    form_id: str
    version: int
    form: Form


class Kept(Generic[Value]):
    """The most recently used values under their keys; safe between threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: dict[Hashable, Value] = {}
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under ``key``, made and kept where it is missing; what raises is not kept."""
        with self._lock:
            if key in self._values:
                value = self._values.pop(key)
                self._values[key] = value
                return value
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                del self._values[next(iter(self._values))]
        return value


_PROCESS = """
    SELECT d.key, d.process_id, d.version, d.version_tag, d.name, d.deployment_key, d.resource_name,
           d.content_hash, r.content
    FROM process_definition d JOIN resource r USING (content_hash) WHERE d.key = %(key)s"""
_DECISION = """
    SELECT d.key, d.decision_id, d.version, d.name, d.requirements_key, q.requirements_id, q.resource_name,
           q.deployment_key, r.content
    FROM decision_definition d JOIN decision_requirements q ON q.key = d.requirements_key
    JOIN resource r USING (content_hash) WHERE d.key = %(key)s"""
# A model may import the other decision models that were deployed with it.
_IMPORTS = """
    SELECT q.resource_name, r.content FROM deployment_item i
    JOIN decision_requirements q ON q.key = i.definition_key JOIN resource r USING (content_hash)
    WHERE i.deployment_key = %(deployment)s AND i.kind = 'decisionRequirements'
      AND q.resource_name <> %(resource)s ORDER BY q.resource_name"""
_FORM = """
    SELECT d.key, d.form_id, d.version, d.resource_name, d.content_hash, r.content
    FROM form_definition d JOIN resource r USING (content_hash) WHERE d.key = %(key)s"""
_LATEST = {
    "process": "SELECT key FROM process_definition WHERE process_id = %(id)s ORDER BY version DESC LIMIT 1",
    "decision": "SELECT key FROM decision_definition WHERE decision_id = %(id)s ORDER BY version DESC LIMIT 1",
    "form": "SELECT key FROM form_definition WHERE form_id = %(id)s ORDER BY version DESC LIMIT 1",
}
_TAGGED = {
    kind: statement.replace(" ORDER BY", " AND version_tag = %(tag)s ORDER BY") for kind, statement in _LATEST.items()
}
_DEPLOYED = """
    SELECT definition_key FROM deployment_item
    WHERE deployment_key = %(deployment)s AND kind = %(kind)s AND definition_id = %(id)s"""
_VERSION = "SELECT key FROM process_definition WHERE process_id = %(id)s AND version = %(version)s"
_EPOCH = "SELECT epoch FROM deployment_epoch"
# By the server's clock, which no transaction takes back. The row lock makes those who raise it take turns.
_NEXT_EPOCH = f"""
    UPDATE deployment_epoch
    SET epoch = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
    RETURNING {NOW} AS now, epoch"""  # noqa: S608
_SUSPENDED = "SELECT key FROM process_definition WHERE suspended_at IS NOT NULL"
_CALENDAR = "SELECT calendar_id, timezone, periods FROM calendar WHERE calendar_id = %(id)s"
_DEFAULT_CALENDAR = "SELECT calendar_id, timezone, periods FROM calendar WHERE is_default"


@lru_cache(maxsize=512)
def _process_models(content_hash: str, resource: str, content: bytes) -> dict[str, ProcessModel]:
    return {model.process_id: model for model in read_processes(content, resource=resource)}


@lru_cache(maxsize=512)
def _decision_model(resource: str, content: bytes, imports: tuple[tuple[str, bytes], ...]) -> DecisionModel:
    return read_dmn(content, resource=resource, imports=dict(imports))


class Catalogue:
    """The definitions in one database."""

    def __init__(self) -> None:
        self._processes: Kept[ProcessVersion] = Kept(500)
        self._decisions: Kept[DecisionVersion] = Kept(500)
        self._forms: Kept[FormVersion] = Kept(500)
        self._resolved: Kept[int | None] = Kept(5000)
        self._suspended: Kept[frozenset[int]] = Kept(4)
        self._calendars: Kept[DatedCalendar] = Kept(100)

    def process(self, connection: Connection, key: int) -> ProcessVersion:
        """The process version with this key. Raises :class:`NotFound`."""

        def make() -> ProcessVersion:
            for row in fetch(connection, _PROCESS, {"key": key}):
                models = _process_models(row.content_hash, row.resource_name, bytes(row.content))
                return ProcessVersion(
                    row.key,
                    row.process_id,
                    row.version,
                    row.version_tag,
                    row.name,
                    row.deployment_key,
                    row.resource_name,
                    models[row.process_id],
                )
            raise no_such("流程定义", "process definition", key)

        return self._processes.get(key, make)

    def decision(self, connection: Connection, key: int) -> DecisionVersion:
        """The decision version with this key. Raises :class:`NotFound`."""

        def make() -> DecisionVersion:
            for row in fetch(connection, _DECISION, {"key": key}):
                place = {"deployment": row.deployment_key, "resource": row.resource_name}
                imports = tuple((name, bytes(content)) for name, content in fetch(connection, _IMPORTS, place))
                return DecisionVersion(
                    row.key,
                    row.decision_id,
                    row.version,
                    row.name,
                    row.requirements_key,
                    row.requirements_id,
                    _decision_model(row.resource_name, bytes(row.content), imports),
                )
            raise no_such("决策定义", "decision definition", key)

        return self._decisions.get(key, make)

    def form(self, connection: Connection, key: int) -> FormVersion:
        """The form version with this key. Raises :class:`NotFound`."""

        def make() -> FormVersion:
            for row in fetch(connection, _FORM, {"key": key}):
                form = read_form(bytes(row.content), resource=row.resource_name)
                return FormVersion(row.key, row.form_id, row.version, form)
            raise no_such("表单", "form", key)

        return self._forms.get(key, make)

    def calendar(self, connection: Connection, epoch: int, calendar_id: str | None) -> DatedCalendar:
        """The working calendar with this id, or the default one. Raises :class:`CalendarDefinitionError`."""
        statement = _DEFAULT_CALENDAR if calendar_id is None else _CALENDAR

        def make() -> DatedCalendar:
            for row in fetch(connection, statement, {"id": calendar_id}):
                return read_calendar(row.calendar_id, row.timezone, row.periods)
            raise _no_calendar(calendar_id)

        return self._calendars.get((epoch, calendar_id), make)

    def resolve(
        self,
        connection: Connection,
        epoch: int,
        kind: str,
        definition_id: str,
        *,
        binding: str = "latest",
        version_tag: str | None = None,
        deployment_key: int | None = None,
    ) -> int | None:
        """The key of the version that a reference means, or None where there is none.

        ``kind`` is process, decision or form; ``binding`` latest, versionTag or deployment, the last meaning
        the version in the deployment ``deployment_key``, which is that of the process that refers to it.
        """
        parameters: dict[str, Any] = {"id": definition_id, "kind": kind}
        if binding == "deployment":
            statement = _DEPLOYED
            parameters["deployment"] = deployment_key
        elif binding == "versionTag":
            statement = _TAGGED[kind]
            parameters["tag"] = version_tag
        else:
            statement = _LATEST[kind]

        def make() -> int | None:
            rows = fetch(connection, statement, parameters)
            return rows[0][0] if rows else None

        return self._resolved.get((epoch, kind, definition_id, binding, version_tag, deployment_key), make)

    def is_suspended(self, connection: Connection, epoch: int, process_key: int) -> bool:
        """Whether this process version is suspended, and starts no instances."""
        keys = self._suspended.get(epoch, lambda: frozenset(row.key for row in fetch(connection, _SUSPENDED)))
        return process_key in keys

    def process_by_id(
        self, connection: Connection, epoch: int, process_id: str, version: int | None = None
    ) -> ProcessVersion:
        """The latest version of a process, or the given one. Raises :class:`NotFound`."""
        if version is None:
            key = self.resolve(connection, epoch, "process", process_id)
        else:
            rows = fetch(connection, _VERSION, {"id": process_id, "version": version})
            key = rows[0][0] if rows else None
        if key is None:
            shown = process_id if version is None else f"{process_id} v{version}"
            raise no_such("流程", "process", shown)
        return self.process(connection, key)


def _no_calendar(calendar_id: str | None) -> CalendarDefinitionError:
    if calendar_id is None:
        return CalendarDefinitionError.of(
            "none",
            "没有默认工作日历；请用 PUT /v2/calendars/{calendarId} 或 lendloom calendars import 建立一个并设为默认，"
            "或在流程中写明日历（lendloom:calendar），然后重试。",
            "There is no default calendar; write one with PUT /v2/calendars/{calendarId} or lendloom calendars import "
            "and make it the default, or name one in the process (lendloom:calendar), then retry.",
        )
    return CalendarDefinitionError.of(
        "unknown",
        f"没有工作日历“{calendar_id}”；请用 PUT /v2/calendars/{calendar_id} 或 lendloom calendars import 建立，"
        "然后重试。",
        f"There is no calendar '{calendar_id}'; write it with PUT /v2/calendars/{calendar_id} or lendloom calendars "
        "import, then retry.",
    )


_catalogues: WeakKeyDictionary[Engine, Catalogue] = WeakKeyDictionary()
_making = threading.Lock()


def catalogue(connection: Connection) -> Catalogue:
    """The catalogue of the database behind ``connection``, shared by all threads."""
    with _making:
        return _catalogues.setdefault(connection.engine, Catalogue())


def epoch(connection: Connection) -> int:
    """The number of the latest deployment, for commands whose first statement does not tell it."""
    number: int = fetch(connection, _EPOCH)[0][0]
    return number


def next_epoch(connection: Connection) -> tuple[dt.datetime, int]:
    """The present instant and the number that counts from the commit on; until then nobody else raises it."""
    now, number = fetch(connection, _NEXT_EPOCH)[0]
    return now, number


__all__ = [
    "Catalogue",
    "DecisionVersion",
    "FormVersion",
    "NotFound",
    "ProcessVersion",
    "catalogue",
    "epoch",
    "next_epoch",
]
