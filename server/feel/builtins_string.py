"""String functions (DMN 1.5, 10.3.4.3); characters are code points."""

from __future__ import annotations

from typing import Any

from server.feel.diagnostics import invalid_argument
from server.feel.regular_expressions import compile_pattern, expand_replacement, search, split, substitute
from server.feel.runtime import Runtime
from server.feel.signatures import Library
from server.feel.values import adopt

STRINGS = Library()


@STRINGS.builtin("substring", "string: string; start position: number; length?: number", "string")
def _substring(string: str, start: Any, length: Any = None) -> str:
    position = int(start)
    if position == 0 or position > len(string) or -position > len(string):
        raise invalid_argument(
            f"字符串有 {len(string)} 个字符，没有第 {position} 个。",
            f"The string has {len(string)} characters; there is no character {position}.",
        )
    first = position - 1 if position > 0 else len(string) + position
    if length is None:
        return string[first:]
    count = int(length)
    if count < 1:
        raise invalid_argument("子串的长度至少为 1。", "A substring has a length of at least 1.")
    return string[first : first + count]


@STRINGS.builtin("string length", "string: string", "number")
def _string_length(string: str) -> int:
    return len(string)


@STRINGS.builtin("upper case", "string: string", "string")
def _upper_case(string: str) -> str:
    return string.upper()


@STRINGS.builtin("lower case", "string: string", "string")
def _lower_case(string: str) -> str:
    return string.lower()


@STRINGS.builtin("substring before", "string: string; match: string", "string")
def _substring_before(string: str, match: str) -> str:
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@STRINGS.builtin("substring after", "string: string; match: string", "string")
def _substring_after(string: str, match: str) -> str:
    return string.partition(match)[2] if match else string


@STRINGS.builtin("contains", "string: string; match: string", "boolean")
def _contains(string: str, match: str) -> bool:
    return match in string


@STRINGS.builtin("starts with", "string: string; match: string", "boolean")
def _starts_with(string: str, match: str) -> bool:
    return string.startswith(match)


@STRINGS.builtin("ends with", "string: string; match: string", "boolean")
def _ends_with(string: str, match: str) -> bool:
    return string.endswith(match)


@STRINGS.builtin("matches", "input: string; pattern: string; flags?: string|null", "boolean")
def _matches(runtime: Runtime, string: str, pattern: str, flags: str | None = None) -> bool:
    return search(compile_pattern(pattern, flags or "", runtime), string, runtime)


@STRINGS.builtin("replace", "input: string; pattern: string; replacement: string; flags?: string|null", "string")
def _replace(runtime: Runtime, string: str, pattern: str, replacement: str, flags: str | None = None) -> str:
    compiled = compile_pattern(pattern, flags or "", runtime)
    return substitute(compiled, expand_replacement(replacement, compiled, flags or ""), string, runtime)


@STRINGS.builtin("split", "string: string; delimiter: string", "list")
def _split(runtime: Runtime, string: str, delimiter: str) -> list[str]:
    return split(compile_pattern(delimiter, "", runtime), string, runtime)


@STRINGS.builtin(
    "string join", "list: list; delimiter?: string|null; prefix?: string|null; suffix?: string|null", "string"
)
def _string_join(
    runtime: Runtime,
    items: list[Any],
    delimiter: str | None = None,
    prefix: str | None = None,
    suffix: str | None = None,
) -> str:
    strings = [adopt(item) for item in items if item is not None]
    if not all(isinstance(each, str) for each in strings):
        raise invalid_argument("string join 只能连接字符串。", "string join joins strings only.")
    runtime.expect_length(sum(map(len, strings)) + len(delimiter or "") * len(strings))
    return f"{prefix or ''}{(delimiter or '').join(strings)}{suffix or ''}"
