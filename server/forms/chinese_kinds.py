"""Field types for Chinese customers: the resident identity number and phone numbers of the mainland."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from server.forms import wording
from server.forms.errors import ValueRefusedError
from server.forms.kinds import is_nothing
from server.forms.wording import FieldName

_RESIDENT_ID = re.compile(r"\d{17}[\dX]", re.ASCII)
_PLACES_OUTSIDE_THE_TABLE = ("81", "82", "83", "9")
"""Residence permits for Hong Kong, Macao and Taiwan, and permanent residence of foreigners since 2023:
numbers of the same standard whose first digits are no county."""

_SEPARATORS = re.compile(r"[\s\-()（）]")
_COUNTRY_CODE = re.compile(r"(?:\+|00)86|86(?=1[3-9]\d{9}\Z)", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[48]00\d{7}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResidentId:
    """``resident-id``: the 18 characters of GB 11643 with their check digit; a final x is written X."""

    empty: str = ""

    def read(self, raw: object, name: FieldName) -> str:
        """The number in its standard form."""
        if is_nothing(raw):
            return self.empty
        if not isinstance(raw, str):
            raise ValueRefusedError(wording.wrong_type(name, "文字", "a text"))
        number = raw.strip().upper()
        if not _RESIDENT_ID.fullmatch(number):
            raise _refused(name, "应为 17 位数字加 1 位校验码", "it needs 17 digits and a check character")
        if number[-1] != ric.calc_check_digit(number):
            raise _refused(name, "校验码不符，请核对输入", "its check digit does not fit, look for a typing mistake")
        try:
            ric.get_birth_date(number)
        except ValidationError as error:
            raise _refused(name, "出生日期不存在", "its birth date does not exist") from error
        if not number.startswith(_PLACES_OUTSIDE_THE_TABLE):
            try:
                ric.get_birth_place(number)
            except ValidationError as error:
                raise _refused(name, "地区码不存在", "its region code does not exist") from error
        return number


def _refused(name: FieldName, zh: str, en: str) -> ValueRefusedError:
    return ValueRefusedError(wording.resident_id_wrong(name, zh, en))


@dataclass(frozen=True, slots=True)
class ChinesePhone:
    """``phone-cn``: a mobile number, and where ``landline`` is set also fixed lines and 400/800 numbers.

    Spaces, hyphens and the country code are dropped, so that one person's number has one spelling.
    """

    landline: bool = False
    empty: str = ""

    def read(self, raw: object, name: FieldName) -> str:
        """The digits of the number."""
        if is_nothing(raw):
            return self.empty
        if not isinstance(raw, str | int) or isinstance(raw, bool):
            raise ValueRefusedError(wording.wrong_type(name, "文字", "a text"))
        digits = _COUNTRY_CODE.sub("", _SEPARATORS.sub("", str(raw)), count=1)
        if _MOBILE.fullmatch(digits) or (self.landline and _LANDLINE.fullmatch(digits)):
            return digits
        raise ValueRefusedError(wording.not_a_chinese_phone(name, landline=self.landline))
