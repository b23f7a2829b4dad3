"""Decisions about many cases at once over HTTP: JSON, CSV and Excel, in and out, within bounds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from api.decision_batches import MOST_CASES

PATH = "/v2/decision-definitions/batch-evaluation"
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
DOUBTFUL = {**FACTS, "score": "high"}
"""Is decided all the same: as without a score."""
BROKEN = {**dict.fromkeys(FACTS), "score": 640}
"""No rule is for it."""


@pytest.fixture(scope="module")
def deployed(administrator: httpx.Client) -> str:
    """The id of a decision whose file has three."""
    path = DMN / "machine-decision.dmn"
    answer = administrator.post("/v2/deployments", files={"resources": (path.name, path.read_bytes())})
    assert answer.status_code == 200, answer.text
    return "machine-decision"


def as_csv(*cases: dict[str, Any], encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(cases[0]))
    writer.writeheader()
    writer.writerows(cases)
    return text.getvalue().encode(encoding)


def as_excel(*cases: dict[str, Any]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(list(cases[0]))
    for case in cases:
        sheet.append(list(case.values()))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_cases_as_json_are_answered_one_by_one(administrator: httpx.Client, deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [FACTS, BROKEN]}
    before = administrator.post("/v2/decision-instances/search").json()["page"]["totalItems"]
    answer = administrator.post(PATH, json=body, headers={"Accept-Language": "zh"})

    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["totalRows"], found["failedRows"]) == (2, 1)
    rejected, failed = (row["results"][0] for row in found["rows"])
    assert json.loads(rejected["output"])["reasonCode"] == "M01"
    assert rejected["matchedRules"] == [1] and rejected["failureMessage"] is None
    assert [row["failed"] for row in found["rows"]] == [False, True]
    assert json.loads(failed["output"]) is None
    assert rejected["warnings"] == failed["warnings"] == []
    english = administrator.post(PATH, json=body).json()["rows"][1]["results"][0]["failureMessage"]
    assert "不能比较" in failed["failureMessage"] and "cannot be compared" in english
    after = administrator.post("/v2/decision-instances/search").json()["page"]["totalItems"]
    assert after == before, "a batch keeps nothing"


def test_what_was_noticed_on_the_way_to_a_result_is_told(administrator: httpx.Client, deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [DOUBTFUL]}
    [row] = administrator.post(PATH, json=body).json()["rows"]

    [result] = row["results"]
    assert json.loads(result["output"])["reasonCode"] == "M04"
    assert not row["failed"] and result["failureMessage"] is None
    assert "score" in result["warnings"][0]


def test_all_decisions_of_a_graph(administrator: httpx.Client, deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [FACTS], "allDecisions": True}
    results = administrator.post(PATH, json=body).json()["rows"][0]["results"]

    outputs = {result["decisionDefinitionId"]: json.loads(result["output"]) for result in results}
    assert outputs["credit-grade"] == "E"
    assert outputs.keys() == {"machine-decision", "credit-grade", "debt-ratio"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_file_comes_back_as_one(administrator: httpx.Client, deployed: str, encoding: str) -> None:
    file = as_csv({"编号": "007", **FACTS}, {"编号": "008", **BROKEN}, encoding=encoding)
    answer = administrator.post(
        PATH,
        data={"decisionDefinitionId": deployed},
        files={"file": ("cases.csv", file)},
        headers={"Accept": "text/csv"},
    )

    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["编号"] for row in rows] == ["007", "008"]
    assert [row["machine-decision.reasonCode"] for row in rows] == ["M01", ""]
    assert rows[0]["problems"] == "" and rows[1]["problems"] != ""


def test_an_excel_file_comes_back_as_one(administrator: httpx.Client, deployed: str) -> None:
    answer = administrator.post(
        PATH,
        data={"decisionDefinitionId": deployed, "allDecisions": "true"},
        files={"file": ("cases.xlsx", as_excel(FACTS))},
        headers={"Accept": EXCEL},
    )

    assert answer.status_code == 200, answer.text
    headings, row = load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True)
    cells = dict(zip(headings, row, strict=True))
    assert cells["score"] == 385
    assert cells["credit-grade"] == "E"
    assert cells["machine-decision.reasonCode"] == "M01"


def test_json_may_be_answered_as_a_table(administrator: httpx.Client, deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [FACTS, {**FACTS, "note": {"by": "王芳"}}]}
    answer = administrator.post(PATH, json=body, headers={"Accept": "text/csv"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["note"] for row in rows] == ["", '{"by":"王芳"}']


def test_a_repeated_batch_is_given_the_same_file(administrator: httpx.Client, deployed: str) -> None:
    def send() -> httpx.Response:
        return administrator.post(
            PATH,
            data={"decisionDefinitionId": deployed},
            files={"file": ("cases.xlsx", file)},
            headers={"Accept": EXCEL, "Idempotency-Key": "one-batch"},
        )

    file = as_excel(FACTS)
    first, second = send(), send()
    assert first.content == second.content
    assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cases.txt", b"score\n1\n"),
        ("cases.csv", b""),
        ("cases.csv", b"score,score\n1,2\n"),
        ("cases.csv", b'score\n"1'),
        ("cases.csv", b"score\n\xff\xff\n"),
        ("cases.xlsx", b"PK no archive"),
        ("cases.xlsx", as_excel(FACTS)[:-100]),
    ],
)
def test_what_is_no_table_is_refused(administrator: httpx.Client, deployed: str, name: str, content: bytes) -> None:
    for accepted in ("application/json", "text/csv"):
        answer = administrator.post(
            PATH,
            data={"decisionDefinitionId": deployed},
            files={"file": (name, content)},
            headers={"Accept": accepted},
        )
        assert answer.status_code == 400, answer.text
        assert name in answer.json()["detail"]


def test_batches_are_bounded(administrator: httpx.Client, deployed: str) -> None:
    which = {"decisionDefinitionId": deployed}
    many = b"score\n" + b"1\n" * (MOST_CASES + 1)
    refused = [
        administrator.post(PATH, json={**which, "inputs": [{}] * (MOST_CASES + 1)}),
        administrator.post(PATH, data=which, files={"file": ("cases.csv", many)}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(413, "decision.batch-rows")] * 2
    large = administrator.post(PATH, data=which, files={"file": ("cases.csv", b"score\n" + b"1" * (5 << 20))})
    assert large.status_code == 413


def test_an_excel_file_is_small_unpacked_too(administrator: httpx.Client, deployed: str) -> None:
    file = as_excel({f"fact {number}": "x" * 30_000 for number in range(2300)})
    assert len(file) < 1 << 20
    answer = administrator.post(PATH, data={"decisionDefinitionId": deployed}, files={"file": ("cases.xlsx", file)})

    assert (answer.status_code, answer.json()["code"]) == (400, "spreadsheet.too-large")


def test_requests_that_do_not_fit_are_refused(administrator: httpx.Client, deployed: str) -> None:
    for body in (
        {"inputs": [FACTS]},
        {"decisionDefinitionId": deployed},
        {"decisionDefinitionId": deployed, "inputs": [1]},
        {"decisionDefinitionId": deployed, "inputs": [], "store": True},
    ):
        assert administrator.post(PATH, json=body).status_code == 400, body
    assert administrator.post(PATH, json={"decisionDefinitionId": "none", "inputs": []}).status_code == 404
    assert administrator.post(PATH, content=b"score").status_code == 415
    file = {"file": ("cases.csv", as_csv(FACTS))}
    for form in ({}, {"decisionDefinitionId": deployed, "allDecisions": "perhaps"}):
        assert administrator.post(PATH, data=form, files=file).status_code == 400, form
    without = administrator.post(PATH, files={"decisionDefinitionId": (None, deployed)})
    assert without.status_code == 400
    assert without.json()["errors"][0]["pointer"] == "/file"


def test_reviewers_may_not_evaluate(person: Callable[[str], httpx.Client], deployed: str) -> None:
    body = {"decisionDefinitionId": deployed, "inputs": [FACTS]}

    assert person("zhang.wei").post(PATH, json=body).status_code == 403


def test_the_document_tells_what_comes_in_and_out(administrator: httpx.Client) -> None:
    described = administrator.get("/openapi.json").json()["paths"][PATH]["post"]

    assert described["requestBody"]["content"].keys() == {"application/json", "multipart/form-data"}
    answered = described["responses"]["200"]["content"]
    assert answered.keys() == {"application/json", "text/csv", EXCEL}
    assert answered["application/json"]["schema"] == {"$ref": "#/components/schemas/DecisionBatchResult"}
