"""From files to a compiled model: reads a DMN file and those it imports, links them and compiles them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from server.dmn import findings as faults
from server.dmn.compiled_graph import CompiledGraph, CompiledService, compile_graph
from server.dmn.decision_model import DecisionModel
from server.dmn.errors import DmnError
from server.dmn.findings import FindingLog
from server.dmn.item_definition import TypeRegistry
from server.dmn.model import Definitions, Import, Place
from server.dmn.plan import Node, plan_service
from server.dmn.reader import read_declared, read_definitions
from server.dmn.requirement_graph import LinkedModel, Target, find_cycle
from server.messages import Severity


def read_dmn(xml: bytes, *, resource: str = "", imports: Mapping[str, bytes] | None = None) -> DecisionModel:
    """Reads and compiles a model; raises :class:`DmnError` with every fault where there is any.

    ``imports`` are the files it may import, by any name; they are found by the namespace they declare.
    """
    model = read_draft(xml, resource=resource, imports=imports)
    errors = [finding for finding in model.findings if finding.severity is Severity.ERROR]
    if errors:
        raise DmnError(faults.refused(len(errors), errors[0].message), model.findings)
    return model


def read_draft(xml: bytes, *, resource: str = "", imports: Mapping[str, bytes] | None = None) -> DecisionModel:
    """Reads a model that may be faulty, for editors and for conformance: its ``findings`` hold the faults.

    What is faulty evaluates to null with a diagnostic. Raises :class:`DmnError` where nothing can be evaluated: no
    DMN file, or a circle of requirements.
    """
    try:
        return _Loader(imports or {}).load(xml, resource)
    except RecursionError as error:
        log = FindingLog(resource)
        log.error(faults.too_deep(), Place())
        raise DmnError(log.findings[-1].message, log.findings) from error


@dataclass(frozen=True, slots=True)
class _File:
    """A file, linked and compiled."""

    linked: LinkedModel
    types: TypeRegistry
    graph: CompiledGraph


class _Loader:
    def __init__(self, available: Mapping[str, bytes]) -> None:
        self._available: dict[str, tuple[str, bytes]] = {}
        self._passed_over: dict[str, list[str]] = {}
        for resource, xml in available.items():
            declared = read_declared(xml)
            if declared is not None and declared.namespace:
                if declared.namespace in self._available:
                    self._passed_over.setdefault(declared.namespace, []).append(self._available[declared.namespace][0])
                self._available[declared.namespace] = (resource, xml)
        self._files: dict[str, _File] = {}
        self._loading: list[str] = []
        self._logs: list[FindingLog] = []

    def load(self, xml: bytes, resource: str) -> DecisionModel:
        """The model of the file with everything it imports."""
        file = self._file(xml, resource)
        findings = tuple(finding for log in self._logs for finding in log.findings)
        imported = tuple(other.linked.definitions.id for other in self._files.values())
        return DecisionModel(file.linked.definitions, file.graph, hashlib.sha256(xml).hexdigest(), findings, imported)

    def _file(self, xml: bytes, resource: str) -> _File:
        log = FindingLog(resource)
        self._logs.append(log)
        definitions = read_definitions(xml, log)
        self._loading.append(definitions.namespace)
        imported = self._imports(definitions, log)
        self._loading.pop()
        linked = LinkedModel(definitions, {name: file.linked for name, file in imported.items()}, log)
        circle = find_cycle(linked)
        if circle:
            log.error(faults.cycle(circle), _place_of(definitions, circle[0]))
            raise DmnError(faults.cycle(circle), log.findings)
        types = TypeRegistry(definitions.item_definitions, {name: file.types for name, file in imported.items()}, log)
        graphs = {id(file.linked): file.graph for file in self._files.values()}
        graph = compile_graph(linked, types, graphs, log)
        graphs[id(linked)] = graph
        for service in graph.services.values():
            _plan(service, linked, graphs)
        return _File(linked, types, graph)

    def _imports(self, definitions: Definitions, log: FindingLog) -> dict[str, _File]:
        found: dict[str, _File] = {}
        for declared in definitions.imports:
            file = self._import(declared, log)
            if file is not None:
                found[declared.name] = file
        return found

    def _import(self, declared: Import, log: FindingLog) -> _File | None:
        namespace = declared.namespace
        if namespace in self._loading:
            log.error(faults.cyclic_import(namespace), declared.place)
            raise DmnError(faults.cyclic_import(namespace), log.findings)
        if namespace not in self._available:
            # What the file is counts, not what the import calls it: tools write all sorts of import types.
            foreign = "/DMN/" not in declared.import_type
            fault = faults.foreign_import(declared.import_type) if foreign else faults.unknown_namespace(namespace)
            log.error(fault, declared.place)
            return None
        if namespace in self._passed_over:
            taken, others = self._available[namespace][0], self._passed_over[namespace]
            log.warning(faults.ambiguous_namespace(namespace, taken, others), declared.place)
        if namespace not in self._files:
            resource, xml = self._available[namespace]
            self._files[namespace] = self._file(xml, resource)
        return self._files[namespace]


def _place_of(definitions: Definitions, name: str) -> Place:
    return next((e.place for e in definitions.elements.values() if e.name == name), Place())


def _plan(service: CompiledService, linked: LinkedModel, graphs: Mapping[int, CompiledGraph]) -> None:
    """Plans a service's decisions: its outputs, and what they need short of the decisions it is given."""

    def node(target: Target) -> Node:
        path = () if target.import_name is None else (target.import_name,)
        return path, graphs[id(target.model)].decisions[target.element.id]

    outputs = [node(target) for target in linked.targets(service.element.output_decisions)]
    given = [node(target) for target in linked.targets(service.element.input_decisions)]
    plan_service(service, outputs, given)
