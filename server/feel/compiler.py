"""The compiler: from FEEL's syntax tree to one Python code object.

Every FEEL expression becomes one Python expression. Common cases - a number compared with a constant, an entry of a
context - are answered inline; everything else calls :mod:`server.feel.operators`. Loops, filters and functions
become lambdas, so that FEEL's lexical scopes are Python's. The code sees the globals listed in ``_GLOBALS`` and the
expression's constants, and no builtins.
"""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from server.feel import access, ast, calls, comparison, iteration, operators
from server.feel.builtins import BUILTINS
from server.feel.diagnostics import Fault, place
from server.feel.emission import (
    all_of,
    any_of,
    build,
    call,
    chosen,
    compared,
    constant,
    dict_of,
    fill,
    list_of,
    name,
    tuple_of,
)
from server.feel.emission_of_loops import LoopEmission
from server.feel.ranges import Range
from server.feel.scopes import Scope
from server.feel.values import Kind, kind_of

_COMPARED = {"<": py.Lt, "<=": py.LtE, ">": py.Gt, ">=": py.GtE}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
_LONG_CHAIN = 20
"""Longer chains of operators are folded at run time: nested in one another they would be too deep for Python."""
_NUMERIC = frozenset({Decimal, int})
_BOOLEAN_NODES = (ast.Comparison, ast.Between, ast.In, ast.And, ast.Or, ast.Quantified, ast.InstanceOf)

_VISIBLE = {
    operators: (
        "add", "subtract", "multiply", "divide", "power", "negate", "chain", "equal", "unequal", "compare", "between",
        "conjunction", "disjunction", "no_condition", "test_value", "cell_value", "truth",
    ),
    access: (
        "missing", "invalid_literal", "member", "quiet_member", "is_known", "at_index", "filtered", "make_range",
        "make_comparison_range",
    ),
    calls: ("call", "call_named", "call_builtin", "misfit", "make_function", "make_external", "instance_of"),
    iteration: ("collect", "gather", "iterate", "snapshot", "some", "every", "Span"),
}  # fmt: skip

_GLOBALS: dict[str, Any] = {
    **{name: getattr(module, name) for module, names in _VISIBLE.items() for name in names},
    "type": type,
    "dict": dict,
    "str": str,
    "bool": bool,
    "NUM": _NUMERIC,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """Emitted code and what was learned while emitting it."""

    run: Callable[..., Any]
    names: frozenset[str]
    possible_names: frozenset[str]
    paths: frozenset[tuple[str, ...]]
    metered: bool
    """Whether the code loops or calls, and so needs a budget of its own."""


class Compiler(LoopEmission):
    """Emits one expression; ``emit`` gives the Python expression for a node."""

    def __init__(self, text: str, declared: Iterable[str]) -> None:
        super().__init__()
        self.text = text
        self.declared = frozenset(declared)
        self.globals = dict(_GLOBALS)
        self.quiet = 0

    # -- ground

    def at(self, node: ast.Node) -> py.expr:
        """The place of a node, as a constant."""
        return constant(place(self.text, node.start))

    def keep(self, value: Any) -> py.expr:
        """A global that holds a constant."""
        if value is None or isinstance(value, bool | str):
            return constant(value)
        identifier = f"k{len(self.globals)}"
        self.globals[identifier] = value
        return name(identifier)

    def operation(self, function: str, node: ast.Node, *arguments: py.expr) -> py.expr:
        """A call of an operation with the runtime and the node's place."""
        return call(function, name("r"), self.at(node), *arguments)

    def emit(self, node: ast.Node) -> py.expr:
        """The Python expression for a FEEL expression."""
        method: Callable[[Any], py.expr] = getattr(self, f"emit_{type(node).__name__.lower()}")
        return method(node)

    def finished(self, run: Callable[..., Any]) -> Compiled:
        """The emitted code with what was learned; of nested paths only the longest counts."""
        inner = {path[:length] for path in self.paths for length in range(1, len(path))}
        names, possible = frozenset(self.names), frozenset(self.possible_names - self.names)
        return Compiled(run, names, possible, frozenset(self.paths - inner), self.metered)

    # -- operands

    def emit_literal(self, node: ast.Literal) -> py.expr:
        return self.keep(node.value)

    def emit_invalidliteral(self, node: ast.InvalidLiteral) -> py.expr:
        return self.operation("invalid_literal", node, constant(node.text))

    def emit_name(self, node: ast.Name) -> py.expr:
        growing = self.scopes.growing(node.name)
        if growing is not None:
            return call("snapshot", name("r"), name(growing))
        return self.scopes.resolve(node.name, self._free(node))

    def _free(self, node: ast.Name) -> py.expr:
        if node.name == "item" and self.scopes.in_filter():
            return constant(None)
        if not self.scopes.is_bound(node.name):
            self.note_name(node.name)
        if node.name in BUILTINS:
            absent: py.expr = self.keep(BUILTINS[node.name])
        elif self.quiet:
            absent = constant(None)
        else:
            absent = self.operation("missing", node, constant(node.name))
        return fill("c[KEY] if KEY in c else ABSENT", KEY=constant(node.name), ABSENT=absent)

    def emit_path(self, node: ast.Path) -> py.expr:
        base = self.emit(node.base)
        self._note_path(node)
        found = name(self.scopes.fresh())
        return fill(
            "T[KEY] if type(T := BASE) is dict and KEY in T else SLOW",
            T=found,
            BASE=base,
            KEY=constant(node.member),
            SLOW=self.operation("quiet_member" if self.quiet else "member", node, found, constant(node.member)),
        )

    def _note_path(self, node: ast.Path) -> None:
        members: list[str] = []
        current: ast.Node = node
        while isinstance(current, ast.Path):
            members.append(current.member)
            current = current.base
        if isinstance(current, ast.Name) and current.name in self.names and not self.scopes.is_bound(current.name):
            self.paths.add((current.name, *reversed(members)))

    def emit_listliteral(self, node: ast.ListLiteral) -> py.expr:
        return list_of([self.emit(item) for item in node.items])

    def emit_contextliteral(self, node: ast.ContextLiteral) -> py.expr:
        scope = Scope()
        self.scopes.push(scope)
        keys: list[py.expr] = []
        values: list[py.expr] = []
        for entry in node.entries:
            variable = self.scopes.fresh()
            scope.pending[entry.key] = variable
            value = self.emit(entry.value)
            del scope.pending[entry.key]
            scope.local[entry.key] = variable
            keys.append(constant(entry.key))
            values.append(fill("(V := VALUE)", V=name(variable), VALUE=value))
        self.scopes.pop()
        return dict_of(keys, values)

    # -- arithmetic and comparison

    def emit_arithmetic(self, node: ast.Arithmetic) -> py.expr:
        if len(node.operators) > _LONG_CHAIN:
            operators = tuple_of([constant(operator) for operator in node.operators])
            return self.operation("chain", node, operators, *map(self.emit, node.operands))
        result = self.emit(node.operands[0])
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            result = self.operation(_ARITHMETIC[operator], node, result, self.emit(operand))
        return result

    def emit_negation(self, node: ast.Negation) -> py.expr:
        value = negative(node)
        return self.operation("negate", node, self.emit(node.operand)) if value is None else self.keep(value)

    def emit_comparison(self, node: ast.Comparison) -> py.expr:
        left, right = node.left, node.right
        if node.operator in ("=", "!="):
            return self._equality(node, node.operator, self.emit(left), right)
        return self._order(node, node.operator, self.emit(left), right)

    def _equality(self, node: ast.Node, operator: str, left: py.expr, right: ast.Node) -> py.expr:
        """``left = right``, where ``right`` is compared inline if it is a constant."""
        slow = "equal" if operator == "=" else "unequal"
        literal = constant_of(right)
        kind = kind_of(literal)
        sign: py.cmpop = py.Eq() if operator == "=" else py.NotEq()
        temporary = name(self.scopes.fresh())
        if isinstance(right, ast.Literal) and right.value is None:
            return fill("(T := LEFT) is None" if operator == "=" else "(T := LEFT) is not None", T=temporary, LEFT=left)
        guards = {
            Kind.NUMBER: "type(T := LEFT) in NUM",
            Kind.STRING: "type(T := LEFT) is str",
            Kind.BOOLEAN: "type(T := LEFT) is bool",
        }
        if kind not in guards:
            return self.operation(slow, node, left, self.emit(right))
        value = self.keep(literal)
        return fill(
            f"FAST if {guards[kind]} else SLOW",
            FAST=compared(temporary, (sign, value)),
            T=temporary,
            LEFT=left,
            SLOW=self.operation(slow, node, temporary, value),
        )

    def _order(self, node: ast.Node, operator: str, left: py.expr, right: ast.Node) -> py.expr:
        """``left < right`` and its like, inline for numbers."""
        first, second = name(self.scopes.fresh()), name(self.scopes.fresh())
        literal = constant_of(right)
        operation = _COMPARED[operator]()
        if type(literal) in _NUMERIC:
            value = self.keep(literal)
            return fill(
                "FAST if type(A := LEFT) in NUM else SLOW",
                FAST=compared(first, (operation, value)),
                A=first,
                LEFT=left,
                SLOW=self.operation("compare", node, constant(operator), first, value),
            )
        # Both operands are computed before either is looked at: the second is needed in any case.
        return fill(
            "FAST if (type(A := LEFT) in NUM) & (type(B := RIGHT) in NUM) else SLOW",
            FAST=compared(first, (operation, second)),
            A=first,
            B=second,
            LEFT=left,
            RIGHT=self.emit(right),
            SLOW=self.operation("compare", node, constant(operator), first, second),
        )

    def emit_between(self, node: ast.Between) -> py.expr:
        value, low, high = (name(self.scopes.fresh()) for _ in range(3))
        return fill(
            "LOW <= VALUE <= HIGH if (type(VALUE := A) in NUM) & (type(LOW := B) in NUM) & (type(HIGH := C) in NUM)"
            " else SLOW",
            VALUE=value,
            LOW=low,
            HIGH=high,
            A=self.emit(node.value),
            B=self.emit(node.low),
            C=self.emit(node.high),
            SLOW=self.operation("between", node, value, low, high),
        )

    def emit_and(self, node: ast.And) -> py.expr:
        return self._junction(node, node.operands, "conjunction", False)

    def emit_or(self, node: ast.Or) -> py.expr:
        return self._junction(node, node.operands, "disjunction", True)

    def _junction(self, node: ast.Node, operands: tuple[ast.Node, ...], slow: str, decisive: bool) -> py.expr:
        """Left to right until one decides; the rest is needed only when none does."""
        found = [name(self.scopes.fresh()) for _ in operands]
        decided = any_of(
            [
                fill("(T := VALUE) is DECISIVE", T=temporary, VALUE=self.emit(operand), DECISIVE=constant(decisive))
                for temporary, operand in zip(found, operands, strict=True)
            ]
        )
        other = constant(not decisive)
        unanimous = all_of([compared(each, (py.Is(), other)) for each in found])
        return fill(
            "DECISIVE if DECIDED else OTHER if UNANIMOUS else SLOW",
            DECISIVE=constant(decisive),
            DECIDED=decided,
            OTHER=other,
            UNANIMOUS=unanimous,
            SLOW=self.operation(slow, node, *found),
        )

    def emit_if(self, node: ast.If) -> py.expr:
        if isinstance(node.condition, _BOOLEAN_NODES):
            test = fill("CONDITION is True", CONDITION=self.emit(node.condition))
            return chosen(test, self.emit(node.consequence), self.emit(node.alternative))
        condition = name(self.scopes.fresh())
        return fill(
            "YES if (C := CONDITION) is True else NO if C is False or C is None else SLOW",
            YES=self.emit(node.consequence),
            C=condition,
            CONDITION=self.emit(node.condition),
            NO=self.emit(node.alternative),
            SLOW=self.operation("no_condition", node.condition, condition),
        )

    def emit_instanceof(self, node: ast.InstanceOf) -> py.expr:
        return self.operation("instance_of", node, self.emit(node.value), self.keep(node.type))

    # -- ranges and tests

    def emit_rangeliteral(self, node: ast.RangeLiteral) -> py.expr:
        literal = constant_range(node)
        if literal is not None:
            return self.keep(literal)
        ends = constant(node.low_included), constant(node.high_included)
        return self.operation("make_range", node, self.emit(node.low), self.emit(node.high), *ends)

    def emit_unarycomparison(self, node: ast.UnaryComparison) -> py.expr:
        return self.operation("make_comparison_range", node, constant(node.operator), self.emit(node.operand))

    def emit_in(self, node: ast.In) -> py.expr:
        value = self.scopes.fresh()
        # Inside a cell, ? stays the cell's input: "a" in ?
        self.scopes.push(Scope(local={} if self.scopes.is_bound("?") else {"?": value}))
        tests = [self.emit_test(test, value, in_cell=False) for test in node.tests]
        self.scopes.pop()
        tested = self._any(node, tests)
        # The value is bound first: a tuple is evaluated from the left.
        return fill("(V := VALUE, TESTED)[1]", V=name(value), VALUE=self.emit(node.value), TESTED=tested)

    def emit_tests(self, node: ast.Tests) -> py.expr:
        """A cell's tests of the Python local ``value``."""
        if not node.tests:
            return constant(True)
        self.scopes.push(Scope(local={"?": "value"}))
        tested = self._any(node, [self.emit_test(test, "value", in_cell=True) for test in node.tests])
        self.scopes.pop()
        if not node.negated:
            return tested
        return fill("None if (T := TESTED) is None else not T", T=name(self.scopes.fresh()), TESTED=tested)

    def _any(self, node: ast.Node, tests: list[py.expr]) -> py.expr:
        if len(tests) == 1:
            return tests[0]
        found = [name(self.scopes.fresh()) for _ in tests]
        passed = any_of(
            [fill("(T := TEST) is True", T=each, TEST=test) for each, test in zip(found, tests, strict=True)]
        )
        failed = all_of([compared(each, (py.Is(), constant(False))) for each in found])
        return fill("True if PASSED else False if FAILED else None", PASSED=passed, FAILED=failed)

    def emit_test(self, node: ast.Node, value: str, *, in_cell: bool) -> py.expr:
        """One positive unary test of the Python local ``value``."""
        tested = name(value)
        if isinstance(node, ast.UnaryComparison):
            if node.operator in ("=", "!="):
                return self._equality(node, node.operator, tested, node.operand)
            return self._order(node, node.operator, tested, node.operand)
        if isinstance(node, ast.Literal) and kind_of(node.value) in (Kind.NULL, Kind.NUMBER, Kind.STRING, Kind.BOOLEAN):
            return self._equality(node, "=", tested, node)
        if isinstance(node, ast.Negation) and negative(node) is not None:
            return self._equality(node, "=", tested, node)
        if isinstance(node, ast.RangeLiteral):
            return self._range_test(node, tested)
        if self.scopes.local("?") == value and any(_is_input(each) for each in ast.walk(node)):
            return self.operation("truth", node, self.emit(node))
        return self.operation("cell_value" if in_cell else "test_value", node, tested, self.emit(node))

    def _range_test(self, node: ast.RangeLiteral, tested: py.expr) -> py.expr:
        literal = constant_range(node)
        if literal is None:
            return self.operation("test_value", node, tested, self.emit(node))
        slow = self.operation("test_value", node, tested, self.keep(literal))
        if type(literal.start) not in _NUMERIC or type(literal.end) not in _NUMERIC:
            return slow
        inside = compared(
            self.keep(literal.start),
            (py.LtE() if literal.start_included else py.Lt(), tested),
            (py.LtE() if literal.end_included else py.Lt(), self.keep(literal.end)),
        )
        return fill("INSIDE if type(VALUE) in NUM else SLOW", INSIDE=inside, VALUE=tested, SLOW=slow)


def _is_input(node: ast.Node) -> bool:
    return isinstance(node, ast.Name) and node.name == "?"


def negative(node: ast.Node) -> Any:
    """The number that ``-literal`` denotes; None for anything else."""
    if isinstance(node, ast.Negation) and isinstance(node.operand, ast.Literal):
        value = node.operand.value
        return (
            value.copy_negate()
            if isinstance(value, Decimal) and value
            else value
            if isinstance(value, Decimal)
            else None
        )
    return None


def constant_of(node: ast.Node) -> Any:
    """The value of a literal, negative numbers included; None for anything else."""
    return node.value if isinstance(node, ast.Literal) else negative(node)


def constant_range(node: ast.RangeLiteral) -> Range | None:
    """The range whose endpoints are both literals of one kind; None for any other."""
    low, high = constant_of(node.low), constant_of(node.high)
    if low is None or high is None:
        return None
    try:
        comparison.check_endpoints(low, high)
    except Fault:
        return None
    return Range(low, high, node.low_included, node.high_included)


def compile_tree(tree: ast.Node, text: str, declared: Iterable[str]) -> Compiled:
    """The code of an expression, ``run(context, runtime)``."""
    compiler = Compiler(text, declared)
    body = compiler.emit(tree)
    run = build(("c", "r"), body, compiler.globals)
    return compiler.finished(run)


def compile_tests(tree: ast.Tests, text: str, declared: Iterable[str]) -> Compiled:
    """The code of unary tests, ``run(value, context, runtime)``."""
    compiler = Compiler(text, declared)
    body = compiler.emit(tree)
    run = build(("value", "c", "r"), body, compiler.globals)
    return compiler.finished(run)
