"""The syntax tree of FEEL (DMN 1.5, 10.3.1.2): frozen nodes, each with the offsets it spans in its text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from server.feel.types import FeelType


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node covers ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """null, a boolean, a number, a string or an ``@"..."`` literal, by its value."""

    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidLiteral(Node):
    """An ``@"..."`` literal that is no date, time or duration: null, with a diagnostic."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Node):
    """A variable; its spaces are single ones. ``?`` is the input of a unary test."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLiteral(Node):
    """``[a, b]``."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEntry(Node):
    """``key: value`` of a context."""

    key: str
    value: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextLiteral(Node):
    """``{a: 1, b: a + 1}``."""

    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeLiteral(Node):
    """``[low..high)``."""

    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaryComparison(Node):
    """``> 5`` as a test of an implied value, or as a range."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Path(Node):
    """``base.member``."""

    base: Node
    member: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Node):
    """``base[condition]``, by index or by condition."""

    base: Node
    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """``function(a, b)`` or ``function(x: a, y: b)``; ``names`` is empty for positional arguments."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormalParameter(Node):
    """A parameter of a function literal."""

    name: str
    type: FeelType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionLiteral(Node):
    """``function(a: number, b) body``; ``external`` bodies are contexts that describe a foreign function."""

    parameters: tuple[FormalParameter, ...]
    body: Node
    external: bool = False
    result_type: FeelType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class If(Node):
    """``if condition then consequence else alternative``."""

    condition: Node
    consequence: Node
    alternative: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Iteration(Node):
    """``x in domain`` or ``x in low..high`` of a loop or quantifier."""

    variable: str
    domain: Node
    high: Node | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class For(Node):
    """``for x in xs, y in ys return body``."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantified(Node):
    """``some x in xs satisfies condition``, ``every ...``."""

    quantifier: str
    iterations: tuple[Iteration, ...]
    condition: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """``a and b and c``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """``a or b or c``."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Node):
    """``left < right`` and its like."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """``value in test`` or ``value in (test, test)``."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """``left + right`` and its like; a chain of one precedence is one node: ``a + b - c``."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation(Node):
    """``-operand``."""

    operand: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceOf(Node):
    """``value instance of type``."""

    value: Node
    type: FeelType


@dataclass(frozen=True, slots=True, kw_only=True)
class Tests(Node):
    """The unary tests of a decision table's cell; no tests at all stand for ``-``."""

    tests: tuple[Node, ...]
    negated: bool = False


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in the order of the text."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, without recursion."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(children(current))))
