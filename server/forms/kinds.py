"""Field types: what a submitted value of each must look like, and the form in which it is kept.

Each type reads a JSON value into the value that processes and decisions see: numbers and money as
``Decimal``, dates and times as ISO 8601 text. What is not of the type is refused with a sentence for the
person who typed it. ``None`` and the empty text are how a browser says "nothing": the type's empty value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Protocol

from server.forms import wording
from server.forms.errors import ValueRefusedError
from server.forms.wording import FieldName

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_DIGITS = 34
"""The precision of FEEL: longer numbers would silently be rounded on their way."""

_LINE_BREAKS = re.compile(r"[\r\n\t]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_FRACTION = re.compile(r"\.\d+")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)

NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF", "XPF"})
"""Currencies of ISO 4217 without a minor unit; all others are taken to have two decimal places."""


class Kind(Protocol):
    """The type of a field."""

    @property
    def empty(self) -> object:
        """The value of a field into which nothing was put."""

    def read(self, raw: object, name: FieldName) -> object:
        """The value for a JSON value; raises :class:`ValueRefusedError`."""


def is_nothing(raw: object) -> bool:
    """Whether a JSON value means that nothing was put into the field."""
    return raw is None or raw == ""


def read_decimal(raw: object) -> Decimal | None:
    """The number that a JSON value stands for (numbers, and texts of digits), exactly; else ``None``."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, float):
        raw = repr(raw)
    if isinstance(raw, str):
        raw = raw.strip()
        if not _NUMBER.fullmatch(raw):
            return None
    if not isinstance(raw, str | int | Decimal):
        return None
    try:
        number = Decimal(raw)
    except (InvalidOperation, ValueError):
        return None
    if not number.is_finite() or len(number.as_tuple().digits) > _DIGITS or abs(number.adjusted()) > _DIGITS:
        return None
    return number


def same_value(left: object, right: object) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def plain(number: Decimal) -> str:
    """The number as people write it: no exponent, no idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Text:
    """``textfield`` and ``textarea``; the first turns line breaks into spaces, as the browser does."""

    lines: bool = False
    empty: str = ""

    def read(self, raw: object, name: FieldName) -> str:
        """The text; a number is written out."""
        if is_nothing(raw):
            return self.empty
        if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
            return str(raw)
        if not isinstance(raw, str):
            raise ValueRefusedError(wording.wrong_type(name, "文字", "a text"))
        return raw if self.lines else _LINE_BREAKS.sub(" ", raw)


@dataclass(frozen=True, slots=True)
class Number:
    """``number`` and ``money``; ``as_text`` (serializeToString) keeps the text of the number's digits."""

    decimal_digits: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    currency: str | None = None
    empty: None = None

    def read(self, raw: object, name: FieldName) -> Decimal | str | None:
        """The number, checked against its decimal places and its step."""
        if is_nothing(raw):
            return self.empty
        number = read_decimal(raw)
        if number is None:
            zh, en = ("金额", "an amount of money") if self.currency else ("数字", "a number")
            raise ValueRefusedError(wording.wrong_type(name, zh, en))
        if self.decimal_digits is not None and decimal_places(number) > self.decimal_digits:
            raise ValueRefusedError(wording.too_many_decimals(name, self.decimal_digits))
        if self.increment and number % self.increment:
            below = number - number % self.increment
            nearest = sorted((below, below + self.increment.copy_sign(number)))
            raise ValueRefusedError(
                wording.off_increment(name, plain(self.increment), *(plain(value) for value in nearest))
            )
        return plain(number) if self.as_text else number


def decimal_places(number: Decimal) -> int:
    """How many places after the point the number needs; 12.50 needs one."""
    _, _, places = plain(number).partition(".")
    return len(places)


@dataclass(frozen=True, slots=True)
class Checkbox:
    """``checkbox``."""

    empty: bool = False

    def read(self, raw: object, name: FieldName) -> bool:
        """True or false."""
        if is_nothing(raw):
            return self.empty
        if not isinstance(raw, bool):
            raise ValueRefusedError(wording.wrong_type(name, "是或否（true/false）", "true or false"))
        return raw


@dataclass(frozen=True, slots=True)
class SingleChoice:
    """``select`` and ``radio``; whether the value is among the options is asked when the data is known."""

    empty: None = None

    def read(self, raw: object, name: FieldName) -> object:
        """Any JSON value but a list."""
        if is_nothing(raw):
            return self.empty
        if isinstance(raw, list | tuple):
            raise ValueRefusedError(wording.wrong_type(name, "单个选项", "a single option"))
        return raw


@dataclass(frozen=True, slots=True)
class MultipleChoice:
    """``checklist`` and ``taglist``."""

    @property
    def empty(self) -> list[object]:
        """Nothing chosen."""
        return []

    def read(self, raw: object, name: FieldName) -> list[object]:
        """A list in which nothing occurs twice."""
        if is_nothing(raw):
            return []
        if not isinstance(raw, list | tuple):
            raise ValueRefusedError(wording.wrong_type(name, "选项的列表", "a list of options"))
        chosen = list(raw)
        for index, value in enumerate(chosen):
            if any(same_value(value, other) for other in chosen[:index]):
                raise ValueRefusedError(wording.chosen_twice(name, value))
        return chosen


@dataclass(frozen=True, slots=True)
class Date:
    """``datetime`` of subtype date: ``2026-01-31``."""

    empty: None = None

    def read(self, raw: object, name: FieldName) -> str | None:
        """The date in ISO 8601."""
        if is_nothing(raw):
            return self.empty
        if not isinstance(raw, str) or not _is_date(raw):
            raise ValueRefusedError(wording.wrong_type(name, "日期，例如 2026-01-31", "a date such as 2026-01-31"))
        return raw


@dataclass(frozen=True, slots=True)
class Time:
    """``datetime`` of subtype time: ``09:30``, with or without an offset."""

    empty: None = None

    def read(self, raw: object, name: FieldName) -> str | None:
        """The time in ISO 8601."""
        if is_nothing(raw):
            return self.empty
        if not isinstance(raw, str) or not _is_time(raw):
            raise ValueRefusedError(wording.wrong_type(name, "时间，例如 09:30", "a time such as 09:30"))
        return raw


@dataclass(frozen=True, slots=True)
class DateAndTime:
    """``datetime`` of subtype datetime: ``2026-01-31T09:30``, with or without an offset."""

    empty: None = None

    def read(self, raw: object, name: FieldName) -> str | None:
        """The date and time in ISO 8601."""
        if is_nothing(raw):
            return self.empty
        day, _, clock = raw.partition("T") if isinstance(raw, str) else ("", "", "")
        if not isinstance(raw, str) or not _is_date(day) or not _is_time(clock):
            raise ValueRefusedError(
                wording.wrong_type(
                    name, "日期和时间，例如 2026-01-31T09:30", "a date and time such as 2026-01-31T09:30"
                )
            )
        return raw


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat("2000-01-01T" + _FRACTION.sub("", text))
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Files:
    """``filepicker``: a key of uploaded files, one document reference, or a list of references."""

    multiple: bool = False
    empty: None = None

    def read(self, raw: object, name: FieldName) -> object:
        """What the client sent; the documents themselves are checked where they are stored."""
        if is_nothing(raw):
            return self.empty
        if isinstance(raw, str | Mapping):
            return raw
        if not isinstance(raw, list) or not all(isinstance(item, str | Mapping) for item in raw):
            raise ValueRefusedError(wording.wrong_type(name, "文件", "files"))
        if len(raw) > 1 and not self.multiple:
            raise ValueRefusedError(wording.one_file_only(name))
        return raw
