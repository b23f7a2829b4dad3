"""What the tests of the loan book share: an approved application, a deployed collection process, a moved clock."""

from __future__ import annotations

import datetime as dt
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import text

from server.lending.application_facts import ApprovedApplication
from server.lending.collection_cases import open_cases
from server.lending.loan_book import LoanAccount, Payout, book_loan
from server.lending.loan_terms import RepaymentMethod
from server.lending.one_transaction import one_transaction
from server.runtime.deployments import deploy_paths
from server.store.database import transaction

REPOSITORY = Path(__file__).resolve().parents[3]
CHINA = dt.timezone(dt.timedelta(hours=8))
PAID_OUT = dt.date(2026, 11, 2)
NOW = dt.datetime(2026, 11, 2, 10, 0, tzinfo=CHINA)

_numbers = itertools.count(1)


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
