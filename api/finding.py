"""The one search of the shell, and the bell: what a few letters may mean, and what concerns the reader lately."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.worklist import finding as worklist
from server.worklist import notices

from .authorization import principal, signed_in
from .exact_json import answer, no_content
from .fields import Digits, Flag, Instant, Key, Listed, OneOf, Part, Text, Whole, always, document, maybe
from .resource import Resource

finding = Resource("Finding", description="The search over everything, and notices.")

_DEFAULT_LIMIT = 8
_MOST = 50

SearchRequest = document(
    "GlobalSearchRequest",
    {
        "q": Text(
            required=True,
            shortest=1,
            longest=100,
            metadata={
                "description": "The beginning of a businessId or "
                "of an applicant's name; a key; a part of the name of a task or definition"
            },
        ),
        "limit": Digits(low=1, high=_MOST, metadata={"description": f"Of each kind; {_DEFAULT_LIMIT} where not given"}),
    },
)
FoundCase = document(
    "FoundCase",
    always(
        {
            "processInstanceKey": Key(),
            "businessId": maybe(Text()),
            "applicant": maybe(Text()),
            "state": Text(),
            "hasIncident": Flag(),
            "startDate": Instant(),
            "endDate": maybe(Instant()),
            "processDefinitionId": Text(),
            "processDefinitionName": maybe(Text()),
            "processDefinitionVersion": Whole(),
        }
    ),
)
FoundTask = document(
    "FoundTask",
    always(
        {
            "userTaskKey": Key(),
            "name": maybe(Text()),
            "elementId": Text(),
            "state": Text(),
            "assignee": maybe(Text()),
            "processInstanceKey": Key(),
            "businessId": maybe(Text()),
            "applicant": maybe(Text()),
            "dueDate": maybe(Instant()),
            "creationDate": Instant(),
        }
    ),
)
FoundDefinition = document(
    "FoundDefinition",
    always(
        {
            "kind": OneOf("process", "decision", "form"),
            "key": Key(),
            "id": Text(),
            "name": maybe(Text()),
            "version": Whole(),
            "decisionRequirementsId": maybe(Text(metadata={"description": "Of a decision: the graph that it is in"})),
        }
    ),
)
SearchResult = document(
    "GlobalSearchResult",
    always(
        {
            "cases": Listed(Part(FoundCase)),
            "userTasks": Listed(Part(FoundTask)),
            "definitions": Listed(Part(FoundDefinition)),
        }
    ),
)
NoticeResult = document(
    "Notice",
    always(
        {
            "kind": OneOf(*notices.KINDS),
            "date": Instant(),
            "isNew": Flag(),
            "key": Key(metadata={"description": "Of the task, case, comment or incident"}),
            "processInstanceKey": Key(),
            "businessId": maybe(Text()),
            "applicant": maybe(Text()),
            "title": maybe(Text(metadata={"description": "Of the task or process; a comment's text; an error type"})),
            "actor": maybe(Text(metadata={"description": "Who did it; of a case that ended, its state"})),
        }
    ),
)
Notices = document(
    "Notices",
    always(
        {
            "items": Listed(Part(NoticeResult), metadata={"description": f"The newest {notices.MOST}, newest first"}),
            "newCount": Whole(metadata={"description": "How many of these are new"}),
            "seenDate": maybe(Instant()),
        }
    ),
)
Seen = document("NoticesSeen", {"until": Instant(metadata={"description": "Now, where not given"})})


@finding.route("/search", methods=["GET"])
@signed_in
@finding.arguments(SearchRequest, location="query")
@finding.response(200, SearchResult)
def search_everything(asked: dict[str, Any]) -> Response:
    """Find cases, tasks and definitions by a few letters"""
    found = worklist.find(principal(), asked["q"].strip(), limit=asked.get("limit", _DEFAULT_LIMIT))
    return answer(
        {
            "cases": [_case(row) for row in found.cases],
            "userTasks": [_task(row) for row in found.tasks],
            "definitions": [_definition(row) for row in found.definitions],
        }
    )


@finding.route("/notices", methods=["GET"])
@signed_in
@finding.response(200, Notices)
def get_notices() -> Response:
    """Get what concerns oneself and happened lately"""
    found, seen = notices.latest(principal())
    items = [{**_notice(one), "isNew": seen is None or one.at > seen} for one in found]
    return answer({"items": items, "newCount": sum(item["isNew"] for item in items), "seenDate": seen})


@finding.route("/notices/seen", methods=["POST"])
@signed_in
@finding.arguments(Seen, required=False)
@finding.response(204)
def mark_notices_seen(body: dict[str, Any]) -> Response:
    """Remember that one's notices have been seen, up to an instant or until now"""
    notices.mark_seen(principal(), body.get("until"))
    return no_content()


def _case(row: Any) -> dict[str, Any]:
    return {
        "processInstanceKey": str(row.key),
        "businessId": row.business_id,
        "applicant": row.applicant,
        "state": row.state,
        "hasIncident": row.has_incident,
        "startDate": row.started_at,
        "endDate": row.ended_at,
        "processDefinitionId": row.process_id,
        "processDefinitionName": row.process_name,
        "processDefinitionVersion": row.version,
    }


def _task(row: Any) -> dict[str, Any]:
    return {
        "userTaskKey": str(row.key),
        "name": row.name,
        "elementId": row.element_id,
        "state": row.state,
        "assignee": row.assignee,
        "processInstanceKey": str(row.instance_key),
        "businessId": row.business_id,
        "applicant": row.applicant,
        "dueDate": row.due_date,
        "creationDate": row.created_at,
    }


def _definition(row: Any) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "key": str(row.key),
        "id": row.id,
        "name": row.name,
        "version": row.version,
        "decisionRequirementsId": row.requirements_id,
    }


def _notice(notice: notices.Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "date": notice.at,
        "key": str(notice.key),
        "processInstanceKey": str(notice.instance_key),
        "businessId": notice.business_id,
        "applicant": notice.applicant,
        "title": notice.title,
        "actor": notice.actor,
    }
