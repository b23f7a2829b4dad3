"""``/v2/session``: signing in and out of the web application, with tokens in HttpOnly cookies.

The script of the page cannot read the tokens. It reads the CSRF value from the cookie ``lendloom_csrf`` and sends
it as ``X-CSRF-TOKEN`` with everything that changes something.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from flask_jwt_extended import (
    get_jwt,
    set_access_cookies,
    set_refresh_cookies,
    unset_jwt_cookies,
    verify_jwt_in_request,
)

from server.identity.principal import Principal
from server.identity.tokens import issue_tokens, refresh_principal, take_back
from server.identity.users import authenticate_user

from .authorization import public
from .exact_json import answer, no_content
from .fields import Listed, Text, Whole, always, document
from .resource import Resource

session = Resource("Session", description="Signing in to the web application, and out of it.")

SignIn = document(
    "SignIn",
    {
        "username": Text(required=True, longest=256, shortest=1),
        "password": Text(required=True, longest=256, shortest=1),
    },
)
Session = document(
    "Session",
    always(
        {
            "username": Text(),
            "groups": Listed(Text()),
            "roles": Listed(Text()),
            "expiresIn": Whole(metadata={"description": "Seconds until the session must be renewed"}),
        }
    ),
)


@session.route("/session", methods=["POST"])
@public
@session.arguments(SignIn)
@session.response(200, Session)
def sign_in(body: dict[str, Any]) -> Response:
    """Sign in with a password"""
    return _session_of(authenticate_user(body["username"], body["password"]))


@session.route("/session/renewal", methods=["POST"])
@public
@session.response(200, Session)
def renew_session() -> Response:
    """Continue a session with its refresh cookie"""
    verify_jwt_in_request(refresh=True, locations=["cookies"])
    return _session_of(refresh_principal(get_jwt()), refresh=False)


@session.route("/session", methods=["DELETE"])
@public
@session.response(204)
def sign_out() -> Response:
    """Sign out; works for an expired session too"""
    for setting in ("JWT_ACCESS_COOKIE_NAME", "JWT_REFRESH_COOKIE_NAME"):
        token = request.cookies.get(current_app.config[setting])
        if token:
            take_back(token)
    response = no_content()
    unset_jwt_cookies(response)
    return response


def _session_of(principal: Principal, *, refresh: bool = True) -> Response:
    tokens = issue_tokens(principal)
    response = answer(
        {
            "username": principal.name,
            "groups": principal.groups,
            "roles": principal.roles,
            "expiresIn": tokens.expires_in,
        }
    )
    set_access_cookies(response, tokens.access, max_age=tokens.expires_in)
    if refresh and tokens.refresh is not None:
        set_refresh_cookies(response, tokens.refresh)
    return response
