"""The lexical ground of FEEL (DMN 1.5, grammar rules 27 to 38, 60 to 65): white space, names, numbers, strings.

There is no token stream: what is a name depends on the names in scope (``date and time``, ``a-b``), so the parser
asks this scanner for what it expects at the place where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, DecimalException

from server.feel.values import NUMBERS

_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"

IGNORED = re.compile(rf"(?:[{_SPACE}]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
WORD = re.compile(rf"[{_START}][{_PART}]*")
_NAME_PIECE = re.compile(rf"[{_PART}]+|[./\-'+*]")
_NAME_KEY = re.compile(rf"[{_START}][{_PART}./\-'+*{_SPACE}]*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.(?!\.)[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING_END = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u(?P<u>[0-9A-Fa-f]{4})|U(?P<w>[0-9A-Fa-f]{6})|(?P<c>.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")

_OPENING = ("every", "external", "false", "for", "function", "if", "null", "some", "true")
_JOINING = ("and", "between", "else", "in", "instance", "or", "return", "satisfies", "then")
KEYWORDS = frozenset({*_OPENING, *_JOINING})
"""Words that end a name of several words, unless a name in scope holds them."""


def name_pieces(name: str) -> tuple[str, ...]:
    """A name in pieces: its words and its single signs, without the white space between them."""
    return tuple(_NAME_PIECE.findall(name))


def normal_name(name: str) -> str:
    """A name with single spaces between its words and none at its ends."""
    return " ".join(name.split())


class NameIndex:
    """The names of several pieces that are in scope, for the longest match at a place of the text."""

    __slots__ = ("_by_first",)

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, dict[tuple[str, ...], str]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Put a name in scope; names of a single word are found without being known."""
        pieces = name_pieces(name)
        if len(pieces) > 1:
            self._by_first.setdefault(pieces[0], {})[pieces] = normal_name(name)

    def match(self, text: str, at: int) -> tuple[str, int] | None:
        """The longest known name that begins at ``at``, and where it ends."""
        first = _NAME_PIECE.match(text, at)
        if first is None:
            return None
        best: tuple[str, int] | None = None
        for pieces, name in self._by_first.get(first.group(), {}).items():
            end = _match_pieces(text, first.end(), pieces)
            if end is not None and (best is None or end > best[1]):
                best = (name, end)
        return best


def _match_pieces(text: str, at: int, pieces: tuple[str, ...]) -> int | None:
    for piece in pieces[1:]:
        at = skip(text, at)
        found = _NAME_PIECE.match(text, at)
        if found is None or found.group() != piece:
            return None
        at = found.end()
    return at


def skip(text: str, at: int) -> int:
    """Past white space and comments."""
    match = IGNORED.match(text, at)
    return match.end() if match else at


def word_at(text: str, at: int) -> str | None:
    """The word that begins at ``at``, keyword or not."""
    match = WORD.match(text, at)
    return match.group() if match else None


def number_at(text: str, at: int) -> tuple[Decimal, int] | None:
    """The number literal at ``at`` and where it ends; None where there is none or it has no decimal128 value."""
    match = _NUMBER.match(text, at)
    if match is None:
        return None
    try:
        return NUMBERS.create_decimal(match.group()), match.end()
    except DecimalException:
        return None


def string_at(text: str, at: int) -> tuple[str, int] | None:
    """The string literal whose opening quote stands at ``at``, unescaped, and where it ends."""
    match = _STRING_END.match(text, at + 1)
    if match is None:
        return None
    body = match.group()[:-1]
    return (unescape(body) if "\\" in body else body), match.end()


def unescape(body: str) -> str:
    """The characters that a string literal's body stands for; unknown escapes stay as they are written."""

    def replace(match: re.Match[str]) -> str:
        code = match.group("u") or match.group("w")
        if code is not None:
            point = int(code, 16)
            return chr(point) if point < 0x110000 else match.group()
        sign = match.group("c")
        return _SIMPLE_ESCAPES.get(sign, match.group())

    plain = _ESCAPE.sub(replace, body)
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def key_at(text: str, at: int) -> tuple[str, int] | None:
    """A name before a colon - a context's key, a named argument - and where its colon stands."""
    match = _NAME_KEY.match(text, at)
    if match is None or text[match.end() : match.end() + 1] != ":":
        return None
    return normal_name(match.group()), match.end()
