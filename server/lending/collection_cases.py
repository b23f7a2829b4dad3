"""Collection cases: one process instance ``collection`` follows each instalment from its reminder to its end.

A case is opened in the transaction that books the loan, and its key is kept with the instalment: however often the
booking is repeated, an instalment has one case. A repayment is published as the message ``payment-received`` in the
transaction that records it, under the loan's id and the instalment's number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, update

from server.lending.allocation import OutstandingInstalment
from server.lending.loan_book import InstalmentAccount, LoanAccount
from server.lending.loans import LoanInstalment
from server.runtime import instances, messages

PROCESS_ID = "collection"
PAYMENT_MESSAGE = "payment-received"
# A case that is between two waits takes the message when it waits again.
MESSAGE_KEPT = dt.timedelta(days=1)


def correlation_key(loan_id: str, number: int) -> str:
    """Under which key the case of an instalment waits for its payment."""
    return f"{loan_id}-{number}"


def open_cases(
    connection: Connection, loan: LoanAccount, *, actor: str, strategy: str | None, contact_channel: str | None
) -> None:
    """Open the case of every instalment that has none.

    Needs the connection of :func:`server.lending.one_transaction.one_transaction`, so that the cases begin with
    the loan or not at all.
    """
    for instalment in loan.instalments:
        if instalment.collection_key is not None:
            continue
        started = instances.start(
            actor=actor,
            process_id=PROCESS_ID,
            variables=_variables(loan, instalment, strategy, contact_channel),
            business_id=correlation_key(loan.loan_id, instalment.number),
        )
        connection.execute(
            update(LoanInstalment)
            .where(LoanInstalment.loan_key == loan.key, LoanInstalment.number == instalment.number)
            .values(collection_key=started.key)
        )


def announce_payment(
    loan: LoanAccount,
    reached: Sequence[OutstandingInstalment],
    *,
    repayment_key: str,
    actor: str,
) -> None:
    """Tell the cases of the instalments that a repayment reached what is still owed of each.

    Within :func:`server.lending.one_transaction.one_transaction` the messages are published with the repayment or
    not at all.
    """
    followed = {each.number for each in loan.instalments if each.collection_key is not None}
    for each in reached:
        if each.number not in followed:
            continue
        messages.publish(
            name=PAYMENT_MESSAGE,
            correlation_key=correlation_key(loan.loan_id, each.number),
            time_to_live=MESSAGE_KEPT,
            message_id=repayment_key,
            variables=_news(each),
            actor=actor,
        )


def _news(instalment: OutstandingInstalment) -> dict[str, Any]:
    """The message's variables: reminders that follow a partial payment name what is left of the amount."""
    owed = instalment.total
    return {"outstanding": owed, **({"amount": owed} if owed > 0 else {})}


def _variables(
    loan: LoanAccount, instalment: InstalmentAccount, strategy: str | None, contact_channel: str | None
) -> dict[str, Any]:
    chosen = {"strategy": strategy, "contactChannel": contact_channel}
    return {
        "loanId": loan.loan_id,
        "instalment": instalment.number,
        "dueDate": instalment.due_date.isoformat(),
        "amount": instalment.due,
        "customerName": loan.customer_name,
        "mobile": loan.mobile,
        **{name: value for name, value in chosen.items() if value is not None},
    }
