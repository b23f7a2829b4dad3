"""Values in scenario files: data as they are written, and texts that begin with ``=``, which are FEEL.

A text that shall begin with an equals sign itself is written as FEEL: ``'="=text"'``.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from server.feel import FeelError, FeelSyntaxError, compile_expression, to_json
from server.messages import Message

from .errors import StepFailure, step_failure


def evaluated(value: Any, context: Mapping[str, Any], now: dt.datetime) -> Any:
    """``value`` with every FEEL text in it replaced by what it gives. Raises :class:`StepFailure`."""
    if isinstance(value, str):
        return feel(value[1:], context, now) if value.startswith("=") else value
    if isinstance(value, Mapping):
        return {name: evaluated(item, context, now) for name, item in value.items()}
    if isinstance(value, list):
        return [evaluated(item, context, now) for item in value]
    return value


def variables(given: Any, context: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Variables that a step or an answer gives. Raises :class:`StepFailure` where they come to no mapping."""
    value = evaluated(given or {}, context, now)
    if not isinstance(value, Mapping):
        raise step_failure(
            "variables", f"变量应为映射，得到 {value!s}。", f"Variables must be a mapping, but are {value!s}."
        )
    return dict(value)


def literal(value: Any) -> Any:
    """``value`` written so that :func:`evaluated` gives it back: texts that begin with ``=`` become FEEL."""
    if isinstance(value, str):
        return "=" + json.dumps(value, ensure_ascii=False) if value.startswith("=") else value
    if isinstance(value, Mapping):
        return {name: literal(item) for name, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    return value


def feel(text: str, context: Mapping[str, Any], now: dt.datetime) -> Any:
    """What a FEEL expression gives, as process variables hold it; a null from an error is a failure."""
    try:
        found = compile_expression(text).evaluate(context, clock=now)
        if found.value is None and found.diagnostics:
            raise _no_value(text, found.diagnostics[0].message)
        return to_json(found.value)
    except (FeelSyntaxError, FeelError) as error:
        raise _no_value(text, error.message) from error


def holds(text: str, context: Mapping[str, Any], now: dt.datetime) -> bool:
    """Whether a FEEL condition is true."""
    return feel(text.removeprefix("="), context, now) is True


def _no_value(text: str, cause: Message) -> StepFailure:
    return step_failure(
        "feel", f"表达式“{text}”无法求值：{cause.zh}", f"The expression '{text}' has no value: {cause.en}"
    )
