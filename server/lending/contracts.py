"""Contracts: the offer in writing, with its schedule and the annual rate that the borrower must be told.

The text is rendered once from a template and kept under its hash; what was offered can be shown word for word years
later. Making the contract of the same terms again finds the first one. Templates are ours, the facts in them are
not: every value is escaped, and a value that is missing is an error, never an empty place.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from server.amortisation.annual_rate import AnnualRate, annual_rate_of
from server.amortisation.loan_terms import RepaymentMethod
from server.amortisation.schedule import Schedule, repayment_schedule
from server.lending.application_facts import ApprovedApplication
from server.lending.loans import Contract
from server.lending.refusals import NoSuchContractError
from server.store.database import encode_json
from server.store.keys import keys

TEMPLATE = "personal-loan-1"
"""The template in force; a changed text is a new template with a new number, because contracts name theirs."""

_METHODS: Mapping[RepaymentMethod, str] = {
    RepaymentMethod.EQUAL_INSTALMENTS: "等额本息",
    RepaymentMethod.EQUAL_PRINCIPAL: "等额本金",
    RepaymentMethod.FLAT: "等本等息",
    RepaymentMethod.INTEREST_FIRST: "先息后本",
    RepaymentMethod.SINGLE_PAYMENT: "到期一次还本付息",
}


@dataclass(frozen=True, slots=True)
class PayoutAccount:
    """Where the borrower wants the money."""

    bank_name: str | None
    bank_card_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    """A contract as it is kept; ``content_hash`` is the SHA-256 of ``content`` in UTF-8, hexadecimal."""

    key: int
    contract_number: str
    application_id: str
    template: str
    terms: Mapping[str, Any]
    annual_rate_simple: Decimal
    annual_rate_compound: Decimal
    content: str
    content_hash: str
    process_instance_key: int | None
    created_at: dt.datetime


def make_contract(
    connection: Connection,
    application: ApprovedApplication,
    account: PayoutAccount,
    *,
    process_instance_key: int | None,
    now: dt.datetime,
    today: dt.date,
) -> ContractRecord:
    """The contract of an approved application, made today unless the same terms were put in writing before.

    Raises :class:`~server.amortisation.errors.TermsError` for terms that make no loan.
    """
    agreed = _agreed(application, account)
    terms_hash = _digest(encode_json(agreed))
    known = _by_terms(connection, application.application_id, terms_hash)
    if known is not None:
        return known
    schedule = repayment_schedule(application.terms(today))
    rate = annual_rate_of(schedule)
    key = keys.next(connection)
    number = f"HT{today:%Y%m%d}-{key}"
    terms = agreed | {"contractDate": today.isoformat()}
    content = render(number, terms, schedule, rate)
    connection.execute(
        insert(Contract)
        .values(
            key=key,
            contract_number=number,
            application_id=application.application_id,
            template=TEMPLATE,
            terms=terms,
            terms_hash=terms_hash,
            annual_rate_simple=rate.simple,
            annual_rate_compound=rate.compound,
            content=content,
            content_hash=_digest(content),
            process_instance_key=process_instance_key,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["application_id", "terms_hash"])
    )
    made = _by_terms(connection, application.application_id, terms_hash)
    assert made is not None
    return made


def contract_record(connection: Connection, contract_number: str) -> ContractRecord:
    """The contract with this number. Raises :class:`NoSuchContractError`."""
    row = connection.execute(select(*_COLUMNS).where(Contract.contract_number == contract_number)).one_or_none()
    if row is None:
        raise NoSuchContractError(contract_number)
    return _record(row)


def render(number: str, terms: Mapping[str, Any], schedule: Schedule, rate: AnnualRate) -> str:
    """The text of a contract as an HTML document."""
    method = _METHODS[RepaymentMethod(terms["method"])]
    template = _environment.get_template(f"{TEMPLATE}.html")
    return template.render(number=number, terms=terms, schedule=schedule, rate=rate, method=method)


def _agreed(application: ApprovedApplication, account: PayoutAccount) -> dict[str, Any]:
    """What the parties agree on, and what makes a contract another one where it changes."""
    return {
        "applicationId": application.application_id,
        "applicantName": application.applicant_name,
        "idNumber": application.id_number,
        "mobile": application.mobile,
        "product": application.product,
        "principal": application.amount,
        "annualRate": application.annual_rate.normalize(),
        "periods": application.periods,
        "method": application.method,
        "bankName": account.bank_name,
        "bankCardNumber": account.bank_card_number,
    }


def _by_terms(connection: Connection, application_id: str, terms_hash: str) -> ContractRecord | None:
    row = connection.execute(
        select(*_COLUMNS).where(Contract.application_id == application_id, Contract.terms_hash == terms_hash)
    ).one_or_none()
    return None if row is None else _record(row)


_COLUMNS = [getattr(Contract, name) for name in ContractRecord.__dataclass_fields__]


def _record(row: Row[Any]) -> ContractRecord:
    return ContractRecord(**row._mapping)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _money(amount: Decimal) -> str:
    return f"{Decimal(amount):,.2f}"


def _exact_percent(factor: Decimal) -> str:
    """An agreed rate, which is never rounded: 0.07125 is 7.125%, with two decimals at least."""
    percent = (Decimal(factor) * 100).normalize()
    decimals = max(2, -int(percent.as_tuple().exponent))
    return f"{percent:.{decimals}f}%"


def _percent(factor: Decimal) -> str:
    """A rate that was worked out, with two decimals: 0.120001 is 12.00%."""
    return f"{Decimal(factor) * 100:.2f}%"


_environment = SandboxedEnvironment(
    loader=PackageLoader("server.lending"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.filters.update(money=_money, percent=_percent, exact_percent=_exact_percent)
