"""Field types: which values each accepts, and how it keeps them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.forms.chinese_kinds import ChinesePhone, ResidentId
from server.forms.errors import ValueRefusedError
from server.forms.kinds import (
    Checkbox,
    Date,
    DateAndTime,
    Files,
    Kind,
    MultipleChoice,
    Number,
    SingleChoice,
    Text,
    Time,
    plain,
    read_decimal,
)
from server.forms.wording import FieldName

NAME = FieldName("字段")
MONEY = Number(decimal_digits=2, currency="CNY")
STEPS = Number(increment=Decimal("0.05"))


@pytest.mark.parametrize(
    ("kind", "raw", "kept"),
    [
        (Text(), "a\nb", "a b"),
        (Text(lines=True), "a\nb", "a\nb"),
        (Text(), 12, "12"),
        (Text(), None, ""),
        (Number(), 3, Decimal(3)),
        (Number(), "3.10", Decimal("3.1")),
        (Number(), 0.1, Decimal("0.1")),
        (Number(), "", None),
        (Number(as_text=True), "3.10", "3.1"),
        (Number(as_text=True), Decimal("1E+3"), "1000"),
        (Number(decimal_digits=0), Decimal("5.00"), Decimal(5)),
        (STEPS, "0.15", Decimal("0.15")),
        (MONEY, "1234.5", Decimal("1234.5")),
        (Checkbox(), True, True),
        (Checkbox(), None, False),
        (SingleChoice(), {"code": 1}, {"code": 1}),
        (MultipleChoice(), None, []),
        (MultipleChoice(), [1, True], [1, True]),
        (Date(), "2028-02-29", "2028-02-29"),
        (Time(), "23:59", "23:59"),
        (Time(), "09:30+08:00", "09:30+08:00"),
        (DateAndTime(), "2026-01-31T09:30:15.123456789Z", "2026-01-31T09:30:15.123456789Z"),
        (Files(), "files::1", "files::1"),
        (Files(multiple=True), ["a", {"documentId": "b"}], ["a", {"documentId": "b"}]),
        (ResidentId(), " 11010519491231002x ", "11010519491231002X"),
        (ResidentId(), "810000199408230021", "810000199408230021"),  # a residence permit for Hong Kong
        (ChinesePhone(), "+86 138-0013-8000", "13800138000"),
        (ChinesePhone(), 13800138000, "13800138000"),
        (ChinesePhone(), "8613800138000", "13800138000"),
        (ChinesePhone(landline=True), "（010）6234 5678", "01062345678"),
        (ChinesePhone(landline=True), "0755-8234567", "07558234567"),
        (ChinesePhone(landline=True), "400-800-1234", "4008001234"),
    ],
)
def test_accepts(kind: Kind, raw: object, kept: object) -> None:
    read = kind.read(raw, NAME)
    assert read == kept
    assert type(read) is type(kept)


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (Text(), ["a"], "type"),
        (Text(), True, "type"),
        (Number(), "12a", "type"),
        (Number(), "0x10", "type"),
        (Number(), True, "type"),
        (Number(), float("nan"), "type"),
        (Number(), "1e999", "type"),
        (Number(), "1" * 40, "type"),
        (Number(decimal_digits=0), "5.5", "decimal-digits"),
        (STEPS, "0.12", "increment"),
        (MONEY, "1.005", "decimal-digits"),
        (MONEY, "1,000", "type"),
        (Checkbox(), "true", "type"),
        (Checkbox(), 1, "type"),
        (SingleChoice(), ["a"], "type"),
        (MultipleChoice(), "a", "type"),
        (MultipleChoice(), ["a", "a"], "option-twice"),
        (Date(), "2026-02-29", "type"),
        (Date(), "2026-1-1", "type"),
        (Date(), "2026-01-01T00:00", "type"),
        (Time(), "25:00", "type"),
        (Time(), "9:30", "type"),
        (DateAndTime(), "2026-01-01", "type"),
        (DateAndTime(), "2026-01-01T24:01", "type"),
        (Files(), ["a", "b"], "one-file"),
        (Files(multiple=True), [1], "type"),
        (ResidentId(), "110105194912310021", "resident-id"),  # check digit
        (ResidentId(), "11010519491231002", "resident-id"),  # length
        (ResidentId(), "110105194902300024", "resident-id"),  # 30 February
        (ResidentId(), "990000199408230027", "resident-id"),
        (ChinesePhone(), "12800138000", "phone-cn"),
        (ChinesePhone(), "01062345678", "phone-cn"),
        (ChinesePhone(), "1380013800", "phone-cn"),
    ],
)
def test_refuses_with_the_fields_name(kind: Kind, raw: object, code: str) -> None:
    with pytest.raises(ValueRefusedError) as caught:
        kind.read(raw, NAME)
    message = caught.value.message
    assert message.code == f"form.{code}"
    assert "“字段”" in message.zh
    assert "'字段'" in message.en


@pytest.mark.parametrize(
    ("raw", "below", "above"), [("0.12", "0.1", "0.15"), ("-0.12", "-0.15", "-0.1"), ("0.01", "0", "0.05")]
)
def test_an_off_step_number_is_told_its_neighbours(raw: str, below: str, above: str) -> None:
    with pytest.raises(ValueRefusedError) as caught:
        STEPS.read(raw, NAME)
    assert f"the nearest are {below} and {above}" in caught.value.message.en


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_a_number_written_plainly_reads_back_exactly(number: Decimal) -> None:
    assert read_decimal(plain(number)) == number


@given(st.integers(min_value=0, max_value=16), st.sampled_from("0123456789"))
def test_one_wrong_digit_in_a_resident_id_is_always_noticed(place: int, digit: str) -> None:
    sound = "110105194912310029"[:17]
    number = ResidentId().read("11010519491231002X", NAME)
    changed = sound[:place] + digit + sound[place + 1 :] + number[-1]
    if changed == number:
        return
    with pytest.raises(ValueRefusedError):
        ResidentId().read(changed, NAME)
