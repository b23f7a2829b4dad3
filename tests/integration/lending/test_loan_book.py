"""The loan book on a real database: booked once, marked by instalment, safe to repeat."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from server.amortisation.errors import TermsError
from server.amortisation.loan_terms import RepaymentMethod
from server.lending.loan_book import (
    Payout,
    add_to_watch_list,
    book_loan,
    confirm_settled,
    is_on_watch_list,
    loan_account,
    loan_of_application,
    mark_overdue,
)
from server.lending.refusals import LoanConflictError, NoSuchLoanError
from server.store.database import transaction

from .conftest import NOW, PAID_OUT


def test_a_loan_is_booked_with_its_schedule(book, application):
    loan = book(application)

    assert (loan.state, loan.principal, loan.periods) == ("ACTIVE", Decimal("12000.00"), 12)
    assert loan.loan_id.startswith("LN20261102-")
    assert [each.number for each in loan.instalments] == list(range(1, 13))
    assert loan.instalments[0].due_date == dt.date(2026, 12, 2)
    assert loan.instalments[0].interest == Decimal("120.00")
    assert sum(each.principal for each in loan.instalments) == loan.principal
    assert loan.outstanding_principal == loan.principal
    assert {each.state for each in loan.instalments} == {"SCHEDULED"}


def test_a_flat_loan_shows_what_it_really_costs(book, application):
    loan = book(application, method=RepaymentMethod.FLAT)

    assert loan.annual_rate == Decimal("0.12")
    assert loan.annual_rate_simple == Decimal("0.214572")


def test_booking_again_finds_the_first_loan(book, application):
    first = book(application)

    assert book(application) == first


def test_many_who_book_at_once_book_one_loan(book, application, app):
    found = []

    def run():
        with app.app_context():
            found.append(book(application).loan_id)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 6
    assert len(set(found)) == 1


def test_an_application_is_not_booked_again_with_other_terms(book, application):
    loan = book(application)

    with pytest.raises(LoanConflictError):
        book(application, amount=Decimal("13000.00"))

    with transaction() as connection:
        assert loan_of_application(connection, application.application_id) == loan


def test_terms_that_make_no_loan_leave_nothing_behind(book, application):
    with pytest.raises(TermsError):
        book(application, periods=5000)

    with transaction() as connection:
        assert loan_of_application(connection, application.application_id) is None


def test_a_loan_whose_transaction_fails_is_not_booked(app, application):
    class Crash(Exception):
        pass

    with pytest.raises(Crash), transaction() as connection:
        book_loan(
            connection,
            application,
            Payout(disbursed_on=PAID_OUT, payment_id=None),
            contract_number=None,
            process_instance_key=None,
            now=NOW,
        )
        raise Crash

    with transaction() as connection:
        assert loan_of_application(connection, application.application_id) is None


def test_an_unknown_loan_or_instalment_is_named(book, application):
    loan = book(application)

    with transaction() as connection:
        with pytest.raises(NoSuchLoanError, match="LN-none"):
            loan_account(connection, "LN-none")
        with pytest.raises(NoSuchLoanError, match="instalment 13"):
            mark_overdue(connection, loan.loan_id, 13, today=dt.date(2028, 1, 1))


class TestOverdue:
    def test_the_day_after_the_due_date_an_instalment_and_its_loan_are_overdue(self, book, application):
        loan = book(application)

        with transaction() as connection:
            marked = mark_overdue(connection, loan.loan_id, 1, today=dt.date(2026, 12, 3))

        assert marked.state == "OVERDUE"
        assert (marked.instalment(1).state, marked.instalment(1).overdue_on) == ("OVERDUE", dt.date(2026, 12, 3))
        assert marked.instalment(2).state == "SCHEDULED"
        assert marked.days_past_due(dt.date(2026, 12, 12)) == 10

    def test_marking_again_keeps_the_first_day(self, book, application):
        loan = book(application)

        with transaction() as connection:
            mark_overdue(connection, loan.loan_id, 1, today=dt.date(2026, 12, 3))
            marked = mark_overdue(connection, loan.loan_id, 1, today=dt.date(2026, 12, 9))

        assert marked.instalment(1).overdue_on == dt.date(2026, 12, 3)

    def test_on_the_due_date_nothing_is_overdue(self, book, application):
        loan = book(application)

        with transaction() as connection, pytest.raises(LoanConflictError, match="not overdue"):
            mark_overdue(connection, loan.loan_id, 1, today=dt.date(2026, 12, 2))


class TestWatchList:
    def test_the_first_day_and_reason_stay(self, book, application):
        loan = book(application)

        with transaction() as connection:
            add_to_watch_list(connection, loan.loan_id, reason="overdue", today=dt.date(2027, 1, 2))
            listed = add_to_watch_list(connection, loan.loan_id, reason="again", today=dt.date(2027, 2, 2))

        assert (listed.watch_listed_on, listed.watch_reason) == (dt.date(2027, 1, 2), "overdue")

    def test_the_person_is_found_by_id_number(self, book, application):
        person = "110101199003070070"
        loan = book(replace(application, id_number=person))

        with transaction() as connection:
            assert not is_on_watch_list(connection, person)
            add_to_watch_list(connection, loan.loan_id, reason="overdue", today=dt.date(2027, 1, 2))
            assert is_on_watch_list(connection, person)


def test_an_instalment_that_is_owed_is_not_confirmed_as_settled(book, application):
    loan = book(application)

    with transaction() as connection, pytest.raises(LoanConflictError, match=r"1066\.19"):
        confirm_settled(connection, loan.loan_id, 1)
