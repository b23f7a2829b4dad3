"""What a decision table's cell depends on: whether its answer turns only at constants, and at which.

``[600..700)``, ``< 18, > 65``, ``not("A", "B")`` or ``? > 5 and ? <= 8`` compare the input with constants and
nothing else; such cells can be indexed and analysed by those constants. Everything else has to be asked.
"""

from __future__ import annotations

from typing import Any, Final

from server.dmn.table_index import INDEXED_KINDS, kind_of
from server.feel import UnaryTests, ast, compile_expression

_CONSTRUCTORS: Final = frozenset({"date", "date and time", "time", "duration"})
_INPUT: Final = "?"


class NotIndexableError(Exception):
    """The cell depends on more than constants and its input value."""


def borders(tests: UnaryTests) -> tuple[Any, ...] | None:
    """The constants at which the cell may change its answer; None where that cannot be said."""
    found: list[Any] = []
    try:
        _collect(tests.ast, tests.text, found)
    except NotIndexableError:
        return None
    return tuple(found)


def is_constant(node: ast.Node) -> bool:
    """Whether the value of an expression is the same at every evaluation, and cheap to know beforehand."""
    match node:
        case ast.Literal():
            return True
        case ast.Negation(operand=operand):
            return is_constant(operand)
        case ast.Arithmetic(operands=operands):
            return all(map(is_constant, operands))
        case ast.ListLiteral(items=items):
            return all(map(is_constant, items))
        case ast.Call(function=ast.Name(name=name), arguments=arguments):
            return name in _CONSTRUCTORS and all(map(is_constant, arguments))
        case _:
            return False


def constant(node: ast.Node, text: str) -> Any:
    """The value of a constant part of ``text``."""
    if isinstance(node, ast.Literal):
        return node.value
    return compile_expression(text[node.start : node.end]).value({})


def listed_constants(tests: UnaryTests) -> tuple[Any, ...] | None:
    """The values of a list such as ``"high", "medium", "low"``, in its order; None where it is no such list."""
    tree = tests.ast
    if not isinstance(tree, ast.Tests) or tree.negated or not tree.tests:
        return None
    if not all(is_constant(test) for test in tree.tests):
        return None
    return tuple(constant(test, tests.text) for test in tree.tests)


def _collect(node: ast.Node, text: str, found: list[Any]) -> None:
    """Gathers the constants of a test; raises where the test is of another form."""
    if is_constant(node):
        _add(constant(node, text), found)
        return
    match node:
        case ast.Tests(tests=parts) | ast.And(operands=parts) | ast.Or(operands=parts):
            for part in parts:
                _collect(part, text, found)
        case ast.UnaryComparison(operand=operand):
            _collect_constants((operand,), text, found)
        case ast.RangeLiteral(low=low, high=high):
            _collect_constants((low, high), text, found)
        case ast.Comparison(left=left, right=right) if _is_input(left) or _is_input(right):
            _collect_constants((right if _is_input(left) else left,), text, found)
        case ast.Between(value=value, low=low, high=high) if _is_input(value):
            _collect_constants((low, high), text, found)
        case ast.In(value=value, tests=parts) if _is_input(value):
            for part in parts:
                _collect(part, text, found)
        case _:
            raise NotIndexableError


def _collect_constants(nodes: tuple[ast.Node, ...], text: str, found: list[Any]) -> None:
    for node in nodes:
        if not is_constant(node):
            raise NotIndexableError
        _add(constant(node, text), found)


def _add(value: Any, found: list[Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _add(item, found)
    elif kind_of(value) in INDEXED_KINDS:
        found.append(value)
    else:
        # Times and dates with times compare by zone and instant: there is no one order to cut into regions.
        raise NotIndexableError


def _is_input(node: ast.Node) -> bool:
    return isinstance(node, ast.Name) and node.name == _INPUT
