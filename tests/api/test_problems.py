"""Every error is a problem document in the reader's language, under the trace id of its request."""

from __future__ import annotations

import re

import httpx
import pytest

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def problem_of(answered: httpx.Response) -> dict[str, object]:
    assert answered.headers["Content-Type"] == "application/problem+json"
    document: dict[str, object] = answered.json()
    assert {"type", "title", "status", "detail", "instance", "code", "traceId"} <= document.keys()
    assert document["status"] == answered.status_code
    assert document["instance"] == answered.request.url.path
    return document


def test_a_path_that_does_not_exist(administrator: httpx.Client) -> None:
    answered = administrator.get("/v2/no-such-thing")
    assert answered.status_code == 404
    assert problem_of(answered)["code"] == "http.not-found"


def test_a_method_that_the_path_does_not_take(administrator: httpx.Client) -> None:
    answered = administrator.delete("/v2/topology")
    assert answered.status_code == 405
    assert "GET" in answered.headers["Allow"]
    problem_of(answered)


@pytest.mark.parametrize(
    ("language", "word"), [("zh-CN,zh;q=0.9,en;q=0.8", "流程"), ("en-GB", "process"), ("fr", "process")]
)
def test_problems_speak_the_readers_language(administrator: httpx.Client, language: str, word: str) -> None:
    answered = administrator.get("/v2/process-instances/1", headers={"Accept-Language": language})
    assert answered.status_code == 404
    assert word in str(problem_of(answered)["detail"])


def test_the_trace_of_the_caller_goes_on(administrator: httpx.Client) -> None:
    answered = administrator.get("/v2/process-instances/1", headers={"traceparent": TRACEPARENT})
    assert problem_of(answered)["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert answered.headers["traceparent"].startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-")


@pytest.mark.parametrize("given", ["", "nonsense", "00-" + "0" * 32 + "-00f067aa0ba902b7-01"])
def test_without_a_usable_trace_there_is_a_new_one(administrator: httpx.Client, given: str) -> None:
    answered = administrator.get("/v2/process-instances/1", headers={"traceparent": given})
    assert re.fullmatch("[0-9a-f]{32}", str(problem_of(answered)["traceId"]))


@pytest.mark.parametrize(
    "body", [b"{", b'{"a": 1,}', b"[" * 100_000, b'{"name": "\\u0000"}', b'{"x": 1e999999}', b'{"x": NaN}', b"\xff"]
)
def test_a_body_that_is_no_usable_json(administrator: httpx.Client, body: bytes) -> None:
    answered = administrator.post("/v2/signals/broadcast", content=body, headers={"Content-Type": "application/json"})
    assert answered.status_code == 400
    assert problem_of(answered)["code"] == "request.json"


def test_a_body_of_another_kind(administrator: httpx.Client) -> None:
    answered = administrator.post("/v2/signals/broadcast", data={"signalName": "x"})
    assert answered.status_code == 415
    problem_of(answered)


def test_a_body_that_is_too_large(administrator: httpx.Client) -> None:
    answered = administrator.post(
        "/v2/signals/broadcast", json={"signalName": "x", "variables": {"a": "x" * 5_000_000}}
    )
    assert answered.status_code == 413
    problem_of(answered)


def test_wrong_fields_are_named_one_by_one(administrator: httpx.Client) -> None:
    body = {"maxJobsToActivate": "many", "timeout": 0, "surprise": 1, "fetchVariable": ["a", 2]}
    answered = administrator.post("/v2/jobs/activation", json=body, headers={"Accept-Language": "zh"})
    assert answered.status_code == 400
    errors = problem_of(answered)["errors"]
    assert isinstance(errors, list)
    assert {error["pointer"]: error["code"] for error in errors} == {
        "/type": "field.required",
        "/maxJobsToActivate": "field.whole",
        "/timeout": "field.range",
        "/surprise": "field.unknown",
        "/fetchVariable/1": "field.text",
    }
    assert all(re.search("[一-鿿]", error["detail"]) for error in errors)


@pytest.mark.parametrize("body", [[], "text", 7])
def test_a_body_that_is_no_object(administrator: httpx.Client, body: object) -> None:
    answered = administrator.post("/v2/user-tasks/search", json=body)
    assert answered.status_code == 400
    assert problem_of(answered)["code"] == "request.fields"


@pytest.mark.parametrize("key", ["abc", "-1", "9" * 25, "1.5", "%00", "１"])
def test_what_is_no_key_is_not_found(administrator: httpx.Client, key: str) -> None:
    answered = administrator.get(f"/v2/user-tasks/{key}")
    assert answered.status_code in (400, 404)
    problem_of(answered)


def test_a_file_that_would_not_run_is_refused_with_its_faults(administrator: httpx.Client) -> None:
    broken = b"""<?xml version="1.0"?>
        <bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">
          <bpmn:process id="broken" isExecutable="true">
            <bpmn:startEvent id="begin"><bpmn:outgoing>f</bpmn:outgoing></bpmn:startEvent>
            <bpmn:serviceTask id="nobody-works-on-this"><bpmn:incoming>f</bpmn:incoming></bpmn:serviceTask>
            <bpmn:sequenceFlow id="f" sourceRef="begin" targetRef="nobody-works-on-this" />
          </bpmn:process>
        </bpmn:definitions>"""
    answered = administrator.post("/v2/deployments", files={"resources": ("broken.bpmn", broken)})
    assert answered.status_code == 400
    errors = problem_of(answered)["errors"]
    assert isinstance(errors, list)
    assert any(error["element"] == "nobody-works-on-this" and error["resource"] == "broken.bpmn" for error in errors)


def test_a_deployment_without_files(administrator: httpx.Client) -> None:
    answered = administrator.post("/v2/deployments", files={}, data={"tenantId": "<default>"})
    assert answered.status_code == 400
    assert problem_of(answered)["code"] == "request.no-files"


def test_an_error_inside_is_a_problem_too(administrator: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("server.runtime.signals.broadcast", broken)
    answered = administrator.post("/v2/signals/broadcast", json={"signalName": "x"})
    assert answered.status_code == 500
    document = problem_of(answered)
    assert document["code"] == "http.internal"
    assert "ZeroDivision" not in answered.text
