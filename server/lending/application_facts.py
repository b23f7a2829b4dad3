"""An approved application as the processes carry it: facts by name, read into types before money depends on them.

Variables come from forms, decisions and other systems. A fact that is missing or is not what its name says is
refused with its name, because a loan must not be booked on a guess.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from server.amortisation.loan_terms import LoanTerms, RepaymentMethod
from server.lending.errors import FactError

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedApplication:
    """What was approved for whom; ``annual_rate`` is a factor (0.12 is 12% a year)."""

    application_id: str
    applicant_name: str
    id_number: str | None
    mobile: str | None
    product: str | None
    amount: Decimal
    annual_rate: Decimal
    periods: int
    method: RepaymentMethod

    def terms(self, disbursed_on: dt.date) -> LoanTerms:
        """The loan's terms if it is paid out on ``disbursed_on``."""
        return LoanTerms(
            principal=self.amount,
            annual_rate=self.annual_rate,
            periods=self.periods,
            disbursed_on=disbursed_on,
            method=self.method,
        )


def approved_application(facts: Facts) -> ApprovedApplication:
    """The approved application in the variables of a case. Raises :class:`FactError` for the first bad one."""
    return ApprovedApplication(
        application_id=text_fact(facts, "applicationId"),
        applicant_name=text_fact(facts, "applicantName"),
        id_number=optional_text(facts, "idNumber"),
        mobile=optional_text(facts, "mobile"),
        product=optional_text(facts, "loanProduct"),
        amount=money_fact(facts, "approvedAmount"),
        annual_rate=number_fact(facts, "annualRate"),
        periods=whole_fact(facts, "termMonths"),
        method=_method(facts),
    )


def text_fact(facts: Facts, name: str) -> str:
    """A text that must be there and say something."""
    value = facts.get(name)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, value, "非空文本", "text that is not empty")
    return value


def optional_text(facts: Facts, name: str) -> str | None:
    """A text, or None where the fact is absent or null."""
    return None if facts.get(name) in (None, "") else text_fact(facts, name)


def number_fact(facts: Facts, name: str) -> Decimal:
    """A number, also where it is written as decimal text; binary fractions never occur."""
    value = facts.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise _wrong(name, value, "数字", "a number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _wrong(name, value, "数字", "a number") from None
    if not number.is_finite():
        raise _wrong(name, value, "数字", "a number")
    return number


def money_fact(facts: Facts, name: str) -> Decimal:
    """An amount above zero, in whole cents."""
    amount = number_fact(facts, name)
    if amount <= 0 or amount != round(amount, 2):
        raise _wrong(name, amount, "大于 0、至多两位小数的金额", "an amount above zero with at most two decimals")
    return round(amount, 2)


def whole_fact(facts: Facts, name: str) -> int:
    """A whole number, one or more; 12.0 is one as well."""
    number = number_fact(facts, name)
    if number < 1 or number != number.to_integral_value():
        raise _wrong(name, facts.get(name), "不小于 1 的整数", "a whole number, 1 or more")
    return int(number)


def object_fact(facts: Facts, name: str) -> Facts:
    """An object with facts of its own."""
    value = facts.get(name)
    if not isinstance(value, Mapping):
        raise _wrong(name, value, "对象", "an object")
    return value


def _method(facts: Facts) -> RepaymentMethod:
    value = text_fact(facts, "repaymentMethod")
    try:
        return RepaymentMethod(value)
    except ValueError:
        known = "、".join(RepaymentMethod)
        raise _wrong("repaymentMethod", value, f"以下之一：{known}", f"one of {', '.join(RepaymentMethod)}") from None


def _wrong(name: str, value: object, zh: str, en: str) -> FactError:
    # A fact may be personal data: the message never says what it holds.
    kind_zh, kind_en = ("缺失", "missing") if value is None else ("不可用", "unusable")
    return FactError(
        name,
        f"变量 {name} {kind_zh}，应为{zh}；请更正该变量后重试。",
        f"The variable {name} is {kind_en}; it must be {en}. Correct the variable and try again.",
    )
