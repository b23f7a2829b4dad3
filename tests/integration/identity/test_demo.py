"""A demo has people to sign in as; production has none of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from server.identity.clients import authenticate_client
from server.identity.demo import SECRET_FILE, ensure_demo_identities
from server.identity.errors import IdentityInvalidError
from server.identity.users import authenticate_user, update_user
from server.settings import Profile, Settings


def test_everybody_of_the_demo_can_sign_in(app: Flask, settings: Settings) -> None:
    demo = ensure_demo_identities(settings)
    for login in demo.logins:
        assert authenticate_user(login.username, login.password).groups == login.groups
    assert authenticate_client(demo.client_id, demo.client_secret).roles == ("administrator",)


def test_a_second_start_finds_the_same_and_keeps_what_was_changed(app: Flask, settings: Settings) -> None:
    first = ensure_demo_identities(settings)
    update_user("zhang.wei", password="a password of my own")
    assert ensure_demo_identities(settings) == first
    assert authenticate_user("zhang.wei", "a password of my own").name == "zhang.wei"


def test_the_secret_is_kept_where_only_the_owner_reads_it(app: Flask, settings: Settings) -> None:
    secret = ensure_demo_identities(settings).client_secret
    path = settings.var / SECRET_FILE
    assert path.read_text(encoding="ascii") == secret
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_lost_secret_is_replaced_in_the_database_too(app: Flask, settings: Settings) -> None:
    old = ensure_demo_identities(settings).client_secret
    (settings.var / SECRET_FILE).unlink()
    demo = ensure_demo_identities(settings)
    assert demo.client_secret != old
    assert authenticate_client(demo.client_id, demo.client_secret).name == demo.client_id


def test_production_has_no_demo_accounts(app: Flask, settings: Settings) -> None:
    with pytest.raises(IdentityInvalidError):
        ensure_demo_identities(replace(settings, profile=Profile.PRODUCTION))
