"""Searches: filters with operators, sorting, and pages that continue by cursor."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

AMOUNTS = (10_000, 20_000, 20_000, 40_000, 60_000)
NAMES = ("赵一", "钱二", "孙三", "李四", None)


@pytest.fixture(scope="module", autouse=True)
def cases(administrator: httpx.Client, content: Path) -> list[str]:
    """Five cases that wait for their review; one without a business id."""
    names = ("small-loan.bpmn", "straight-through.bpmn", "risk.dmn", "review.form")
    files = [("resources", (name, (content / name).read_bytes())) for name in names]
    assert administrator.post("/v2/deployments", files=files).status_code == 200
    started = []
    for number, (amount, name) in enumerate(zip(AMOUNTS, NAMES, strict=True)):
        body: dict[str, Any] = {
            "processDefinitionId": "small-loan",
            "variables": {"applicationId": f"A-{number}", "amount": amount, "applicant": name, "rate": 4.35},
            "tags": ["even" if number % 2 == 0 else "odd", "all"],
        }
        if name:
            body["businessId"] = f"case_{number}%"
        started.append(administrator.post("/v2/process-instances", json=body).json()["processInstanceKey"])
    asked = {"type": "check-credit", "timeout": 60_000, "maxJobsToActivate": 10}
    for job in administrator.post("/v2/jobs/activation", json=asked).json()["jobs"]:
        assert administrator.post(f"/v2/jobs/{job['jobKey']}/completion").status_code == 204
    return started


def search(http: httpx.Client, what: str, **body: Any) -> dict[str, Any]:
    answered = http.post(f"/v2/{what}/search", json=body)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def found(http: httpx.Client, cases: Sequence[str], wanted: dict[str, Any]) -> list[int]:
    """Which of the cases a filter finds, by number."""
    items = search(http, "process-instances", filter=wanted)["items"]
    return sorted(cases.index(item["processInstanceKey"]) for item in items)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"state": "ACTIVE", "hasIncident": False}, [0, 1, 2, 3, 4]),
        ({"state": {"$in": ["COMPLETED", "TERMINATED"]}}, []),
        ({"state": {"$neq": "COMPLETED"}}, [0, 1, 2, 3, 4]),
        ({"businessId": "case_1%"}, [1]),
        ({"businessId": {"$like": "case_*"}}, [0, 1, 2, 3]),
        ({"businessId": {"$like": "case?1*"}}, [1]),
        ({"businessId": {"$like": "case%"}}, []),
        ({"businessId": {"$like": "*\\*"}}, []),
        ({"businessId": {"$exists": False}}, [4]),
        ({"businessId": {"$neq": "case_1%"}}, [0, 2, 3, 4]),
        ({"businessId": {"$notIn": ["case_1%", "case_2%"]}}, [0, 3, 4]),
        ({"processDefinitionId": {"$in": ["small-loan"]}, "processDefinitionVersion": {"$gte": 1}}, [0, 1, 2, 3, 4]),
        ({"processDefinitionVersion": {"$gt": 1}}, []),
        ({"processDefinitionName": "小额贷款", "tenantId": "<default>"}, [0, 1, 2, 3, 4]),
        ({"tenantId": "another"}, []),
        ({"startDate": {"$gte": "2020-01-01T00:00:00+08:00", "$lt": "2100-01-01T00:00:00Z"}}, [0, 1, 2, 3, 4]),
        ({"endDate": {"$exists": True}}, []),
        ({"tags": ["even"]}, [0, 2, 4]),
        ({"tags": ["odd", "all"]}, [1, 3]),
        ({"variables": [{"name": "amount", "value": "20000"}]}, [1, 2]),
        ({"variables": [{"name": "applicant", "value": '"李四"'}]}, [3]),
        ({"variables": [{"name": "applicant", "value": {"$eq": "null"}}]}, [4]),
        ({"variables": [{"name": "rate", "value": "4.350"}]}, [0, 1, 2, 3, 4]),
        ({"variables": [{"name": "amount", "value": {"$in": ["10000", "60000"]}}]}, [0, 4]),
        ({"variables": [{"name": "applicationId", "value": {"$like": "*A-2*"}}]}, [2]),
        ({"variables": [{"name": "amount", "value": "20000"}, {"name": "applicationId", "value": '"A-1"'}]}, [1]),
        ({"variables": [{"name": "nothing", "value": {"$exists": False}}]}, [0, 1, 2, 3, 4]),
        ({"$or": [{"businessId": "case_0%"}, {"tags": ["odd"], "hasIncident": False}]}, [0, 1, 3]),
        ({"tags": ["even"], "$or": [{"businessId": "case_0%"}, {"businessId": "case_1%"}]}, [0]),
    ],
)
def test_a_filter_finds_what_it_says(
    administrator: httpx.Client, cases: list[str], wanted: dict[str, Any], numbers: list[int]
) -> None:
    assert found(administrator, cases, wanted) == numbers


@pytest.mark.parametrize(
    "body",
    [
        {"filter": {"state": {"$near": "ACTIVE"}}},
        {"filter": {"processInstanceKey": "abc"}},
        {"filter": {"processInstanceKey": {"$in": "1"}}},
        {"filter": {"processInstanceKey": {"$gt": "1"}}},
        {"filter": {"startDate": "yesterday"}},
        {"filter": {"startDate": {"$gte": 5}}},
        {"filter": {"businessId": {"$exists": "yes"}}},
        {"filter": {"businessId": 7}},
        {"filter": {"hasIncident": "no"}},
        {"filter": {"processDefinitionVersion": "1"}},
        {"filter": {"variables": [{"name": "a", "value": "not json"}]}},
        {"filter": {"variables": [{"name": "a"}]}},
        {"filter": {"noSuchMember": 1}},
        {"filter": {"$or": {"state": "ACTIVE"}}},
        {"sort": [{"field": "noSuchField"}]},
        {"sort": [{"field": "state", "order": "UP"}]},
        {"page": {"limit": -1}},
        {"page": {"limit": 1_000_000}},
        {"page": {"after": "bm90IGEgY3Vyc29y"}},
        {"page": {"after": "%%%"}},
        {"page": {"after": "WyJhIl0="}},
        {"page": {"before": "WyIxIiwiMiJd"}},
    ],
)
def test_what_cannot_be_searched_for_is_refused(administrator: httpx.Client, body: dict[str, Any]) -> None:
    answered = administrator.post("/v2/process-instances/search", json=body)
    assert answered.status_code == 400, answered.text
    assert answered.headers["Content-Type"] == "application/problem+json"


def keys(page: dict[str, Any]) -> list[str]:
    return [item["processInstanceKey"] for item in page["items"]]


@pytest.mark.parametrize(
    "sort",
    [
        [],
        [{"field": "businessId", "order": "ASC"}],
        [{"field": "businessId", "order": "DESC"}],
        [{"field": "startDate", "order": "DESC"}],
        [{"field": "endDate"}, {"field": "processInstanceKey", "order": "DESC"}],
        [{"field": "hasIncident"}, {"field": "processDefinitionVersion"}, {"field": "businessId", "order": "DESC"}],
        [{"field": "processDefinitionName", "order": "desc"}],
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_continue_by_cursor_in_both_directions(
    administrator: httpx.Client, cases: list[str], sort: list[dict[str, str]], limit: int
) -> None:
    whole = keys(search(administrator, "process-instances", sort=sort))
    assert sorted(whole) == sorted(cases)

    forward: list[str] = []
    page = search(administrator, "process-instances", sort=sort, page={"limit": limit})
    while page["items"]:
        assert page["page"]["totalItems"] == len(cases)
        forward += keys(page)
        last = page
        after = {"limit": limit, "after": page["page"]["endCursor"]}
        page = search(administrator, "process-instances", sort=sort, page=after)
    assert forward == whole

    back = keys(last)
    while True:
        before = {"limit": limit, "before": last["page"]["startCursor"]}
        last = search(administrator, "process-instances", sort=sort, page=before)
        if not last["items"]:
            break
        back = keys(last) + back
    assert back == whole


def test_pages_may_be_counted_off(administrator: httpx.Client, cases: list[str]) -> None:
    pages = [keys(search(administrator, "process-instances", page={"from": start, "limit": 2})) for start in (0, 2, 4)]
    assert list(itertools.chain(*pages)) == cases


def test_rows_that_sort_alike_come_in_a_stable_order(administrator: httpx.Client, cases: list[str]) -> None:
    sort = [{"field": "state", "order": "DESC"}]
    assert keys(search(administrator, "process-instances", sort=sort)) == sorted(cases, key=int, reverse=True)


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"state": "CREATED"}, 5),
        ({"state": "COMPLETED"}, 0),
        ({"candidateGroup": "credit-reviewer-a"}, 5),
        ({"candidateGroup": {"$in": ["finance", "credit-reviewer-a"]}}, 5),
        ({"candidateGroup": {"$neq": "credit-reviewer-a"}}, 0),
        ({"candidateGroup": {"$like": "credit-*"}}, 5),
        ({"candidateGroup": {"$exists": False}}, 0),
        ({"candidateUser": {"$exists": True}}, 0),
        ({"assignee": {"$exists": False}}, 5),
        ({"name": {"$like": "*审"}}, 5),
        ({"priority": {"$gte": 50, "$lte": 50}}, 5),
        ({"tags": ["odd"]}, 2),
        ({"processInstanceVariables": [{"name": "amount", "value": "60000"}]}, 1),
        ({"localVariables": [{"name": "asked", "value": "20000"}]}, 2),
        ({"localVariables": [{"name": "amount", "value": "20000"}]}, 0),
    ],
)
def test_tasks_are_found(administrator: httpx.Client, wanted: dict[str, Any], count: int) -> None:
    assert search(administrator, "user-tasks", filter=wanted)["page"]["totalItems"] == count


def test_the_variables_of_a_task_are_its_own_and_those_around_it(administrator: httpx.Client) -> None:
    task = search(administrator, "user-tasks", page={"limit": 1})["items"][0]
    key, instance = task["userTaskKey"], task["processInstanceKey"]
    scoped = {"variables": {"amount": 1}, "local": True}
    assert administrator.put(f"/v2/element-instances/{key}/variables", json=scoped).status_code == 204
    every = search(administrator, f"user-tasks/{key}/variables", filter={"name": "amount"})["items"]
    assert {(item["scopeKey"], item["value"]) for item in every} == {(key, "1"), (instance, "10000")}
    seen = search(administrator, f"user-tasks/{key}/effective-variables", filter={"name": "amount"})["items"]
    assert [(item["scopeKey"], item["value"]) for item in seen] == [(key, "1")]


def test_a_long_value_is_cut_in_a_search_and_whole_by_its_key(administrator: httpx.Client, cases: list[str]) -> None:
    text = "长" * 10_000
    administrator.put(f"/v2/element-instances/{cases[0]}/variables", json={"variables": {"essay": text}})
    wanted = {"processInstanceKey": cases[0], "isTruncated": True}
    (cut,) = search(administrator, "variables", filter=wanted)["items"]
    assert (cut["name"], cut["isTruncated"], len(cut["value"])) == ("essay", True, 8192)
    whole = administrator.get(f"/v2/variables/{cut['variableKey']}").json()
    assert whole["value"] == f'"{text}"'
    asked = administrator.post("/v2/variables/search?truncateValues=false", json={"filter": {"name": "essay"}})
    assert asked.json()["items"][0]["value"] == f'"{text}"'


def test_numbers_stay_exact_on_their_way_through(administrator: httpx.Client, cases: list[str]) -> None:
    exact = b'{"variables": {"interest": 0.10, "large": 12345678901234567890.12345678901234567890}}'
    path = f"/v2/element-instances/{cases[1]}/variables"
    administrator.put(path, content=exact, headers={"Content-Type": "application/json"})
    wanted = {"processInstanceKey": cases[1], "name": {"$in": ["interest", "large"]}}
    items = search(administrator, "variables", filter=wanted)["items"]
    assert {item["name"]: item["value"] for item in items} == {
        "interest": "0.10",
        "large": "12345678901234567890.12345678901234567890",
    }


@pytest.mark.parametrize(
    "what",
    [
        "process-definitions",
        "element-instances",
        "jobs",
        "incidents",
        "variables",
        "decision-definitions",
        "decision-requirements",
        "decision-instances",
        "resources",
        "users",
        "groups",
        "roles",
        "clients",
    ],
)
def test_everything_else_is_searched_in_the_same_way(administrator: httpx.Client, api: Any, what: str) -> None:
    document = administrator.get("/openapi.json").json()
    body = document["paths"][f"/v2/{what}/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schemas = document["components"]["schemas"]

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        return schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    members = resolved(body)["properties"]
    fields = resolved(members["sort"]["items"])["properties"]["field"]["enum"]
    for field in fields:
        for order in ("ASC", "DESC"):
            page = search(administrator, what, sort=[{"field": field, "order": order}], page={"limit": 1})
            if page["items"]:
                after = {"limit": 1, "after": page["page"]["endCursor"]}
                search(administrator, what, sort=[{"field": field, "order": order}], page=after)
    filters = resolved(members["filter"])["properties"]
    for name, schema in filters.items():
        for operators in [part["properties"] for part in schema.get("oneOf", ()) if "properties" in part]:
            for operator, operand in operators.items():
                search(administrator, what, filter={name: {operator: example(operand)}})


def example(schema: dict[str, Any]) -> Any:
    """A value that fits a filter's schema."""
    if schema["type"] == "array":
        return [example(schema["items"])]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    return {"string": "1", "integer": 1, "boolean": True}[schema["type"]]
