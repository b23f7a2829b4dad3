"""Contracts on a real database: rendered once, kept under their hash, safe from what applicants type."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from dataclasses import replace
from decimal import Decimal

import pytest

from server.amortisation.errors import TermsError
from server.amortisation.loan_terms import RepaymentMethod
from server.lending.contracts import PayoutAccount, make_contract
from server.store.database import transaction

from .conftest import NOW

ACCOUNT = PayoutAccount("招商银行", "6225880123456789")


@pytest.fixture
def make(app):
    def made(application, account=ACCOUNT, today=dt.date(2026, 11, 2)):
        with transaction() as connection:
            return make_contract(connection, application, account, process_instance_key=7, now=NOW, today=today)

    return made


def test_a_contract_says_what_was_agreed(make, application):
    contract = make(application)

    for said in (
        contract.contract_number,
        "王芳",
        "110101199003070011",
        "人民币 12,000.00 元",
        "等额本息",
        "12.00%",
        "年化利率（单利）12.00%",
        "按复利计为 12.68%",
        "招商银行",
        "2027-11-02",
        "1,066.19",
    ):
        assert said in contract.content


def test_a_flat_loan_is_offered_with_what_it_costs_not_with_its_quote(make, application):
    contract = make(replace(application, method=RepaymentMethod.FLAT))

    assert "年化利率（单利）21.46%" in contract.content
    assert contract.annual_rate_simple == Decimal("0.214572")


def test_the_agreed_rate_is_not_rounded(make, application):
    contract = make(replace(application, annual_rate=Decimal("0.07125")))

    assert "合同利率（单利，年）：7.125%" in contract.content


def test_the_text_is_kept_under_its_hash(make, application):
    contract = make(application)

    assert contract.content_hash == hashlib.sha256(contract.content.encode()).hexdigest()


def test_the_same_terms_on_another_day_are_the_first_contract(make, application):
    assert make(application) == make(application, today=dt.date(2026, 11, 5))


def test_another_account_is_another_contract(make, application):
    first = make(application)
    second = make(application, account=PayoutAccount("工商银行", "6222020200112230"))

    assert first.contract_number != second.contract_number
    assert make(application) == first


def test_many_who_make_it_at_once_make_one(make, application, app):
    made = []

    def run():
        with app.app_context():
            made.append(make(application).contract_number)

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 6
    assert len(set(made)) == 1


def test_what_an_applicant_types_is_text_and_nothing_else(make, application):
    contract = make(replace(application, applicant_name='<script>alert("1")</script>{{ 7 * 191 }}{% raw %}'))

    assert "<script>" not in contract.content
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;{{ 7 * 191 }}{% raw %}" in contract.content
    assert "1337" not in contract.content


def test_terms_that_make_no_loan_make_no_contract(make, application):
    with pytest.raises(TermsError):
        make(replace(application, periods=5000))
