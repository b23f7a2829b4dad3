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
from typing import Any


@lru_cache(maxsize=256)
def _template(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def fill(template: str, **holes: ast.expr) -> ast.expr:
    """The tree of ``template`` with the trees of ``holes`` in the place of their names."""
    return _filled(_template(template), holes)


def _filled(node: Any, holes: dict[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name):
        hole = holes.get(node.id)
        if hole is None:
            return node
        if isinstance(node.ctx, ast.Store) and isinstance(hole, ast.Name):
            return ast.Name(hole.id, ast.Store())
        return hole
    if isinstance(node, ast.AST):
        return type(node)(**{name: _filled(value, holes) for name, value in ast.iter_fields(node)})
    if isinstance(node, list):
        return [_filled(item, holes) for item in node]
    return node


def name(identifier: str) -> ast.Name:
    """A variable or global of the emitted code."""
    return ast.Name(identifier, ast.Load())


def constant(value: str | int | bool | tuple[int, int] | None) -> ast.Constant:
    """A value that Python's code objects hold themselves."""
    return ast.Constant(value)


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """A call of a global of the emitted code."""
    return ast.Call(name(function), list(arguments), [])


def function_of(parameters: tuple[str, ...], body: ast.expr) -> ast.expr:
    """A Python lambda."""
    return ast.Lambda(_arguments(parameters), body)


def _arguments(parameters: tuple[str, ...]) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(parameter) for parameter in parameters],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )


def build(parameters: tuple[str, ...], body: ast.expr, scope: dict[str, Any]) -> Callable[..., Any]:
    """The Python function with that body, its globals bound to ``scope`` and nothing else."""
    definition = ast.FunctionDef("feel", _arguments(parameters), [ast.Return(body)], [])
    module = ast.fix_missing_locations(ast.Module([definition], []))
    compiled = compile(module, "<feel>", "exec")
    code = next(each for each in compiled.co_consts if isinstance(each, CodeType))
    return FunctionType(code, {**scope, "__builtins__": {}})
