"""Facts of an approved application: read into types, or refused by name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from server.amortisation.loan_terms import RepaymentMethod
from server.lending.application_facts import approved_application
from server.lending.errors import FactError

FACTS = {
    "applicationId": "A-2026-0001",
    "applicantName": "王芳",
    "idNumber": "110101199003070011",
    "mobile": "13800138000",
    "loanProduct": "consumer",
    "approvedAmount": 18000,
    "annualRate": Decimal("0.072"),
    "termMonths": 12,
    "repaymentMethod": "equal-instalments",
}


def test_the_facts_of_a_case_become_terms():
    application = approved_application(FACTS)

    assert application.amount == Decimal("18000.00")
    assert application.annual_rate == Decimal("0.072")
    assert application.periods == 12
    assert application.method is RepaymentMethod.EQUAL_INSTALMENTS


def test_numbers_may_be_written_as_text_or_with_zeros_behind_the_point():
    application = approved_application(
        {**FACTS, "approvedAmount": "18000.50", "termMonths": Decimal("12.0"), "annualRate": "0.0720"}
    )

    assert (application.amount, application.periods) == (Decimal("18000.50"), 12)


def test_what_need_not_be_known_may_be_absent_null_or_empty():
    application = approved_application({**FACTS, "mobile": None, "loanProduct": ""} | {"idNumber": None})

    assert (application.mobile, application.product, application.id_number) == (None, None, None)


@pytest.mark.parametrize("name", ["applicationId", "applicantName", "approvedAmount", "annualRate", "termMonths"])
def test_a_missing_fact_is_refused_by_name(name):
    with pytest.raises(FactError) as refused:
        approved_application({key: value for key, value in FACTS.items() if key != name})

    assert refused.value.name == name
    assert name in refused.value.message.zh
    assert name in refused.value.message.en


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("approvedAmount", 0),
        ("approvedAmount", -1),
        ("approvedAmount", "18000.005"),
        ("approvedAmount", True),
        ("approvedAmount", "Infinity"),
        ("approvedAmount", 18000.5),
        ("annualRate", "12%"),
        ("annualRate", Decimal("NaN")),
        ("termMonths", 0),
        ("termMonths", "12.5"),
        ("termMonths", [12]),
        ("applicantName", "  "),
        ("applicantName", 7),
        ("repaymentMethod", "balloon"),
    ],
)
def test_a_fact_that_is_not_what_its_name_says_is_refused(name, value):
    with pytest.raises(FactError) as refused:
        approved_application({**FACTS, name: value})

    assert refused.value.name == name


def test_a_refusal_does_not_repeat_personal_data():
    with pytest.raises(FactError) as refused:
        approved_application({**FACTS, "idNumber": {"secret": "110101199003070011"}})

    assert "110101199003070011" not in str(refused.value)
