"""Sentences for readers, in Chinese and English: what is wrong, where, and what to do.

Every error, finding and diagnostic of the server carries a :class:`Message`; nothing that a person reads is
written in one language only. A message has a stable code that programs may compare.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence in two languages, under a stable code such as ``feel.syntax``.

    ``usernames`` are those that the sentence names as they are: a page may show what people call them instead.
    """

    code: str
    zh: str
    en: str
    usernames: tuple[str, ...] = field(default=(), kw_only=True)

    def text(self, language: str = "en") -> str:
        """The sentence in ``language``: any tag that begins with ``zh`` gives Chinese, everything else English."""
        return self.zh if language.lower().startswith("zh") else self.en

    def __str__(self) -> str:
        return f"{self.en} ({self.zh})"


def counted(number: int, noun: str) -> str:
    """English: a number with its noun, ``1 case`` or ``2 cases``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Severity(StrEnum):
    """How much a finding weighs: an error refuses a deployment, a warning may point to a fault, an info to a habit."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found in a file that a designer wrote: where it stands and what to do about it."""

    severity: Severity
    message: Message
    resource: str = ""
    element: str = ""
    line: int | None = None
    column: int | None = None


class LendloomError(Exception):
    """The root of every error of our own; ``message`` speaks to the reader in both languages."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message
