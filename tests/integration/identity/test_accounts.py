"""Users, groups and clients on a real database: who may sign in, and what they then may do."""

from __future__ import annotations

import pytest
from flask import Flask

from server.identity.clients import (
    authenticate_client,
    change_secret,
    create_client,
    list_clients,
    set_client_active,
)
from server.identity.errors import (
    CredentialsRefusedError,
    IdentityExistsError,
    IdentityInvalidError,
    IdentityNotFoundError,
)
from server.identity.groups import add_member, create_group, delete_group, remove_member, update_group
from server.identity.users import (
    authenticate_user,
    create_user,
    list_users,
    set_user_active,
    update_user,
    user_principal,
)


def test_a_user_has_the_roles_of_their_groups(app: Flask) -> None:
    create_user("gao.feng", "a long password", name="高峰")
    create_group("night-desk", "夜班", ["reviewer"])
    create_group("night-operators", "夜班运维", ["operator"])
    add_member("night-desk", "gao.feng")
    add_member("night-operators", "gao.feng")

    principal = authenticate_user("gao.feng", "a long password")

    assert principal.groups == ("night-desk", "night-operators")
    assert principal.roles == ("operator", "reviewer")
    assert [user.name for user in list_users(group_id="night-desk")] == ["高峰"]


def test_leaving_a_group_takes_its_role_away(app: Flask) -> None:
    create_user("he.yan", "a long password")
    create_group("day-desk", "日班", ["reviewer"])
    add_member("day-desk", "he.yan")
    remove_member("day-desk", "he.yan")
    assert user_principal("he.yan").roles == ()


def test_a_group_that_is_removed_grants_nothing_any_more(app: Flask) -> None:
    create_user("tang.jun", "a long password")
    create_group("short-lived", "临时组", ["administrator"])
    add_member("short-lived", "tang.jun")
    delete_group("short-lived")
    assert user_principal("tang.jun").groups == ()


@pytest.mark.parametrize("password", ["another password", "", "x" * 10_000])
def test_a_wrong_password_is_refused(app: Flask, password: str) -> None:
    with pytest.raises(CredentialsRefusedError):
        authenticate_user("gao.feng", password)


def test_nobody_is_refused_like_somebody(app: Flask) -> None:
    with pytest.raises(CredentialsRefusedError):
        authenticate_user("no.such.person", "a long password")


def test_an_inactive_user_cannot_sign_in_until_let_in_again(app: Flask) -> None:
    create_user("lu.ming", "a long password")
    set_user_active("lu.ming", active=False)
    with pytest.raises(CredentialsRefusedError):
        authenticate_user("lu.ming", "a long password")
    set_user_active("lu.ming", active=True)
    assert authenticate_user("lu.ming", "a long password").name == "lu.ming"


def test_a_new_password_replaces_the_old_one(app: Flask) -> None:
    create_user("mei.lan", "the old password")
    update_user("mei.lan", password="the new password")
    assert authenticate_user("mei.lan", "the new password").name == "mei.lan"
    with pytest.raises(CredentialsRefusedError):
        authenticate_user("mei.lan", "the old password")


def test_a_client_signs_in_with_its_secret_and_has_its_roles(app: Flask) -> None:
    client, secret = create_client("core-banking", roles=["system", "worker"])
    assert client.active
    assert authenticate_client("core-banking", secret).roles == ("system", "worker")
    with pytest.raises(CredentialsRefusedError):
        authenticate_client("core-banking", "a guess")


def test_a_changed_secret_ends_the_old_one(app: Flask) -> None:
    _, old = create_client("scoring", roles=["worker"])
    authenticate_client("scoring", old)
    new = change_secret("scoring")
    assert authenticate_client("scoring", new).name == "scoring"
    with pytest.raises(CredentialsRefusedError):
        authenticate_client("scoring", old)


def test_an_inactive_client_cannot_sign_in(app: Flask) -> None:
    _, secret = create_client("old-portal", roles=["system"])
    set_client_active("old-portal", active=False)
    with pytest.raises(CredentialsRefusedError):
        authenticate_client("old-portal", secret)
    assert "old-portal" in {client.client_id for client in list_clients()}


def test_a_name_is_one_actor(app: Flask) -> None:
    create_user("dual", "a long password")
    with pytest.raises(IdentityExistsError):
        create_client("dual", roles=[])
    with pytest.raises(IdentityExistsError):
        create_user("dual", "a long password")


@pytest.mark.parametrize("name", ["", "a b", "张伟", "x" * 257, "a\0b"])
def test_a_name_that_clients_cannot_write_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(IdentityInvalidError):
        create_user(name, "a long password")


def test_an_unknown_role_is_refused(app: Flask) -> None:
    with pytest.raises(IdentityInvalidError) as refused:
        create_group("court", "宫廷", ["emperor"])
    assert "emperor" in refused.value.message.zh
    with pytest.raises(IdentityNotFoundError):
        update_group("court", roles=[])
