"""The OpenAPI 3.1 document at ``/openapi.json``, made from views and schemas, and a page to read at ``/docs``."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import marshmallow as ma
from flask import Flask, Response, render_template
from flask_smorest import Api, Blueprint

from server.store.database import encode_json

from .authorization import public
from .exact_json import plain
from .fields import Document, Text, Whole, always
from .release import release
from .resource import KeyConverter

TITLE = "Lendloom"
DESCRIPTION = (
    "Orchestration for lenders. Paths and shapes follow the Camunda 8 Orchestration Cluster REST API where it "
    "covers them, so that its official clients work unchanged. Errors are application/problem+json."
)
_METHODS = ("get", "post", "put", "patch", "delete")


class ProblemEntry(Document):
    """One entry of a problem's ``errors``."""

    pointer = Text(metadata={"description": "JSON pointer of the field"})
    code = Text()
    detail = Text()

    class Meta:
        unknown = ma.INCLUDE


ProblemSchema = Document.from_dict(
    {
        **always(
            {
                "type": Text(),
                "title": Text(),
                "status": Whole(low=400, high=599),
                "detail": Text(metadata={"description": "What is wrong and what to do, in the reader's language"}),
                "instance": Text(),
                "code": Text(metadata={"description": "Stable, for programs"}),
                "traceId": Text(metadata={"description": "Under which the request stands in the logs"}),
            }
        ),
        "errors": ma.fields.List(ma.fields.Nested(ProblemEntry)),
        "usernames": ma.fields.List(
            Text(), metadata={"description": "The user names in detail; /v2/users/names tells what they are called"}
        ),
    },
    name="Problem",
)


class DescribedApi(Api):
    """flask-smorest's registry, without its own error answers.

    Describing two hundred operations takes longer than serving them, so they are described when the document is
    first asked for.
    """

    ERROR_SCHEMA = ProblemSchema

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._described = threading.Lock()
        self._undescribed: list[Blueprint] = []
        super().__init__(*arguments, **named)

    def register_blueprint(self, blp: Blueprint, **options: Any) -> None:
        """Serve a resource now, and describe it later."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    def document(self) -> dict[str, Any]:
        """The whole OpenAPI document."""
        with self._described:
            while self._undescribed:
                resource = self._undescribed.pop(0)
                resource.register_views_in_doc(self, self._app, self.spec, name=resource.name, parameters=None)
                self.spec.tag({"name": resource.name, "description": resource.description})
            document: dict[str, Any] = self.spec.to_dict()
        return document

    def _register_error_handlers(self) -> None:
        """Problems are answered by :mod:`api.problems`."""


def describe_api(app: Flask) -> DescribedApi:
    """The registry of the resources of ``app``; serves the document and its page."""
    app.config.update(API_TITLE=TITLE, API_VERSION=release(), OPENAPI_VERSION="3.1.0")
    app.url_map.converters["key"] = KeyConverter
    schemes = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    described = DescribedApi(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "security": [{"bearer": []}],
            "components": {"securitySchemes": schemes},
        },
    )
    key = {"type": "string", "pattern": "^[0-9]+$", "minLength": 1, "maxLength": 19}
    described.register_converter(KeyConverter, lambda _converter: dict(key))

    @cache
    def openapi_text() -> str:
        return encode_json(described.document())

    @app.get("/openapi.json")
    @public
    def openapi_document() -> Response:
        return plain(openapi_text(), "application/json")

    @app.get("/docs")
    @public
    def docs() -> str:
        return render_template("docs.html", document=_readable(described.document()))

    return described


def _readable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as the page shows it: operations by tag, with their schemas by name."""
    schemas = document["components"].get("schemas", {})
    tags: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for path, item in document["paths"].items():
        for method in _METHODS:
            operation = item.get(method)
            if operation is not None:
                tags.setdefault(operation["tags"][0], []).append(_operation(path, method, operation, item))
    descriptions = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    return {
        "info": document["info"],
        "tags": [
            {"name": name, "description": descriptions.get(name, ""), "operations": operations}
            for name, operations in tags.items()
        ],
        "schemas": {name: _members(schema) for name, schema in sorted(schemas.items())},
    }


def _operation(path: str, method: str, operation: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    bodies = operation.get("requestBody", {}).get("content", {})
    answers = []
    for status, response in operation.get("responses", {}).items():
        for content in response.get("content", {}).values() or [{}]:
            if str(status) < "300":
                answers.append({"status": status, "schema": _type_of(content.get("schema", {}))})
    return {
        "path": path,
        "method": method.upper(),
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "permission": operation.get("x-permission", "public"),
        "body": [_type_of(content.get("schema", {})) for content in bodies.values()],
        "answers": answers,
        "parameters": [p["name"] for p in [*item.get("parameters", ()), *operation.get("parameters", ())]],
    }


def _members(schema: Mapping[str, Any]) -> list[dict[str, str]]:
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "type": _type_of(member),
            "required": "*" if name in required else "",
            "description": member.get("description", ""),
        }
        for name, member in schema.get("properties", {}).items()
    ]


def _type_of(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return " | ".join(_type_of(inner) for inner in schema[several])
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        kind = " | ".join(kind)
    if kind == "array":
        return f"{_type_of(schema.get('items', {}))}[]"
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)
