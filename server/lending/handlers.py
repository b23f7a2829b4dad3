"""The built-in job handlers of the shipped processes, registered when this module is imported.

Handlers of the loan book always run here. Handlers that call another company's service run where the installation
has its address (``LENDLOOM_PAYMENT_URL`` and so on); without one, jobs of these types are left to workers outside.

What becomes of a job:

- A fact that is missing, a refusal by the loan book or by a service: an incident at once, because another try
  changes nothing until somebody corrects the cause.
- No usable answer: another try, with growing pauses, until the job's retries are used up.
- A payment whose result is unknown is no failure: the job completes with the status ``UNKNOWN``, and the process
  asks for the result. Only an order that certainly never left is tried again, under the same key.

A handler may run more than once for a job. The services are called under keys that make repetition harmless, and
the loan book is changed under natural keys in a transaction that is over before the job is completed: a job that is
repeated after a crash in between finds its own work and completes with it.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from server.jobs.handlers import Handler, JobContext, JobFailure, register, unregister
from server.lending import service_jobs
from server.lending.application_facts import (
    Facts,
    approved_application,
    object_fact,
    optional_text,
    text_fact,
    whole_fact,
)
from server.lending.bureau_client import BureauClient
from server.lending.business_day import business_date, instant_in
from server.lending.collection_cases import open_cases
from server.lending.contracts import PayoutAccount, make_contract
from server.lending.errors import ServiceUnavailableError
from server.lending.fraud_client import FraudClient
from server.lending.loan_book import (
    LoanAccount,
    Payout,
    add_to_watch_list,
    book_loan,
    confirm_settled,
    is_on_watch_list,
    mark_overdue,
)
from server.lending.notice_client import NoticeClient
from server.lending.one_transaction import one_transaction
from server.lending.payment_client import PaymentClient
from server.messages import LendloomError
from server.runtime.errors import Busy
from server.runtime.instant import now
from server.settings import Settings
from server.store.database import transaction

ACTOR = "loan-book"

Variables = dict[str, Any]


@dataclass(frozen=True)
class Outside:
    """The clients of the services whose addresses the settings name, each made when it is first needed."""

    settings: Settings

    @cached_property
    def payments(self) -> PaymentClient:
        """The payment service."""
        return PaymentClient(self.settings.payment_url or "")

    @cached_property
    def bureau(self) -> BureauClient:
        """The credit bureau."""
        return BureauClient(self.settings.bureau_url or "")

    @cached_property
    def fraud(self) -> FraudClient:
        """The fraud scan."""
        return FraudClient(self.settings.fraud_url or "")

    @cached_property
    def notices(self) -> NoticeClient:
        """The message service."""
        return NoticeClient(self.settings.message_url or "")


def register_handlers(settings: Settings) -> None:
    """Register the handlers of the loan book, and those of every service that has an address."""
    for job_type, handler in _LOAN_BOOK.items():
        register(job_type, _reporting(handler))
    outside = Outside(settings)
    for job_type, (address, call) in _SERVICES.items():
        if getattr(settings, address):
            register(job_type, _reporting(_to(outside, call)))
        else:
            unregister(job_type)


def _reporting(handler: Callable[[JobContext], Variables]) -> Handler:
    """The handler, with what it raises in the words that jobs understand."""

    def run(context: JobContext) -> Variables | JobFailure:
        try:
            return handler(context)
        except (ServiceUnavailableError, Busy) as error:
            return JobFailure(error.message)
        except LendloomError as error:
            return JobFailure(error.message, retries=0)

    return run


def _to(outside: Outside, call: Callable[[Outside, JobContext], Variables]) -> Callable[[JobContext], Variables]:
    return lambda context: call(outside, context)


# -- services ----------------------------------------------------------------------------------------------------


def _scan_for_fraud(outside: Outside, context: JobContext) -> Variables:
    id_number = optional_text(context.variables, "idNumber")
    with transaction() as connection:
        watch_listed = id_number is not None and is_on_watch_list(connection, id_number)
    return service_jobs.scan_for_fraud(outside.fraud, context.variables, watch_listed=watch_listed)


def _query_bureau(outside: Outside, context: JobContext) -> Variables:
    return service_jobs.query_bureau(outside.bureau, context.variables)


def _pay(outside: Outside, context: JobContext) -> Variables:
    return service_jobs.payout_of(service_jobs.pay(outside.payments, context.variables), _now())


def _query_payment(outside: Outside, context: JobContext) -> Variables:
    return service_jobs.payout_of(service_jobs.query_payment(outside.payments, context.variables), _now())


def _send_notice(outside: Outside, context: JobContext) -> Variables:
    return service_jobs.send_notice(outside.notices, context.variables, key=context.idempotency_key)


_SERVICES: Mapping[str, tuple[str, Callable[[Outside, JobContext], Variables]]] = {
    "fraud-scan": ("fraud_url", _scan_for_fraud),
    "bureau-query": ("bureau_url", _query_bureau),
    "payment-pay": ("payment_url", _pay),
    "payment-query": ("payment_url", _query_payment),
    "notice-send": ("message_url", _send_notice),
}
"""The setting with a service's address, and the handler, by job type."""


# -- the loan book -----------------------------------------------------------------------------------------------


def _make_contract(context: JobContext) -> Variables:
    facts = context.variables
    application = approved_application(facts)
    account = PayoutAccount(optional_text(facts, "bankName"), optional_text(facts, "bankCardNumber"))
    with transaction() as connection:
        instant = now(connection)
        contract = make_contract(
            connection,
            application,
            account,
            process_instance_key=context.job.root_key,
            now=instant,
            today=business_date(instant),
        )
    return {
        "contract": {
            "contractNumber": contract.contract_number,
            "template": contract.template,
            "contentHash": contract.content_hash,
            "annualRateSimple": contract.annual_rate_simple,
            "annualRateCompound": contract.annual_rate_compound,
            "contractDate": contract.terms["contractDate"],
        }
    }


def _book_loan(context: JobContext) -> Variables:
    facts = context.variables
    application = approved_application(facts)
    with one_transaction() as connection:
        instant = now(connection)
        loan = book_loan(
            connection,
            application,
            _payout(facts, instant),
            contract_number=_contract_number(facts),
            process_instance_key=context.job.root_key,
            now=instant,
        )
        open_cases(
            connection,
            loan,
            actor=ACTOR,
            strategy=optional_text(facts, "strategy"),
            contact_channel=optional_text(facts, "contactChannel"),
        )
    return {"loan": _loan_variable(loan)}


def _mark_overdue(context: JobContext) -> Variables:
    loan_id, number = _instalment(context.variables)
    with transaction() as connection:
        loan = mark_overdue(connection, loan_id, number, today=business_date(now(connection)))
    return {"loanState": loan.state, "overdueOn": _day(loan.instalment(number).overdue_on)}


def _mark_settled(context: JobContext) -> Variables:
    loan_id, number = _instalment(context.variables)
    with transaction() as connection:
        loan = confirm_settled(connection, loan_id, number)
    return {"loanState": loan.state, "settledOn": _day(loan.instalment(number).settled_on)}


def _add_to_watch_list(context: JobContext) -> Variables:
    loan_id = text_fact(context.variables, "loanId")
    with transaction() as connection:
        today = business_date(now(connection))
        loan = add_to_watch_list(connection, loan_id, reason=text_fact(context.variables, "reason"), today=today)
    return {"watchListedOn": _day(loan.watch_listed_on)}


_LOAN_BOOK: Mapping[str, Callable[[JobContext], Variables]] = {
    "contract-generate": _make_contract,
    "loan-book": _book_loan,
    "loan-mark-overdue": _mark_overdue,
    "loan-mark-settled": _mark_settled,
    "watch-list-add": _add_to_watch_list,
}


def _instalment(facts: Facts) -> tuple[str, int]:
    return text_fact(facts, "loanId"), whole_fact(facts, "instalment")


def _payout(facts: Facts, instant: dt.datetime) -> Payout:
    """The payout of a case; interest runs from the day on which it is known to have settled."""
    payout = object_fact(facts, "payout")
    settled_at = optional_text(payout, "settledAt")
    settled = instant_in(settled_at) if settled_at else instant
    return Payout(disbursed_on=business_date(settled), payment_id=optional_text(payout, "paymentId"))


def _contract_number(facts: Facts) -> str | None:
    return None if facts.get("contract") is None else optional_text(object_fact(facts, "contract"), "contractNumber")


def _loan_variable(loan: LoanAccount) -> Variables:
    return {
        "loanId": loan.loan_id,
        "contractNumber": loan.contract_number,
        "principal": loan.principal,
        "annualRate": loan.annual_rate.normalize(),
        "periods": len(loan.instalments),
        "disbursedOn": _day(loan.disbursed_on),
        "firstDueDate": _day(loan.instalments[0].due_date),
        "lastDueDate": _day(loan.instalments[-1].due_date),
        "totalDue": loan.outstanding_total,
    }


def _day(date: dt.date | None) -> str | None:
    """A date as a variable: text, as it is read again from the database."""
    return None if date is None else date.isoformat()


def _now() -> dt.datetime:
    with transaction() as connection:
        return now(connection)


register_handlers(Settings.from_environment(os.environ))
