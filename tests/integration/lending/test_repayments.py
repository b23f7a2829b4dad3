"""Repayments on a real database: allocated in the legal order, counted once, told to the collection cases."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from sqlalchemy import text

from server.lending.loan_book import confirm_settled, loan_account, mark_overdue
from server.lending.refusals import LoanConflictError, NoSuchLoanError, RepaymentRefusedError
from server.lending.repayments import Receipt, record_repayment, repayments_of
from server.store.database import joined_transactions, transaction

from .conftest import CHINA

INSTALMENT = Decimal("1066.19")


def receipt(key: str, amount: str, **members: object) -> Receipt:
    return Receipt(repayment_key=key, amount=Decimal(amount), **members)


def again(loan):
    with transaction() as connection:
        return loan_account(connection, loan.loan_id)


def test_a_payment_settles_interest_before_principal(book, application):
    loan = book(application)

    repayment = record_repayment(loan.loan_id, receipt("R-1", "500.00"), actor="bank")

    assert [(part.instalment, part.component, part.amount) for part in repayment.parts] == [
        (1, "interest", Decimal("120.00")),
        (1, "principal", Decimal("380.00")),
    ]
    first = again(loan).instalment(1)
    assert (first.paid_interest, first.paid_principal, first.state) == (
        Decimal("120.00"),
        Decimal("380.00"),
        "PARTLY_PAID",
    )
    assert first.outstanding.total == INSTALMENT - 500


def test_an_instalment_that_is_paid_in_parts_is_settled_with_the_last(book, application):
    loan = book(application)

    record_repayment(loan.loan_id, receipt("R-1", "500.00"), actor="bank")
    record_repayment(loan.loan_id, receipt("R-2", "566.19"), actor="bank")

    first = again(loan).instalment(1)
    assert (first.state, first.settled_on, first.outstanding.total) == ("SETTLED", dt.date(2026, 11, 2), 0)
    with transaction() as connection:
        assert confirm_settled(connection, loan.loan_id, 1).loan_id == loan.loan_id


def test_what_is_left_of_a_payment_goes_to_the_next_instalment(book, application):
    loan = book(application)

    repayment = record_repayment(loan.loan_id, receipt("R-1", "1100.00"), actor="bank")

    assert [(part.instalment, part.component) for part in repayment.parts] == [
        (1, "interest"),
        (1, "principal"),
        (2, "interest"),
    ]
    assert [each.state for each in again(loan).instalments[:3]] == ["SETTLED", "PARTLY_PAID", "SCHEDULED"]


def test_the_last_payment_settles_the_loan_and_the_rest_is_kept_as_overpaid(book, application):
    loan = book(application)

    repayment = record_repayment(loan.loan_id, receipt("R-1", str(loan.outstanding_total + 1)), actor="bank")

    settled = again(loan)
    assert (settled.state, settled.settled_on, settled.overpaid) == ("SETTLED", dt.date(2026, 11, 2), 1)
    assert repayment.unallocated == 1
    assert settled.outstanding_total == 0
    with pytest.raises(LoanConflictError, match="settled"):
        record_repayment(loan.loan_id, receipt("R-2", "1.00"), actor="bank")


def test_a_loan_is_no_longer_overdue_once_its_overdue_instalment_is_paid(book, application, pin):
    loan = book(application)
    pin(dt.datetime(2026, 12, 5, 9, 0, tzinfo=CHINA))
    with transaction() as connection:
        mark_overdue(connection, loan.loan_id, 1, today=dt.date(2026, 12, 5))

    record_repayment(loan.loan_id, receipt("R-1", "1000.00"), actor="bank")
    assert (again(loan).state, again(loan).instalment(1).state) == ("OVERDUE", "OVERDUE")
    record_repayment(loan.loan_id, receipt("R-2", "66.19"), actor="bank")

    assert (again(loan).state, again(loan).instalment(1).state) == ("ACTIVE", "SETTLED")


class TestTheSameMoney:
    def test_is_counted_once(self, book, application):
        loan = book(application)

        first = record_repayment(loan.loan_id, receipt("R-1", "500.00", payer="王芳"), actor="bank")
        second = record_repayment(loan.loan_id, receipt("R-1", "500.00", payer="王芳"), actor="bank")

        assert first == second
        assert again(loan).instalment(1).paid == 500
        with transaction() as connection:
            assert repayments_of(connection, loan) == (first,)

    def test_is_counted_once_by_many_at_once(self, book, application, app):
        loan = book(application)
        keys = []

        def run():
            with app.app_context():
                keys.append(record_repayment(loan.loan_id, receipt("R-1", "500.00"), actor="bank").key)

        threads = [threading.Thread(target=run) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(keys) == 6
        assert len(set(keys)) == 1
        assert again(loan).instalment(1).paid == 500

    def test_cannot_be_another_amount(self, book, application):
        loan = book(application)
        record_repayment(loan.loan_id, receipt("R-1", "500.00"), actor="bank")

        with pytest.raises(LoanConflictError, match="R-1"):
            record_repayment(loan.loan_id, receipt("R-1", "501.00"), actor="bank")

        assert again(loan).instalment(1).paid == 500

    def test_may_have_the_same_key_for_two_loans(self, book, application):
        first, second = book(application), book(application, application_id="A-other")

        record_repayment(first.loan_id, receipt("R-1", "500.00"), actor="bank")
        record_repayment(second.loan_id, receipt("R-1", "600.00"), actor="bank")

        assert (again(first).instalment(1).paid, again(second).instalment(1).paid) == (500, 600)


class TestRefusals:
    @pytest.mark.parametrize("amount", ["0", "-5", "1.005"])
    def test_an_amount_that_is_none(self, book, application, amount):
        loan = book(application)

        with pytest.raises(RepaymentRefusedError, match="two decimals"):
            record_repayment(loan.loan_id, receipt("R-1", amount), actor="bank")

    @pytest.mark.parametrize("day", [dt.date(2026, 11, 1), dt.date(2026, 11, 3)])
    def test_a_day_before_the_payout_or_after_today(self, book, application, day):
        loan = book(application)

        with pytest.raises(RepaymentRefusedError, match="day of receipt"):
            record_repayment(loan.loan_id, receipt("R-1", "500.00", received_on=day), actor="bank")

    def test_an_unknown_loan(self, app):
        with pytest.raises(NoSuchLoanError):
            record_repayment("LN-none", receipt("R-1", "500.00"), actor="bank")


class TestCollectionCases:
    def test_every_instalment_has_one_case(self, followed, application):
        loan = again(followed(application))

        keys = [each.collection_key for each in loan.instalments]
        assert None not in keys
        assert len(set(keys)) == 12
        assert instances(keys) == dict.fromkeys(keys, "ACTIVE")

    def test_a_settled_instalment_sends_its_case_to_the_end(self, followed, application):
        loan = again(followed(application))

        record_repayment(loan.loan_id, receipt("R-1", str(INSTALMENT)), actor="bank")

        assert waiting_jobs(loan.instalment(1).collection_key) == ["loan-mark-settled"]
        assert waiting_jobs(loan.instalment(2).collection_key) == []

    def test_a_partial_payment_leaves_the_case_open_with_what_is_left(self, followed, application):
        loan = again(followed(application))

        record_repayment(loan.loan_id, receipt("R-1", "66.19"), actor="bank")

        key = loan.instalment(1).collection_key
        assert waiting_jobs(key) == []
        assert instances([key]) == {key: "ACTIVE"}
        assert variables(key)["amount"] == 1000
        record_repayment(loan.loan_id, receipt("R-2", "1000.00"), actor="bank")
        assert waiting_jobs(key) == ["loan-mark-settled"]

    def test_a_repayment_that_is_rolled_back_is_told_to_nobody(self, followed, application):
        class Crash(Exception):
            pass

        loan = again(followed(application))

        with pytest.raises(Crash), joined_transactions():
            record_repayment(loan.loan_id, receipt("R-1", str(INSTALMENT)), actor="bank")
            raise Crash

        assert again(loan) == loan
        assert waiting_jobs(loan.instalment(1).collection_key) == []


def instances(keys):
    with transaction() as connection:
        rows = connection.execute(
            text("SELECT key, state FROM process_instance WHERE key = ANY(:keys)"), {"keys": keys}
        )
        return {row.key: row.state for row in rows}


def waiting_jobs(instance_key):
    with transaction() as connection:
        return list(
            connection.execute(
                text("SELECT type FROM job WHERE instance_key = :key AND ended_at IS NULL"), {"key": instance_key}
            ).scalars()
        )


def variables(instance_key):
    with transaction() as connection:
        return connection.execute(
            text("SELECT variables -> '' FROM instance_state WHERE key = :key"), {"key": instance_key}
        ).scalar_one()
