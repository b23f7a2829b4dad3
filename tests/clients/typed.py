"""Whether a result of the official client is what its type promises, all the way down.

The client's models check that required members are there; what they hold they mostly take on trust (``cast``). Here
every member is compared with its declared type.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import attrs
from camunda_orchestration_sdk import models, semantic_types
from camunda_orchestration_sdk.types import Unset

Result = TypeVar("Result")


def typed(result: Result) -> Result:
    """The result itself, after every member of it was compared with its type."""
    wrong = list(_differences(result, type(result), type(result).__name__))
    assert not wrong, "\n".join(wrong)
    return result


def _differences(value: Any, expected: Any, where: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(expected), typing.get_args(expected)
    if expected is Any:
        return
    if origin in (typing.Union, types.UnionType):
        attempts = [list(_differences(value, each, where)) for each in arguments]
        if all(attempts):
            yield min(attempts, key=len)[0]
    elif origin is not None:
        yield from _of_collection(value, origin, arguments, where)
    elif expected is None:
        yield from _of_class(value, types.NoneType, where)
    elif isinstance(expected, type):
        yield from _of_class(value, expected, where)
    else:
        raise TypeError(f"{where}: a type that is not understood: {expected!r}")


def _of_collection(value: Any, origin: Any, arguments: tuple[Any, ...], where: str) -> Iterator[str]:
    if not isinstance(value, origin):
        yield f"{where} is {value!r}, not a {origin.__name__}"
    elif origin is list:
        for number, item in enumerate(value):
            yield from _differences(item, arguments[0], f"{where}[{number}]")


def _of_class(value: Any, expected: type[Any], where: str) -> Iterator[str]:
    if issubclass(expected, str) and type(value) is str:
        # The client hands on some keys and ids as the plain text that they are; the type checks its form.
        try:
            expected(value)
        except ValueError as error:
            yield f"{where} is {value!r}: {error}"
    elif not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        yield f"{where} is {value!r}, not {expected.__name__}"
    elif attrs.has(expected):
        for name, kind in _members(type(value)).items():
            yield from _differences(getattr(value, name), kind, f"{where}.{name}")


@cache
def _members(model: type[Any]) -> dict[str, Any]:
    names = {**vars(typing), "datetime": dt, "Unset": Unset, **vars(semantic_types), **vars(models)}
    hints = typing.get_type_hints(model, localns=names)
    return {field.name: hints[field.name] for field in attrs.fields(model) if field.init}
