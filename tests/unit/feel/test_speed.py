"""The bars of the hot path: a unary test and a condition of three terms, each within 1.5 us of an empty call.

That is on a machine of usual speed: each round is held against how slow the machine was in that very round.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from statistics import median

import pytest

from server.feel import compile_expression, compile_unary_tests
from tests.yardstick import mean_seconds, slowness

BAR = 1.5e-6
ROUNDS = 41
RUNS = 2_000


def seconds(call: Callable[[], object]) -> float:
    """The time of one call on a machine of usual speed, beyond what every call costs."""
    return median((mean_seconds(call, RUNS) - mean_seconds(empty, RUNS)) / slowness(3) for _ in range(ROUNDS))


def empty() -> None:
    """What every call costs."""


@pytest.mark.slow
@pytest.mark.parametrize("text", ["[600..700)", "> 5", "< 600, > 650, 640", "not(5)", "-"])
@pytest.mark.parametrize("value", [650, Decimal("649.5")])
def test_a_unary_test_is_quick(text, value):
    matches = compile_unary_tests(text).matches
    assert seconds(lambda: matches(value)) < BAR


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        'amount > 1000 and score >= 600 and status = "ok"',
        "app.amount > limit and score between 300 and 850 and not_blocked",
        "amount in [1..5000] or score < 300 or status = null",
    ],
)
def test_a_condition_of_three_terms_is_quick(text):
    context = {
        "amount": 5000,
        "score": Decimal(650),
        "status": "ok",
        "app": {"amount": Decimal(3)},
        "limit": 2,
        "not_blocked": True,
    }
    value = compile_expression(text, names=context).value
    assert seconds(lambda: value(context)) < BAR
