"""Input and output mappings between an activity's own scope and the scopes around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .extensions import IoMapping
from .token import Token


def apply_inputs(token: Token, inputs: Sequence[IoMapping]) -> None:
    """Fill the activity's own scope; each mapping sees the results of those before it."""
    if not inputs:
        return
    instance = token.workflow
    local = instance.local(token)
    for mapping in inputs:
        context = instance.visible(token)
        value = instance.script_engine.evaluate(mapping.source, context, "IO_MAPPING_ERROR", token.task_spec.where)
        _assign(local, mapping.target, value)


HANDED_OVER = "handedOver"
"""Under this name a token remembers that its result is out, so that a retry of what follows does not repeat it."""


def hand_over(token: Token, result: Mapping[str, Any], outputs: Sequence[IoMapping]) -> None:
    """Hand a result to the scopes around; the token remembers the variables that were set, for history."""
    changes = apply_outputs(token, result, outputs)
    if changes:
        token.internal_data["changes"] = changes


def apply_outputs(token: Token, result: Mapping[str, Any], outputs: Sequence[IoMapping]) -> dict[str, Any]:
    """Hand an activity's result to the scopes around it, through ``outputs`` or, without any, as it is.

    Returns the variables that were set. Evaluates everything before it changes anything around.
    """
    instance = token.workflow
    if not outputs:
        if result:
            instance.propagate(token, result)
        return dict(result)
    values = evaluate_outputs(token, result, outputs)
    instance.propagate(token, values, outside=True)
    return values


def evaluate_outputs(token: Token, result: Mapping[str, Any], outputs: Sequence[IoMapping]) -> dict[str, Any]:
    """What output mappings make of a result, which itself goes into the token's own scope."""
    instance = token.workflow
    if result:
        instance.local(token).update(result)
    outer = instance.current(token.scope)
    values: dict[str, Any] = {}
    for mapping in outputs:
        context = instance.visible(token)
        value = instance.script_engine.evaluate(mapping.source, context, "IO_MAPPING_ERROR", token.task_spec.where)
        if len(mapping.target) > 1 and mapping.target[0] not in values:
            existing = outer.get(mapping.target[0])
            values[mapping.target[0]] = dict(existing) if isinstance(existing, dict) else {}
        _assign(values, mapping.target, value)
    return values


def _assign(scope: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a value at a path; contexts on the way are copied, so that no other holder of them changes."""
    for name in path[:-1]:
        inner = scope.get(name)
        inner = dict(inner) if isinstance(inner, dict) else {}
        scope[name] = inner
        scope = inner
    scope[path[-1]] = value
