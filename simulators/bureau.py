"""The credit bureau: a report on a person, the same one every time for the same ID number.

``POST /bureau/reports`` with ``{idNumber, name, consentId}`` answers 200 with ``{reportId, idNumber, name,
score, overdueCount, seriousOverdueCount, longestOverdueDays, inquiries, debts, totalDebt,
monthlyDebtPayment}``; amounts are decimal texts. Without a ``consentId`` it answers 403 ``CONSENT_REQUIRED``,
for something that is no ID number 422 ``ID_NUMBER_INVALID``.

Nothing is stored: everything follows from the SHA-256 of the ID number. Its first byte modulo 10 is the
grade (0 bad with a score below 400, 1-2 weak below 550, 3-6 fair below 700, 7-9 good), and later bytes choose
the figures within the grade. Valid, invented numbers to pick from are in :data:`SAMPLE_ID_NUMBERS`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal

from flask import Blueprint, Response, jsonify

from simulators.behaviour import Behaviour
from simulators.problems import RequestRefusedError, json_body, text_field

SAMPLE_ID_NUMBERS = {
    "good": ("110101199003070011", "110101199003070070", "11010119900307010X"),
    "fair": ("11010119900307002X", "110101199003070046", "110101199003070097"),
    "weak": ("110101199003070038", "110101199003070054", "110101199003070062"),
    "bad": ("110101199003070118", "110101199003070126", "110101199003070273"),
}
"""Customers by the grade of their report."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The range of figures of one kind of customer, both ends included."""

    name: str
    score: tuple[int, int]
    overdue: tuple[int, int]
    serious_overdue: tuple[int, int]
    debts: tuple[int, int]


_BAD = Grade("bad", (300, 399), (4, 9), (1, 3), (3, 6))
_WEAK = Grade("weak", (420, 549), (1, 3), (0, 0), (2, 4))
_FAIR = Grade("fair", (550, 699), (0, 1), (0, 0), (1, 3))
_GOOD = Grade("good", (700, 850), (0, 0), (0, 0), (0, 1))
_GRADES = (_BAD, _WEAK, _WEAK, _FAIR, _FAIR, _FAIR, _FAIR, _GOOD, _GOOD, _GOOD)

_LENDERS = ("城市商业银行", "消费金融公司", "小额贷款公司", "信用卡中心")


def grade_of(id_number: str) -> Grade:
    """The grade that the bureau gives this ID number."""
    return _GRADES[_digest(id_number)[0] % 10]


def bureau_blueprint(behaviour: Behaviour) -> Blueprint:
    """The resource ``/bureau/reports``."""
    blueprint = Blueprint("bureau", __name__)

    @blueprint.post("/bureau/reports")
    def report() -> Response:
        body = json_body()
        id_number = text_field(body, "idNumber")
        name = text_field(body, "name")
        behaviour.meet("bureau", id_number)
        if not isinstance(body.get("consentId"), str) or not body["consentId"]:
            raise RequestRefusedError(403, "CONSENT_REQUIRED", "A report needs the person's own consent: consentId.")
        if not re.fullmatch(r"[0-9]{17}[0-9X]", id_number):
            raise RequestRefusedError(422, "ID_NUMBER_INVALID", "idNumber has 17 digits and a digit or X.")
        return jsonify({"idNumber": id_number, "name": name, **_report(id_number)})

    return blueprint


def _digest(id_number: str) -> bytes:
    return hashlib.sha256(id_number.encode()).digest()


def _within(bounds: tuple[int, int], pick: int) -> int:
    low, high = bounds
    return low + pick % (high - low + 1)


def _report(id_number: str) -> dict[str, object]:
    digest = _digest(id_number)
    grade = grade_of(id_number)
    overdue = _within(grade.overdue, digest[3])
    serious = min(_within(grade.serious_overdue, digest[4]), overdue)
    debts = [_debt(digest[8 + 3 * n : 11 + 3 * n]) for n in range(_within(grade.debts, digest[5]))]
    return {
        "reportId": "CR-" + digest.hex()[:16],
        "score": _within(grade.score, int.from_bytes(digest[1:3])),
        "overdueCount": overdue,
        "seriousOverdueCount": serious,
        "longestOverdueDays": (91 + digest[6] % 90 if serious else 1 + digest[6] % 30) if overdue else 0,
        "inquiries": digest[7] % (12 if grade is _BAD else 5),
        "debts": [
            {"lender": lender, "balance": str(balance), "monthlyPayment": str(payment)}
            for lender, balance, payment in debts
        ],
        "totalDebt": str(sum((balance for _, balance, _ in debts), Decimal(0))),
        "monthlyDebtPayment": str(sum((payment for _, _, payment in debts), Decimal(0))),
    }


def _debt(bytes_of_debt: bytes) -> tuple[str, Decimal, Decimal]:
    """A lender, a balance and a monthly payment from three bytes."""
    balance = Decimal(1000 + 500 * bytes_of_debt[1]).quantize(Decimal("0.01"))
    months = 6 + bytes_of_debt[2] % 31
    return (
        _LENDERS[bytes_of_debt[0] % len(_LENDERS)],
        balance,
        (balance / months).quantize(Decimal("0.01")),
    )
