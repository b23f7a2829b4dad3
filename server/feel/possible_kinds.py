"""The kinds of values that an expression may have, as far as its text tells: for rules that refuse a model early.

Nothing is said that is not certain: whatever variables there are, a value is of one of these kinds. A value that
could not be computed, which is null with a diagnostic, counts as no value: an expression without a possible kind
never has one.
"""

from __future__ import annotations

from functools import reduce
from typing import Final

from server.feel import ast
from server.feel.builtins import BUILTINS
from server.feel.functions import FeelFunction
from server.feel.types import ContextType, FeelType, ListType, RangeType, SimpleType
from server.feel.values import Kind, kind_of

Kinds = frozenset[Kind]

EVERY_KIND: Final[Kinds] = frozenset(Kind)
JSON_KINDS: Final[Kinds] = frozenset({Kind.NULL, Kind.BOOLEAN, Kind.NUMBER, Kind.STRING, Kind.LIST, Kind.CONTEXT})
"""What variables can be that were read from JSON."""

_NOTHING: Final[Kinds] = frozenset()
_NULL: Final[Kinds] = frozenset({Kind.NULL})
_TRUTH: Final[Kinds] = frozenset({Kind.BOOLEAN, Kind.NULL})
_DAYS, _MONTHS = Kind.DAYS_TIME_DURATION, Kind.YEARS_MONTHS_DURATION
_MOMENTS = (Kind.DATE, Kind.TIME, Kind.DATE_AND_TIME)
_SIGNED: Final[Kinds] = frozenset({Kind.NUMBER, _DAYS, _MONTHS})
_TEMPORAL: Final[Kinds] = frozenset({*_MOMENTS, _DAYS, _MONTHS})
_OF_TEMPORAL: Final[Kinds] = frozenset({Kind.NUMBER, Kind.STRING, _DAYS, Kind.NULL})
"""What the properties of dates, times and durations are."""

_DECIDED = (ast.Comparison, ast.Between, ast.InstanceOf)
"""What is null only with a diagnostic; the others may pass on a null that they met."""

_TRUTHS = (ast.In, ast.And, ast.Or, ast.Quantified)
_ALWAYS: Final[dict[type[ast.Node], Kinds]] = {
    **dict.fromkeys(_DECIDED, frozenset({Kind.BOOLEAN})),
    **dict.fromkeys(_TRUTHS, _TRUTH),
    **dict.fromkeys((ast.ListLiteral, ast.For), frozenset({Kind.LIST})),
    **dict.fromkeys((ast.RangeLiteral, ast.UnaryComparison), frozenset({Kind.RANGE})),
    ast.ContextLiteral: frozenset({Kind.CONTEXT}),
    ast.FunctionLiteral: frozenset({Kind.FUNCTION}),
    ast.InvalidLiteral: _NOTHING,
}
"""The kinds of nodes that are of the same whatever stands in them."""

_SIGNED_RESULTS: Final = frozenset({"sum", "mean", "abs"})
_DURATION: Final = "duration"

_SHIFTS = {(moment, duration): moment for moment in _MOMENTS for duration in (_DAYS, _MONTHS)}
_NUMBERS = {(Kind.NUMBER, Kind.NUMBER): Kind.NUMBER}
_SAME = {(_DAYS, _DAYS): _DAYS, (_MONTHS, _MONTHS): _MONTHS}
_SCALED = {(_DAYS, Kind.NUMBER): _DAYS, (_MONTHS, Kind.NUMBER): _MONTHS}
_ROWS: Final[dict[str, dict[tuple[Kind, Kind], Kind]]] = {
    "+": {
        **_NUMBERS,
        **_SAME,
        **_SHIFTS,
        **{(right, left): kind for (left, right), kind in _SHIFTS.items()},
        (Kind.STRING, Kind.STRING): Kind.STRING,
    },
    "-": {
        **_NUMBERS,
        **_SAME,
        **_SHIFTS,
        **{(a, b): _DAYS for a in (Kind.DATE, Kind.DATE_AND_TIME) for b in (Kind.DATE, Kind.DATE_AND_TIME)},
        (Kind.TIME, Kind.TIME): _DAYS,
    },
    "*": {**_NUMBERS, **_SCALED, **{(right, left): kind for (left, right), kind in _SCALED.items()}},
    "/": {**_NUMBERS, **_SCALED, (_DAYS, _DAYS): Kind.NUMBER, (_MONTHS, _MONTHS): Kind.NUMBER},
    "**": _NUMBERS,
}
"""Which kinds an operator takes, and what it makes of them (DMN 1.5, tables 55 to 59)."""


def possible_kinds(node: ast.Node, variables: Kinds = EVERY_KIND) -> Kinds:
    """The kinds that the value of ``node`` may be of, where variables are of the kinds ``variables``.

    Empty where it never has a value. The expression is one that was read without declared names.
    """
    return _Possible(node).of(node, variables | _NULL)


class _Possible:
    """The walk through one expression; the names that it gives to something itself are known beforehand."""

    def __init__(self, tree: ast.Node) -> None:
        self.own = frozenset(_own_names(tree))

    def of(self, node: ast.Node, free: Kinds) -> Kinds:
        if type(node) in _ALWAYS:
            return _ALWAYS[type(node)]
        match node:
            case ast.Literal(value=value):
                return frozenset({kind_of(value)})
            case ast.Name(name=name):
                known = EVERY_KIND if name in self.own else free
                return known | {Kind.FUNCTION} if name in BUILTINS else known
            case ast.Negation(operand=operand):
                return self.of(operand, free) & _SIGNED
            case ast.Arithmetic(operators=operators, operands=operands):
                return self._arithmetic(operators, [self.of(operand, free) for operand in operands])
            case ast.If(condition=condition, consequence=consequence, alternative=alternative):
                return self._chosen(condition, consequence, alternative, free)
            case ast.Path(base=base):
                return self._member(self.of(base, free))
            case ast.Filter(base=base, condition=condition):
                return self._filtered(self.of(base, free), self.of(condition, EVERY_KIND))
            case ast.Call():
                return self._result(node)
        return EVERY_KIND

    def _arithmetic(self, operators: tuple[str, ...], operands: list[Kinds]) -> Kinds:
        rest = iter(zip(operators, operands[1:], strict=True))
        return reduce(lambda left, step: _combined(step[0], left, step[1]), rest, operands[0])

    def _chosen(self, condition: ast.Node, consequence: ast.Node, alternative: ast.Node, free: Kinds) -> Kinds:
        """Either branch; a condition that is no boolean gives null and a diagnostic, which is no value."""
        asked = self.of(condition, free)
        yes = self.of(consequence, free) if Kind.BOOLEAN in asked else _NOTHING
        no = self.of(alternative, free)
        return yes | no

    def _member(self, base: Kinds) -> Kinds:
        found: Kinds = _NOTHING
        if base & {Kind.CONTEXT, Kind.RANGE, Kind.FOREIGN}:
            return EVERY_KIND
        if Kind.LIST in base:
            found |= {Kind.LIST}
        if base & _TEMPORAL:
            found |= _OF_TEMPORAL
        return found

    def _filtered(self, base: Kinds, condition: Kinds) -> Kinds:
        """A list where the condition says which elements; one of them where it may be a number."""
        if Kind.NUMBER in condition:
            return EVERY_KIND
        null = base & _NULL
        return null | {Kind.LIST} if base - _NULL else null

    def _result(self, node: ast.Call) -> Kinds:
        function = node.function
        if not isinstance(function, ast.Name) or function.name in self.own or function.name not in BUILTINS:
            return EVERY_KIND
        if function.name in _SIGNED_RESULTS:
            return _SIGNED
        if function.name == _DURATION:
            return frozenset({_DAYS, _MONTHS})
        return _results(BUILTINS[function.name])


def _combined(operator: str, left: Kinds, right: Kinds) -> Kinds:
    return frozenset(kind for (a, b), kind in _ROWS[operator].items() if a in left and b in right)


def _results(function: FeelFunction) -> Kinds:
    kinds = [_of_type(each.result_type) for each in function.overloads or (function,)]
    return frozenset().union(*kinds) | _NULL


def _of_type(type_: FeelType | None) -> Kinds:
    match type_:
        case SimpleType(kind=kind):
            return frozenset({kind})
        case ListType():
            return frozenset({Kind.LIST})
        case ContextType():
            return frozenset({Kind.CONTEXT})
        case RangeType():
            return frozenset({Kind.RANGE})
    return EVERY_KIND


def _own_names(tree: ast.Node) -> set[str]:
    """The names that an expression gives to something itself: parameters, entries, variables of loops."""
    found = {"item", "partial", "?"}
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionLiteral):
            found |= {parameter.name for parameter in part.parameters}
        elif isinstance(part, ast.ContextLiteral):
            found |= {entry.key for entry in part.entries}
        elif isinstance(part, ast.For | ast.Quantified):
            found |= {iteration.variable for iteration in part.iterations}
    return found
