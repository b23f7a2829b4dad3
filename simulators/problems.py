"""Refusals: how a simulated service says no (``application/problem+json`` with a code)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException


class RequestRefusedError(Exception):
    """A request answered with a problem; ``members`` are added to it."""

    def __init__(self, status: int, code: str, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.members = members


def problem(status: int, code: str, detail: str, **members: object) -> Response:
    """A problem document as a response."""
    response = jsonify({"status": status, "code": code, "detail": detail, **members})
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def answer_problems(app: Flask) -> None:
    """Makes refusals, and what Flask itself refuses, problem documents."""

    @app.errorhandler(RequestRefusedError)
    def refused(error: RequestRefusedError) -> Response:
        return problem(error.status, error.code, error.detail, **error.members)

    @app.errorhandler(HTTPException)
    def not_served(error: HTTPException) -> Response:
        return problem(error.code or 500, error.name.upper().replace(" ", "_"), error.description or error.name)


def json_body() -> dict[str, Any]:
    """The request's JSON object."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise RequestRefusedError(400, "INVALID_BODY", "The body must be a JSON object.")
    return body


def text_field(body: dict[str, Any], name: str) -> str:
    """A required text member of a body."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RequestRefusedError(400, "INVALID_BODY", f"{name} is required and is a text.", field=name)
    return value
