"""Functions whose body is written in another language (DMN 1.5, 10.3.2.13.2 and 7.3.8).

Java and PMML are never executed. A Java body may name a function of FEEL's small registry of pure functions; any
other is refused when the model is read, and answers null in a draft.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.dmn import findings as faults
from server.dmn.evaluation import Evaluator, Run, Variables
from server.dmn.model import FunctionDefinition, FunctionKind
from server.feel.diagnostics import Diagnostic, DiagnosticKind, Fault
from server.feel.external import external_function
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import invoke
from server.feel.runtime import Runtime

if TYPE_CHECKING:
    from server.dmn.boxed import LogicCompiler
    from server.dmn.scope import Scope


def compile_external(definition: FunctionDefinition, compiler: LogicCompiler, scope: Scope) -> Evaluator:
    """The body of a foreign function, given its parameters' values among the variables."""
    refusal = faults.foreign_function(definition.kind)
    parameters = tuple(Parameter(item.name) for item in definition.parameters)
    function = _registered(definition, parameters, compiler.compile(definition.body, scope))
    if function is None:
        compiler.log.error(refusal, definition.place)

    def call(variables: Variables, run: Run) -> Any:
        if function is None:
            run.fault(DiagnosticKind.UNSUPPORTED, refusal)
            return None
        try:
            return invoke(run.runtime, function, [variables[parameter.name] for parameter in parameters])
        except Fault as fault:
            return run.fail(fault)

    return call


def _registered(
    definition: FunctionDefinition, parameters: tuple[Parameter, ...], described: Evaluator
) -> FeelFunction | None:
    """The pure function that a Java body names by its class and its method signature."""
    if definition.kind is not FunctionKind.JAVA:
        return None
    diagnostics: list[Diagnostic] = []
    body = described({}, Run("", Runtime(diagnostics=diagnostics), diagnostics))
    try:
        return external_function(parameters, {"java": body})
    except Fault:
        return None
