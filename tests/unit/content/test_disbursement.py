"""放款: checked by somebody else, paid once, never paid again while the result is unknown."""

from __future__ import annotations

import datetime as dt

import pytest

APPROVE = {"decision": "approve", "comment": "同意"}


@pytest.fixture
def request_(application):
    return {
        **application,
        "approvedAmount": 18000,
        "annualRate": 0.072,
        "contract": {"contractNumber": "C-1"},
    }


def answers(*statuses):
    """A payment service that gives these answers, one after the other."""
    left = list(statuses)
    return lambda _: {"payout": {"status": left.pop(0), "paymentId": "P-1"}}


def keys(case):
    return [seen["payment"]["idempotencyKey"] for seen in case.inputs_of("payment-pay")]


def test_finance_checks_and_must_be_another_person_than_the_reviewers(start, request_):
    case = start("disbursement", request_)

    task = case.open_tasks["finance-check"]
    assert task.candidate_groups == ("finance",)
    assert {"review-either", "review-a", "review-b", "risk-head-review"} <= set(
        task.headers["lendloom:notBy"].split(",")
    )
    assert case.jobs_done == []


def test_paid_and_booked(start, request_):
    case = start("disbursement", request_)

    case.complete("finance-check", **APPROVE)

    assert case.completed
    assert [job for job, _ in case.jobs_done] == ["payment-pay", "loan-book"]
    order = case.inputs_of("payment-pay")[0]["payment"]
    assert order == {
        "idempotencyKey": "payout-A-2026-0001",
        "amount": 18000,
        "currency": "CNY",
        "accountName": "王芳",
        "bankName": "招商银行",
        "bankCardNumber": "6225880123456789",
        "remark": "贷款发放 A-2026-0001",
    }
    assert case.variables["disbursementStatus"] == "disbursed"
    assert case.variables["loan"] == {"loanId": "L-1"}


def test_finance_sends_it_back(start, request_):
    case = start("disbursement", request_)

    case.complete("finance-check", decision="return", comment="账户不符")

    assert case.completed
    assert case.jobs_done == []
    assert case.variables["disbursementStatus"] == "cancelled"


def test_an_unknown_result_is_queried_every_minute_and_never_paid_again(start, request_, handlers):
    handlers["payment-pay"] = answers("UNKNOWN")
    handlers["payment-query"] = answers("UNKNOWN", "SETTLED")
    case = start("disbursement", request_)

    case.complete("finance-check", **APPROVE)
    assert [job for job, _ in case.jobs_done] == ["payment-pay"]
    case.pass_time(seconds=59)
    assert len(case.jobs_done) == 1
    case.pass_time(seconds=1)
    assert [job for job, _ in case.jobs_done] == ["payment-pay", "payment-query"]
    case.pass_time(minutes=1)

    assert case.completed
    assert len(keys(case)) == 1
    assert case.inputs_of("payment-query")[1]["payment"] == {"idempotencyKey": "payout-A-2026-0001"}


@pytest.mark.parametrize("answer", [{"status": "TIMEOUT"}, {"status": None}, {"status": "settled"}])
def test_an_answer_that_is_not_understood_counts_as_unknown(start, request_, handlers, answer):
    handlers["payment-pay"] = lambda _: {"payout": answer}
    case = start("disbursement", request_)

    case.complete("finance-check", **APPROVE)
    case.pass_time(minutes=1)

    assert [job for job, _ in case.jobs_done] == ["payment-pay", "payment-query", "loan-book"]


@pytest.mark.parametrize(
    "pay",
    [answers("DECLINED"), lambda _: {"ERROR": "PAYMENT_DECLINED"}],
    ids=["declined status", "business error"],
)
def test_a_declined_payment_is_decided_by_finance(start, request_, handlers, pay):
    handlers["payment-pay"] = pay
    case = start("disbursement", request_)

    case.complete("finance-check", **APPROVE)

    assert list(case.open_tasks) == ["payout-exception"]
    assert case.open_tasks["payout-exception"].candidate_groups == ("finance",)
    assert case.inputs_of("loan-book") == []


def test_after_a_correction_it_is_paid_under_a_new_key(start, request_, handlers):
    handlers["payment-pay"] = answers("DECLINED", "DECLINED", "SETTLED")
    case = start("disbursement", request_)
    case.complete("finance-check", **APPROVE)

    case.complete("payout-exception", decision="retry", comment="换卡", bankCardNumber="6222020200112233")
    case.complete("payout-exception", decision="retry", comment="再试", bankName="工商银行")

    assert keys(case) == ["payout-A-2026-0001", "payout-A-2026-0001-2", "payout-A-2026-0001-3"]
    last = case.inputs_of("payment-pay")[2]["payment"]
    assert (last["bankCardNumber"], last["bankName"]) == ("6222020200112233", "工商银行")
    assert case.variables["disbursementStatus"] == "disbursed"


def test_a_payment_the_bank_never_saw_is_not_repeated_by_itself(start, request_, handlers):
    handlers["payment-pay"] = answers("UNKNOWN")
    handlers["payment-query"] = answers("NOT_FOUND")
    case = start("disbursement", request_)
    case.complete("finance-check", **APPROVE)

    case.pass_time(minutes=1)

    assert len(keys(case)) == 1
    assert list(case.open_tasks) == ["payout-exception"]


def test_finance_gives_up(start, request_, handlers):
    handlers["payment-pay"] = answers("DECLINED")
    case = start("disbursement", request_)
    case.complete("finance-check", **APPROVE)

    case.complete("payout-exception", decision="cancel", comment="客户放弃")

    assert case.completed
    assert case.variables["disbursementStatus"] == "cancelled"


def test_a_late_check_is_reminded_but_never_passed(start, request_):
    case = start("disbursement", request_)

    case.pass_time(days=30)

    assert case.notices() == ["review-reminder"]
    assert list(case.open_tasks) == ["finance-check"]
    assert case.open_tasks["finance-check"].due_date == case.now - dt.timedelta(days=29)
