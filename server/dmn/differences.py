"""Where two JSON values differ: what tests of tables and replays of decisions have to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final


class _Absent:
    """The side of a difference that has no value at all."""

    def __repr__(self) -> str:
        return "(absent)"


ABSENT: Final = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """A place, as a path such as ``outputs[0].value``, and the two values there; :data:`ABSENT` where there is none."""

    path: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{_shown(self.expected)} != {_shown(self.actual)}"


def differences(expected: Any, actual: Any, path: str = "") -> Iterator[Difference]:
    """Every place where the values differ. Numbers are compared by value, 1.50 and 1.5 are the same."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for key in dict.fromkeys((*expected, *actual)):
            below = f"{path}.{key}" if path else str(key)
            yield from differences(expected.get(key, ABSENT), actual.get(key, ABSENT), below)
    elif _is_list(expected) and _is_list(actual):
        for place in range(max(len(expected), len(actual))):
            yield from differences(_item(expected, place), _item(actual, place), f"{path}[{place}]")
    elif not _same(expected, actual):
        yield Difference(path, expected, actual)


def _same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | Decimal) and isinstance(actual, int | Decimal):
        return expected == actual
    return type(expected) is type(actual) and bool(expected == actual)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _item(values: Sequence[Any], place: int) -> Any:
    return values[place] if place < len(values) else ABSENT


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= 200 else f"{text[:197]}..."
