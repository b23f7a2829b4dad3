"""The half of the compiler that opens scopes: loops, quantifiers, filters, functions and their calls."""

from __future__ import annotations

import ast as py
from abc import abstractmethod
from decimal import Decimal
from typing import Any

from server.feel import ast
from server.feel.builtins import BUILTINS
from server.feel.emission import call, constant, fill, function_of, name, tuple_of
from server.feel.functions import FeelFunction, Parameter, positional_call
from server.feel.inference import infer
from server.feel.invocation import ABSENT
from server.feel.scopes import Scope, Scopes
from server.feel.types import BOOLEAN, NUMBER, STRING
from server.feel.values import Kind, kind_of

_DEFINED = "is defined"
_OR_ELSE = "get or else"
_PARTIAL = "partial"
_SCALARS = (NUMBER, BOOLEAN, STRING)


class LoopEmission:
    """Emits what becomes a lambda of its own; the rest is in :class:`server.feel.compiler.Compiler`."""

    declared: frozenset[str]
    quiet: int

    def __init__(self) -> None:
        self.scopes = Scopes()
        self.names: set[str] = set()
        self.possible_names: set[str] = set()
        self.paths: set[tuple[str, ...]] = set()
        self.metered = False

    @abstractmethod
    def emit(self, node: ast.Node) -> py.expr:
        """The Python expression for a FEEL expression."""

    @abstractmethod
    def keep(self, value: Any) -> py.expr:
        """A global that holds a constant."""

    @abstractmethod
    def operation(self, function: str, node: ast.Node, *arguments: py.expr) -> py.expr:
        """A call of an operation with the runtime and the node's place."""

    def note_name(self, name: str) -> None:
        """A name of the context is read. In a filter it may be the element's instead, unless it was declared."""
        if self.scopes.in_filter() and name not in self.declared:
            self.possible_names.add(name)
        else:
            self.names.add(name)
            self.paths.add((name,))

    # -- loops

    def emit_for(self, node: ast.For) -> py.expr:
        """The loops inside one another; the innermost step gathers into the list that ``partial`` is."""
        self.metered = True
        results = self.scopes.fresh()
        drive = self._loop(node, list(node.iterations), results)
        return self.operation("collect", node, function_of((results,), drive))

    def _loop(self, node: ast.For, iterations: list[ast.Iteration], results: str) -> py.expr:
        if not iterations:
            self.scopes.push(Scope(local={_PARTIAL: results}, growing=results))
            body = self.emit(node.body)
            self.scopes.pop()
            return call("gather", name("r"), name(results), body)
        first, *rest = iterations
        domain = self._domain(first)
        variable = self.scopes.fresh()
        self.scopes.push(Scope(local={first.variable: variable}))
        step = self._loop(node, rest, results)
        self.scopes.pop()
        return call("iterate", name("r"), domain, function_of((variable,), step))

    def looked_at(self, node: ast.Node) -> py.expr:
        """The code of an operand that is only read: ``partial`` need not be copied for it."""
        local = self.scopes.growing(node.name) if isinstance(node, ast.Name) else None
        return self.emit(node) if local is None else name(local)

    def _domain(self, iteration: ast.Iteration) -> py.expr:
        if iteration.high is None:
            return self.emit(iteration.domain)
        return call("Span", self.emit(iteration.domain), self.emit(iteration.high))

    def emit_quantified(self, node: ast.Quantified) -> py.expr:
        self.metered = True
        return self._quantifier(node, list(node.iterations))

    def _quantifier(self, node: ast.Quantified, iterations: list[ast.Iteration]) -> py.expr:
        if not iterations:
            return self.emit(node.condition)
        first, *rest = iterations
        domain = self._domain(first)
        variable = self.scopes.fresh()
        self.scopes.push(Scope(local={first.variable: variable}))
        test = self._quantifier(node, rest)
        self.scopes.pop()
        return self.operation(node.quantifier, node, domain, function_of((variable,), test))

    def emit_filter(self, node: ast.Filter) -> py.expr:
        base = self.looked_at(node.base)
        index = _index(node.condition)
        if index is not None:
            return self.operation("at_index", node, base, self.keep(index))
        self.metered = True
        item = self.scopes.fresh()
        self.scopes.push(Scope(item=item))
        condition = self.emit(node.condition)
        self.scopes.pop()
        return self.operation("filtered", node, base, function_of((item,), condition))

    # -- functions

    def emit_functionliteral(self, node: ast.FunctionLiteral) -> py.expr:
        parameters = tuple(Parameter(each.name, each.type) for each in node.parameters)
        if node.external:
            return self.operation("make_external", node, self.keep(parameters), self.emit(node.body))
        variables = tuple(self.scopes.fresh() for _ in parameters)
        local = {parameter.name: variable for parameter, variable in zip(parameters, variables, strict=True)}
        self.scopes.push(Scope(local=local, is_function=True))
        metered, self.metered = self.metered, False
        body = self.emit(node.body)
        # Who calls the function pays for it; making it costs nothing.
        self.metered = metered
        self.scopes.pop()
        types = self.keep(node.result_type), self.keep(infer(node.body, {each.name: each.type for each in parameters}))
        return call("make_function", self.keep(parameters), function_of(("r", *variables), body), *types)

    def emit_call(self, node: ast.Call) -> py.expr:
        self.metered = True
        builtin = self._builtin(node.function)
        if builtin is not None:
            return self._builtin_call(node, builtin)
        function = self.emit(node.function)
        arguments = [self.emit(argument) for argument in node.arguments]
        if node.names:
            return self.operation("call_named", node, function, _strings(node.names), *arguments)
        return self.operation("call", node, function, *arguments)

    def _builtin(self, function: ast.Node) -> FeelFunction | None:
        """The built-in that a call names, unless the name means something else here."""
        if not isinstance(function, ast.Name) or function.name not in BUILTINS:
            return None
        if function.name in self.declared or self.scopes.is_bound(function.name):
            return None
        return BUILTINS[function.name]

    def _builtin_call(self, node: ast.Call, builtin: FeelFunction) -> py.expr:
        if builtin.name == _DEFINED and len(node.arguments) == 1:
            return self._defined(node.arguments[0])
        arguments = self._arguments(node, builtin)
        if not node.names:
            implementation = positional_call(builtin, len(arguments))
            if implementation is not None:
                return self.operation("call_builtin", node, self.keep(implementation), *arguments)
            return self.operation("misfit", node, self.keep(builtin))
        for signature in builtin.overloads or (builtin,):
            order = signature.order(node.names)
            if order is not None and not signature.variadic:
                slots = [self.keep(ABSENT) if index is None else arguments[index] for index in order]
                return self.operation("call_builtin", node, self.keep(signature.call), *slots)
        return self.operation("call_named", node, self.keep(builtin), _strings(node.names), *arguments)

    def _arguments(self, node: ast.Call, builtin: FeelFunction) -> list[py.expr]:
        if builtin.name != _OR_ELSE:
            if builtin.result_type in _SCALARS:
                return [self.looked_at(argument) for argument in node.arguments]
            return [self.emit(argument) for argument in node.arguments]
        # The point of the function is that its first argument may be missing.
        self.quiet += 1
        first = [self.emit(argument) for argument in node.arguments[:1]]
        self.quiet -= 1
        return first + [self.emit(argument) for argument in node.arguments[1:]]

    def _defined(self, argument: ast.Node) -> py.expr:
        """Whether a variable, or an entry along a path, exists."""
        if isinstance(argument, ast.Name) and not self.scopes.is_bound(argument.name):
            self.note_name(argument.name)
            free = fill("KEY in c", KEY=constant(argument.name))
            return self.scopes.resolve(argument.name, free) if self.scopes.in_filter() else free
        if isinstance(argument, ast.Path):
            self.quiet += 1
            base = self.emit(argument.base)
            self.quiet -= 1
            return call("is_known", base, constant(argument.member))
        return fill("(VALUE, True)[1]", VALUE=self.emit(argument))


def _index(node: ast.Node) -> Any:
    """The index that a filter states as a number; None for a condition."""
    if isinstance(node, ast.Literal) and kind_of(node.value) is Kind.NUMBER:
        return node.value
    if isinstance(node, ast.Negation) and isinstance(node.operand, ast.Literal):
        value = node.operand.value
        return value.copy_negate() if isinstance(value, Decimal) else None
    return None


def _strings(values: tuple[str, ...]) -> py.expr:
    return tuple_of([constant(value) for value in values])
