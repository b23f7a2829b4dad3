"""The type of an expression as far as its text tells: what a function literal without a stated result type returns.

Only what is certain is said; None means unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.feel import ast
from server.feel.types import (
    ANY,
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    ContextType,
    FeelType,
    FunctionType,
    ListType,
    RangeType,
    SimpleType,
    is_subtype,
)
from server.feel.values import kind_of

_BOOLEAN_NODES = (
    ast.Comparison,
    ast.Between,
    ast.In,
    ast.And,
    ast.Or,
    ast.Quantified,
    ast.InstanceOf,
)


def infer(node: ast.Node, variables: Mapping[str, FeelType | None]) -> FeelType | None:
    """The type of ``node`` where ``variables`` have these types."""
    if isinstance(node, _BOOLEAN_NODES):
        return BOOLEAN
    match node:
        case ast.Literal(value=value):
            return SimpleType(kind_of(value))
        case ast.Name(name=name):
            return variables.get(name)
        case ast.ListLiteral(items=items):
            return ListType(_common([infer(item, variables) for item in items]))
        case ast.ContextLiteral(entries=entries):
            return ContextType(tuple((entry.key, infer(entry.value, variables) or ANY) for entry in entries))
        case ast.RangeLiteral(low=low):
            return RangeType(infer(low, variables) or ANY)
        case ast.Negation(operand=operand):
            return infer(operand, variables)
        case ast.Arithmetic(operands=operands):
            return _arithmetic([infer(operand, variables) for operand in operands])
        case ast.If(consequence=consequence, alternative=alternative):
            found = _common([infer(consequence, variables), infer(alternative, variables)])
            return None if found is ANY else found
        case ast.FunctionLiteral(parameters=parameters, body=body, external=False):
            inner = {**variables, **{each.name: each.type for each in parameters}}
            return FunctionType(
                tuple(each.type or ANY for each in parameters), node.result_type or infer(body, inner) or ANY
            )
    return None


def _common(found: list[FeelType | None]) -> FeelType:
    """The type of all of them, where one of them includes the others; else Any."""
    known = [each for each in found if each is not None]
    if len(known) != len(found):
        return ANY
    for candidate in known:
        if all(is_subtype(each, candidate) for each in known):
            return candidate
    return ANY if known else NULL


def _arithmetic(found: list[FeelType | None]) -> FeelType | None:
    """Numbers give a number and strings a string; anything else depends on the operator."""
    first = found[0]
    return first if first in (NUMBER, STRING) and all(each == first for each in found) else None
