"""The payment service: pays an account once for an idempotency key, however often it is asked.

``POST /payments`` with header ``Idempotency-Key`` and body ``{amount, currency, account, accountName,
reference}``; the amount is a decimal text.

- 201 ``{paymentId, status, ...}``, status ``SETTLED`` or ``ACCEPTED`` (decided later; ask again).
- 200 with the same payment for the same key and body; 422 ``IDEMPOTENCY_KEY_REUSED`` for another body.
- 422 with a code and ``paymentStatus: FAILED`` for a declined payment, every time it is asked for; 400 for a
  malformed one; 503 when down.

``GET /payments?key=`` and ``GET /payments/{paymentId}`` answer ``SETTLED``, ``FAILED`` or ``PENDING``, or 404
when no such payment was ever accepted. ``GET /payments/ledger`` lists all money moved and counts it by key.

The last six digits of an account choose a behaviour of its own, where no rule of ``/behaviour`` applies:

======  ========================================================================================
990001  declined, ``ACCOUNT_CLOSED``
990002  declined, ``NAME_MISMATCH``
990003  declined, ``ACCOUNT_LIMIT_EXCEEDED``
990004  paid, but the first answer is lost: the connection drops (unknown result, query says SETTLED)
990005  not paid, and the first request is lost (unknown result, query says 404; the next one is paid)
990006  503 always
990007  accepted, settles after two seconds (query says PENDING, then SETTLED)
990008  accepted, comes back after two seconds (PENDING, then FAILED with ``RETURNED_BY_BANK``)
990009  answers after two seconds
======  ========================================================================================
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import Blueprint, Response, jsonify, request

from simulators.behaviour import NO_RULE, Behaviour, Mode, Rule, after, before
from simulators.payment_book import (
    ACCEPTED,
    FAILED,
    KeyReusedError,
    Payment,
    PaymentBook,
    PaymentOrder,
    Verdict,
)
from simulators.problems import RequestRefusedError, json_body, problem, text_field

_SETTLED_AT_ONCE = Verdict()


@dataclass(frozen=True, slots=True)
class AccountHabit:
    """What an account number brings about by its last six digits."""

    verdict: Verdict = _SETTLED_AT_ONCE
    rule: Rule = NO_RULE
    first_request_only: bool = False


_USUAL = AccountHabit()

ACCOUNT_HABITS = {
    "990001": AccountHabit(Verdict(FAILED, "ACCOUNT_CLOSED")),
    "990002": AccountHabit(Verdict(FAILED, "NAME_MISMATCH")),
    "990003": AccountHabit(Verdict(FAILED, "ACCOUNT_LIMIT_EXCEEDED")),
    "990004": AccountHabit(rule=Rule(Mode.DROP_AFTER_ACCEPT), first_request_only=True),
    "990005": AccountHabit(rule=Rule(Mode.TIMEOUT_BEFORE_ACCEPT, latency_ms=0), first_request_only=True),
    "990006": AccountHabit(rule=Rule(Mode.UNAVAILABLE)),
    "990007": AccountHabit(Verdict(after_seconds=2)),
    "990008": AccountHabit(Verdict(FAILED, "RETURNED_BY_BANK", after_seconds=2)),
    "990009": AccountHabit(rule=Rule(Mode.SLOW, latency_ms=2000)),
}

_REASONS = {
    "ACCOUNT_CLOSED": "The account is closed.",
    "NAME_MISMATCH": "The account belongs to another name.",
    "ACCOUNT_LIMIT_EXCEEDED": "The account may not receive this much today.",
    "RETURNED_BY_BANK": "The receiving bank sent the payment back.",
}


def payments_blueprint(book: PaymentBook, behaviour: Behaviour) -> Blueprint:
    """The resource ``/payments``."""
    blueprint = Blueprint("payments", __name__)

    @blueprint.post("/payments")
    def pay() -> Response:
        key = request.headers.get("Idempotency-Key", "").strip()
        if not key:
            raise RequestRefusedError(400, "IDEMPOTENCY_KEY_MISSING", "Send an Idempotency-Key with every payment.")
        order = _order(json_body())
        requests = book.count_request(key)
        rule, verdict = _fate(behaviour, order, requests)
        before(rule)
        try:
            payment, new = book.accept(key, order, verdict)
        except KeyReusedError:
            return problem(422, "IDEMPOTENCY_KEY_REUSED", f"Key {key} was used before for another payment.")
        after(rule)
        return _paid(book, payment, new)

    @blueprint.get("/payments")
    def query_by_key() -> Response:
        key = request.args.get("key", "")
        behaviour.meet("paymentQueries", key)
        return _found(book, book.by_key(key), f"No payment was accepted under the key {key!r}.")

    @blueprint.get("/payments/<payment_id>")
    def query_by_id(payment_id: str) -> Response:
        behaviour.meet("paymentQueries", payment_id)
        return _found(book, book.by_id(payment_id), f"There is no payment {payment_id!r}.")

    @blueprint.get("/payments/ledger")
    def ledger() -> Response:
        return _ledger(book)

    return blueprint


def _fate(behaviour: Behaviour, order: PaymentOrder, requests: int) -> tuple[Rule, Verdict]:
    """How this request goes: by the rule in force if one meets it, else by its account's habit."""
    rule = behaviour.take("payments", order.account)
    if rule.mode is Mode.DECLINE:
        return rule, Verdict(FAILED, rule.code or "ACCOUNT_CLOSED")
    habit = ACCOUNT_HABITS.get(order.account[-6:], _USUAL)
    if rule.mode is not Mode.NORMAL or (habit.first_request_only and requests > 1):
        return rule, habit.verdict
    if habit.rule.mode is Mode.NORMAL:
        return rule, habit.verdict
    return habit.rule, habit.verdict


def _order(body: dict[str, object]) -> PaymentOrder:
    text = text_field(body, "amount")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount <= 0 or amount != round(amount, 2):
        detail = f"amount must be a decimal text above 0 with at most two places; it is {text!r}."
        raise RequestRefusedError(400, "INVALID_PAYMENT", detail, field="amount")
    currency = text_field(body, "currency")
    if len(currency) != 3 or not currency.isupper():
        raise RequestRefusedError(400, "INVALID_PAYMENT", "currency is an ISO 4217 code.", field="currency")
    return PaymentOrder(
        amount=amount,
        currency=currency,
        account=text_field(body, "account"),
        account_name=text_field(body, "accountName"),
        reference=text_field(body, "reference"),
    )


def _as_json(book: PaymentBook, payment: Payment) -> dict[str, object]:
    return {
        "paymentId": payment.payment_id,
        "key": payment.key,
        "status": payment.status(book.now()),
        "amount": str(payment.order.amount),
        "currency": payment.order.currency,
        "account": payment.order.account,
        "accountName": payment.order.account_name,
        "reference": payment.order.reference,
    }


def _paid(book: PaymentBook, payment: Payment, new: bool) -> Response:
    body = _as_json(book, payment)
    if body["status"] == FAILED:
        code = payment.code or FAILED
        return problem(422, code, _REASONS.get(code, "The payment was declined."), **_failed(body))
    response = jsonify(body)
    response.status_code = 201 if new else 200
    return response


def _failed(body: dict[str, object]) -> dict[str, object]:
    """A failed payment's members in a problem, whose own ``status`` is the HTTP one."""
    return {**{name: body[name] for name in ("paymentId", "key")}, "paymentStatus": FAILED}


def _found(book: PaymentBook, payment: Payment | None, absent: str) -> Response:
    if payment is None:
        return problem(404, "PAYMENT_UNKNOWN", absent)
    body = _as_json(book, payment)
    if body["status"] == ACCEPTED:
        body["status"] = "PENDING"
    elif body["status"] == FAILED:
        body["code"] = payment.code
    return jsonify(body)


def _ledger(book: PaymentBook) -> Response:
    entries = book.ledger()
    items = [
        {**_as_json(book, entry.payment), "entry": entry.kind, "requests": book.requests(entry.payment.key)}
        for entry in entries
    ]
    sums = [entry.payment.order.amount if entry.kind == "payment" else -entry.payment.order.amount for entry in entries]
    by_key = Counter(entry.payment.key for entry in entries if entry.kind == "payment")
    return jsonify({"items": items, "countByKey": dict(by_key), "total": str(sum(sums, Decimal(0)))})
