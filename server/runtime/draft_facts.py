"""What drafts define and refer to, and whether they are published: what has to be known to publish several together.

Drafts are read as they stand, also those that could not be deployed; of what is no XML or JSON at all nothing is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from lxml import etree
from sqlalchemy import Connection, Row

from server.bpmn.dialects import translate_dialects
from server.bpmn.extensions import BPMN, ZEEBE
from server.bpmn.reader import parse_xml
from server.dmn import Declared
from server.store.database import decode_json, fetch, reading

from .decision_imports import by_namespace, declared_in, deployed_files, imported_ids

MOST = 500
DECISION_MODEL = "decisionRequirements"

_B, _Z = f"{{{BPMN}}}", f"{{{ZEEBE}}}"
_REFERENCES = {
    "calledDecision": ("decision", "decisionId"),
    "calledElement": ("process", "processId"),
    "formDefinition": ("form", "formId"),
}


@dataclass(frozen=True, slots=True)
class DraftUse:
    """An element of a draft that refers to a definition, by kind and id."""

    kind: str
    target: str
    element_id: str
    binding: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The definitions in a file, by kind and id, that of the file itself first; and what its elements refer to.

    ``declared`` is what a decision model says of itself.
    """

    definitions: tuple[tuple[str, str], ...] = ()
    uses: tuple[DraftUse, ...] = ()
    declared: Declared | None = None


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A draft's row and what is in it.

    ``is_published`` where some version has the same content, so that nothing in the draft is new; ``is_in_force`` where
    the newest version has it.
    """

    row: Row[Any]
    facts: FileFacts
    is_published: bool
    is_in_force: bool


def draft_facts(reader: str) -> list[DraftFacts]:
    """The drafts of files to deploy that ``reader`` may see, the one changed last first, at most :data:`MOST`."""
    with reading() as connection:
        rows = fetch(connection, _DRAFTS, {"reader": reader, "most": MOST})
        facts = [file_facts(row.kind, row.content.encode()) for row in rows]
        hashes = [hashlib.sha256(row.content.encode()).hexdigest() for row in rows]
        ids = sorted({definition_id for one in facts for _, definition_id in one.definitions})
        versions = fetch(connection, _VERSIONS, {"ids": ids, "hashes": hashes})
        facts = _with_imports(connection, facts)
    newest = {(version.kind, version.id, version.content_hash): version.is_newest for version in versions}
    found = []
    for row, one, content_hash in zip(rows, facts, hashes, strict=True):
        files = [(kind, name, content_hash) for kind, name in one.definitions if kind != "decision"]
        is_published = bool(files) and all(file in newest for file in files)
        found.append(DraftFacts(row, one, is_published, is_published and all(newest[file] for file in files)))
    return found


def file_facts(kind: str, content: bytes) -> FileFacts:
    """What a file defines and refers to, as far as it can be read."""
    if kind == "dmn":
        return _of_decision_file(content)
    try:
        if kind == "form":
            return _of_form(decode_json(content))
        return _of_process_file(parse_xml(content))
    except (etree.XMLSyntaxError, msgspec.DecodeError, RecursionError):
        return FileFacts()


def _of_form(schema: Any) -> FileFacts:
    form_id = schema.get("id") if isinstance(schema, dict) else None
    return FileFacts((("form", form_id),)) if isinstance(form_id, str) and form_id else FileFacts()


def _of_decision_file(content: bytes) -> FileFacts:
    declared = declared_in(content)
    own = [(DECISION_MODEL, declared.id)] if declared.id else []
    return FileFacts((*own, *(("decision", decision_id) for decision_id in declared.decisions)), declared=declared)


def _with_imports(connection: Connection, facts: Sequence[FileFacts]) -> list[FileFacts]:
    """The models that decision models import, as their uses: they are deployed together."""
    models = [one.declared for one in facts if one.declared is not None]
    if not any(model.imports for model in models):
        return list(facts)
    known = by_namespace([*reversed(models), *(file.declared for file in deployed_files(connection))])
    return [one if one.declared is None else replace(one, uses=tuple(_imports(one.declared, known))) for one in facts]


def _imports(declared: Declared, known: Mapping[str, Declared]) -> Iterator[DraftUse]:
    for model_id in imported_ids(declared, known):
        yield DraftUse(DECISION_MODEL, model_id, declared.id, "deployment")


def _of_process_file(root: etree._Element) -> FileFacts:
    translate_dialects(root, "")
    processes = [node for node in root.iterchildren(f"{_B}process") if node.get("isExecutable", "true") == "true"]
    ids = [process.get("id") for process in processes]
    return FileFacts(tuple(("process", name) for name in ids if name), tuple(dict.fromkeys(_uses(processes))))


def _uses(processes: Sequence[etree._Element]) -> Iterator[DraftUse]:
    for process in processes:
        for holder in process.iter(f"{_B}extensionElements"):
            owner = holder.getparent()
            for name, (kind, attribute) in _REFERENCES.items():
                for reference in holder.iterchildren(f"{_Z}{name}"):
                    target = reference.get(attribute, "")
                    if target and not target.startswith("=") and owner is not None:
                        binding = reference.get("bindingType", "latest")
                        yield DraftUse(kind, target, owner.get("id", ""), binding)


_DRAFTS = """
    SELECT key, name, kind, base_key, revision, owner, changed_at, changed_by, content FROM draft
    WHERE kind <> 'scenario' AND (shared OR owner = %(reader)s) ORDER BY changed_at DESC, key DESC LIMIT %(most)s"""
_VERSIONS = """
    SELECT kind, id, content_hash, bool_or(version = newest) AS is_newest FROM (
        SELECT v.*, max(version) OVER (PARTITION BY kind, id) AS newest FROM (
            SELECT 'process' AS kind, process_id AS id, version, content_hash FROM process_definition
            UNION ALL SELECT 'decisionRequirements', requirements_id, version, content_hash FROM decision_requirements
            UNION ALL SELECT 'form', form_id, version, content_hash FROM form_definition) v
        WHERE id = ANY(%(ids)s::text[])) r
    WHERE content_hash = ANY(%(hashes)s::text[]) GROUP BY kind, id, content_hash"""
