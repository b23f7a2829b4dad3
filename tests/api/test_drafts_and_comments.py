"""Designers' drafts, guarded by revisions, and comments on cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.cases import deploy, items, start

Person = Callable[[str], httpx.Client]
TABLE = {"name": "准入规则", "kind": "dmn", "content": "<definitions/>", "definitionId": "risk"}


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client, content: Path) -> None:
    deploy(administrator, content)


def test_a_draft_is_created_changed_and_found(person: Person) -> None:
    xu = person("xu.li")
    made = xu.post("/v2/drafts", json=TABLE)
    assert made.status_code == 201
    draft = made.json()
    assert (draft["revision"], draft["owner"], draft["shared"]) == (1, "xu.li", True)
    assert made.headers["ETag"] == '"1"'
    path = f"/v2/drafts/{draft['draftKey']}"
    changed = xu.put(path, json={"content": "<definitions id='2'/>"}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert xu.get(path).json()["content"] == "<definitions id='2'/>"
    (found,) = items(xu, "drafts", filter={"draftKey": draft["draftKey"]})
    assert "content" not in found
    assert found["name"] == "准入规则"


def test_who_was_overtaken_is_told_by_whom(person: Person, administrator: httpx.Client) -> None:
    draft = person("xu.li").post("/v2/drafts", json=TABLE).json()
    path, first = f"/v2/drafts/{draft['draftKey']}", {"If-Match": '"1"'}
    assert person("ma.chao").put(path, json={"content": "<a/>"}, headers=first).status_code == 200
    lost = person("xu.li").put(path, json={"content": "<b/>"}, headers=first)
    assert lost.status_code == 409
    assert lost.json()["code"] == "draft.overtaken"
    assert "ma.chao" in lost.json()["detail"]
    assert lost.json()["usernames"] == ["ma.chao"]
    assert person("xu.li").get(path).json()["content"] == "<a/>"
    assert person("xu.li").put(path, json={"content": "<b/>"}).status_code == 400
    assert person("xu.li").delete(path, headers=first).status_code == 409
    assert person("xu.li").delete(path, headers={"If-Match": '"2"'}).status_code == 204
    assert person("xu.li").get(path).status_code == 404
    assert administrator.delete(path).status_code == 404


def test_earlier_contents_are_kept(person: Person) -> None:
    xu = person("xu.li")
    path = f"/v2/drafts/{xu.post('/v2/drafts', json=TABLE).json()['draftKey']}"
    for revision in range(1, 25):
        body = {"content": f"<v{revision + 1}/>"}
        assert xu.put(path, json=body, headers={"If-Match": str(revision)}).status_code == 200
    kept = xu.post(f"{path}/revisions/search", json={"sort": [{"field": "revision", "order": "DESC"}]}).json()["items"]
    assert [one["revision"] for one in kept] == list(range(25, 5, -1))
    assert xu.get(f"{path}/revisions/7").json()["content"] == "<v7/>"
    assert xu.get(f"{path}/revisions/5").status_code == 404
    renamed = xu.put(path, json={"name": "新名"}, headers={"If-Match": "25"}).json()
    assert (renamed["name"], renamed["content"], renamed["revision"]) == ("新名", "<v25/>", 26)


def test_noting_what_a_draft_was_published_as_overtakes_nobody(person: Person) -> None:
    xu = person("xu.li")
    path, first = f"/v2/drafts/{xu.post('/v2/drafts', json=TABLE).json()['draftKey']}", {"If-Match": '"1"'}
    noted = person("ma.chao").put(path, json={"definitionId": "risk", "baseResourceKey": "7"}, headers=first).json()
    assert (noted["revision"], noted["baseResourceKey"], noted["changedBy"]) == (1, "7", "xu.li")
    edited = xu.put(path, json={"content": "<b/>", "baseResourceKey": "8"}, headers=first).json()
    assert (edited["revision"], edited["baseResourceKey"], edited["content"]) == (2, "8", "<b/>")
    assert xu.put(path, json={"baseResourceKey": "9"}, headers=first).status_code == 409


def test_what_is_not_shared_is_its_owners_alone(person: Person) -> None:
    mine = person("xu.li").post("/v2/drafts", json={**TABLE, "shared": False}).json()["draftKey"]
    other = person("ma.chao")
    assert other.get(f"/v2/drafts/{mine}").status_code == 404
    assert other.put(f"/v2/drafts/{mine}", json={"content": ""}, headers={"If-Match": "1"}).status_code == 404
    assert other.delete(f"/v2/drafts/{mine}").status_code == 404
    assert items(other, "drafts", filter={"draftKey": mine}) == []
    assert person("xu.li").get(f"/v2/drafts/{mine}").status_code == 200
    assert person("zhang.wei").post("/v2/drafts/search", json={}).status_code == 403


def test_comments_are_read_by_those_who_work_on_the_case(administrator: httpx.Client, person: Person) -> None:
    case = start(administrator, administrator)
    path = f"/v2/process-instances/{case['instance']}/comments"
    zhang = person("zhang.wei")
    said = zhang.post(path, json={"text": "已电话核实单位", "userTaskKey": case["task"]})
    assert said.status_code == 201
    assert (said.json()["author"], said.json()["userTaskKey"]) == ("zhang.wei", case["task"])
    administrator.post(path, json={"text": "请尽快"})
    read = zhang.post(f"{path}/search", json={}).json()["items"]
    assert [comment["text"] for comment in read] == ["已电话核实单位", "请尽快"]
    assert len(person("he.ping").post(f"{path}/search", json={}).json()["items"]) == 2
    assert person("he.ping").post(path, json={"text": "x"}).status_code == 403
    assert person("chen.jing").post(path, json={"text": "x"}).status_code == 404
    assert person("chen.jing").post(f"{path}/search", json={}).status_code == 404
    assert zhang.post(path, json={"text": ""}).status_code == 400


def test_a_comment_on_a_task_of_another_case_is_refused(administrator: httpx.Client) -> None:
    one, other = start(administrator, administrator), start(administrator, administrator)
    body = {"text": "x", "userTaskKey": other["task"]}
    assert administrator.post(f"/v2/process-instances/{one['instance']}/comments", json=body).status_code == 404


def test_comments_go_with_their_case(administrator: httpx.Client) -> None:
    case = start(administrator, administrator)
    path = f"/v2/process-instances/{case['instance']}"
    administrator.post(f"{path}/comments", json={"text": "x"})
    administrator.post(f"{path}/cancellation")
    assert administrator.post(f"{path}/deletion").status_code == 204
    assert administrator.post(f"{path}/comments/search", json={}).status_code == 404
