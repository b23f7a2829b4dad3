"""Problems: every error is answered as ``application/problem+json`` (RFC 9457), in the reader's language.

``code`` is stable and meant for programs, ``detail`` for people. ``traceId`` is the id under which the request
stands in the logs. ``errors`` lists what is wrong with single fields of a request, or with elements of a
deployed file. ``usernames`` are those that ``detail`` names, for pages that show display names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from server.bpmn.style_rules import rule_of
from server.logs import current_trace_id
from server.messages import Finding, LendloomError, Message
from server.store.database import encode_json
from server.store.search import SearchError

from .statuses import status_of

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)

# The official clients slow down and try again where the title of a 503 says this.
_BUSY_TITLE = "RESOURCE_EXHAUSTED"

_WORDS: Mapping[int, Message] = {
    400: Message("http.bad-request", "请求格式不正确。", "The request is malformed."),
    401: Message(
        "http.unauthorized",
        "请先登录或提供有效的访问令牌；令牌过期后请重新获取。",
        "Sign in or send a valid access token; fetch a new one where it has expired.",
    ),
    403: Message("http.forbidden", "您没有权限执行此操作。", "You may not do this."),
    404: Message(
        "http.not-found", "没有这个地址；请对照 /docs 核对路径。", "There is nothing here; see /docs for the paths."
    ),
    405: Message(
        "http.method", "此地址不支持该方法；请对照 /docs 核对。", "This path does not take that method; see /docs."
    ),
    406: Message("http.not-acceptable", "无法以所要求的格式应答。", "There is no answer in the format asked for."),
    413: Message(
        "http.too-large", "请求正文过大；请减小后重新提交。", "The request body is too large; send a smaller one."
    ),
    415: Message(
        "http.media-type",
        "请求正文应为 JSON；请设置 Content-Type: application/json。",
        "The request body must be JSON; send it with Content-Type: application/json.",
    ),
    500: Message(
        "http.internal",
        "服务器内部错误；请把追踪号（traceId）交给运维人员。",
        "Something went wrong in the server; give the traceId to an operator.",
    ),
    503: Message(
        "http.unavailable",
        "服务暂时不可用；请稍后重试。",
        "The service is not available at the moment; try again later.",
    ),
}


_WRONG_FIELDS = Message(
    "request.fields",
    "请求中有字段不正确，详见 errors；请更正后重新提交。",
    "Fields of the request are not right, see errors; correct them and send it again.",
)


class ProblemError(LendloomError):
    """A problem of the request itself, found in this floor."""

    def __init__(self, status: int, message: Message, *, errors: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.errors = errors


def bad_request(code: str, zh: str, en: str) -> ProblemError:
    """The problem of a request that cannot be understood or is not supported."""
    return ProblemError(400, Message(f"request.{code}", zh, en))


def language() -> str:
    """The language that the reader asks for: ``zh`` or ``en``."""
    return request.accept_languages.best_match(("en", "zh"), "en") or "en"


def in_language(en: str | None, zh: str | None) -> str | None:
    """One of two stored texts, in the reader's language; what has no Chinese text is in its author's own words."""
    return zh if zh is not None and language() == "zh" else en


def problem(
    status: int,
    message: Message,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that tells of a problem."""
    document: dict[str, Any] = {
        "type": f"urn:lendloom:problem:{message.code}",
        "title": _BUSY_TITLE if status == HTTPStatus.SERVICE_UNAVAILABLE else HTTPStatus(status).phrase,
        "status": status,
        "detail": message.text(language()),
        "instance": request.path,
        "code": message.code,
        "traceId": current_trace_id() or "",
    }
    if errors:
        document["errors"] = list(errors)
    if message.usernames:
        document["usernames"] = list(message.usernames)
    return Response(encode_json(document), status, headers=headers, content_type=MEDIA_TYPE)


def finding_errors(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings about a designer's file as entries of ``errors``."""
    return [
        {
            "code": finding.message.code,
            "rule": rule_of(finding.message.code),
            "severity": str(finding.severity),
            "detail": finding.message.text(language()),
            "resource": finding.resource,
            "element": finding.element,
            "line": finding.line,
            "column": finding.column,
        }
        for finding in findings
    ]


def field_errors(messages: Any, pointer: str = "") -> list[dict[str, Any]]:
    """What marshmallow says about fields as entries of ``errors``, each with the JSON pointer of its field."""
    if isinstance(messages, Mapping):
        return [
            error
            for name, inner in messages.items()
            for error in field_errors(inner, f"{pointer}/{name}" if name != "_schema" else pointer)
        ]
    if isinstance(messages, list | tuple):
        return [error for inner in messages for error in field_errors(inner, pointer)]
    if isinstance(messages, Message):
        return [{"pointer": pointer, "code": messages.code, "detail": messages.text(language())}]
    return [{"pointer": pointer, "code": "request.field", "detail": str(messages)}]


def register_problems(app: Flask) -> None:
    """Answer everything that goes wrong in ``app`` as a problem."""
    app.register_error_handler(LendloomError, _of_our_own)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(ValidationError, _of_fields)
    app.register_error_handler(Exception, _unforeseen)


def _of_our_own(error: LendloomError) -> Response:
    if isinstance(error, ProblemError):
        return problem(error.status, error.message, errors=error.errors)
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("refused", code=error.message.code, exc_info=error)
    headers = {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    errors = finding_errors(getattr(error, "findings", ()))
    if isinstance(error, SearchError):
        errors = field_errors(error.message, error.place)
    for name, message in getattr(error, "fields", {}).items():
        errors += field_errors(message, f"/variables/{name}")
    return problem(status, error.message, errors=errors, headers=headers)


def of_http(error: HTTPException) -> Response:
    """What Flask itself refuses, as a problem."""
    status = error.code or 500
    response = error.get_response()
    if status < HTTPStatus.BAD_REQUEST:
        return Response(status=status, headers={"Location": response.headers.get("Location", "")})
    messages = getattr(error, "data", {}).get("messages")
    message = _WORDS.get(status) or _WORDS[400 if status < 500 else 500]
    allowed = response.headers.get("Allow")
    if messages is None:
        return problem(status, message, headers={"Allow": allowed} if allowed else None)
    # webargs puts the place (json, query) around the fields.
    inner = next(iter(messages.values())) if isinstance(messages, Mapping) and len(messages) == 1 else messages
    return problem(status, _WRONG_FIELDS, errors=field_errors(inner))


def _of_fields(error: ValidationError) -> Response:
    return problem(400, _WRONG_FIELDS, errors=field_errors(error.messages))


def _unforeseen(error: Exception) -> Response:
    status = status_of(error)
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("failed", exc_info=error)
    else:
        _log.warning("unavailable", error=str(error))
    return problem(status, _WORDS[status], headers={"Retry-After": "1"} if status != 500 else None)
