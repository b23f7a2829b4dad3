"""Who may use an endpoint: every view says which permission it asks for, or that it is public.

The permission stands on the view as data and is checked before the view runs, for all of them at one place. A
view that says neither is refused to everybody, so that a forgotten line opens nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_jwt_extended import JWTManager, get_jwt, verify_jwt_in_request

from server.identity.errors import ForbiddenError
from server.identity.principal import Principal
from server.identity.roles import PERMISSIONS, Permission
from server.identity.tokens import principal_of, verified_tokens
from server.messages import Message

from .problems import problem

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
SIGNED_IN = "signed-in"
_ACCESS = "_lendloom_access"

_MISSING = Message(
    "identity.token-missing",
    "请先登录，或在 Authorization 头中提供访问令牌。",
    "Sign in, or send an access token in the Authorization header.",
)
_EXPIRED = Message(
    "identity.token-expired", "访问令牌已过期；请重新获取。", "The access token has expired; fetch a new one."
)
_INVALID = Message(
    "identity.token-invalid", "访问令牌无效；请重新登录。", "The access token is not valid; sign in again."
)
_REVOKED = Message(
    "identity.token-revoked", "访问令牌已被撤销；请重新登录。", "The access token was taken back; sign in again."
)


def permission(resource: str, action: str) -> Callable[[View], View]:
    """Mark a view: only for those whose roles allow ``action`` on ``resource``, if only on their own rows."""
    asked = Permission(resource, action)
    if asked not in PERMISSIONS:
        raise LookupError(f"no role knows the permission {asked}")
    return _mark(asked)


def public(view: View) -> View:
    """Mark a view: for everybody, signed in or not."""
    return _mark(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Mark a view: for everybody who is signed in, whatever they may do otherwise."""
    return _mark(SIGNED_IN)(view)


def access_of(view: Callable[..., Any]) -> Permission | str | None:
    """What a view was marked with."""
    return getattr(view, _ACCESS, None)


def principal() -> Principal:
    """On whose behalf the request runs."""
    found: Principal = g.principal
    return found


def register_authorization(app: Flask, tokens: JWTManager) -> None:
    """Check every request to ``app`` before its view runs."""
    app.before_request(_check)
    tokens.unauthorized_loader(lambda _why: _unauthorized(_MISSING))
    tokens.expired_token_loader(lambda _header, _claims: _unauthorized(_EXPIRED))
    tokens.invalid_token_loader(lambda _why: _unauthorized(_INVALID))
    tokens.revoked_token_loader(lambda _header, _claims: _unauthorized(_REVOKED))
    tokens.token_verification_failed_loader(lambda _header, _claims: _unauthorized(_INVALID))


def _check() -> None:
    if request.endpoint is None or request.method == "OPTIONS":
        return  # no such path or method: answered as that; or asked which methods there are
    asked = access_of(current_app.view_functions[request.endpoint])
    if asked == PUBLIC:
        return
    g.principal = _authenticated()
    if asked == SIGNED_IN:
        return
    if not isinstance(asked, Permission):
        raise ForbiddenError(request.endpoint, request.method)
    if not g.principal.may(*asked):
        raise ForbiddenError(*asked)


def _authenticated() -> Principal:
    """Whom the bearer token or the cookie of the request speaks for."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        verify_jwt_in_request()
        return principal_of(get_jwt())
    known = verified_tokens.principal(token)
    if known is not None:
        return known
    verify_jwt_in_request(locations=["headers"])
    return verified_tokens.remember(token, get_jwt())


def _unauthorized(message: Message) -> Response:
    return problem(401, message, headers={"WWW-Authenticate": "Bearer"})


def _mark(access: Permission | str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _ACCESS, access)
        return view

    return mark
