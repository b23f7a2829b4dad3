"""The facts a decision is asked about: the caller's context, read only where the model looks.

Callers hold JSON, where a date is a text. A fact of a declared date, time or duration type is therefore read from
its ISO 8601 text here, at the border; inside FEEL a text stays a text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from server.dmn.evaluation import Run
from server.dmn.item_definition import ConstrainedType
from server.feel.durations import DaysTimeDuration, YearsMonthsDuration, parse_duration
from server.feel.temporal import FeelDate, FeelDateTime, FeelTime, parse_date, parse_date_and_time, parse_time
from server.feel.types import (
    DATE,
    DATE_AND_TIME,
    DAYS_TIME_DURATION,
    TIME,
    YEARS_MONTHS_DURATION,
    ContextType,
    FeelType,
    ListType,
)
from server.feel.values import adopt

Reader = Callable[[Any], Any]
"""Reads the texts within a value that stand for dates, times and durations."""

ABSENT: Final = object()
"""What a fact is that the caller did not give."""


class Facts:
    """The context of one file within an evaluation; values that were read once are kept."""

    __slots__ = ("_context", "_read", "_within")

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._context = context
        self._read: dict[str, Any] = {}
        self._within: dict[str, Facts] = {}

    def get(self, name: str) -> Any:
        """The fact of that name, or :data:`ABSENT`."""
        value = self._context.get(name, ABSENT)
        return value if value is ABSENT else adopt(value)

    def typed(self, name: str, type_: FeelType, read: Reader | None, run: Run) -> Any:
        """The fact of that name as ``type_`` wants it, or :data:`ABSENT`; ``read`` is the type's reader."""
        found = self._read.get(name, self)
        if found is self:
            found = self.get(name)
            if found is not ABSENT:
                found = run.conform(found if read is None else read(found), type_, name)
            self._read[name] = found
        return found

    def within(self, path: tuple[str, ...]) -> Facts:
        """The facts of an imported file: those under the import's name, or the caller's own where it has none."""
        facts = self
        for name in path:
            inner = facts._within.get(name)
            if inner is None:
                context = facts._context.get(name)
                inner = facts if not isinstance(context, Mapping) else Facts(context)
                facts._within[name] = inner
            facts = inner
        return facts


_TEMPORAL: Final[Mapping[FeelType, tuple[type, Callable[[str], Any]]]] = {
    DATE: (FeelDate, parse_date),
    TIME: (FeelTime, parse_time),
    DATE_AND_TIME: (FeelDateTime, parse_date_and_time),
    DAYS_TIME_DURATION: (DaysTimeDuration, parse_duration),
    YEARS_MONTHS_DURATION: (YearsMonthsDuration, parse_duration),
}


def reader_of(type_: FeelType) -> Reader | None:
    """Reads texts where ``type_`` has dates, times and durations; None where it has none of them.

    A text that cannot be read stays a text, and is then found not to conform.
    """
    if isinstance(type_, ConstrainedType):
        return reader_of(type_.base)
    if isinstance(type_, ListType):
        element = reader_of(type_.element)
        return None if element is None else _list_reader(element)
    if isinstance(type_, ContextType):
        fields = {name: read for name, field in type_.fields if (read := reader_of(field)) is not None}
        return _context_reader(fields) if fields else None
    temporal = _TEMPORAL.get(type_)
    return None if temporal is None else _text_reader(*temporal)


def _text_reader(kind: type, parse: Callable[[str], Any]) -> Reader:
    def read(value: Any) -> Any:
        parsed = parse(value) if isinstance(value, str) else None
        return parsed if isinstance(parsed, kind) else value

    return read


def _list_reader(element: Reader) -> Reader:
    return lambda value: [element(item) for item in value] if isinstance(value, list) else element(value)


def _context_reader(fields: Mapping[str, Reader]) -> Reader:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {**value, **{name: reader(value[name]) for name, reader in fields.items() if name in value}}

    return read
