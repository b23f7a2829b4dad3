"""Python syntax trees from templates.

Emitted code is built from Python's own tree nodes, never from text: a template is a Python expression written in
this package, and its holes are names that :func:`fill` replaces by other trees. What a designer wrote reaches the
code only as constants.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, TypeVar

_LOAD = ast.Load()


@lru_cache(maxsize=256)
def _template(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


_T = TypeVar("_T", bound=ast.AST)


def located(node: _T) -> _T:
    """A node with the line and column that Python wants every node to have; they are never shown."""
    node.lineno = 1  # type: ignore[attr-defined]
    node.col_offset = 0  # type: ignore[attr-defined]
    return node


def fill(template: str, **holes: ast.expr) -> ast.expr:
    """The tree of ``template`` with the trees of ``holes`` in the place of their names."""
    filled: ast.expr = _filled(_template(template), holes)
    return filled


def _filled(node: Any, holes: dict[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        hole = holes.get(node.id)
        if hole is None:
            return node
        if isinstance(node.ctx, ast.Store) and isinstance(hole, ast.Name):
            return located(ast.Name(hole.id, ast.Store()))
        return hole
    if isinstance(node, ast.AST):
        fields = {field: _filled(getattr(node, field), holes) for field in node._fields}
        return located(type(node)(**fields))
    if isinstance(node, list):
        return [_filled(item, holes) for item in node]
    return node


def any_of(values: list[ast.expr]) -> ast.expr:
    """``a or b or c``."""
    return located(ast.BoolOp(ast.Or(), values)) if len(values) > 1 else values[0]


def all_of(values: list[ast.expr]) -> ast.expr:
    """``a and b and c``."""
    return located(ast.BoolOp(ast.And(), values)) if len(values) > 1 else values[0]


def compared(left: ast.expr, *pairs: tuple[ast.cmpop, ast.expr]) -> ast.expr:
    """``left < a <= b``."""
    return located(ast.Compare(left, [operator for operator, _ in pairs], [right for _, right in pairs]))


def chosen(test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """``yes if test else no``."""
    return located(ast.IfExp(test, yes, no))


def list_of(items: list[ast.expr]) -> ast.expr:
    """``[a, b]``."""
    return located(ast.List(items, _LOAD))


def tuple_of(items: list[ast.expr]) -> ast.expr:
    """``(a, b)``."""
    return located(ast.Tuple(items, _LOAD))


def dict_of(keys: list[ast.expr], values: list[ast.expr]) -> ast.expr:
    """``{a: b}``."""
    return located(ast.Dict(list(keys), values))


def name(identifier: str) -> ast.Name:
    """A variable or global of the emitted code."""
    return located(ast.Name(identifier, _LOAD))


def constant(value: str | int | bool | tuple[int, int] | None) -> ast.Constant:
    """A value that Python's code objects hold themselves."""
    return located(ast.Constant(value))  # type: ignore[arg-type]


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """A call of a global of the emitted code."""
    return located(ast.Call(name(function), list(arguments), []))


def function_of(parameters: tuple[str, ...], body: ast.expr) -> ast.expr:
    """A Python lambda."""
    return located(ast.Lambda(_arguments(parameters), body))


def _arguments(parameters: tuple[str, ...]) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[located(ast.arg(parameter)) for parameter in parameters],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )


def build(parameters: tuple[str, ...], body: ast.expr, scope: dict[str, Any]) -> Callable[..., Any]:
    """The Python function with that body, its globals bound to ``scope`` and nothing else."""
    returned = located(ast.Return(body))
    definition = located(ast.FunctionDef("feel", _arguments(parameters), [returned], []))
    compiled = compile(ast.Module([definition], []), "<feel>", "exec")
    code = next(each for each in compiled.co_consts if isinstance(each, CodeType))
    return FunctionType(code, {**scope, "__builtins__": {}})
