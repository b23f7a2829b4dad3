"""What can go wrong in the loan business; every error speaks Chinese and English."""

from __future__ import annotations

from server.messages import LendloomError, Message


class LendingError(LendloomError):
    """The root of the errors of this package."""


class FactError(LendingError):
    """A variable of a case that is missing or not what its name says; ``name`` is the variable."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(Message("lending.fact", zh, en))
        self.name = name


class AllocationError(LendingError):
    """A payment, an order or a bucket table that cannot be applied to what is owed."""


class ServiceUnavailableError(LendingError):
    """Another company's service gave no usable answer; asking again later is safe and sensible."""


class ServiceRefusedError(LendingError):
    """Another company's service rejected the request itself; asking again unchanged will not help.

    ``code`` is the service's own error code, or ``HTTP_<status>`` where it gave none.
    """

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(message)
        self.code = code
