"""What batches of decisions have in common over HTTP: which decision is asked, how cases come in and results go out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import marshmallow as ma
from flask import request
from werkzeug.datastructures import FileStorage

from server.messages import Message
from server.runtime.decision_batch import CaseResult
from server.runtime.spreadsheets import SheetKind
from server.store.database import encode_json

from .fields import Flag, Key, Listed, Part, Tenant, Text, Variables, Whole, always, document, maybe, wrong
from .problems import ProblemError, language

EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON: Final = "application/json"
UPLOAD: Final = "multipart/form-data"
SHEETS: Final[Mapping[str, SheetKind]] = {"text/csv": SheetKind.CSV, EXCEL: SheetKind.XLSX}
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
_TRUE_WORDS: Final = {"true": True, "false": False}

_WHICH: dict[str, Any] = {
    "decisionDefinitionId": Text(shortest=1, longest=1000),
    "decisionDefinitionKey": Key(),
    "allDecisions": Flag(
        metadata={"description": "Ask every decision of the decision's file, not only the decision itself"}
    ),
    "tenantId": Tenant(),
}
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


def request_schema(name: str, at_most: str, **metadata: Any) -> type[ma.Schema]:
    """The schema of a batch as JSON; ``at_most`` says how many cases it may have."""
    described = {"description": f"The facts of every case, {at_most}", **metadata}
    return document(name, {**_WHICH, "inputs": Listed(Variables(), required=True, metadata=described)})


def form_schema(name: str, at_most: str) -> type[ma.Schema]:
    """The schema of a batch as a form with a file."""
    described = {
        "type": "string",
        "format": "binary",
        "description": "A .csv or .xlsx file: the first row names the facts (a.b is the member b of a),"
        f" every further one is a case, {at_most}",
    }
    return document(name, {**_WHICH, "file": ma.fields.Raw(required=True, metadata=described)})


def form_with_file(schema: ma.Schema) -> tuple[Mapping[str, Any], FileStorage, str]:
    """What a form asks for, its file, and the name of that."""
    values: dict[str, Any] = request.form.to_dict()
    if "allDecisions" in values:
        # The parts of a form are texts; what is neither word is refused as a flag.
        values["allDecisions"] = _TRUE_WORDS.get(values["allDecisions"], values["allDecisions"])
    which: Mapping[str, Any] = schema.load(values)
    file: FileStorage | None = request.files.get("file")
    if file is None:
        raise ma.ValidationError({"file": _no_file().messages})
    return which, file, file.filename or "file"


def as_case(row: int, results: Sequence[CaseResult]) -> dict[str, Any]:
    """What the decisions said of the case with this number."""
    return {
        "row": row,
        "failed": any(result.failed for result in results),
        "results": [_result(result) for result in results],
    }


def unsupported() -> ProblemError:
    """The problem of a body that is neither JSON nor a form."""
    return ProblemError(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        Message(
            "decision.batch-media-type",
            f"请求正文应为 {JSON}，或以 {UPLOAD} 上传文件。",
            f"The request body must be {JSON}, or {UPLOAD} with a file.",
        ),
    )


def _result(result: CaseResult) -> dict[str, Any]:
    reader = language()
    problems = list(dict.fromkeys(problem.text(reader) for problem in result.problems))
    return {
        "decisionDefinitionId": result.decision,
        "output": encode_json(result.value),
        "matchedRules": list(result.rules),
        "failureMessage": " ".join(problems) if result.failed else None,
        "warnings": [] if result.failed else problems,
    }


def _no_file() -> ma.ValidationError:
    return wrong(
        "file",
        "请以名为 file 的部分上传一个 .csv 或 .xlsx 文件。",
        "Send a .csv or .xlsx file as the part named file.",
    )
