"""Tokens: signed statements of who somebody is and what they may do, issued and read by flask-jwt-extended.

An access token is short-lived and names the groups and roles of its holder, so that a request is authorised
without a database statement. A person also gets a refresh token, which only fetches access tokens; a client
signs in again instead. Persons in the browser carry both in HttpOnly cookies with a CSRF value; everybody else
sends the access token as a bearer.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import PyJWTError

from server.settings import Settings, ensure_secret_key

from .errors import CredentialsRefusedError
from .principal import Principal, PrincipalKind
from .revocation import ISSUED_AT, LONGEST_TOKEN, revocations, revoke_token
from .users import user_principal

USER_ACCESS = dt.timedelta(minutes=15)
CLIENT_ACCESS = dt.timedelta(hours=1)
REFRESH = LONGEST_TOKEN
ISSUER = "lendloom"


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What somebody is given on signing in; ``expires_in`` is the life of the access token in seconds."""

    access: str
    refresh: str | None
    expires_in: int


def configure_tokens(app: Flask, settings: Settings) -> JWTManager:
    """Make ``app`` issue and accept tokens that are signed with the installation's secret."""
    secure = settings.public_url.startswith("https://")
    app.config.update(
        JWT_SECRET_KEY=ensure_secret_key(settings),
        JWT_ALGORITHM="HS256",
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_NBF=False,
        JWT_ERROR_MESSAGE_KEY="detail",
        JWT_ACCESS_COOKIE_NAME="lendloom_access",
        JWT_REFRESH_COOKIE_NAME="lendloom_refresh",
        JWT_REFRESH_COOKIE_PATH="/v2/session",
        JWT_ACCESS_CSRF_COOKIE_NAME="lendloom_csrf",
        JWT_REFRESH_CSRF_COOKIE_NAME="lendloom_refresh_csrf",
        JWT_ACCESS_CSRF_HEADER_NAME="X-CSRF-TOKEN",
        JWT_REFRESH_CSRF_HEADER_NAME="X-CSRF-TOKEN",
        JWT_COOKIE_CSRF_PROTECT=True,
        JWT_COOKIE_SECURE=secure,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_SESSION_COOKIE=False,
    )
    manager = JWTManager(app)
    manager.token_in_blocklist_loader(lambda _header, claims: revocations.includes(claims))
    return manager


def issue_tokens(principal: Principal) -> IssuedTokens:
    """An access token for the principal, and a refresh token where it is a person."""
    claims = {
        "kind": principal.kind.value,
        "groups": list(principal.groups),
        "roles": list(principal.roles),
        ISSUED_AT: int(time.time() * 1000),
    }
    person = principal.kind is PrincipalKind.USER
    life = USER_ACCESS if person else CLIENT_ACCESS
    access = create_access_token(principal.name, expires_delta=life, additional_claims=claims)
    refresh = None
    if person:
        kept = {"kind": claims["kind"], ISSUED_AT: claims[ISSUED_AT]}
        refresh = create_refresh_token(principal.name, expires_delta=REFRESH, additional_claims=kept)
    return IssuedTokens(access, refresh, int(life.total_seconds()))


def principal_of(claims: Mapping[str, Any]) -> Principal:
    """Whom an access token speaks for."""
    return Principal(PrincipalKind(claims["kind"]), claims["sub"], tuple(claims["groups"]), tuple(claims["roles"]))


class VerifiedTokens:
    """The bearer tokens whose signature this process has checked, and whom they speak for.

    Checking a signature costs more than everything else that authorises a request. Whether a token has expired
    or was taken back is asked each time.
    """

    def __init__(self, size: int = 2048) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._known: OrderedDict[str, tuple[Principal, Mapping[str, Any]]] = OrderedDict()

    def principal(self, token: str) -> Principal | None:
        """Whom a known token speaks for, if it is still valid; None where it has to be verified."""
        known = self._known.get(token)
        if known is None:
            return None
        principal, claims = known
        if claims["exp"] <= time.time() or revocations.includes(claims):
            with self._lock:
                self._known.pop(token, None)
            return None
        return principal

    def remember(self, token: str, claims: Mapping[str, Any]) -> Principal:
        """Whom a token speaks for that was verified just now."""
        principal = principal_of(claims)
        with self._lock:
            self._known[token] = (principal, claims)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return principal


verified_tokens = VerifiedTokens()


def read_token(token: str) -> Mapping[str, Any]:
    """The claims of a token that is valid now; raises :class:`CredentialsRefusedError` otherwise."""
    try:
        claims: Mapping[str, Any] = decode_token(token)
    except (PyJWTError, JWTExtendedException, ValueError) as refused:
        raise CredentialsRefusedError from refused
    if revocations.includes(claims):
        raise CredentialsRefusedError
    return claims


def refresh_principal(claims: Mapping[str, Any]) -> Principal:
    """The holder of a refresh token, with the groups and roles of this moment."""
    if claims.get("type") != "refresh":
        raise CredentialsRefusedError
    return user_principal(claims["sub"])


def take_back(token: str) -> None:
    """Revoke a token; one that is not valid any more needs nothing (RFC 7009, section 2.2)."""
    try:
        claims = read_token(token)
    except CredentialsRefusedError:
        return
    revoke_token(claims)
