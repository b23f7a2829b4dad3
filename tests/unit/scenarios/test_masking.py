"""Pseudonyms: nobody is recognised, equal stays equal, and what was valid stays valid."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from server.scenarios.masking import Masking

CUSTOMER = {
    "applicantName": "王芳",
    "idNumber": "11010519491231002X",
    "mobile": "13800138000",
    "card": {"cardNumber": "6225880123456788"},
    "residenceAddress": "北京市朝阳区建国路 1 号",
    "email": "wang@example.cn",
    "comment": "王芳本人接听",
}


def masked(value: object) -> object:
    masking = Masking()
    masking.learn(value)
    return masking.masked(value)


def test_nothing_of_the_customer_is_left_and_the_rest_is_untouched() -> None:
    rest = {"amount": 50000, "bankName": "招商银行", "loanId": "L-1", "flag": True, "none": None}
    found = masked({**CUSTOMER, **rest})

    assert isinstance(found, dict)
    assert {name: found[name] for name in rest} == rest
    assert found["applicantName"] == "客户甲"
    assert found["comment"] == "（已遮盖）"
    for value in ("王芳", "11010519491231002X", "13800138000", "6225880123456788", "建国路", "wang@"):
        assert value not in str(found)


def test_equal_values_stay_equal_and_are_replaced_inside_texts() -> None:
    masking = Masking()
    masking.learn({"applicantName": "王芳", "spouseName": "李强", "payment": {"remark2": "付王芳"}})

    assert masking.masked({"accountName": "王芳", "remark": "贷款发放 王芳 A-1"}) == {
        "accountName": "客户甲",
        "remark": "贷款发放 客户甲 A-1",
    }
    assert masking.masked("李强") == "客户乙"


def test_numbers_inside_longer_texts_are_found() -> None:
    assert "13800138000" not in str(masked({"reason": "请致电13800138000"}))
    assert "11010519491231002X" not in str(masked(["身份证11010519491231002X无效"]))


@given(
    st.dates(min_value=dt.date(1930, 1, 1), max_value=dt.date(2010, 12, 31)),
    st.integers(0, 999),
)
def test_an_identity_number_stays_valid_with_birth_month_and_sex(born: dt.date, sequence: int) -> None:
    body = f"310115{born:%Y%m%d}{sequence:03d}"
    number = body + ric.calc_check_digit(body + "0")

    found = masked({"idNumber": number})

    assert isinstance(found, dict)
    pseudonym = found["idNumber"]
    assert ric.is_valid(pseudonym) and pseudonym != number
    assert pseudonym[6:12] == number[6:12]
    assert int(pseudonym[16]) % 2 == int(number[16]) % 2


@given(st.from_regex(r"62[0-9]{14,16}", fullmatch=True))
def test_a_card_passes_its_check_exactly_where_it_did(number: str) -> None:
    found = masked({"bankCardNumber": number})

    assert isinstance(found, dict)
    pseudonym = found["bankCardNumber"]
    assert len(pseudonym) == len(number) and pseudonym[:6] == number[:6]
    assert luhn.is_valid(pseudonym) == luhn.is_valid(number)


def test_a_wrong_identity_number_stays_wrong() -> None:
    found = masked({"idNumber": "110105194912310021"})

    assert isinstance(found, dict)
    assert not ric.is_valid(found["idNumber"])


@pytest.mark.parametrize("number", [1, 10, 11, 120])
def test_every_customer_has_a_name_of_his_own(number: int) -> None:
    masking = Masking()
    for each in range(number):
        masking.learn({"customerName": f"N{each:04d}"})

    assert len({masking.masked(f"N{each:04d}") for each in range(number)}) == number


def test_what_stands_in_the_model_is_kept() -> None:
    masking = Masking(keep=lambda text: text == "zhang.wei")

    assert masking.person("zhang.wei") == "zhang.wei"
    assert masking.person("li.na") == masking.person("li.na") == "person-1"
