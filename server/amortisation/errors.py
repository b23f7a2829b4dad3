"""What can be wrong with the terms of a loan or with its cash flows."""

from __future__ import annotations

from server.messages import LendloomError, Message


class AmortisationError(LendloomError):
    """The root of this package's errors."""


class TermsError(AmortisationError):
    """Loan terms from which no correct schedule can be made; ``field`` names the term to change."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(Message(f"amortisation.terms.{field}", zh, en))
        self.field = field


class CashFlowError(AmortisationError):
    """Cash flows that have no rate of return, or more than one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(Message("amortisation.cash-flows", zh, en))
