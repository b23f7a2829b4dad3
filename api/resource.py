"""A resource: a blueprint whose endpoints read exact JSON and are described the same way in the OpenAPI document."""

from __future__ import annotations

from typing import Any, NoReturn

import marshmallow as ma
from flask import Request
from flask_smorest import Blueprint
from webargs import missing
from webargs.flaskparser import FlaskParser, abort, is_json_request
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.routing import BaseConverter

from server.store.search import key_of

from .authorization import PUBLIC, SIGNED_IN, access_of
from .exact_json import read_json
from .problems import MEDIA_TYPE

PREFIX = "/v2"


_NOTHING = 0


class KeyConverter(BaseConverter):
    """A key in a path: decimal digits. Those that do not fit into 64 bits are the key of nothing."""

    regex = "[0-9]{1,25}"

    def to_python(self, value: str) -> int:
        return key_of(value) or _NOTHING


class _ExactParser(FlaskParser):
    """Reads bodies with exact numbers; a request that does not fit its schema is a 400."""

    DEFAULT_VALIDATION_STATUS = 400

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return missing
        if not is_json_request(req):
            raise UnsupportedMediaType
        value = read_json(body)
        return missing if value is None else value

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **kwargs: Any) -> NoReturn:
        abort(400, exc=error, messages=error.messages)


class Resource(Blueprint):
    """The endpoints of one kind of thing, under ``/v2``."""

    ARGUMENTS_PARSER = _ExactParser()

    def __init__(self, name: str, *, description: str, prefix: str = PREFIX) -> None:
        super().__init__(name, __name__, url_prefix=prefix, description=description)
        self._prepare_doc_cbks.append(_describe)

    def arguments(self, schema: Any, **options: Any) -> Any:
        """Parse requests by ``schema``, made once: making a schema costs more than reading a request with it."""
        return super().arguments(schema() if isinstance(schema, type) else schema, **options)

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, described in self._docs[endpoint].items():
            if method != "parameters":
                described["access"] = access_of(obj)
                described["operation_id"] = _camel(obj.__name__)


_PROBLEM = {"description": "Problem", "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A repeated request with the same key and body is given the first answer; another body is a 422.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def _describe(doc: dict[str, Any], described: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """What every endpoint has in common: problems, who may use it, and that it may be repeated."""
    access = described["access"]
    doc["operationId"] = described["operation_id"]
    statuses = ["400", "404", "409", "500", "503"]
    if access == PUBLIC:
        doc["security"] = []
        statuses += ["401"]
    else:
        statuses += ["401", "403"]
        doc["x-permission"] = access if access == SIGNED_IN else ":".join(access)
        if method == "post":
            statuses += ["422"]
            doc.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if method in ("post", "put", "patch"):
        statuses += ["413", "415"]
    responses = doc.setdefault("responses", {})
    for status in sorted(statuses):
        responses[status] = _PROBLEM
    responses.pop("default", None)
    responses.pop("BAD_REQUEST", None)
    return doc


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)
