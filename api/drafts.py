"""Drafts: files that designers work on before they deploy them.

A change carries the revision that it was made on in ``If-Match``; the answer's ``ETag`` has the new one. Where
somebody else was first, the answer is a 409 that says who.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request

from server.runtime import drafts as runtime
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer, no_content
from .fields import Flag, Instant, Key, OneOf, Text, Whole, always, document, maybe
from .problems import bad_request
from .resource import Resource
from .search import Source, by_flag, by_instant, by_key, by_text, by_word, find, get, page_of, search_request

drafts = Resource("Draft", description="Files that designers work on before they deploy them.")

LONGEST_CONTENT = 3 * 1024 * 1024

DRAFTS = Source(
    kind=("草稿", "draft"),
    rows="draft r",
    columns="r.key, r.name, r.kind, r.definition_id, r.base_key, r.revision, r.shared, r.owner, r.created_at,"
    " r.changed_at, r.changed_by",
    key="r.key",
    fields={
        "draftKey": "key r.key",
        "name": "text r.name",
        "kind": "text r.kind",
        "definitionId": "text? r.definition_id",
        "baseResourceKey": "key? r.base_key",
        "shared": "flag r.shared",
        "owner": "text r.owner",
        "creationDate": "instant r.created_at",
        "changeDate": "instant r.changed_at",
        "changedBy": "text r.changed_by",
    },
)
REVISIONS = Source(
    kind=("草稿版本", "draft revision"),
    rows="draft_revision v JOIN draft r ON r.key = v.draft_key",
    columns="v.*",
    key="v.revision",
    key_type="int",
    fields={"revision": "whole v.revision"},
)
_MEMBERS: dict[str, Any] = {
    "draftKey": Key(),
    "name": Text(),
    "kind": OneOf(*runtime.KINDS),
    "definitionId": maybe(Text()),
    "baseResourceKey": maybe(Key(metadata={"description": "The deployed version that it was begun from"})),
    "revision": Whole(),
    "shared": Flag(metadata={"description": "Whether other designers see and change it, too"}),
    "owner": Text(),
    "creationDate": Instant(),
    "changeDate": Instant(),
    "changedBy": Text(),
}
_CONTENT = {"content": Text(longest=LONGEST_CONTENT)}
DraftResult = document("Draft", always({**_MEMBERS, **_CONTENT}))
DraftPage = page_of("Draft", document("FoundDraft", always(dict(_MEMBERS))))
DraftSearch = search_request(
    "Draft",
    {
        "draftKey": by_key(),
        "name": by_text(),
        "kind": by_word(*runtime.KINDS),
        "definitionId": by_text(),
        "baseResourceKey": by_key(),
        "shared": by_flag(),
        "owner": by_text(),
        "creationDate": by_instant(),
        "changeDate": by_instant(),
        "changedBy": by_text(),
    },
    ("name", "kind", "definitionId", "creationDate", "changeDate", "owner", "changedBy"),
)
Creation = document(
    "DraftCreation",
    {
        "name": Text(required=True, shortest=1, longest=200),
        "kind": OneOf(*runtime.KINDS, required=True),
        "content": Text(required=True, longest=LONGEST_CONTENT),
        "definitionId": Text(longest=1000, allow_none=True),
        "baseResourceKey": Key(allow_none=True),
        "shared": Flag(metadata={"description": "true where not given"}),
    },
)
Change = document(
    "DraftChange",
    {
        "name": Text(shortest=1, longest=200),
        "content": Text(longest=LONGEST_CONTENT),
        "definitionId": Text(longest=1000),
        "baseResourceKey": Key(),
        "shared": Flag(),
    },
)
_REVISION: dict[str, Any] = {"revision": Whole(), "savedAt": Instant(), "savedBy": Text()}
RevisionPage = page_of("DraftRevision", document("FoundDraftRevision", always(dict(_REVISION))))
RevisionResult = document("DraftRevision", always({**_REVISION, **_CONTENT}))
RevisionSearch = search_request("DraftRevision", {}, ("revision",))
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The revision that the change was made on, as in the ETag",
    "schema": {"type": "string"},
}


@drafts.route("/drafts", methods=["POST"])
@permission("draft", "update")
@drafts.arguments(Creation)
@drafts.response(201, DraftResult)
def create_draft(body: dict[str, Any]) -> Response:
    """Keep a new draft"""
    values = {**dict.fromkeys(("definition_id", "base_key")), "shared": True, **_columns(body), "kind": body["kind"]}
    return _whole(runtime.create(actor=principal().name, values=values), 201)


@drafts.route("/drafts/search", methods=["POST"])
@permission("draft", "read")
@drafts.arguments(DraftSearch, required=False)
@drafts.response(200, DraftPage)
def search_drafts(body: dict[str, Any]) -> Response:
    """Find drafts: one's own, and those that are shared"""
    return find(DRAFTS, body, _draft, _seen())


@drafts.route("/drafts/<key:key>", methods=["GET"])
@permission("draft", "read")
@drafts.response(200, DraftResult)
def get_draft(key: int) -> Response:
    """Get a draft with its content"""
    return _whole(key)


@drafts.route("/drafts/<key:key>", methods=["PUT"])
@permission("draft", "update")
@drafts.doc(parameters=[_IF_MATCH])
@drafts.arguments(Change)
@drafts.response(200, DraftResult)
def update_draft(body: dict[str, Any], key: int) -> Response:
    """Change a draft; what is left out stays"""
    runtime.change(key=key, revision=_revision(), actor=principal().name, values=_columns(body))
    return _whole(key)


@drafts.route("/drafts/<key:key>", methods=["DELETE"])
@permission("draft", "update")
@drafts.response(204)
def delete_draft(key: int) -> Response:
    """Delete a draft; with If-Match only where nobody has changed it meanwhile"""
    revision = _revision() if "If-Match" in request.headers else None
    runtime.delete(key=key, revision=revision, actor=principal().name)
    return no_content()


@drafts.route("/drafts/<key:key>/revisions/search", methods=["POST"])
@permission("draft", "read")
@drafts.arguments(RevisionSearch, required=False)
@drafts.response(200, RevisionPage)
def search_draft_revisions(body: dict[str, Any], key: int) -> Response:
    """Find the last contents of a draft"""
    return find(REVISIONS, body, _revision_document, _seen(), where=Condition("r.key = %(draft)s", {"draft": key}))


@drafts.route("/drafts/<key:key>/revisions/<key:revision>", methods=["GET"])
@permission("draft", "read")
@drafts.response(200, RevisionResult)
def get_draft_revision(key: int, revision: int) -> Response:
    """Get an earlier content of a draft"""
    row = get(REVISIONS, revision, _seen(), where=Condition("r.key = %(draft)s", {"draft": key}))
    return answer({**_revision_document(row), "content": row.content})


def draft_content(key: int) -> tuple[str, str]:
    """The kind and the content of a draft that the caller may see."""
    row = get(_WHOLE, key, _seen())
    return row.kind, row.content


def draft_reader() -> str | None:
    """Whose drafts the caller may read beside the shared ones; None where they may read none."""
    return principal().name if principal().may("draft", "read") else None


def _whole(key: int, status: int = 200) -> Response:
    row = get(_WHOLE, key, _seen())
    response = answer({**_draft(row), "content": row.content}, status)
    response.headers["ETag"] = f'"{row.revision}"'
    return response


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """What was given, by the names of the columns."""
    return {column: body[name] for name, column in _COLUMNS.items() if name in body}


def _revision() -> int:
    given = request.headers.get("If-Match", "").removeprefix("W/").strip('"')
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise bad_request(
            "if-match",
            '请在 If-Match 头中给出修改所基于的版本（读取草稿时的 ETag），如 "3"。',
            'Send the revision that the change was made on in If-Match (the draft\'s ETag), such as "3".',
        )
    return int(given)


def _draft(row: Any) -> dict[str, Any]:
    return {
        "draftKey": str(row.key),
        "name": row.name,
        "kind": row.kind,
        "definitionId": row.definition_id,
        "baseResourceKey": None if row.base_key is None else str(row.base_key),
        "revision": row.revision,
        "shared": row.shared,
        "owner": row.owner,
        "creationDate": row.created_at,
        "changeDate": row.changed_at,
        "changedBy": row.changed_by,
    }


def _revision_document(row: Any) -> dict[str, Any]:
    return {"revision": row.revision, "savedAt": row.saved_at, "savedBy": row.saved_by}


def _seen() -> Condition:
    return Condition("(r.shared OR r.owner = %(reader)s)", {"reader": principal().name})


_WHOLE = Source(kind=DRAFTS.kind, rows="draft r", columns="r.*", key="r.key", fields={})
_COLUMNS = {
    "name": "name",
    "content": "content",
    "definitionId": "definition_id",
    "baseResourceKey": "base_key",
    "shared": "shared",
}
