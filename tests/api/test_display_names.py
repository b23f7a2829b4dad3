"""What people are called: everybody who is signed in may ask, and learns nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from flask import Flask
from sqlalchemy import event

from server.identity.display_names import MOST_NAMES
from server.store.database import db

from .cases import deploy, start

Person = Callable[[str], httpx.Client]
PATH = "/v2/users/names"


def names(http: httpx.Client, *usernames: str) -> list[dict[str, str]]:
    answered = http.post(PATH, json={"usernames": usernames})
    assert answered.status_code == 200, answered.text
    assert answered.json().keys() == {"items"}
    items: list[dict[str, str]] = answered.json()["items"]
    return items


@pytest.mark.parametrize("asking", ["chen.jing", "he.ping", "xu.li", "liu.yang"])
def test_everybody_learns_display_names_and_nothing_else(person: Person, asking: str) -> None:
    assert names(person(asking), "li.na", "zhang.wei") == [
        {"username": "li.na", "name": "李娜"},
        {"username": "zhang.wei", "name": "张伟"},
    ]


def test_who_is_in_no_group_may_ask_too(person: Person, address: str) -> None:
    person("ma.chao").post("/v2/users", json={"username": "new.here", "password": "a long password"})
    form = {"grant_type": "password", "username": "new.here", "password": "a long password"}
    token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as newcomer:
        assert names(newcomer, "new.here", "li.na") == [
            {"username": "li.na", "name": "李娜"},
            {"username": "new.here", "name": "new.here"},
        ]


def test_nobody_asks_without_signing_in(address: str) -> None:
    assert httpx.post(f"{address}{PATH}", json={"usernames": ["li.na"]}).status_code == 401


def test_names_of_nobody_are_left_out_and_each_is_told_once(person: Person) -> None:
    assert names(person("chen.jing"), "li.na", "nobody", "li.na", "LI.NA", "%") == [
        {"username": "li.na", "name": "李娜"}
    ]
    assert names(person("chen.jing")) == []


def test_clients_have_names_and_those_who_are_kept_out_keep_theirs(administrator: httpx.Client, person: Person) -> None:
    administrator.post("/v2/clients", json={"clientId": "scores", "name": "评分系统", "roles": ["worker"]})
    administrator.post("/v2/users", json={"username": "jin.bo", "password": "a long password", "name": "金波"})
    administrator.post("/v2/users/jin.bo/deactivation")
    assert names(person("chen.jing"), "scores", "jin.bo") == [
        {"username": "jin.bo", "name": "金波"},
        {"username": "scores", "name": "评分系统"},
    ]


def test_groups_have_names_too(person: Person, address: str) -> None:
    asked = {"groupIds": ["credit-reviewer-a", "nobody", "finance"]}
    answered = person("chen.jing").post("/v2/groups/names", json=asked)
    assert answered.json() == {
        "items": [
            {"groupId": "credit-reviewer-a", "name": "信贷初审岗"},
            {"groupId": "finance", "name": "财务岗"},
        ]
    }
    assert httpx.post(f"{address}/v2/groups/names", json=asked).status_code == 401
    most = {"groupIds": [f"g{number}" for number in range(MOST_NAMES + 1)]}
    assert person("chen.jing").post("/v2/groups/names", json=most).status_code == 400


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "最多 200 项"), ("en", "may have 200 entries")])
def test_so_many_at_once_and_no_more(person: Person, language: str, word: str) -> None:
    asked = [f"somebody.{number}" for number in range(MOST_NAMES + 1)]
    assert names(person("chen.jing"), *asked[1:]) == []
    refused = person("chen.jing").post(PATH, json={"usernames": asked}, headers={"Accept-Language": language})
    assert refused.status_code == 400
    (entry,) = refused.json()["errors"]
    assert (entry["pointer"], entry["code"]) == ("/usernames", "field.entries")
    assert word in entry["detail"]


@pytest.mark.parametrize("body", [{}, {"usernames": "li.na"}, {"usernames": [None]}, {"usernames": [""]}, {"x": 1}])
def test_what_is_no_list_of_user_names_is_refused(person: Person, body: dict[str, object]) -> None:
    assert person("chen.jing").post(PATH, json=body).status_code == 400


def test_any_number_of_names_takes_one_statement(api: Flask, person: Person) -> None:
    asking = person("chen.jing")
    names(asking, "li.na")
    statements: list[str] = []
    with api.app_context():
        engine = db.engine

    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        names(asking, *(f"somebody.{number}" for number in range(150)), "li.na")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len([statement for statement in statements if "user_account" in statement]) == 1, statements


def test_a_lost_race_says_whom_its_sentence_names(administrator: httpx.Client, person: Person, content: Path) -> None:
    deploy(administrator, content)
    task = start(administrator, administrator)["task"]
    assign = f"/v2/user-tasks/{task}/assignment"
    assert person("zhang.wei").post(assign, json={"assignee": "zhang.wei", "allowOverride": False}).status_code == 204
    lost = administrator.post(assign, json={"assignee": "li.na", "allowOverride": False})
    assert (lost.status_code, lost.json()["code"]) == (409, "task.taken")
    assert lost.json()["usernames"] == ["zhang.wei"]
    assert "zhang.wei" in lost.json()["detail"]
