"""Loans over HTTP: found and shown to those who have to do with them, repaid once."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from decimal import Decimal
from pathlib import Path

import pytest

from server.amortisation.loan_terms import RepaymentMethod
from server.lending.application_facts import ApprovedApplication
from server.lending.collection_cases import open_cases
from server.lending.contracts import PayoutAccount, make_contract
from server.lending.loan_book import Payout, book_loan
from server.lending.one_transaction import one_transaction
from server.runtime.deployments import deploy_paths
from server.runtime.instant import now
from server.store.database import affect, fetch, transaction

REPOSITORY = Path(__file__).resolve().parents[2]
_numbers = itertools.count(1)


@pytest.fixture(scope="module", autouse=True)
def collection(api):
    """The shipped collection process is deployed."""
    paths = [
        REPOSITORY / "processes/collection.bpmn",
        *sorted((REPOSITORY / "dmn").glob("*.dmn")),
        *sorted((REPOSITORY / "forms").glob("*.form")),
    ]
    with api.app_context():
        deploy_paths(paths, actor="tests")


@pytest.fixture
def loan(api):
    """A loan that was just paid out, with its contract and its collection cases."""
    application = ApprovedApplication(
        application_id=f"A-API-{next(_numbers)}",
        applicant_name="王芳",
        id_number="110101199003070011",
        mobile="13800138000",
        product="consumer",
        amount=Decimal("12000.00"),
        annual_rate=Decimal("0.12"),
        periods=3,
        method=RepaymentMethod.EQUAL_INSTALMENTS,
    )
    with api.app_context(), one_transaction() as connection:
        instant = now(connection)
        today = instant.date()
        contract = make_contract(
            connection,
            application,
            PayoutAccount("招商银行", "6225880123456789"),
            process_instance_key=None,
            now=instant,
            today=today,
        )
        booked = book_loan(
            connection,
            application,
            Payout(disbursed_on=today, payment_id="P-1"),
            contract_number=contract.contract_number,
            process_instance_key=None,
            now=instant,
        )
        open_cases(connection, booked, actor="tests", strategy=None, contact_channel=None)
        return booked


def exact(response):
    """The JSON of an answer with its numbers as they were written."""
    return json.loads(response.content, parse_float=Decimal)


def repay(http, loan, key, amount, **members):
    return http.post(f"/v2/loans/{loan.loan_id}/repayments", json={"repaymentKey": key, "amount": amount, **members})


class TestReading:
    def test_a_loan_with_its_schedule(self, administrator, loan):
        response = administrator.get(f"/v2/loans/{loan.loan_id}")

        assert response.status_code == 200
        shown = exact(response)
        assert (shown["loanId"], shown["state"], shown["principal"]) == (loan.loan_id, "ACTIVE", Decimal("12000.00"))
        assert (shown["annualRate"], shown["daysPastDue"], shown["repayments"]) == (Decimal("0.12"), 0, [])
        assert [each["number"] for each in shown["schedule"]] == [1, 2, 3]
        assert sum(each["principal"] for each in shown["schedule"]) == 12000
        assert shown["outstanding"] == sum(each["outstanding"] for each in shown["schedule"])
        assert all(each["processInstanceKey"].isdigit() for each in shown["schedule"])
        assert b'"principal":12000.00' in response.content

    def test_personal_numbers_are_not_shown(self, administrator, loan):
        for shown in (
            administrator.get(f"/v2/loans/{loan.loan_id}").text,
            administrator.post("/v2/loans/search", json={"filter": {"loanId": loan.loan_id}}).text,
        ):
            assert "110101199003070011" not in shown
            assert "13800138000" not in shown

    def test_loans_are_found_by_filter_sort_and_page(self, administrator, loan):
        by_application = administrator.post(
            "/v2/loans/search", json={"filter": {"applicationId": loan.application_id, "state": {"$in": ["ACTIVE"]}}}
        )
        first = administrator.post(
            "/v2/loans/search", json={"sort": [{"field": "loanId", "order": "DESC"}], "page": {"limit": 1}}
        ).json()

        assert [each["loanId"] for each in by_application.json()["items"]] == [loan.loan_id]
        assert len(first["items"]) == 1
        rest = administrator.post(
            "/v2/loans/search",
            json={"sort": [{"field": "loanId", "order": "DESC"}], "page": {"after": first["page"]["endCursor"]}},
        ).json()
        assert len(rest["items"]) == first["page"]["totalItems"] - 1

    def test_an_unknown_loan_is_not_found(self, administrator):
        response = administrator.get("/v2/loans/LN-none", headers={"Accept-Language": "zh"})

        assert (response.status_code, response.json()["code"]) == (404, "lending.loan.not-found")
        assert "没有找到贷款 LN-none" in response.json()["detail"]

    def test_a_contract_with_its_text(self, administrator, loan):
        contract = exact(administrator.get(f"/v2/contracts/{loan.contract_number}"))

        assert contract["applicationId"] == loan.application_id
        assert loan.contract_number in contract["content"]
        assert contract["terms"]["principal"] == Decimal("12000.00")
        assert administrator.get("/v2/contracts/HT-none").status_code == 404


class TestRepayments:
    def test_a_repayment_is_allocated(self, administrator, loan):
        response = repay(administrator, loan, "R-1", 120.55, payer="王芳")

        assert response.status_code == 201
        recorded = exact(response)
        assert recorded["allocation"] == [
            {"instalment": 1, "component": "interest", "amount": Decimal("120.00")},
            {"instalment": 1, "component": "principal", "amount": Decimal("0.55")},
        ]
        shown = exact(administrator.get(f"/v2/loans/{loan.loan_id}"))
        assert [each["repaymentKey"] for each in shown["repayments"]] == ["R-1"]
        assert (shown["schedule"][0]["state"], shown["schedule"][0]["paid"]) == ("PARTLY_PAID", Decimal("120.55"))

    def test_the_same_money_is_counted_once(self, administrator, loan):
        first, second = (repay(administrator, loan, "R-1", 500) for _ in range(2))

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert exact(administrator.get(f"/v2/loans/{loan.loan_id}"))["schedule"][0]["paid"] == 500

    def test_an_idempotency_key_may_be_sent_as_well(self, administrator, loan):
        body = {"repaymentKey": "R-1", "amount": 500}
        answers = [
            administrator.post(
                f"/v2/loans/{loan.loan_id}/repayments", json=body, headers={"Idempotency-Key": f"{loan.loan_id}-1"}
            )
            for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content
        assert answers[1].headers["Idempotency-Replayed"] == "true"

    def test_the_collection_case_hears_of_it_also_where_the_answer_is_kept(self, administrator, loan, api):
        administrator.post(
            f"/v2/loans/{loan.loan_id}/repayments",
            json={"repaymentKey": "R-1", "amount": json_number(loan.instalments[0].due)},
            headers={"Idempotency-Key": f"{loan.loan_id}-1"},
        )

        case = administrator.get(f"/v2/loans/{loan.loan_id}").json()["schedule"][0]["processInstanceKey"]
        with api.app_context(), transaction() as connection:
            jobs = fetch(connection, "SELECT type FROM job WHERE instance_key = %(case)s", {"case": int(case)})
        assert [job.type for job in jobs] == ["loan-mark-settled"]

    def test_a_key_of_other_money_is_a_conflict(self, administrator, loan):
        repay(administrator, loan, "R-1", 500)

        response = repay(administrator, loan, "R-1", 501)

        assert (response.status_code, response.json()["code"]) == (409, "lending.repayment.key-reused")

    @pytest.mark.parametrize("amount", [0, -1, "500", True, None, 10**13, 1.005])
    def test_an_amount_that_is_none_is_refused(self, administrator, loan, amount):
        assert repay(administrator, loan, "R-1", amount).status_code == 400

    @pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", 20261102, "1999-01-01"])
    def test_a_day_that_is_none_is_refused(self, administrator, loan, day):
        assert repay(administrator, loan, "R-1", 500, receivedOn=day).status_code == 400

    def test_an_unknown_loan_is_not_found(self, administrator):
        response = administrator.post("/v2/loans/LN-none/repayments", json={"repaymentKey": "R-1", "amount": 500})

        assert response.status_code == 404


class TestWhoMay:
    def test_a_reviewer_sees_no_loan_whose_case_is_none_of_his(self, person, loan):
        reviewer = person("zhang.wei")

        assert reviewer.get(f"/v2/loans/{loan.loan_id}").status_code == 404
        assert reviewer.get(f"/v2/contracts/{loan.contract_number}").status_code == 404
        found = reviewer.post("/v2/loans/search", json={"filter": {"loanId": loan.loan_id}}).json()
        assert found["items"] == []

    def test_who_collects_an_instalment_sees_its_loan(self, person, loan, api, administrator):
        case = int(administrator.get(f"/v2/loans/{loan.loan_id}").json()["schedule"][0]["processInstanceKey"])
        with api.app_context(), transaction() as connection:
            affect(
                connection,
                "INSERT INTO user_task (key, instance_key, root_key, process_definition_key, element_id, state,"
                " assignee, created_at) VALUES (%(key)s, %(case)s, %(case)s, 1, 'm1-contact', 'CREATED',"
                " 'li.na', %(at)s)",
                {"key": case + 10**9, "case": case, "at": dt.datetime.now(dt.UTC)},
            )

        assert person("li.na").get(f"/v2/loans/{loan.loan_id}").status_code == 200
        found = person("li.na").post("/v2/loans/search", json={}).json()
        assert [each["loanId"] for each in found["items"]] == [loan.loan_id]

    def test_a_reviewer_records_no_repayment(self, person, loan):
        assert repay(person("zhang.wei"), loan, "R-1", 500).status_code == 403


def json_number(amount: Decimal) -> float:
    """An amount with two decimals as a JSON number that prints as itself."""
    number = float(amount)
    assert Decimal(str(number)) == amount
    return number
