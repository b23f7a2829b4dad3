"""贷前审批: who signs, what happens when nobody does, and how a case ends."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from server.dmn import read_dmn

CHINA = dt.timezone(dt.timedelta(hours=8))
APPROVE = {"decision": "approve", "comment": "同意"}
REJECT = {"decision": "reject", "comment": "收入不实"}


def bureau(handlers, score, overdue=0):
    handlers["bureau-query"] = lambda _: {"bureau": {"score": score, "overdueCount": overdue}}


def fraud(handlers, **findings):
    clean = handlers["fraud-scan"]({})["fraudScan"]
    handlers["fraud-scan"] = lambda _: {"fraudScan": {**clean, **findings}}


@pytest.fixture
def middling(application):
    """An application that people must decide: above the limit of the straight way, below the joint one."""
    return {**application, "amount": 30000}


@pytest.fixture
def large(application):
    documents = ["id-card", "bank-card", "income-proof", "bank-statement"]
    return {**application, "amount": 50000, "documents": documents}


def test_a_small_loan_of_low_risk_goes_straight_to_contract_and_disbursement(start, application):
    case = start("loan-approval", application)

    assert case.variables["machineDecision"]["outcome"] == "approve"
    assert case.tasks == {}
    assert case.variables["contract"] == {"contractNumber": "C-1"}
    (call,) = case.calls.values()
    assert call.process_id == "disbursement"
    assert call.variables["approvedAmount"] == 18000
    assert float(call.variables["annualRate"]) == 0.072


def test_a_score_below_400_is_rejected_with_its_reason(start, application, handlers):
    bureau(handlers, 399)

    case = start("loan-approval", application)

    assert case.completed
    assert case.notices() == ["machine-rejection"]
    assert case.inputs_of("notice-send")[0]["notice"]["parameters"]["reason"] == "综合信用评分不足"


def test_a_score_of_400_is_decided_by_people(start, application, handlers):
    bureau(handlers, 400)

    assert list(start("loan-approval", application).open_tasks) == ["review-either"]


def test_an_applicant_without_bureau_record_is_decided_by_people(start, application, handlers):
    bureau(handlers, None, None)

    case = start("loan-approval", application)

    assert case.variables["machineDecision"]["reasonCode"] == "M04"
    assert list(case.open_tasks) == ["review-either"]


def test_below_50000_either_reviewer_signs(start, middling):
    case = start("loan-approval", middling)

    task = case.open_tasks["review-either"]
    assert task.candidate_groups == ("credit-reviewer-a", "credit-reviewer-b")
    assert task.form_id == "credit-review"
    assert task.due_date == case.now + dt.timedelta(days=1)

    case.complete("review-either", **APPROVE, approvedAmount=25000)

    (call,) = case.calls.values()
    assert call.variables["approvedAmount"] == 25000


def test_a_reviewer_rejects(start, middling):
    case = start("loan-approval", middling)

    case.complete("review-either", **REJECT, approvedAmount=0)

    assert case.completed
    assert case.notices() == ["review-rejection"]
    assert case.calls == {}


def test_from_50000_both_reviewers_sign_and_then_the_head_of_risk(start, large):
    case = start("loan-approval", large)

    tasks = case.open_tasks
    assert {name: task.candidate_groups for name, task in tasks.items()} == {
        "review-a": ("credit-reviewer-a",),
        "review-b": ("credit-reviewer-b",),
    }
    assert tasks["review-a"].headers["lendloom:notBy"] == "review-b,review-b-transferred"

    case.complete("review-a", **APPROVE, approvedAmount=50000)
    assert list(case.open_tasks) == ["review-b"]
    case.complete("review-b", **APPROVE, approvedAmount=45000)

    assert case.variables["approvedAmount"] == 45000, "the lower of the two opinions"
    assert case.open_tasks["risk-head-review"].candidate_groups == ("risk-head",)

    case.complete("risk-head-review", **APPROVE, approvedAmount=40000)

    (call,) = case.calls.values()
    assert call.variables["approvedAmount"] == 40000


def test_one_of_two_reviewers_is_enough_to_reject(start, large):
    case = start("loan-approval", large)

    case.complete("review-b", **REJECT, approvedAmount=0)
    assert not case.ended, "both must sign"
    case.complete("review-a", **APPROVE, approvedAmount=50000)

    assert case.completed
    assert case.notices() == ["review-rejection"]


def test_the_head_of_risk_rejects(start, large):
    case = start("loan-approval", large)
    case.complete("review-a", **APPROVE, approvedAmount=50000)
    case.complete("review-b", **APPROVE, approvedAmount=50000)

    case.complete("risk-head-review", **REJECT, approvedAmount=0)

    assert case.completed
    assert case.notices() == ["review-rejection"]


def test_high_risk_alerts_the_head_of_risk_and_takes_the_strict_way_at_any_amount(start, application, handlers):
    fraud(handlers, deviceMatch=True)

    case = start("loan-approval", application)

    assert case.variables["fraud"] == {"level": "high-risk", "reasonCode": "F02"}
    assert case.notices() == ["high-risk-alert"]
    assert case.inputs_of("notice-send")[0]["notice"]["recipientGroups"] == ["risk-head"]
    assert set(case.open_tasks) == {"review-a", "review-b"}


def test_the_reminder_comes_once_before_the_time_limit(start, middling):
    case = start("loan-approval", middling)

    case.pass_time(hours=19, minutes=59)
    assert case.notices() == []
    case.pass_time(minutes=1)

    assert case.notices() == ["review-reminder"]
    notice = case.inputs_of("notice-send")[0]["notice"]
    assert notice["recipientGroups"] == ["credit-reviewer-a", "credit-reviewer-b"]
    assert list(case.open_tasks) == ["review-either"]


def test_after_the_time_limit_the_review_is_transferred(start, middling):
    case = start("loan-approval", middling)

    case.pass_time(days=1)

    assert {name: task.candidate_groups for name, task in case.open_tasks.items()} == {
        "review-either-transferred": ("credit-supervisor",)
    }
    case.complete("review-either-transferred", **APPROVE, approvedAmount=30000)
    assert len(case.calls) == 1


def test_urgent_cases_have_a_shorter_limit_and_come_first(start, middling):
    case = start("loan-approval", {**middling, "priority": "urgent"})

    assert case.open_tasks["review-either"].due_date == case.now + dt.timedelta(hours=4)
    assert case.open_tasks["review-either"].priority == 80
    assert start("loan-approval", middling).open_tasks["review-either"].priority == 50


def with_action(decisions, action):
    """The shipped decisions with another action in the table of time limits."""
    path = Path(__file__).resolve().parents[3] / "dmn" / "review-time-limit.dmn"
    text = path.read_text(encoding="utf-8").replace('"transfer"</text>', f'"{action}"</text>')
    return {**decisions, "review-time-limit": read_dmn(text.encode())}


@pytest.mark.parametrize(("action", "notices", "calls"), [("pass", 0, 1), ("reject", 1, 0)])
def test_the_table_may_let_a_late_review_pass_or_reject(
    start, middling, decisions, processes, handlers, case_type, action, notices, calls
):
    begin = dt.datetime(2026, 11, 2, 9, 0, tzinfo=CHINA)
    case = case_type(processes["loan-approval"], with_action(decisions, action), middling, handlers, begin)

    case.pass_time(days=1)

    assert case.notices() == ["review-reminder", "review-rejection"][: 1 + notices]
    assert len(case.calls) == calls


def test_the_customer_withdraws_while_people_decide(start, large):
    case = start("loan-approval", large)

    case.correlate("application-withdrawn", large["applicationId"])

    assert case.completed
    assert case.tasks == {} and case.timers == {} and case.calls == {}


def test_missing_papers_and_fields_are_asked_for_until_all_are_there(start, application):
    incomplete = {**application, "documents": ["id-card"], "bankName": ""}
    del incomplete["mobile"]

    case = start("loan-approval", incomplete)

    assert case.variables["completeness"]["missingDocuments"] == ["bank-card"]
    assert case.variables["completeness"]["missingFields"] == ["手机号", "开户银行"]
    assert case.open_tasks["supplement"].candidate_groups == ("sales",)
    assert case.jobs_done == [], "nobody asks a bureau about an incomplete application"

    case.complete("supplement", documents=["id-card", "bank-card"], bankName="招商银行")
    assert case.variables["completeness"]["missingFields"] == ["手机号"]
    case.complete("supplement", mobile="13800138000")

    assert case.variables["machineDecision"]["outcome"] == "approve"


def test_without_consent_the_bureau_is_not_asked(start, application):
    case = start("loan-approval", {**application, "bureauConsent": False})

    assert case.variables["completeness"]["missingFields"] == ["征信查询授权"]
    assert case.inputs_of("bureau-query") == []


def test_an_empty_application_is_incomplete_not_an_incident(start):
    case = start("loan-approval", {"applicationId": "A-1"})

    assert list(case.open_tasks) == ["supplement"]


def test_an_application_that_stays_incomplete_lapses(start, application):
    case = start("loan-approval", {**application, "documents": []})

    case.pass_time(days=7)

    assert case.completed
    assert case.jobs_done == []


@pytest.mark.parametrize("status", ["disbursed", "cancelled"])
def test_the_case_ends_with_the_disbursement(start, application, status):
    case = start("loan-approval", application)

    case.end_call(disbursementStatus=status, loan={"loanId": "L-1"}, payout={"status": "SETTLED"})

    assert case.completed
    assert case.variables["disbursementStatus"] == status
    assert "payout" not in case.variables, "only what the call activity maps comes back"
