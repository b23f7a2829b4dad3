"""What the entries of steps may be, by their names: a step says the same of ``index`` wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from .errors import malformed


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of value: whether something is one, and its words."""

    holds: Callable[[Any], bool]
    zh: str
    en: str


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


_TEXT: Final = _Kind(
    lambda value: isinstance(value, str | int | Decimal) and not isinstance(value, bool), "文字", "a text"
)
_NUMBER: Final = _Kind(lambda value: _is_whole(value, 0), "不小于 0 的整数", "a whole number from 0")
_INDEX: Final = _Kind(
    lambda value: value == "all" or _is_whole(value, 1), "从 1 起的整数，或 all", "a whole number from 1, or 'all'"
)
_YES_NO: Final = _Kind(lambda value: isinstance(value, bool), "true 或 false", "true or false")
_VARIABLES: Final = _Kind(
    lambda value: isinstance(value, Mapping) or value is None or (isinstance(value, str) and value.startswith("=")),
    "映射，例如 {paid: true}，或得到映射的表达式",
    "a mapping such as {paid: true}, or an expression that gives one",
)
_SCOPES: Final = _Kind(
    lambda value: isinstance(value, Mapping) and all(_VARIABLES.holds(each) for each in value.values()),
    "按元素写的变量，例如 {check: {paid: true}}",
    "variables by element, such as {check: {paid: true}}",
)
_TEXTS: Final = (
    "task job call name process element code by to for from message signal ttl backoff where instant key flow ancestor"
    " clock state"
)
_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(_TEXTS.split(), _TEXT),
    **dict.fromkeys(("received", "retries"), _NUMBER),
    **dict.fromkeys(("cancel_remaining", "local", "after"), _YES_NO),
    "index": _INDEX,
    "variables": _VARIABLES,
    "scopes": _SCOPES,
}


def check_values(says: Mapping[str, Any], line: int) -> None:
    """Raise :class:`ScenarioError` for an entry of the wrong kind, with what it must be."""
    for name, kind in _wrong(says):
        raise malformed(line, f"{name} 应为{kind.zh}。", f"'{name}' must be {kind.en}.")


def check_answer(says: Mapping[str, Any], line: int) -> None:
    """The same for what a job or a call is answered."""
    check_values({name: value for name, value in says.items() if value is not None}, line)


def _wrong(says: Mapping[str, Any]) -> Iterator[tuple[str, _Kind]]:
    for name, value in says.items():
        kind = _KINDS.get(name)
        if kind is not None and not kind.holds(value):
            yield name, kind
