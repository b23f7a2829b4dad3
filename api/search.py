"""Search requests and pages, in the shape that all searches of the Camunda 8 API have.

A filter's member is a value, or an object of operators (``$eq``, ``$in``, ``$gte``, ``$like``, …); members are
joined by *and*, the alternatives under ``$or`` by *or*. ``page`` continues after a cursor, before one, or from
an offset.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy import Row

from server.runtime.errors import no_such
from server.store.database import fetch, reading
from server.store.search import Condition, Source, conditions_of, is_readable, search

from .exact_json import answer
from .fields import Flag, Listed, OneOf, Part, Text, Whole, always, document, maybe
from .problems import bad_request

__all__ = ["Source", "conditions_of"]

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 10_000

_TEXT: dict[str, Any] = {"type": "string"}
_KEY: dict[str, Any] = {"type": "string", "pattern": "^[0-9]+$"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_INSTANT: dict[str, Any] = {"type": "string", "format": "date-time"}
_EQUALITY = ("$eq", "$neq")
_LISTS = ("$in", "$notIn")
_ORDER = ("$gt", "$gte", "$lt", "$lte")


class FilterField(ma.fields.Raw):
    """A member of a filter; the search itself reads and checks it. Here it is described."""

    def __init__(self, exact: Mapping[str, Any], operators: Sequence[str], **kwargs: Any) -> None:
        members: dict[str, Any] = {name: dict(exact) for name in operators if name not in _LISTS}
        members.update({name: {"type": "array", "items": dict(exact)} for name in operators if name in _LISTS})
        members["$exists"] = {"type": "boolean"}
        operated = {"type": "object", "properties": members, "additionalProperties": False}
        super().__init__(metadata={"oneOf": [dict(exact), operated]}, **kwargs)


def by_text() -> FilterField:
    """Filter by text; ``$like`` takes ``*`` and ``?``."""
    return FilterField(_TEXT, (*_EQUALITY, *_LISTS, "$like"))


def by_key() -> FilterField:
    """Filter by a key."""
    return FilterField(_KEY, (*_EQUALITY, *_LISTS))


def by_word(*words: str) -> FilterField:
    """Filter by one of a few words, such as a state."""
    return FilterField({"type": "string", "enum": list(words)}, (*_EQUALITY, *_LISTS, "$like"))


def by_whole() -> FilterField:
    """Filter by a whole number."""
    return FilterField(_WHOLE, (*_EQUALITY, *_ORDER, *_LISTS))


def by_instant() -> FilterField:
    """Filter by an instant."""
    return FilterField(_INSTANT, (*_EQUALITY, *_ORDER, *_LISTS))


def by_flag() -> ma.fields.Field[Any]:
    """Filter by true or false."""
    return Flag()


def by_variables() -> ma.fields.Field[Any]:
    """Filter by variables: all that are named must have a value that fits; values are JSON."""
    return Listed(Part(VariableValueFilter))


VariableValueFilter = document(
    "VariableValueFilter",
    {
        "name": Text(required=True),
        "value": FilterField(_TEXT, (*_EQUALITY, *_LISTS, "$like"), required=True),
    },
)
PageRequest = document(
    "PageRequest",
    {
        "limit": Whole(low=0, high=LARGEST_LIMIT, metadata={"description": f"{DEFAULT_LIMIT} where not given"}),
        "from": Whole(metadata={"description": "Rows to skip; a cursor is faster"}),
        "after": Text(metadata={"description": "The endCursor of the page before"}),
        "before": Text(metadata={"description": "The startCursor of the page behind"}),
    },
)
PageResult = document(
    "Page",
    always(
        {
            "totalItems": Whole(),
            "hasMoreTotalItems": Flag(),
            "startCursor": maybe(Text()),
            "endCursor": maybe(Text()),
        }
    ),
)


def search_request(
    name: str,
    filters: Mapping[str, ma.fields.Field[Any]],
    sort: Sequence[str],
    *,
    alternatives: bool = False,
    plain: bool = False,
) -> type[ma.Schema]:
    """The schema of a search's body; with ``alternatives`` the filter may have ``$or``."""
    members = dict(filters)
    if alternatives:
        members["$or"] = Listed(Part(document(f"{name}FilterFields", filters)))
    sorting = document(
        f"{name}Sort",
        {"field": OneOf(*sort, required=True), "order": OneOf("ASC", "DESC", "asc", "desc")},
    )
    body: dict[str, ma.fields.Field[Any]] = {"filter": Part(document(f"{name}Filter", members))}
    if not plain:
        body["sort"] = Listed(Part(sorting))
        body["page"] = Part(PageRequest)
    return document(f"{name}Search", body)


def filter_of(search: type[ma.Schema], *, required: bool = True) -> Part:
    """The filter of a search's body, as a part of another body."""
    declared: ma.fields.Nested = search._declared_fields["filter"]  # type: ignore[assignment]
    return Part(declared.nested, required=required)


def page_of(name: str, item: type[ma.Schema]) -> type[ma.Schema]:
    """The schema of a page of items."""
    return document(f"{name}Page", always({"items": Listed(Part(item)), "page": Part(PageResult)}))


def find(
    source: Source,
    body: Mapping[str, Any],
    present: Callable[[Row[Any]], dict[str, Any]],
    scope: Condition | None = None,
    *,
    where: Condition | None = None,
) -> Response:
    """The answer to a search, among the rows in ``scope`` for which ``where`` holds."""
    rows, page = find_rows(source, body, scope, where=where)
    return answer({"items": [present(row) for row in rows], "page": page})


def find_rows(
    source: Source,
    body: Mapping[str, Any],
    scope: Condition | None = None,
    *,
    where: Condition | None = None,
) -> tuple[Sequence[Row[Any]], dict[str, Any]]:
    """The rows of a page, and what is said about the page."""
    limits = [limit for limit in (scope, where) if limit is not None]
    with reading() as connection:
        page = search(connection, source, body, limits, default_limit=DEFAULT_LIMIT)
    return page.rows, {
        "totalItems": page.total,
        "hasMoreTotalItems": page.more_than_counted,
        "startCursor": page.start,
        "endCursor": page.end,
    }


def get(source: Source, key: int | str, scope: Condition | None = None, *, where: Condition | None = None) -> Row[Any]:
    """The row with this key. One outside of ``scope`` does not exist for whoever asks."""
    conditions = [limit for limit in (scope, where) if limit is not None]
    sql = " AND ".join([f"{source.key} = %(the_key)s::{source.key_type}", *(limit.sql for limit in conditions)])
    parameters = {name: value for limit in conditions for name, value in limit.parameters.items()}
    rows = []
    if is_readable(source.key_type, str(key)):
        with reading() as connection:
            statement = f"SELECT {source.columns} FROM {source.rows} WHERE {sql}"  # noqa: S608 - our own names
            rows = fetch(connection, statement, {**parameters, "the_key": int(key)})
    if not rows:
        raise no_such(*source.kind, key)
    return rows[0]


def list_page(items: Sequence[Mapping[str, Any]], body: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a short list that is in memory: filtered, sorted, and cut out by offset.

    For what an installation has a few dozen of (users, groups, clients). A cursor is the offset.
    """
    wanted: Mapping[str, Any] = body.get("filter", {})
    found = [item for item in items if all(_fits(item.get(name), value) for name, value in wanted.items())]
    for order in reversed(body.get("sort", ())):
        descending = str(order.get("order", "ASC")).upper() == "DESC"
        found.sort(key=lambda item: str(item.get(order["field"]) or ""), reverse=descending)
    page = body.get("page", {})
    limit = page.get("limit", DEFAULT_LIMIT)
    start = _offset(page, limit)
    shown = found[start : start + limit]
    return {
        "items": shown,
        "page": {
            "totalItems": len(found),
            "hasMoreTotalItems": False,
            "startCursor": _offset_cursor(start) if shown else None,
            "endCursor": _offset_cursor(start + len(shown)) if shown else None,
        },
    }


def _offset(page: Mapping[str, Any], limit: int) -> int:
    if "after" in page:
        return _read_offset(page["after"])
    if "before" in page:
        return max(0, _read_offset(page["before"]) - limit)
    return int(page.get("from", 0))


def _offset_cursor(offset: int) -> str:
    return base64.b64encode(f"{offset:06}".encode()).decode()


def _read_offset(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True)[:12])
    except ValueError as error:
        raise bad_request(
            "cursor",
            "游标不可用；请使用上一次查询所返回的 startCursor 或 endCursor。",
            "The cursor cannot be used; take the startCursor or endCursor of a search.",
        ) from error


def _fits(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(value == wanted)
    tests: dict[str, Callable[[Any], bool]] = {
        "$eq": lambda given: value == given,
        "$neq": lambda given: value != given,
        "$in": lambda given: isinstance(given, list) and value in given,
        "$notIn": lambda given: isinstance(given, list) and value not in given,
        "$exists": lambda given: (value is not None) == given,
        "$like": lambda given: fnmatchcase(str(value or ""), str(given).replace("[", "[[]")),
    }
    return all(name in tests and tests[name](given) for name, given in wanted.items())
