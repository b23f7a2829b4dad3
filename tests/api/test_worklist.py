"""A reviewer's worklist: boxes with counts, columns, text search, and drafts that survive the page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.cases import OPINION, deploy, items, start

Person = Callable[[str], httpx.Client]


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def keys(found: list[dict[str, str]]) -> set[str]:
    return {item["userTaskKey"] for item in found}


def test_boxes_hold_what_is_claimable_mine_and_done(administrator: httpx.Client, person: Person) -> None:
    zhang = person("zhang.wei")
    before = zhang.get("/v2/user-tasks/counts").json()
    waits, taken, done = (start(administrator, administrator)["task"] for _ in range(3))
    other = start(administrator, administrator)["task"]
    administrator.post(f"/v2/user-tasks/{other}/assignment", json={"assignee": "li.na"})
    for task in (taken, done):
        assert zhang.post(f"/v2/user-tasks/{task}/assignment", json={}).status_code == 204
    assert zhang.post(f"/v2/user-tasks/{done}/completion", json=OPINION).status_code == 204
    claimable = keys(items(zhang, "user-tasks", box="claimable"))
    assert waits in claimable
    assert claimable.isdisjoint({taken, done, other})
    assert keys(items(zhang, "user-tasks", box="assigned")) == {taken}
    assert done in keys(items(zhang, "user-tasks", box="completed"))
    after = zhang.get("/v2/user-tasks/counts").json()
    grown = {name: after[name] - before[name] for name in ("assigned", "claimable", "completed", "started")}
    assert grown == {"assigned": 1, "claimable": 1, "completed": 1, "started": 0}
    assert after["countedUpTo"] == 1000


def test_overdue_tasks_and_started_cases_are_counted(administrator: httpx.Client) -> None:
    before = administrator.get("/v2/user-tasks/counts").json()
    case = start(administrator, administrator)
    administrator.post(f"/v2/user-tasks/{case['task']}/assignment", json={})
    changeset = {"changeset": {"dueDate": "2020-01-01T00:00:00Z"}}
    assert administrator.patch(f"/v2/user-tasks/{case['task']}", json=changeset).status_code == 204
    counted = administrator.get("/v2/user-tasks/counts").json()
    assert counted["overdue"] == before["overdue"] + 1
    assert counted["started"] == before["started"] + 1
    assert case["task"] in keys(items(administrator, "user-tasks", box="assigned", filter={"isOverdue": True}))
    administrator.post(f"/v2/process-instances/{case['instance']}/cancellation")
    ended = administrator.get("/v2/user-tasks/counts").json()
    assert (ended["started"], ended["startedActive"]) == (counted["started"], counted["startedActive"] - 1)
    mine = items(administrator, "process-instances", filter={"startedBy": "lendloom-demo", "state": "TERMINATED"})
    assert case["instance"] in {item["processInstanceKey"] for item in mine}


def test_variables_come_as_columns_exact_and_masked(administrator: httpx.Client, person: Person) -> None:
    given = {
        "applicantName": "王小明",
        "amount": 0.10000000000000001,
        "idNumber": "11010519491231002X",
        "mobile": "13812345678",
        "card": "6222 0212 3456 7890 123",
        "nested": {"phones": ["13912345678"]},
    }
    case = start(administrator, administrator, variables=given, businessId="COL-1")
    asked = {"variableNames": [*given, "absent"], "filter": {"businessId": "COL-1"}}
    (task,) = items(person("zhang.wei"), "user-tasks", **asked)
    assert task["userTaskKey"] == case["task"]
    assert task["applicant"] == "王小明"
    assert task["startedBy"] == "lendloom-demo"
    assert task["variables"] == {
        "applicantName": "王小明",
        "amount": 0.10000000000000001,
        "idNumber": "110***********002X",
        "mobile": "138****5678",
        "card": "***************0123",
        "nested": {"phones": ["139****5678"]},
    }
    raw = person("zhang.wei").post("/v2/user-tasks/search", json=asked).text
    assert "variables" not in items(person("zhang.wei"), "user-tasks", filter={"businessId": "COL-1"})[0]
    assert '"amount":0.1' in raw


def test_a_text_finds_tasks_by_name_number_or_applicant(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator, variables={"applicantName": "欧阳震华"}, businessId="TXT_100%")
    start(administrator, administrator, businessId="TXT-1000")
    zhang = person("zhang.wei")
    assert keys(items(zhang, "user-tasks", box="claimable", text="阳震")) == {case["task"]}
    assert keys(items(zhang, "user-tasks", text="t_100%")) == {case["task"]}
    assert items(person("chen.jing"), "user-tasks", text="阳震") == []
    found = items(zhang, "user-tasks", filter={"applicant": {"$like": "欧阳*"}})
    assert keys(found) == {case["task"]}
    later = {"applicantName": "司马光"}
    administrator.put(f"/v2/element-instances/{case['instance']}/variables", json={"variables": later})
    assert keys(items(zhang, "user-tasks", text="司马")) == {case["task"]}


def test_pages_of_a_box_follow_each_other(administrator: httpx.Client, person: Person) -> None:
    for _ in range(5):
        start(administrator, administrator)
    zhang = person("zhang.wei")
    whole = [item["userTaskKey"] for item in items(zhang, "user-tasks", box="claimable", page={"limit": 1000})]
    for field, order in (("creationDate", "ASC"), ("priority", "DESC"), ("dueDate", "ASC")):
        seen: list[str] = []
        page: dict[str, object] = {"limit": 2}
        while True:
            body = {"box": "claimable", "sort": [{"field": field, "order": order}], "page": page}
            answered = zhang.post("/v2/user-tasks/search", json=body).json()
            seen += [item["userTaskKey"] for item in answered["items"]]
            if len(answered["items"]) < 2:
                break
            page = {"limit": 2, "after": answered["page"]["endCursor"]}
        assert sorted(seen) == sorted(whole), field


def test_a_draft_is_kept_for_each_person_until_the_task_ends(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator)
    zhang, path = person("zhang.wei"), f"/v2/user-tasks/{case['task']}/draft"
    assert zhang.get(path).status_code == 204
    saved = zhang.put(path, json={"variables": {"opinion": "还差", "rate": 0.1}})
    assert saved.status_code == 200
    assert zhang.get(path).json() == saved.json()
    assert zhang.put(path, json={"variables": {"opinion": "好"}}).status_code == 200
    assert zhang.get(path).json()["variables"] == {"opinion": "好"}
    assert administrator.get(path).status_code == 204
    assert zhang.delete(path).status_code == 204
    assert zhang.get(path).status_code == 204
    zhang.put(path, json={"variables": {"opinion": "好"}})
    assert zhang.post(f"/v2/user-tasks/{case['task']}/completion", json=OPINION).status_code == 204
    assert zhang.get(path).status_code == 204
    refused = zhang.put(path, json={"variables": {}})
    assert refused.status_code == 409
    assert refused.json()["code"] == "task.closed"


def test_a_draft_of_somebody_elses_task_cannot_be_kept(administrator: httpx.Client, person: Person) -> None:
    path = f"/v2/user-tasks/{start(administrator, administrator)['task']}/draft"
    assert person("chen.jing").put(path, json={"variables": {}}).status_code == 404
    assert person("xu.li").put(path, json={"variables": {}}).status_code == 403
