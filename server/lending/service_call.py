"""Calls to other companies' services: JSON over HTTP with a time limit, money as decimal text.

A call ends in one of three ways: an answer; no usable answer (:class:`ServiceUnavailableError`, worth asking
again); or a refusal of the request itself (:class:`ServiceRefusedError`, asking again changes nothing).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, ClassVar, Self

import httpx

from server.lending.errors import ServiceRefusedError, ServiceUnavailableError
from server.messages import Message

JsonObject = dict[str, Any]

# Answers that say "not now" although they are in the 4xx range: request timeout, conflict with a request
# still in progress, too early, too many requests.
_NOT_NOW = frozenset({408, 409, 425, 429})


@dataclass(frozen=True, slots=True)
class ServiceName:
    """What readers know the service as, and the prefix of its message codes."""

    code: str
    zh: str
    en: str


class ServiceClient:
    """The connections to one service; may be shared by threads. Close it, or use it in a ``with``.

    ``name`` is each service's own; ``timeout_seconds`` bounds connecting, and each wait for an answer.
    """

    name: ClassVar[ServiceName]

    def __init__(self, base_url: str, *, timeout_seconds: float = 10.0) -> None:
        if not base_url.startswith(("http://", "https://")):
            raise ServiceRefusedError(
                "ADDRESS_INVALID",
                Message(
                    f"lending.{self.name.code}.address",
                    f"{self.name.zh}的地址 {base_url!r} 无效，应以 http:// 或 https:// 开头。",
                    f"The address of the {self.name.en}, {base_url!r}, is no http:// or https:// address.",
                ),
            )
        self.http = httpx.Client(base_url=base_url, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self.http.close()

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None) -> JsonObject:
        """The JSON answer to a POST, or one of the two errors."""
        try:
            response = self.http.post(path, json=dict(body), headers=headers)
        except httpx.RequestError as error:
            raise unavailable(self.name, type(error).__name__) from error
        if is_no_verdict(response):
            raise unavailable(self.name, f"HTTP {response.status_code}")
        if not response.is_success:
            raise refused(self.name, response)
        answer = json_of(response)
        if answer is None:
            raise unavailable(self.name, "the answer is not JSON")
        return answer


def json_of(response: httpx.Response) -> JsonObject | None:
    """The JSON object in an answer, numbers read as int or Decimal; none if there is no such thing."""
    try:
        body = json.loads(response.content, parse_float=Decimal)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def is_no_verdict(response: httpx.Response) -> bool:
    """Whether an answer leaves open what became of the request."""
    return response.status_code >= 500 or response.status_code in _NOT_NOW


def refused(name: ServiceName, response: httpx.Response) -> ServiceRefusedError:
    """The refusal in an answer of the 3xx or 4xx range."""
    problem = json_of(response) or {}
    code = str(problem.get("code") or f"HTTP_{response.status_code}")
    detail = str(problem.get("detail") or response.reason_phrase)
    return ServiceRefusedError(
        code,
        Message(
            f"lending.{name.code}.refused",
            f"{name.zh}拒绝了请求（{code}：{detail}），请修正数据或配置后再试。",
            f"The {name.en} refused the request ({code}: {detail}); correct the data or the configuration.",
        ),
    )


def unavailable(name: ServiceName, cause: str) -> ServiceUnavailableError:
    """No usable answer, because of ``cause``."""
    return ServiceUnavailableError(
        Message(
            f"lending.{name.code}.unavailable",
            f"{name.zh}没有给出可用的答复（{cause}），请稍后重试。",
            f"The {name.en} gave no usable answer ({cause}); try again later.",
        )
    )


def decimal_text(amount: Decimal) -> str:
    """An amount as the plain decimal text that services read."""
    return format(amount, "f")
