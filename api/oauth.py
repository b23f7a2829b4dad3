"""``/oauth/token`` and ``/oauth/revoke``: tokens for programs, as in RFC 6749 and RFC 7009.

A system or job worker signs in with ``client_credentials``. ``password`` and ``refresh_token`` serve scripts
that act for a person. Errors have the form of RFC 6749, section 5.2, which OAuth clients expect here in place
of a problem document.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from server.identity.clients import authenticate_client
from server.identity.errors import CredentialsRefusedError
from server.identity.principal import Principal
from server.identity.tokens import issue_tokens, read_token, refresh_principal, take_back
from server.identity.users import authenticate_user
from server.messages import Message

from .authorization import public
from .exact_json import answer
from .problems import language

oauth = Blueprint("oauth", __name__, url_prefix="/oauth")

_UNSUPPORTED = Message(
    "oauth.grant",
    "grant_type 应为 client_credentials、password 或 refresh_token。",
    "grant_type must be client_credentials, password or refresh_token.",
)


class _GrantError(Exception):
    """A refused token request; ``error`` is one of the codes of RFC 6749, section 5.2."""

    def __init__(self, error: str, message: Message, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.message, self.status = error, message, status


@oauth.post("/token")
@public
def fetch_token() -> Response:
    """Give an access token for a grant."""
    try:
        principal = _principal_of_grant()
    except _GrantError as refused:
        described = {"error": refused.error, "error_description": refused.message.text(language())}
        response = answer(described, refused.status)
        if refused.status == 401:
            response.headers["WWW-Authenticate"] = 'Basic realm="lendloom"'
    else:
        tokens = issue_tokens(principal)
        document = {"access_token": tokens.access, "token_type": "Bearer", "expires_in": tokens.expires_in}
        if tokens.refresh is not None:
            document["refresh_token"] = tokens.refresh
        response = answer(document)
    response.headers["Cache-Control"] = "no-store"
    return response


@oauth.post("/revoke")
@public
def revoke() -> Response:
    """Take a token back; whoever has it may. Takes effect everywhere within about a second."""
    token = request.form.get("token")
    if token:
        take_back(token)
    return Response(status=200)


def _principal_of_grant() -> Principal:
    grant = request.form.get("grant_type")
    try:
        match grant:
            case "client_credentials":
                return authenticate_client(*_client_credentials())
            case "password":
                return authenticate_user(_given("username"), _given("password"))
            case "refresh_token":
                return refresh_principal(read_token(_given("refresh_token")))
    except CredentialsRefusedError as refused:
        if grant == "client_credentials":
            raise _GrantError("invalid_client", refused.message, 401) from refused
        raise _GrantError("invalid_grant", refused.message) from refused
    raise _GrantError("unsupported_grant_type", _UNSUPPORTED)


def _client_credentials() -> tuple[str, str]:
    """The client's id and secret, from the body or from HTTP Basic (RFC 6749, section 2.3.1)."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return basic.username or "", basic.password or ""
    return _given("client_id"), _given("client_secret")


def _given(name: str) -> str:
    value = request.form.get(name)
    if not value or "\0" in value:
        missing = Message(
            "oauth.missing",
            f"缺少表单参数 {name}；请以 application/x-www-form-urlencoded 提交。",
            f"The form parameter {name} is missing; send application/x-www-form-urlencoded.",
        )
        raise _GrantError("invalid_request", missing)
    return value
