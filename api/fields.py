"""The fields of requests and answers, with what they say about a wrong value in both languages.

Names in JSON are in camel case, as in the Camunda 8 API, and stay so: a request is read into a dictionary under
the names it came with. Answers are plain dictionaries; their schemas only describe them in the OpenAPI document.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import current_app, request

from server.messages import Message
from server.runtime.errors import TooLarge
from server.store import search
from server.store.database import encode_json
from server.store.search import key_of

TENANT = "<default>"

_REQUIRED = Message("field.required", "此字段必填。", "This field is required.")
_NULL = Message("field.null", "此字段不能为 null。", "This field cannot be null.")
_UNKNOWN = Message("field.unknown", "没有这个字段；请核对名称。", "There is no such field; check its name.")
_NOT_OBJECT = Message("field.object", "应为 JSON 对象。", "This must be a JSON object.")
_COMMON: dict[str, Any] = {
    "required": [_REQUIRED],
    "null": [_NULL],
    "validator_failed": [Message("field.invalid", "此值不可用。", "This value cannot be used.")],
}


def wrong(code: str, zh: str, en: str) -> ma.ValidationError:
    """What a field raises about a value."""
    return ma.ValidationError([Message(f"field.{code}", zh, en)])


class Document(ma.Schema):
    """A JSON object whose members are all known."""

    error_messages = {"unknown": _UNKNOWN, "type": _NOT_OBJECT}  # type: ignore[dict-item]  # noqa: RUF012


def document(name: str, members: Mapping[str, ma.fields.Field[Any]]) -> type[ma.Schema]:
    """The schema of a JSON object, under the name that the OpenAPI document gives it."""
    return Document.from_dict(dict(members), name=name)


class Text(ma.fields.String):
    """Text, at most ``longest`` characters, without the character NUL, which PostgreSQL cannot keep."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": [Message("field.text", "应为文本。", "This must be text.")],
        "invalid_utf8": [Message("field.text", "应为文本。", "This must be text.")],
    }

    def __init__(self, *, longest: int = 4000, shortest: int = 0, **kwargs: Any) -> None:
        described = {"maxLength": longest, **({"minLength": shortest} if shortest else {})}
        kwargs["metadata"] = {**described, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)
        self._longest, self._shortest = longest, shortest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not self._shortest <= len(text) <= self._longest:
            raise wrong(
                "length",
                f"长度应为 {self._shortest} 到 {self._longest} 个字符。",
                f"This must have {self._shortest} to {self._longest} characters.",
            )
        return text


class OneOf(Text):
    """One of a few words."""

    def __init__(self, *words: str, **kwargs: Any) -> None:
        kwargs["metadata"] = {"enum": list(words), **kwargs.get("metadata", {})}
        super().__init__(**kwargs)
        self._words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in self._words:
            listed = ", ".join(self._words)
            raise wrong("one-of", f"应为以下之一：{listed}。", f"This must be one of: {listed}.")
        return text


class Tenant(Text):
    """The tenant: there is only the default one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text != TENANT:
            raise wrong("tenant", f"未启用多租户，只能使用 {TENANT}。", f"There are no tenants here but {TENANT}.")
        return text


class Key(ma.fields.Field[int]):
    """A key: a 64-bit number, written in JSON as its decimal digits in quotes."""

    default_error_messages = _COMMON

    def __init__(self, **kwargs: Any) -> None:
        described = {"type": "string", "pattern": "^[0-9]+$", "minLength": 1, "maxLength": 19}
        kwargs["metadata"] = {**described, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        key = key_of(value)
        if key is None:
            raise wrong("key", "键应为引号内的十进制数字。", "A key is decimal digits in quotes.")
        return key


class Whole(ma.fields.Integer):
    """A whole number between two bounds."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": [Message("field.whole", "应为整数。", "This must be a whole number.")],
        "too_large": [Message("field.whole", "数值过大。", "This number is too large.")],
    }

    def __init__(self, *, low: int = 0, high: int = 2**31 - 1, **kwargs: Any) -> None:
        kwargs["metadata"] = {"minimum": low, "maximum": high, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)
        self._low, self._high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid")
        if not self._low <= value <= self._high:
            raise wrong(
                "range",
                f"应在 {self._low} 与 {self._high} 之间。",
                f"This must be between {self._low} and {self._high}.",
            )
        return value


class Flag(ma.fields.Boolean):
    """True or false."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": [Message("field.flag", "应为 true 或 false。", "This must be true or false.")],
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class Digits(Whole):
    """A whole number in the query of an address, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise self.make_error("invalid")
        return super()._deserialize(int(text), attr, data, **kwargs)


class Instant(ma.fields.Field[dt.datetime]):
    """A date and time with its offset, in RFC 3339; one without an offset is UTC."""

    default_error_messages = _COMMON

    def __init__(self, **kwargs: Any) -> None:
        kwargs["metadata"] = {"type": "string", "format": "date-time", **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dt.datetime:
        return instant_of(value)


def instant_of(value: Any) -> dt.datetime:
    """The instant that an RFC 3339 text stands for."""
    instant = search.instant_of(value)
    if instant is None:
        raise wrong(
            "instant",
            "应为 RFC 3339 格式的日期时间，如 2026-01-31T08:00:00+08:00。",
            "This must be an RFC 3339 date and time such as 2026-01-31T08:00:00+08:00.",
        )
    return instant


class Variables(ma.fields.Dict):
    """Variables by name."""

    default_error_messages = {**_COMMON, "invalid": [_NOT_OBJECT]}  # noqa: RUF012

    def __init__(self, **kwargs: Any) -> None:
        kwargs["metadata"] = {"additionalProperties": {}, **kwargs.get("metadata", {})}
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        _check_size(value)
        return value


def _check_size(variables: dict[str, Any]) -> None:
    """Refuse variables beyond the limit; most requests are as a whole smaller than that."""
    limit: int = current_app.extensions["lendloom-settings"].variables_limit
    if (request.content_length or 0) <= limit or len(encode_json(variables).encode()) <= limit:
        return
    raise TooLarge(
        Message(
            "variables.too-large",
            f"变量共超过 {limit} 字节；请把大的内容作为文档上传（POST /v2/documents），变量中只保存文档引用。",
            f"The variables are larger than {limit} bytes together; upload large content as a document"
            " (POST /v2/documents) and keep only its reference in a variable.",
        )
    )


class Listed(ma.fields.List[Any]):
    """A list, of at most ``most`` entries where that is given."""

    default_error_messages = {  # noqa: RUF012
        **_COMMON,
        "invalid": [Message("field.list", "应为数组。", "This must be a list.")],
    }

    def __init__(self, inner: ma.fields.Field[Any], *, most: int | None = None, **kwargs: Any) -> None:
        if most is not None:
            kwargs["metadata"] = {"maxItems": most, **kwargs.get("metadata", {})}
        super().__init__(inner, **kwargs)
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if self._most is not None and isinstance(value, list) and len(value) > self._most:
            raise wrong(
                "entries",
                f"最多 {self._most} 项，请分批提交。",
                f"This may have {self._most} entries; send it in parts.",
            )
        entries: list[Any] = super()._deserialize(value, attr, data, **kwargs)
        return entries


class Part(ma.fields.Nested):
    """An object within an object."""

    default_error_messages = {**_COMMON, "type": [_NOT_OBJECT]}  # noqa: RUF012


def maybe(field: ma.fields.Field[Any]) -> ma.fields.Field[Any]:
    """The same member of an answer, which may be null."""
    field.allow_none = True
    return field


def always(members: Mapping[str, ma.fields.Field[Any]]) -> dict[str, ma.fields.Field[Any]]:
    """Members of an answer that are always there."""
    for member in members.values():
        member.required = True
    return dict(members)
