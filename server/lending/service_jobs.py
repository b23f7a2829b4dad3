"""Service calls as the processes know them: which variables go out, and what the answer is called in a case.

These functions know the variables of the shipped processes and the clients of the services, and nothing of jobs:
they raise the clients' errors, which :mod:`server.lending.handlers` turns into the fate of a job.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from server.lending.application_facts import (
    Facts,
    money_fact,
    object_fact,
    optional_text,
    text_fact,
)
from server.lending.bureau_client import BureauClient, BureauReport
from server.lending.errors import FactError, ServiceRefusedError
from server.lending.fraud_client import FraudClient
from server.lending.notice_client import NoticeClient, Parameter
from server.lending.payment_client import PaymentClient, PaymentOrder, PaymentOutcome, PaymentResult
from server.lending.service_call import unavailable
from server.store.database import encode_json

Variables = dict[str, Any]

_UNREACHABLE = "RECIPIENT_UNREACHABLE"
_STATUSES = {PaymentResult.ABSENT: "NOT_FOUND"}
_UNSCANNED: Variables = {
    "performed": False,
    "deviceMatch": None,
    "ipMatch": None,
    "contactOverlap": None,
    "sameDeviceApplications": None,
    "vendorScore": None,
}


def scan_for_fraud(client: FraudClient, facts: Facts, *, watch_listed: bool) -> Variables:
    """Variable ``fraudScan``: the facts that the fraud policy decides on.

    ``blacklistLevel`` is ``black`` where the scan knows the applicant's own phone from a fraud, ``grey`` where the
    lender has the person on its watch list. An application without device and address (handed in at a branch) is
    not scanned: its facts are null, and the policy sends it to a person.
    """
    grey = "grey" if watch_listed else "none"
    device, address = optional_text(facts, "deviceId"), optional_text(facts, "ipAddress")
    if device is None or address is None:
        return {"fraudScan": {**_UNSCANNED, "blacklistLevel": grey}}
    contacts = [contact for contact in [optional_text(facts, "emergencyContactMobile")] if contact]
    scan = client.scan(device_id=device, ip=address, phone=text_fact(facts, "mobile"), contacts=contacts)
    return {
        "fraudScan": {
            "performed": True,
            "scanId": scan.scan_id,
            "level": str(scan.level),
            "vendorScore": scan.score,
            "hits": list(scan.hits),
            "deviceMatch": scan.device_match,
            "ipMatch": scan.ip_match,
            "phoneMatch": scan.phone_match,
            "contactOverlap": scan.contact_overlap_percent,
            "sameDeviceApplications": scan.same_device_applications,
            "blacklistLevel": "black" if scan.phone_match else grey,
        }
    }


def query_bureau(client: BureauClient, facts: Facts) -> Variables:
    """Variable ``bureau``: the credit report, asked for only with the applicant's separate consent (``bureauConsent``).

    The consent is named to the bureau by the application it was given in.
    """
    if facts.get("bureauConsent") is not True:
        raise FactError(
            "bureauConsent",
            "申请人没有单独同意查询征信（bureauConsent 不为 true），不得查询；请取得同意后重试，或取消该案件。",
            "The applicant has not consented to the credit report (bureauConsent is not true), so it must not be "
            "asked for; obtain the consent and try again, or cancel the case.",
        )
    report = client.report(
        id_number=text_fact(facts, "idNumber"),
        name=text_fact(facts, "applicantName"),
        consent_id=f"consent-{text_fact(facts, 'applicationId')}",
    )
    return {"bureau": _report(report)}


def pay(client: PaymentClient, facts: Facts) -> PaymentOutcome:
    """Order the payment in the variable ``payment`` under its idempotency key.

    Raises :class:`~server.lending.errors.ServiceUnavailableError` where no connection came about: the order never
    left, so it may be sent again. An order that may have arrived is never a reason to try again.
    """
    payment = object_fact(facts, "payment")
    order = PaymentOrder(
        amount=money_fact(payment, "amount"),
        currency=text_fact(payment, "currency"),
        account=text_fact(payment, "bankCardNumber"),
        account_name=text_fact(payment, "accountName"),
        reference=text_fact(payment, "remark"),
    )
    outcome = client.pay(order, key=text_fact(payment, "idempotencyKey"))
    if not outcome.sent:
        raise unavailable(client.name, outcome.code or "")
    return outcome


def query_payment(client: PaymentClient, facts: Facts) -> PaymentOutcome:
    """Ask what became of the payment under the key in the variable ``payment``."""
    return client.query(text_fact(object_fact(facts, "payment"), "idempotencyKey"))


def payout_of(outcome: PaymentOutcome, now: dt.datetime) -> Variables:
    """Variable ``payout``: status SETTLED, DECLINED, UNKNOWN or NOT_FOUND, with the service's id and reason.

    A settled payout carries the instant at which that became known, from which interest runs.
    """
    status = _STATUSES.get(outcome.result, outcome.result.upper())
    settled = {"settledAt": now.isoformat()} if outcome.result is PaymentResult.SETTLED else {}
    return {
        "payout": {
            "status": status,
            "paymentId": outcome.payment_id,
            "code": outcome.code,
            "detail": outcome.detail,
            **settled,
        }
    }


def send_notice(client: NoticeClient, facts: Facts, *, key: str) -> Variables:
    """Send the variable ``notice`` to its recipient, or to each of its groups; once for ``key``.

    Variable ``noticeReceipt`` lists the messages, and the recipients that no message reaches: that is the
    recipient's fault and holds up no case.
    """
    notice = object_fact(facts, "notice")
    template = text_fact(notice, "template")
    parameters = {
        "channel": text_fact(notice, "channel"),
        **{name: _parameter(value) for name, value in object_fact(notice, "parameters").items()},
    }
    sent: list[str] = []
    unreachable: list[str] = []
    for number, recipient in enumerate(_recipients(notice)):
        try:
            sent.append(client.send(to=recipient, template=template, parameters=parameters, key=f"{key}-{number}"))
        except ServiceRefusedError as refused:
            if refused.code != _UNREACHABLE:
                raise
            unreachable.append(recipient)
    return {"noticeReceipt": {"template": template, "messageIds": sent, "unreachable": unreachable}}


def _recipients(notice: Facts) -> Sequence[str]:
    """A person's number, or groups of the lender's own people as ``group:finance``."""
    recipient = optional_text(notice, "recipient")
    if recipient is not None:
        return [recipient]
    groups = notice.get("recipientGroups")
    if not isinstance(groups, list) or not groups or not all(isinstance(group, str) and group for group in groups):
        raise FactError(
            "notice",
            "通知 notice 既没有 recipient，也没有 recipientGroups（非空文本列表）；请更正流程的输入映射。",
            "The notice names neither a recipient nor recipientGroups (a list of texts); correct the input mapping "
            "of the process.",
        )
    return [f"group:{group}" for group in dict.fromkeys(groups)]


def _parameter(value: object) -> Parameter:
    """A parameter as templates take it: what is no plain value travels as its JSON text."""
    if value is None or isinstance(value, str | int | Decimal):
        return value
    return encode_json(value)


def _report(report: BureauReport) -> Variables:
    return {
        "reportId": report.report_id,
        "score": report.score,
        "overdueCount": report.overdue_count,
        "seriousOverdueCount": report.serious_overdue_count,
        "longestOverdueDays": report.longest_overdue_days,
        "inquiries": report.inquiries,
        "debts": [
            {"lender": debt.lender, "balance": debt.balance, "monthlyPayment": debt.monthly_payment}
            for debt in report.debts
        ],
        "totalDebt": report.total_debt,
        "monthlyDebtPayment": report.monthly_debt_payment,
    }
