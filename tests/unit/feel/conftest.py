"""Evaluating FEEL in tests: `feel("1 + 1") == 2`; temporal values compare by their ISO text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from server.feel import (
    DaysTimeDuration,
    FeelDate,
    FeelDateTime,
    FeelTime,
    YearsMonthsDuration,
    compile_expression,
)

CLOCK = datetime(2024, 2, 29, 13, 45, 30, tzinfo=UTC)


def plain(value: Any) -> Any:
    """The value with its temporal parts as text, so that tests can write them."""
    if isinstance(value, FeelDate | FeelTime | FeelDateTime | DaysTimeDuration | YearsMonthsDuration):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@pytest.fixture
def feel() -> Callable[..., Any]:
    """The value of a text; keyword arguments are its variables, names with spaces go through ``variables``."""

    def evaluate(text: str, variables: dict[str, Any] | None = None, **more: Any) -> Any:
        context = {**(variables or {}), **more}
        expression = compile_expression(text, names=context)
        value = plain(expression.value(context, clock=CLOCK))
        assert plain(expression.evaluate(context, clock=CLOCK).value) == value or value is None
        return value

    return evaluate


@pytest.fixture
def diagnose() -> Callable[..., list[str]]:
    """The kinds of the diagnostics that a text gathers."""

    def evaluate(text: str, variables: dict[str, Any] | None = None, **more: Any) -> list[str]:
        context = {**(variables or {}), **more}
        found = compile_expression(text, names=context).evaluate(context).diagnostics
        assert all(each.message.zh and each.message.en for each in found)
        return [each.kind.value for each in found]

    return evaluate
