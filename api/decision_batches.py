"""Decisions about many cases at once, as JSON, CSV or Excel, in and out. A batch asks "what if": nothing is kept.

What is larger than one answer goes to the workers: :mod:`api.batch_evaluations`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

from flask import Response, request

from server.messages import Message
from server.runtime.decision_batch import Case, CaseResult, DecisionBatch, cases_of, headings_of_facts
from server.runtime.decisions import decision_asked
from server.runtime.definitions import DecisionVersion
from server.runtime.spreadsheets import read_rows, written_rows

from .authorization import permission
from .batch_cases import (
    BINARY,
    JSON,
    SHEETS,
    UPLOAD,
    BatchCase,
    as_case,
    form_schema,
    form_with_file,
    request_schema,
    unsupported,
)
from .exact_json import answer, plain, read_json
from .fields import TENANT, Key, Listed, Part, Text, Whole, always, document
from .problems import ProblemError, language
from .resource import Resource

decision_batches = Resource("Decision batch", description="Decisions about many cases at once; nothing is kept.")

MOST_CASES: Final = 5_000
LONGEST_SECONDS: Final = 20.0
LARGEST_UNPACKED: Final = 64 * 1024 * 1024
"""An Excel file is a packed one; a small one may hold anything."""

BatchRequest = request_schema("DecisionBatchRequest", f"at most {MOST_CASES} cases", maxItems=MOST_CASES)
BatchForm = form_schema("DecisionBatchForm", f"at most {MOST_CASES}")
BatchResult = document(
    "DecisionBatchResult",
    always(
        {
            "decisionDefinitionId": Text(),
            "decisionDefinitionKey": Key(),
            "decisionDefinitionName": Text(),
            "decisionDefinitionVersion": Whole(),
            "decisionRequirementsId": Text(),
            "decisionRequirementsKey": Key(),
            "totalRows": Whole(),
            "failedRows": Whole(),
            "rows": Listed(Part(BatchCase)),
            "tenantId": Text(),
        }
    ),
)
_REQUEST: Final = BatchRequest()
_FORM: Final = BatchForm(exclude=("file",))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for: which decision, and how its cases are read for the batch."""

    which: Mapping[str, Any]
    cases: Callable[[DecisionBatch], tuple[list[str], Iterable[Case]]]


@decision_batches.route("/decision-definitions/batch-evaluation", methods=["POST"])
@permission("decision-definition", "evaluate")
@decision_batches.doc(
    requestBody={"required": True, "content": {JSON: {"schema": BatchRequest}, UPLOAD: {"schema": BatchForm}}},
    responses={
        "200": {
            "description": "The results, as JSON or as a table",
            "content": {JSON: {"schema": BatchResult}, **dict.fromkeys(SHEETS, BINARY)},
        }
    },
)
@decision_batches.response(200, BatchResult)
def evaluate_decision_batch() -> Response:
    """Ask a decision, or all of its graph, about many cases; nothing is kept"""
    asked = _of_form() if request.mimetype == UPLOAD else _of_json()
    version, now = decision_asked(
        decision_id=asked.which.get("decisionDefinitionId"), definition_key=asked.which.get("decisionDefinitionKey")
    )
    chosen = list(version.model.decisions) if asked.which.get("allDecisions") else [version.decision_id]
    batch = DecisionBatch(version.model, chosen, now)
    headings, cases = asked.cases(batch)
    wanted = request.accept_mimetypes.best_match([JSON, *SHEETS], JSON)
    results = ((case, batch.evaluate(case.facts)) for case in _bounded(cases))
    if wanted not in SHEETS:
        return answer(_as_json(version, results))
    return _as_sheet(version, wanted, batch, headings, results)


def _of_json() -> _Asked:
    if not request.is_json:
        raise unsupported()
    body = _REQUEST.load(read_json(request.get_data(cache=True)))
    inputs: list[dict[str, Any]] = body["inputs"]
    if len(inputs) > MOST_CASES:
        raise _too_many()
    headings = headings_of_facts(inputs)
    return _Asked(body, lambda _batch: (headings, cases_of(inputs, headings)))


def _of_form() -> _Asked:
    which, file, name = form_with_file(_FORM)
    rows = read_rows(file.stream, name, largest=LARGEST_UNPACKED)
    return _Asked(which, lambda batch: batch.read(rows, name))


def _bounded(cases: Iterable[Case]) -> Iterator[Case]:
    until = time.monotonic() + LONGEST_SECONDS
    for number, case in enumerate(cases):
        if number == MOST_CASES:
            raise _too_many()
        if time.monotonic() > until:
            raise _too_slow(number)
        yield case


def _as_json(version: DecisionVersion, results: Iterable[tuple[Case, list[CaseResult]]]) -> dict[str, Any]:
    rows = [as_case(number, found) for number, (_, found) in enumerate(results, start=1)]
    return {
        "decisionDefinitionId": version.decision_id,
        "decisionDefinitionKey": str(version.key),
        "decisionDefinitionName": version.name,
        "decisionDefinitionVersion": version.version,
        "decisionRequirementsId": version.requirements_id,
        "decisionRequirementsKey": str(version.requirements_key),
        "totalRows": len(rows),
        "failedRows": sum(bool(row["failed"]) for row in rows),
        "rows": rows,
        "tenantId": TENANT,
    }


def _as_sheet(
    version: DecisionVersion,
    wanted: str,
    batch: DecisionBatch,
    headings: list[str],
    results: Iterable[tuple[Case, list[CaseResult]]],
) -> Response:
    reader = language()
    kind = SHEETS[wanted]
    file = BytesIO()
    with written_rows(file, kind) as write:
        write([*headings, *batch.headings])
        for case, found in results:
            write([*case.cells, *batch.cells(found, reader)])
    response = plain(file.getvalue(), wanted)
    response.headers.set("Content-Disposition", "attachment", filename=f"decision-{version.key}.{kind}")
    return response


def _too_many() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message(
            "decision.batch-rows",
            f"一次最多评估 {MOST_CASES} 行；请分成几批，或改用后台批量评估（batch-evaluations）。",
            f"A batch has at most {MOST_CASES} cases; send it in parts, or to batch-evaluations in the background.",
        ),
    )


def _too_slow(done: int) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message(
            "decision.batch-seconds",
            f"{LONGEST_SECONDS:.0f} 秒内只完成了 {done} 行；请减少行数，或改用后台批量评估（batch-evaluations）。",
            f"Only {done} cases were done in {LONGEST_SECONDS:.0f} seconds; send fewer at once, or send them to"
            " batch-evaluations in the background.",
        ),
    )
