"""Every endpoint of the API asks who is there and what they may do; none is forgotten."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token
from werkzeug.routing import Rule

from api.authorization import PUBLIC, SIGNED_IN, access_of
from server.identity.principal import Principal, PrincipalKind
from server.identity.roles import ROLES, Permission, Reach
from server.identity.tokens import issue_tokens

OPEN = {
    "GET /",
    "GET /assets/<path:name>",
    "GET /docs",
    "GET /health/live",
    "GET /health/ready",
    "GET /licences.txt",  # of what the pages consist of
    "GET /metrics",
    "GET /openapi.json",
    "GET /v2/documents/<string:document_id>/shared",  # for those who have a signed link
    "GET /v2/status",
    "POST /oauth/revoke",
    "POST /oauth/token",
    "POST /v2/session",
    "POST /v2/session/renewal",
    "DELETE /v2/session",
}
FOR_EVERYBODY = {
    "GET /v2/authentication/me",
    "GET /v2/event-stream",
    "GET /v2/search",
    "GET /v2/notices",
    "POST /v2/groups/names",  # what a group is called, of those one asks for
    "POST /v2/notices/seen",
    "POST /v2/users/names",  # and a person
}


def endpoints(api: Flask) -> list[tuple[str, Rule]]:
    """Every method of every route."""
    return [
        (method, rule)
        for rule in api.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def path_of(rule: Rule) -> str:
    return re.sub(r"<[^>]*>", "1", rule.rule)


def guarded(api: Flask) -> list[tuple[str, str, Permission]]:
    """The method, path and permission of every endpoint that asks for one."""
    found = []
    for method, rule in endpoints(api):
        access = access_of(api.view_functions[rule.endpoint])
        if isinstance(access, Permission):
            found.append((method, path_of(rule), access))
    return found


def token_of(*roles: str) -> str:
    return issue_tokens(Principal(PrincipalKind.CLIENT, "somebody", (), roles)).access


def test_only_what_is_meant_to_be_open_is_open(api: Flask) -> None:
    opened = {
        f"{method} {rule.rule}"
        for method, rule in endpoints(api)
        if access_of(api.view_functions[rule.endpoint]) == PUBLIC
    }
    signed_in = {
        f"{method} {rule.rule}"
        for method, rule in endpoints(api)
        if access_of(api.view_functions[rule.endpoint]) == SIGNED_IN
    }
    assert opened == OPEN
    assert signed_in == FOR_EVERYBODY
    assert len(endpoints(api)) == len(opened) + len(signed_in) + len(guarded(api))
    assert len(guarded(api)) > 60


def test_every_other_endpoint_refuses_the_anonymous(api: Flask) -> None:
    http = api.test_client()
    for method, path, _ in guarded(api):
        answered = http.open(path, method=method)
        assert answered.status_code == 401, (method, path)
        assert answered.content_type == "application/problem+json"
        assert answered.headers["WWW-Authenticate"] == "Bearer"


def test_every_other_endpoint_refuses_a_token_without_the_permission(api: Flask) -> None:
    http = api.test_client()
    with api.app_context():
        headers = {"Authorization": f"Bearer {token_of()}"}
    for method, path, permission in guarded(api):
        answered = http.open(path, method=method, headers=headers)
        assert answered.status_code == 403, (method, path)
        assert answered.json["code"] == "identity.forbidden"
        assert permission.resource in answered.json["detail"]


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_role_is_refused_everywhere_that_it_does_not_reach(api: Flask, role: str) -> None:
    http = api.test_client()
    with api.app_context():
        headers = {"Authorization": f"Bearer {token_of(role)}"}
    somebody = Principal(PrincipalKind.CLIENT, "somebody", (), (role,))
    for method, path, permission in guarded(api):
        if somebody.reach(*permission) is Reach.NOTHING:
            assert http.open(path, method=method, headers=headers).status_code == 403, (role, method, path)


LACKING = {
    "request.no-files",
    "request.fields",
    "request.scenario",
}  # read requests that mean nothing without a body, by the code of their refusal


def test_a_reader_is_let_in_to_everything_that_is_read(api: Flask) -> None:
    http = api.test_client()
    with api.app_context():
        headers = {"Authorization": f"Bearer {token_of('compliance')}"}
    for method, path, permission in guarded(api):
        if permission.action == "read":
            answered = http.open(path, method=method, headers=headers)
            if answered.status_code == 400:  # let in, and told what the request lacks
                assert answered.json["code"] in LACKING, (method, path, answered.text)
                continue
            assert answered.status_code in (200, 404), (method, path, answered.text)


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "", "Bearer"])
def test_what_is_no_token_opens_nothing(api: Flask, token: str) -> None:
    answered = api.test_client().get("/v2/topology", headers={"Authorization": f"Bearer {token}"})
    assert answered.status_code == 401


def test_a_token_that_somebody_else_has_signed_opens_nothing(api: Flask) -> None:
    other = Flask("elsewhere")
    other.config.update(JWT_SECRET_KEY="another secret of sufficient length")
    JWTManager(other)
    claims = {"kind": "client", "roles": ["administrator"], "groups": [], "iat_ms": 0, "iss": "lendloom"}
    with other.app_context():
        forged = create_access_token("somebody", additional_claims=claims)
    answered = api.test_client().get("/v2/topology", headers={"Authorization": f"Bearer {forged}"})
    assert answered.status_code == 401


def test_a_refresh_token_opens_nothing(api: Flask) -> None:
    with api.app_context():
        refresh = issue_tokens(Principal(PrincipalKind.USER, "somebody", (), ("administrator",))).refresh
    answered = api.test_client().get("/v2/topology", headers={"Authorization": f"Bearer {refresh}"})
    assert answered.status_code == 401
