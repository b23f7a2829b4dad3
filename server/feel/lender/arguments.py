"""Between FEEL's values and those of loan arithmetic: numbers, dates, and choices that are written as texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, DecimalException, localcontext
from enum import StrEnum
from typing import Any, TypeVar

from server.amortisation.errors import AmortisationError
from server.calendars.errors import CalendarError
from server.feel.diagnostics import DiagnosticKind, Fault, arithmetic_fault, invalid_argument, type_mismatch
from server.feel.runtime import Runtime
from server.feel.temporal import FeelDate, FeelDateTime
from server.feel.values import NUMBERS, adopt, kind_in_chinese, kind_of

_LARGEST = Decimal(10) ** 18
_LAST_YEAR = 8999
"""Leaves room for a hundred years of instalments before Python's calendar ends."""

_Choice = TypeVar("_Choice", bound=StrEnum)


@contextmanager
def as_faults() -> Iterator[None]:
    """Errors of loan arithmetic and calendars as FEEL's: null, with the same sentences as diagnostic.

    Inside, sums are those of FEEL's decimals, whatever context the calling thread has.
    """
    try:
        with localcontext(NUMBERS):
            yield
    except (AmortisationError, CalendarError) as error:
        raise Fault(DiagnosticKind.INVALID_ARGUMENT, error.message) from None
    except DecimalException:
        raise arithmetic_fault(
            "计算结果超出数字的范围。", "The result of the calculation lies beyond the range of numbers."
        ) from None


def number_of(value: Any, name: str) -> Decimal:
    """An amount or a rate of a size that money has."""
    number = Decimal(value)
    if abs(number) > _LARGEST or (number and number.adjusted() < -18):
        raise invalid_argument(
            f"参数“{name}”的数值过大或过小，无法作为金额或利率。",
            f"The argument '{name}' is too large or too small for an amount or a rate.",
        )
    return number


def whole_of(value: Any, name: str, lowest: int, highest: int) -> int:
    """A whole number between two bounds."""
    if lowest <= value <= highest and value == int(value):
        return int(value)
    raise invalid_argument(
        f"参数“{name}”应为 {lowest} 至 {highest} 的整数。",
        f"The argument '{name}' must be a whole number from {lowest} to {highest}.",
    )


def date_of(value: Any, name: str) -> date:
    """A FEEL date, or the day of a date and time, as Python's."""
    value = adopt(value)
    if isinstance(value, FeelDateTime):
        value = value.date
    if not isinstance(value, FeelDate):
        kind = kind_of(value)
        raise type_mismatch(
            f"参数“{name}”应为日期，但得到的是{kind_in_chinese(kind)}。",
            f"The argument '{name}' must be a date, but a {kind.value} was given.",
        )
    if not 1 < value.year <= _LAST_YEAR:
        raise invalid_argument(
            f"参数“{name}”的年份应在 2 至 {_LAST_YEAR} 之间。",
            f"The year of the argument '{name}' must lie between 2 and {_LAST_YEAR}.",
        )
    return date(value.year, value.month, value.day)


def dates_of(runtime: Runtime, values: list[Any] | None, name: str) -> frozenset[date]:
    """A list of dates; none where it was left out."""
    runtime.spend(len(values or ()))
    return frozenset(date_of(value, name) for value in values or ())


def feel_date(day: date) -> FeelDate:
    """A date as FEEL has it."""
    return FeelDate(day.year, day.month, day.day)


def choice_of(text: str, choices: type[_Choice], name: str, chinese: Mapping[str, _Choice] | None = None) -> _Choice:
    """One of a closed set of words, by its English or its Chinese name."""
    if chinese and text in chinese:
        return chinese[text]
    try:
        return choices(text)
    except ValueError:
        known = ", ".join(f'"{each}"' for each in choices)
        known_in_chinese = "、".join(f"“{each}”" for each in (*choices, *(chinese or ())))
        raise invalid_argument(
            f"参数“{name}”应为 {known_in_chinese} 之一。", f"The argument '{name}' must be one of {known}."
        ) from None
