"""The built-in job handlers against the running simulators and a real loan book."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import text

from server.jobs.handlers import JobFailure
from server.lending.loan_book import add_to_watch_list
from server.lending.repayments import Receipt, record_repayment
from server.runtime import background
from server.store.database import transaction

from .conftest import CHINA, installed


class TestRegistration:
    def test_jobs_of_services_without_an_address_are_left_to_workers_outside(self, app):
        installed(payment_url="http://127.0.0.1:9", bureau_url=None, fraud_url=None, message_url=None)

        assert background.is_built_in("payment-pay")
        assert background.is_built_in("payment-query")
        assert background.is_built_in("loan-book")
        assert not background.is_built_in("bureau-query")
        assert not background.is_built_in("fraud-scan")
        assert not background.is_built_in("notice-send")


class TestFraudScan:
    def test_gives_the_facts_that_the_policy_decides_on(self, here, facts):
        scan = here.run("fraud-scan", facts)["fraudScan"]

        policy_inputs = (
            "deviceMatch",
            "ipMatch",
            "contactOverlap",
            "blacklistLevel",
            "vendorScore",
            "sameDeviceApplications",
        )
        assert [scan[name] for name in policy_inputs] == [False, False, 0, "none", 0, 1]

    def test_knows_a_blacklisted_phone_and_contact(self, here, facts):
        scan = here.run("fraud-scan", {**facts, "mobile": "17000000001", "emergencyContactMobile": "17000000002"})

        assert (scan["fraudScan"]["blacklistLevel"], scan["fraudScan"]["contactOverlap"]) == ("black", 100)

    def test_knows_who_is_on_the_lenders_own_watch_list(self, here, facts, book, application):
        person = "110101199003070046"
        loan = book(application, id_number=person)
        with transaction() as connection:
            add_to_watch_list(connection, loan.loan_id, reason="overdue", today=dt.date(2027, 1, 2))

        assert here.run("fraud-scan", {**facts, "idNumber": person})["fraudScan"]["blacklistLevel"] == "grey"

    def test_an_application_without_a_device_is_never_clear(self, here, facts):
        scan = here.run("fraud-scan", {**facts, "deviceId": None})["fraudScan"]

        assert (scan["performed"], scan["deviceMatch"], scan["vendorScore"]) == (False, None, None)

    def test_is_tried_again_where_the_service_is_down(self, nowhere, facts):
        failure = nowhere.run("fraud-scan", facts)

        assert isinstance(failure, JobFailure)
        assert failure.retries is None
        assert "反欺诈服务" in failure.message.zh


class TestBureau:
    def test_gives_the_report(self, here, facts):
        report = here.run("bureau-query", facts)["bureau"]

        assert report["score"] >= 700
        assert report["overdueCount"] == 0
        assert isinstance(report["totalDebt"], Decimal)

    @pytest.mark.parametrize("consent", [False, None, "yes"])
    def test_without_consent_nobody_is_asked(self, here, facts, consent):
        failure = here.run("bureau-query", {**facts, "bureauConsent": consent})

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0
        assert "bureauConsent" in failure.message.zh and "bureauConsent" in failure.message.en

    def test_a_number_that_is_none_is_an_incident_at_once(self, here, facts):
        failure = here.run("bureau-query", {**facts, "idNumber": "123"})

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0
        assert "ID_NUMBER_INVALID" in failure.message.zh and "ID_NUMBER_INVALID" in failure.message.en


class TestPayments:
    def order(self, facts, account="6222020200112230"):
        return {
            "payment": {
                "idempotencyKey": f"payout-{facts['applicationId']}",
                "amount": 18000,
                "currency": "CNY",
                "accountName": "王芳",
                "bankName": "招商银行",
                "bankCardNumber": account,
                "remark": f"贷款发放 {facts['applicationId']}",
            }
        }

    def paid(self, here, order):
        ledger = httpx.get(f"{here.settings.payment_url}/payments/ledger").json()
        return ledger["countByKey"].get(order["payment"]["idempotencyKey"], 0)

    def test_a_payout_is_settled(self, here, facts, pin):
        pin(dt.datetime(2026, 11, 2, 10, 0, tzinfo=CHINA))
        order = self.order(facts)

        payout = here.run("payment-pay", order)["payout"]

        assert (payout["status"], payout["settledAt"]) == ("SETTLED", "2026-11-02T02:00:00+00:00")
        assert payout["paymentId"]
        assert self.paid(here, order) == 1

    def test_a_job_that_runs_again_after_a_crash_pays_once(self, here, facts):
        order = self.order(facts)

        first = here.run("payment-pay", order, key=4711)["payout"]
        second = here.run("payment-pay", order, key=4711)["payout"]

        assert first["paymentId"] == second["paymentId"]
        assert self.paid(here, order) == 1

    def test_many_workers_with_the_same_order_pay_once(self, here, facts, app):
        order = self.order(facts)
        results = []

        def run():
            with app.app_context():
                results.append(here.run("payment-pay", order)["payout"]["status"])

        threads = [threading.Thread(target=run) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert results == ["SETTLED"] * 6
        assert self.paid(here, order) == 1

    def test_a_declined_payout_tells_why(self, here, facts):
        payout = here.run("payment-pay", self.order(facts, "6222020990001"))["payout"]

        assert (payout["status"], payout["code"]) == ("DECLINED", "ACCOUNT_CLOSED")

    def test_a_lost_answer_is_unknown_and_the_query_finds_the_payment(self, here, facts):
        order = self.order(facts, "6222020990004")

        assert here.run("payment-pay", order)["payout"]["status"] == "UNKNOWN"
        found = here.run("payment-query", {"payment": {"idempotencyKey": order["payment"]["idempotencyKey"]}})

        assert found["payout"]["status"] == "SETTLED"
        assert "settledAt" in found["payout"]
        assert self.paid(here, order) == 1

    def test_a_service_that_fails_after_it_was_reached_is_unknown_not_tried_again(self, here, facts):
        payout = here.run("payment-pay", self.order(facts, "6222020990006"))["payout"]

        assert (payout["status"], payout["code"]) == ("UNKNOWN", "HTTP_503")

    def test_an_order_that_never_arrived_is_not_found(self, here, facts):
        order = self.order(facts)

        assert here.run("payment-query", order)["payout"]["status"] == "NOT_FOUND"

    def test_an_order_that_never_left_is_tried_again(self, nowhere, facts):
        failure = nowhere.run("payment-pay", self.order(facts))

        assert isinstance(failure, JobFailure)
        assert failure.retries is None

    def test_a_query_that_reaches_nobody_leaves_the_result_unknown(self, nowhere, facts):
        assert nowhere.run("payment-query", self.order(facts))["payout"]["status"] == "UNKNOWN"

    def test_a_key_that_paid_something_else_is_an_incident(self, here, facts):
        order = self.order(facts)
        here.run("payment-pay", order)
        order["payment"]["amount"] = 19000

        failure = here.run("payment-pay", order)

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0
        assert "IDEMPOTENCY_KEY_REUSED" in failure.message.zh and "IDEMPOTENCY_KEY_REUSED" in failure.message.en
        assert self.paid(here, order) == 1

    def test_an_order_without_an_account_is_an_incident_and_nothing_is_sent(self, here, facts):
        order = self.order(facts)
        order["payment"]["bankCardNumber"] = None

        failure = here.run("payment-pay", order)

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0
        assert self.paid(here, order) == 0


class TestNotices:
    def notice(self, **members):
        return {
            "notice": {
                "template": "repayment-reminder",
                "channel": "sms",
                "parameters": {"amount": Decimal("1066.19"), "instalment": 1, "hits": ["A", "B"], "note": None},
                **members,
            }
        }

    def sent(self, here, recipient):
        return httpx.get(f"{here.settings.message_url}/messages", params={"to": recipient}).json()["items"]

    def test_goes_to_a_person_with_exact_amounts(self, here):
        receipt = here.run("notice-send", self.notice(recipient="13811110001"))["noticeReceipt"]

        (message,) = self.sent(here, "13811110001")
        assert receipt["messageIds"] == [message["messageId"]]
        assert message["parameters"] == {
            "channel": "sms",
            "amount": "1066.19",
            "instalment": 1,
            "hits": '["A","B"]',
            "note": None,
        }

    def test_goes_to_each_group_once_however_often_the_job_runs(self, here):
        key = 990_001
        for _ in range(2):
            here.run("notice-send", self.notice(recipientGroups=["g-first", "g-second", "g-first"]), key=key)

        assert len(self.sent(here, "group:g-first")) == 1
        assert len(self.sent(here, "group:g-second")) == 1

    def test_a_person_whom_no_message_reaches_holds_up_no_case(self, here):
        receipt = here.run("notice-send", self.notice(recipient="13800990001"))["noticeReceipt"]

        assert (receipt["messageIds"], receipt["unreachable"]) == ([], ["13800990001"])

    def test_a_notice_to_nobody_is_an_incident(self, here):
        failure = here.run("notice-send", self.notice(recipient=None))

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0


class TestContract:
    def test_is_made_once_for_the_same_terms(self, here, facts):
        first = here.run("contract-generate", facts)["contract"]
        second = here.run("contract-generate", facts)["contract"]

        assert first == second
        assert first["contractNumber"].startswith("HT")
        assert first["annualRateSimple"] == pytest.approx(Decimal("0.072"), abs=Decimal("0.0001"))

    def test_other_terms_are_another_contract(self, here, facts):
        first = here.run("contract-generate", facts)["contract"]
        second = here.run("contract-generate", {**facts, "approvedAmount": 15000})["contract"]

        assert first["contractNumber"] != second["contractNumber"]

    def test_terms_that_are_missing_are_an_incident(self, here, facts):
        failure = here.run("contract-generate", {**facts, "annualRate": None})

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0
        assert "annualRate" in failure.message.zh and "annualRate" in failure.message.en


class TestLoanBook:
    @pytest.fixture
    def settled(self, facts):
        payout = {"status": "SETTLED", "paymentId": "P-9", "settledAt": "2026-11-02T23:59:00+08:00"}
        return {**facts, "payout": payout}

    def test_books_the_loan_from_the_day_of_the_payout_and_opens_its_cases(self, here, settled, collection, pin):
        pin(dt.datetime(2026, 11, 3, 9, 0, tzinfo=CHINA))
        contract = here.run("contract-generate", settled)["contract"]

        loan = here.run("loan-book", {**settled, "contract": contract})["loan"]

        assert (loan["disbursedOn"], loan["firstDueDate"], loan["lastDueDate"]) == (
            "2026-11-02",
            "2026-12-02",
            "2027-02-02",
        )
        assert loan["contractNumber"] == contract["contractNumber"]
        assert self.cases_of(loan["loanId"]) == 3

    def test_a_job_that_runs_again_books_nothing_again(self, here, settled, collection):
        first = here.run("loan-book", settled)["loan"]
        second = here.run("loan-book", settled)["loan"]

        assert first == second
        assert self.cases_of(first["loanId"]) == 3

    def test_many_workers_book_one_loan_with_one_case_for_each_instalment(self, here, settled, collection, app):
        found = []

        def run():
            with app.app_context():
                found.append(here.run("loan-book", settled)["loan"]["loanId"])

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(found) == 4
        assert len(set(found)) == 1
        assert self.cases_of(found[0]) == 3

    def test_marks_overdue_settled_and_watched(self, here, settled, collection, pin):
        loan_id = here.run("loan-book", settled)["loan"]["loanId"]
        first = {"loanId": loan_id, "instalment": 1}
        pin(dt.datetime(2027, 1, 5, 9, 0, tzinfo=CHINA))

        assert here.run("loan-mark-overdue", first) == {"loanState": "OVERDUE", "overdueOn": "2027-01-05"}
        assert here.run("watch-list-add", {**first, "reason": "overdue"}) == {"watchListedOn": "2027-01-05"}
        unpaid = here.run("loan-mark-settled", first)
        assert isinstance(unpaid, JobFailure)
        record_repayment(loan_id, Receipt(repayment_key="R-1", amount=Decimal("12144.17")), actor="bank")
        assert here.run("loan-mark-settled", first) == {"loanState": "ACTIVE", "settledOn": "2027-01-05"}

    def test_an_unknown_loan_is_an_incident(self, here):
        failure = here.run("loan-mark-overdue", {"loanId": "LN-none", "instalment": 1})

        assert isinstance(failure, JobFailure)
        assert failure.retries == 0

    def cases_of(self, loan_id):
        with transaction() as connection:
            return connection.execute(
                text("SELECT count(*) FROM process_instance WHERE business_id LIKE :id || '-%'"), {"id": loan_id}
            ).scalar_one()
