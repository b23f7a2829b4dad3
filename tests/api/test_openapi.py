"""The OpenAPI document says what the API does, and the API does what the document says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.authorization import PUBLIC, access_of

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
# These take the tests' own people and client away, or make the others impossible.
DESTRUCTIVE = r"/v2/(users|groups|clients|session|clock)"
WAITING = r"/v2/(jobs/activation|event-stream)"


@pytest.fixture(scope="module")
def specification(administrator: httpx.Client, content: Path) -> Any:
    """The document of the running API, with a few cases there to be found."""
    files = [("resources", (path.name, path.read_bytes())) for path in sorted(content.iterdir())]
    assert administrator.post("/v2/deployments", files=files).status_code == 200
    for number in range(3):
        body = {
            "processDefinitionId": "small-loan",
            "variables": {"applicationId": str(number), "amount": number},
        }
        assert administrator.post("/v2/process-instances", json=body).status_code == 200
    schema = schemathesis.openapi.from_url(f"{administrator.base_url}/openapi.json")
    return schema.exclude(path_regex=DESTRUCTIVE).exclude(path_regex=WAITING)


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_documented(specification: Any, administrator: httpx.Client) -> None:
    headers = {"Authorization": administrator.headers["Authorization"]}
    tried = 0
    for result in specification.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        def send(case: Any) -> None:
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        send()
        tried += 1
    assert tried > 50


def test_the_document_is_openapi_31_and_complete(api: Flask, administrator: httpx.Client) -> None:
    document = administrator.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    described = {
        (path, method)
        for path, item in document["paths"].items()
        for method in item
        if method in ("get", "post", "put", "patch", "delete")
    }
    routed = {
        (rule.rule.replace("<key:", "{").replace("<string:", "{").replace(">", "}"), method.lower())
        for rule in api.url_map.iter_rules()
        if rule.rule.startswith("/v2/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routed


def test_every_operation_is_named_summarised_and_says_who_may(api: Flask, administrator: httpx.Client) -> None:
    document = administrator.get("/openapi.json").json()
    operations = [
        operation
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["summary"] for operation in operations)
    opened = {access_of(view) for view in api.view_functions.values()}
    assert PUBLIC in opened
    assert all(("x-permission" in operation) != (operation.get("security") == []) for operation in operations)


def test_every_post_that_needs_a_token_takes_an_idempotency_key(administrator: httpx.Client) -> None:
    document = administrator.get("/openapi.json").json()
    for path, item in document["paths"].items():
        post = item.get("post")
        if post is not None and "x-permission" in post:
            named = {parameter["name"] for parameter in post["parameters"]}
            assert "Idempotency-Key" in named, path


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(
    administrator: httpx.Client,
) -> None:
    page = administrator.get("/docs").text
    document = administrator.get("/openapi.json").json()
    for path in document["paths"]:
        assert path in page
    assert "src=" not in page
    assert "http" not in page.replace("HTTP", "")
