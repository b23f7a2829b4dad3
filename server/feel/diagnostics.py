"""Diagnostics: what an evaluation noticed on the way to its value, and the errors of the FEEL package.

FEEL answers an error with null. The null is kept; beside it the evaluation hands out one :class:`Diagnostic` per
cause, with its place in the text, so that a caller can treat a null that came from an error as an incident.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from server.messages import LendloomError, Message


class DiagnosticKind(StrEnum):
    """The causes of a null, an error or a refused text."""

    SYNTAX = "syntax"
    MISSING_VARIABLE = "missing-variable"
    MISSING_ENTRY = "missing-entry"
    TYPE_MISMATCH = "type-mismatch"
    INVALID_ARGUMENT = "invalid-argument"
    ARITHMETIC = "arithmetic"
    UNKNOWN_FUNCTION = "unknown-function"
    NO_CLOCK = "no-clock"
    UNSUPPORTED = "unsupported"
    NULL_FROM_ERROR = "null-from-error"
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One observation at a place of the text; lines and columns count from 1."""

    kind: DiagnosticKind
    message: Message
    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of an expression together with everything that was noticed while computing it."""

    value: object
    diagnostics: tuple[Diagnostic, ...] = ()


class FeelError(LendloomError):
    """The root of the FEEL package's errors."""


class FeelSyntaxError(FeelError):
    """A text that is not FEEL; ``diagnostics`` holds every error found, the first one first."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], text: str = "") -> None:
        first = diagnostics[0]
        super().__init__(first.message)
        self.diagnostics = diagnostics
        self.line = first.line
        self.column = first.column
        self.text = text


class BudgetExceeded(FeelError):
    """An evaluation that would have cost more than its budget allows, and was stopped."""


class ConversionError(FeelError):
    """A value that cannot cross the border between FEEL and JSON."""


class Fault(FeelError):
    """An error inside an operation. It becomes null and a diagnostic at the place of the operation."""

    def __init__(self, kind: DiagnosticKind, message: Message) -> None:
        super().__init__(message)
        self.kind = kind


def type_mismatch(zh: str, en: str) -> Fault:
    """An operand or argument of a type that the operation is not defined for."""
    return Fault(DiagnosticKind.TYPE_MISMATCH, Message("feel.type-mismatch", zh, en))


def invalid_argument(zh: str, en: str) -> Fault:
    """An argument of the right type with a value that the function is not defined for."""
    return Fault(DiagnosticKind.INVALID_ARGUMENT, Message("feel.invalid-argument", zh, en))


def arithmetic_fault(zh: str, en: str) -> Fault:
    """A calculation without a result: division by zero, overflow, a power that is not real."""
    return Fault(DiagnosticKind.ARITHMETIC, Message("feel.arithmetic", zh, en))


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column, both from 1, of ``offset`` in ``text``."""
    line = text.count("\n", 0, offset) + 1
    return line, offset - (text.rfind("\n", 0, offset) + 1) + 1
