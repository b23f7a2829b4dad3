"""Context functions (DMN 1.5, 10.3.4.8)."""

from __future__ import annotations

from typing import Any

from server.feel.diagnostics import Fault, invalid_argument
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import adopt

CONTEXTS = Library()


@CONTEXTS.builtin("get value", "m: context; key: string")
def _get_value(m: dict[str, Any], key: str) -> Any:
    if key not in m:
        raise invalid_argument(f"上下文中没有“{key}”。", f"The context has no entry '{key}'.")
    return m[key]


@CONTEXTS.builtin("get entries", "m: context", "list")
def _get_entries(runtime: Runtime, m: dict[str, Any]) -> list[Any]:
    runtime.expect_size(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@CONTEXTS.builtin("context", "entries: list", "context")
def _context(runtime: Runtime, entries: list[Any]) -> dict[str, Any]:
    runtime.expect_size(len(entries))
    result: dict[str, Any] = {}
    for entry in entries:
        pair = adopt(entry)
        if not isinstance(pair, dict) or "value" not in pair or not isinstance(pair.get("key"), str):
            raise invalid_argument(
                'context 需要形如 {key: "名称", value: 值} 的列表。',
                'context needs a list of {key: "name", value: ...}.',
            )
        if pair["key"] in result:
            raise invalid_argument(f"键“{pair['key']}”重复。", f"The key '{pair['key']}' occurs twice.")
        result[pair["key"]] = pair["value"]
    return result


@CONTEXTS.builtin("context put", "context: context; key: string; value: Any", "context")
def _context_put(context: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    return {**context, key: value}


@CONTEXTS.builtin("context put", "context: context; keys: list; value: Any", "context")
def _context_put_deep(runtime: Runtime, context: dict[str, Any], keys: list[Any], value: Any) -> dict[str, Any]:
    """The context with a value at the end of a path of keys; contexts on the way are made where there are none."""
    runtime.spend(len(keys))
    if not keys or not all(isinstance(key, str) for key in keys):
        raise _bad_keys()
    result = dict(context)
    current = result
    for key in keys[:-1]:
        inner = adopt(current.get(key))
        if key in current and not isinstance(inner, dict):
            raise invalid_argument(f"“{key}”不是上下文。", f"'{key}' is not a context.")
        current[key] = dict(inner or {})
        current = current[key]
    current[keys[-1]] = value
    return result


def _bad_keys() -> Fault:
    return invalid_argument("keys 应为非空的字符串列表。", "keys must be a list of strings that is not empty.")


@CONTEXTS.builtin("context merge", "contexts: list", "context")
def _context_merge(runtime: Runtime, contexts: list[Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for each in contexts:
        context = adopt(each)
        if not isinstance(context, dict):
            raise invalid_argument("context merge 只能合并上下文。", "context merge merges contexts only.")
        runtime.expect_size(len(context))
        result.update(context)
    return result
