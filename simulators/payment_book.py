"""The payment book: every payment that was ever accepted, at most one for an idempotency key.

The book lives in memory; with a journal (one JSON line a payment, flushed before the answer) a restarted
program still knows which keys it has paid.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

SETTLED = "SETTLED"
FAILED = "FAILED"
ACCEPTED = "ACCEPTED"


class KeyReusedError(Exception):
    """An idempotency key came back with another payment order."""


class JournalError(Exception):
    """A journal that cannot be read; starting without it would forget payments."""


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """What the caller wants paid; two orders under one key must be equal."""

    amount: Decimal
    currency: str
    account: str
    account_name: str
    reference: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a payment will end: settled or failed with a code, now or ``after_seconds``."""

    outcome: str = SETTLED
    code: str | None = None
    after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment with its fate; until ``decided_at`` (seconds since 1970) it is merely accepted."""

    payment_id: str
    key: str
    order: PaymentOrder
    outcome: str
    code: str | None
    accepted_at: float
    decided_at: float

    @property
    def declined_at_once(self) -> bool:
        """Whether it was refused before any money moved."""
        return self.outcome == FAILED and self.decided_at <= self.accepted_at

    def status(self, now: float) -> str:
        """``ACCEPTED`` until it is decided, then ``SETTLED`` or ``FAILED``."""
        return ACCEPTED if now < self.decided_at else self.outcome


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Money that moved: out with a payment, back with the return of one."""

    kind: str
    payment: Payment


class PaymentBook:
    """All payments by key and by id, and the ledger of the money moved; safe for many threads."""

    def __init__(self, journal: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._by_key: dict[str, Payment] = {}
        self._by_id: dict[str, Payment] = {}
        self._moved: list[Payment] = []
        self._requests: Counter[str] = Counter()
        self._journal = journal
        if journal is not None:
            journal.parent.mkdir(parents=True, exist_ok=True)
            self._replay(journal)

    def now(self) -> float:
        """The time by the book's own clock."""
        return self._clock()

    def count_request(self, key: str) -> int:
        """Notes that a request with this key arrived; the number of them so far."""
        with self._lock:
            self._requests[key] += 1
            return self._requests[key]

    def accept(self, key: str, order: PaymentOrder, verdict: Verdict) -> tuple[Payment, bool]:
        """The payment under ``key``, and whether it is new; money moves for a new one only."""
        with self._lock:
            known = self._by_key.get(key)
            if known is not None:
                if known.order != order:
                    raise KeyReusedError(key)
                return known, False
            now = self._clock()
            payment = Payment(
                payment_id=str(uuid.uuid4()),
                key=key,
                order=order,
                outcome=verdict.outcome,
                code=verdict.code,
                accepted_at=now,
                decided_at=now + verdict.after_seconds,
            )
            self._write(payment)
            self._enter(payment)
            return payment, True

    def by_key(self, key: str) -> Payment | None:
        """The payment with this idempotency key."""
        with self._lock:
            return self._by_key.get(key)

    def by_id(self, payment_id: str) -> Payment | None:
        """The payment with this id."""
        with self._lock:
            return self._by_id.get(payment_id)

    def requests(self, key: str) -> int:
        """How often this key was sent to this run of the program."""
        with self._lock:
            return self._requests[key]

    def ledger(self) -> list[LedgerEntry]:
        """Every movement of money so far, payments first in their order, each return after its payment."""
        now = self._clock()
        entries: list[LedgerEntry] = []
        with self._lock:
            for payment in self._moved:
                entries.append(LedgerEntry("payment", payment))
                if payment.status(now) == FAILED:
                    entries.append(LedgerEntry("return", payment))
        return entries

    def _enter(self, payment: Payment) -> None:
        self._by_key[payment.key] = payment
        self._by_id[payment.payment_id] = payment
        if not payment.declined_at_once:
            self._moved.append(payment)

    def _write(self, payment: Payment) -> None:
        if self._journal is None:
            return
        order = payment.order
        line = json.dumps(
            {
                "paymentId": payment.payment_id,
                "key": payment.key,
                "amount": str(order.amount),
                "currency": order.currency,
                "account": order.account,
                "accountName": order.account_name,
                "reference": order.reference,
                "outcome": payment.outcome,
                "code": payment.code,
                "acceptedAt": payment.accepted_at,
                "decidedAt": payment.decided_at,
            },
            ensure_ascii=False,
        )
        with self._journal.open("a", encoding="utf-8") as journal:
            journal.write(line + "\n")
            journal.flush()
            os.fsync(journal.fileno())

    def _replay(self, journal: Path) -> None:
        if not journal.exists():
            return
        content = journal.read_bytes()
        complete = content.rfind(b"\n") + 1
        for number, line in enumerate(content[:complete].decode("utf-8").splitlines(), start=1):
            try:
                self._enter(_payment_of(json.loads(line)))
            except (ValueError, KeyError, TypeError, ArithmeticError) as error:
                raise JournalError(f"{journal}, line {number}: not a payment ({error}).") from error
        if complete < len(content):
            # A kill in the middle of a write leaves half a line, whose payment was never answered.
            with journal.open("r+b") as torn:
                torn.truncate(complete)


def _payment_of(line: dict[str, str]) -> Payment:
    return Payment(
        payment_id=line["paymentId"],
        key=line["key"],
        order=PaymentOrder(
            amount=Decimal(line["amount"]),
            currency=line["currency"],
            account=line["account"],
            account_name=line["accountName"],
            reference=line["reference"],
        ),
        outcome=line["outcome"],
        code=line["code"],
        accepted_at=float(line["acceptedAt"]),
        decided_at=float(line["decidedAt"]),
    )
