"""Batch evaluations over HTTP, with a real worker: handed in, looked at, fetched as JSON, CSV and Excel, ended."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from server.runtime import batch_evaluation
from server.runtime.batch_parts import PART_ROWS
from server.settings import Settings

from ..integration.jobs.processes import eventually, process

PATH = "/v2/decision-definitions/batch-evaluations"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DMN = Path(__file__).resolve().parents[2] / "dmn"
FACTS: dict[str, Any] = {
    "score": 385,
    "overdueCount": 0,
    "fraudLevel": "clear",
    "amount": 20000,
    "termMonths": 12,
    "monthlyDebt": 2000,
    "monthlyIncome": 15000,
}
BROKEN = {**dict.fromkeys(FACTS), "score": 640}
"""No rule is for it."""


@pytest.fixture(scope="module")
def deployed(administrator: httpx.Client) -> str:
    """The id of a decision whose file has three."""
    path = DMN / "machine-decision.dmn"
    answer = administrator.post("/v2/deployments", files={"resources": (path.name, path.read_bytes())})
    assert answer.status_code == 200, answer.text
    return "machine-decision"


@pytest.fixture(autouse=True)
def nothing_left_over(administrator: httpx.Client) -> Iterator[None]:
    """No test leaves an unfinished batch to the next one."""
    yield
    found = administrator.post(f"{PATH}/search", json={"filter": {"state": {"$in": ["CREATED", "ACTIVE"]}}})
    for batch in found.json()["items"]:
        administrator.post(f"{PATH}/{batch['batchEvaluationKey']}/cancellation")


def as_csv(cases: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cases[0]))
    writer.writeheader()
    writer.writerows(cases)
    return text.getvalue().encode()


def as_excel(*cases: dict[str, Any]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(list(cases[0]))
    for case in cases:
        sheet.append(list(case.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def hand_in(http: httpx.Client, decision: str, *cases: dict[str, Any], **more: Any) -> str:
    answer = http.post(PATH, json={"decisionDefinitionId": decision, "inputs": list(cases), **more})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["batchEvaluationKey"])


def upload(http: httpx.Client, decision: str, name: str, content: bytes, **more: str) -> str:
    form = {"decisionDefinitionId": decision, **more}
    answer = http.post(PATH, data=form, files={"file": (name, content)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["batchEvaluationKey"])


def look(http: httpx.Client, key: str) -> dict[str, Any]:
    answer = http.get(f"{PATH}/{key}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def evaluated_here(api: Flask) -> None:
    """What a worker does, without one."""
    with api.app_context():
        batch_evaluation.evaluate_open()


def table(http: httpx.Client, key: str, **query: str) -> list[dict[str, str]]:
    answer = http.get(f"{PATH}/{key}/results", params={"format": "csv", **query})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_a_worker_evaluates_a_batch_and_everybody_sees_how_far_it_is(
    administrator: httpx.Client, deployed: str, settings: Settings
) -> None:
    cases = [{"nr": number, **(BROKEN if number % 1000 == 7 else FACTS)} for number in range(20_000)]
    key = upload(administrator, deployed, "cases.csv", as_csv(cases))
    waiting = look(administrator, key)
    assert (waiting["state"], waiting["totalRows"], waiting["percent"]) == ("CREATED", 20_000, 0)
    assert waiting["startDate"] is waiting["endDate"] is waiting["expirationDate"] is None
    seen = set()

    def ended() -> bool:
        now = look(administrator, key)
        assert now["percent"] == 100 * now["evaluatedRows"] // 20_000
        seen.add(now["percent"])
        return now["endDate"] is not None

    with process("worker", settings):
        eventually(ended, within=60)
    done = look(administrator, key)
    assert (done["state"], done["evaluatedRows"], done["failedRows"]) == ("COMPLETED", 20_000, 20)
    assert len(seen) > 2, "progress is seen on the way"
    started, ended_at, expires = (
        dt.datetime.fromisoformat(done[name]) for name in ("startDate", "endDate", "expirationDate")
    )
    assert expires - ended_at == dt.timedelta(days=settings.decision_batch_days)
    assert started <= ended_at
    rows = table(administrator, key)
    assert [int(row["nr"]) for row in rows] == list(range(20_000))
    assert {row["machine-decision.reasonCode"] for row in rows} == {"M01", ""}
    assert sum(row["problems"] != "" for row in rows) == 20


def test_results_come_as_pages_also_only_those_that_failed(
    administrator: httpx.Client, api: Flask, deployed: str
) -> None:
    number = 2 * PART_ROWS + 5
    cases = [BROKEN if place in (0, PART_ROWS, number - 1) else FACTS for place in range(number)]
    key = hand_in(administrator, deployed, *cases)
    assert administrator.get(f"{PATH}/{key}/results").json()["items"] == []
    evaluated_here(api)

    def pages(**query: Any) -> Iterator[list[dict[str, Any]]]:
        after = 0
        while True:
            found = administrator.get(f"{PATH}/{key}/results", params={**query, "after": after}).json()
            if not found["items"]:
                assert found["page"]["endCursor"] is None
                return
            yield found["items"]
            after = found["page"]["endCursor"]

    found = list(pages(limit=150))
    assert [len(page) for page in found] == [150, 150, 105]
    rows = [row for page in found for row in page]
    assert [row["row"] for row in rows] == list(range(1, number + 1))
    assert [row["row"] for row in rows if row["failed"]] == [1, PART_ROWS + 1, number]
    assert json.loads(rows[1]["results"][0]["output"])["reasonCode"] == "M01"
    assert "cannot be compared" in rows[0]["results"][0]["failureMessage"]
    assert "machine-decision" not in (rows[1]["results"][0]["failureMessage"] or "")
    failed = [[row["row"] for row in page] for page in pages(rows="failed", limit=2)]
    assert failed == [[1, PART_ROWS + 1], [number]]
    assert len(table(administrator, key, rows="failed")) == 3
    chinese = administrator.get(f"{PATH}/{key}/results", headers={"Accept-Language": "zh"}).json()
    assert "不能比较" in chinese["items"][0]["results"][0]["failureMessage"]


def test_excel_in_and_out_keeps_cells_as_they_are(administrator: httpx.Client, api: Flask, deployed: str) -> None:
    special = {"编号": "007", "日期": dt.date(2024, 2, 29), "时刻": dt.datetime(2024, 2, 29, 8, 30), "率": 0.125}
    content = as_excel({**special, **FACTS}, {**special, "编号": "008", **BROKEN})
    key = upload(administrator, deployed, "cases.xlsx", content, allDecisions="true")
    evaluated_here(api)
    answer = administrator.get(f"{PATH}/{key}/results", headers={"Accept": EXCEL})

    assert answer.headers["Content-Type"] == EXCEL and f"{key}.xlsx" in answer.headers["Content-Disposition"]
    headings, first, second = load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True)
    cells = dict(zip(headings, first, strict=True))
    assert (cells["编号"], cells["率"], cells["score"]) == ("007", 0.125, 385)
    assert cells["日期"] == dt.datetime(2024, 2, 29) and cells["时刻"] == dt.datetime(2024, 2, 29, 8, 30)
    assert (cells["credit-grade"], cells["machine-decision.reasonCode"]) == ("E", "M01")
    assert dict(zip(headings, second, strict=True))["problems"]
    again = upload(administrator, deployed, "cases.xlsx", answer.content, allDecisions="true")
    evaluated_here(api)
    assert [row["machine-decision.reasonCode"] for row in table(administrator, again)] == ["M01", ""]


def test_facts_as_json_come_out_as_a_table_with_all_their_names(
    administrator: httpx.Client, api: Flask, deployed: str
) -> None:
    key = hand_in(administrator, deployed, FACTS, {**FACTS, "note": {"by": "王芳", "rate": 0.25}})
    assert administrator.get(f"{PATH}/{key}/results", params={"format": "csv"}).status_code == 409
    evaluated_here(api)

    rows = table(administrator, key)
    assert [row["note"] for row in rows] == ["", '{"by":"王芳","rate":0.25}']
    found = look(administrator, key)
    assert (found["source"], found["fileName"], found["allDecisions"]) == ("JSON", None, False)


def test_a_batch_leaves_no_decision_instances(administrator: httpx.Client, api: Flask, deployed: str) -> None:
    before = administrator.post("/v2/decision-instances/search").json()["page"]["totalItems"]
    key = hand_in(administrator, deployed, FACTS)
    evaluated_here(api)
    assert look(administrator, key)["state"] == "COMPLETED"
    assert administrator.post("/v2/decision-instances/search").json()["page"]["totalItems"] == before


def test_a_canceled_batch_is_not_evaluated_and_can_be_deleted(
    administrator: httpx.Client, api: Flask, deployed: str
) -> None:
    key = hand_in(administrator, deployed, FACTS)
    assert administrator.post(f"{PATH}/{key}/deletion").status_code == 409
    assert administrator.post(f"{PATH}/{key}/resumption").status_code == 409
    assert administrator.post(f"{PATH}/{key}/cancellation").status_code == 204
    evaluated_here(api)
    found = look(administrator, key)
    assert (found["state"], found["evaluatedRows"], found["startDate"]) == ("CANCELED", 0, None)
    assert table(administrator, key) == []
    again = administrator.post(f"{PATH}/{key}/cancellation")
    assert (again.status_code, again.json()["code"]) == (409, "decision.batch-state")
    assert administrator.post(f"{PATH}/{key}/deletion").status_code == 204
    assert administrator.get(f"{PATH}/{key}").status_code == 404


def test_a_repeated_request_hands_in_one_batch(administrator: httpx.Client, deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [FACTS]}
    first, second = (
        administrator.post(PATH, json=body, headers={"Idempotency-Key": "one-batch-evaluation"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()


def test_batches_are_found_by_those_they_belong_to(
    administrator: httpx.Client, person: Callable[[str], httpx.Client], deployed: str, designer: httpx.Client
) -> None:
    theirs = hand_in(administrator, deployed, FACTS)
    own = hand_in(designer, deployed, FACTS)

    def found(http: httpx.Client, **wanted: Any) -> set[str]:
        answer = http.post(f"{PATH}/search", json={"filter": wanted})
        assert answer.status_code == 200, answer.text
        return {item["batchEvaluationKey"] for item in answer.json()["items"]}

    assert found(designer) == {own}
    assert {own, theirs} <= found(administrator, state="CREATED")
    assert found(administrator, state="CREATED", actorId="designing") == {own}
    for address in ("", "/results"):
        assert designer.get(f"{PATH}/{theirs}{address}").status_code == 404
    assert designer.post(f"{PATH}/{theirs}/cancellation").status_code == 404
    assert designer.post(f"{PATH}/{own}/cancellation").status_code == 204
    reviewer = person("zhang.wei")
    assert reviewer.post(PATH, json={"decisionDefinitionId": deployed, "inputs": []}).status_code == 403
    assert reviewer.get(f"{PATH}/{own}").status_code == 403


@pytest.fixture(scope="module")
def designer(administrator: httpx.Client, address: str) -> Iterator[httpx.Client]:
    """HTTP as a client that may evaluate decisions, and has only batches of its own."""
    made = administrator.post("/v2/clients", json={"clientId": "designing", "name": "D", "roles": ["designer"]})
    assert made.status_code < 300, made.text
    form = {
        "grant_type": "client_credentials",
        "client_id": "designing",
        "client_secret": made.json()["clientSecret"],
    }
    token = httpx.post(f"{address}/oauth/token", data=form).json()["access_token"]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
        yield http


@contextmanager
def limited(api: Flask, **limits: int) -> Iterator[None]:
    """The application with other limits."""
    before = api.extensions["lendloom-settings"]
    api.extensions["lendloom-settings"] = replace(before, **limits)
    yield
    api.extensions["lendloom-settings"] = before


def test_batches_are_bounded_and_say_so(administrator: httpx.Client, api: Flask, deployed: str) -> None:
    which = {"decisionDefinitionId": deployed}
    with limited(api, decision_batch_rows=3, decision_batch_mebibytes=1, decision_batches_unfinished=2):
        refused = [
            administrator.post(PATH, json={**which, "inputs": [{}] * 4}),
            administrator.post(PATH, data=which, files={"file": ("cases.csv", b"score\n" + b"1\n" * 4)}),
        ]
        assert [(a.status_code, a.json()["code"]) for a in refused] == [(413, "decision.batch-rows")] * 2
        large = administrator.post(PATH, data=which, files={"file": ("cases.csv", b"score\n" + b"1" * (2 << 20))})
        assert large.status_code == 413
        unpacked = as_excel({f"fact {number}": "x" * 30_000 for number in range(300)})
        packed = administrator.post(PATH, data=which, files={"file": ("cases.xlsx", unpacked)})
        assert (packed.status_code, packed.json()["code"]) == (400, "spreadsheet.too-large")
        for _ in range(2):
            hand_in(administrator, deployed, FACTS)
        third = administrator.post(PATH, json={**which, "inputs": [FACTS]})
        assert (third.status_code, third.json()["code"]) == (409, "decision.batch-unfinished")


def test_a_body_larger_than_other_requests_may_have_is_taken(
    administrator: httpx.Client, api: Flask, deployed: str
) -> None:
    content = b"score,note\n" + b"".join(b"385," + b"x" * 100_000 + b"\n" for _ in range(60))
    assert len(content) > api.config["MAX_CONTENT_LENGTH"]
    key = upload(administrator, deployed, "cases.csv", content)
    assert look(administrator, key)["totalRows"] == 60


def test_a_batch_without_cases_is_complete_at_once(administrator: httpx.Client, deployed: str) -> None:
    key = hand_in(administrator, deployed)
    found = look(administrator, key)
    assert (found["state"], found["totalRows"], found["percent"]) == ("COMPLETED", 0, 100)
    assert table(administrator, key) == []


def test_requests_that_do_not_fit_are_refused(administrator: httpx.Client, deployed: str) -> None:
    for body in ({"inputs": [FACTS]}, {"decisionDefinitionId": deployed}, {"decisionDefinitionId": deployed, "x": 1}):
        assert administrator.post(PATH, json=body).status_code == 400, body
    assert administrator.post(PATH, json={"decisionDefinitionId": "none", "inputs": []}).status_code == 404
    assert administrator.post(PATH, content=b"score").status_code == 415
    which = {"decisionDefinitionId": deployed}
    for name, content in (("cases.txt", b"a\n1\n"), ("cases.csv", b"a,a\n1,2\n"), ("cases.xlsx", b"PK no archive")):
        answer = administrator.post(PATH, data=which, files={"file": (name, content)})
        assert answer.status_code == 400 and name in answer.json()["detail"]
    key = hand_in(administrator, deployed, FACTS)
    for query in ({"limit": "0"}, {"limit": "many"}, {"after": "-1"}, {"format": "pdf"}, {"rows": "some"}):
        assert administrator.get(f"{PATH}/{key}/results", params=query).status_code == 400, query
    assert administrator.get(f"{PATH}/1").status_code == 404


def test_the_document_tells_what_comes_in_and_out(administrator: httpx.Client) -> None:
    paths = administrator.get("/openapi.json").json()["paths"]
    assert paths[PATH]["post"]["requestBody"]["content"].keys() == {"application/json", "multipart/form-data"}
    assert "202" in paths[PATH]["post"]["responses"]
    answered = paths[PATH + "/{key}/results"]["get"]["responses"]["200"]["content"]
    assert answered.keys() == {"application/json", "text/csv", EXCEL}
