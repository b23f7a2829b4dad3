"""What decision models import: other models, which are deployed with them and are found by their namespace.

While a model is being written, what it imports is looked for among the latest versions of what is deployed, and
among drafts where no version has the namespace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection

from server.dmn import Declared, read_declared
from server.store.database import fetch, reading

_NOTHING = Declared("", "")


@dataclass(frozen=True, slots=True)
class DecisionFile:
    """A decision model's file: its name, its text and what it declares."""

    name: str
    content: bytes
    declared: Declared


@lru_cache(maxsize=512)
def declared_in(content: bytes) -> Declared:
    """What a file declares, remembered by its content; nothing where it is no decision model."""
    return read_declared(content) or _NOTHING


def deployed_files(connection: Connection) -> list[DecisionFile]:
    """The latest versions of all decision models."""
    return list(_files((row.resource_name, bytes(row.content)) for row in fetch(connection, _LATEST)))


def importable(contents: Iterable[bytes], reader: str | None) -> dict[str, bytes]:
    """What files may import while they are being written, by name; nothing where none of them imports anything.

    ``reader`` is the person whose drafts count beside the shared ones; None for one who may read no drafts.
    """
    if not any(declared_in(content).imports for content in contents):
        return {}
    with reading() as connection:
        drafts = [] if reader is None else fetch(connection, _DRAFTS, {"reader": reader})
        deployed = deployed_files(connection)
    found = {file.declared.namespace: file for file in _files((f"draft-{d.key}", d.content.encode()) for d in drafts)}
    written = [found[namespace] for namespace in sorted(found.keys() - {file.declared.namespace for file in deployed})]
    return {file.name: file.content for file in (*written, *deployed)}


def imported_ids(declared: Declared, known: Mapping[str, Declared]) -> tuple[str, ...]:
    """The ids of the models that a model imports, directly or not, in the order in which they are met.

    ``known`` are the models that can be imported, by namespace; what is not among them is left out.
    """
    found = {declared.namespace: declared}
    waiting = list(declared.imports)
    for namespace in waiting:
        model = known.get(namespace)
        if model is not None and namespace not in found:
            found[namespace] = model
            waiting += model.imports
    return tuple(model.id for model in found.values() if model is not declared)


def by_namespace(declared: Iterable[Declared]) -> dict[str, Declared]:
    """Models by their namespace, the last of each."""
    return {model.namespace: model for model in declared if model.namespace}


def _files(named: Iterable[tuple[str, bytes]]) -> Iterator[DecisionFile]:
    for name, content in named:
        declared = declared_in(content)
        if declared.namespace:
            yield DecisionFile(name, content, declared)


_LATEST = """
    SELECT l.resource_name, r.content FROM (
        SELECT DISTINCT ON (requirements_id) * FROM decision_requirements ORDER BY requirements_id, version DESC) l
    JOIN resource r USING (content_hash) ORDER BY l.requirements_id"""
_DRAFTS = """
    SELECT key, content FROM draft WHERE kind = 'dmn' AND (shared OR owner = %(reader)s) ORDER BY changed_at, key"""
