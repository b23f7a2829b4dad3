"""What a decision table answers from the rules that matched (DMN 1.5, 8.2.10 and 8.2.11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.dmn.model import Aggregator, HitPolicy
from server.feel import Expression, compile_expression
from server.feel.comparison import same
from server.feel.runtime import Runtime
from server.messages import Message

MULTIPLE_HIT: Final = frozenset({HitPolicy.OUTPUT_ORDER, HitPolicy.RULE_ORDER, HitPolicy.COLLECT})
"""Policies whose answer is a list."""

RANKING: Final = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})
"""Policies that need an order of priority among the output values."""

# The same folds that a designer could write around a COLLECT table.
_AGGREGATIONS: Final[Mapping[Aggregator, Expression]] = {
    aggregator: compile_expression(f"{name}(outputs)", names=["outputs"])
    for aggregator, name in {
        Aggregator.SUM: "sum",
        Aggregator.MIN: "min",
        Aggregator.MAX: "max",
        Aggregator.COUNT: "count",
    }.items()
}


def aggregate(aggregator: Aggregator, outputs: list[Any], runtime: Runtime) -> Any:
    """The outputs of the matching rules, folded; of none, null, but 0 for a count."""
    if not outputs and aggregator is not Aggregator.COUNT:
        return None
    return _AGGREGATIONS[aggregator].code({"outputs": outputs}, runtime)


Outputs = tuple[Any, ...]
"""The values of one rule's output entries."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The table breaks its own hit policy for these inputs."""

    message: Message


def not_unique(rules: Sequence[int]) -> Violation:
    """Several rules of a UNIQUE table matched."""
    listed = ", ".join(map(str, rules))
    return Violation(
        Message(
            "dmn.table.unique",
            f"命中策略 UNIQUE 只允许一条规则命中，但规则 {listed} 同时命中；请修改规则使其互斥。",
            f"Hit policy UNIQUE allows one matching rule, but rules {listed} matched; make them exclude each other.",
        )
    )


def not_any(rules: Sequence[int]) -> Violation:
    """The matching rules of an ANY table disagree."""
    listed = ", ".join(map(str, rules))
    return Violation(
        Message(
            "dmn.table.any",
            f"命中策略 ANY 要求同时命中的规则输出相同，但规则 {listed} 的输出不同。",
            f"Hit policy ANY wants the same output from all matching rules, but rules {listed} differ.",
        )
    )


def agree(outputs: Sequence[Outputs]) -> bool:
    """Whether all matching rules give the same output."""
    first = outputs[0]
    return all(all(map(same, first, other)) for other in outputs[1:])


class Priority:
    """The order of priority among outputs: by the place of each value in its column's list of output values.

    Columns count from left to right; a value that is not listed ranks last.
    """

    __slots__ = ("_columns",)

    def __init__(self, columns: Sequence[Sequence[Any] | None]) -> None:
        self._columns = [(number, list(values)) for number, values in enumerate(columns) if values is not None]

    def rank(self, outputs: Outputs) -> tuple[int, ...]:
        """The smaller, the higher the priority."""
        return tuple(_place(values, outputs[number]) for number, values in self._columns)


def _place(values: Sequence[Any], value: Any) -> int:
    for place, listed in enumerate(values):
        if same(listed, value):
            return place
    return len(values)
