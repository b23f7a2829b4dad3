"""Passwords are kept as Argon2 hashes; a secret that was verified once is cheap the next time."""

from __future__ import annotations

import time

import pytest
from argon2 import extract_parameters

from server.identity.errors import IdentityInvalidError
from server.identity.passwords import NOBODY, VerifiedSecrets, hash_password, verify_password
from tests.yardstick import slowness


def test_a_password_is_stored_as_argon2id_and_verified() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "correct horse")
    assert not verify_password(stored, "correct horsf")


def test_nobody_has_no_password_and_takes_as_long_to_ask() -> None:
    assert not verify_password(None, "anything")
    somebody = extract_parameters(hash_password("correct horse"))
    assert extract_parameters(NOBODY) == somebody


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_passwords_have_a_sensible_length(password: str) -> None:
    with pytest.raises(IdentityInvalidError):
        hash_password(password)


def test_a_verified_secret_is_not_hashed_again() -> None:
    secrets = VerifiedSecrets()
    stored = hash_password("a client's secret")
    assert secrets.verify(stored, "a client's secret")
    started = time.process_time()
    for _ in range(100):
        assert secrets.verify(stored, "a client's secret")
    assert time.process_time() - started < 0.1 * slowness()


def test_a_changed_secret_is_verified_anew() -> None:
    secrets = VerifiedSecrets()
    assert secrets.verify(hash_password("the old secret"), "the old secret")
    assert not secrets.verify(hash_password("the new secret"), "the old secret")
