"""Lists of many tasks: no search that the reviewer's desk can send reads the whole table.

Told by what the database's plans say that they have read, not by time.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import Engine, event

from server.store.database import db
from tests.many_tasks import fill_with_waiting_tasks

from .cases import deploy, start

Person = Callable[[str], httpx.Client]

TASKS = 40_000
MOST_READ = TASKS * 3 // 4
PAGE = 100
MOST_STATEMENTS = 8
"""Who asks, what the filters mean, one or two stretches of the page, and how many there are in all."""
SORTS = ("dueDate", "creationDate", "priority", "businessId", "name")
"""What the columns of the desk sort by."""
SOON = {"$lte": "2030-01-01T00:00:00Z"}
FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a process": {"filter": {"processDefinitionId": "small-loan"}},
    "a process without tasks": {"filter": {"processDefinitionId": "none"}},
    "an element": {"filter": {"processDefinitionId": "small-loan", "elementId": "review"}},
    "a rare element": {"filter": {"processDefinitionId": "small-loan", "elementId": "rare"}},
    "overdue": {"filter": {"dueDate": {"$lt": "2020-01-01T00:00:00Z"}}},
    "due soon": {"filter": {"dueDate": SOON}},
    "without a limit": {"filter": {"dueDate": {"$exists": False}}},
    "a number": {"text": "PL-0000123"},
    "the end of a number": {"text": "00123"},
    "an applicant": {"text": "王伟"},
    "a name": {"text": "审核"},
    "a text that nothing contains": {"text": "不存在"},
}


@pytest.fixture(scope="module", autouse=True)
def _filled(administrator: httpx.Client, content: Path, database_url: str) -> None:
    """Tasks of two groups, with and without time limits, most of them claimable for Zhang Wei."""
    deploy(administrator, content)
    originals = [start(administrator, administrator, businessId=f"ORIGINAL-{n}")["task"] for n in range(10)]
    for number, task in enumerate(originals):
        changes: dict[str, Any] = {"dueDate": "2026-01-01T00:00:00Z"} if number < 7 else {}
        if number % 5 == 0:
            changes["candidateGroups"] = ["risk-head"]
        if changes:
            assert administrator.patch(f"/v2/user-tasks/{task}", json={"changeset": changes}).status_code == 204
    fill_with_waiting_tasks(database_url, TASKS)


@pytest.fixture
def statements(api: Flask) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database, as it is asked."""
    seen: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        seen.append((statement, parameters))

    with api.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def rows_read(engine: Engine, statements: list[tuple[str, Any]]) -> int:
    """How many rows the statements look at, those included that do not fit."""
    with engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()[0][
                "Plan"
            ]
            for statement, parameters in statements
            if statement.lstrip().startswith(("SELECT", "WITH"))
        ]
    return sum(map(_read_by, plans))


def _read_by(node: dict[str, Any]) -> int:
    here = 0
    if "Scan" in node["Node Type"]:
        dropped = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        here = int((node["Actual Rows"] + dropped) * node["Actual Loops"])
    return here + sum(map(_read_by, node.get("Plans", ())))


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_no_page_of_a_box_reads_the_whole_table(
    api: Flask, person: Person, statements: list[tuple[str, Any]], sort: str, order: str
) -> None:
    zhang = person("zhang.wei")
    with api.app_context():
        engine = db.engine
    read = {}
    for name, narrowing in FILTERS.items():
        body = {"box": "claimable", "sort": [{"field": sort, "order": order}], "variableNames": ["amount"], **narrowing}
        for part in ("first page", "next page", "deep page", "page before"):
            statements.clear()
            answered = zhang.post("/v2/user-tasks/search", json=body)
            assert answered.status_code == 200, answered.text
            asked, found = list(statements), answered.json()["page"]
            read[name, part] = rows_read(engine, asked)
            assert len(asked) <= MOST_STATEMENTS, asked
            if len(answered.json()["items"]) < PAGE:
                break
            edge = {"before": found["startCursor"]} if part == "deep page" else {"after": found["endCursor"]}
            if part == "next page":
                skipped = {**body, "page": {"limit": 5_000, **edge}, "variableNames": []}
                last = zhang.post("/v2/user-tasks/search", json=skipped).json()["page"]["endCursor"]
                edge = {"after": last or found["endCursor"]}
            body = {**body, "page": {"limit": PAGE, **edge}}
    assert {page: rows for page, rows in read.items() if rows > MOST_READ} == {}


def test_neither_counts_nor_notices_nor_the_search_of_the_shell_read_the_whole_table(
    api: Flask, person: Person, statements: list[tuple[str, Any]]
) -> None:
    zhang = person("zhang.wei")
    with api.app_context():
        engine = db.engine
    for path in (
        "/v2/user-tasks/counts",
        "/v2/notices",
        "/v2/search?q=PL-0000123",
        "/v2/search?q=王",
        "/v2/search?q=x",
    ):
        statements.clear()
        assert zhang.get(path).status_code == 200
        assert rows_read(engine, list(statements)) < MOST_READ, path


def test_the_cases_of_a_reviewer_are_found_along_their_order(
    api: Flask, person: Person, statements: list[tuple[str, Any]]
) -> None:
    zhang = person("zhang.wei")
    with api.app_context():
        engine = db.engine
    statements.clear()
    asked = {
        "filter": {"parentProcessInstanceKey": {"$exists": False}},
        "sort": [{"field": "startDate", "order": "DESC"}],
    }
    found = zhang.post("/v2/process-instances/search", json=asked).json()
    assert len(found["items"]) == 100
    assert rows_read(engine, list(statements)) < MOST_READ


def test_pages_follow_each_other_in_every_order(person: Person) -> None:
    zhang = person("zhang.wei")
    for sort, order in itertools.product(SORTS, ("ASC", "DESC")):
        body: dict[str, Any] = {"box": "claimable", "text": "王伟", "sort": [{"field": sort, "order": order}]}
        whole = zhang.post("/v2/user-tasks/search", json={**body, "page": {"limit": 10_000}}).json()["items"]
        keys = [task["userTaskKey"] for task in whole]
        assert len(set(keys)) == len(keys) > 40
        forth: list[str] = []
        page: dict[str, Any] = {"limit": 17}
        while True:
            found = zhang.post("/v2/user-tasks/search", json={**body, "page": page}).json()
            forth += [task["userTaskKey"] for task in found["items"]]
            if len(found["items"]) < 17:
                break
            page = {"limit": 17, "after": found["page"]["endCursor"]}
        assert forth == keys
        edge = zhang.post("/v2/user-tasks/search", json={**body, "page": {"limit": 1, "from": len(keys) - 1}}).json()
        page = {"limit": len(keys), "before": edge["page"]["startCursor"]}
        back = zhang.post("/v2/user-tasks/search", json={**body, "page": page}).json()["items"]
        assert [task["userTaskKey"] for task in back] == keys[:-1]
