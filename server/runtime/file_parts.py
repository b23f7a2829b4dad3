"""Files taken apart for comparison: elements, rules, cells and fields, each under an id, with what is said of it.

Files are read as they stand, also drafts that could not be deployed; only what is no XML or JSON at all is refused.
Layout is no part of what a file says; it is kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from lxml import etree

from server.messages import Message
from server.store.database import decode_json, encode_json

from .errors import Refused

KINDS = ("bpmn", "dmn", "form")
_SHOWN_BY = ("target", "key", "name", "type")
_OWNERS = frozenset(
    {
        "definitions",
        "process",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "collaboration",
        "laneSet",
        "childLaneSet",
    }
)
_NOT_OWNED = frozenset({"extensionElements", "documentation", "incoming", "outgoing", "BPMNDiagram", "ioSpecification"})
_MARKERS = ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics")
_DMN_PARTS = frozenset(
    {"decision", "inputData", "businessKnowledgeModel", "knowledgeSource", "itemDefinition", "input", "output"}
)


@dataclass(slots=True)
class Part:
    """One part of a file; ``properties`` are texts by path, such as ``timerEventDefinition.timeDuration``."""

    id: str
    type: str
    name: str
    parent_id: str | None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FileParts:
    """A file's parts by id, in the order of the file, and where each is drawn."""

    kind: str
    parts: dict[str, Part] = field(default_factory=dict)
    layout: dict[str, str] = field(default_factory=dict)


def parts_of(kind: str, content: str | bytes) -> FileParts:
    """The parts of a BPMN, DMN or form file. Raises :class:`Refused` where it cannot be read at all."""
    raw = content.encode() if isinstance(content, str) else content
    if kind == "form":
        return _form_parts(raw)
    root = _xml(raw)
    return _bpmn_parts(root) if kind == "bpmn" else _dmn_parts(root)


def _xml(raw: bytes) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(str(error)) from error


def _unreadable(why: str) -> Refused:
    return Refused(
        Message(
            "comparison.unreadable",
            f"文件无法读取（{why}）；请先更正格式再比较。",
            f"The file cannot be read ({why}); correct its form, then compare.",
        )
    )


def _local(node: Any) -> str:
    return etree.QName(node).localname


# -- BPMN --------------------------------------------------------------------------------------------------------


def _bpmn_parts(root: Any) -> FileParts:
    found = FileParts("bpmn")
    for node in root.iter(etree.Element):
        if _local(node) in ("BPMNShape", "BPMNEdge"):
            element = node.get("bpmnElement")
            if element is not None:
                found.layout[element] = " ".join(
                    "/".join(str(value) for value in below.attrib.values())
                    for below in node
                    if _local(below) in ("Bounds", "waypoint")
                )
        elif _is_owner(node):
            parent = next(
                (a.get("id") for a in node.iterancestors() if _local(a) != "definitions" and a.get("id")), None
            )
            part = Part(node.get("id"), _local(node), node.get("name") or node.get("id"), parent)
            part.properties = dict(_said(node, own=True))
            found.parts[part.id] = part
    return found


def _is_owner(node: Any) -> bool:
    parent = node.getparent()
    name = _local(node)
    return (
        parent is not None
        and node.get("id") is not None
        and _local(parent) in _OWNERS
        and name not in _NOT_OWNED
        and name not in _MARKERS
    )


def _said(node: Any, *, own: bool, path: str = "") -> Iterator[tuple[str, str]]:
    """What a node says: its attributes and texts, and those of what it holds, by path."""
    for name, value in node.attrib.items():
        local = etree.QName(name).localname
        if local != "id" and not (local == "type" and str(value).endswith("tFormalExpression")):
            yield f"{path}{local}", str(value)
    text = (node.text or "").strip()
    if text and path:
        yield path.rstrip("."), text
    for below in node:
        local = _local(below)
        if local in ("incoming", "outgoing") or _is_owner(below) or local in ("laneSet", "childLaneSet"):
            continue
        if local in ("extensionElements", "ioMapping", "taskHeaders", "properties"):
            yield from _said(below, own=False, path=path)
            continue
        shown = next((below.get(name) for name in _SHOWN_BY if below.get(name) and local in _LISTED), None)
        yield from _said(below, own=False, path=f"{path}{local}{f'[{shown}]' if shown else ''}.")


_LISTED = frozenset({"input", "output", "header", "property"})


# -- DMN ---------------------------------------------------------------------------------------------------------


def _dmn_parts(root: Any) -> FileParts:
    found = FileParts("dmn")
    for node in root.iter(etree.Element):
        local = _local(node)
        if local == "DMNShape":
            bounds = next((b for b in node if _local(b) == "Bounds"), None)
            if bounds is not None:
                found.layout[node.get("dmnElementRef")] = "/".join(str(value) for value in bounds.attrib.values())
        elif local == "rule":
            _add_rule(found, node)
        elif local in _DMN_PARTS and node.get("id"):
            name = node.get("name") or node.get("label") or _text_below(node) or node.get("id")
            part = Part(node.get("id"), local, name, _decision_of(node))
            part.properties = dict(_dmn_said(node))
            found.parts[part.id] = part
    return found


def _decision_of(node: Any) -> str | None:
    return next(
        (a.get("id") for a in node.iterancestors() if _local(a) in ("decision", "businessKnowledgeModel")), None
    )


def _text_below(node: Any) -> str:
    return next((below.text.strip() for below in node.iter(etree.Element) if below.text and below.text.strip()), "")


def _dmn_said(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        if etree.QName(name).localname != "id":
            yield f"{path}{etree.QName(name).localname}", str(value)
    text = (node.text or "").strip()
    if text and path:
        yield path.rstrip("."), text
    for below in node:
        local = _local(below)
        if local == "rule" or (local in ("input", "output") and below.get("id")):
            continue
        if local == "text":
            yield path.rstrip(".") or "text", (below.text or "").strip()
            continue
        shown = below.get("name") if local in ("variable", "column", "itemComponent") else below.get("href")
        yield from _dmn_said(below, f"{path}{local}{f'[{shown}]' if shown else ''}.")


def _add_rule(found: FileParts, rule: Any) -> None:
    table = rule.getparent()
    number = sum(1 for _ in rule.itersiblings(rule.tag, preceding=True)) + 1
    columns = [_column(column, n) for n, column in enumerate((c for c in table if _local(c) == "input"), 1)]
    columns += [_column(column, n) for n, column in enumerate((c for c in table if _local(c) == "output"), 1)]
    entries = [e for e in rule if _local(e) in ("inputEntry", "outputEntry")]
    part = Part(rule.get("id") or f"rule-{number}", "rule", str(number), _decision_of(rule))
    for column, entry in zip(columns, entries, strict=False):
        part.properties[column] = _text_below(entry) or "-"
    notes = [_text_below(entry) for entry in rule if _local(entry) == "annotationEntry"]
    notes += [(entry.text or "").strip() for entry in rule if _local(entry) == "description"]
    if any(notes):
        part.properties["annotation"] = "; ".join(note for note in notes if note)
    found.parts[f"{part.parent_id}/{part.id}"] = part


def _column(clause: Any, number: int) -> str:
    return clause.get("label") or clause.get("name") or _text_below(clause) or f"{_local(clause)} {number}"


# -- forms -------------------------------------------------------------------------------------------------------


def _form_parts(raw: bytes) -> FileParts:
    try:
        schema = decode_json(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreadable(str(error)) from error
    if not isinstance(schema, Mapping):
        raise _unreadable("no JSON object")
    found = FileParts("form")
    form = Part(str(schema.get("id", "form")), "form", str(schema.get("id", "form")), None)
    form.properties = dict(
        _flat({k: v for k, v in schema.items() if k not in ("components", "id", "type", "exporter")})
    )
    found.parts[form.id] = form
    _add_components(found, schema.get("components"), form.id)
    return found


def _add_components(found: FileParts, components: Any, parent: str) -> None:
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, Mapping):
            continue
        identity = str(component.get("id") or component.get("key") or f"{parent}/{len(found.parts)}")
        name = str(component.get("label") or component.get("key") or component.get("text") or identity)
        part = Part(identity, str(component.get("type", "field")), name[:80], parent)
        own = {k: v for k, v in component.items() if k not in ("components", "id", "type", "layout")}
        part.properties = dict(_flat(own))
        found.parts[identity] = part
        found.layout[identity] = encode_json(component.get("layout"))
        _add_components(found, component.get("components"), identity)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            shown = inner.get("value") if isinstance(inner, Mapping) else None
            yield from _flat(inner, f"{path}[{number + 1 if shown is None else shown}]")
    elif value is not None:
        yield path, value if isinstance(value, str) else encode_json(value)
