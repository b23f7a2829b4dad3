"""Search bodies as SQL: what is found, in which order, and where a page begins.

A :class:`Source` says which rows there are and what the members of a filter mean in SQL. Everything that a caller
writes travels as a parameter of the statement; only names that the source itself has come into its text.

Pages continue after a row, not after a number of rows: a cursor holds the sort values of the row at the edge of
the page. So a page deep inside costs as little as the first one, and none is shown twice when rows come and go.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from server.messages import LendloomError, Message

from .database import encode_json, fetch

LARGEST_KEY = 2**63 - 1
MOST_COUNTED = 1_000
"""Rows that are counted; of more it is only said that there are more."""

_WORD = re.compile(r"[A-Z_]{1,40}")
_COMPARISONS = {"$eq": "=", "$neq": "<>", "$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
_UNORDERED = frozenset({"key", "text", "word"})
_LONGEST_KEY = 19
_LARGEST = {"int": 2**31 - 1, "bigint": 2**63 - 1, "numeric": 10**30}
_TYPES = {"key": "bigint", "text": "text", "word": "text", "whole": "int", "instant": "timestamptz"}


class SearchError(LendloomError):
    """A search body that cannot be carried out; ``place`` is the JSON pointer of what is wrong with it."""

    def __init__(self, message: Message, place: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL, in the driver's own spelling, with its parameters."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """What can be searched.

    ``rows`` is what stands after FROM, ``columns`` what is read of it, ``key`` a column that tells rows apart and
    that sorts them where nothing else does. ``fields`` gives for each member of a filter its kind and its
    expression, such as ``"key t.key"``; a ``?`` after the kind says that it may be null.
    """

    kind: tuple[str, str]
    rows: str
    columns: str
    key: str
    fields: Mapping[str, str]
    key_type: str = "bigint"


def key_of(value: Any) -> int | None:
    """The key that ``value`` stands for, or None where it is not one: decimal digits that fit into 64 bits."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not (text.isascii() and text.isdigit()) or len(text) > _LONGEST_KEY:
        return None
    key = int(text)
    return key if key <= LARGEST_KEY else None


def instant_of(value: Any) -> dt.datetime | None:
    """The instant that an RFC 3339 text stands for, or None; a text without an offset is in UTC."""
    if not isinstance(value, str):
        return None
    try:
        instant = dt.datetime.fromisoformat(value)
        aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, how many there are in all, and where it begins and ends."""

    rows: Sequence[Row[Any]]
    total: int
    more_than_counted: bool
    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class _Order:
    """One thing that rows are sorted by; ``cursor`` is its type in SQL."""

    expression: str
    descending: bool
    nullable: bool
    type: str

    def sql(self, reverse: bool) -> str:
        descending = self.descending != reverse
        nulls = f" NULLS {'FIRST' if reverse else 'LAST'}" if self.nullable else ""
        return f"{self.expression}{' DESC' if descending else ''}{nulls}"


class _Parameters:
    """The values of a statement under names of their own."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.values = dict(given)

    def add(self, value: Any, cast: str) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"%({name})s::{cast}"


def search(
    connection: Connection,
    source: Source,
    body: Mapping[str, Any],
    limits: Sequence[Condition],
    *,
    default_limit: int,
) -> Page:
    """The page of ``source`` that a search body asks for, among the rows that all ``limits`` let through."""
    parameters = _Parameters({name: value for limit in limits for name, value in limit.parameters.items()})
    conditions = [limit.sql for limit in limits]
    conditions += _filter(source, body.get("filter") or {}, parameters, "/filter")
    page: Mapping[str, Any] = body.get("page") or {}
    orders = _orders(source, body.get("sort") or ())
    limit = page.get("limit", default_limit)
    backwards = "before" in page and "after" not in page
    within = " AND ".join(conditions) or "true"
    of_filter = dict(parameters.values)
    offset = int(page.get("from", 0))
    cursor = page.get("before" if backwards else "after")
    edge = None if cursor is None else _read_cursor(cursor, orders)
    stretches = _stretches(orders, edge, backwards, parameters, whole=edge is None and offset > 0)
    edges = ", ".join(f"({order.expression})::text AS edge_{n}" for n, order in enumerate(orders))
    rows: list[Row[Any]] = []
    for stretch in stretches:
        if len(rows) == limit:
            break
        statement = (
            f"SELECT {source.columns}, {edges} FROM {source.rows}"  # noqa: S608 - a source's own names
            f" WHERE {within} AND {stretch.within} ORDER BY {stretch.order}"
            f" LIMIT {int(limit) - len(rows)} OFFSET {offset if edge is None else 0}"
        )
        rows += fetch(connection, statement, parameters.values)
    if backwards:
        rows.reverse()
    if cursor is None and offset == 0 and len(rows) < limit:
        total = len(rows)  # the page shows all there is
    else:
        counted = f"SELECT count(*) FROM (SELECT 1 FROM {source.rows} WHERE {within} LIMIT {MOST_COUNTED + 1}) c"  # noqa: S608
        total = fetch(connection, counted, of_filter)[0][0]
    more = total > MOST_COUNTED
    return Page(
        rows,
        min(total, MOST_COUNTED),
        more,
        _cursor(rows[0], orders) if rows else None,
        _cursor(rows[-1], orders) if rows else None,
    )


def conditions_of(source: Source, wanted: Mapping[str, Any], scope: Condition | None) -> list[Condition]:
    """The conditions that a filter and a scope put on the rows of ``source``."""
    parameters = _Parameters({} if scope is None else scope.parameters)
    parts = _filter(source, wanted, parameters, "/filter")
    if scope is not None:
        parts.append(scope.sql)
    return [Condition(" AND ".join(parts) or "true", parameters.values)]


# -- filters ----------------------------------------------------------------------------------------------------


def _filter(source: Source, wanted: Mapping[str, Any], parameters: _Parameters, pointer: str) -> list[str]:
    """The conditions of a filter; all of them must hold."""
    conditions = []
    for name, value in wanted.items():
        place = f"{pointer}/{name}"
        if name == "$or":
            alternatives = [
                " AND ".join(_filter(source, alternative, parameters, f"{place}/{n}")) or "true"
                for n, alternative in enumerate(value)
            ]
            if alternatives:
                conditions.append(f"(({') OR ('.join(alternatives)}))")
            continue
        kind, _, expression = source.fields[name].partition(" ")
        conditions += _member(kind.rstrip("?"), expression, value, parameters, place)
    return conditions


def _member(kind: str, expression: str, value: Any, parameters: _Parameters, place: str) -> list[str]:
    if kind == "variables":
        return [_variable(expression, wanted, parameters, f"{place}/{n}") for n, wanted in enumerate(value)]
    if kind == "tags":
        return [f"{expression} @> {parameters.add(list(value), 'text[]')}"]
    operators = value if isinstance(value, Mapping) else {"$eq": value}
    return [
        _operation(kind, expression, operator, operand, parameters, f"{place}/{operator}")
        for operator, operand in operators.items()
    ]


def _operation(kind: str, expression: str, operator: str, operand: Any, parameters: _Parameters, place: str) -> str:
    if operator == "$exists":
        if not isinstance(operand, bool):
            raise _wrong(place, "应为 true 或 false。", "This must be true or false.")
        present = f"cardinality({expression}) > 0" if kind in ("texts", "wholes") else f"({expression}) IS NOT NULL"
        return present if operand else f"NOT ({present})"
    if kind == "flag":
        return _flag(expression, operator, operand, place)
    if kind in ("texts", "wholes"):
        return _among(kind.removesuffix("s"), expression, operator, operand, parameters, place)
    cast = _TYPES[kind]
    if operator in ("$in", "$notIn"):
        values = [_value(kind, item, place) for item in _list(operand, place)]
        among = f"{expression} = ANY({parameters.add(values, f'{cast}[]')})"
        return among if operator == "$in" else f"({among}) IS NOT TRUE"
    if operator == "$like" and cast == "text":
        return f"{expression} LIKE {parameters.add(_pattern(_value('text', operand, place)), 'text')}"
    comparison = _COMPARISONS.get(operator)
    if comparison is None or (kind in _UNORDERED and operator not in ("$eq", "$neq")):
        raise _unknown(place, operator)
    value = _value(kind, operand, place)
    # A state is a literal, so that the planner sees that a partial index fits.
    literal = kind == "word" and _WORD.fullmatch(value)
    shown = f"'{value}'" if literal else parameters.add(value, cast)
    if operator == "$neq":
        return f"{expression} IS DISTINCT FROM {shown}"
    return f"{expression} {comparison} {shown}"


def _flag(expression: str, operator: str, operand: Any, place: str) -> str:
    if operator not in ("$eq", "$neq") or not isinstance(operand, bool):
        raise _wrong(place, "应为 true 或 false。", "This must be true or false.")
    return f"({expression}) IS {'TRUE' if operand == (operator == '$eq') else 'NOT TRUE'}"


def _among(kind: str, expression: str, operator: str, operand: Any, parameters: _Parameters, place: str) -> str:
    """A condition on a list of texts or whole numbers: that one of them fits."""
    if operator == "$like" and kind == "text":
        pattern = parameters.add(_pattern(_value("text", operand, place)), "text")
        return f"EXISTS (SELECT 1 FROM unnest({expression}) one WHERE one LIKE {pattern})"  # noqa: S608
    if operator not in ("$eq", "$neq", "$in", "$notIn"):
        raise _unknown(place, operator)
    listed = _list(operand, place) if operator in ("$in", "$notIn") else [operand]
    values = parameters.add([_value(kind, item, place) for item in listed], f"{_TYPES[kind]}[]")
    fits = f"{expression} && {values}"
    return fits if operator in ("$eq", "$in") else f"NOT ({fits})"


def _variable(expression: str, wanted: Mapping[str, Any], parameters: _Parameters, place: str) -> str:
    """A condition on a variable by name; values are compared as JSON.

    ``expression`` names the instance's key and the scope within its variables.
    """
    instance_key, _, scope = expression.partition(", ")
    name = parameters.add(wanted["name"], "text")
    operators = wanted["value"] if isinstance(wanted["value"], Mapping) else {"$eq": wanted["value"]}
    held = f"(held.variables->({scope})->{name})"
    parts = [f"held.key = {instance_key}"]
    absent = False
    for operator, operand in operators.items():
        at = f"{place}/value/{operator}"
        if operator == "$exists":
            absent = absent or operand is False
            parts.append(f"{held} IS NOT NULL")
        elif operator == "$like":
            parts.append(f"{held}::text LIKE {parameters.add(_pattern(_value('text', operand, at)), 'text')}")
        elif operator in ("$eq", "$neq"):
            comparison = "=" if operator == "$eq" else "IS DISTINCT FROM"
            parts.append(f"{held} {comparison} {parameters.add(_json(operand, at), 'jsonb')}")
        elif operator in ("$in", "$notIn"):
            values = parameters.add([_json(item, at) for item in _list(operand, at)], "text[]")
            fits = f"{held} = ANY({values}::jsonb[])"
            parts.append(fits if operator == "$in" else f"({fits}) IS NOT TRUE")
        else:
            raise _unknown(at, operator)
    found = f"EXISTS (SELECT 1 FROM instance_state held WHERE {' AND '.join(parts)})"  # noqa: S608
    return f"NOT {found}" if absent else found


def _json(value: Any, place: str) -> str:
    text = _value("text", value, place)
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _wrong(
            place,
            '变量值应为 JSON 文本，例如文本 a 写作 "\\"a\\""。',
            'A variable\'s value is JSON text: the text a is written "\\"a\\"".',
        ) from error
    return text


def _value(kind: str, value: Any, place: str) -> Any:
    """A value of a filter as the database takes it."""
    if kind == "key":
        key = key_of(value)
        if key is None:
            raise _wrong(place, "键应为引号内的十进制数字。", "A key is decimal digits in quotes.")
        return key
    if kind == "whole":
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**31:
            raise _wrong(place, "应为整数。", "This must be a whole number.")
        return value
    if kind == "instant":
        instant = instant_of(value)
        if instant is None:
            raise _wrong(
                place,
                "应为 RFC 3339 格式的日期时间，如 2026-01-31T08:00:00+08:00。",
                "This must be an RFC 3339 date and time such as 2026-01-31T08:00:00+08:00.",
            )
        return instant
    if not isinstance(value, str):
        raise _wrong(place, "应为文本。", "This must be text.")
    return value


def _list(operand: Any, place: str) -> Sequence[Any]:
    if not isinstance(operand, list):
        raise _wrong(place, "应为数组。", "This must be a list.")
    return operand


def literally(text: str) -> str:
    """The part of an SQL pattern that fits this text and nothing else."""
    return re.sub(r"([%_\\])", r"\\\1", text)


def _pattern(text: str) -> str:
    """The SQL pattern for one with ``*`` and ``?``, where a backslash makes them ordinary."""
    parts = re.split(r"(\\[*?\\]|[*?])", text)
    signs = {"*": "%", "?": "_"}
    return "".join(
        signs.get(part) or literally(part[1:] if part[:1] == "\\" and len(part) == 2 else part) for part in parts
    )


def _wrong(place: str, zh: str, en: str) -> SearchError:
    message = Message("search.filter", f"筛选条件不正确（{place}）：{zh}", f"The filter is not right ({place}): {en}")
    return SearchError(message, place)


def _unknown(place: str, operator: str) -> SearchError:
    return _wrong(place, f"此字段不支持运算符 {operator}。", f"The operator {operator} does not apply to this field.")


# -- order and cursors ------------------------------------------------------------------------------------------


def _orders(source: Source, sort: Sequence[Mapping[str, Any]]) -> list[_Order]:
    """What rows are sorted by; the key comes last, so that the order is total."""
    orders = []
    for wanted in sort:
        kind, _, expression = source.fields[wanted["field"]].partition(" ")
        if expression.startswith("'"):
            continue  # the same for all rows
        if kind.startswith("texts"):  # one text in several languages: the first one orders
            kind, expression = kind.replace("texts", "text"), f"({expression})[1]"
        cast = _TYPES.get(kind.rstrip("?"), "boolean")
        descending = str(wanted.get("order", "ASC")).upper() == "DESC"
        orders.append(_Order(f"({expression})", descending, kind.endswith("?"), cast))
    descending = bool(orders) and all(order.descending for order in orders)
    orders.append(_Order(source.key, descending, False, source.key_type))
    return orders


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A part of what is found whose rows stand together, and the order within it."""

    within: str
    order: str


def _stretches(
    orders: Sequence[_Order],
    edge: Sequence[str | None] | None,
    backwards: bool,
    parameters: _Parameters,
    *,
    whole: bool,
) -> list[_Stretch]:
    """The stretches that a page takes its rows from, one after the other; nulls come last.

    Rows with a value and rows without one are stretches of their own, because the database walks along an index
    only where nulls stand as the index has them, and starts in its middle only at one comparison of rows. With
    ``whole`` it is one stretch, for pages that begin at a number of rows.
    """
    ordered = ", ".join(order.sql(backwards) for order in orders)
    if len(orders) != 2 or not orders[0].nullable or whole:
        within = "true" if edge is None else _beyond(orders, edge, backwards, parameters)
        return [_Stretch(within, ordered)]
    first, key = orders
    descending = first.descending != backwards
    if edge is None and not descending:
        return [_Stretch("true", ordered)]
    down = " DESC" if descending else ""
    along = f"{first.expression}{down}, {key.expression}{down}"
    filled = _Stretch(f"{first.expression} IS NOT NULL", along)
    empty = _Stretch(f"{first.expression} IS NULL", along)
    if edge is None:
        return [filled, empty]
    sign = "<" if descending else ">"
    behind = parameters.add(edge[1], key.type)
    if edge[0] is None:
        rest = _Stretch(f"{empty.within} AND {key.expression} {sign} {behind}", along)
        return [rest, filled] if backwards else [rest]
    value = parameters.add(edge[0], first.type)
    rest = _Stretch(f"({first.expression}, {key.expression}) {sign} ({value}, {behind})", along)
    return [rest] if backwards else [rest, empty]


def _beyond(orders: Sequence[_Order], edge: Sequence[str | None], backwards: bool, parameters: _Parameters) -> str:
    """The condition on rows behind the edge: later in the first thing they are sorted by, or equal there and later
    in the next, and so on. Nulls come last."""
    directions = {order.descending != backwards for order in orders}
    if len(directions) == 1 and not any(order.nullable for order in orders):
        # One comparison of rows, for which the database starts in the middle of an index.
        here = ", ".join(order.expression for order in orders)
        there = ", ".join(parameters.add(value, order.type) for order, value in zip(orders, edge, strict=True))
        return f"({here}) {'<' if directions.pop() else '>'} ({there})"
    alternatives = []
    equal: list[str] = []
    for order, value in zip(orders, edge, strict=True):
        shown = parameters.add(value, order.type)
        descending = order.descending != backwards
        if value is None:
            later = f"{order.expression} IS NOT NULL" if backwards else "false"
        else:
            later = f"{order.expression} {'<' if descending else '>'} {shown}"
            if order.nullable and not backwards:
                later = f"({later} OR {order.expression} IS NULL)"
        alternatives.append(" AND ".join([*equal, later]))
        same = "IS NOT DISTINCT FROM" if order.nullable else "="
        equal.append(f"{order.expression} {same} {shown}")
    return f"(({') OR ('.join(alternatives)}))"


def _cursor(row: Row[Any], orders: Sequence[_Order]) -> str:
    edge = [getattr(row, f"edge_{n}") for n in range(len(orders))]
    return base64.b64encode(encode_json(edge).encode()).decode()


def _read_cursor(cursor: str, orders: Sequence[_Order]) -> list[str | None]:
    try:
        edge = msgspec.json.decode(base64.b64decode(cursor, validate=True), type=list[str | None])
    except (binascii.Error, ValueError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise _bad_cursor() from error
    if len(edge) != len(orders):
        raise _bad_cursor()
    for order, value in zip(orders, edge, strict=True):
        if not is_readable(order.type, value):
            raise _bad_cursor()
    return edge


def is_readable(kind: str, value: str | None) -> bool:
    """Whether the database can read the text of a value that may come from anywhere."""
    if value is None:
        return True
    if "\0" in value:
        return False
    if kind in _LARGEST:
        return value.isascii() and value.isdigit() and len(value) < 30 and int(value) <= _LARGEST[kind]
    if kind == "timestamptz":
        return instant_of(value) is not None
    return kind != "boolean" or value in ("true", "false")


def _bad_cursor() -> SearchError:
    return SearchError(
        Message(
            "search.cursor",
            "游标不可用；请使用上一次相同排序的查询所返回的 startCursor 或 endCursor。",
            "The cursor cannot be used; take the startCursor or endCursor of a search with the same sort.",
        ),
        "/page",
    )
