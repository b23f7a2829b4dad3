"""Comments on cases: what people say about one, for those who work on it after them."""

from __future__ import annotations

from typing import Any

from flask import Response

from server.identity.visibility import require_instance, seen_of_instances
from server.runtime import comments as runtime
from server.store.search import Condition

from .authorization import permission, principal
from .exact_json import answer
from .fields import Instant, Key, Text, always, document, maybe
from .process_instances import INSTANCES
from .resource import Resource
from .search import Source, by_instant, by_key, by_text, find, get, page_of, search_request

comments = Resource("Comment", description="What people say about cases.")

COMMENTS = Source(
    kind=("评论", "comment"),
    rows="comment c",
    columns="c.*",
    key="c.key",
    fields={
        "commentKey": "key c.key",
        "processInstanceKey": "key c.instance_key",
        "userTaskKey": "key? c.task_key",
        "author": "text c.author",
        "creationDate": "instant c.created_at",
    },
)
CommentResult = document(
    "Comment",
    always(
        {
            "commentKey": Key(),
            "processInstanceKey": Key(),
            "rootProcessInstanceKey": Key(),
            "userTaskKey": maybe(Key()),
            "author": Text(),
            "text": Text(longest=runtime.LONGEST),
            "creationDate": Instant(),
        }
    ),
)
CommentSearch = search_request(
    "Comment",
    {
        "commentKey": by_key(),
        "processInstanceKey": by_key(),
        "userTaskKey": by_key(),
        "author": by_text(),
        "creationDate": by_instant(),
    },
    ("creationDate", "author"),
)
Creation = document(
    "CommentCreation",
    {
        "text": Text(required=True, shortest=1, longest=runtime.LONGEST),
        "userTaskKey": Key(allow_none=True, metadata={"description": "The task of the instance that it is about"}),
    },
)


@comments.route("/process-instances/<key:key>/comments", methods=["POST"])
@permission("comment", "create")
@comments.arguments(Creation)
@comments.response(201, CommentResult)
def create_comment(body: dict[str, Any], key: int) -> Response:
    """Add a comment to a case; it stays as it is"""
    me = principal()
    get(INSTANCES, key, seen_of_instances(me, "comment", "p.key"))
    require_instance(me, "comment", "create", key)
    added = runtime.add(instance_key=key, task_key=body.get("userTaskKey"), author=me.name, text=body["text"])
    return answer(comment_document(added), 201)


@comments.route("/process-instances/<key:key>/comments/search", methods=["POST"])
@permission("comment", "read")
@comments.arguments(CommentSearch, required=False)
@comments.response(200, page_of("Comment", CommentResult))
def search_comments(body: dict[str, Any], key: int) -> Response:
    """Find the comments on a case: on the instance's root and everything that it called"""
    me = principal()
    root = get(INSTANCES, key, seen_of_instances(me, "comment", "p.key")).root_key
    seen = seen_of_instances(me, "comment", "c.instance_key")
    return find(COMMENTS, body, comment_document, seen, where=Condition("c.root_key = %(root)s", {"root": root}))


def comment_document(row: Any) -> dict[str, Any]:
    """A comment as the API shows one."""
    return {
        "commentKey": str(row.key),
        "processInstanceKey": str(row.instance_key),
        "rootProcessInstanceKey": str(row.root_key),
        "userTaskKey": None if row.task_key is None else str(row.task_key),
        "author": row.author,
        "text": row.text,
        "creationDate": row.created_at,
    }
