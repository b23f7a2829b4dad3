"""Deploying files together: all of them or none, each definition a new version only where something changed.

A definition gets a new version when its file's content or name differs from the latest version's, and also when
it refers by the binding ``deployment`` to one of which it does not mean this version yet: such a reference means the
version that was deployed with it. The start events of the newest version replace those of the version before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from server.bpmn import Failure
from server.bpmn.past_times import TIMER_PAST
from server.file_kinds import kind_of_file
from server.messages import Finding, Message, Severity
from server.store.database import affect, encode_json, fetch
from server.store.keys import keys

from . import calendars, instant, live
from .callers import stranded
from .command import command
from .definition_suspension import offer_messages
from .definitions import catalogue, epoch, next_epoch
from .errors import DeploymentRefused
from .lint import unusable
from .resources import Item, read_resources, refused


@dataclass(frozen=True, slots=True)
class Deployed:
    """A definition as a deployment left it; ``is_new`` is false where the latest version was the same already.

    ``kind`` is process, decision, decisionRequirements or form; ``requirements_key`` belongs to decisions.
    """

    kind: str
    key: int
    definition_id: str
    name: str | None
    version: int
    version_tag: str | None
    resource_name: str
    is_new: bool
    requirements_key: int | None = None
    requirements_id: str | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment did; ``findings`` are its warnings."""

    key: int
    deployed_at: dt.datetime
    items: tuple[Deployed, ...]
    findings: tuple[Finding, ...]

    def of(self, kind: str) -> tuple[Deployed, ...]:
        """The definitions of one kind."""
        return tuple(item for item in self.items if item.kind == kind)


def deploy(
    resources: Sequence[tuple[str, bytes]], *, actor: str, note: str | None = None, restored_from: int | None = None
) -> Deployment:
    """Deploy files, given as names and contents; ``note`` says why. Raises :class:`DeploymentRefused` with every fault
    of every file. ``restored_from`` is the earlier version that this one puts in force again."""
    items, findings = _read(resources)
    contents = dict(resources)

    def body(connection: Connection) -> Deployment:
        # The row lock makes deployments take turns; see DeploymentEpoch.
        now, number = next_epoch(connection)
        deployment_key = keys.next(connection)
        latest = _latest(connection, items)
        changed = _changed(items, latest, _met(connection, items, latest))
        told = [*findings, *_stranded(connection, items)]
        fetch(
            connection,
            _DEPLOYMENT,
            {"key": deployment_key, "now": now, "actor": actor, "note": note, "from": restored_from},
        )
        _store_contents(connection, items, contents, changed)
        deployed = [_version(connection, item, latest.get(item.identity), item.identity in changed) for item in items]
        deployed = _with_requirements(deployed)
        _store_versions(connection, deployment_key, now, items, deployed)
        _replace_starts(connection, items, deployed, now, number)
        live.tell([live.Happening("deployment", "created", deployment_key)])
        return Deployment(deployment_key, now, tuple(deployed), tuple(told))

    return command(body)


def _read(resources: Sequence[tuple[str, bytes]]) -> tuple[list[Item], list[Finding]]:
    """What is to be deployed. A repetition that is over is no fault of a file in force: nothing would change."""
    try:
        return read_resources(resources, command(instant.now))
    except DeploymentRefused as refusal:
        faults = [finding for finding in refusal.findings if finding.severity is Severity.ERROR]
        if any(fault.message.code != TIMER_PAST for fault in faults):
            raise
        items, findings = read_resources(resources)
        over = [item for item in items if item.resource_name in {fault.resource for fault in faults}]
        in_force = command(lambda connection: _latest(connection, over))
        if any(item.content_hash != getattr(in_force.get(item.identity), "content_hash", None) for item in over):
            raise
        return items, findings


def _stranded(connection: Connection, items: Sequence[Item]) -> list[Finding]:
    """The warnings of :func:`stranded`. Raises :class:`DeploymentRefused` where it finds errors."""
    found = stranded(connection, items)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        raise DeploymentRefused(refused(errors), findings=found)
    return found


def deploy_paths(paths: Iterable[Path], *, actor: str = "lendloom deploy") -> Deployment:
    """Deploy files, and all deployable files in folders, together. A resource is named by its file's name."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted(file for file in path.rglob("*") if file.is_file() and kind_of_file(file.name))
        elif path.is_file():
            files.append(path)
        else:
            raise DeploymentRefused(
                Message("deployment.no-file", f"没有文件或目录 {path}。", f"There is no file or folder {path}.")
            )
    return deploy([(file.name, file.read_bytes()) for file in files], actor=actor)


def _latest(connection: Connection, items: Sequence[Item]) -> dict[tuple[str, str], Any]:
    """The latest version's row of every definition among ``items``."""
    found = {}
    for kind, statement in _LATEST.items():
        ids = [item.definition_id for item in items if item.kind == kind]
        if ids:
            for row in fetch(connection, statement, {"ids": ids}):
                found[kind, row.id] = row
    return found


def _met(
    connection: Connection, items: Sequence[Item], latest: Mapping[tuple[str, str], Any]
) -> set[tuple[tuple[str, str], int]]:
    """Which versions the latest versions of binding definitions were deployed with: who binds, and the other's key."""
    binding = {
        latest[item.identity].key: item.identity for item in items if item.bound_together and item.identity in latest
    }
    found = fetch(connection, _MET, {"keys": list(binding)}) if binding else []
    return {(binding[row.key], row.definition_key) for row in found}


def _changed(
    items: Sequence[Item],
    latest: Mapping[tuple[str, str], Any],
    met: set[tuple[tuple[str, str], int]],
) -> set[tuple[str, str]]:
    """The definitions that need a new version."""
    changed = {
        item.identity
        for item in items
        if (row := latest.get(item.identity)) is None
        or (row.content_hash, row.resource_name) != (item.content_hash, item.resource_name)
        or any(other in latest and (item.identity, latest[other].key) not in met for other in item.bound_together)
    }
    grown = True
    while grown:
        more = {
            item.identity
            for item in items
            if item.identity not in changed and not changed.isdisjoint(item.bound_together)
        }
        grown = bool(more)
        changed |= more
    return changed


def _version(connection: Connection, item: Item, latest: Any, is_new: bool) -> Deployed:
    version = latest.version if latest is not None else 0
    return Deployed(
        item.kind,
        keys.next(connection) if is_new else latest.key,
        item.definition_id,
        item.name,
        version + 1 if is_new else version,
        item.version_tag,
        item.resource_name,
        is_new,
    )


def _with_requirements(deployed: Sequence[Deployed]) -> list[Deployed]:
    """The decisions told which graph of decisions they belong to."""
    graphs = {d.resource_name: d for d in deployed if d.kind == "decisionRequirements"}
    told = []
    for item in deployed:
        graph = graphs.get(item.resource_name) if item.kind == "decision" else None
        if graph is None:
            told.append(item)
        else:
            told.append(replace(item, requirements_key=graph.key, requirements_id=graph.definition_id))
    return told


def _store_contents(
    connection: Connection, items: Sequence[Item], contents: Mapping[str, bytes], changed: set[tuple[str, str]]
) -> None:
    needed = {item.content_hash: contents[item.resource_name] for item in items if item.identity in changed}
    for content_hash, content in needed.items():
        affect(connection, _RESOURCE, {"content_hash": content_hash, "content": content})


def _store_versions(
    connection: Connection, deployment_key: int, now: dt.datetime, items: Sequence[Item], deployed: Sequence[Deployed]
) -> None:
    rows: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _VERSIONS}
    for item, version in zip(items, deployed, strict=True):
        if version.is_new:
            rows[item.kind].append(
                {
                    "key": version.key,
                    "id": item.definition_id,
                    "version": version.version,
                    "version_tag": item.version_tag,
                    "name": item.name,
                    "resource_name": item.resource_name,
                    "content_hash": item.content_hash,
                    "has_start_form": item.has_start_form,
                    "requirements_key": version.requirements_key,
                }
            )
    for kind, statement in _VERSIONS.items():
        if rows[kind]:
            parameters = {"rows": encode_json(rows[kind]), "deployment": deployment_key, "now": now}
            affect(connection, statement, parameters)
    contained = [
        {"kind": version.kind, "definition_id": version.definition_id, "definition_key": version.key}
        for version in deployed
    ]
    affect(connection, _ITEMS, {"rows": encode_json(contained), "deployment": deployment_key})


def _replace_starts(
    connection: Connection, items: Sequence[Item], deployed: Sequence[Deployed], now: dt.datetime, number: int
) -> None:
    """The start events of new versions take the place of their predecessors'."""
    new = {version.key: item for item, version in zip(items, deployed, strict=True) if version.is_new and item.process}
    if not new:
        return
    ids = {"ids": [item.definition_id for item in new.values()]}
    affect(connection, _DROP_START_TIMERS, ids)
    suspended = {row.process_id for row in fetch(connection, _DROP_START_SUBSCRIPTIONS, ids) if row.suspended}
    find_calendar = partial(catalogue(connection).calendar, connection, number)
    for definition_key, item in new.items():
        assert item.process is not None
        for start in item.process.start_events:
            row = {
                "key": keys.next(connection),
                "definition": definition_key,
                "element_id": start.element_id,
                "kind": start.kind,
                "name": start.name or start.element_id,  # a condition has no name
                "now": now,
            }
            if start.timer is None:
                affect(connection, _START_SUBSCRIPTION, row)
            else:
                try:
                    schedule = start.timer.first_due(now, {}, start.element_id, calendars=find_calendar)
                except Failure as failure:
                    raise DeploymentRefused(failure.message) from failure
                row |= {"due_at": schedule.due_at, "cycle": schedule.cycle, "remaining": schedule.remaining}
                affect(connection, _START_TIMER, row)
        if item.definition_id in suspended:
            offer_messages(connection, item.definition_id, [definition_key], now)


def missing_references(connection: Connection, deployment: Deployment) -> list[Finding]:
    """What the deployed processes refer to that is not deployed, or cannot be called: instances would stop there."""
    definitions = catalogue(connection)
    found: list[Finding] = []
    number = epoch(connection)
    for item in deployment.of("process"):
        version = definitions.process(connection, item.key)
        for reference in version.model.references:
            found += unusable(connection, number, version.model, reference, version.deployment_key)
        found += calendars.missing(connection, number, version.model, item.resource_name)
    return found


_LATEST = {
    "process": """
        SELECT DISTINCT ON (process_id) process_id AS id, key, version, content_hash, resource_name
        FROM process_definition WHERE process_id = ANY(%(ids)s::text[]) ORDER BY process_id, version DESC""",
    "decisionRequirements": """
        SELECT DISTINCT ON (requirements_id) requirements_id AS id, key, version, content_hash, resource_name
        FROM decision_requirements WHERE requirements_id = ANY(%(ids)s::text[])
        ORDER BY requirements_id, version DESC""",
    "decision": """
        SELECT DISTINCT ON (d.decision_id) d.decision_id AS id, d.key, d.version, q.content_hash, q.resource_name
        FROM decision_definition d JOIN decision_requirements q ON q.key = d.requirements_key
        WHERE d.decision_id = ANY(%(ids)s::text[]) ORDER BY d.decision_id, d.version DESC""",
    "form": """
        SELECT DISTINCT ON (form_id) form_id AS id, key, version, content_hash, resource_name
        FROM form_definition WHERE form_id = ANY(%(ids)s::text[]) ORDER BY form_id, version DESC""",
}
_MET = """
    SELECT binding.key, i.definition_key FROM (
        SELECT key, deployment_key FROM process_definition WHERE key = ANY(%(keys)s::bigint[])
        UNION ALL SELECT key, deployment_key FROM decision_requirements WHERE key = ANY(%(keys)s::bigint[])
        UNION ALL SELECT d.key, q.deployment_key FROM decision_definition d
            JOIN decision_requirements q ON q.key = d.requirements_key WHERE d.key = ANY(%(keys)s::bigint[])
    ) binding JOIN deployment_item i USING (deployment_key)"""
_DEPLOYMENT = """
    INSERT INTO deployment (key, deployed_at, deployed_by, note, restored_from)
    VALUES (%(key)s, %(now)s, %(actor)s, %(note)s, %(from)s) RETURNING key"""
_RESOURCE = """
    INSERT INTO resource (content_hash, content) VALUES (%(content_hash)s, %(content)s) ON CONFLICT DO NOTHING"""
_ROWS = """
    FROM json_to_recordset(%(rows)s::json) AS r(key bigint, id text, version int, version_tag text, name text,
        resource_name text, content_hash text, has_start_form boolean, requirements_key bigint)"""
_VERSIONS = {
    "process": f"""
        INSERT INTO process_definition (key, process_id, version, version_tag, name, resource_name, content_hash,
            deployment_key, has_start_form, deployed_at)
        SELECT key, id, version, version_tag, name, resource_name, content_hash, %(deployment)s, has_start_form,
            %(now)s {_ROWS}""",
    "decisionRequirements": f"""
        INSERT INTO decision_requirements (key, requirements_id, name, version, resource_name, content_hash,
            deployment_key, deployed_at)
        SELECT key, id, name, version, resource_name, content_hash, %(deployment)s, %(now)s {_ROWS}""",
    "decision": f"""
        INSERT INTO decision_definition (key, decision_id, name, version, version_tag, requirements_key)
        SELECT key, id, name, version, version_tag, requirements_key {_ROWS}""",
    "form": f"""
        INSERT INTO form_definition (key, form_id, version, version_tag, resource_name, content_hash,
            deployment_key, deployed_at)
        SELECT key, id, version, version_tag, resource_name, content_hash, %(deployment)s, %(now)s {_ROWS}""",
}
_ITEMS = """
    INSERT INTO deployment_item (deployment_key, kind, definition_id, definition_key)
    SELECT %(deployment)s, kind, definition_id, definition_key
    FROM json_to_recordset(%(rows)s::json) AS r(kind text, definition_id text, definition_key bigint)"""
_OF_PROCESSES = """
    AND process_definition_key IN (SELECT key FROM process_definition WHERE process_id = ANY(%(ids)s::text[]))"""
_DROP_START_TIMERS = f"DELETE FROM timer WHERE instance_key IS NULL {_OF_PROCESSES}"  # noqa: S608
_DROP_START_SUBSCRIPTIONS = f"""
    DELETE FROM event_subscription s USING process_definition d
    WHERE s.instance_key IS NULL {_OF_PROCESSES} AND d.key = s.process_definition_key
    RETURNING d.process_id, s.suspended"""  # noqa: S608
_START_SUBSCRIPTION = """
    INSERT INTO event_subscription (key, kind, name, process_definition_key, element_id, created_at)
    VALUES (%(key)s, %(kind)s, %(name)s, %(definition)s, %(element_id)s, %(now)s)"""
_START_TIMER = """
    INSERT INTO timer (key, process_definition_key, element_id, due_at, cycle, remaining)
    VALUES (%(key)s, %(definition)s, %(element_id)s, %(due_at)s, %(cycle)s, %(remaining)s)"""
