"""A token that was taken back is refused everywhere within about a second, without a statement per request."""

from __future__ import annotations

import time

import pytest
from flask import Flask
from sqlalchemy import event

from server.identity.errors import CredentialsRefusedError
from server.identity.groups import add_member, create_group
from server.identity.principal import Principal, PrincipalKind
from server.identity.revocation import FRESH_SECONDS, Revocations, purge_expired, revocations
from server.identity.tokens import (
    IssuedTokens,
    configure_tokens,
    issue_tokens,
    read_token,
    refresh_principal,
    take_back,
    verified_tokens,
)
from server.identity.users import create_user, set_user_active, update_user
from server.settings import Settings
from server.store.database import db, transaction


@pytest.fixture(scope="module", autouse=True)
def _tokens(app: Flask, settings: Settings) -> None:
    configure_tokens(app, settings)


def tokens_of(name: str) -> IssuedTokens:
    create_user(name, "a long password")
    time.sleep(0.002)  # tokens are older than what is done to the account by at least a millisecond
    issued = issue_tokens(Principal(PrincipalKind.USER, name, ("finance",), ("reviewer",)))
    time.sleep(0.002)
    return issued


def is_refused(token: str) -> bool:
    try:
        read_token(token)
    except CredentialsRefusedError:
        return True
    return False


def test_a_token_says_who_and_what(app: Flask) -> None:
    claims = read_token(tokens_of("a.reader").access)
    assert (claims["sub"], claims["kind"]) == ("a.reader", "user")
    assert (claims["groups"], claims["roles"]) == (["finance"], ["reviewer"])


def test_a_token_that_was_taken_back_is_refused(app: Flask) -> None:
    issued = tokens_of("b.leaver")
    take_back(issued.access)
    assert is_refused(issued.access)
    assert issued.refresh is not None
    assert not is_refused(issued.refresh)


def test_taking_back_a_token_that_is_no_token_does_nothing(app: Flask) -> None:
    take_back("not a token")


def test_a_forged_token_is_refused(app: Flask) -> None:
    head, body, signature = tokens_of("c.victim").access.split(".")
    assert is_refused(f"{head}.{body}.{signature[:-4]}AAAA")


def test_closing_an_account_ends_its_sessions(app: Flask) -> None:
    issued = tokens_of("d.closed")
    set_user_active("d.closed", active=False)
    assert issued.refresh is not None
    assert is_refused(issued.access)
    assert is_refused(issued.refresh)


def test_a_new_password_ends_the_sessions_before_it_and_none_after(app: Flask) -> None:
    before = tokens_of("e.careful")
    update_user("e.careful", password="a better password")
    time.sleep(0.002)
    after = issue_tokens(Principal(PrincipalKind.USER, "e.careful"))
    assert is_refused(before.access)
    assert not is_refused(after.access)


def test_a_change_of_groups_asks_for_a_new_access_token_only(app: Flask) -> None:
    issued = tokens_of("f.promoted")
    create_group("promoted", "晋升", ["operator"])
    add_member("promoted", "f.promoted")
    assert is_refused(issued.access)
    assert issued.refresh is not None
    assert refresh_principal(read_token(issued.refresh)).roles == ("operator",)


def test_an_access_token_is_no_refresh_token(app: Flask) -> None:
    with pytest.raises(CredentialsRefusedError):
        refresh_principal(read_token(tokens_of("g.mistaken").access))


def test_another_process_learns_of_it_within_the_time_that_its_copy_is_fresh(app: Flask) -> None:
    issued = tokens_of("h.elsewhere")
    claims = read_token(issued.access)
    elsewhere = Revocations()
    assert not elsewhere.includes(claims)
    take_back(issued.access)
    time.sleep(FRESH_SECONDS + 0.1)
    assert elsewhere.includes(claims)


def test_a_known_token_costs_no_statement(app: Flask) -> None:
    issued = tokens_of("i.busy")
    verified_tokens.remember(issued.access, read_token(issued.access))
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    started = time.monotonic()
    for _ in range(1000):
        assert verified_tokens.principal(issued.access) is not None
    assert len(statements) <= 1 + int((time.monotonic() - started) / FRESH_SECONDS)


def test_a_known_token_that_was_taken_back_is_not_known_any_more(app: Flask) -> None:
    issued = tokens_of("j.caught")
    verified_tokens.remember(issued.access, read_token(issued.access))
    take_back(issued.access)
    assert verified_tokens.principal(issued.access) is None


def test_rows_of_expired_tokens_are_removed(app: Flask) -> None:
    with transaction() as connection:
        connection.exec_driver_sql(
            "INSERT INTO revoked_token (token_id, expires_at) VALUES ('old', now() - interval '1 hour')"
        )
        assert purge_expired(connection) == 1
    revocations.forget_copy()
