"""Data objects, properties and data associations: which of them are executed, and how.

A data object is the variable of its name (or of its id, where its name could not be that of a variable) in the
process or subprocess that it stands in. An association that says what to copy - by the data input or output of an
``ioSpecification``, a property, a transformation or an assignment - becomes an input or output mapping, ahead of the
gate's rules. One that only draws a line, as diagram editors make them, is documentation. Nothing is kept in data
stores, so copying to or from one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from server.messages import Finding, Message, Severity

from .extensions import BPMN, ZEEBE

_B = f"{{{BPMN}}}"
_Z = f"{{{ZEEBE}}}"
_PLACEHOLDER = "__targetRef_placeholder"
"""The name of the property that bpmn-js invents as the end of a line that is only drawn."""

_VARIABLE = re.compile(r"[^\W\d]\w*")
_OBJECTS = ("dataObject", "dataObjectReference")
_STORES = ("dataStore", "dataStoreReference")


@dataclass(frozen=True, slots=True)
class _End:
    """One end of an association: what it is, its variable, and the element that declares it."""

    kind: str
    variable: str
    element: etree._Element


def translate_data(root: etree._Element, resource: str) -> list[Finding]:
    """Rewrite executed associations and loops over data into Camunda 8's, in place."""
    return list(_Data(root, resource).translate())


class _Data:
    def __init__(self, root: etree._Element, resource: str) -> None:
        self._root = root
        self._resource = resource
        self._by_id = {element.get("id"): element for element in root.iter(etree.Element) if element.get("id")}

    def translate(self) -> Iterator[Finding]:
        yield from self._item_definitions()
        for direction, tag in (("input", "dataInputAssociation"), ("output", "dataOutputAssociation")):
            for association in list(self._root.iter(_B + tag)):
                yield from self._associate(association, direction)
        for loop in list(self._root.iter(f"{_B}multiInstanceLoopCharacteristics")):
            yield from self._loop(loop)

    def _item_definitions(self) -> Iterator[Finding]:
        for definition in self._root.iterfind(f"{_B}itemDefinition"):
            if definition.get("structureRef"):
                yield self._finding(
                    definition,
                    Severity.WARNING,
                    "bpmn.item-definition",
                    "itemDefinition 的结构不会被检查：变量是 JSON，其形状由表单和决策的类型约束。",
                    "The structure of an itemDefinition is not checked: variables are JSON, whose shape forms and"
                    " the types of decisions see to.",
                )
                return

    # -- associations --------------------------------------------------------------------------------------------

    def _associate(self, association: etree._Element, direction: str) -> Iterator[Finding]:
        owner = association.getparent()
        source, target = self._end(association, "sourceRef"), self._end(association, "targetRef")
        mappings = list(self._explicit(association, source, target))
        if (
            not mappings
            and source is not None
            and target is not None
            and _PLACEHOLDER
            not in (
                source.variable,
                target.variable,
            )
        ):
            mappings = [(f"={source.variable}", target.variable)]
        if not mappings:
            return  # a line that is only drawn
        for end in (source, target):
            if end is not None and end.kind in _STORES:
                yield self._finding(
                    association,
                    Severity.ERROR,
                    "bpmn.data-store",
                    f"数据存储“{end.variable}”中不会保存任何内容；请用服务任务读写外部系统，或只画连线。",
                    f"Nothing is kept in the data store '{end.variable}'; read and write other systems with a service"
                    " task, or draw the line only.",
                )
                return
            if end is not None and end.kind in _OBJECTS:
                self._declare(end)
        for text, variable in mappings:
            if not text.startswith("=") or not _VARIABLE.fullmatch(variable):
                yield self._finding(
                    association,
                    Severity.ERROR,
                    "bpmn.data-association",
                    f"数据关联“{text}”→“{variable}”不会被执行：来源应为以 = 开头的 FEEL，目标应为变量名。",
                    f"The data association '{text}' to '{variable}' is not executed: its source must be FEEL that"
                    " begins with =, its target the name of a variable.",
                )
            else:
                _map(owner, direction, text, variable)

    def _explicit(
        self, association: etree._Element, source: _End | None, target: _End | None
    ) -> Iterator[tuple[str, str]]:
        """What assignments, or else a transformation, say is copied."""
        assignments = association.findall(f"{_B}assignment")
        for assignment in assignments:
            to = (assignment.findtext(f"{_B}to") or "").strip()
            yield (assignment.findtext(f"{_B}from") or "").strip(), to.removeprefix("=").strip()
        transformation = association.find(f"{_B}transformation")
        if transformation is not None and not assignments:
            yield (transformation.text or "").strip(), "" if target is None else target.variable

    def _end(self, association: etree._Element, tag: str) -> _End | None:
        element = self._by_id.get((association.findtext(_B + tag) or "").strip())
        return None if element is None else self._resolve(element)

    def _resolve(self, element: etree._Element) -> _End:
        kind = etree.QName(element).localname
        meant = element
        if kind == "dataObjectReference":
            meant = self._by_id.get(element.get("dataObjectRef", ""), element)
        names = (meant.get("name"), element.get("name"))
        written = next((name for name in names if name and _VARIABLE.fullmatch(name)), None)
        if _PLACEHOLDER in names:
            written = _PLACEHOLDER
        return _End(kind, written or meant.get("id", ""), meant)

    def _declare(self, end: _End) -> None:
        """A data object of a subprocess is a variable of that subprocess: not there before, gone afterwards."""
        scope = end.element.getparent()
        if etree.QName(scope).localname == "process":
            return
        declared = scope.findall(f"{_B}extensionElements/{_Z}ioMapping/{_Z}input")
        if all(mapping.get("target") != end.variable for mapping in declared):
            _map(scope, "input", "=null", end.variable)

    # -- loops -----------------------------------------------------------------------------------------------------

    def _loop(self, loop: etree._Element) -> Iterator[Finding]:
        collection, output = loop.find(f"{_B}loopDataInputRef"), loop.find(f"{_B}loopDataOutputRef")
        if collection is None and output is None:
            return
        if loop.find(f"{_B}extensionElements/{_Z}loopCharacteristics") is not None:
            yield self._finding(
                loop,
                Severity.WARNING,
                "bpmn.dialect-both",
                "同时写了 zeebe:loopCharacteristics 和 loopDataInputRef，以 zeebe:loopCharacteristics 为准。",
                "This has zeebe:loopCharacteristics and loopDataInputRef; zeebe:loopCharacteristics counts.",
            )
            return
        attributes = {}
        items = (
            (collection, "inputCollection", "=", f"{_B}inputDataItem", "inputElement", ""),
            (output, "outputCollection", "", f"{_B}outputDataItem", "outputElement", "="),
        )
        for reference, whole, mark, tag, part, part_mark in items:
            referred = None if reference is None else self._by_id.get((reference.text or "").strip())
            if referred is not None:
                attributes[whole] = mark + self._source_of(referred)
            item = loop.find(tag)
            if item is not None and item.get("name"):
                attributes[part] = part_mark + item.get("name", "")
        _extend(loop, etree.Element(f"{_Z}loopCharacteristics", attributes))

    def _source_of(self, referred: etree._Element) -> str:
        """The variable of a data object, or of the one from which a data input is filled."""
        end = self._resolve(referred)
        if end.kind in ("dataInput", "dataOutput"):
            near, far = ("targetRef", "sourceRef") if end.kind == "dataInput" else ("sourceRef", "targetRef")
            for association in self._root.iter(f"{_B}dataInputAssociation", f"{_B}dataOutputAssociation"):
                if (association.findtext(_B + near) or "").strip() == referred.get("id"):
                    other = self._end(association, far)
                    if other is not None:
                        return other.variable
        return end.variable

    def _finding(self, element: etree._Element, severity: Severity, code: str, zh: str, en: str) -> Finding:
        owner = element
        while owner.get("id") is None and owner.getparent() is not None:
            owner = owner.getparent()
        return Finding(severity, Message(code, zh, en), self._resource, owner.get("id", ""), element.sourceline)


def _map(element: etree._Element, direction: str, source: str, target: str) -> None:
    """Add a mapping to an element, behind those that it has."""
    mapping = element.find(f"{_B}extensionElements/{_Z}ioMapping")
    if mapping is None:
        mapping = etree.Element(f"{_Z}ioMapping")
        _extend(element, mapping)
    written = etree.SubElement(mapping, _Z + direction, source=source, target=target)
    written.sourceline = element.sourceline


def _extend(element: etree._Element, extension: etree._Element) -> None:
    holder = element.find(f"{_B}extensionElements")
    if holder is None:
        holder = etree.Element(f"{_B}extensionElements")
        element.insert(len(element.findall(f"{_B}documentation")), holder)
        holder.sourceline = element.sourceline
    holder.append(extension)
    extension.sourceline = element.sourceline
