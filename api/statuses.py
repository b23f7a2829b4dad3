"""Which HTTP status an error of ``server`` is answered with."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from server.bpmn.errors import EndlessCase
from server.identity.errors import (
    CredentialsRefusedError,
    ForbiddenError,
    IdentityError,
    IdentityExistsError,
    IdentityNotFoundError,
)
from server.runtime import errors as runtime
from server.store.idempotency import FirstStillRunningError, KeyReusedError
from server.store.search import SearchError

from .exact_json import UnreadableJsonError

_BY_CLASS: Mapping[type[Exception], int] = {
    UnreadableJsonError: 400,
    SearchError: 400,
    CredentialsRefusedError: 401,
    ForbiddenError: 403,
    IdentityNotFoundError: 404,
    IdentityExistsError: 409,
    IdentityError: 400,
    KeyReusedError: 422,
    FirstStillRunningError: 409,
    PoolTimeoutError: 503,
    EndlessCase: 409,
    runtime.NotFound: 404,
    runtime.Conflict: 409,
    runtime.Refused: 400,
    runtime.TooLarge: 413,
    runtime.Forbidden: 403,
    runtime.Busy: 503,
    runtime.Unfinished: 504,
}
# SQLSTATE classes that say "not now": connection failures, lost races, resources used up, shutting down.
_NOT_NOW = ("08", "40", "53", "55", "57")


def status_of(error: Exception) -> int:
    """The status of an error: that of its class or the nearest class above it, 500 where none is known."""
    for kind in type(error).__mro__:
        if kind in _BY_CLASS:
            return _BY_CLASS[kind]
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        if error.connection_invalidated or (state or "08")[:2] in _NOT_NOW:
            return 503
    return 500
