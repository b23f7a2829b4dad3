"""Functions as emitted code makes and calls them, and the test of a value's type.

As in :mod:`server.feel.operators`, the runtime and the place come first, and a fault becomes null.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import DecimalException
from typing import Any

from server.feel.arithmetic import out_of_numbers
from server.feel.diagnostics import Fault
from server.feel.external import external_function
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import invoke, invoke_named, user_function, wrong_arguments
from server.feel.runtime import Place, Runtime
from server.feel.types import FeelType, is_instance
from server.feel.values import adopt


def make_function(
    parameters: tuple[Parameter, ...],
    body: Callable[..., Any],
    result_type: FeelType | None,
    inferred_type: FeelType | None,
) -> FeelFunction:
    """A function literal's value."""
    return user_function("", parameters, body, result_type, inferred_type)


def make_external(runtime: Runtime, at: Place, parameters: tuple[Parameter, ...], body: Any) -> FeelFunction | None:
    """An external function's value."""
    try:
        return external_function(parameters, adopt(body))
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def call(runtime: Runtime, at: Place, function: Any, *arguments: Any) -> Any:
    """A call of a function that is only known now, with arguments by position."""
    try:
        return invoke(runtime, function, arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def call_named(runtime: Runtime, at: Place, function: Any, names: tuple[str, ...], *arguments: Any) -> Any:
    """A call of a function that is only known now, with arguments by name."""
    try:
        return invoke_named(runtime, function, names, arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None


def call_builtin(runtime: Runtime, at: Place, implementation: Callable[..., Any], *arguments: Any) -> Any:
    """A call of a built-in whose signature was chosen when the text was compiled."""
    try:
        runtime.spend(1)
        return implementation(runtime, *arguments)
    except Fault as fault:
        runtime.fail(fault, at)
        return None
    except DecimalException:
        runtime.fail(out_of_numbers(), at)
        return None


def misfit(runtime: Runtime, at: Place, function: FeelFunction) -> None:
    """A call of a built-in whose arguments fit none of its signatures."""
    runtime.fail(wrong_arguments(function), at)
    return


def instance_of(runtime: Runtime, at: Place, value: Any, type_: FeelType) -> bool:
    """``value instance of type``."""
    return is_instance(value, type_, runtime.spend)
