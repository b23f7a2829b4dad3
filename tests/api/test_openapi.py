"""The OpenAPI document says what the API has; that the API answers as it says is proved in tests/contract."""

from __future__ import annotations

import httpx
from flask import Flask

from api.authorization import PUBLIC, access_of


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
