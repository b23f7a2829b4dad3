"""The payment service's client: pays once, and knows what it does not know.

A payment ends settled, declined with a code, or *unknown*: a time-out, a lost connection or a server error
after the order may have reached the service. An unknown payment is never simply sent again under another
key; one asks by its key (:meth:`PaymentClient.query`) until the service says what became of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import httpx

from server.lending.service_call import (
    JsonObject,
    ServiceClient,
    ServiceName,
    decimal_text,
    is_no_verdict,
    json_of,
    refused,
)

_SERVICE = ServiceName("payment", "支付服务", "payment service")

_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
_UNKNOWN_KEY = "PAYMENT_UNKNOWN"

# No connection was made, so not a byte of the request has left.
_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class PaymentResult(StrEnum):
    """What is known of a payment."""

    SETTLED = "settled"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    ABSENT = "absent"
    """The service has no payment under the key, as only a query says; sending it under that key is safe."""


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """A payment to make; ``reference`` is what the receiver reads on the statement."""

    amount: Decimal
    currency: str
    account: str
    account_name: str
    reference: str


@dataclass(frozen=True, slots=True)
class PaymentOutcome:
    """What became of a payment.

    ``code`` is the service's reason for a declined payment, and for an unknown one what happened on the way
    (``TIMEOUT``, ``CONNECTION_LOST``, ``HTTP_503``, ``NOT_SETTLED_YET``, ``ANSWER_UNREADABLE``). ``sent`` is
    false where no connection came about, so that this request certainly had no effect.
    """

    result: PaymentResult
    payment_id: str | None = None
    code: str | None = None
    detail: str | None = None
    sent: bool = True


class PaymentClient(ServiceClient):
    """Talks to one payment service.

    ``pay`` and ``query`` answer every fate of a payment with a :class:`PaymentOutcome`. They raise
    :class:`~server.lending.errors.ServiceRefusedError` only where the request itself was wrong (malformed,
    not authorised, a key used for another payment): that is no fate of the payment but a mistake to repair.
    """

    name = _SERVICE

    def pay(self, order: PaymentOrder, *, key: str) -> PaymentOutcome:
        """Orders a payment under the idempotency key ``key``: the same key never pays twice."""
        body = {
            "amount": decimal_text(order.amount),
            "currency": order.currency,
            "account": order.account,
            "accountName": order.account_name,
            "reference": order.reference,
        }
        response = _sent(lambda: self.http.post("/payments", json=body, headers={"Idempotency-Key": key}))
        if isinstance(response, PaymentOutcome):
            return response
        answer = json_of(response)
        if response.is_success:
            return _outcome_of(answer)
        if response.status_code == httpx.codes.UNPROCESSABLE_ENTITY and answer and answer.get("code"):
            if answer["code"] == _KEY_REUSED:
                raise refused(_SERVICE, response)
            return PaymentOutcome(
                PaymentResult.DECLINED,
                _text(answer, "paymentId"),
                _text(answer, "code"),
                _text(answer, "detail"),
            )
        raise refused(_SERVICE, response)

    def query(self, key: str) -> PaymentOutcome:
        """What became of the payment under ``key``."""
        response = _sent(lambda: self.http.get("/payments", params={"key": key}))
        if isinstance(response, PaymentOutcome):
            return response
        answer = json_of(response)
        if response.is_success:
            return _outcome_of(answer)
        # A bare 404 may come from a proxy or a wrong path: only the service's own word proves absence.
        if response.status_code == httpx.codes.NOT_FOUND and answer and answer.get("code") == _UNKNOWN_KEY:
            return PaymentOutcome(PaymentResult.ABSENT, code=_UNKNOWN_KEY, detail=_text(answer, "detail"))
        raise refused(_SERVICE, response)


def _sent(send: Callable[[], httpx.Response]) -> httpx.Response | PaymentOutcome:
    """The answer to a request, or why there is no verdict in sight."""
    try:
        response = send()
    except httpx.TimeoutException as error:
        return _unknown("TIMEOUT", error)
    except httpx.RequestError as error:
        return _unknown("CONNECTION_LOST", error)
    if is_no_verdict(response):
        return PaymentOutcome(PaymentResult.UNKNOWN, code=f"HTTP_{response.status_code}")
    return response


def _unknown(code: str, error: httpx.RequestError) -> PaymentOutcome:
    sent = not isinstance(error, _BEFORE_SENDING)
    return PaymentOutcome(PaymentResult.UNKNOWN, code=code, detail=str(error) or type(error).__name__, sent=sent)


def _outcome_of(answer: JsonObject | None) -> PaymentOutcome:
    """The outcome in a payment as the service shows it."""
    if answer is None:
        return PaymentOutcome(PaymentResult.UNKNOWN, code="ANSWER_UNREADABLE")
    payment_id = _text(answer, "paymentId")
    match answer.get("status"):
        case "SETTLED":
            return PaymentOutcome(PaymentResult.SETTLED, payment_id)
        case "FAILED":
            code = _text(answer, "code") or "FAILED"
            return PaymentOutcome(PaymentResult.DECLINED, payment_id, code, _text(answer, "detail"))
        case "ACCEPTED" | "PENDING":
            return PaymentOutcome(PaymentResult.UNKNOWN, payment_id, "NOT_SETTLED_YET")
        case other:
            detail = f"status {other!r}"
            return PaymentOutcome(PaymentResult.UNKNOWN, payment_id, "ANSWER_UNREADABLE", detail)


def _text(answer: JsonObject, name: str) -> str | None:
    value = answer.get(name)
    return None if value is None else str(value)
