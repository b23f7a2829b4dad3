"""Evaluating a compiled graph: decisions in the order of their plan, functions and services when they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from server.dmn.compiled_graph import (
    CompiledDecision,
    CompiledKnowledge,
    CompiledService,
    InputBinding,
    KnowledgeBinding,
    Path,
    Plan,
    Step,
)
from server.dmn.evaluation import Frame, Run, Variables
from server.dmn.facts import ABSENT, Facts
from server.dmn.trace import DecisionTrace, TracedValue
from server.feel.functions import FeelFunction
from server.feel.invocation import user_function
from server.feel.runtime import Runtime

MAX_CALL_TRACES: Final = 100
"""How many calls of functions one decision's trace keeps; a loop over a list would keep thousands."""


def run_plan(plan: Plan, facts: Facts, given: Sequence[Any], run: Run) -> tuple[list[Any], list[DecisionTrace | None]]:
    """The values and traces of all steps. ``given`` are the values of the decisions given from outside."""
    values: list[Any] = []
    traces: list[DecisionTrace | None] = []
    for step in plan.steps:
        value, trace = _run_step(step, facts, given, values, traces, run)
        values.append(value)
        traces.append(trace)
    return values, traces


def _run_step(
    step: Step,
    facts: Facts,
    given: Sequence[Any],
    values: Sequence[Any],
    traces: Sequence[DecisionTrace | None],
    run: Run,
) -> tuple[Any, DecisionTrace]:
    compiled = step.decision
    here = facts.within(step.path)
    variables: Variables = {}
    named: list[TracedValue] = []
    first = len(run.diagnostics)
    for name in compiled.facts:
        value = here.get(name)
        if value is not ABSENT:
            variables[name] = value
            named.append((name, name, value))
    for binding in compiled.inputs:
        value = _input(binding, here, run)
        if value is not ABSENT:
            _bind(variables, binding.import_name, binding.name, value)
            named.append((binding.id, binding.name, value))
    required = []
    for decision, source in step.sources:
        value = values[source] if source >= 0 else given[-1 - source]
        for name in decision.names:
            _bind(variables, decision.import_name, name, value)
        trace = traces[source] if source >= 0 else None
        if trace is not None:
            required.append(trace)
    _bind_knowledge(variables, compiled.knowledge, step.path, facts, run)
    outer = run.frame
    frame = run.frame = Frame()
    try:
        value = compiled.logic(variables, run)
        if compiled.result is not None:
            value = run.conform(value, compiled.result, compiled.decision.name)
    finally:
        run.frame = outer
    decision_ = compiled.decision
    return value, DecisionTrace(
        decision_.id,
        decision_.name,
        decision_.type,
        run.model_hash,
        tuple(frame.inputs or named),
        tuple(frame.matched),
        value,
        (*required, *frame.called),
        tuple(run.diagnostics[first:]),
    )


def _input(binding: InputBinding, facts: Facts, run: Run) -> Any:
    """An input's value, read as its type wants it; null with a diagnostic where it does not conform."""
    inner = facts if binding.import_name is None else facts.within((binding.import_name,))
    if binding.type is None:
        return inner.get(binding.name)
    return inner.typed(binding.name, binding.type, binding.reader, run)


def _bind(variables: Variables, import_name: str | None, name: str, value: Any) -> None:
    """Puts a value in scope: by its name, or as a member of the import that it comes from."""
    if import_name:
        members = variables.get(import_name)
        variables[import_name] = {**(members if isinstance(members, dict) else {}), name: value}
    else:
        variables[name] = value


def _bind_knowledge(
    variables: Variables, bindings: Sequence[KnowledgeBinding], path: Path, facts: Facts, run: Run
) -> None:
    for binding in bindings:
        inner = path if binding.import_name is None else (*path, binding.import_name)
        _bind(variables, binding.import_name, binding.name, function_value(binding.target, inner, facts, run))


def function_value(target: CompiledKnowledge | CompiledService, path: Path, facts: Facts, run: Run) -> FeelFunction:
    """A business knowledge model or a decision service as a value that FEEL can call."""
    name = target.element.name
    if isinstance(target, CompiledService):
        return user_function(name, target.parameters, _service_body(target, run), target.result)
    return user_function(name, target.parameters, _knowledge_body(target, path, facts, run), target.result)


def _knowledge_body(knowledge: CompiledKnowledge, path: Path, facts: Facts, run: Run) -> Callable[..., Any]:
    names = [parameter.name for parameter in knowledge.parameters]
    element = knowledge.element

    def body(_runtime: Runtime, *arguments: Any) -> Any:
        variables: Variables = {}
        _bind_knowledge(variables, knowledge.knowledge, path, facts, run)
        variables[element.name] = function_value(knowledge, path, facts, run)
        variables.update(zip(names, arguments, strict=True))
        outer = run.frame
        frame = run.frame = Frame()
        first = len(run.diagnostics)
        try:
            value = knowledge.body(variables, run)
        finally:
            run.frame = outer
        if (frame.inputs or frame.called) and len(outer.called) < MAX_CALL_TRACES:
            outer.called.append(
                DecisionTrace(
                    element.id,
                    element.name,
                    "DECISION_TABLE" if knowledge.is_table else "BUSINESS_KNOWLEDGE_MODEL",
                    run.model_hash,
                    tuple(frame.inputs or ((name, name, variables[name]) for name in names)),
                    tuple(frame.matched),
                    value,
                    tuple(frame.called),
                    tuple(run.diagnostics[first:]),
                )
            )
        return value

    return body


def _service_body(service: CompiledService, run: Run) -> Callable[..., Any]:
    def body(_runtime: Runtime, *arguments: Any) -> Any:
        return run_service(service, arguments, run)

    return body


def run_service(service: CompiledService, arguments: Sequence[Any], run: Run) -> Any:
    """A service's answer: the value of its one output decision, or a context of several (DMN 1.5, 10.4)."""
    assert service.plan is not None
    context: dict[str, Any] = {}
    for (import_name, name), value in zip(service.input_data, arguments, strict=False):
        _bind(context, import_name, name, value)
    given = arguments[len(service.input_data) :]
    values, traces = run_plan(service.plan, Facts(context), given, run)
    outputs = {name: values[place] if place >= 0 else given[-1 - place] for name, place in service.outputs}
    for _, place in service.outputs:
        trace = traces[place] if place >= 0 else None
        if trace is not None and len(run.frame.called) < MAX_CALL_TRACES:
            run.frame.called.append(trace)
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def run_decision(decision: CompiledDecision, plan: Plan, context: Mapping[str, Any], run: Run) -> DecisionTrace:
    """A decision's trace, which holds its value."""
    assert plan.steps[-1].decision is decision
    _, traces = run_plan(plan, Facts(context), (), run)
    trace = traces[-1]
    assert trace is not None
    return trace
