"""Checking files over HTTP before they are deployed, and what a deployment tells of them."""

from __future__ import annotations

from typing import Any

import httpx

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="t">'
    '<bpmn:process id="{0}" isExecutable="true">'
)
FOOT = "</bpmn:process></bpmn:definitions>"
START = '<bpmn:startEvent id="s"/>'


def flow(number: int, source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}"/>'


FORKED = (
    HEAD.format("lint-forked") + START + '<bpmn:userTask id="a"/><bpmn:userTask id="b"/><bpmn:endEvent id="e"/>'
    f"{flow(1, 's', 'a')}{flow(2, 's', 'b')}{flow(3, 'b', 'a')}{flow(4, 'a', 'e')}{FOOT}"
)
DEADLOCK = (
    HEAD.format("lint-deadlock") + START + '<bpmn:parallelGateway id="j"/><bpmn:exclusiveGateway id="x" default="f2"/>'
    '<bpmn:sequenceFlow id="f9" sourceRef="x" targetRef="j"><bpmn:conditionExpression>=big</bpmn:conditionExpression>'
    f"</bpmn:sequenceFlow>{flow(1, 's', 'x')}{flow(2, 'x', 'j')}{FOOT}"
)
CALLING = (
    HEAD.format("lint-calling") + START + '<bpmn:callActivity id="c"><bpmn:extensionElements>'
    f'<zeebe:calledElement processId="nowhere"/></bpmn:extensionElements></bpmn:callActivity>{flow(1, "s", "c")}{FOOT}'
)


def lint(client: httpx.Client, *files: tuple[str, str], language: str = "en") -> dict[str, Any]:
    parts = [("resources", (name, text.encode())) for name, text in files]
    answer = client.post("/v2/deployments/lint", files=parts, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_files_are_checked_without_being_deployed(administrator: httpx.Client) -> None:
    found = lint(administrator, ("forked.bpmn", FORKED))
    assert found["deployable"] is True
    warning = next(f for f in found["findings"] if f["severity"] == "warning")
    assert (warning["code"], warning["resource"]) == ("bpmn.lack-of-synchronisation", "forked.bpmn")
    assert (warning["element"], warning["rule"]) == ("a", "lack-of-synchronisation")
    assert warning["line"] == 1
    assert any(f["code"] == "lint.label-required" for f in found["findings"])
    query = {"filter": {"processDefinitionId": "lint-forked"}}
    assert administrator.post("/v2/process-definitions/search", json=query).json()["items"] == []


def test_what_would_be_refused_is_said_with_the_way_there(administrator: httpx.Client) -> None:
    found = lint(administrator, ("deadlock.bpmn", DEADLOCK), language="zh-CN")
    assert found["deployable"] is False
    error = next(f for f in found["findings"] if f["severity"] == "error")
    assert error["code"] == "bpmn.deadlock" and "永远等待" in error["detail"]
    parts = [("resources", ("deadlock.bpmn", DEADLOCK.encode()))]
    refused = administrator.post("/v2/deployments", files=parts)
    assert refused.status_code == 400
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert [(e["code"], e["element"]) for e in refused.json()["errors"]] == [("bpmn.deadlock", "j")]


def test_a_deployment_answers_its_warnings(administrator: httpx.Client) -> None:
    parts = [("resources", ("forked.bpmn", FORKED.encode()))]
    answer = administrator.post("/v2/deployments", files=parts)
    assert answer.status_code == 200, answer.text
    assert [w["code"] for w in answer.json()["warnings"]] == ["bpmn.lack-of-synchronisation"]


def test_references_are_looked_up_among_the_files_and_what_is_deployed(administrator: httpx.Client) -> None:
    def missing(*files: tuple[str, str]) -> list[str]:
        findings = lint(administrator, *files)["findings"]
        return [f["element"] for f in findings if f["code"] == "deployment.missing-reference"]

    assert missing(("calling.bpmn", CALLING)) == ["c"]
    called = FORKED.replace("lint-forked", "nowhere")
    assert missing(("calling.bpmn", CALLING), ("called.bpmn", called)) == []
    assert administrator.post("/v2/deployments", files=[("resources", ("called.bpmn", called.encode()))]).is_success
    assert missing(("calling.bpmn", CALLING)) == []


def test_no_file_is_a_bad_request(administrator: httpx.Client) -> None:
    assert administrator.post("/v2/deployments/lint", data={"tenantId": "<default>"}).status_code == 400


def test_files_that_are_not_all_may_be_bound_to_what_is_deployed(administrator: httpx.Client) -> None:
    bound = CALLING.replace("lint-calling", "lint-bound").replace('"nowhere"', '"bound-there" bindingType="deployment"')

    def codes(complete: str) -> list[str]:
        parts = [("resources", ("bound.bpmn", bound.encode()))]
        answer = administrator.post("/v2/deployments/lint", files=parts, data={"complete": complete})
        assert answer.status_code == 200, answer.text
        return [f["code"] for f in answer.json()["findings"] if "reference" in f["code"]]

    assert codes("true") == ["bpmn.reference-not-in-deployment"]
    assert codes("false") == ["deployment.missing-reference"]
    called = FORKED.replace("lint-forked", "bound-there")
    assert administrator.post("/v2/deployments", files=[("resources", ("there.bpmn", called.encode()))]).is_success
    assert codes("true") == ["bpmn.reference-not-in-deployment"]
    assert codes("false") == []
