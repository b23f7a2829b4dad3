"""The repository as designers see it: every process, graph of decisions and form, its versions, and who uses it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.messages import Message
from server.store.database import fetch, reading

from . import decision_imports
from .definitions import catalogue
from .deployments import Deployment, deploy
from .errors import Conflict, no_such
from .resources import bound_to

MOST = 2_000


@dataclass(frozen=True, slots=True)
class Use:
    """An element of the latest version of a process that refers to a definition, by kind and id."""

    kind: str
    target: str
    process_id: str
    process_name: str | None
    element_id: str
    binding: str


@dataclass(frozen=True, slots=True)
class Repository:
    """The latest version of each definition, the decisions in each graph by its key, and all uses.

    ``imports`` are, by the id of a decision model, the ids of those that it imports, directly or not.
    """

    latest: Sequence[Row[Any]]
    decisions: Mapping[int, Sequence[Row[Any]]]
    uses: Sequence[Use]
    imports: Mapping[str, Sequence[str]]


def repository() -> Repository:
    """Everything that is deployed, at its latest version."""
    with reading() as connection:
        latest = fetch(connection, _LATEST, {"most": MOST})
        decisions: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        for row in fetch(connection, _DECISIONS, {"keys": [r.key for r in latest if r.kind == "decisionRequirements"]}):
            decisions[row.requirements_key].append(row)
        uses = [use for row in latest if row.kind == "process" for use in _uses(connection, row)]
        models = [file.declared for file in decision_imports.deployed_files(connection)]
    known = decision_imports.by_namespace(models)
    imports = {model.id: decision_imports.imported_ids(model, known) for model in models if model.imports}
    return Repository(latest, decisions, uses, imports)


def versions(kind: str, definition_id: str) -> list[Row[Any]]:
    """The versions of a definition, newest first."""
    with reading() as connection:
        return fetch(connection, _VERSIONS, {"kind": kind, "id": definition_id, "most": MOST})


def activate(*, resource_key: int, note: str | None, actor: str) -> Deployment:
    """Put an earlier version in force again: its file is deployed anew, as a version of its own, for new instances.

    Versions are only ever added, so that what ran when stays plain; instances that run keep theirs. What the file
    refers to by the binding ``deployment``, or imports, is deployed with it, as it was then, and what that refers to
    in its turn. Raises :class:`NotFound`,
    :class:`Conflict` where it is in force, and :class:`DeploymentRefused` where it no longer passes the gate.
    """
    with reading() as connection:
        rows = fetch(connection, _FILE, {"key": resource_key})
        if not rows:
            raise no_such("资源", "resource", resource_key)
        row = rows[0]
        if row.is_latest:
            raise Conflict(
                Message(
                    "repository.in-force",
                    f"“{row.id}”的版本 {row.version} 就是现行版本，无需恢复。",
                    f"Version {row.version} of '{row.id}' is the one in force; there is nothing to put back.",
                )
            )
        files = _with_what_it_means(connection, row)
    return deploy(files, actor=actor, note=note, restored_from=resource_key)


def _with_what_it_means(connection: Connection, row: Any) -> list[tuple[str, bytes]]:
    """The file of a version and, of those deployed with it, all that they mean by that, one leading to the next."""
    together = fetch(connection, _TOGETHER, {"deployment": row.deployment_key})
    place = {(other.kind, other.id): other.resource_name for other in together}
    contents = {other.resource_name: bytes(other.content) for other in together}
    declared = {
        other.id: decision_imports.declared_in(bytes(other.content))
        for other in together
        if other.kind == "decisionRequirements"
    }
    known = decision_imports.by_namespace(declared.values())
    meant: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for other in together:
        if other.kind == "process":
            model = catalogue(connection).process(connection, other.key).model
            meant[other.resource_name] |= bound_to(model, place)
        elif other.kind == "decisionRequirements":
            imported = decision_imports.imported_ids(declared[other.id], known)
            meant[other.resource_name] |= {(other.kind, model_id) for model_id in imported}
    names = [row.resource_name]
    for name in names:
        names += sorted({place[identity] for identity in meant[name] if identity in place}.difference(names))
    return [(name, contents[name]) for name in names]


def latest_files() -> list[tuple[str, bytes]]:
    """The files of the latest versions of everything, each once."""
    with reading() as connection:
        rows = fetch(connection, _LATEST_FILES)
    return [(row.resource_name, bytes(row.content)) for row in rows]


def file_of(resource_key: int) -> tuple[str, bytes]:
    """The name and content of a deployed file. Raises :class:`NotFound`."""
    with reading() as connection:
        rows = fetch(connection, _FILE, {"key": resource_key})
    if not rows:
        raise no_such("资源", "resource", resource_key)
    return rows[0].resource_name, bytes(rows[0].content)


def _uses(connection: Connection, row: Any) -> list[Use]:
    model = catalogue(connection).process(connection, row.key).model
    uses = [
        Use(reference.kind, reference.target, row.id, row.name, reference.element_id, reference.binding)
        for reference in model.references
    ]
    return list(dict.fromkeys(uses))


_ALL = """
    SELECT 'process' AS kind, key, process_id AS id, name, version, version_tag, resource_name, content_hash,
        deployment_key, suspended_at FROM process_definition
    UNION ALL
    SELECT 'decisionRequirements', key, requirements_id, name, version, NULL, resource_name, content_hash,
        deployment_key, NULL FROM decision_requirements
    UNION ALL
    SELECT 'form', key, form_id, NULL, version, version_tag, resource_name, content_hash, deployment_key, NULL
    FROM form_definition"""
_ACTIVE = """
    CASE WHEN r.kind = 'process' THEN (SELECT count(*) FROM process_instance p
        WHERE p.process_definition_key = r.key AND p.ended_at IS NULL) END AS active"""
_LATEST = f"""
    SELECT DISTINCT ON (r.kind, r.id) r.*, d.deployed_at, d.deployed_by, d.note, d.restored_from, {_ACTIVE}
    FROM ({_ALL}) r JOIN deployment d ON d.key = r.deployment_key
    ORDER BY r.kind DESC, r.id, r.version DESC LIMIT %(most)s"""  # noqa: S608 - parts of our own
_VERSIONS = f"""
    SELECT r.*, d.deployed_at, d.deployed_by, d.note, d.restored_from, {_ACTIVE},
        (SELECT old.version FROM ({_ALL}) old WHERE old.key = d.restored_from AND old.id = r.id) AS restored_version
    FROM ({_ALL}) r JOIN deployment d ON d.key = r.deployment_key
    WHERE r.kind = %(kind)s AND r.id = %(id)s ORDER BY r.version DESC LIMIT %(most)s"""  # noqa: S608
_DECISIONS = """
    SELECT key, decision_id, name, version, version_tag, requirements_key FROM decision_definition
    WHERE requirements_key = ANY(%(keys)s::bigint[]) ORDER BY key"""
_FILE = f"""
    SELECT r.*, c.content, NOT EXISTS (
        SELECT 1 FROM ({_ALL}) later WHERE later.kind = r.kind AND later.id = r.id AND later.version > r.version
    ) AS is_latest
    FROM ({_ALL}) r JOIN resource c USING (content_hash) WHERE r.key = %(key)s"""  # noqa: S608
_TOGETHER = f"""
    SELECT i.kind, i.definition_id AS id, i.definition_key AS key, r.resource_name, c.content FROM deployment_item i
    LEFT JOIN decision_definition q ON i.kind = 'decision' AND q.key = i.definition_key
    JOIN ({_ALL}) r ON r.key = coalesce(q.requirements_key, i.definition_key) JOIN resource c USING (content_hash)
    WHERE i.deployment_key = %(deployment)s ORDER BY r.resource_name"""  # noqa: S608
_LATEST_FILES = f"""
    SELECT DISTINCT l.resource_name, c.content FROM (
        SELECT DISTINCT ON (r.kind, r.id) r.* FROM ({_ALL}) r ORDER BY r.kind, r.id, r.version DESC) l
    JOIN resource c USING (content_hash) ORDER BY l.resource_name"""  # noqa: S608
