"""Declaring built-in functions: a signature in FEEL's own words beside a Python function.

``@builtin("substring", "string: string; start position: number; length?: number")`` declares parameters with their
types. Arguments are coerced to them before the Python function sees them; null is refused unless the type is ``Any``
or ends in ``|null``. ``?`` marks an optional parameter, ``*`` a last one that takes any number of arguments. A name
may be declared several times with different signatures.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from server.feel.diagnostics import Fault, invalid_argument
from server.feel.functions import ArgumentFault, FeelFunction, Parameter
from server.feel.invocation import ABSENT
from server.feel.runtime import Runtime
from server.feel.types import ANY, BOOLEAN, BUILTIN_TYPES, CONTEXT, LIST, NUMBER, STRING, FeelType, coerce
from server.feel.values import adopt
from server.messages import Message

_PLAIN: dict[FeelType, frozenset[type]] = {
    NUMBER: frozenset({int, Decimal}),
    STRING: frozenset({str}),
    BOOLEAN: frozenset({bool}),
    LIST: frozenset({list}),
    CONTEXT: frozenset({dict}),
}
"""Python types whose values need no further check."""

_LONG = frozenset({str, list})
_FREE_LENGTH = 64

_F = TypeVar("_F", bound=Callable[..., Any])


class Library:
    """Built-in functions by name."""

    def __init__(self) -> None:
        self.functions: dict[str, FeelFunction] = {}

    def builtin(self, name: str, declaration: str, result: str = "Any") -> Callable[[_F], _F]:
        """Declare a signature for the Python function below; its ``runtime`` parameter, if any, comes first."""
        parameters, nullable, variadic = _read(declaration)

        def declare(implementation: _F) -> _F:
            wants_runtime = next(iter(inspect.signature(implementation).parameters), "") == "runtime"
            call = _checked(implementation, parameters, nullable, variadic, wants_runtime)
            total = all(parameter.type in (ANY, LIST) for parameter in parameters)
            own = FeelFunction(name, parameters, call, BUILTIN_TYPES[result], variadic, total=total)
            known = self.functions.get(name)
            if known is not None:
                overloads = (*(known.overloads or (known,)), own)
                own = FeelFunction(name, known.parameters, known.call, known.result_type, known.variadic, overloads)
            self.functions[name] = own
            return implementation

        return declare


def _read(declaration: str) -> tuple[tuple[Parameter, ...], tuple[bool, ...], bool]:
    parameters: list[Parameter] = []
    nullable: list[bool] = []
    variadic = False
    for part in filter(None, (each.strip() for each in declaration.split(";"))):
        name, _, type_name = part.partition(":")
        type_name, _, null = type_name.strip().partition("|")
        variadic = name.endswith("*")
        optional = name.endswith("?")
        type_ = BUILTIN_TYPES[type_name]
        parameters.append(Parameter(name.rstrip("?*"), type_, optional))
        nullable.append(bool(null) or type_ is ANY)
    return tuple(parameters), tuple(nullable), variadic


def _checked(
    implementation: Callable[..., Any],
    parameters: tuple[Parameter, ...],
    nullable: tuple[bool, ...],
    variadic: bool,
    wants_runtime: bool,
) -> Callable[..., Any]:
    """The implementation behind the checks of its arguments."""
    checks = [
        (parameter.name, parameter.type or ANY, null, _PLAIN.get(parameter.type or ANY, frozenset()))
        for parameter, null in zip(parameters, nullable, strict=True)
    ]
    last = len(checks) - 1

    def call(runtime: Runtime, *arguments: Any) -> Any:
        prepared: list[Any] = [runtime] if wants_runtime else []
        for index, argument in enumerate(arguments):
            name, type_, null, plain = checks[index if index < last else last]
            value = argument if type(argument) in plain else _argument(argument, name, type_, null)
            if type(value) in _LONG and len(value) > _FREE_LENGTH:
                # Whatever the function does, it does it once for every element or for every few characters.
                runtime.spend(len(value) >> (0 if type(value) is list else 6))
            prepared.append(value)
        if variadic:
            fixed = last + wants_runtime
            return implementation(*prepared[:fixed], prepared[fixed:])
        return implementation(*prepared)

    return call


def _argument(argument: Any, name: str, type_: FeelType, nullable: bool) -> Any:
    if argument is ABSENT:
        return None
    if type_ is ANY:
        return adopt(argument)
    try:
        value = coerce(argument, type_)
    except Fault as fault:
        raise ArgumentFault(
            fault.kind,
            Message(
                fault.message.code,
                f"参数“{name}”：{fault.message.zh}",
                f"Argument '{name}': {fault.message.en}",
            ),
        ) from None
    if value is None and not nullable:
        raise invalid_argument(f"参数“{name}”不能是空值。", f"The argument '{name}' must not be null.")
    return value
