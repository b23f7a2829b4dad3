"""Tokens for programs, sessions for people, and both taken back."""

from __future__ import annotations

import httpx
import pytest

from server.identity.demo import DemoIdentities

SIGN_IN = {"username": "zhang.wei", "password": "zhang.wei-demo"}


def token(address: str, **form: str) -> httpx.Response:
    return httpx.post(f"{address}/oauth/token", data=form)


def me(address: str, access: str) -> httpx.Response:
    return httpx.get(f"{address}/v2/authentication/me", headers={"Authorization": f"Bearer {access}"})


@pytest.fixture
def browser(address: str) -> httpx.Client:
    """A browser's jar of cookies."""
    return httpx.Client(base_url=address)


def test_a_client_gets_a_token_and_no_refresh_token(address: str, demo: DemoIdentities) -> None:
    answered = token(
        address,
        grant_type="client_credentials",
        client_id=demo.client_id,
        client_secret=demo.client_secret,
        audience="anything",
    )
    assert answered.status_code == 200
    assert answered.headers["Cache-Control"] == "no-store"
    document = answered.json()
    assert (document["token_type"], document["expires_in"]) == ("Bearer", 3600)
    assert "refresh_token" not in document
    assert me(address, document["access_token"]).json()["username"] == demo.client_id


def test_a_client_may_sign_in_with_http_basic(address: str, demo: DemoIdentities) -> None:
    answered = httpx.post(
        f"{address}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(demo.client_id, demo.client_secret),
    )
    assert answered.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials"}, 400, "invalid_request"),
        ({"grant_type": "password", "username": "zhang.wei", "password": "guess"}, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, 400, "invalid_grant"),
        ({"grant_type": "implicit"}, 400, "unsupported_grant_type"),
        ({}, 400, "unsupported_grant_type"),
    ],
)
def test_refusals_have_the_form_that_oauth_clients_expect(
    address: str, form: dict[str, str], status: int, error: str
) -> None:
    answered = token(address, **form)
    assert answered.status_code == status
    assert answered.json()["error"] == error
    assert answered.json()["error_description"]


def test_a_person_gets_a_token_with_groups_and_continues_with_the_refresh_token(
    address: str, demo: DemoIdentities
) -> None:
    first = token(address, grant_type="password", **SIGN_IN).json()
    shown = me(address, first["access_token"]).json()
    assert (shown["displayName"], shown["groups"], shown["roles"]) == (
        "张伟",
        ["credit-reviewer-a"],
        ["reviewer"],
    )
    second = token(address, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert second.status_code == 200
    assert me(address, second.json()["access_token"]).status_code == 200


def test_a_token_that_was_taken_back_is_refused(address: str, demo: DemoIdentities) -> None:
    access = token(address, grant_type="password", **SIGN_IN).json()["access_token"]
    assert me(address, access).status_code == 200
    assert httpx.post(f"{address}/oauth/revoke", data={"token": access}).status_code == 200
    refused = me(address, access)
    assert refused.status_code == 401
    assert refused.json()["code"] == "identity.token-revoked"


def test_a_session_lives_in_cookies_that_scripts_cannot_read(browser: httpx.Client, demo: DemoIdentities) -> None:
    answered = browser.post("/v2/session", json=SIGN_IN)
    assert answered.json()["groups"] == ["credit-reviewer-a"]
    cookies = {line.split("=")[0]: line for line in answered.headers.get_list("Set-Cookie")}
    assert "HttpOnly" in cookies["lendloom_access"]
    assert "HttpOnly" in cookies["lendloom_refresh"]
    assert "HttpOnly" not in cookies["lendloom_csrf"]
    assert all("SameSite=Lax" in line for line in cookies.values())
    assert browser.get("/v2/authentication/me").json()["username"] == "zhang.wei"


def test_a_session_changes_nothing_without_the_csrf_value(browser: httpx.Client, demo: DemoIdentities) -> None:
    browser.post("/v2/session", json=SIGN_IN)
    assert browser.post("/v2/user-tasks/search", json={}).status_code == 401
    csrf = {"X-CSRF-TOKEN": browser.cookies["lendloom_csrf"]}
    assert browser.post("/v2/user-tasks/search", json={}, headers=csrf).status_code == 200


def test_a_session_is_renewed_and_ended(browser: httpx.Client, demo: DemoIdentities) -> None:
    browser.post("/v2/session", json=SIGN_IN)
    renewal = {"X-CSRF-TOKEN": browser.cookies["lendloom_refresh_csrf"]}
    assert browser.post("/v2/session/renewal", headers=renewal).status_code == 200
    access = browser.cookies["lendloom_access"]
    assert browser.delete("/v2/session").status_code == 204
    assert "lendloom_access" not in browser.cookies
    assert browser.get("/v2/authentication/me").status_code == 401
    stolen = httpx.get(f"{browser.base_url}/v2/authentication/me", cookies={"lendloom_access": access})
    assert stolen.status_code == 401


def test_somebody_is_told_what_they_may_do(browser: httpx.Client, demo: DemoIdentities) -> None:
    browser.post("/v2/session", json=SIGN_IN)
    permissions = browser.get("/v2/authentication/me").json()["permissions"]
    assert "user-task:claim" in permissions
    assert "process-instance:read" in permissions
    assert "deployment:create" not in permissions


def test_a_wrong_password_opens_no_session(browser: httpx.Client, demo: DemoIdentities) -> None:
    answered = browser.post("/v2/session", json={**SIGN_IN, "password": "guess"})
    assert answered.status_code == 401
    assert answered.json()["code"] == "identity.credentials"
    assert not browser.cookies


def test_a_person_who_was_kept_out_is_out_at_once(
    address: str, demo: DemoIdentities, administrator: httpx.Client
) -> None:
    form = {"username": "wu.hao", "password": "wu.hao-demo"}
    access = token(address, grant_type="password", **form).json()["access_token"]
    assert administrator.post("/v2/users/wu.hao/deactivation").status_code == 204
    assert me(address, access).status_code == 401
    assert token(address, grant_type="password", **form).status_code == 400
    assert administrator.post("/v2/users/wu.hao/activation").status_code == 204
    assert token(address, grant_type="password", **form).status_code == 200
