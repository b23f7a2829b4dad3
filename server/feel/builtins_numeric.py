"""Numeric functions (DMN 1.5, 10.3.4.5) and the conversion of numbers' signs and roots."""

from __future__ import annotations

from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Any

from server.feel import arithmetic
from server.feel.diagnostics import invalid_argument, type_mismatch
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration
from server.feel.signatures import Library
from server.feel.values import NUMBERS, Kind, kind_in_chinese, kind_of

NUMERIC = Library()

_MIN_SCALE, _MAX_SCALE = -6111, 6176

# Rounding works on up to 34 digits before and 6176 after the point; it never needs more digits than its operand has.
_ROUNDING = Context(prec=13_000, Emin=-20_000, Emax=20_000, traps=[InvalidOperation, DivisionByZero, Overflow])


def _round(n: Any, scale: Any, mode: str) -> Decimal:
    places = int(scale)
    if not _MIN_SCALE <= places <= _MAX_SCALE:
        raise invalid_argument(
            f"小数位数应在 {_MIN_SCALE} 到 {_MAX_SCALE} 之间，但得到 {places}。",
            f"The scale must lie between {_MIN_SCALE} and {_MAX_SCALE}, but is {places}.",
        )
    value = NUMBERS.create_decimal(n)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value
    rounded = value.quantize(Decimal(1).scaleb(-places, _ROUNDING), mode, _ROUNDING)
    return NUMBERS.create_decimal(rounded)


@NUMERIC.builtin("decimal", "n: number; scale: number", "number")
def _decimal(n: Any, scale: Any) -> Decimal:
    return _round(n, scale, ROUND_HALF_EVEN)


@NUMERIC.builtin("floor", "n: number; scale?: number", "number")
def _floor(n: Any, scale: Any = 0) -> Decimal:
    return _round(n, scale, ROUND_FLOOR)


@NUMERIC.builtin("ceiling", "n: number; scale?: number", "number")
def _ceiling(n: Any, scale: Any = 0) -> Decimal:
    return _round(n, scale, ROUND_CEILING)


@NUMERIC.builtin("round up", "n: number; scale: number", "number")
def _round_up(n: Any, scale: Any) -> Decimal:
    return _round(n, scale, ROUND_UP)


@NUMERIC.builtin("round down", "n: number; scale: number", "number")
def _round_down(n: Any, scale: Any) -> Decimal:
    return _round(n, scale, ROUND_DOWN)


@NUMERIC.builtin("round half up", "n: number; scale: number", "number")
def _round_half_up(n: Any, scale: Any) -> Decimal:
    return _round(n, scale, ROUND_HALF_UP)


@NUMERIC.builtin("round half down", "n: number; scale: number", "number")
def _round_half_down(n: Any, scale: Any) -> Decimal:
    return _round(n, scale, ROUND_HALF_DOWN)


@NUMERIC.builtin("abs", "n: Any")
def _abs(n: Any) -> Any:
    match kind_of(n):
        case Kind.NUMBER:
            return NUMBERS.abs(n)
        case Kind.DAYS_TIME_DURATION:
            return DaysTimeDuration(abs(n.nanoseconds))
        case Kind.YEARS_MONTHS_DURATION:
            return YearsMonthsDuration(abs(n.total_months))
        case Kind.LIST if len(n) == 1:
            return _abs(n[0])
    kind = kind_of(n)
    raise type_mismatch(
        f"abs 需要数字或时长，但得到的是{kind_in_chinese(kind)}。",
        f"abs needs a number or a duration, but a {kind.value} was given.",
    )


@NUMERIC.builtin("modulo", "dividend: number; divisor: number", "number")
def _modulo(dividend: Any, divisor: Any) -> Any:
    """``dividend - divisor * floor(dividend / divisor)``; the result has the sign of the divisor."""
    if divisor == 0:
        raise arithmetic.out_of_numbers()
    remainder = NUMBERS.remainder(NUMBERS.create_decimal(dividend), NUMBERS.create_decimal(divisor))
    if remainder and (remainder < 0) is not (divisor < 0):
        remainder = NUMBERS.add(remainder, divisor)
    return remainder


@NUMERIC.builtin("sqrt", "number: number", "number")
def _sqrt(number: Any) -> Decimal:
    if number < 0:
        raise invalid_argument("负数没有平方根。", "A negative number has no square root.")
    return NUMBERS.sqrt(number)


@NUMERIC.builtin("log", "number: number", "number")
def _log(number: Any) -> Decimal:
    if number <= 0:
        raise invalid_argument("只有正数有对数。", "Only positive numbers have a logarithm.")
    return NUMBERS.ln(number)


@NUMERIC.builtin("exp", "number: number", "number")
def _exp(number: Any) -> Decimal:
    return NUMBERS.exp(number)


@NUMERIC.builtin("odd", "number: number", "boolean")
def _odd(number: Any) -> bool:
    return _whole(number) % 2 == 1


@NUMERIC.builtin("even", "number: number", "boolean")
def _even(number: Any) -> bool:
    return _whole(number) % 2 == 0


def _whole(number: Any) -> int:
    value = int(number)
    if value != number:
        raise invalid_argument("只有整数有奇偶之分。", "Only whole numbers are odd or even.")
    return value
