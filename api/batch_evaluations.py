"""Batch evaluations: decisions about many thousands of cases, made by the workers, with progress.

A batch is handed in as JSON, CSV or Excel and answered with its key. It is then looked at until it has ended; its
results come as pages of JSON, or as the rows of the table with what the decisions said. A batch asks "what if": it
leaves no decision instances, and is itself kept for some days only.
"""

from __future__ import annotations

import datetime as dt
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, Final

from flask import Response, current_app, request, send_file

from server.identity.visibility import own_batches
from server.messages import Message
from server.runtime import batch_evaluation
from server.runtime.batch_evaluation import BatchLimits, HandedIn
from server.runtime.batch_parts import BatchSource, cases_in, parts_of_facts, parts_of_rows
from server.runtime.decision_batch import headings_of_facts, headings_of_file
from server.runtime.errors import Conflict
from server.runtime.spreadsheets import SheetKind, kind_of, read_rows, written_rows
from server.settings import Settings

from .authorization import permission, principal
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
from .exact_json import answer, no_content, read_json
from .fields import TENANT, Flag, Instant, Key, OneOf, Text, Whole, always, document, maybe, wrong
from .problems import in_language, language
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, by_whole, by_word, find, get, page_of, search_request

batch_evaluations = Resource(
    "Batch evaluation", description="Decisions about many cases, made in the background, with progress."
)

STATES: Final = ("CREATED", "ACTIVE", "COMPLETED", "CANCELED", "FAILED")
LARGEST_PAGE: Final = 5_000
UNPACKED: Final = 8
"""How many times larger than the largest body an Excel file may be unpacked."""

_PATH: Final = "/decision-definitions/batch-evaluations"
_BOUND: Final = "at most LENDLOOM_DECISION_BATCH_ROWS (100,000 where that is not set)"
_FORMATS: Final = {"csv": "text/csv", "xlsx": next(kind for kind, end in SHEETS.items() if end is SheetKind.XLSX)}

BATCHES = Source(
    kind=("批量评估", "batch evaluation"),
    rows="decision_batch b LEFT JOIN decision_definition d ON d.key = b.decision_definition_key",
    columns="b.*, d.decision_id, d.name AS decision_name, d.version",
    key="b.key",
    fields={
        "batchEvaluationKey": "key b.key",
        "state": "word b.state",
        "decisionDefinitionKey": "key b.decision_definition_key",
        "decisionDefinitionId": "text? d.decision_id",
        "fileName": "text? b.file_name",
        "totalRows": "whole b.total",
        "failedRows": "whole b.failed",
        "actorId": "text b.created_by",
        "creationDate": "instant b.created_at",
        "startDate": "instant? b.started_at",
        "endDate": "instant? b.ended_at",
        "tenantId": "text '<default>'",
    },
)
BatchEvaluation = document(
    "BatchEvaluation",
    always(
        {
            "batchEvaluationKey": Key(),
            "state": Text(metadata={"enum": list(STATES)}),
            "decisionDefinitionKey": Key(),
            "decisionDefinitionId": Text(),
            "decisionDefinitionName": Text(),
            "decisionDefinitionVersion": Whole(),
            "allDecisions": Flag(),
            "source": Text(metadata={"enum": [str(source) for source in BatchSource]}),
            "fileName": maybe(Text()),
            "totalRows": Whole(),
            "evaluatedRows": Whole(),
            "failedRows": Whole(metadata={"description": "Of those evaluated: in which a decision has no result"}),
            "percent": Whole(high=100, metadata={"description": "100 when all rows are evaluated, not before"}),
            "failureMessage": maybe(Text(metadata={"description": "Why the batch as a whole is FAILED"})),
            "actorId": Text(metadata={"description": "Who handed it in"}),
            "creationDate": Instant(metadata={"description": "Also the instant that now() answers in every row"}),
            "startDate": maybe(Instant()),
            "endDate": maybe(Instant()),
            "expirationDate": maybe(Instant(metadata={"description": "When it is removed; known after its end"})),
            "tenantId": Text(),
        }
    ),
)
BatchEvaluationPage = page_of("BatchEvaluation", BatchEvaluation)
BatchEvaluationSearch = search_request(
    "BatchEvaluation",
    {
        "batchEvaluationKey": by_key(),
        "state": by_word(*STATES),
        "decisionDefinitionKey": by_key(),
        "decisionDefinitionId": by_text(),
        "fileName": by_text(),
        "totalRows": by_whole(),
        "failedRows": by_whole(),
        "actorId": by_text(),
        "creationDate": by_instant(),
        "startDate": by_instant(),
        "endDate": by_instant(),
        "tenantId": by_text(),
    },
    tuple(BATCHES.fields),
)
BatchEvaluationRequest = request_schema("BatchEvaluationRequest", _BOUND)
BatchEvaluationForm = form_schema("BatchEvaluationForm", _BOUND)
_REQUEST: Final = BatchEvaluationRequest()
_FORM: Final = BatchEvaluationForm(exclude=("file",))


class _Digits(Whole):
    """A whole number in a query, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 11):
            raise wrong("whole", "应为整数。", "This must be a whole number.")
        return super()._deserialize(int(text), attr, data, **kwargs)


ResultsQuery = document(
    "BatchEvaluationResultsQuery",
    {
        "format": OneOf("json", *_FORMATS, metadata={"description": "Instead of the header Accept"}),
        "rows": OneOf("all", "failed", metadata={"description": "All rows, or only those without a result"}),
        "after": _Digits(metadata={"description": "The row after which a page of JSON begins: its endCursor"}),
        "limit": _Digits(
            low=1, high=LARGEST_PAGE, metadata={"description": "The most rows on a page of JSON; 100 if not given"}
        ),
    },
)
ResultsPage = page_of("BatchEvaluationResults", BatchCase)


@batch_evaluations.before_request
def _admit_larger_bodies() -> None:
    """A batch may come in a larger body than other requests."""
    if request.method == "POST" and request.path.endswith(_PATH):
        request.max_content_length = _settings().decision_batch_mebibytes * 1024 * 1024


@batch_evaluations.route(_PATH, methods=["POST"])
@permission("decision-definition", "evaluate")
@batch_evaluations.doc(
    requestBody={
        "required": True,
        "content": {JSON: {"schema": BatchEvaluationRequest}, UPLOAD: {"schema": BatchEvaluationForm}},
    }
)
@batch_evaluations.response(202, BatchEvaluation)
def create_batch_evaluation() -> Response:
    """Hand in a batch of cases that the workers evaluate"""
    which, cases = _of_form() if request.mimetype == UPLOAD else _of_json()
    settings = _settings()
    key = batch_evaluation.hand_in(
        cases,
        actor=principal().name,
        limits=BatchLimits(
            settings.decision_batch_rows, settings.decision_batches_unfinished, settings.decision_batch_days
        ),
        decision_id=which.get("decisionDefinitionId"),
        definition_key=which.get("decisionDefinitionKey"),
        all_decisions=which.get("allDecisions", False),
    )
    return answer(_batch(get(BATCHES, key)), 202)


@batch_evaluations.route(f"{_PATH}/search", methods=["POST"])
@permission("decision-batch", "read")
@batch_evaluations.arguments(BatchEvaluationSearch, required=False)
@batch_evaluations.response(200, BatchEvaluationPage)
def search_batch_evaluations(body: dict[str, Any]) -> Response:
    """Find batch evaluations: one's own, or with the permission for all of them, everybody's"""
    return find(BATCHES, body, _batch, own_batches(principal()))


@batch_evaluations.route(f"{_PATH}/<key:key>", methods=["GET"])
@permission("decision-batch", "read")
@batch_evaluations.response(200, BatchEvaluation)
def get_batch_evaluation(key: int) -> Response:
    """Get a batch evaluation with its progress"""
    return answer(_batch(get(BATCHES, key, own_batches(principal()))))


@batch_evaluations.route(f"{_PATH}/<key:key>/results", methods=["GET"])
@permission("decision-batch", "read")
@batch_evaluations.arguments(ResultsQuery, location="query")
@batch_evaluations.doc(
    responses={
        "200": {
            "description": "The rows evaluated so far as a page of JSON; after the end also as a table",
            "content": {JSON: {"schema": ResultsPage}, **dict.fromkeys(SHEETS, BINARY)},
        }
    }
)
@batch_evaluations.response(200, ResultsPage)
def get_batch_evaluation_results(query: dict[str, Any], key: int) -> Response:
    """Get what the decisions said: pages of JSON, or the whole table as CSV or Excel"""
    row = get(BATCHES, key, own_batches(principal()))
    accepted = request.accept_mimetypes.best_match([JSON, *SHEETS], JSON)
    wanted = {**_FORMATS, "json": JSON}[query["format"]] if "format" in query else accepted
    only_failed = query.get("rows") == "failed"
    if wanted in SHEETS:
        return _as_table(row, wanted, only_failed)
    return answer(_as_page(row, query.get("after", 0), query.get("limit", 100), only_failed))


@batch_evaluations.route(f"{_PATH}/<key:key>/cancellation", methods=["POST"])
@permission("decision-batch", "update")
@batch_evaluations.response(204)
def cancel_batch_evaluation(key: int) -> Response:
    """Cancel a batch evaluation; the rows evaluated so far keep their results"""
    batch_evaluation.cancel(_mine(key))
    return no_content()


@batch_evaluations.route(f"{_PATH}/<key:key>/resumption", methods=["POST"])
@permission("decision-batch", "update")
@batch_evaluations.response(204)
def resume_batch_evaluation(key: int) -> Response:
    """Go on with a batch evaluation that is FAILED, at the row where it stopped"""
    batch_evaluation.resume(_mine(key))
    return no_content()


@batch_evaluations.route(f"{_PATH}/<key:key>/deletion", methods=["POST"])
@permission("decision-batch", "update")
@batch_evaluations.response(204)
def delete_batch_evaluation(key: int) -> Response:
    """Delete a batch evaluation that has ended, with its cases and results"""
    batch_evaluation.delete(_mine(key))
    return no_content()


def _mine(key: int) -> int:
    """The key, where the caller may change the batch that has it."""
    return int(get(BATCHES, key, own_batches(principal(), action="update")).key)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["lendloom-settings"]
    return settings


def _of_json() -> tuple[dict[str, Any], HandedIn]:
    if not request.is_json:
        raise unsupported()
    body: dict[str, Any] = _REQUEST.load(read_json(request.get_data(cache=True)))
    inputs: list[dict[str, Any]] = body["inputs"]
    return body, HandedIn(BatchSource.JSON, None, headings_of_facts(inputs), parts_of_facts(inputs))


def _of_form() -> tuple[dict[str, Any], HandedIn]:
    which, file, name = form_with_file(_FORM)
    largest = UNPACKED * _settings().decision_batch_mebibytes * 1024 * 1024
    rows = read_rows(file.stream, name, largest=largest)
    headings = headings_of_file(rows, name)
    return dict(which), HandedIn(BatchSource(kind_of(name).upper()), name, headings, parts_of_rows(rows))


def _batch(row: Any) -> dict[str, Any]:
    return {
        "batchEvaluationKey": str(row.key),
        "state": row.state,
        "decisionDefinitionKey": str(row.decision_definition_key),
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionName": row.decision_name,
        "decisionDefinitionVersion": row.version,
        "allDecisions": row.all_decisions,
        "source": row.source,
        "fileName": row.file_name,
        "totalRows": row.total,
        "evaluatedRows": row.evaluated,
        "failedRows": row.failed,
        "percent": 100 * row.evaluated // row.total if row.total else 100,
        "failureMessage": in_language(row.failure_en, row.failure_zh),
        "actorId": row.created_by,
        "creationDate": row.created_at,
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "expirationDate": None if row.ended_at is None else row.ended_at + dt.timedelta(days=row.kept_days),
        "tenantId": TENANT,
    }


def _as_page(row: Any, after: int, limit: int, only_failed: bool) -> dict[str, Any]:
    numbered = (
        (number, results)
        for part in batch_evaluation.evaluated_parts(row.key, after=after, only_failed=only_failed)
        for number, results in enumerate(part.results, start=part.first_row)
        if number > after and (not only_failed or any(result.failed for result in results))
    )
    items = [as_case(number, results) for number, results in islice(numbered, limit)]
    return {
        "items": items,
        "page": {
            "totalItems": row.failed if only_failed else row.evaluated,
            "hasMoreTotalItems": False,
            "startCursor": str(items[0]["row"]) if items else None,
            "endCursor": str(items[-1]["row"]) if items else None,
        },
    }


def _as_table(row: Any, wanted: str, only_failed: bool) -> Response:
    if row.ended_at is None:
        raise Conflict(_not_ended(row))
    reader = language()
    kind = SHEETS[wanted]
    batch = batch_evaluation.evaluator(row)
    source = BatchSource(row.source)
    file = TemporaryFile()  # noqa: SIM115 - closed with the response that sends it
    with written_rows(file, kind) as write:
        write([*(row.headings if source is BatchSource.JSON else batch.kept(row.headings)), *batch.headings])
        for part in batch_evaluation.evaluated_parts(row.key, only_failed=only_failed):
            cases = cases_in(batch, source, row.headings, part.cases)
            for case, results in zip(cases, part.results, strict=True):
                if not only_failed or any(result.failed for result in results):
                    write([*case.cells, *batch.cells(results, reader)])
    file.seek(0)
    name = f"batch-evaluation-{row.key}.{kind}"
    return send_file(file, mimetype=wanted, as_attachment=True, download_name=name)


def _not_ended(row: Any) -> Message:
    return Message(
        "decision.batch-not-ended",
        f"批量评估尚未结束（{row.evaluated}/{row.total} 行）；结束后才能下载表格，已完成的行可按 JSON 分页查看。",
        f"The batch evaluation has not ended ({row.evaluated} of {row.total} rows); a table is there after the end, the"
        " rows that are done as pages of JSON.",
    )
