"""The shipped forms read without a finding, take what is right and name what is wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from server.forms import Form, read_form

FORMS = Path(__file__).resolve().parents[3] / "forms"
NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))


def form(name: str) -> Form:
    return read_form((FORMS / f"{name}.form").read_bytes(), resource=f"{name}.form")


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.form")), ids=lambda path: path.stem)
def test_a_form_is_sound_and_carries_the_id_of_its_file(path: Path) -> None:
    read = form(path.stem)

    assert read.id == path.stem
    assert read.findings == ()
    assert read.schema["type"] == "default"
    assert read.keys


def test_a_complete_application_is_taken_and_computed(application: dict[str, Any]) -> None:
    submission = form("loan-application").validate(application, clock=NOW)

    assert submission.errors == ()
    assert submission.warnings == ()
    assert submission.values["monthlyPrincipal"] == 1500
    assert len(submission.values) >= 25


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("idNumber", "11010519491331002X"),
        ("mobile", "12345678901"),
        ("amount", 999),
        ("amount", 1000.001),
        ("bankCardNumber", "6225 8801"),
        ("loanProduct", "mortgage"),
        ("bureauConsent", False),
        ("applicantName", ""),
        ("repaymentMethod", None),
    ],
)
def test_an_application_with_a_fault_names_the_field(application: dict[str, Any], field: str, value: Any) -> None:
    submission = form("loan-application").validate({**application, field: value}, clock=NOW)

    assert [error.path for error in submission.errors] == [field]


@pytest.mark.parametrize("name", ["credit-review", "risk-head-review"])
def test_a_review_needs_a_conclusion_and_a_reason_and_stays_within_the_amount(
    application: dict[str, Any], name: str
) -> None:
    context = {**application, "approvedAmount": 18000}
    review = form(name)

    right = review.validate({"decision": "approve", "comment": "同意"}, context, clock=NOW)
    empty = review.validate({}, context, clock=NOW)
    above = review.validate({"decision": "approve", "comment": "同意", "approvedAmount": 18000.01}, context, clock=NOW)

    assert right.errors == () and right.values["approvedAmount"] == 18000
    assert {error.path for error in empty.errors} == {"decision", "comment"}
    assert [error.path for error in above.errors] == ["approvedAmount"]


def test_a_promise_is_asked_for_only_where_one_was_given() -> None:
    contact = form("collection-contact")
    promised = {
        "method": "phone",
        "result": "promised",
        "effective": True,
        "promiseDate": "2026-12-20",
        "promiseAmount": 1561.5,
        "nextStep": "follow-up",
    }

    kept = contact.validate(promised, clock=NOW)
    hidden = contact.validate({**promised, "result": "no-answer"}, clock=NOW)

    assert kept.errors == () and kept.values["promiseDate"] == "2026-12-20"
    assert hidden.errors == () and "promiseDate" not in hidden.values
