"""The requirement graph, compiled: every decision, function and service of a file with what it binds to.

Compilation happens once per file. A :class:`Plan` lists the decisions behind one decision (or service) in an order
in which each finds its requirements already evaluated, so that evaluation is a loop and depth costs no stack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.dmn import findings as faults
from server.dmn.boxed import LogicCompiler, result_type, typed
from server.dmn.decision_table import CompiledTable
from server.dmn.evaluation import Evaluator
from server.dmn.facts import Reader, reader_of
from server.dmn.findings import FindingLog
from server.dmn.item_definition import TypeRegistry
from server.dmn.literal_expression import Uses
from server.dmn.model import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    DecisionTable,
    DrgElement,
    InputData,
    Reference,
)
from server.dmn.requirement_graph import LinkedModel, Target
from server.dmn.scope import Scope, exported_names, member_names
from server.feel import BUILTINS
from server.feel.functions import Parameter
from server.feel.types import FeelType

Path = tuple[str, ...]
"""The import names from the evaluated file down to the file that an element is in."""


@dataclass(frozen=True, slots=True)
class InputBinding:
    """Input data in scope of a decision."""

    import_name: str | None
    id: str
    name: str
    type: FeelType | None
    reader: Reader | None


@dataclass(frozen=True, slots=True)
class KnowledgeBinding:
    """A function in scope."""

    import_name: str | None
    name: str
    target: CompiledKnowledge | CompiledService


@dataclass(frozen=True, slots=True)
class DecisionBinding:
    """Another decision's result in scope, under its name and what else it is known by."""

    import_name: str | None
    names: tuple[str, ...]
    target: CompiledDecision


@dataclass(slots=True, eq=False)
class CompiledDecision:
    """A decision that can be evaluated once its requirements are.

    ``facts`` are names that its logic uses and no requirement declares: they are looked up in the caller's context,
    as modellers without input data expect it. ``table`` is the logic where that is a decision table, and
    ``table_type`` the type that the table declares.
    """

    decision: Decision
    logic: Evaluator
    inputs: tuple[InputBinding, ...]
    facts: tuple[str, ...]
    result: FeelType | None
    table: CompiledTable | None = None
    table_type: FeelType | None = None
    decisions: tuple[DecisionBinding, ...] = ()
    knowledge: tuple[KnowledgeBinding, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PlacedTable:
    """A decision table and where it stands, for those who look into tables rather than ask them.

    ``types`` are the declared types of the names in scope, ``output_types`` those of the output columns.
    """

    element: Decision | BusinessKnowledgeModel
    table: CompiledTable
    types: Mapping[str, FeelType]
    output_types: tuple[FeelType | None, ...]


@dataclass(slots=True, eq=False)
class CompiledKnowledge:
    """A business knowledge model as a function's parameters and body."""

    element: BusinessKnowledgeModel
    parameters: tuple[Parameter, ...]
    body: Evaluator
    result: FeelType | None
    knowledge: tuple[KnowledgeBinding, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether the function's body is a decision table."""
        logic = self.element.logic
        return logic is not None and isinstance(logic.body, DecisionTable)


@dataclass(slots=True, eq=False)
class CompiledService:
    """A decision service as a function: its parameters and the plan that runs when it is called."""

    element: DecisionService
    parameters: tuple[Parameter, ...]
    result: FeelType | None
    input_data: tuple[tuple[str | None, str], ...]
    outputs: tuple[tuple[str, int], ...] = ()
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One decision of a plan: in which file's surroundings, and where its required decisions' values lie.

    A source is the place of an earlier step, or, below zero, that of a value given from outside: -1 is the first.
    """

    path: Path
    decision: CompiledDecision
    sources: tuple[tuple[DecisionBinding, int], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Decisions in the order of evaluation; the one asked for is the last."""

    steps: tuple[Step, ...]


@dataclass(slots=True)
class CompiledGraph:
    """Everything of one file that can be evaluated or called, by id."""

    decisions: dict[str, CompiledDecision] = field(default_factory=dict)
    knowledge: dict[str, CompiledKnowledge] = field(default_factory=dict)
    services: dict[str, CompiledService] = field(default_factory=dict)
    tables: list[PlacedTable] = field(default_factory=list)


def compile_graph(
    linked: LinkedModel, types: TypeRegistry, imports: Mapping[int, CompiledGraph], log: FindingLog
) -> CompiledGraph:
    """Compiles a file; ``imports`` are the compiled files it imports, by the identity of their linked model."""
    return _GraphCompiler(linked, types, imports, log).compile()


class _GraphCompiler:
    def __init__(
        self, linked: LinkedModel, types: TypeRegistry, imports: Mapping[int, CompiledGraph], log: FindingLog
    ) -> None:
        self._linked = linked
        self._types = types
        self._log = log
        self._graph = CompiledGraph()
        self._graphs = {**imports, id(linked): self._graph}
        self._has_inputs = any(isinstance(e, InputData) for e in linked.definitions.elements.values())
        self._members = _all_members(linked)
        self._own_names = {name for element in linked.definitions.elements.values() for name in _names(element)}

    def compile(self) -> CompiledGraph:
        elements = self._linked.definitions.elements.values()
        graph = self._graph
        for element in elements:
            match element:
                case Decision():
                    graph.decisions[element.id] = self._decision(element)
                case BusinessKnowledgeModel():
                    graph.knowledge[element.id] = self._knowledge(element)
                case DecisionService():
                    graph.services[element.id] = self._service(element)
                case InputData():
                    self._types.resolve(element.variable.type_ref, element.variable.place)
        # Bindings point at compiled elements, so they come after all of these exist.
        for decision in graph.decisions.values():
            decision.decisions = self._decision_bindings(decision.decision.required_decisions)
            decision.knowledge = self._knowledge_bindings(decision.decision.required_knowledge)
        for knowledge in graph.knowledge.values():
            knowledge.knowledge = self._knowledge_bindings(knowledge.element.required_knowledge)
        return graph

    # --- elements ---

    def _decision(self, decision: Decision) -> CompiledDecision:
        if decision.logic is None:
            self._log.warning(faults.no_logic(decision.name), decision.place)
        inputs = tuple(self._input(target) for target in self._linked.targets(decision.required_inputs))
        references = (*decision.required_inputs, *decision.required_decisions, *decision.required_knowledge)
        declared = self._declared(references)
        compiler = LogicCompiler(self._types, self._log)
        scope = self._scope(declared)
        table, table_type = None, None
        if isinstance(decision.logic, DecisionTable):
            table, table_type = compiler.table(decision.logic, scope)
        logic = compiler.compile(decision.logic, scope) if table is None else typed(table, table_type, decision.name)
        self._place(decision, compiler, self._types_in_scope(decision))
        return CompiledDecision(
            decision=decision,
            logic=logic,
            inputs=inputs,
            facts=self._facts(compiler.uses, declared),
            result=self._types.resolve(decision.variable.type_ref, decision.variable.place),
            table=table,
            table_type=table_type,
        )

    def _knowledge(self, element: BusinessKnowledgeModel) -> CompiledKnowledge:
        logic = element.logic
        result = result_type(self._types.resolve(element.variable.type_ref, element.variable.place))
        if logic is None:
            self._log.warning(faults.no_logic(element.name), element.place)
            return CompiledKnowledge(element, (), lambda _variables, _run: None, result)
        parameters = tuple(
            Parameter(item.name, self._types.resolve(item.type_ref, item.place)) for item in logic.parameters
        )
        declared = self._declared(element.required_knowledge) | {element.name}
        scope = self._scope(declared).bind(*(parameter.name for parameter in parameters))
        compiler = LogicCompiler(self._types, self._log)
        body = compiler.function_body(logic, scope)
        self._place(element, compiler, {p.name: p.type for p in parameters if p.type is not None})
        for name, place in compiler.uses.definite.items():
            if name not in declared and name not in BUILTINS:
                self._log.error(faults.unknown_in_function(name, element.name), place)
        return CompiledKnowledge(element, parameters, body, result)

    def _service(self, element: DecisionService) -> CompiledService:
        parameters = []
        for target in self._linked.targets((*element.input_data, *element.input_decisions)):
            found = target.element
            assert isinstance(found, InputData | Decision)
            type_ = self._types_of(target).resolve(found.variable.type_ref, found.variable.place)
            parameters.append(Parameter(found.variable.name, type_))
        result = result_type(self._types.resolve(element.variable.type_ref, element.variable.place))
        input_data = tuple(
            (target.import_name, _variable_name(target.element)) for target in self._linked.targets(element.input_data)
        )
        return CompiledService(element, tuple(parameters), result, input_data)

    # --- tables ---

    def _place(
        self, element: Decision | BusinessKnowledgeModel, compiler: LogicCompiler, types: Mapping[str, FeelType]
    ) -> None:
        for table in compiler.tables:
            outputs = tuple(self._types.resolve(output.type_ref, output.place) for output in table.table.outputs)
            self._graph.tables.append(PlacedTable(element, table, types, outputs))

    def _types_in_scope(self, decision: Decision) -> dict[str, FeelType]:
        """The declared types of required inputs and decisions, by each name that they are known by."""
        found = {}
        for target in self._linked.targets((*decision.required_inputs, *decision.required_decisions)):
            variable = target.element.variable
            type_ = self._types_of(target).resolve(variable.type_ref, variable.place)
            if type_ is not None and target.import_name is None:
                found.update(dict.fromkeys(_names(target.element), type_))
        return found

    # --- what is in scope ---

    def _input(self, target: Target) -> InputBinding:
        element = target.element
        assert isinstance(element, InputData)
        type_ = self._types_of(target).resolve(element.variable.type_ref, element.variable.place)
        reader = None if type_ is None else reader_of(type_)
        return InputBinding(target.import_name, element.id, element.variable.name, type_, reader)

    def _declared(self, references: Sequence[Reference]) -> frozenset[str]:
        """The names that requirements bring into scope; those of an import stand behind its name."""
        found: set[str] = set()
        for target in self._linked.targets(references):
            found.update((target.import_name,) if target.import_name else _names(target.element))
        return frozenset(found)

    def _scope(self, declared: frozenset[str]) -> Scope:
        return Scope(declared).with_members(self._members)

    def _facts(self, uses: Uses, declared: frozenset[str]) -> tuple[str, ...]:
        """The names that are left to the caller's context.

        What the model itself has under a name is in scope only where it is required: to mean it without requiring
        it is a fault, and not a way around the graph.
        """
        found = set()
        for name, place in uses.definite.items():
            if name in declared or name in BUILTINS:
                continue
            if name in self._own_names or name in self._linked.imports:
                self._log.error(faults.not_required(name), place)
                continue
            found.add(name)
            if self._has_inputs:
                self._log.warning(faults.undeclared(name), place)
        found.update(uses.possible - declared - self._own_names)
        return tuple(sorted(found))

    def _decision_bindings(self, references: Sequence[Reference]) -> tuple[DecisionBinding, ...]:
        return tuple(
            DecisionBinding(
                target.import_name,
                _names(target.element),
                self._graphs[id(target.model)].decisions[target.element.id],
            )
            for target in self._linked.targets(references)
        )

    def _knowledge_bindings(self, references: Sequence[Reference]) -> tuple[KnowledgeBinding, ...]:
        bindings = []
        for target in self._linked.targets(references):
            graph = self._graphs[id(target.model)]
            identity = target.element.id
            found = graph.knowledge.get(identity) or graph.services[identity]
            bindings.append(KnowledgeBinding(target.import_name, _variable_name(target.element), found))
        return tuple(bindings)

    def _types_of(self, target: Target) -> TypeRegistry:
        return self._types if target.import_name is None else self._types.imported(target.import_name)


def _all_members(linked: LinkedModel) -> frozenset[str]:
    """What may stand behind a dot: the members of the file's values and those of what it imports."""
    members = member_names(linked.definitions).union(name for name in linked.imports if name)
    for imported in linked.imports.values():
        members |= _all_members(imported) | exported_names(imported.definitions)
    return members


def _variable_name(element: DrgElement) -> str:
    return element.variable.name


def _names(element: DrgElement) -> tuple[str, ...]:
    """What a required element's value is known by: its variable, its own name, and its id where that is a word.

    The specification wants the first two to be the same; files drawn without variables refer to the id.
    """
    names = [element.variable.name, element.name]
    if element.variable.place == element.place and element.id.isidentifier():
        names.append(element.id)
    return tuple(dict.fromkeys(names))
