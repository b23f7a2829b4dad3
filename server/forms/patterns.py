"""Patterns: the JavaScript regular expressions of form fields, carried over to Python.

The browser tests ``new RegExp(pattern)`` anywhere in the text; the server must find the same. Python's
dialect differs in small things (``$`` before a last newline, digits of all scripts, named groups), which are
rewritten here; what only one of the two dialects knows is refused when the form is read. Searches are run by the
``regex`` package, because it can be stopped: a pattern such as ``(a+)+$`` would otherwise stop the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

_GROUP_OPENINGS = ("(?:", "(?=", "(?!", "(?<=", "(?<!")
_NAMED_GROUP = re.compile(r"\(\?<([A-Za-z_]\w*)>", re.ASCII)
_NAMED_REFERENCE = re.compile(r"\\k<([A-Za-z_]\w*)>", re.ASCII)
_ESCAPES = frozenset("bBdDsSwWtnrvf0123456789xu")
_SPACES = r" \t\n\r\f\v\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
"""What ``\\s`` is in JavaScript; the space of Chinese typesetting (U+3000) is among them."""

_QUANTITY = re.compile(r"\{\d+(?:,\d*)?\}", re.ASCII)
_SECONDS = 0.25
_LONGEST_MATCHED = 10_000
"""Characters of a value that a pattern is tried on; a longer value does not match."""

_SET_OPERATORS = ("--", "&&", "~~", "||")


class PatternError(ValueError):
    """A pattern that does not mean the same, or anything, in both dialects; the text says why."""


class PatternTimeoutError(Exception):
    """A search that would have taken too long, and was stopped."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, and the sentence of the form's author for values that do not match it."""

    source: str
    expression: regex.Pattern[str]
    message: str = ""

    def matches(self, value: str) -> bool:
        """Whether the pattern is found in ``value``; raises :class:`PatternTimeoutError`."""
        if len(value) > _LONGEST_MATCHED:
            return False
        try:
            return self.expression.search(value, timeout=_SECONDS) is not None
        except TimeoutError as error:
            raise PatternTimeoutError(self.source) from error


def compile_pattern(source: str, message: str = "") -> Pattern:
    """The pattern that finds what JavaScript's ``RegExp(source)`` finds."""
    try:
        expression = regex.compile(_Translation(source).text(), regex.ASCII | regex.VERSION0)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise PatternError(str(error)) from error
    return Pattern(source, expression, message)


class _Translation:
    """One pass over a pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0
        self._in_class = False
        self._out: list[str] = []

    def text(self) -> str:
        """The pattern in Python's dialect."""
        while self._at < len(self._pattern):
            char = self._pattern[self._at]
            if char == "\\":
                self._escape()
            elif self._in_class:
                self._inside_class(char)
            elif char == "[":
                self._open_class()
            elif self._pattern.startswith("(?", self._at):
                self._group()
            else:
                self._plain(char)
        return "".join(self._out)

    def _take(self, length: int, text: str) -> None:
        self._at += length
        self._out.append(text)

    def _escape(self) -> None:
        if reference := _NAMED_REFERENCE.match(self._pattern, self._at):
            self._take(len(reference[0]), f"(?P={reference[1]})")
            return
        escaped = self._pattern[self._at + 1 : self._at + 2]
        if not escaped or (escaped.isalpha() and escaped.isascii() and escaped not in _ESCAPES):
            raise PatternError(f"unknown escape \\{escaped}")
        if escaped == "s":
            self._take(2, _SPACES if self._in_class else f"[{_SPACES}]")
        elif escaped == "S" and not self._in_class:
            self._take(2, f"[^{_SPACES}]")
        else:
            self._take(2, escaped if escaped == "/" else f"\\{escaped}")

    def _open_class(self) -> None:
        if self._pattern.startswith("[^]", self._at):  # JavaScript: any character
            self._take(3, r"[\s\S]")
        elif self._pattern.startswith("[]", self._at):  # JavaScript: no character
            self._take(2, "(?!)")
        else:
            negated = self._pattern.startswith("[^", self._at)
            self._take(2 if negated else 1, "[^" if negated else "[")
            self._in_class = True

    def _inside_class(self, char: str) -> None:
        if char == "]":
            self._in_class = False
            self._take(1, "]")
        elif char == "[" or self._pattern.startswith(_SET_OPERATORS, self._at):
            self._take(1, f"\\{char}")  # Python keeps these for set operations
        else:
            self._take(1, char)

    def _group(self) -> None:
        if named := _NAMED_GROUP.match(self._pattern, self._at):
            self._take(len(named[0]), f"(?P<{named[1]}>")
            return
        for opening in _GROUP_OPENINGS:
            if self._pattern.startswith(opening, self._at):
                self._take(len(opening), opening)
                return
        raise PatternError(f"unknown group {self._pattern[self._at : self._at + 3]}")

    def _plain(self, char: str) -> None:
        quantity = _QUANTITY.match(self._pattern, self._at)
        if char == "$":
            self._take(1, r"\Z")
        elif char in "*+?" or quantity:
            self._quantifier(quantity[0] if quantity else char)
        elif char in "{}":  # JavaScript: the character itself; the regex package: fuzzy matching
            self._take(1, f"\\{char}")
        else:
            self._take(1, char)

    def _quantifier(self, text: str) -> None:
        """A quantifier, perhaps lazy; a second one would be possessive here, and is an error in JavaScript."""
        if self._pattern.startswith("?", self._at + len(text)):
            text += "?"
        if self._pattern.startswith(("*", "+", "?"), self._at + len(text)):
            raise PatternError("a quantifier cannot follow another one")
        self._take(len(text), text)
