"""What the loan book refuses; nothing was changed when one of these is raised.

Each is also the runtime's kind of refusal, so that whoever answers commands answers these alike.
"""

from __future__ import annotations

from server.lending.errors import LendingError
from server.messages import Message
from server.runtime.errors import Conflict, NotFound, Refused


class LoanBookError(LendingError):
    """The root of what the loan book refuses."""


class NoSuchLoanError(LoanBookError, NotFound):
    """There is no such loan, or no such instalment of it."""

    def __init__(self, loan_id: str, number: int | None = None) -> None:
        zh, en = (f"贷款 {loan_id}", f"loan {loan_id}")
        if number is not None:
            zh, en = (f"{zh} 的第 {number} 期", f"instalment {number} of {en}")
        super().__init__(
            Message(
                "lending.loan.not-found",
                f"没有找到{zh}；请核对后重试。",
                f"There is no {en}; check it and try again.",
            )
        )


class NoSuchContractError(LoanBookError, NotFound):
    """There is no contract with this number."""

    def __init__(self, contract_number: str) -> None:
        super().__init__(
            Message(
                "lending.contract.not-found",
                f"没有找到合同 {contract_number}；请核对后重试。",
                f"There is no contract {contract_number}; check it and try again.",
            )
        )


class LoanConflictError(LoanBookError, Conflict):
    """What was asked for does not fit what the loan book already holds."""


class RepaymentRefusedError(LoanBookError, Refused):
    """A repayment that cannot be one: its amount, its day or its key."""
