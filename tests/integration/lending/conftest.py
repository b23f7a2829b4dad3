"""What the tests of the loan book share: an approved application, a deployed collection process, a moved clock."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from server.amortisation.loan_terms import RepaymentMethod
from server.jobs import handlers as registry
from server.jobs.activation import ActivatedJob
from server.jobs.handlers import JobContext
from server.lending.application_facts import ApprovedApplication
from server.lending.collection_cases import open_cases
from server.lending.handlers import register_handlers
from server.lending.loan_book import LoanAccount, Payout, book_loan
from server.lending.one_transaction import one_transaction
from server.runtime import background
from server.runtime.deployments import deploy_paths
from server.settings import Profile, Settings
from server.store.database import transaction

REPOSITORY = Path(__file__).resolve().parents[3]
CHINA = dt.timezone(dt.timedelta(hours=8))
PAID_OUT = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 10, 0, tzinfo=CHINA)

_numbers = itertools.count(1)
_keys = itertools.count(1)
GOOD_CUSTOMER = "110101199003070011"


@pytest.fixture
def application() -> ApprovedApplication:
    """An application that nobody else has: 12,000 yuan over twelve months at 12% a year."""
    return ApprovedApplication(
        application_id=f"A-2026-{next(_numbers):04}",
        applicant_name="王芳",
        id_number="110101199003070011",
        mobile="13800138000",
        product="consumer",
        amount=Decimal("12000.00"),
        annual_rate=Decimal("0.12"),
        periods=12,
        method=RepaymentMethod.EQUAL_INSTALMENTS,
    )


@pytest.fixture
def pin(app: Flask) -> Iterator[Callable[[dt.datetime], None]]:
    """Move the clock of the installation; it runs free again after the test."""

    def at(instant: dt.datetime) -> None:
        with transaction() as connection:
            connection.execute(text("DELETE FROM pinned_clock"))
            connection.execute(text("INSERT INTO pinned_clock (key, instant) VALUES (1, :at)"), {"at": instant})

    yield at
    with transaction() as connection:
        connection.execute(text("DELETE FROM pinned_clock"))


@pytest.fixture
def book(app: Flask, pin: Callable[[dt.datetime], None]) -> Callable[..., LoanAccount]:
    """Book the loan of an application on the second of November 2026, which is then today."""
    pin(NOW)

    def booked(application: ApprovedApplication, **changes: object) -> LoanAccount:
        with transaction() as connection:
            return book_loan(
                connection,
                replace(application, **changes),
                Payout(disbursed_on=PAID_OUT, payment_id="P-1"),
                contract_number=None,
                process_instance_key=None,
                now=NOW,
            )

    return booked


@pytest.fixture(scope="module")
def collection(app: Flask) -> None:
    """The shipped collection process with its decisions and forms is deployed."""
    paths = [
        REPOSITORY / "processes/collection.bpmn",
        *sorted((REPOSITORY / "dmn").glob("*.dmn")),
        *sorted((REPOSITORY / "forms").glob("*.form")),
    ]
    deploy_paths(paths, actor="tests")


@pytest.fixture
def followed(book: Callable[..., LoanAccount], collection: None) -> Callable[..., LoanAccount]:
    """Book a loan and open the case of every instalment."""

    def booked(application: ApprovedApplication, **changes: object) -> LoanAccount:
        loan = book(application, **changes)
        with one_transaction() as connection:
            open_cases(connection, loan, actor="tests", strategy=None, contact_channel=None)
        return loan

    return booked


@pytest.fixture(scope="session")
def simulators() -> Iterator[str]:
    """The address of a running simulators program."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulators", "--port", "0"],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://" in line, f"the simulators did not start: {line!r}"
    yield "http://" + line.strip().rpartition("http://")[2]
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


@pytest.fixture
def outside(simulators: str) -> Iterator[str]:
    """The address of the simulators, which behave well again after the test."""
    yield simulators
    httpx.delete(f"{simulators}/behaviour").raise_for_status()


@dataclass(frozen=True, slots=True)
class Installation:
    """The handlers as they are registered for an installation."""

    settings: Settings

    def run(self, job_type: str, variables: Mapping[str, Any], *, key: int | None = None) -> Any:
        job = ActivatedJob(
            key=key or next(_keys),
            type=job_type,
            process_id="tests",
            process_version=1,
            process_definition_key=1,
            instance_key=77,
            root_key=7,
            element_id="element",
            element_instance_key=78,
            custom_headers={},
            worker="tests",
            retries=3,
            priority=50,
            deadline=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
            lease=1,
            business_id=None,
            variables=variables,
        )
        return registry._handlers[job_type](JobContext(job))


def installed(**addresses: str | None) -> Installation:
    settings = Settings(profile=Profile.TEST, **addresses)
    register_handlers(settings)
    return Installation(settings)


@pytest.fixture(autouse=True)
def only_here() -> Iterator[None]:
    """What a test registers is left to workers outside again after it."""
    yield
    for job_type in background.built_in_types():
        registry.unregister(job_type)


@pytest.fixture
def here(app: object, outside: str) -> Installation:
    return installed(payment_url=outside, bureau_url=outside, fraud_url=outside, message_url=outside)


@pytest.fixture
def nowhere(app: object) -> Installation:
    """An installation whose services are down: nobody listens at their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    return installed(payment_url=address, bureau_url=address, fraud_url=address, message_url=address)


@pytest.fixture
def facts() -> dict[str, Any]:
    """The variables of an approved case."""
    return {
        "applicationId": f"A-{uuid.uuid4()}",
        "applicantName": "王芳",
        "idNumber": GOOD_CUSTOMER,
        "mobile": "13800138000",
        "loanProduct": "consumer",
        "approvedAmount": 18000,
        "annualRate": Decimal("0.072"),
        "termMonths": 3,
        "repaymentMethod": "equal-instalments",
        "bankName": "招商银行",
        "bankCardNumber": "6225880123456789",
        "deviceId": f"device-{uuid.uuid4()}",
        "ipAddress": "198.51.100.7",
        "emergencyContactMobile": "13900139000",
        "bureauConsent": True,
    }
