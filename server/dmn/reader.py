"""Reads a DMN file (1.2 to 1.5) into :mod:`server.dmn.model`, collecting every fault on the way.

Entities, document types and the network are off: a file is data, never an instruction to fetch something.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from server.dmn import findings as faults
from server.dmn.boxed_reader import BoxedReader
from server.dmn.errors import DmnError
from server.dmn.findings import FindingLog
from server.dmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    FunctionItem,
    Import,
    InformationItem,
    InputData,
    ItemDefinition,
    Place,
    Reference,
)
from server.dmn.xml_element import XmlElement, line_of

DMN_NAMESPACES: Final = {
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
_ZEEBE_VERSION_TAG: Final = "{http://camunda.org/schema/zeebe/1.0}versionTag"
_CAMUNDA_VERSION_TAG: Final = "{http://camunda.org/schema/1.0/dmn}versionTag"
# Elements of a graph that say something about it but take no part in deciding.
_SILENT: Final = frozenset({"knowledgeSource", "organizationUnit", "performanceIndicator"})


def read_definitions(xml: bytes, log: FindingLog) -> Definitions:
    """The file's elements; faults go to ``log``. Raises :class:`DmnError` only where nothing can be read."""
    root = _parse(xml, log)
    namespace = etree.QName(root).namespace or ""
    if etree.QName(root).localname != "definitions" or namespace not in DMN_NAMESPACES:
        log.error(faults.not_dmn(root.tag, DMN_NAMESPACES.values()), Place(line=line_of(root)))
        raise DmnError(log.findings[-1].message, log.findings)
    return _DefinitionsReader(XmlElement(root, namespace), log).read()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a DMN file says it is: its id, its namespace, its decisions' ids, and the namespaces that it imports."""

    id: str
    namespace: str
    decisions: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def read_declared(xml: bytes) -> Declared | None:
    """What a file declares, however faulty the rest of it is; None where it is no DMN file."""
    try:
        root = _parse(xml, FindingLog())
    except DmnError:
        return None
    if etree.QName(root).namespace not in DMN_NAMESPACES:
        return None
    decisions = (node.get("id", "") for node in root.iterchildren("{*}decision"))
    imports = (node.get("namespace", "") for node in root.iterchildren("{*}import"))
    return Declared(
        root.get("id", ""),
        root.get("namespace", ""),
        tuple(filter(None, decisions)),
        tuple(dict.fromkeys(filter(None, imports))),
    )


def _parse(xml: bytes, log: FindingLog) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        log.error(faults.not_xml(error.msg or ""), Place(line=error.lineno))
        raise DmnError(log.findings[-1].message, log.findings) from error
    if getattr(root.getroottree().docinfo, "doctype", ""):
        log.error(faults.has_doctype(), Place(line=1))
        raise DmnError(log.findings[-1].message, log.findings)
    return root


class _DefinitionsReader:
    """Reads the graph and the types; boxed expressions are left to :class:`BoxedReader`."""

    def __init__(self, root: XmlElement, log: FindingLog) -> None:
        self._root = root
        self._log = log
        self._namespace = root.get("namespace") or ""
        self._boxed = BoxedReader(log, root.get("expressionLanguage"))

    def read(self) -> Definitions:
        root = self._root
        place = root.place(Place())
        return Definitions(
            id=root.get("id") or "",
            name=root.get("name") or "",
            namespace=self._namespace,
            dmn_namespace=root.namespace,
            expression_language=root.get("expressionLanguage"),
            imports=tuple(self._import(element, place) for element in root.children("import")),
            item_definitions=self._item_definitions(place),
            elements=self._elements(place),
            place=place,
        )

    def _import(self, element: XmlElement, above: Place) -> Import:
        return Import(
            name=(element.get("name") or "").strip(),
            namespace=element.get("namespace") or "",
            import_type=element.get("importType") or "",
            location=element.get("locationURI"),
            place=element.place(above),
        )

    # --- types ---

    def _item_definitions(self, above: Place) -> dict[str, ItemDefinition]:
        found: dict[str, ItemDefinition] = {}
        for element in self._root.children("itemDefinition"):
            definition = self._item_definition(element, above)
            if definition.name in found:
                self._log.error(faults.duplicate_type(definition.name), definition.place)
            found[definition.name] = definition
        return found

    def _item_definition(self, element: XmlElement, above: Place) -> ItemDefinition:
        place = element.place(above)
        function = element.child("functionItem")
        return ItemDefinition(
            name=self._name(element, place),
            type_ref=element.child_text("typeRef"),
            is_collection=element.get("isCollection") in ("true", "1"),
            components=tuple(self._item_definition(c, place) for c in element.children("itemComponent")),
            allowed_values=self._boxed.unary_tests(element.child("allowedValues"), place),
            type_constraint=self._boxed.unary_tests(element.child("typeConstraint"), place),
            function=None if function is None else self._function_item(function, place),
            place=place,
        )

    def _function_item(self, element: XmlElement, above: Place) -> FunctionItem:
        return FunctionItem(
            parameters=tuple(self._boxed.information_item(p, above) for p in element.children("parameters")),
            output_type_ref=element.get("outputTypeRef"),
        )

    # --- the requirement graph ---

    def _elements(self, above: Place) -> dict[str, DrgElement]:
        found: dict[str, DrgElement] = {}
        names: set[str] = set()
        for child in self._root.children():
            element = self._drg_element(child, above)
            if element is None:
                continue
            if element.id in found:
                self._log.error(faults.duplicate_id(element.id), element.place)
            elif element.name in names:
                self._log.error(faults.duplicate_name(element.name), element.place)
            names.add(element.name)
            found[element.id] = element
        return found

    def _drg_element(self, element: XmlElement, above: Place) -> DrgElement | None:
        match element.local_name:
            case "inputData":
                return self._input_data(element, above)
            case "decision":
                return self._decision(element, above)
            case "businessKnowledgeModel":
                return self._knowledge(element, above)
            case "decisionService":
                return self._service(element, above)
            case _:
                return None

    def _input_data(self, element: XmlElement, above: Place) -> InputData:
        place, name = self._place_and_name(element, above)
        return InputData(place.id or name, name, self._variable(element, name, place), place)

    def _decision(self, element: XmlElement, above: Place) -> Decision:
        place, name = self._place_and_name(element, above)
        return Decision(
            id=element.get("id") or name,
            name=name,
            variable=self._variable(element, name, place),
            logic=self._boxed.expression_in(element, place),
            required_inputs=self._requirements(element, "informationRequirement", "requiredInput", place),
            required_decisions=self._requirements(element, "informationRequirement", "requiredDecision", place),
            required_knowledge=self._requirements(element, "knowledgeRequirement", "requiredKnowledge", place),
            version_tag=_version_tag(element),
            place=place,
        )

    def _knowledge(self, element: XmlElement, above: Place) -> BusinessKnowledgeModel:
        place, name = self._place_and_name(element, above)
        logic = element.child("encapsulatedLogic")
        return BusinessKnowledgeModel(
            id=element.get("id") or name,
            name=name,
            variable=self._variable(element, name, place),
            logic=None if logic is None else self._boxed.function_definition(logic, place),
            required_knowledge=self._requirements(element, "knowledgeRequirement", "requiredKnowledge", place),
            place=place,
        )

    def _service(self, element: XmlElement, above: Place) -> DecisionService:
        place, name = self._place_and_name(element, above)
        outputs = self._references(element, "outputDecision", place)
        if not outputs:
            self._log.error(faults.service_without_output(name), place)
        return DecisionService(
            id=element.get("id") or name,
            name=name,
            variable=self._variable(element, name, place),
            output_decisions=outputs,
            encapsulated_decisions=self._references(element, "encapsulatedDecision", place),
            input_decisions=self._references(element, "inputDecision", place),
            input_data=self._references(element, "inputData", place),
            place=place,
        )

    def _variable(self, element: XmlElement, name: str, above: Place) -> InformationItem:
        variable = element.child("variable")
        if variable is None:
            return InformationItem(name, None, above)
        item = self._boxed.information_item(variable, above, named=False)
        return item if item.name else InformationItem(name, item.type_ref, item.place)

    def _requirements(
        self, element: XmlElement, requirement: str, required: str, above: Place
    ) -> tuple[Reference, ...]:
        return tuple(
            reference
            for child in element.children(requirement)
            for reference in self._references(child, required, child.place(above))
        )

    def _references(self, element: XmlElement, name: str, above: Place) -> tuple[Reference, ...]:
        found = []
        for child in element.children(name):
            place = child.place(above)
            namespace, _, identity = (child.get("href") or "").strip().rpartition("#")
            if identity:
                local = not namespace or namespace == self._namespace
                found.append(Reference(identity, None if local else namespace, place))
            else:
                self._log.error(faults.reference_without_target(name), place)
        return tuple(found)

    def _place_and_name(self, element: XmlElement, above: Place) -> tuple[Place, str]:
        place = element.place(above)
        return place, self._name(element, place)

    def _name(self, element: XmlElement, place: Place) -> str:
        name = " ".join((element.get("name") or "").split())
        if not name:
            self._log.error(faults.missing_name(element.local_name), place)
        return name or place.id


def _version_tag(element: XmlElement) -> str | None:
    extensions = element.child("extensionElements")
    tag = None if extensions is None else extensions.foreign_child(_ZEEBE_VERSION_TAG)
    return element.get(_CAMUNDA_VERSION_TAG) if tag is None else tag.get("value")
