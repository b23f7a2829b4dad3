"""Calling functions that are only known when the call happens, and making functions from bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from server.feel.diagnostics import DiagnosticKind, Fault
from server.feel.functions import FeelFunction, Parameter, positional_call
from server.feel.runtime import Runtime
from server.feel.types import FeelType, coerce
from server.feel.values import kind_in_chinese, kind_of
from server.messages import Message


class _Absent:
    """What stands for an optional argument that a call by name leaves out."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


def function(
    name: str,
    parameters: Iterable[str | Parameter],
    body: Callable[..., Any],
    result_type: FeelType | None = None,
) -> FeelFunction:
    """A function value from a Python callable that takes the arguments by position.

    For callers of this package: business knowledge models, decision services, a registry of pure functions. Typed
    parameters coerce their arguments; the body may raise :class:`Fault` to answer null with a diagnostic.
    """
    formal = tuple(Parameter(item) if isinstance(item, str) else item for item in parameters)
    return user_function(name, formal, lambda _runtime, *arguments: body(*arguments), result_type)


def user_function(
    name: str,
    parameters: tuple[Parameter, ...],
    body: Callable[..., Any],
    result_type: FeelType | None = None,
    inferred_type: FeelType | None = None,
) -> FeelFunction:
    """A function value from ``body(runtime, *arguments)``; results are coerced to ``result_type``."""
    types = tuple(parameter.type for parameter in parameters)
    if result_type is None and all(type_ is None for type_ in types):
        return FeelFunction(name, parameters, body, inferred_type)

    def call(runtime: Runtime, *arguments: Any) -> Any:
        coerced = (
            argument if type_ is None else coerce(argument, type_, runtime.spend)
            for argument, type_ in zip(arguments, types, strict=True)
        )
        result = body(runtime, *coerced)
        return result if result_type is None else coerce(result, result_type, runtime.spend)

    return FeelFunction(name, parameters, call, result_type or inferred_type)


def invoke(runtime: Runtime, function: Any, arguments: Sequence[Any]) -> Any:
    """Call a function value with positional arguments; raises Fault where they do not fit."""
    _signatures(function)
    call = positional_call(function, len(arguments))
    if call is None:
        raise wrong_arguments(function)
    return _called(runtime, call, arguments)


def invoke_named(runtime: Runtime, function: Any, names: Sequence[str], arguments: Sequence[Any]) -> Any:
    """Call a function value with arguments by name; raises Fault where they do not fit."""
    for signature in _signatures(function):
        order = signature.order(names)
        if order is not None:
            slots = [ABSENT if index is None else arguments[index] for index in order]
            while slots and slots[-1] is ABSENT:
                slots.pop()
            if signature.variadic and slots:
                last = slots.pop()
                slots.extend(last if isinstance(last, list) else [last])
            return _called(runtime, signature.call, slots)
    raise wrong_arguments(function)


def _signatures(function: Any) -> tuple[FeelFunction, ...]:
    if not isinstance(function, FeelFunction):
        kind = kind_of(function)
        raise Fault(
            DiagnosticKind.UNKNOWN_FUNCTION,
            Message(
                "feel.not-a-function",
                f"这里需要函数，但得到的是{kind_in_chinese(kind)}。",
                f"A function is needed here, but a {kind.value} was given.",
            ),
        )
    return function.overloads or (function,)


def _called(runtime: Runtime, call: Callable[..., Any], arguments: Sequence[Any]) -> Any:
    runtime.enter()
    try:
        return call(runtime, *arguments)
    finally:
        runtime.leave()


def wrong_arguments(function: FeelFunction) -> Fault:
    """The arguments fit no signature of the function."""
    forms = " / ".join(
        f"{function.name or 'function'}({', '.join(_written(parameter) for parameter in each.parameters)})"
        for each in (function.overloads or (function,))
    )
    return Fault(
        DiagnosticKind.INVALID_ARGUMENT,
        Message(
            "feel.arguments",
            f"参数的个数或名称不符，应为 {forms}。",
            f"The number or the names of the arguments do not fit; it should be {forms}.",
        ),
    )


def _written(parameter: Parameter) -> str:
    return f"[{parameter.name}]" if parameter.optional else parameter.name
