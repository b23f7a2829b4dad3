"""The search over everything, and notices: each finds and hears of what is theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.cases import deploy, start

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def search(http: httpx.Client, q: str, **more: Any) -> dict[str, Any]:
    answered = http.get("/v2/search", params={"q": q, **more})
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def test_a_case_is_found_by_number_applicant_and_key(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator, businessId="LN-2024-0001", variables={"applicantName": "诸葛亮"})
    zhang = person("zhang.wei")
    for text in ("LN-2024", "诸葛", case["instance"]):
        found = search(zhang, text)
        assert [one["processInstanceKey"] for one in found["cases"]] == [case["instance"]], text
        assert found["cases"][0]["applicant"] == "诸葛亮"
        assert [one["userTaskKey"] for one in found["userTasks"]] == [case["task"]], text
        nothing = search(person("chen.jing"), text)
        assert (nothing["cases"], nothing["userTasks"]) == ([], [])
    assert search(zhang, "LN_2024")["cases"] == []
    assert search(zhang, case["task"])["userTasks"][0]["userTaskKey"] == case["task"]


def test_definitions_and_own_tasks_are_found_by_name(administrator: httpx.Client, person: Person) -> None:
    start(administrator, administrator)
    found = search(person("xu.li"), "loan")
    assert ("process", "small-loan") in {(one["kind"], one["id"]) for one in found["definitions"]}
    assert found["cases"] == found["userTasks"] == []
    graph = administrator.post("/v2/decision-requirements/search", json={}).json()["items"][0]["decisionRequirementsId"]
    decision = {d["id"]: d for d in search(person("xu.li"), "risk")["definitions"]}["risk-rating"]
    assert (decision["kind"], decision["decisionRequirementsId"]) == ("decision", graph)
    tasks = search(person("zhang.wei"), "审", limit=3)["userTasks"]
    assert 0 < len(tasks) <= 3


def test_no_text_is_refused(administrator: httpx.Client, address: str) -> None:
    assert administrator.get("/v2/search", params={"q": ""}).status_code == 400
    assert administrator.get("/v2/search").status_code == 400
    assert httpx.get(f"{address}/v2/search", params={"q": "ab"}).status_code == 401


def notices(http: httpx.Client) -> dict[str, Any]:
    heard: dict[str, Any] = http.get("/v2/notices").json()
    return heard


def test_notices_tell_what_is_new_until_they_are_seen(administrator: httpx.Client, person: Person) -> None:
    zhang = person("zhang.wei")
    case = start(administrator, administrator, businessId="N-1")
    first = notices(zhang)["items"][0]
    assert (first["kind"], first["key"], first["isNew"]) == ("task-claimable", case["task"], True)
    assert zhang.post("/v2/notices/seen").status_code == 204
    assert notices(zhang)["newCount"] == 0
    administrator.post(f"/v2/user-tasks/{case['task']}/assignment", json={"assignee": "zhang.wei"})
    assigned = notices(zhang)
    assert assigned["newCount"] == 1
    assert (assigned["items"][0]["kind"], assigned["items"][0]["actor"]) == ("task-assigned", "lendloom-demo")
    administrator.post(f"/v2/process-instances/{case['instance']}/comments", json={"text": "请今天办结"})
    said = notices(zhang)["items"][0]
    assert (said["kind"], said["title"]) == ("comment", "请今天办结")
    overdue = {"changeset": {"dueDate": notices(zhang)["items"][1]["date"]}}
    administrator.patch(f"/v2/user-tasks/{case['task']}", json=overdue)
    assert "task-overdue" in {one["kind"] for one in notices(zhang)["items"]}


def test_what_one_has_taken_oneself_is_no_news(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator)
    zhang = person("zhang.wei")
    zhang.post(f"/v2/user-tasks/{case['task']}/assignment", json={})
    assert case["task"] not in {one["key"] for one in notices(zhang)["items"]}


def test_the_end_of_ones_case_is_told(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator)
    administrator.post(f"/v2/process-instances/{case['instance']}/cancellation")
    ended = [one for one in notices(administrator)["items"] if one["kind"] == "case-ended"]
    assert (ended[0]["key"], ended[0]["actor"]) == (case["instance"], "TERMINATED")
    assert notices(person("xu.li"))["items"] == []
