"""The loan book's migration: the tables that the code means, up and down with loans in them."""

from __future__ import annotations

import os

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool

from server.lending.loans import Contract, Loan, LoanInstalment, Repayment
from server.store import migration
from server.store.database import db

TABLES = {table.__tablename__ for table in (Contract, Loan, LoanInstalment, Repayment)}


@pytest.fixture
def address(database_server):
    """A migrated database that the test may take down."""
    name = f"lending_migration_{os.getpid()}"
    server = create_engine(database_server.database_url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template STRATEGY FILE_COPY")
    yield database_server.database_url(name)
    with server.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def differences(connection):
    """What the tables of the loan book in the database have that the code does not mean, and the other way round."""

    def ours(_thing, name, kind, _reflected, _compared):
        return kind != "table" or name in TABLES

    options = {"include_object": ours, "compare_type": True, "compare_server_default": True}
    return compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)


def test_the_migrated_tables_are_those_of_the_code(address):
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        assert differences(connection) == []
        checks = {check["name"] for table in TABLES for check in inspect(connection).get_check_constraints(table)}
        assert checks == {
            "ck_loan_principal_positive",
            "ck_loan_instalment_paid_within_due",
            "ck_repayment_amount_positive",
        }


def test_down_and_up_again_with_loans_in_the_book(address):
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(_A_LOAN)

    migration.downgrade(address, "0002")
    with engine.connect() as connection:
        assert TABLES.isdisjoint(inspect(connection).get_table_names())
        assert "process_instance" in inspect(connection).get_table_names()

    migration.upgrade(address, "0003")
    with engine.connect() as connection:
        assert differences(connection) == []
        assert connection.exec_driver_sql("SELECT count(*) FROM loan").scalar_one() == 0


def test_the_database_itself_refuses_more_paid_than_due(address):
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(_A_LOAN)

    with pytest.raises(Exception, match="paid_within_due"), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE loan_instalment SET paid_interest = interest + 0.01")


_A_LOAN = """
    INSERT INTO loan (key, loan_id, application_id, customer_name, currency, principal, annual_rate,
        annual_rate_simple, annual_rate_compound, method, periods, disbursed_on, state, booked_at)
    VALUES (1, 'LN-1', 'A-1', '王芳', 'CNY', 1000, 0.12, 0.12, 0.1268, 'flat', 1, '2026-11-02', 'ACTIVE', now());
    INSERT INTO loan_instalment (loan_key, number, due_date, principal, interest, fees, balance, state)
    VALUES (1, 1, '2026-12-02', 1000, 10, 0, 0, 'SCHEDULED');
    INSERT INTO repayment (key, loan_key, repayment_key, amount, received_on, allocation, unallocated,
        recorded_at, recorded_by)
    VALUES (2, 1, 'R-1', 10, '2026-11-03', '[]', 0, now(), 'bank');
    """
