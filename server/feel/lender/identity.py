"""Checks of resident identity numbers (GB 11643) and unified social credit codes (GB 32100).

A number that passes is well formed: that it was issued, and to whom, only the register knows.
"""

from __future__ import annotations

import re
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from server.feel.diagnostics import invalid_argument
from server.feel.lender.arguments import feel_date
from server.feel.signatures import Library
from server.feel.temporal import FeelDate

IDENTITY = Library()

_RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
_PLACES_OUTSIDE_THE_TABLE = ("81", "82", "83", "9")
"""Residence permits for Hong Kong, Macao and Taiwan, and of foreigners: of the same standard, but of no county."""

_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(rf"[1-9ANY][{_CODE_ALPHABET}]\d{{6}}[{_CODE_ALPHABET}]{{10}}", re.ASCII)


@IDENTITY.builtin("is resident id", "text: Any", "boolean")
def _is_resident_id(text: Any) -> bool:
    return _resident_id(text) is not None


@IDENTITY.builtin("resident id birth date", "text: string", "date")
def _resident_id_birth_date(text: str) -> FeelDate:
    number = _resident_id(text)
    if number is None:
        # The number itself stays out of the message: diagnostics are stored and read by many.
        raise invalid_argument("这不是有效的居民身份证号。", "This is no valid resident identity number.")
    return feel_date(ric.get_birth_date(number))


@IDENTITY.builtin("is social credit code", "text: Any", "boolean")
def _is_social_credit_code(text: Any) -> bool:
    if not isinstance(text, str):
        return False
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        return False
    total = sum(_CODE_ALPHABET.index(sign) * 3**position for position, sign in enumerate(code[:-1]))
    return _CODE_ALPHABET[-total % 31] == code[-1]


def _resident_id(text: Any) -> str | None:
    """The number in its standard form, None where it is none; a final x may be written small."""
    if not isinstance(text, str):
        return None
    number = text.strip().upper()
    if not _RESIDENT_ID.fullmatch(number) or number[-1] != ric.calc_check_digit(number):
        return None
    try:
        ric.get_birth_date(number)
        if not number.startswith(_PLACES_OUTSIDE_THE_TABLE):
            ric.get_birth_place(number)
    except ValidationError:
        return None
    return number
