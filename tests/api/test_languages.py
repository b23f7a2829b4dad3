"""Texts of failures come in the reader's language, and are found in either."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask

from server.jobs import completion
from server.messages import Message
from tests.api.cases import deploy, items

SENTENCE = Message("test.silent", "征信机构没有应答；请稍后重试。", "The bureau does not answer; try again later.")
FEE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="fees" name="fees" namespace="urn:fees">
  <decision id="fee" name="fee"><variable name="fee" />
    <literalExpression><text>amount * 0.01</text></literalExpression></decision></definitions>"""


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def in_both(administrator: httpx.Client, what: str, **body: Any) -> dict[str, dict[str, Any]]:
    """The one item that a search finds, as readers of Chinese and of English see it."""
    found = {}
    for language in ("zh-CN", "en"):
        answered = administrator.post(f"/v2/{what}/search", json=body, headers={"Accept-Language": language})
        assert answered.status_code == 200, answered.text
        (found[language[:2]],) = answered.json()["items"]
    return found


def started_job(administrator: httpx.Client) -> dict[str, Any]:
    body = {"processDefinitionId": "small-loan", "variables": {"applicationId": "x", "amount": 1}}
    key = administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"]
    (job,) = items(administrator, "jobs", filter={"processInstanceKey": key})
    return job


def test_what_our_own_workers_say_of_a_job_is_in_the_reader_s_language(administrator: httpx.Client, api: Flask) -> None:
    job = started_job(administrator)
    key = int(job["jobKey"])
    with api.app_context():
        completion.fail(job_key=key, retries=1, error_message=SENTENCE, actor="worker")
    wanted = {"jobKey": job["jobKey"]}
    shown = in_both(administrator, "jobs", filter=wanted)
    assert (shown["zh"]["errorMessage"], shown["en"]["errorMessage"]) == (SENTENCE.zh, SENTENCE.en)
    for words in ({"$like": "*没有应答*"}, {"$like": "*not answer*"}, {"$in": [SENTENCE.zh]}, SENTENCE.en):
        assert items(administrator, "jobs", filter={**wanted, "errorMessage": words})
    assert not items(administrator, "jobs", filter={**wanted, "errorMessage": {"$neq": SENTENCE.zh}})
    case = f"/v2/process-instances/{job['processInstanceKey']}/case"
    for language, sentence in (("zh", SENTENCE.zh), ("en", SENTENCE.en)):
        headers = {"Accept-Language": language}
        (of_case,) = administrator.get(case, headers=headers).json()["jobs"]
        assert of_case["errorMessage"] == sentence
        errors = administrator.post("/v2/jobs/statistics/errors", json={}, headers=headers).json()["items"]
        assert [error["errorMessage"] for error in errors] == [sentence]

    with api.app_context():
        completion.throw_error(job_key=key, error_code="SILENT", error_message=SENTENCE, actor="worker")
    shown = in_both(administrator, "incidents", filter={"jobKey": job["jobKey"]})
    assert SENTENCE.zh in shown["zh"]["errorMessage"] and SENTENCE.en in shown["en"]["errorMessage"]
    of_instance = {"processInstanceKey": job["processInstanceKey"]}
    for words in ("*没有应答*", "*not answer*"):
        wanted = {**of_instance, "errorMessage": {"$like": words}}
        assert items(administrator, "incidents", filter=wanted)
        assert items(administrator, "process-instances", filter=wanted)


def test_a_business_error_that_waits_for_the_case_keeps_both_languages(administrator: httpx.Client, api: Flask) -> None:
    job = started_job(administrator)
    instance = f"/v2/process-instances/{job['processInstanceKey']}"
    administrator.post(f"{instance}/suspension")
    with api.app_context():
        completion.throw_error(job_key=int(job["jobKey"]), error_code="SILENT", error_message=SENTENCE, actor="worker")
    administrator.post(f"{instance}/resumption")
    shown = in_both(administrator, "jobs", filter={"jobKey": job["jobKey"]})
    assert (shown["zh"]["errorMessage"], shown["en"]["errorMessage"]) == (SENTENCE.zh, SENTENCE.en)


def test_jobs_sorted_by_their_error_are_paged(administrator: httpx.Client, api: Flask) -> None:
    jobs = [started_job(administrator) for _ in range(3)]
    with api.app_context():
        for job, words in zip(jobs, ("c", "a", "b"), strict=True):
            completion.fail(job_key=int(job["jobKey"]), retries=1, error_message=words, actor="worker")
    wanted = {"jobKey": {"$in": [job["jobKey"] for job in jobs]}}
    sort = [{"field": "errorMessage"}]
    page: dict[str, Any] = {"limit": 2}
    seen = []
    for _ in range(2):
        body = {"filter": wanted, "sort": sort, "page": page}
        answered = administrator.post("/v2/jobs/search", json=body).json()
        seen += [job["errorMessage"] for job in answered["items"]]
        page = {"limit": 2, "after": answered["page"]["endCursor"]}
    assert seen == ["a", "b", "c"]


def test_why_a_decision_failed_is_in_the_reader_s_language(administrator: httpx.Client) -> None:
    assert administrator.post("/v2/deployments", files=[("resources", ("fee.dmn", FEE))]).status_code == 200
    asked = {"decisionDefinitionId": "fee", "variables": {"amount": "much"}}
    administrator.post("/v2/decision-definitions/evaluation", json=asked)
    shown = in_both(administrator, "decision-instances", filter={"decisionDefinitionId": "fee", "state": "FAILED"})
    zh, en = shown["zh"]["evaluationFailure"], shown["en"]["evaluationFailure"]
    assert re.search("[一-鿿]", zh) and not re.search("[一-鿿]", en)
    for words in (zh, en):
        assert items(administrator, "decision-instances", filter={"evaluationFailure": words})
