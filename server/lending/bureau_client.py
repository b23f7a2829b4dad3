"""The credit bureau's client: a person's credit report, asked for with that person's consent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from server.lending.service_call import JsonObject, ServiceClient, ServiceName, unavailable

_SERVICE = ServiceName("bureau", "征信服务", "credit bureau")


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt to another lender."""

    lender: str
    balance: Decimal
    monthly_payment: Decimal


@dataclass(frozen=True, slots=True)
class BureauReport:
    """A credit report; overdue counts are instalments paid late, serious ones more than 90 days."""

    report_id: str
    score: int
    overdue_count: int
    serious_overdue_count: int
    longest_overdue_days: int
    inquiries: int
    debts: tuple[Debt, ...]
    total_debt: Decimal
    monthly_debt_payment: Decimal


class BureauClient(ServiceClient):
    """Talks to one bureau.

    Raises :class:`~server.lending.errors.ServiceUnavailableError` where asking again is sensible, and
    :class:`~server.lending.errors.ServiceRefusedError` with the bureau's code where it is not.
    """

    name = _SERVICE

    def report(self, *, id_number: str, name: str, consent_id: str) -> BureauReport:
        """The report on a person; ``consent_id`` names the person's separate consent (个人信息保护法)."""
        body = {"idNumber": id_number, "name": name, "consentId": consent_id}
        answer = self.post("/bureau/reports", body)
        try:
            return _report(answer)
        except (KeyError, TypeError, ValueError, ArithmeticError) as error:
            raise unavailable(_SERVICE, f"the report is incomplete: {error!r}") from error


def _report(answer: JsonObject) -> BureauReport:
    return BureauReport(
        report_id=str(answer["reportId"]),
        score=int(answer["score"]),
        overdue_count=int(answer["overdueCount"]),
        serious_overdue_count=int(answer["seriousOverdueCount"]),
        longest_overdue_days=int(answer["longestOverdueDays"]),
        inquiries=int(answer["inquiries"]),
        debts=tuple(
            Debt(str(debt["lender"]), Decimal(debt["balance"]), Decimal(debt["monthlyPayment"]))
            for debt in answer["debts"]
        ),
        total_debt=Decimal(answer["totalDebt"]),
        monthly_debt_payment=Decimal(answer["monthlyDebtPayment"]),
    )
