"""What decision models import: other models, which are deployed with them and are found by their namespace.

While a model is being written, what it imports is what would be deployed with it: a model that its designer is
changing too, else the latest version of what is deployed, and where no version has the namespace a draft of others.
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


def importable(contents: Iterable[bytes], reader: str | None, chosen: Iterable[bytes] = ()) -> dict[str, bytes]:
    """What files may import while they are being written, by name; nothing where none of them imports anything.

    ``reader`` is the person whose drafts count beside the shared ones; None for one who may read no drafts.
    ``chosen`` are models to take, whatever else has their namespaces.
    """
    if not any(declared_in(content).imports for content in contents):
        return {}
    with reading() as connection:
        drafts = [] if reader is None else fetch(connection, _DRAFTS, {"reader": reader})
        deployed = deployed_files(connection)
    named = [(f"draft-{draft.key}", draft.content.encode()) for draft in drafts]
    changing = [file for file, draft in zip(named, drafts, strict=True) if draft.changed_by == reader and draft.is_new]
    found: dict[str, list[DecisionFile]] = {}
    picked = ((f"chosen-{number}", content) for number, content in enumerate(chosen))
    # Several versions of one namespace stay, for whoever reads them to tell; of drafts the last one changed counts.
    for files in (_newest(picked), _newest(changing), deployed, _newest(named)):
        taken = set(found)
        for file in files:
            if file.declared.namespace not in taken:
                found.setdefault(file.declared.namespace, []).append(file)
    return {file.name: file.content for files in found.values() for file in files}


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


def _newest(named: Iterable[tuple[str, bytes]]) -> list[DecisionFile]:
    """The last file of each namespace."""
    return list({file.declared.namespace: file for file in _files(named)}.values())


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
    SELECT d.key, d.content, d.changed_by, NOT EXISTS (SELECT FROM decision_requirements v
        WHERE v.content_hash = encode(sha256(convert_to(d.content, 'UTF8')), 'hex')) AS is_new
    FROM draft d WHERE d.kind = 'dmn' AND (d.shared OR d.owner = %(reader)s) ORDER BY d.changed_at, d.key"""
