"""A decision model that can be asked: read once, shared by threads, kept by its content hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from server.dmn.compiled_graph import (
    CompiledDecision,
    CompiledGraph,
    CompiledKnowledge,
    CompiledService,
    PlacedTable,
    Plan,
)
from server.dmn.errors import unknown_decision
from server.dmn.evaluation import Run
from server.dmn.facts import Facts
from server.dmn.graph_evaluation import function_value, run_decision
from server.dmn.model import BusinessKnowledgeModel, Decision, DecisionService, Definitions
from server.dmn.plan import plan_for
from server.dmn.quick_table import quick_table
from server.dmn.scope import member_names
from server.dmn.trace import DecisionEvaluation, DecisionTrace
from server.feel import Budget, Diagnostic
from server.feel.budget import depth_exceeded
from server.feel.runtime import Runtime
from server.feel.types import FeelType
from server.messages import Finding


class DecisionModel:
    """One DMN file with its imports, compiled.

    ``findings`` holds warnings, and for a draft its errors too. ``definitions`` is the file as it was written,
    ``imported`` are the ids of the models that it imports, directly or not.
    """

    def __init__(
        self,
        definitions: Definitions,
        graph: CompiledGraph,
        content_hash: str,
        findings: tuple[Finding, ...],
        imported: tuple[str, ...] = (),
    ) -> None:
        self.definitions = definitions
        self.content_hash = content_hash
        self.findings = findings
        self.imported = imported
        self._graph = graph
        self.decisions: Mapping[str, Decision] = MappingProxyType(
            {identity: compiled.decision for identity, compiled in graph.decisions.items()}
        )
        self._plans: dict[str, Plan] = {}
        self._elements: Mapping[str, Decision | BusinessKnowledgeModel] | None = None
        self._ids = {decision.name: identity for identity, decision in self.decisions.items()}
        self._ids.update((identity, identity) for identity in self.decisions)
        tables = {
            identity: table
            for identity, compiled in graph.decisions.items()
            if (table := quick_table(compiled, content_hash)) is not None
        }
        self._functions = _functions(graph)
        self._quick = {name: tables[identity] for name, identity in self._ids.items() if identity in tables}

    @property
    def id(self) -> str:
        """The id of the file's definitions."""
        return self.definitions.id

    @property
    def name(self) -> str:
        """The model's name."""
        return self.definitions.name

    @property
    def namespace(self) -> str:
        """The model's own namespace, by which others import it."""
        return self.definitions.namespace

    @property
    def tables(self) -> tuple[PlacedTable, ...]:
        """Every decision table of the file: of decisions, of functions, and within other boxed expressions."""
        return tuple(self._graph.tables)

    @property
    def elements(self) -> Mapping[str, Decision | BusinessKnowledgeModel]:
        """The decisions and functions by id, with those of imported files that they build on."""
        if self._elements is None:
            self._elements = MappingProxyType(_reachable(self._graph))
        return self._elements

    @property
    def known_names(self) -> frozenset[str]:
        """Every name that the file's texts may mention."""
        definitions = self.definitions
        names = {name for e in definitions.elements.values() for name in (e.name, e.variable.name)}
        return member_names(definitions).union(names)

    @property
    def version_tag(self) -> str | None:
        """The first version tag that a decision of the file carries."""
        return next((decision.version_tag for decision in self.decisions.values() if decision.version_tag), None)

    def evaluate(
        self,
        decision: str,
        context: Mapping[str, Any],
        *,
        budget: Budget | None = None,
        clock: datetime | None = None,
    ) -> DecisionEvaluation:
        """Evaluates a decision, by id or name, with all that it requires; a decision service answers like one.

        ``clock`` is what ``now()`` and ``today()`` say. Raises :class:`UnknownDecisionError`, and FEEL's
        ``BudgetExceeded`` where the evaluation would cost more than ``budget``.
        """
        quick = self._quick.get(decision)
        if quick is not None:
            found = quick.evaluate(context)
            if found is not None:
                return found
        if decision not in self._ids and decision in self._functions:
            return self.invoke(decision, context, budget=budget, clock=clock)
        compiled = self._compiled(decision)
        run = self._run(budget, clock)
        plan = self._plan(compiled)
        try:
            trace = run_decision(compiled, plan, context, run)
        except RecursionError as error:
            raise depth_exceeded(run.runtime.budget.max_depth) from error
        return DecisionEvaluation(trace.output, trace, tuple(run.diagnostics))

    def invoke(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        budget: Budget | None = None,
        clock: datetime | None = None,
    ) -> DecisionEvaluation:
        """Calls a decision service or business knowledge model, by id or name, with arguments by name.

        A parameter that no argument names is null.
        """
        target = self._function(function)
        run = self._run(budget, clock)
        given = {parameter.name: arguments.get(parameter.name) for parameter in target.parameters}
        try:
            value = run.call(function_value(target, (), Facts({}), run), given)
        except RecursionError as error:
            raise depth_exceeded(run.runtime.budget.max_depth) from error
        element = target.element
        kind = "DECISION_SERVICE" if isinstance(target, CompiledService) else "BUSINESS_KNOWLEDGE_MODEL"
        trace = DecisionTrace(
            element.id,
            element.name,
            kind,
            self.content_hash,
            tuple((name, name, value) for name, value in given.items()),
            (),
            value,
            tuple(run.frame.called),
            tuple(run.diagnostics),
        )
        return DecisionEvaluation(value, trace, tuple(run.diagnostics))

    def facts_of(self, decision: str) -> Mapping[str, FeelType | None]:
        """The facts that a decision and everything it requires look for, with their types as far as declared.

        Those of imported files, which are looked for under the import's name, are left out.
        """
        found: dict[str, FeelType | None] = {}
        for step in self._plan(self._compiled(decision)).steps:
            if step.path:
                continue
            columns = () if step.decision.table is None else step.decision.table.inputs
            declared = {column.name: column.type for column in columns if column.name is not None}
            for name in step.decision.facts:
                found[name] = found.get(name) or declared.get(name)
            for binding in step.decision.inputs:
                if binding.import_name is None:
                    found[binding.name] = found.get(binding.name) or binding.type or declared.get(binding.name)
        return found

    def _compiled(self, decision: str) -> CompiledDecision:
        identity = self._ids.get(decision)
        if identity is None:
            raise unknown_decision(self.name, decision, self._ids)
        return self._graph.decisions[identity]

    def _plan(self, compiled: CompiledDecision) -> Plan:
        identity = compiled.decision.id
        plan = self._plans.get(identity)
        if plan is None:
            # Threads may both come here; what they make is the same.
            plan = self._plans[identity] = plan_for(compiled)
        return plan

    def service(self, service: str) -> DecisionService:
        """The decision service of that id or name."""
        target = self._function(service)
        if not isinstance(target, CompiledService):
            raise unknown_decision(self.name, service, self._graph.services)
        return target.element

    def _function(self, name: str) -> CompiledKnowledge | CompiledService:
        found = self._functions.get(name)
        if found is None:
            raise unknown_decision(self.name, name, self._functions)
        return found

    def _run(self, budget: Budget | None, clock: datetime | None) -> Run:
        diagnostics: list[Diagnostic] = []
        return Run(self.content_hash, Runtime(budget, clock=clock, diagnostics=diagnostics), diagnostics)


def _functions(graph: CompiledGraph) -> Mapping[str, CompiledKnowledge | CompiledService]:
    """What can be called, by name and by id; an id wins."""
    targets: list[CompiledKnowledge | CompiledService] = [*graph.knowledge.values(), *graph.services.values()]
    found = {target.element.name: target for target in reversed(targets)}
    found.update((target.element.id, target) for target in targets)
    return found


def _reachable(graph: CompiledGraph) -> dict[str, Decision | BusinessKnowledgeModel]:
    """Decisions and functions by id, across imports; those of the file itself win."""
    found: dict[str, Decision | BusinessKnowledgeModel] = {}
    waiting: list[CompiledDecision | CompiledKnowledge] = [*graph.decisions.values(), *graph.knowledge.values()]
    seen: set[int] = set()
    for compiled in waiting:
        if id(compiled) in seen:
            continue
        seen.add(id(compiled))
        element = compiled.decision if isinstance(compiled, CompiledDecision) else compiled.element
        found.setdefault(element.id, element)
        if isinstance(compiled, CompiledDecision):
            waiting += [binding.target for binding in compiled.decisions]
        waiting += [b.target for b in compiled.knowledge if isinstance(b.target, CompiledKnowledge)]
    return found
