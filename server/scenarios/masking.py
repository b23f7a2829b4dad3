"""Pseudonyms for personal data, so that a recorded case can be shown to those who may not know whose it was.

What is personal is told by the name of the variable (``applicantName``, ``mobile``, ``bankCardNumber``, ``comment``)
and by the look of the value (an identity number is one wherever it stands). Equal values have equal pseudonyms, also
inside longer texts, and a number that passed its check still does: forms and FEEL's ``is resident id`` accept it.
An identity number keeps month and year of birth and the parity of its sequence (the sex), since decisions go by age;
a card keeps its first six digits, which name the bank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from stdnum import luhn
from stdnum.cn import ric

_IDENTITY: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])", re.ASCII)
_MOBILE: Final = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)", re.ASCII)
_CARD: Final = re.compile(r"(?<!\d)[3-6]\d{14,18}(?!\d)", re.ASCII)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")

_PERSON: Final = (
    r"applicant|customer|client|borrower|guarantor|contact|spouse|holder|account|payer|payee|owner|legal|signatory|"
    r"member|relative|partner|user|person|debtor|full|family|given|first|last|real"
)
_NAMES: Final = re.compile(rf"(?:^name$|^(?:.*(?:{_PERSON}).*)name$|姓名|名字|联系人|户名)", re.IGNORECASE)
_BY_NAME: Final = (
    ("identity", re.compile(r"id_?(?:number|no|card)|identity|身份证|证件号", re.IGNORECASE)),
    ("phone", re.compile(r"mobile|phone|(?:^|_)tel(?:$|_|ephone)|recipient$|手机|电话", re.IGNORECASE)),
    ("card", re.compile(r"card_?(?:number|no)|account_?(?:number|no)|iban|卡号|账号", re.IGNORECASE)),
    ("name", _NAMES),
    ("mail", re.compile(r"e-?mail|邮箱", re.IGNORECASE)),
    ("address", re.compile(r"address|residence|地址|住址", re.IGNORECASE)),
    ("employer", re.compile(r"employer|company_?name|单位", re.IGNORECASE)),
    ("device", re.compile(r"device_?id|imei", re.IGNORECASE)),
    ("text", re.compile(r"^(?:.*_)?(?:comment|note|remark|description)s?$|.*(?:Comment|Note|Remark)s?$|意见|备注")),
)
_NUMERALS: Final = "甲乙丙丁戊己庚辛壬癸"
_SHORTEST: Final = 2
"""Shorter values are not looked for inside longer texts: they would be found everywhere."""


class Masking:
    """The pseudonyms of one case. First :meth:`learn` all values, then :meth:`masked` each."""

    def __init__(self, *, keep: Callable[[str], bool] = lambda _text: False) -> None:
        self._keep = keep
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._people: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._logins: re.Pattern[str] | None = None

    def learn(self, value: Any, name: str = "") -> None:
        """Find the personal data in a value, which has this name."""
        if isinstance(value, Mapping):
            for key, item in value.items():
                self.learn(item, str(key))
        elif isinstance(value, list):
            for item in value:
                self.learn(item, name)
        elif isinstance(value, str) and value and value not in self._people and not self._keep(value):
            kind = self._kind(name, value)
            if kind is not None:
                self._pseudonym(kind, value)
            else:
                self._learn_numbers(value)

    def masked(self, value: Any) -> Any:
        """The value with pseudonyms in place of personal data."""
        if isinstance(value, Mapping):
            return {key: self.masked(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.masked(item) for item in value]
        return self._text(value) if isinstance(value, str) else value

    def person(self, login: str) -> str:
        """A pseudonym for a member of the staff, by the name that they sign in with."""
        if self._keep(login):
            return login
        if login not in self._people:
            self._people[login] = f"person-{len(self._people) + 1}"
            self._logins = re.compile("|".join(rf"(?<![\w.@-]){re.escape(each)}(?![\w@-])" for each in self._people))
        return self._people[login]

    def _text(self, text: str) -> str:
        if self._logins is not None:
            text = self._logins.sub(lambda found: self._people[found[0]], text)
        if text in self._known:
            return self._known[text]
        if self._pattern is None:
            parts = sorted((known for known in self._known if len(known) >= _SHORTEST), key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, parts)) or r"(?!)")
        return self._pattern.sub(lambda found: self._known[found[0]], text)

    @staticmethod
    def _kind(name: str, value: str) -> str | None:
        for kind, pattern in _BY_NAME:
            if pattern.search(name):
                return kind
        for kind, pattern in (("identity", _IDENTITY), ("phone", _MOBILE), ("card", _CARD), ("mail", _MAIL)):
            if pattern.fullmatch(value.strip()):
                return kind
        return None

    def _learn_numbers(self, text: str) -> None:
        """Numbers inside a longer text."""
        for kind, pattern in (("identity", _IDENTITY), ("phone", _MOBILE), ("mail", _MAIL), ("card", _CARD)):
            for found in pattern.finditer(text):
                if found[0] not in self._known:
                    self._pseudonym(kind, found[0])

    def _pseudonym(self, kind: str, value: str) -> None:
        if value in self._known:
            return
        if kind == "text":
            self._learn_numbers(value)
            self._known[value] = "（已遮盖）"
        else:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[value] = _MAKERS[kind](value, number)
        self._pattern = None


def _identity(value: str, number: int) -> str:
    plain = value.strip().upper()
    if not _IDENTITY.fullmatch(plain):
        return f"ID-{number}"
    sequence = number * 2 - 1 + (int(plain[16]) + 1) % 2  # the parity stays
    body = f"110101{plain[6:12]}01{sequence % 1000:03d}"
    check = ric.calc_check_digit(body + "0")
    if plain[-1] != ric.calc_check_digit(plain):
        check = "0" if check != "0" else "1"  # what was wrong stays wrong
    return body + check


def _phone(value: str, number: int) -> str:
    if _MOBILE.fullmatch(value.strip()):
        return f"1390000{number % 10000:04d}"
    digits = sum(sign.isdigit() for sign in value)
    return f"010{'8' * max(digits - 7, 4)}{number % 10000:04d}"


def _card(value: str, number: int) -> str:
    digits = "".join(value.split())
    if not (digits.isascii() and digits.isdigit()) or len(digits) < 12:
        return f"ACCOUNT-{number}"
    body = f"{digits[:6]}{number:0{len(digits) - 7}d}"[: len(digits) - 1]
    check = luhn.calc_check_digit(body)
    if luhn.is_valid(digits):
        return body + check
    # A number that failed the check, or never had one, must not pass it now; its last digit may be what a test goes by.
    return body + (digits[-1] if digits[-1] != check else str((int(check) + 1) % 10))


def _name(_value: str, number: int) -> str:
    signs = ""
    while number:
        number, place = divmod(number - 1, len(_NUMERALS))
        signs = _NUMERALS[place] + signs
    return f"客户{signs}"


_MAKERS: Final[Mapping[str, Callable[[str, int], str]]] = {
    "identity": _identity,
    "phone": _phone,
    "card": _card,
    "name": _name,
    "mail": lambda _value, number: f"customer{number}@example.com",
    "address": lambda value, number: f"203.0.113.{number % 256}" if value.count(".") == 3 else f"某地址{number}",
    "employer": lambda _value, number: f"某单位{number}",
    "device": lambda _value, number: f"device-{number}",
}
