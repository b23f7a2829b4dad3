"""Decisions about many cases at once, as JSON, CSV or Excel, in and out. A batch asks "what if": nothing is kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final

import marshmallow as ma
from flask import Response, request
from werkzeug.datastructures import FileStorage

from server.feel import to_json
from server.messages import Message
from server.runtime.decision_batch import Case, CaseResult, DecisionBatch, cases_of
from server.runtime.decisions import decision_asked
from server.runtime.definitions import DecisionVersion
from server.runtime.spreadsheets import SheetKind, read_rows, written_rows
from server.store.database import encode_json

from .authorization import permission
from .exact_json import answer, plain, read_json
from .fields import TENANT, Flag, Key, Listed, Part, Tenant, Text, Variables, Whole, always, document, maybe, wrong
from .problems import ProblemError, language
from .resource import Resource

decision_batches = Resource("Decision batch", description="Decisions about many cases at once; nothing is kept.")

MOST_CASES: Final = 5_000
LONGEST_SECONDS: Final = 20.0
LARGEST_UNPACKED: Final = 64 * 1024 * 1024
"""An Excel file is a packed one; a small one may hold anything."""

_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_JSON: Final = "application/json"
_UPLOAD: Final = "multipart/form-data"
_SHEETS: Final[Mapping[str, SheetKind]] = {"text/csv": SheetKind.CSV, _EXCEL: SheetKind.XLSX}
_TRUE_WORDS: Final = {"true": True, "false": False}

_WHICH: dict[str, Any] = {
    "decisionDefinitionId": Text(shortest=1, longest=1000),
    "decisionDefinitionKey": Key(),
    "allDecisions": Flag(
        metadata={"description": "Ask every decision of the decision's file, not only the decision itself"}
    ),
    "tenantId": Tenant(),
}
BatchRequest = document(
    "DecisionBatchRequest",
    {
        **_WHICH,
        "inputs": Listed(
            Variables(),
            required=True,
            metadata={"description": f"The facts of every case, at most {MOST_CASES} cases", "maxItems": MOST_CASES},
        ),
    },
)
BatchForm = document(
    "DecisionBatchForm",
    {
        **_WHICH,
        "file": ma.fields.Raw(
            required=True,
            metadata={
                "type": "string",
                "format": "binary",
                "description": "A .csv or .xlsx file: the first row names the facts (a.b is the member b of a),"
                f" every further one is a case, at most {MOST_CASES}",
            },
        ),
    },
)
BatchCaseResult = document(
    "DecisionBatchCaseResult",
    always(
        {
            "decisionDefinitionId": Text(),
            "output": Text(metadata={"description": "The result, as JSON text"}),
            "matchedRules": Listed(Whole(), metadata={"description": "The numbers of the rules that matched"}),
            "failureMessage": maybe(Text(metadata={"description": "Why there is no result"})),
            "warnings": Listed(
                Text(),
                metadata={"description": "What was noticed on the way to a result, such as a fact of the wrong type"},
            ),
        }
    ),
)
BatchCase = document(
    "DecisionBatchCase",
    always(
        {
            "row": Whole(metadata={"description": "The number of the case, from 1; empty rows are no cases"}),
            "failed": Flag(),
            "results": Listed(Part(BatchCaseResult)),
        }
    ),
)
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
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request asks for: which decision, and how its cases are read for the batch."""

    which: Mapping[str, Any]
    cases: Callable[[DecisionBatch], tuple[list[str], Iterable[Case]]]


@decision_batches.route("/decision-definitions/batch-evaluation", methods=["POST"])
@permission("decision-definition", "evaluate")
@decision_batches.doc(
    requestBody={"required": True, "content": {_JSON: {"schema": BatchRequest}, _UPLOAD: {"schema": BatchForm}}},
    responses={
        "200": {
            "description": "The results, as JSON or as a table",
            "content": {_JSON: {"schema": BatchResult}, **dict.fromkeys(_SHEETS, _BINARY)},
        }
    },
)
@decision_batches.response(200, BatchResult)
def evaluate_decision_batch() -> Response:
    """Ask a decision, or all of its graph, about many cases; nothing is kept"""
    asked = _of_form() if request.mimetype == _UPLOAD else _of_json()
    version, now = decision_asked(
        decision_id=asked.which.get("decisionDefinitionId"), definition_key=asked.which.get("decisionDefinitionKey")
    )
    chosen = list(version.model.decisions) if asked.which.get("allDecisions") else [version.decision_id]
    batch = DecisionBatch(version.model, chosen, now)
    headings, cases = asked.cases(batch)
    wanted = request.accept_mimetypes.best_match([_JSON, *_SHEETS], _JSON)
    results = ((case, batch.evaluate(case.facts)) for case in _bounded(cases))
    if wanted not in _SHEETS:
        return answer(_as_json(version, results))
    return _as_sheet(version, wanted, batch, headings, results)


def _of_json() -> _Asked:
    if not request.is_json:
        raise _unsupported()
    body = _REQUEST.load(read_json(request.get_data(cache=True)))
    inputs: list[dict[str, Any]] = body["inputs"]
    if len(inputs) > MOST_CASES:
        raise _too_many()
    return _Asked(body, lambda _batch: cases_of(inputs))


def _of_form() -> _Asked:
    values: dict[str, Any] = request.form.to_dict()
    if "allDecisions" in values:
        # The parts of a form are texts; what is neither word is refused as a flag.
        values["allDecisions"] = _TRUE_WORDS.get(values["allDecisions"], values["allDecisions"])
    which = _FORM.load(values)
    file: FileStorage | None = request.files.get("file")
    if file is None:
        raise ma.ValidationError({"file": _no_file().messages})
    name = file.filename or "file"
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
    rows = [
        {
            "row": number,
            "failed": any(result.failed for result in found),
            "results": [_result(result) for result in found],
        }
        for number, (_, found) in enumerate(results, start=1)
    ]
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


def _result(result: CaseResult) -> dict[str, Any]:
    reader = language()
    problems = list(dict.fromkeys(problem.text(reader) for problem in result.problems))
    return {
        "decisionDefinitionId": result.decision,
        "output": encode_json(to_json(result.value)),
        "matchedRules": list(result.rules),
        "failureMessage": " ".join(problems) if result.failed else None,
        "warnings": [] if result.failed else problems,
    }


def _as_sheet(
    version: DecisionVersion,
    wanted: str,
    batch: DecisionBatch,
    headings: list[str],
    results: Iterable[tuple[Case, list[CaseResult]]],
) -> Response:
    reader = language()
    kind = _SHEETS[wanted]
    file = BytesIO()
    with written_rows(file, kind) as write:
        write([*headings, *batch.headings])
        for case, found in results:
            write([*case.cells, *batch.cells(found, reader)])
    response = plain(file.getvalue(), wanted)
    response.headers.set("Content-Disposition", "attachment", filename=f"decision-{version.key}.{kind}")
    return response


def _no_file() -> ma.ValidationError:
    return wrong(
        "file",
        "请以名为 file 的部分上传一个 .csv 或 .xlsx 文件。",
        "Send a .csv or .xlsx file as the part named file.",
    )


def _unsupported() -> ProblemError:
    return ProblemError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        Message(
            "decision.batch-media-type",
            f"请求正文应为 {_JSON}，或以 {_UPLOAD} 上传文件。",
            f"The request body must be {_JSON}, or {_UPLOAD} with a file.",
        ),
    )


def _too_many() -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message(
            "decision.batch-rows",
            f"一次最多评估 {MOST_CASES} 行；请分成几批，或在服务器上用 lendloom decide --input。",
            f"A batch has at most {MOST_CASES} cases; send it in parts, or use lendloom decide --input on the server.",
        ),
    )


def _too_slow(done: int) -> ProblemError:
    return ProblemError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        Message(
            "decision.batch-seconds",
            f"{LONGEST_SECONDS:.0f} 秒内只完成了 {done} 行；请减少每批的行数。",
            f"Only {done} cases were done in {LONGEST_SECONDS:.0f} seconds; send fewer at once.",
        ),
    )
