"""逾期催收: the timeline of one instalment, and the payment that ends it at any point."""

from __future__ import annotations

import datetime as dt

import pytest

CHINA = dt.timezone(dt.timedelta(hours=8))
NO_ANSWER = {"method": "phone", "result": "no-answer", "effective": False, "nextStep": "follow-up", "note": ""}
REACHED = {"method": "phone", "result": "promised", "effective": True, "nextStep": "follow-up", "note": ""}


def day(number: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    """A time of the day ``number`` days after the due date, in China."""
    return dt.datetime(2026, 12, 10, hour, minute, tzinfo=CHINA) + dt.timedelta(days=number)


@pytest.fixture
def instalment():
    return {
        "loanId": "L-1",
        "instalment": 3,
        "dueDate": "2026-12-10",
        "amount": 1561.5,
        "customerName": "王芳",
        "mobile": "13800138000",
    }


@pytest.fixture
def case(start, instalment):
    return start("collection", instalment, day(-25, 9))


@pytest.fixture
def overdue(case):
    case.move_to(day(1))
    return case


def test_three_days_before_there_is_a_to_do(case):
    case.move_to(day(-3, 8, 59))
    assert case.tasks == {}
    case.move_to(day(-3, 9))

    assert case.open_tasks["reminder-todo"].candidate_groups == ("post-loan-officer",)


def test_one_day_before_and_on_the_due_day_the_customer_is_reminded(case):
    case.move_to(day(-1, 8, 59))
    assert case.notices() == []
    case.move_to(day(-1, 9))
    assert case.notices() == ["repayment-reminder"]
    assert case.inputs_of("notice-send")[0]["notice"] == {
        "template": "repayment-reminder",
        "channel": "sms",
        "recipient": "13800138000",
        "parameters": {
            "customerName": "王芳",
            "loanId": "L-1",
            "instalment": 3,
            "dueDate": "2026-12-10",
            "amount": 1561.5,
        },
    }
    case.move_to(day(0, 9))
    assert case.notices() == ["repayment-reminder", "due-today"]


def test_the_reminder_does_not_wait_for_the_to_do_and_the_to_do_lapses(case):
    case.move_to(day(0, 23, 59))
    assert list(case.open_tasks) == ["reminder-todo"]
    case.move_to(day(1))

    assert list(case.open_tasks) == ["m1-contact"]


def test_on_the_first_day_past_due_it_is_overdue_and_m1_begins(case):
    case.move_to(day(0, 23, 59))
    assert case.inputs_of("loan-mark-overdue") == []
    case.move_to(day(1))

    assert len(case.inputs_of("loan-mark-overdue")) == 1
    assert case.variables["daysPastDue"] == 1
    assert case.open_tasks["m1-contact"].candidate_groups == ("collector-m1",)
    assert case.open_tasks["m1-contact"].due_date == day(6)


def test_five_days_without_effective_contact_go_to_the_expert(overdue):
    for number in range(1, 5):
        overdue.move_to(day(number, 10))
        overdue.complete("m1-contact", **NO_ANSWER)
    overdue.move_to(day(5, 23, 59))
    assert list(overdue.open_tasks) == ["m1-contact"]
    overdue.move_to(day(6))

    assert overdue.open_tasks["m1-expert-contact"].candidate_groups == ("collector-expert",)
    notice = overdue.inputs_of("notice-send")[-1]["notice"]
    assert notice["template"] == "collection-escalated"
    assert notice["parameters"]["contactCount"] == 4


def test_an_effective_contact_restarts_the_five_days(overdue):
    overdue.move_to(day(3, 10))
    overdue.complete("m1-contact", **REACHED)

    overdue.move_to(day(7, 23, 59))

    assert list(overdue.open_tasks) == ["m1-contact"]
    assert overdue.open_tasks["m1-contact"].due_date == day(8, 10)
    assert overdue.variables["lastContact"]["effective"] is True
    assert overdue.variables["contactCount"] == 1


def test_a_contact_without_a_word_on_its_effect_is_not_effective(overdue):
    overdue.complete("m1-contact", method="phone", result="no-answer")

    assert overdue.variables["lastContact"]["effective"] is False
    assert list(overdue.open_tasks) == ["m1-contact"]


def test_more_than_seven_days_is_m2(overdue):
    overdue.move_to(day(4, 10))
    overdue.complete("m1-contact", **REACHED)
    overdue.move_to(day(7, 23, 59))
    assert list(overdue.open_tasks) == ["m1-contact"]
    overdue.move_to(day(8))

    assert overdue.open_tasks["m2-contact"].candidate_groups == ("collector-m2",)
    assert list(overdue.open_tasks) == ["m2-contact"]


def test_a_case_with_the_expert_goes_to_m2_too(overdue):
    overdue.move_to(day(7))
    overdue.complete("m1-expert-contact", **NO_ANSWER)
    assert list(overdue.open_tasks) == ["m1-expert-contact"]
    overdue.move_to(day(8))

    assert list(overdue.open_tasks) == ["m2-contact"]


def test_five_days_without_effective_contact_escalate_m2_as_well(overdue):
    overdue.move_to(day(13))

    assert list(overdue.open_tasks) == ["m2-expert-contact"]


def test_more_than_thirty_days_is_the_watch_list(overdue):
    overdue.move_to(day(30, 23, 59))
    assert overdue.inputs_of("watch-list-add") == []
    overdue.move_to(day(31))

    (seen,) = overdue.inputs_of("watch-list-add")
    assert seen["reason"] == "overdue"
    assert list(overdue.open_tasks) == ["m2-expert-contact"], "collection goes on"


def test_an_instalment_that_is_found_late_begins_in_its_stage(start, instalment):
    case = start("collection", instalment, day(12))
    case.move_to(day(12))

    assert case.variables["collectionStage"]["stage"] == "M2"
    assert list(case.open_tasks) == ["m2-contact"]


@pytest.mark.parametrize("hand_over", ["m2-contact", "m2-expert-contact"])
def test_m2_hands_over_to_asset_preservation(overdue, hand_over):
    overdue.move_to(day(8) if hand_over == "m2-contact" else day(13))

    overdue.complete(hand_over, **{**NO_ANSWER, "nextStep": "handover"})

    assert overdue.completed
    assert overdue.tasks == {} and overdue.timers == {}
    assert overdue.inputs_of("loan-mark-settled") == []


@pytest.mark.parametrize("number", [-20, -3, -1, 0, 1, 6, 8, 13, 31, 90])
def test_full_payment_ends_it_at_any_point(case, number):
    case.move_to(day(number, 12))

    case.correlate("payment-received", "L-1-3", paymentId="P-9", paidAmount=1561.5, outstanding=0)

    assert case.completed
    assert len(case.inputs_of("loan-mark-settled")) == 1
    assert case.tasks == {} and case.timers == {} and case.subscriptions == {}


def test_a_partial_payment_does_not_repeat_what_has_passed(case):
    case.move_to(day(-2, 12))
    case.correlate("payment-received", "L-1-3", paymentId="P-1", paidAmount=1000, outstanding=561.5)

    assert not case.ended
    assert case.inputs_of("loan-mark-settled") == []
    assert case.tasks == {}, "the to-do of T-3 is not made again"
    case.move_to(day(-1, 9))

    assert case.notices() == ["repayment-reminder"]
    assert case.inputs_of("notice-send")[0]["notice"]["parameters"]["amount"] == 561.5


def test_a_partial_payment_goes_on_in_the_stage_reached(overdue):
    overdue.move_to(day(9))
    before = overdue.notices()

    overdue.correlate("payment-received", "L-1-3", paymentId="P-1", paidAmount=1, outstanding=1560.5)
    overdue.move_to(day(9))

    assert list(overdue.open_tasks) == ["m2-contact"]
    assert overdue.notices() == before
    overdue.correlate("payment-received", "L-1-3", paymentId="P-2", paidAmount=1560.5, outstanding=0)
    assert overdue.completed


def test_the_trade_strategy_moves_the_edges(start, instalment):
    case = start("collection", {**instalment, "strategy": "trade"}, day(-25, 9))
    case.move_to(day(1))
    for number in range(2, 31, 4):
        case.move_to(day(number, 10))
        case.complete("m1-contact", **REACHED)
    assert list(case.open_tasks) == ["m1-contact"]

    case.move_to(day(31))

    assert list(case.open_tasks) == ["m2-contact"]
    assert case.inputs_of("watch-list-add") == []


def test_who_wants_it_in_the_app_gets_it_there(start, instalment):
    case = start("collection", {**instalment, "contactChannel": "app"}, day(-25, 9))
    case.move_to(day(-1, 9))

    assert case.inputs_of("notice-send")[0]["notice"]["channel"] == "app-push"
