"""Boxed expressions (DMN 1.5, 7.3 and 10.2.2), compiled to evaluators.

The compiler goes down the expression with the names in scope, because what a name is in FEEL depends on them, and
gives back one callable. Every expression's type reference is kept: what does not conform becomes null.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from server.dmn.decision_table import CompiledTable, compile_table
from server.dmn.evaluation import Evaluator, Run, Variables, null_evaluator
from server.dmn.external_function import compile_external
from server.dmn.findings import FindingLog
from server.dmn.item_definition import TypeRegistry
from server.dmn.literal_expression import LiteralCompiler, Uses
from server.dmn.model import (
    Conditional,
    Context,
    DecisionTable,
    Expression,
    Filter,
    For,
    FunctionDefinition,
    FunctionKind,
    InformationItem,
    Invocation,
    List,
    LiteralExpression,
    Quantified,
    Quantifier,
    Relation,
)
from server.dmn.scope import Scope
from server.feel.diagnostics import DiagnosticKind, Fault
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import user_function
from server.feel.runtime import Runtime
from server.feel.types import FeelType, FunctionType
from server.messages import Message


class LogicCompiler(LiteralCompiler):
    """Compiles the logic of one file's decisions and functions; ``tables`` gathers every table within it."""

    def __init__(self, types: TypeRegistry, log: FindingLog) -> None:
        super().__init__(types, log)
        self.tables: list[CompiledTable] = []

    def compile(self, expression: Expression | None, scope: Scope) -> Evaluator:
        """The evaluator of an expression; of none, null."""
        if expression is None:
            return null_evaluator
        evaluate = _COMPILERS[type(expression)](self, expression, scope)
        type_ = None if isinstance(expression, FunctionDefinition) else self.type_of(expression)
        return typed(evaluate, type_, expression.place.id)

    def type_of(self, expression: Expression) -> FeelType | None:
        """The type that an expression declares for its value."""
        return self.types.resolve(expression.type_ref, expression.place)

    def typed_item(self, evaluate: Evaluator, item: InformationItem) -> Evaluator:
        """The evaluator of a variable's value, held to the variable's type."""
        return typed(evaluate, self.types.resolve(item.type_ref, item.place), item.name)

    def table(self, table: DecisionTable, scope: Scope) -> tuple[CompiledTable, FeelType | None]:
        """A decision table by itself, and the type that it declares for its answer."""
        compiled = compile_table(table, self, scope)
        self.tables.append(compiled)
        return compiled, self.type_of(table)

    # --- functions ---

    def function(
        self, definition: FunctionDefinition, name: str, scope: Scope
    ) -> Callable[[Variables, Run], FeelFunction]:
        """Makes the function value, closed over the variables in scope where it is defined."""
        parameters = tuple(
            Parameter(item.name, self.types.resolve(item.type_ref, item.place)) for item in definition.parameters
        )
        body = self.function_body(definition, scope.bind(*(parameter.name for parameter in parameters)))
        result = result_type(self.type_of(definition))
        keys = [parameter.name for parameter in parameters]

        def make(variables: Variables, run: Run) -> FeelFunction:
            def call(_runtime: Runtime, *arguments: Any) -> Any:
                return body({**variables, **dict(zip(keys, arguments, strict=True))}, run)

            return user_function(name, parameters, call, result)

        return make

    def function_body(self, definition: FunctionDefinition, scope: Scope) -> Evaluator:
        """The body of a function, given its parameters' values among the variables."""
        if definition.kind is FunctionKind.FEEL:
            return self.compile(definition.body, scope)
        return compile_external(definition, self, scope)

    # --- the kinds of expression ---

    def _function_definition(self, definition: FunctionDefinition, scope: Scope) -> Evaluator:
        return self.function(definition, "", scope)

    def _table(self, table: DecisionTable, scope: Scope) -> Evaluator:
        return self.table(table, scope)[0]

    def _invocation(self, invocation: Invocation, scope: Scope) -> Evaluator:
        called = self.compile(invocation.called, scope)
        bindings = [
            (binding.parameter.name, self.typed_item(self.compile(binding.expression, scope), binding.parameter))
            for binding in invocation.bindings
        ]

        def invoke(variables: Variables, run: Run) -> Any:
            function = called(variables, run)
            arguments = {name: evaluate(variables, run) for name, evaluate in bindings}
            return run.call(function, arguments)

        return invoke

    def _context(self, context: Context, scope: Scope) -> Evaluator:
        steps: list[tuple[str, Evaluator]] = []
        for entry in context.entries:
            if entry.variable is None:
                return _result_cell(tuple(steps), self.compile(entry.expression, scope))
            below = scope.bind(entry.variable.name)
            # A function may call itself, so it sees its own name.
            seen = below if isinstance(entry.expression, FunctionDefinition) else scope
            steps.append((entry.variable.name, self._entry(entry.variable, entry.expression, seen)))
            scope = below
        return _context_value(tuple(steps))

    def _entry(self, variable: InformationItem, expression: Expression | None, scope: Scope) -> Evaluator:
        if isinstance(expression, FunctionDefinition):
            return self.function(expression, variable.name, scope)
        return self.typed_item(self.compile(expression, scope), variable)

    def _list(self, elements: List, scope: Scope) -> Evaluator:
        evaluators = [self.compile(element, scope) for element in elements.elements]
        return lambda variables, run: [evaluate(variables, run) for evaluate in evaluators]

    def _relation(self, relation: Relation, scope: Scope) -> Evaluator:
        rows = [
            [
                (column.name, self.typed_item(self.compile(cell, scope), column))
                for column, cell in zip(relation.columns, row, strict=False)
            ]
            for row in relation.rows
        ]
        return lambda variables, run: [{name: evaluate(variables, run) for name, evaluate in row} for row in rows]

    def _conditional(self, conditional: Conditional, scope: Scope) -> Evaluator:
        condition, then, otherwise = (
            self.compile(part, scope) for part in (conditional.condition, conditional.then, conditional.otherwise)
        )

        def choose(variables: Variables, run: Run) -> Any:
            answer = condition(variables, run)
            if answer is not True and answer is not False and answer is not None:
                run.fault(DiagnosticKind.TYPE_MISMATCH, _not_boolean("if"))
                return None
            return then(variables, run) if answer is True else otherwise(variables, run)

        return choose

    def _filter(self, filter_: Filter, scope: Scope) -> Evaluator:
        collection = self.compile(filter_.collection, scope)
        # The entries of each item are in scope beside ``item``, as in a FEEL filter: what is not bound may be one.
        outer, self.uses = self.uses, Uses()
        match = self.compile(filter_.match, scope.bind("item"))
        outer.possible |= self.uses.possible | self.uses.definite.keys()
        self.uses = outer

        def select(variables: Variables, run: Run) -> Any:
            selected = []
            for item in run.elements(collection(variables, run)):
                entries = item if isinstance(item, dict) else {}
                answer = match({**variables, "item": item, **entries}, run)
                if answer is True:
                    selected.append(item)
                elif answer is not False and answer is not None:
                    run.fault(DiagnosticKind.TYPE_MISMATCH, _not_boolean("match"))
                    return None
            return selected

        return _collecting(select)

    def _for(self, iterator: For, scope: Scope) -> Evaluator:
        collection = self._domain(iterator.collection, scope)
        partial_before, self.uses.partial = self.uses.partial, False
        result = self.compile(iterator.result, scope.bind(iterator.variable, "partial"))
        partial = self.uses.partial
        self.uses.partial = partial_before
        variable = iterator.variable

        def iterate(variables: Variables, run: Run) -> Any:
            results: list[Any] = []
            for item in run.elements(collection(variables, run)):
                # A copy of the scope for every round, because functions made in one close over it.
                scope = {**variables, variable: item}
                if partial:
                    run.runtime.expect_size(len(results))
                    scope["partial"] = list(results)
                results.append(result(scope, run))
            return results

        return _collecting(iterate)

    def _domain(self, collection: Expression | None, scope: Scope) -> Evaluator:
        """What a loop goes through. As in FEEL's own loops it may be written ``1..n`` (grammar rule 46)."""
        if isinstance(collection, LiteralExpression) and collection.text is not None:
            counted = f"for element in {collection.text} return element"
            if not self.is_expression(collection.text, scope) and self.is_expression(counted, scope):
                return self.compile(replace(collection, text=counted), scope)
        return self.compile(collection, scope)

    def _quantified(self, quantified: Quantified, scope: Scope) -> Evaluator:
        collection = self._domain(quantified.collection, scope)
        satisfies = self.compile(quantified.satisfies, scope.bind(quantified.variable))
        variable, decisive = quantified.variable, quantified.quantifier is Quantifier.SOME

        def test(variables: Variables, run: Run) -> bool | None:
            unknown = False
            for item in run.elements(collection(variables, run)):
                answer = satisfies({**variables, variable: item}, run)
                if answer is decisive:
                    return bool(answer)
                if answer is not True and answer is not False:
                    if answer is not None:
                        run.fault(DiagnosticKind.TYPE_MISMATCH, _not_boolean("satisfies"))
                    unknown = True
            return None if unknown else not decisive

        return _collecting(test)


_COMPILERS: Final[dict[type, Callable[[LogicCompiler, Any, Scope], Evaluator]]] = {
    LiteralExpression: LogicCompiler.literal,
    DecisionTable: LogicCompiler._table,
    Invocation: LogicCompiler._invocation,
    Context: LogicCompiler._context,
    List: LogicCompiler._list,
    Relation: LogicCompiler._relation,
    FunctionDefinition: LogicCompiler._function_definition,
    Conditional: LogicCompiler._conditional,
    Filter: LogicCompiler._filter,
    For: LogicCompiler._for,
    Quantified: LogicCompiler._quantified,
}


def result_type(type_: FeelType | None) -> FeelType | None:
    """What a function gives, by the type stated for it: that of the function, or only that of its result."""
    return type_.result if isinstance(type_, FunctionType) else type_


def typed(evaluate: Evaluator, type_: FeelType | None, what: str) -> Evaluator:
    """The evaluator with its value held to a type; ``what`` names the value where it does not conform."""
    if type_ is None:
        return evaluate

    def conforming(variables: Variables, run: Run) -> Any:
        return run.conform(evaluate(variables, run), type_, what)

    return conforming


def _context_value(steps: tuple[tuple[str, Evaluator], ...]) -> Evaluator:
    def build(variables: Variables, run: Run) -> dict[str, Any]:
        # One dictionary grows along the steps: functions among them close over it, and so see themselves.
        scope = dict(variables)
        value = {}
        for name, evaluate in steps:
            scope[name] = value[name] = evaluate(scope, run)
        return value

    return build


def _result_cell(steps: tuple[tuple[str, Evaluator], ...], result: Evaluator) -> Evaluator:
    def build(variables: Variables, run: Run) -> Any:
        scope = dict(variables)
        for name, evaluate in steps:
            scope[name] = evaluate(scope, run)
        return result(scope, run)

    return build


def _collecting(evaluate: Evaluator) -> Evaluator:
    """An evaluator over a collection: null with a diagnostic where there is nothing to go through."""

    def collect(variables: Variables, run: Run) -> Any:
        try:
            return evaluate(variables, run)
        except Fault as fault:
            return run.fail(fault)

    return collect


def _not_boolean(part: str) -> Message:
    return Message(
        "dmn.expression.not-boolean",
        f"“{part}”部分的结果必须是 true 或 false。",
        f"The '{part}' part must come to true or false.",
    )
