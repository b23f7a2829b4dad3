"""The shipped processes from application to the last repayment, with the built-in handlers and the simulators.

Jobs are run and the clock is moved by hand, so that every case stands where the test looks at it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from server.jobs import handlers
from server.lending.loan_book import LoanAccount, loan_account, loan_of_application
from server.lending.repayments import Receipt, record_repayment
from server.runtime import instances, timers
from server.runtime.deployments import deploy_paths
from server.store.database import transaction
from server.worklist import user_tasks
from simulators.bureau import grade_of

from .conftest import CHINA, REPOSITORY


def good_customers() -> Iterator[str]:
    """ID numbers of people whom the bureau thinks well of, each once: who is overdue is watched ever after."""
    for number in itertools.count(1):
        digits = f"11010119900307{number:03}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
        person = digits + "10X98765432"[total % 11]
        if grade_of(person).name == "good":
            yield person


_good_customers = good_customers()


def china(*when: int) -> dt.datetime:
    return dt.datetime(*when, tzinfo=CHINA)


@dataclass(frozen=True, slots=True)
class Lender:
    """The installation as these tests drive it."""

    pin: Callable[[dt.datetime], None]
    outside: str

    def work(self) -> None:
        """Run every job that is open to our own workers, and those that follow."""
        while open_jobs := self._column("SELECT key FROM job WHERE ended_at IS NULL AND state <> 'FAILED'"):
            for key in open_jobs:
                handlers.run(key, worker="tests")

    def move_to(self, instant: dt.datetime) -> None:
        """Let the time pass until ``instant``: timers fire and jobs run."""
        self.pin(instant)
        while due := timers.claim_due(1000):
            for timer in due:
                timers.fire(timer)
            self.work()

    def tasks(self, instance_key: int) -> dict[str, int]:
        """The open user tasks of an instance and of what it called: key by element."""
        with transaction() as connection:
            rows = connection.execute(
                text("SELECT element_id, key FROM user_task WHERE root_key = :root AND state = 'CREATED'"),
                {"root": instance_key},
            )
            return {row.element_id: row.key for row in rows}

    def complete(self, instance_key: int, element_id: str, person: str, **variables: Any) -> None:
        user_tasks.complete(task_key=self.tasks(instance_key)[element_id], variables=variables, actor=person)
        self.work()

    def state(self, instance_key: int) -> str:
        return str(self._column("SELECT state FROM process_instance WHERE key = :key", key=instance_key)[0])

    def variables(self, instance_key: int) -> dict[str, Any]:
        found = self._column("SELECT variables -> '' FROM instance_state WHERE key = :key", key=instance_key)
        return dict(found[0])

    def incidents(self) -> list[str]:
        return self._column("SELECT message_en FROM incident WHERE state = 'ACTIVE'")

    def loan(self, application_id: str) -> LoanAccount:
        with transaction() as connection:
            loan = loan_of_application(connection, application_id)
        assert loan is not None
        return loan

    def notices(self, recipient: str) -> list[str]:
        sent = httpx.get(f"{self.outside}/messages", params={"to": recipient}).json()["items"]
        return [message["template"] for message in sent]

    def payments(self, application_id: str) -> dict[str, int]:
        counted = httpx.get(f"{self.outside}/payments/ledger").json()["countByKey"]
        return {key: count for key, count in counted.items() if application_id in key}

    def _column(self, statement: str, **parameters: Any) -> list[Any]:
        with transaction() as connection:
            return list(connection.execute(text(statement), parameters).scalars())


@pytest.fixture(scope="module")
def everything(app: object) -> None:
    """All shipped processes, decisions and forms are deployed."""
    paths = [
        path
        for folder, suffix in (("processes", "bpmn"), ("dmn", "dmn"), ("forms", "form"))
        for path in sorted((REPOSITORY / folder).glob(f"*.{suffix}"))
    ]
    deploy_paths(paths, actor="tests")


@pytest.fixture
def lender(here: Any, everything: None, pin: Callable[[dt.datetime], None], outside: str) -> Lender:
    pin(china(2026, 11, 2, 10, 0))
    return Lender(pin, outside)


@pytest.fixture
def form() -> dict[str, Any]:
    """A complete application of a good customer for a small consumer loan."""
    return {
        "applicationId": f"A-{uuid.uuid4().hex[:12]}",
        "channel": "online",
        "loanProduct": "consumer",
        "priority": "normal",
        "amount": 9000,
        "termMonths": 3,
        "repaymentMethod": "equal-instalments",
        "purpose": "decoration",
        "applicantName": "王芳",
        "idNumber": next(_good_customers),
        "mobile": f"138{uuid.uuid4().int % 10**8:08}",
        "employmentType": "employed",
        "employer": "某某科技有限公司",
        "monthlyIncome": 15000,
        "monthlyDebt": 2000,
        "bankName": "招商银行",
        "bankCardNumber": "6225880123456789",
        "emergencyContactName": "李强",
        "emergencyContactMobile": "13900139000",
        "deviceId": f"device-{uuid.uuid4()}",
        "ipAddress": "198.51.100.7",
        "documents": ["id-card", "bank-card"],
        "privacyConsent": True,
        "bureauConsent": True,
    }


def approve(lender: Lender, form: dict[str, Any]) -> int:
    """Send an application in; what the machine approves stands at the check of finance afterwards."""
    started = instances.start(process_id="loan-approval", variables=form, actor="channel")
    lender.work()
    assert lender.incidents() == []
    return started.key


def paid_out(lender: Lender, form: dict[str, Any]) -> LoanAccount:
    key = approve(lender, form)
    lender.complete(key, "finance-check", "finance-1", decision="approve", comment="同意")
    assert lender.state(key) == "COMPLETED"
    return lender.loan(form["applicationId"])


class TestPayout:
    def test_a_small_loan_of_a_good_customer_is_paid_out_and_booked(self, lender, form):
        key = approve(lender, form)
        assert list(lender.tasks(key)) == ["finance-check"]

        lender.complete(key, "finance-check", "finance-1", decision="approve", comment="同意")

        assert lender.state(key) == "COMPLETED"
        assert lender.incidents() == []
        loan = lender.loan(form["applicationId"])
        assert (loan.principal, loan.state, loan.periods) == (Decimal("9000.00"), "ACTIVE", 3)
        assert loan.disbursed_on == dt.date(2026, 11, 2)
        assert loan.contract_number is not None
        assert loan.process_instance_key == key
        assert lender.payments(form["applicationId"]) == {f"payout-{form['applicationId']}": 1}
        assert lender.variables(key)["loan"]["loanId"] == loan.loan_id
        assert {lender.state(each.collection_key) for each in loan.instalments} == {"ACTIVE"}

    def test_a_lost_answer_is_asked_for_and_never_paid_again(self, lender, form):
        key = approve(lender, form | {"bankCardNumber": "6222020200990004"})

        lender.complete(key, "finance-check", "finance-1", decision="approve", comment="同意")
        assert lender.state(key) == "ACTIVE"
        lender.move_to(china(2026, 11, 2, 10, 2))

        assert lender.state(key) == "COMPLETED"
        assert lender.payments(form["applicationId"]) == {f"payout-{form['applicationId']}": 1}
        assert lender.loan(form["applicationId"]).principal == 9000

    def test_a_declined_payout_is_corrected_by_finance_and_paid_once(self, lender, form):
        key = approve(lender, form | {"bankCardNumber": "6222020200990001"})
        lender.complete(key, "finance-check", "finance-1", decision="approve", comment="同意")
        assert list(lender.tasks(key)) == ["payout-exception"]

        lender.complete(
            key,
            "payout-exception",
            "finance-1",
            decision="retry",
            comment="换卡",
            bankName="招商银行",
            bankCardNumber="6225880123456789",
        )

        assert lender.state(key) == "COMPLETED"
        assert lender.payments(form["applicationId"]) == {f"payout-{form['applicationId']}-2": 1}

    def test_an_order_that_never_arrived_is_decided_by_finance_and_paid_once(self, lender, form, outside):
        key = approve(lender, form)
        order = f"payout-{form['applicationId']}"
        httpx.put(f"{outside}/behaviour", json={"payments": {"mode": "unavailable", "times": 1}})

        lender.complete(key, "finance-check", "finance-1", decision="approve", comment="同意")
        assert lender.payments(form["applicationId"]) == {}
        lender.move_to(china(2026, 11, 2, 10, 2))

        assert list(lender.tasks(key)) == ["payout-exception"], "the service never saw it: finance decides"
        lender.complete(key, "payout-exception", "finance-1", decision="retry", comment="重付")
        assert lender.payments(form["applicationId"]) == {order: 1}, "under its first key, in case it was only late"


class TestCollection:
    def test_who_pays_in_time_is_reminded_and_left_alone(self, lender, form):
        loan = paid_out(lender, form)
        case = loan.instalment(1).collection_key

        lender.move_to(china(2026, 11, 29, 12, 0))
        assert list(lender.tasks(case)) == ["reminder-todo"]
        lender.move_to(china(2026, 12, 1, 12, 0))
        assert lender.notices(form["mobile"]) == ["repayment-reminder"]
        record_repayment(loan.loan_id, Receipt(repayment_key="R-1", amount=loan.instalment(1).due), actor="bank")
        lender.work()

        assert lender.state(case) == "COMPLETED"
        assert lender.incidents() == []
        assert lender.loan(form["applicationId"]).instalment(1).state == "SETTLED"

    def test_who_does_not_pay_is_overdue_collected_and_watched_until_the_payment(self, lender, form):
        loan = paid_out(lender, form)
        case = loan.instalment(1).collection_key

        lender.move_to(china(2026, 12, 3, 12, 0))
        overdue = lender.loan(form["applicationId"])
        assert (overdue.state, overdue.instalment(1).state) == ("OVERDUE", "OVERDUE")
        assert "m1-contact" in lender.tasks(case)
        lender.move_to(china(2026, 12, 11, 12, 0))
        assert {"m2-contact"} & set(lender.tasks(case))
        lender.move_to(china(2027, 1, 3, 12, 0))
        watched = lender.loan(form["applicationId"])
        assert watched.watch_reason == "overdue"
        assert lender.incidents() == []
        record_repayment(loan.loan_id, Receipt(repayment_key="R-1", amount=watched.outstanding_total), actor="bank")
        lender.work()

        assert {lender.state(each.collection_key) for each in loan.instalments} == {"COMPLETED"}
        assert lender.loan(form["applicationId"]).state == "SETTLED"
        assert lender.tasks(case) == {}
        assert lender.incidents() == []

    def test_a_partial_payment_keeps_the_case_open_for_what_is_left(self, lender, form):
        loan = paid_out(lender, form)
        case = loan.instalment(1).collection_key
        lender.move_to(china(2026, 12, 5, 12, 0))

        record_repayment(loan.loan_id, Receipt(repayment_key="R-1", amount=Decimal("1000.00")), actor="bank")
        lender.move_to(china(2026, 12, 5, 12, 1))

        assert lender.state(case) == "ACTIVE"
        assert "m1-contact" in lender.tasks(case)
        left = loan.instalment(1).due - 1000
        assert lender.variables(case)["outstanding"] == left
        with transaction() as connection:
            assert loan_account(connection, loan.loan_id).instalment(1).outstanding.total == left
