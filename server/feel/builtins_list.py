"""List functions (DMN 1.5, 10.3.4.4). Lists are never changed; every function returns a new one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from server.feel.comparison import same
from server.feel.diagnostics import Fault, invalid_argument
from server.feel.functions import FeelFunction
from server.feel.invocation import invoke
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import adopt

LISTS = Library()


@LISTS.builtin("list contains", "list: list; element: Any", "boolean")
def _list_contains(runtime: Runtime, items: list[Any], element: Any) -> bool:
    runtime.spend(len(items))
    return any(same(item, element, runtime.spend) for item in items)


@LISTS.builtin("count", "c*: Any", "number")
@LISTS.builtin("count", "list: list", "number")
def _count(items: list[Any]) -> Decimal:
    return Decimal(len(items))


@LISTS.builtin("sublist", "list: list; start position: number; length?: number", "list")
def _sublist(items: list[Any], start: Any, length: Any = None) -> list[Any]:
    first = _position(items, start)
    if length is None:
        return items[first:]
    count = int(length)
    if count < 0 or first + count > len(items):
        raise invalid_argument(
            f"从第 {int(start)} 个元素起没有 {count} 个元素。",
            f"There are no {count} elements from position {int(start)} on.",
        )
    return items[first : first + count]


def _position(items: list[Any], position: Any) -> int:
    """The index, from 0, of a position from 1 or from -1 backwards."""
    index = int(position)
    if index != position or index == 0 or abs(index) > len(items):
        raise invalid_argument(
            f"列表有 {len(items)} 个元素，没有第 {position} 个。",
            f"The list has {len(items)} elements; there is no position {position}.",
        )
    return index - 1 if index > 0 else len(items) + index


@LISTS.builtin("append", "list: list; item*: Any", "list")
def _append(runtime: Runtime, items: list[Any], more: list[Any]) -> list[Any]:
    runtime.expect_size(len(items) + len(more))
    return [*items, *more]


@LISTS.builtin("concatenate", "list*: list", "list")
def _concatenate(runtime: Runtime, lists: list[list[Any]]) -> list[Any]:
    runtime.expect_size(sum(map(len, lists)))
    return [item for each in lists for item in each]


@LISTS.builtin("insert before", "list: list; position: number; newItem: Any", "list")
def _insert_before(runtime: Runtime, items: list[Any], position: Any, item: Any) -> list[Any]:
    runtime.expect_size(len(items) + 1)
    index = _position(items, position)
    return [*items[:index], item, *items[index:]]


@LISTS.builtin("remove", "list: list; position: number", "list")
def _remove(items: list[Any], position: Any) -> list[Any]:
    index = _position(items, position)
    return [*items[:index], *items[index + 1 :]]


@LISTS.builtin("list replace", "list: list; position: number; newItem: Any", "list")
def _replace_at(items: list[Any], position: Any, item: Any) -> list[Any]:
    index = _position(items, position)
    return [*items[:index], item, *items[index + 1 :]]


@LISTS.builtin("list replace", "list: list; match: function; newItem: Any", "list")
def _replace_matching(runtime: Runtime, items: list[Any], match: FeelFunction, item: Any) -> list[Any]:
    result: list[Any] = []
    for each in items:
        verdict = invoke(runtime, match, (each, item))
        if not isinstance(verdict, bool):
            raise invalid_argument("match 函数应返回布尔值。", "The match function must return a boolean.")
        result.append(item if verdict else each)
    return result


@LISTS.builtin("reverse", "list: list", "list")
def _reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@LISTS.builtin("index of", "list: list; match: Any", "list")
def _index_of(runtime: Runtime, items: list[Any], match: Any) -> list[Decimal]:
    runtime.spend(len(items))
    return [Decimal(number) for number, item in enumerate(items, 1) if same(item, match, runtime.spend)]


@LISTS.builtin("union", "list*: list", "list")
def _union(runtime: Runtime, lists: list[list[Any]]) -> list[Any]:
    return distinct(runtime, (item for each in lists for item in each))


@LISTS.builtin("distinct values", "list: list", "list")
def _distinct_values(runtime: Runtime, items: list[Any]) -> list[Any]:
    return distinct(runtime, items)


def distinct(runtime: Runtime, items: Iterable[Any]) -> list[Any]:
    """The elements without those that equal an earlier one."""
    kept: list[Any] = []
    # Scalars are found by hash; only what has no hash of its own is compared one by one.
    hashed: set[tuple[str, Any]] = set()
    compared: list[Any] = []
    for each in items:
        value = adopt(each)
        if value is None or isinstance(value, str | bool | int | Decimal):
            key = (
                "number" if isinstance(value, Decimal | int) and not isinstance(value, bool) else type(value).__name__,
                value,
            )
            if key in hashed:
                continue
            hashed.add(key)
        else:
            runtime.spend(len(compared) + 1)
            if any(same(value, other, runtime.spend) for other in compared):
                continue
            compared.append(value)
        kept.append(each)
    return kept


@LISTS.builtin("flatten", "list: list", "list")
def _flatten(runtime: Runtime, items: list[Any]) -> list[Any]:
    result: list[Any] = []
    pending = [iter(items)]
    while pending:
        for each in pending[-1]:
            runtime.spend(1)
            value = adopt(each)
            if isinstance(value, list):
                pending.append(iter(value))
                break
            result.append(each)
        else:
            pending.pop()
    return result


@LISTS.builtin("sort", "list: list; precedes: function", "list")
def _sort(runtime: Runtime, items: list[Any], precedes: FeelFunction) -> list[Any]:
    """A stable merge sort: the order is whatever ``precedes`` says, even where it contradicts itself."""
    if len(items) < 2:
        return list(items)
    middle = len(items) // 2
    return _merge(runtime, _sort(runtime, items[:middle], precedes), _sort(runtime, items[middle:], precedes), precedes)


def _merge(runtime: Runtime, left: list[Any], right: list[Any], precedes: FeelFunction) -> list[Any]:
    result: list[Any] = []
    i = j = 0
    while i < len(left) and j < len(right):
        verdict = invoke(runtime, precedes, (right[j], left[i]))
        if not isinstance(verdict, bool):
            raise _no_order()
        if verdict:
            result.append(right[j])
            j += 1
        else:
            result.append(left[i])
            i += 1
    return [*result, *left[i:], *right[j:]]


def _no_order() -> Fault:
    return invalid_argument("sort 的比较函数应返回布尔值。", "The function of sort must return a boolean.")
