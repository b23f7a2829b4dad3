"""What can be wrong with a form, and with one value that was put into it."""

from __future__ import annotations

from collections.abc import Iterable

from server.messages import Finding, LendloomError, Message


class FormError(LendloomError):
    """A form that cannot be used; ``findings`` holds every fault found in it, not only the first."""

    def __init__(self, message: Message, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings: tuple[Finding, ...] = tuple(findings)


class ValueRefusedError(FormError):
    """A submitted value that is not of its field's type; the message names the field."""
