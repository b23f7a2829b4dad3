"""JSON over HTTP with exact numbers: fractions are read as ``Decimal`` and written digit for digit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from flask import Response, current_app
from flask.json.provider import JSONProvider

from server.messages import LendloomError, Message
from server.store.database import encode_json

LARGEST_EXPONENT = 6144
"""As in IEEE 754 decimal128; nothing that people count is larger, and nothing may grow without end."""


class UnreadableJsonError(LendloomError):
    """The body is not JSON that can be processed."""

    def __init__(self, why_zh: str, why_en: str) -> None:
        super().__init__(
            Message(
                "request.json",
                f"请求正文不是可处理的 JSON：{why_zh}。请更正后重新提交。",
                f"The request body is not JSON that can be processed: {why_en}. Correct it and send it again.",
            )
        )


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > LARGEST_EXPONENT:
        raise UnreadableJsonError(f"数值 {text[:40]} 超出范围", f"the number {text[:40]} is out of range")
    return number


_decoder = msgspec.json.Decoder(float_hook=_number)


def read_json(body: bytes) -> Any:
    """The value of a request body; raises :class:`UnreadableJsonError`."""
    if b"\\u0000" in body:
        # PostgreSQL cannot keep the character NUL in text, so it is refused before anything is done.
        raise UnreadableJsonError("包含空字符 \\u0000", "it contains the character \\u0000")
    try:
        return _decoder.decode(body)
    except RecursionError as error:
        raise UnreadableJsonError("嵌套层次过深", "it is nested too deeply") from error
    except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
        raise UnreadableJsonError(f"语法错误（{error}）", f"{error}") from error


class ExactJson(JSONProvider):
    """Flask's JSON, exact."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return encode_json(obj)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return read_json(s.encode() if isinstance(s, str) else s)


def answer(value: Any, status: int = 200) -> Response:
    """An answer with a JSON body."""
    return Response(encode_json(value), status, mimetype="application/json")


def no_content() -> Response:
    """The answer to a command that has nothing to tell."""
    return Response(status=204)


def plain(text: str | bytes, mimetype: str) -> Response:
    """An answer that is a document of its own, such as BPMN XML."""
    return current_app.response_class(text, mimetype=mimetype)
