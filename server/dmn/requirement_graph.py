"""The requirement graph (DMN 1.5, chapter 6): what every reference points to, across imports, without circles.

A :class:`LinkedModel` is a file whose references have been followed. Faults go to the log; a reference that
leads nowhere is left out, so that the rest of a faulty model can still be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from server.dmn import findings as faults
from server.dmn.findings import FindingLog
from server.dmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    InputData,
    Reference,
)

_KIND_NAMES: Mapping[type, str] = {
    InputData: "输入数据 (input data)",
    Decision: "决策 (decision)",
    BusinessKnowledgeModel: "业务知识模型 (business knowledge model)",
    DecisionService: "决策服务 (decision service)",
}


@dataclass(frozen=True, slots=True)
class Target:
    """The element that a reference leads to; ``import_name`` is None for one of the same file."""

    model: LinkedModel
    element: DrgElement
    import_name: str | None = None


class LinkedModel:
    """A file, the files it imports by import name, and where its references lead."""

    __slots__ = ("_targets", "definitions", "imports")

    def __init__(self, definitions: Definitions, imports: Mapping[str, LinkedModel], log: FindingLog) -> None:
        self.definitions = definitions
        self.imports = imports
        self._targets: dict[Reference, Target] = {}
        for element in definitions.elements.values():
            for reference, kinds in _references(element):
                self._link(reference, kinds, log)

    def targets(self, references: Iterable[Reference]) -> Iterator[Target]:
        """Where ``references`` lead, leaving out those that lead nowhere."""
        for reference in references:
            target = self._targets.get(reference)
            if target is not None:
                yield target

    def _link(self, reference: Reference, kinds: tuple[type, ...], log: FindingLog) -> None:
        target = self._find(reference)
        if target is not None and isinstance(target.element, kinds):
            self._targets[reference] = target
            return
        known = {imported.definitions.namespace for imported in self.imports.values()}
        if reference.namespace is not None and reference.namespace not in known:
            log.error(faults.unknown_namespace(reference.namespace), reference.place)
        else:
            log.error(
                faults.broken_reference(reference.id, ", ".join(_KIND_NAMES[kind] for kind in kinds)),
                reference.place,
            )

    def _find(self, reference: Reference) -> Target | None:
        if reference.namespace is None:
            element = self.definitions.elements.get(reference.id)
            return None if element is None else Target(self, element)
        for name, imported in self.imports.items():
            definitions = imported.definitions
            if definitions.namespace == reference.namespace and reference.id in definitions.elements:
                return Target(imported, definitions.elements[reference.id], name)
        return None


def _references(element: DrgElement) -> Iterator[tuple[Reference, tuple[type, ...]]]:
    knowledge = (BusinessKnowledgeModel, DecisionService)
    match element:
        case Decision():
            yield from ((reference, (InputData,)) for reference in element.required_inputs)
            yield from ((reference, (Decision,)) for reference in element.required_decisions)
            yield from ((reference, knowledge) for reference in element.required_knowledge)
        case BusinessKnowledgeModel():
            yield from ((reference, knowledge) for reference in element.required_knowledge)
        case DecisionService():
            for decisions in (element.output_decisions, element.encapsulated_decisions, element.input_decisions):
                yield from ((reference, (Decision,)) for reference in decisions)
            yield from ((reference, (InputData,)) for reference in element.input_data)
        case InputData():
            pass


Node = tuple[int, str]
"""A node of the whole graph: which file, by the identity of its linked model, and which element."""


def find_cycle(model: LinkedModel) -> Sequence[str]:
    """The names along a circle of requirements, the first again at the end; empty where there is none."""
    edges: dict[Node, list[Node]] = {}
    names: dict[Node, str] = {}
    waiting = [Target(model, element) for element in model.definitions.elements.values()]
    while waiting:
        target = waiting.pop()
        node = (id(target.model), target.element.id)
        if node in edges:
            continue
        required = list(_required(target))
        edges[node] = [(id(found.model), found.element.id) for found in required]
        names[node] = target.element.name
        waiting.extend(required)
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        # graphlib names the circle from the required to the requiring element.
        return [names[node] for node in reversed(error.args[1])]
    return ()


def _required(target: Target) -> Iterator[Target]:
    """What must be there before ``target`` can be evaluated or called."""
    model, element = target.model, target.element
    match element:
        case Decision():
            yield from model.targets(element.required_decisions)
            yield from _callable(model.targets(element.required_knowledge), element)
        case BusinessKnowledgeModel():
            yield from _callable(model.targets(element.required_knowledge), element)
        case DecisionService():
            # What the service's decisions call; their own circles show on the decisions themselves. Its input
            # decisions are parameters here, so what lies behind them does not belong to it.
            for inner in decisions_of(model, element):
                if isinstance(inner.element, Decision):
                    yield from inner.model.targets(inner.element.required_knowledge)
        case InputData():
            pass


def _callable(targets: Iterable[Target], caller: DrgElement) -> Iterator[Target]:
    """Functions that ``caller`` may call. One may call itself: recursion is bounded by the budget."""
    return (target for target in targets if target.element is not caller)


def decisions_of(model: LinkedModel, service: DecisionService) -> list[Target]:
    """The decisions evaluated inside a service: its outputs and what they need, short of its inputs."""
    given = {(id(t.model), t.element.id) for t in model.targets(service.input_decisions)}
    found: dict[Node, Target] = {}
    waiting = list(model.targets(service.output_decisions))
    while waiting:
        target = waiting.pop()
        node = (id(target.model), target.element.id)
        if node in found or node in given or not isinstance(target.element, Decision):
            continue
        found[node] = target
        waiting.extend(target.model.targets(target.element.required_decisions))
    return list(found.values())
