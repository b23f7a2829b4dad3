"""Types and domains in a decision table: constants that their column cannot have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from server.dmn import analysis_messages as say
from server.dmn.analysis_regions import PYTHON_TYPES, domain_tests, literal
from server.dmn.analysis_report import TableFinding, Weight
from server.dmn.cell import constant, is_constant, listed_constants
from server.dmn.compiled_graph import PlacedTable
from server.dmn.decision_table import CompiledInput, CompiledRule
from server.dmn.model import LiteralExpression, OutputClause
from server.dmn.table_index import Cell, kind_of
from server.feel import (
    FeelSyntaxError,
    FeelType,
    Runtime,
    SimpleType,
    UnaryTests,
    ast,
    compile_expression,
    compile_unary_tests,
)
from server.feel.comparison import same

_KINDS: Final = {python: kind for kind, python in PYTHON_TYPES.items()}


def cell_findings(placed: PlacedTable) -> Iterator[TableFinding]:
    """What is wrong with constants of cells."""
    for number, column in enumerate(placed.table.inputs):
        declared, allowed = domain_tests(column, placed.types)
        if declared is None:
            yield from _mixed(column, placed.table.index.columns[number].constants)
        for rule in placed.table.rules:
            yield from _cell(column, rule, number, declared, allowed)


def _mixed(column: CompiledInput, constants: tuple[Any, ...]) -> Iterator[TableFinding]:
    kinds = {_KINDS[kind] for value in constants if value is not None and (kind := kind_of(value)) in _KINDS}
    if len(kinds) > 1:
        yield TableFinding(
            Weight.WARNING, say.mixed_types(column.clause.label, sorted(kinds)), place=column.clause.place
        )


def _cell(
    column: CompiledInput, rule: CompiledRule, number: int, declared: FeelType | None, allowed: list[Cell]
) -> Iterator[TableFinding]:
    entry = rule.rule.input_entries[number]
    tests = _tests(entry.text)
    if tests is None:
        return
    assert isinstance(tests.ast, ast.Tests)
    label = column.clause.label
    for value, equality in _constants(tests):
        kind = _KINDS.get(kind_of(value))
        if isinstance(declared, SimpleType) and kind is not None and kind is not declared.kind:
            if declared.kind in PYTHON_TYPES:
                message = say.wrong_type(rule.index, label, literal(value), kind.value, declared.kind.value)
                yield TableFinding(Weight.ERROR, message, (rule.index,), place=entry.place)
        elif equality and value is not None and not _admitted(value, allowed):
            shown = ", ".join(test.key for test in allowed)
            weight = Weight.WARNING if tests.ast.negated else Weight.ERROR
            message = say.outside_domain(rule.index, label, literal(value), shown)
            yield TableFinding(weight, message, (rule.index,), place=entry.place)


def _tests(text: str) -> UnaryTests | None:
    """The tests of a cell whose constants can be told without the names in scope."""
    try:
        return compile_unary_tests(text)
    except FeelSyntaxError:
        return None


def _constants(tests: UnaryTests) -> Iterator[tuple[Any, bool]]:
    """The constants of a cell, each with whether the input is compared for equality with it."""
    assert isinstance(tests.ast, ast.Tests)
    for part in tests.ast.tests:
        if is_constant(part):
            value = constant(part, tests.text)
            yield from ((each, True) for each in (value if isinstance(value, list) else [value]))
        elif isinstance(part, ast.UnaryComparison) and is_constant(part.operand):
            yield constant(part.operand, tests.text), part.operator == "="
        elif isinstance(part, ast.RangeLiteral):
            for border in (part.low, part.high):
                if is_constant(border):
                    yield constant(border, tests.text), False


def _admitted(value: Any, allowed: list[Cell]) -> bool:
    runtime = Runtime()
    return all(test.borders is None or test.test(value, {}, runtime) is True for test in allowed)


# --- outputs ---


def output_findings(placed: PlacedTable) -> Iterator[TableFinding]:
    """What is wrong with constant conclusions."""
    for number, (clause, type_) in enumerate(zip(placed.table.table.outputs, placed.output_types, strict=True)):
        listed = None if clause.values is None else _tests(clause.values.text)
        name = clause.label or clause.name
        for rule in placed.table.rules:
            entry = rule.rule.output_entries[number]
            known, value = constant_of(entry)
            if not known or value is None:
                continue
            if type_ is not None and not type_.includes(value):
                message = say.output_type(rule.index, name, literal(value), type_.name)
                yield TableFinding(Weight.ERROR, message, (rule.index,), place=entry.place)
            elif listed is not None and listed.matches(value) is not True:
                message = say.output_domain(rule.index, name, literal(value), listed.text)
                yield TableFinding(Weight.WARNING, message, (rule.index,), place=entry.place)


def unreachable_outputs(placed: PlacedTable, dead: Mapping[int, object]) -> Iterator[TableFinding]:
    """Output values that are listed but come from no rule that ever decides; ``dead`` are the other rules."""
    for number, clause in enumerate(placed.table.table.outputs):
        listed = _listed(clause)
        if listed is None:
            continue
        given: list[tuple[int, Any]] = []
        for index, entry in _conclusions(placed, number, clause):
            known, value = constant_of(entry)
            if not known:
                break
            given.append((index, value))
        else:
            for value in listed:
                rules = [index for index, concluded in given if same(concluded, value)]
                if all(index in dead for index in rules):
                    weight = Weight.WARNING if rules else Weight.NOTE
                    message = say.unreachable_output(clause.label or clause.name, literal(value), rules)
                    yield TableFinding(weight, message, tuple(rules), place=clause.place)


def _conclusions(placed: PlacedTable, number: int, clause: OutputClause) -> Iterator[tuple[int, LiteralExpression]]:
    """The entries of an output column by rule, the default output as rule 0."""
    if clause.default is not None:
        yield 0, clause.default
    for rule in placed.table.rules:
        yield rule.index, rule.rule.output_entries[number]


def _listed(clause: OutputClause) -> tuple[Any, ...] | None:
    tests = None if clause.values is None else _tests(clause.values.text)
    return None if tests is None else listed_constants(tests)


def constant_of(entry: LiteralExpression) -> tuple[bool, Any]:
    """Whether a conclusion's value depends on no fact, and that value."""
    if entry.text is None:
        return True, None
    try:
        tree = compile_expression(entry.text).ast
    except FeelSyntaxError:
        return False, None
    return (True, constant(tree, entry.text)) if is_constant(tree) else (False, None)
