"""Documents over HTTP: their limits, who may read them, links, expiry; and variables that should be documents."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from flask import Flask

from server.runtime import clock, documents
from server.runtime.command import command
from server.settings import Settings

LIMIT = 600 * 1024


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Small limits."""
    return replace(settings, document_limit=LIMIT, variables_limit=20_000)


def upload(http: httpx.Client, content: bytes = b"content", **metadata: Any) -> httpx.Response:
    parts: dict[str, Any] = {"file": ("a scan.pdf", content, "application/pdf")}
    if metadata:
        parts["metadata"] = (None, json.dumps(metadata), "application/json")
    return http.post("/v2/documents", files=parts)


def uploaded(http: httpx.Client, content: bytes = b"content", **metadata: Any) -> str:
    answer = upload(http, content, **metadata)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["documentId"])


@pytest.mark.parametrize("size", [0, 1, documents.CHUNK, documents.CHUNK + 1, LIMIT])
def test_a_document_comes_back_byte_for_byte(administrator: httpx.Client, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    document_id = uploaded(administrator, content)
    answer = administrator.get(f"/v2/documents/{document_id}")
    assert answer.content == content
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20scan.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_that_is_too_large_is_refused_and_leaves_nothing(administrator: httpx.Client) -> None:
    answer = administrator.post("/v2/documents?documentId=large", files={"file": ("x", b"0" * (LIMIT + 1))})
    assert answer.status_code == 413
    assert answer.json()["code"] == "document.too-large"
    assert administrator.get("/v2/documents/large").status_code == 404


def test_an_id_is_used_once(administrator: httpx.Client) -> None:
    for status in (201, 409):
        answer = administrator.post("/v2/documents?documentId=mine", files={"file": ("x", b"0")})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "files", "code"),
    [
        ("/v2/documents", {"other": ("x", b"0")}, "request.no-files"),
        ("/v2/documents?storeId=s3", {"file": ("x", b"0")}, None),
        ("/v2/documents", {"file": ("x", b"0"), "metadata": (None, "[{}, {}]")}, "request.metadata"),
        ("/v2/documents", {"file": ("x", b"0"), "metadata": (None, "{")}, "request.json"),
        ("/v2/documents", {"file": ("x", b"0"), "metadata": (None, '{"colour": 1}')}, None),
        (
            "/v2/documents",
            {"file": ("x", b"0"), "metadata": (None, '{"expiresAt": "2000-01-01T00:00:00Z"}')},
            "document.expired",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    administrator: httpx.Client, path: str, files: dict[str, Any], code: str | None
) -> None:
    answer = administrator.post(path, files=files)
    assert answer.status_code == 400
    assert code is None or answer.json()["code"] == code


def test_a_reference_with_another_hash_is_told(administrator: httpx.Client) -> None:
    document_id = uploaded(administrator)
    answer = administrator.get(f"/v2/documents/{document_id}", params={"contentHash": "0" * 64})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.document-hash")


def test_a_reviewer_reads_their_own_documents_and_nobody_elses(
    person: Callable[[str], httpx.Client], administrator: httpx.Client
) -> None:
    reviewer = person("zhang.wei")
    own, others = uploaded(reviewer), uploaded(administrator)
    assert reviewer.get(f"/v2/documents/{own}").status_code == 200
    assert reviewer.get(f"/v2/documents/{others}").status_code == 404
    assert reviewer.post(f"/v2/documents/{others}/links").status_code == 404
    assert reviewer.delete(f"/v2/documents/{own}").status_code == 403


def test_a_link_opens_one_document_for_a_time(administrator: httpx.Client, address: str) -> None:
    first, second = uploaded(administrator, b"first"), uploaded(administrator, b"second")
    made = administrator.post(f"/v2/documents/{first}/links", json={"timeToLive": 60_000})
    assert made.status_code == 201
    query = made.json()["url"].partition("?")[2]
    assert httpx.get(f"{address}/v2/documents/{first}/shared?{query}").content == b"first"
    assert httpx.get(f"{address}/v2/documents/{second}/shared?{query}").status_code == 404
    longer = query.replace("expires=", "expires=9")
    assert httpx.get(f"{address}/v2/documents/{first}/shared?{longer}").status_code == 404
    assert httpx.get(f"{address}/v2/documents/{first}/shared?expires=1&signature=x").status_code == 404
    assert httpx.get(f"{address}/v2/documents/{first}").status_code == 401


def test_a_document_is_gone_when_it_has_expired(administrator: httpx.Client, api: Flask, settings: Settings) -> None:
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=30)
    document_id, kept = uploaded(administrator, expiresAt=expires.isoformat()), uploaded(administrator)
    with api.app_context():
        clock.pin(expires, actor="test", settings=settings)
        try:
            assert administrator.get(f"/v2/documents/{document_id}").status_code == 404
            assert administrator.get(f"/v2/documents/{kept}").status_code == 200
            assert command(documents.delete_expired) == 1
            assert command(documents.delete_expired) == 0
        finally:
            clock.reset(actor="test", settings=settings)
    assert administrator.get(f"/v2/documents/{document_id}").status_code == 404


def test_variables_that_are_too_large_are_pointed_to_documents(administrator: httpx.Client) -> None:
    message = {"name": "x", "correlationKey": "y", "timeToLive": 0, "variables": {"text": "文" * 6000}}
    assert administrator.post("/v2/messages/publication", json=message).status_code == 200
    message["variables"] = {"text": "文" * 8000}
    answer = administrator.post("/v2/messages/publication", json=message)
    assert (answer.status_code, answer.json()["code"]) == (413, "variables.too-large")
    assert "/v2/documents" in answer.json()["detail"]
