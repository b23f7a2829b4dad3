"""A loan is booked with its collection cases or not at all; this installation has no collection process."""

from __future__ import annotations

from server.jobs.handlers import JobFailure
from server.lending.loan_book import loan_of_application
from server.store.database import transaction


def test_without_a_collection_process_no_loan_is_booked_and_the_job_is_an_incident(here, facts):
    failure = here.run("loan-book", {**facts, "payout": {"status": "SETTLED", "paymentId": "P-9"}})

    assert isinstance(failure, JobFailure)
    assert failure.retries == 0
    assert "collection" in failure.message.zh and "collection" in failure.message.en
    with transaction() as connection:
        assert loan_of_application(connection, facts["applicationId"]) is None
