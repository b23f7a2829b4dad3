"""A decision model that can be asked: read once, shared by threads, kept by its content hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from server.dmn.compiled_graph import CompiledGraph, CompiledKnowledge, CompiledService, Plan
from server.dmn.errors import unknown_decision
from server.dmn.evaluation import Run
from server.dmn.facts import Facts
from server.dmn.graph_evaluation import function_value, run_decision
from server.dmn.model import Decision, DecisionService, Definitions
from server.dmn.plan import plan_for
from server.dmn.trace import DecisionEvaluation, DecisionTrace
from server.feel import Budget, Diagnostic
from server.feel.budget import depth_exceeded
from server.feel.runtime import Runtime
from server.messages import Finding


class DecisionModel:
    """One DMN file with its imports, compiled.

    ``findings`` holds warnings, and for a draft its errors too. ``definitions`` is the file as it was written.
    """

    def __init__(
        self, definitions: Definitions, graph: CompiledGraph, content_hash: str, findings: tuple[Finding, ...]
    ) -> None:
        self.definitions = definitions
        self.content_hash = content_hash
        self.findings = findings
        self._graph = graph
        self.decisions: Mapping[str, Decision] = MappingProxyType(
            {identity: compiled.decision for identity, compiled in graph.decisions.items()}
        )
        self._plans: dict[str, Plan] = {identity: plan_for(compiled) for identity, compiled in graph.decisions.items()}
        self._ids = {decision.name: identity for identity, decision in self.decisions.items()}
        self._ids.update((identity, identity) for identity in self.decisions)

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
        """Evaluates a decision, by id or name, with all that it requires.

        ``clock`` is what ``now()`` and ``today()`` say. Raises :class:`UnknownDecisionError`, and FEEL's
        ``BudgetExceeded`` where the evaluation would cost more than ``budget``.
        """
        identity = self._ids.get(decision)
        if identity is None:
            raise unknown_decision(self.name, decision, self._ids)
        run = self._run(budget, clock)
        compiled = self._graph.decisions[identity]
        try:
            trace = run_decision(compiled, self._plans[identity], context, run)
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
        target = self._callable(function)
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

    def service(self, service: str) -> DecisionService:
        """The decision service of that id or name."""
        target = self._callable(service)
        if not isinstance(target, CompiledService):
            raise unknown_decision(self.name, service, self._graph.services)
        return target.element

    def _callable(self, name: str) -> CompiledKnowledge | CompiledService:
        callables: dict[str, CompiledKnowledge | CompiledService] = {}
        targets: list[CompiledKnowledge | CompiledService] = [*self._graph.knowledge.values()]
        targets += self._graph.services.values()
        for target in targets:
            callables.setdefault(target.element.name, target)
            callables[target.element.id] = target
        if name not in callables:
            raise unknown_decision(self.name, name, callables)
        return callables[name]

    def _run(self, budget: Budget | None, clock: datetime | None) -> Run:
        diagnostics: list[Diagnostic] = []
        return Run(self.content_hash, Runtime(budget, clock=clock, diagnostics=diagnostics), diagnostics)
