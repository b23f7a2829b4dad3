"""Types of FEEL: what ``instance of`` tests and what arguments and results are coerced to (DMN 1.5, 10.3.2.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.feel.budget import Spend, unlimited
from server.feel.diagnostics import type_mismatch
from server.feel.functions import FeelFunction
from server.feel.ranges import Range
from server.feel.temporal import MIDNIGHT_UTC, FeelDate, FeelDateTime
from server.feel.values import Kind, adopt, kind_in_chinese, kind_of


@dataclass(frozen=True, slots=True)
class FeelType:
    """The root of the types; ``Any`` itself is :data:`ANY`."""

    @property
    def name(self) -> str:
        """The type as FEEL writes it."""
        return "Any"

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        """Whether an adopted, non-null value is of this type; looking into lists and contexts is paid for."""
        return True


@dataclass(frozen=True, slots=True)
class SimpleType(FeelType):
    """A type whose values are all of one kind."""

    kind: Kind

    @property
    def name(self) -> str:
        return self.kind.value

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        return kind_of(value) is self.kind


@dataclass(frozen=True, slots=True)
class ListType(FeelType):
    """``list<T>``."""

    element: FeelType

    @property
    def name(self) -> str:
        return f"list<{self.element.name}>"

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        if self.element is ANY:
            return isinstance(value, list)
        return _paid(value, list, spend) and all(conforms(item, self.element, spend) for item in value)


@dataclass(frozen=True, slots=True)
class ContextType(FeelType):
    """``context<a: T, b: U>``; further entries are allowed."""

    fields: tuple[tuple[str, FeelType], ...]

    @property
    def name(self) -> str:
        return f"context<{', '.join(f'{name}: {type_.name}' for name, type_ in self.fields)}>"

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        return _paid(value, dict, spend) and all(
            key in value and conforms(value[key], type_, spend) for key, type_ in self.fields
        )


@dataclass(frozen=True, slots=True)
class RangeType(FeelType):
    """``range<T>``."""

    element: FeelType

    @property
    def name(self) -> str:
        return f"range<{self.element.name}>"

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        return isinstance(value, Range) and conforms(value.start, self.element) and conforms(value.end, self.element)


@dataclass(frozen=True, slots=True)
class FunctionType(FeelType):
    """``function<T, U> -> R``; a function conforms that takes at least these and gives at most that."""

    parameters: tuple[FeelType, ...]
    result: FeelType

    @property
    def name(self) -> str:
        return f"function<{', '.join(type_.name for type_ in self.parameters)}>->{self.result.name}"

    def includes(self, value: Any, spend: Spend = unlimited) -> bool:
        if not isinstance(value, FeelFunction):
            return False
        return any(self._fits(each) for each in (value.overloads or (value,)))

    def _fits(self, function: FeelFunction) -> bool:
        if not function.variadic and len(function.parameters) != len(self.parameters):
            return False
        accepted = [parameter.type or ANY for parameter in function.parameters]
        if function.variadic:
            accepted = [accepted[-1]] * len(self.parameters)
        takes = all(is_subtype(wanted, own) for wanted, own in zip(self.parameters, accepted, strict=True))
        # Nothing is known of the result of a function that states none, or that takes several kinds, such as abs.
        result = function.result_type
        return takes and (result is None or result is ANY or is_subtype(result, self.result))


ANY = FeelType()
NULL = SimpleType(Kind.NULL)
BOOLEAN = SimpleType(Kind.BOOLEAN)
NUMBER = SimpleType(Kind.NUMBER)
STRING = SimpleType(Kind.STRING)
DATE = SimpleType(Kind.DATE)
TIME = SimpleType(Kind.TIME)
DATE_AND_TIME = SimpleType(Kind.DATE_AND_TIME)
DAYS_TIME_DURATION = SimpleType(Kind.DAYS_TIME_DURATION)
YEARS_MONTHS_DURATION = SimpleType(Kind.YEARS_MONTHS_DURATION)
LIST = ListType(ANY)
CONTEXT = ContextType(())
RANGE = RangeType(ANY)
FUNCTION = SimpleType(Kind.FUNCTION)

BUILTIN_TYPES: dict[str, FeelType] = {
    "Any": ANY,
    "Null": NULL,
    "boolean": BOOLEAN,
    "number": NUMBER,
    "string": STRING,
    "date": DATE,
    "time": TIME,
    "date and time": DATE_AND_TIME,
    "dateTime": DATE_AND_TIME,
    "days and time duration": DAYS_TIME_DURATION,
    "dayTimeDuration": DAYS_TIME_DURATION,
    "years and months duration": YEARS_MONTHS_DURATION,
    "yearMonthDuration": YEARS_MONTHS_DURATION,
    "list": LIST,
    "context": CONTEXT,
    "range": RANGE,
    "function": FUNCTION,
}


def is_subtype(left: FeelType, right: FeelType) -> bool:
    """Whether every value of ``left`` is a value of ``right`` (DMN 1.5, 10.3.2.9.2)."""
    if right is ANY or left in (right, NULL):
        return True
    if isinstance(left, ListType) and isinstance(right, ListType):
        return is_subtype(left.element, right.element)
    if isinstance(left, RangeType) and isinstance(right, RangeType):
        return is_subtype(left.element, right.element)
    if isinstance(left, ContextType) and isinstance(right, ContextType):
        own = dict(left.fields)
        return all(name in own and is_subtype(own[name], type_) for name, type_ in right.fields)
    if isinstance(left, FunctionType) and isinstance(right, FunctionType):
        return (
            len(left.parameters) == len(right.parameters)
            and all(is_subtype(r, own) for own, r in zip(left.parameters, right.parameters, strict=True))
            and is_subtype(left.result, right.result)
        )
    return isinstance(left, FunctionType) and right == FUNCTION


def _paid(value: Any, kind: type, spend: Spend) -> bool:
    """Whether a value is a list or a context at all; looking into it costs a step for every element."""
    if not isinstance(value, kind):
        return False
    spend(len(value))  # type: ignore[arg-type]
    return True


def conforms(value: Any, type_: FeelType, spend: Spend = unlimited) -> bool:
    """Whether a value may stand where ``type_`` is expected; null may stand anywhere."""
    value = adopt(value)
    return value is None or type_.includes(value, spend)


def is_instance(value: Any, type_: FeelType, spend: Spend = unlimited) -> bool:
    """``value instance of type``: null is an instance of no type but Null."""
    value = adopt(value)
    return type_ == NULL if value is None else type_.includes(value, spend)


def coerce(value: Any, type_: FeelType, spend: Spend = unlimited) -> Any:
    """The value as ``type_`` wants it (DMN 1.5, 10.3.2.9.4); raises Fault where it does not conform.

    A list of one element stands for the element, an element for the list of it, a date for its midnight in UTC.
    """
    value = adopt(value)
    if value is None or type_ is ANY or type_.includes(value, spend):
        return value
    if isinstance(type_, ListType) and not isinstance(value, list):
        return [coerce(value, type_.element, spend)]
    if isinstance(value, list) and len(value) == 1 and not isinstance(type_, ListType):
        # One step only: [[1]] is no number.
        only = adopt(value[0])
        if only is None or type_.includes(only):
            return only
    if type_ == DATE_AND_TIME and isinstance(value, FeelDate):
        return FeelDateTime(value, MIDNIGHT_UTC)
    kind = kind_of(value)
    raise type_mismatch(
        f"这里需要类型 {type_.name} 的值，但得到的是{kind_in_chinese(kind)}。",
        f"A value of type {type_.name} is needed here, but a {kind.value} was given.",
    )
