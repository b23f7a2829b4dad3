"""Loans: found, shown with their schedule, and repaid; and the contracts they rest on.

Who may see the case of a loan (the one it was applied for in, or one that collects it) may see the loan. Recording
a repayment tells the cases of its instalments by a message, and asks for the permission to publish one.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy import Connection

from server.identity.visibility import seen_of_instances
from server.lending.business_day import business_date
from server.lending.contracts import contract_record
from server.lending.loan_book import InstalmentAccount, loan_account
from server.lending.refusals import NoSuchContractError, NoSuchLoanError
from server.lending.repayments import Receipt, RecordedRepayment, record_repayment, repayments_of
from server.runtime.instant import now
from server.store.database import fetch, transaction
from server.store.search import Condition, Source

from .authorization import permission, principal
from .exact_json import answer
from .fields import Instant, Key, Listed, Part, Text, Variables, Whole, always, document, maybe, wrong
from .resource import Resource
from .search import by_instant, by_key, by_text, by_whole, by_word, find, page_of, search_request

loans = Resource("Loan", description="Loans with their repayment schedules, repayments and contracts.")

LARGEST_AMOUNT = 10**12


class Amount(ma.fields.Field[Decimal]):
    """An amount of money or a rate: a JSON number, read and written digit for digit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "number", **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= LARGEST_AMOUNT:
            raise wrong(
                "amount",
                f"应为大于 0、不超过 {LARGEST_AMOUNT} 的数字。",
                f"This must be a number above 0 and at most {LARGEST_AMOUNT}.",
            )
        return Decimal(value)


class Day(ma.fields.Field[dt.date]):
    """A date."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.date:
        try:
            if isinstance(value, str):
                return dt.date.fromisoformat(value)
        except ValueError:
            pass
        raise wrong("day", "应为日期，如 2026-01-31。", "This must be a date such as 2026-01-31.")


_LOAN = always(
    {
        "loanId": Text(),
        "applicationId": Text(),
        "contractNumber": maybe(Text()),
        "customerName": Text(),
        "product": maybe(Text()),
        "currency": Text(),
        "principal": Amount(),
        "annualRate": Amount(metadata={"description": "The agreed rate as a factor: 0.072 is 7.2%"}),
        "annualRateSimple": Amount(metadata={"description": "What it costs, fees included (IRR, not compounded)"}),
        "annualRateCompound": Amount(metadata={"description": "What it costs, fees included (IRR, compounded)"}),
        "repaymentMethod": Text(),
        "periods": Whole(),
        "disbursedOn": Day(),
        "state": Text(metadata={"enum": ["ACTIVE", "OVERDUE", "SETTLED"]}),
        "settledOn": maybe(Day()),
        "watchListedOn": maybe(Day()),
        "watchReason": maybe(Text()),
        "processInstanceKey": maybe(Key()),
        "bookedAt": Instant(),
    }
)
LoanResult = document("Loan", _LOAN)
InstalmentResult = document(
    "Instalment",
    always(
        {
            "number": Whole(),
            "dueDate": Day(),
            "principal": Amount(),
            "interest": Amount(),
            "fees": Amount(),
            "due": Amount(),
            "paid": Amount(),
            "outstanding": Amount(),
            "balance": Amount(metadata={"description": "The principal owed after it"}),
            "state": Text(metadata={"enum": ["SCHEDULED", "PARTLY_PAID", "OVERDUE", "SETTLED"]}),
            "overdueOn": maybe(Day()),
            "settledOn": maybe(Day()),
            "processInstanceKey": maybe(Key(metadata={"description": "The collection case that follows it"})),
        }
    ),
)
PartResult = document(
    "RepaymentPart",
    always(
        {
            "instalment": Whole(),
            "component": Text(metadata={"enum": ["fees", "penalty", "interest", "principal"]}),
            "amount": Amount(),
        }
    ),
)
RepaymentResult = document(
    "Repayment",
    always(
        {
            "repaymentKey": Text(),
            "amount": Amount(),
            "receivedOn": Day(),
            "payer": maybe(Text()),
            "reference": maybe(Text()),
            "allocation": Listed(Part(PartResult)),
            "unallocated": Amount(metadata={"description": "What went beyond everything owed"}),
            "recordedAt": Instant(),
            "recordedBy": Text(),
        }
    ),
)
LoanWithSchedule = document(
    "LoanWithSchedule",
    {
        **_LOAN,
        **always(
            {
                "outstandingPrincipal": Amount(),
                "outstanding": Amount(),
                "overpaid": Amount(),
                "daysPastDue": Whole(),
                "schedule": Listed(Part(InstalmentResult)),
                "repayments": Listed(Part(RepaymentResult)),
            }
        ),
    },
)
ContractResult = document(
    "Contract",
    always(
        {
            "contractNumber": Text(),
            "applicationId": Text(),
            "template": Text(),
            "terms": Variables(),
            "annualRateSimple": Amount(),
            "annualRateCompound": Amount(),
            "content": Text(metadata={"description": "The contract's text as an HTML document"}),
            "contentHash": Text(metadata={"description": "SHA-256 of the content in UTF-8"}),
            "createdAt": Instant(),
        }
    ),
)
NewRepayment = document(
    "RepaymentRecording",
    {
        "repaymentKey": Text(
            required=True,
            shortest=1,
            longest=200,
            metadata={"description": "The payer's or bank's own key: the same money is never counted twice"},
        ),
        "amount": Amount(required=True, metadata={"exclusiveMinimum": 0, "maximum": LARGEST_AMOUNT}),
        "receivedOn": Day(),
        "payer": Text(longest=200),
        "reference": Text(longest=1000),
    },
)

LOANS = Source(
    kind=("贷款", "loan"),
    rows="loan l",
    columns="l.*",
    key="l.key",
    fields={
        "loanId": "text l.loan_id",
        "applicationId": "text l.application_id",
        "contractNumber": "text? l.contract_number",
        "customerName": "text l.customer_name",
        "product": "text? l.product",
        "state": "word l.state",
        "periods": "whole l.periods",
        "bookedAt": "instant l.booked_at",
        "processInstanceKey": "key? l.process_instance_key",
    },
)
LoanPage = page_of("Loan", LoanResult)
LoanSearch = search_request(
    "Loan",
    {
        "loanId": by_text(),
        "applicationId": by_text(),
        "contractNumber": by_text(),
        "customerName": by_text(),
        "product": by_text(),
        "state": by_word("ACTIVE", "OVERDUE", "SETTLED"),
        "periods": by_whole(),
        "bookedAt": by_instant(),
        "processInstanceKey": by_key(),
    },
    tuple(LOANS.fields),
)


@loans.route("/loans/search", methods=["POST"])
@permission("process-instance", "read")
@loans.arguments(LoanSearch, required=False)
@loans.response(200, LoanPage)
def search_loans(body: dict[str, Any]) -> Response:
    """Find loans"""
    return find(LOANS, body, loan_document, _seen())


@loans.route("/loans/<string:loan_id>", methods=["GET"])
@permission("process-instance", "read")
@loans.response(200, LoanWithSchedule)
def get_loan(loan_id: str) -> Response:
    """Get a loan with its repayment schedule and its repayments"""
    with transaction() as connection:
        if not _is_seen(connection, loan_id):
            raise NoSuchLoanError(loan_id)
        loan = loan_account(connection, loan_id)
        repayments = repayments_of(connection, loan)
        today = business_date(now(connection))
    return answer(
        {
            **loan_document(loan),
            "outstandingPrincipal": loan.outstanding_principal,
            "outstanding": loan.outstanding_total,
            "overpaid": loan.overpaid,
            "daysPastDue": loan.days_past_due(today),
            "schedule": [_instalment_document(each) for each in loan.instalments],
            "repayments": [_repayment_document(each) for each in repayments],
        }
    )


@loans.route("/loans/<string:loan_id>/repayments", methods=["POST"])
@permission("message", "publish")
@loans.arguments(NewRepayment)
@loans.response(201, RepaymentResult)
def create_repayment(body: dict[str, Any], loan_id: str) -> Response:
    """Record a repayment of a loan; the same repayment key again is answered with the first record"""
    receipt = Receipt(
        repayment_key=body["repaymentKey"],
        amount=body["amount"],
        received_on=body.get("receivedOn"),
        payer=body.get("payer"),
        reference=body.get("reference"),
    )
    return answer(_repayment_document(record_repayment(loan_id, receipt, actor=principal().name)), 201)


@loans.route("/contracts/<string:contract_number>", methods=["GET"])
@permission("process-instance", "read")
@loans.response(200, ContractResult)
def get_contract(contract_number: str) -> Response:
    """Get a contract with its text"""
    with transaction() as connection:
        contract = contract_record(connection, contract_number)
        if not _sees_case(connection, contract.process_instance_key):
            raise NoSuchContractError(contract_number)
    return answer(
        {
            "contractNumber": contract.contract_number,
            "applicationId": contract.application_id,
            "template": contract.template,
            "terms": contract.terms,
            "annualRateSimple": contract.annual_rate_simple.normalize(),
            "annualRateCompound": contract.annual_rate_compound.normalize(),
            "content": contract.content,
            "contentHash": contract.content_hash,
            "createdAt": contract.created_at,
        }
    )


def loan_document(loan: Any) -> dict[str, Any]:
    """A loan, as a row or an account, as the API shows one."""
    return {
        "loanId": loan.loan_id,
        "applicationId": loan.application_id,
        "contractNumber": loan.contract_number,
        "customerName": loan.customer_name,
        "product": loan.product,
        "currency": loan.currency,
        "principal": loan.principal,
        "annualRate": _factor(loan.annual_rate),
        "annualRateSimple": _factor(loan.annual_rate_simple),
        "annualRateCompound": _factor(loan.annual_rate_compound),
        "repaymentMethod": loan.method,
        "periods": loan.periods,
        "disbursedOn": loan.disbursed_on,
        "state": loan.state,
        "settledOn": loan.settled_on,
        "watchListedOn": loan.watch_listed_on,
        "watchReason": loan.watch_reason,
        "processInstanceKey": _key(loan.process_instance_key),
        "bookedAt": loan.booked_at,
    }


def _instalment_document(instalment: InstalmentAccount) -> dict[str, Any]:
    return {
        "number": instalment.number,
        "dueDate": instalment.due_date,
        "principal": instalment.principal,
        "interest": instalment.interest,
        "fees": instalment.fees,
        "due": instalment.due,
        "paid": instalment.paid,
        "outstanding": instalment.outstanding.total,
        "balance": instalment.balance,
        "state": instalment.state,
        "overdueOn": instalment.overdue_on,
        "settledOn": instalment.settled_on,
        "processInstanceKey": _key(instalment.collection_key),
    }


def _repayment_document(repayment: RecordedRepayment) -> dict[str, Any]:
    return {
        "repaymentKey": repayment.repayment_key,
        "amount": repayment.amount,
        "receivedOn": repayment.received_on,
        "payer": repayment.payer,
        "reference": repayment.reference,
        "allocation": [
            {"instalment": part.instalment, "component": part.component, "amount": part.amount}
            for part in repayment.parts
        ],
        "unallocated": repayment.unallocated,
        "recordedAt": repayment.recorded_at,
        "recordedBy": repayment.recorded_by,
    }


def _seen() -> Condition | None:
    """Loans whose application's case, or whose collection case of any instalment, the principal may see."""
    applied = seen_of_instances(principal(), "process-instance", "l.process_instance_key")
    collected = seen_of_instances(principal(), "process-instance", "n.collection_key")
    if applied is None or collected is None:
        return None
    of_an_instalment = f"SELECT 1 FROM loan_instalment n WHERE n.loan_key = l.key AND {collected.sql}"  # noqa: S608
    return Condition(f"({applied.sql} OR EXISTS ({of_an_instalment}))", {**applied.parameters, **collected.parameters})


def _is_seen(connection: Connection, loan_id: str) -> bool:
    scope = _seen()
    if scope is None:
        return True
    statement = f"SELECT 1 FROM loan l WHERE l.loan_id = %(loan)s AND {scope.sql}"  # noqa: S608 - our own condition
    return bool(fetch(connection, statement, {**scope.parameters, "loan": loan_id}))


def _sees_case(connection: Connection, instance_key: int | None) -> bool:
    scope = seen_of_instances(principal(), "process-instance", "%(case)s::bigint")
    if scope is None:
        return True
    return bool(fetch(connection, f"SELECT 1 WHERE {scope.sql}", {**scope.parameters, "case": instance_key}))


def _factor(rate: Decimal) -> Decimal:
    """A rate without the zeros that the column adds."""
    return rate.normalize()


def _key(key: int | None) -> str | None:
    return None if key is None else str(key)
