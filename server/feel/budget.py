"""Budgets: what one evaluation may cost, so that a designer's typo cannot stop a server.

The length of a text bounds the cost of everything in it that does not repeat; only what repeats is counted:
iterations, function calls, elements produced by built-ins, characters of produced strings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from server.feel.diagnostics import BudgetExceeded
from server.messages import Message

MAX_TEXT_LENGTH = 100_000
"""Characters of one expression; longer texts are refused before they are read."""

MAX_NESTING = 90
"""How deep brackets, conditionals and function bodies may be nested in one text."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The limits of one evaluation; exceeding any of them raises :class:`BudgetExceeded`."""

    max_steps: int = 1_000_000
    max_list_size: int = 200_000
    max_string_length: int = 2_000_000
    max_depth: int = 60
    regex_seconds: float = 0.5
    """For all regular expressions of the evaluation together."""


DEFAULT_BUDGET = Budget()

Spend = Callable[[int], None]
"""Takes steps from a budget; what may be long or nested is compared and tested against one of these."""


def unlimited(steps: int) -> None:
    """Spend nothing: for values that no loop has built."""


def steps_exceeded(limit: int) -> BudgetExceeded:
    """The evaluation ran through more iterations and calls than allowed."""
    return BudgetExceeded(
        Message(
            "feel.budget.steps",
            f"表达式的计算步数超过上限 {limit}；请缩小循环或列表的范围。",
            f"The expression needs more than {limit} steps; narrow its loops or lists.",
        )
    )


def list_exceeded(limit: int) -> BudgetExceeded:
    """A list grew beyond its limit."""
    return BudgetExceeded(
        Message(
            "feel.budget.list",
            f"列表的元素超过上限 {limit} 个；请缩小范围。",
            f"A list would hold more than {limit} elements; narrow the range.",
        )
    )


def string_exceeded(limit: int) -> BudgetExceeded:
    """A string grew beyond its limit."""
    return BudgetExceeded(
        Message(
            "feel.budget.string",
            f"字符串的长度超过上限 {limit}；请检查重复拼接。",
            f"A string would be longer than {limit} characters; check repeated concatenation.",
        )
    )


def depth_exceeded(limit: int) -> BudgetExceeded:
    """Functions called one another too deep."""
    return BudgetExceeded(
        Message(
            "feel.budget.depth",
            f"函数调用的嵌套超过上限 {limit} 层；请检查递归是否会结束。",
            f"Functions call one another more than {limit} deep; check that the recursion ends.",
        )
    )


def regex_exceeded(seconds: float) -> BudgetExceeded:
    """A regular expression did not come to an end in time."""
    return BudgetExceeded(
        Message(
            "feel.budget.regex",
            f"正则表达式在 {seconds} 秒内没有完成；请避免嵌套的重复，例如 (a+)+。",
            f"The regular expression did not finish within {seconds} s; avoid nested repetition such as (a+)+.",
        )
    )
