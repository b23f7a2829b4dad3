"""External functions (DMN 1.5, 10.3.2.13.3): a small registry of pure functions under their Java names.

No Java runs here. A function definition that names one of these methods gets the same calculation; any other class,
method or language is refused with a message, and the call answers null.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from server.feel.diagnostics import DiagnosticKind, Fault, invalid_argument
from server.feel.functions import FeelFunction, Parameter
from server.feel.invocation import user_function
from server.feel.text import feel_text
from server.feel.values import adopt
from server.messages import Message

_SIGNATURE = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)

_INTEGERS = {"byte": 8, "short": 16, "int": 32, "long": 64}
_BOXED = {
    "java.lang.Byte": "byte",
    "java.lang.Short": "short",
    "java.lang.Integer": "int",
    "java.lang.Long": "long",
    "java.lang.Float": "float",
    "java.lang.Double": "double",
    "java.lang.String": "string",
    "java.lang.Boolean": "boolean",
    "[Ljava.lang.Object;": "objects",
    "java.lang.Object...": "objects",
    "java.math.BigDecimal": "decimal",
}
_NUMERIC_TYPES = frozenset({*_INTEGERS, "float", "double", "decimal"})

_DOUBLE_FUNCTIONS: dict[str, Callable[..., float]] = {
    each: getattr(math, each)
    for each in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "sqrt", "exp", "log10",
                 "atan2", "hypot", "expm1", "log1p")
} | {"log": math.log, "cbrt": math.cbrt, "pow": math.pow,
     "toRadians": math.radians, "toDegrees": math.degrees}  # fmt: skip
_EXACT_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "max": max,
    "min": min,
    "abs": lambda number: number.copy_abs(),
    "ceil": math.ceil,
    "floor": math.floor,
    "rint": lambda number: round(Decimal(number)),
    "signum": lambda number: (number > 0) - (number < 0),
    "floorMod": lambda a, b: int(a) % int(b),
    "floorDiv": lambda a, b: int(a) // int(b),
}
_ARITY = {"max": 2, "min": 2, "floorMod": 2, "floorDiv": 2, "atan2": 2, "hypot": 2, "pow": 2}


def external_function(parameters: tuple[Parameter, ...], description: Any) -> FeelFunction:
    """The function that ``external {java: {class: ..., method signature: ...}}`` describes."""
    java = adopt(description.get("java")) if isinstance(description, dict) else None
    if not isinstance(java, dict):
        raise _unsupported("PMML" if isinstance(description, dict) and "pmml" in description else "?")
    class_name, signature = java.get("class"), java.get("method signature")
    if not isinstance(class_name, str) or not isinstance(signature, str):
        raise invalid_argument(
            "外部函数需要 class 和 method signature。", "An external function needs class and method signature."
        )
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        raise _unsupported(f"{class_name}.{signature}")
    method, written = found.groups()
    types = [_BOXED.get(part.strip(), part.strip()) for part in written.split(",") if part.strip()]
    return user_function(f"{class_name}.{method}", parameters, _body(class_name, method, types))


def _body(class_name: str, method: str, types: list[str]) -> Callable[..., Any]:
    if class_name == "java.lang.Math" and types and all(each in _NUMERIC_TYPES for each in types):
        known = _DOUBLE_FUNCTIONS.get(method) or _EXACT_FUNCTIONS.get(method)
        if known is not None and len(types) == _ARITY.get(method, 1):
            inexact = method in _DOUBLE_FUNCTIONS
            return lambda _runtime, *arguments: _calculated(known, types, arguments, inexact)
    if method == "valueOf" and _BOXED.get(class_name) in _NUMERIC_TYPES and len(types) == 1:
        target = _BOXED[class_name]
        return lambda _runtime, argument: _number(argument, target, from_text=types[0] == "string")
    if class_name == "java.lang.String" and method == "format" and types == ["string", "objects"]:
        return lambda _runtime, pattern, *arguments: _formatted(pattern, arguments)
    if class_name == "java.lang.String" and method == "valueOf" and len(types) == 1:
        return lambda _runtime, argument: feel_text(argument)
    raise _unsupported(f"{class_name}.{method}")


def _calculated(known: Callable[..., Any], types: list[str], arguments: tuple[Any, ...], inexact: bool) -> Decimal:
    numbers = [_number(argument, type_) for argument, type_ in zip(arguments, types, strict=True)]
    try:
        result = known(*(float(number) for number in numbers)) if inexact else known(*numbers)
        return Decimal(repr(result)) if isinstance(result, float) else Decimal(result)
    except (ArithmeticError, ValueError):
        raise invalid_argument("函数对这些参数没有结果。", "The function has no result for these arguments.") from None


def _number(argument: Any, type_: str, *, from_text: bool = False) -> Decimal:
    value = adopt(argument)
    if from_text and isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid_argument(f"参数应为 {type_} 类型的数字。", f"The argument must be a number of type {type_}.")
    number = Decimal(value)
    bits = _INTEGERS.get(type_)
    if bits is not None and not (number == int(number) and -(2 ** (bits - 1)) <= number < 2 ** (bits - 1)):
        raise invalid_argument(f"数字超出 {type_} 的范围。", f"The number is out of the range of {type_}.")
    return number


def _formatted(pattern: Any, arguments: tuple[Any, ...]) -> str:
    """``String.format`` with ``%s`` and ``%d``, the conversions that need no locale."""
    if not isinstance(pattern, str):
        raise invalid_argument("format 的第一个参数应为字符串。", "The first argument of format must be a string.")
    values: list[Any] = []
    for argument in arguments:
        values.extend(argument if isinstance(argument, list) else [argument])
    pieces = re.split(r"(%[sd%])", pattern)
    if any("%" in piece for piece in pieces[::2]) or sum(p in ("%s", "%d") for p in pieces[1::2]) > len(values):
        raise invalid_argument(
            "format 只支持 %s 和 %d，且参数要足够。", "format knows %s and %d, with enough arguments."
        )
    remaining = iter(values)
    filled = (
        "%" if piece == "%%" else feel_text(next(remaining)) if index % 2 else piece
        for index, piece in enumerate(pieces)
    )
    return "".join(filled)


def _unsupported(what: str) -> Fault:
    return Fault(
        DiagnosticKind.UNSUPPORTED,
        Message(
            "feel.external",
            f"不支持外部函数 {what}；请改用 FEEL 函数或决策。",
            f"The external function {what} is not supported; use a FEEL function or a decision instead.",
        ),
    )
