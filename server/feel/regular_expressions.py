"""Regular expressions of XPath and XQuery (F&O 3.1, section 5.6; XML Schema part 2, appendix F).

Patterns are translated to those of the ``regex`` package, which can be stopped: every search has a time limit.
Only what XPath knows is let through; what Python would read differently is rewritten or refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from time import thread_time
from typing import Any

import regex

from server.feel import budget as limits
from server.feel.diagnostics import Fault, invalid_argument
from server.feel.regular_syntax import PatternError, translate
from server.feel.runtime import Runtime

Pattern = Any
"""A compiled pattern of the ``regex`` package."""

_MAX_PATTERN = 5_000


def _bad(pattern: str, zh: str, en: str) -> Fault:
    shown = pattern if len(pattern) <= 60 else pattern[:57] + "..."
    return invalid_argument(f"正则表达式“{shown}”无效：{zh}。", f"The regular expression '{shown}' is invalid: {en}.")


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Pattern | Fault:
    if any(flag not in "smixq" for flag in flags):
        return _bad(pattern, "标志只能是 s、m、i、x、q", "only the flags s, m, i, x and q exist")
    if len(pattern) > _MAX_PATTERN:
        return _bad(pattern, "太长", "it is too long")
    options = regex.V1
    if "i" in flags:
        options |= regex.IGNORECASE
    if "m" in flags and "q" not in flags:
        options |= regex.MULTILINE
    if "s" in flags:
        options |= regex.DOTALL
    try:
        source = regex.escape(pattern, special_only=True) if "q" in flags else translate(pattern, flags)
        return regex.compile(source, options)
    except PatternError as error:
        return _bad(pattern, error.zh, error.en)
    except (regex.error, RecursionError, OverflowError, ValueError):
        return _bad(pattern, "语法错误", "its syntax is wrong")


def compile_pattern(pattern: str, flags: str, runtime: Runtime) -> Pattern:
    """The compiled pattern; raises Fault for one that is not XPath's."""
    found = _timed(runtime, lambda _seconds: _compiled(pattern, flags))
    if isinstance(found, Fault):
        raise Fault(found.kind, found.message)
    return found


def _timed(runtime: Runtime, run: Callable[[float], Any]) -> Any:
    """Run with the processor time left for regular expressions; what it takes is no longer there for later ones."""
    if runtime.regex_seconds <= 0:
        raise limits.regex_exceeded(runtime.budget.regex_seconds)
    begun = thread_time()
    try:
        return run(runtime.regex_seconds)
    except TimeoutError:
        raise limits.regex_exceeded(runtime.budget.regex_seconds) from None
    finally:
        runtime.regex_seconds -= thread_time() - begun


def search(pattern: Pattern, string: str, runtime: Runtime) -> bool:
    """Whether the pattern matches somewhere in the string."""
    return _timed(runtime, lambda seconds: pattern.search(string, timeout=seconds)) is not None


def split(pattern: Pattern, string: str, runtime: Runtime) -> list[str]:
    """The pieces between the matches; a pattern that matches nothing at all cannot divide a string."""
    _refuse_empty(pattern, runtime)
    pieces: list[str] = []
    last = 0
    for start, end in _spans(pattern, string, runtime):
        pieces.append(string[last:start])
        last = end
    return [*pieces, string[last:]]


def _spans(pattern: Pattern, string: str, runtime: Runtime) -> list[tuple[int, int]]:
    spans = _timed(runtime, lambda seconds: [match.span() for match in pattern.finditer(string, timeout=seconds)])
    runtime.expect_size(len(spans))
    return list(spans)


def _refuse_empty(pattern: Pattern, runtime: Runtime) -> None:
    if search(pattern, "", runtime):
        raise _bad(pattern.pattern, "它与空字符串匹配", "it matches the empty string")


def find_all(pattern: Pattern, string: str, runtime: Runtime) -> list[str]:
    """The texts of all matches."""
    return [string[start:end] for start, end in _spans(pattern, string, runtime)]


def expand_replacement(replacement: str, pattern: Pattern, flags: str) -> list[str | int]:
    """A replacement in pieces: text, and the numbers of groups (``$1``); ``\\$`` and ``\\\\`` are escapes."""
    if "q" in flags:
        return [replacement]
    pieces: list[str | int] = []
    at = 0
    while at < len(replacement):
        sign = replacement[at]
        following = replacement[at + 1 : at + 2]
        if sign == "\\":
            if following not in ("\\", "$"):
                raise _bad(replacement, "替换串中“\\”之后只能是“\\”或“$”", "only '\\' or '$' may follow a '\\'")
            pieces.append(following)
            at += 2
        elif sign == "$":
            if not (following.isascii() and following.isdigit()):
                raise _bad(replacement, "替换串中“$”之后应为数字", "a digit must follow a '$'")
            at, group = _group_number(replacement, at + 1, pattern.groups)
            if group <= pattern.groups:
                pieces.append(group)
        else:
            pieces.append(sign)
            at += 1
    return pieces


def _group_number(replacement: str, at: int, groups: int) -> tuple[int, int]:
    """The longest group number at ``at`` that the pattern has, at least one digit."""
    group = int(replacement[at])
    at += 1
    while at < len(replacement) and replacement[at].isascii() and replacement[at].isdigit():
        longer = group * 10 + int(replacement[at])
        if longer > groups:
            break
        group = longer
        at += 1
    return at, group


def substitute(pattern: Pattern, pieces: list[str | int], string: str, runtime: Runtime) -> str:
    """The string with every match replaced."""
    _refuse_empty(pattern, runtime)

    def replaced(match: Any) -> str:
        return "".join(piece if isinstance(piece, str) else match.group(piece) or "" for piece in pieces)

    matches = _timed(runtime, lambda seconds: list(pattern.finditer(string, timeout=seconds)))
    runtime.expect_size(len(matches))
    result: list[str] = []
    last = 0
    total = len(string)
    for match in matches:
        text = replaced(match)
        total += len(text)
        runtime.expect_length(total)
        result += [string[last : match.start()], text]
        last = match.end()
    return "".join([*result, string[last:]])
