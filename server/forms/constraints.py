"""Constraints: the ``validate`` block of a field.

The rules are form-js's, with two differences that a lender needs: numbers are compared as decimals, and a
limit whose formula fails refuses the value instead of letting everything pass.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from server.feel import Evaluation
from server.forms import wording
from server.forms.formulas import Formula
from server.forms.kinds import is_nothing, plain, read_decimal
from server.forms.patterns import Pattern, PatternTimeoutError
from server.forms.wording import FieldName
from server.messages import Message

Evaluate = Callable[[Formula], Evaluation]
"""Evaluates a formula where the field stands."""

_EMAIL = re.compile(
    # The e-mail address of the HTML standard, 4.10.5.1.5.
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
_PHONE = re.compile(r"(?:\+|00)[1-9]\d{6,14}", re.ASCII)  # ITU-T E.164


class Format(StrEnum):
    """The formats that form-js knows by name (``validationType``)."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a field's value must satisfy once it is of the field's type.

    ``checked`` is what ``required`` means for a checkbox: false does not do.
    """

    required: bool = False
    checked: bool = False
    minimum: Decimal | Formula | None = None
    maximum: Decimal | Formula | None = None
    min_length: Decimal | Formula | None = None
    max_length: Decimal | Formula | None = None
    pattern: Pattern | None = None
    format: Format | None = None

    def faults(self, value: object, name: FieldName, evaluate: Evaluate) -> Iterator[Message]:
        """Everything that ``value`` violates."""
        if self.checked and value is not True:
            yield wording.must_be_checked(name)
        if is_nothing(value) or value == []:
            if self.required:
                yield wording.required(name)
            return
        if isinstance(value, str):
            yield from self._faults_of_text(value, name, evaluate)
        number = read_decimal(value)
        if number is not None:
            yield from self._faults_of_number(number, name, evaluate)

    def _faults_of_text(self, value: str, name: FieldName, evaluate: Evaluate) -> Iterator[Message]:
        if self.pattern:
            yield from _faults_of_pattern(self.pattern, value, name)
        if self.format is Format.EMAIL and not _EMAIL.fullmatch(value):
            yield wording.not_an_email(name)
        if self.format is Format.PHONE and not _PHONE.fullmatch(value):
            yield wording.not_a_phone(name)
        length = len(value.strip())
        for limit in _limit(self.min_length, "minLength", name, evaluate):
            if isinstance(limit, Message):
                yield limit
            elif length < limit:
                yield wording.too_short(name, plain(limit))
        for limit in _limit(self.max_length, "maxLength", name, evaluate):
            if isinstance(limit, Message):
                yield limit
            elif length > limit:
                yield wording.too_long(name, plain(limit))

    def _faults_of_number(self, number: Decimal, name: FieldName, evaluate: Evaluate) -> Iterator[Message]:
        for limit in _limit(self.minimum, "min", name, evaluate):
            if isinstance(limit, Message):
                yield limit
            elif number < limit:
                yield wording.below_minimum(name, plain(limit))
        for limit in _limit(self.maximum, "max", name, evaluate):
            if isinstance(limit, Message):
                yield limit
            elif number > limit:
                yield wording.above_maximum(name, plain(limit))


def _faults_of_pattern(pattern: Pattern, value: str, name: FieldName) -> Iterator[Message]:
    try:
        if not pattern.matches(value):
            yield wording.pattern_unmatched(name, pattern.source, pattern.message)
    except PatternTimeoutError:
        yield wording.pattern_too_slow(name, pattern.source)


def _limit(
    limit: Decimal | Formula | None, setting: str, name: FieldName, evaluate: Evaluate
) -> Iterator[Decimal | Message]:
    """The limit, or the complaint that it cannot be computed; nothing when there is none.

    A formula may say null on purpose ("no limit"); a null that came from an error is a fault of the form, and
    a loan limit that vanishes by a typing mistake must not go unnoticed.
    """
    if not isinstance(limit, Formula):
        if limit is not None:
            yield limit
        return
    evaluation = evaluate(limit)
    number = read_decimal(evaluation.value)
    if number is not None:
        yield number
    elif evaluation.value is not None or evaluation.diagnostics:
        cause = evaluation.diagnostics[0].message if evaluation.diagnostics else None
        yield wording.limit_unknown(name, f"{setting} {limit.text}", cause)
