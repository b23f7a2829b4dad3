"""FEEL texts within a model: literal expressions, cells and lists of values, with their faults put in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.dmn import cell as cells
from server.dmn import findings as faults
from server.dmn.evaluation import Evaluator, Run, Variables, null_evaluator
from server.dmn.findings import FindingLog
from server.dmn.item_definition import TypeRegistry
from server.dmn.model import LiteralExpression, OutputClause, Place, UnaryTests
from server.dmn.scope import Scope
from server.dmn.table_index import Cell
from server.feel import Expression as CompiledExpression
from server.feel import FeelSyntaxError, ast, compile_expression, compile_unary_tests
from server.feel import UnaryTests as CompiledTests
from server.feel.arithmetic import out_of_numbers
from server.feel.diagnostics import Diagnostic, DiagnosticKind
from server.feel.types import FeelType
from server.messages import Message

Test = Callable[[Any, Variables, Run], bool]
"""A compiled cell or list of values."""


@dataclass(frozen=True, slots=True)
class Constant:
    """An output entry's value that no fact changes."""

    value: Any


@dataclass(slots=True)
class Uses:
    """The names that logic takes from outside itself, each with the place of its first use.

    ``possible`` names stand in filters and may be entries of the items there. ``partial`` says whether the results
    of a boxed loop so far are asked for.
    """

    definite: dict[str, Place] = field(default_factory=dict)
    possible: set[str] = field(default_factory=set)
    partial: bool = False


class LiteralCompiler:
    """Compiles FEEL texts; remembers which names they use."""

    def __init__(self, types: TypeRegistry, log: FindingLog) -> None:
        self.types = types
        self.log = log
        self.uses = Uses()
        self._tests: dict[tuple[str, Scope], CompiledTests] = {}
        self._literals: dict[tuple[str, Scope], CompiledExpression] = {}

    def literal(self, expression: LiteralExpression, scope: Scope) -> Evaluator:
        """The evaluator of a literal expression; of an empty one, null."""
        if expression.text is None:
            return null_evaluator
        try:
            compiled = self._compiled(expression.text, scope)
        except FeelSyntaxError as error:
            return self._broken(error, expression.text, expression.place)
        self._use(compiled.names, compiled.possible_names, scope, expression.place)
        code = compiled.code

        def evaluate(variables: Variables, run: Run) -> Any:
            try:
                return code(variables, run.runtime)
            except ArithmeticError:
                return run.fail(out_of_numbers())

        return evaluate

    def tests(self, tests: UnaryTests, scope: Scope) -> Test | None:
        """The test that a list of values is; None where it cannot be read."""
        compiled = self._compiled_tests(tests, scope)
        if compiled is None:
            return None
        code = compiled.code

        def test(value: Any, variables: Variables, run: Run) -> bool:
            return code(value, variables, run.runtime) is True

        return test

    def cell(self, tests: UnaryTests, scope: Scope) -> Cell:
        """A cell for the table's index."""
        compiled = self._compiled_tests(tests, scope)
        if compiled is None:
            return Cell(tests.text, lambda _value, _variables, _runtime: False, ())
        return cell_of(compiled)

    def variable_name(self, expression: LiteralExpression, scope: Scope) -> str | None:
        """The variable that an expression is, where it is no more than that."""
        if expression.text is None or not self.is_expression(expression.text, scope):
            return None
        tree = self._compiled(expression.text, scope).ast
        return tree.name if isinstance(tree, ast.Name) and tree.name not in scope.bound else None

    def listed_values(self, tests: UnaryTests) -> Sequence[Any] | None:
        """The values of a list, in its order; None where the text is more than a list of values."""
        compiled = self._compiled_tests(tests, Scope())
        if compiled is None:
            return ()
        return cells.listed_constants(compiled)

    def output_entry(
        self, entry: LiteralExpression, output: OutputClause, rule: int, scope: Scope
    ) -> tuple[Evaluator, Constant | None]:
        """The evaluator of a rule's conclusion, and its value where that is known beforehand.

        The value is held to the column's type and to the values that the column allows.
        """
        type_ = self.types.resolve(output.type_ref, output.place)
        evaluate = self._conclusion(self.literal(entry, scope), type_, output, rule)
        constant = self._constant_entry(entry, scope)
        if constant is None or (type_ is not None and not _includes(type_, constant.value)):
            return evaluate, None
        return (lambda _variables, _run: constant.value), constant

    # --- parts ---

    def _conclusion(self, literal: Evaluator, type_: FeelType | None, output: OutputClause, rule: int) -> Evaluator:
        name = output.name or output.label
        zh, en = f"输出“{name}”规则 {rule}", f"Output '{name}', rule {rule}"
        what = f"{name} [{rule}]"

        def conclude(variables: Variables, run: Run) -> Any:
            known = len(run.diagnostics)
            value = literal(variables, run)
            if len(run.diagnostics) != known:
                run.name_place(known, zh, en)
            return value if type_ is None else run.conform(value, type_, what)

        return conclude

    def _constant_entry(self, entry: LiteralExpression, scope: Scope) -> Constant | None:
        if entry.text is None:
            return Constant(None)
        try:
            compiled = self._compiled(entry.text, scope)
        except FeelSyntaxError:
            return None
        if not cells.is_constant(compiled.ast):
            return None
        evaluation = compiled.evaluate({})
        # A list is made anew each time, because its receiver may change it.
        known = not evaluation.diagnostics and not isinstance(evaluation.value, list)
        return Constant(evaluation.value) if known else None

    def _compiled_tests(self, tests: UnaryTests, scope: Scope) -> CompiledTests | None:
        key = (tests.text, scope)
        known = self._tests.get(key)
        if known is None:
            try:
                known = compile_unary_tests(tests.text, names=scope.names, types=self.types.by_name)
            except FeelSyntaxError as error:
                self._broken(error, tests.text, tests.place)
                return None
            self._tests[key] = known
        self._use(known.names - {"?"}, (), scope, tests.place)
        return known

    def is_expression(self, text: str, scope: Scope) -> bool:
        """Whether a text can be read as an expression."""
        try:
            self._compiled(text, scope)
        except FeelSyntaxError:
            return False
        return True

    def _use(self, names: Iterable[str], possible: Iterable[str], scope: Scope, place: Place) -> None:
        for name in names:
            if name not in scope.bound:
                self.uses.definite.setdefault(name, place)
            elif name == "partial":
                self.uses.partial = True
        self.uses.possible.update(name for name in possible if name not in scope.bound)

    def _compiled(self, text: str, scope: Scope) -> CompiledExpression:
        """The compiled text; the same text in the same scope, as tables repeat it, is compiled once."""
        key = (text, scope)
        known = self._literals.get(key)
        if known is None:
            known = self._literals[key] = compile_expression(text, names=scope.names, types=self.types.by_name)
        return known

    def _broken(self, error: FeelSyntaxError, text: str, place: Place) -> Evaluator:
        for diagnostic in error.diagnostics:
            self.log.error(faults.bad_expression(diagnostic.message, text), place, diagnostic.column)
        first: Diagnostic = error.diagnostics[0]
        message = faults.bad_expression(first.message, text)

        def fail(_variables: Variables, run: Run) -> None:
            run.fault(DiagnosticKind.SYNTAX, Message(message.code, message.zh, message.en))

        return fail


def cell_of(tests: CompiledTests) -> Cell:
    """Compiled tests as a cell of a table's index."""
    return Cell(tests.text, tests.code, cells.borders(tests))


def _includes(type_: FeelType, value: Any) -> bool:
    return value is None or type_.includes(value)
