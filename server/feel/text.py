"""Values as FEEL writes them: what ``string()`` answers (DMN 1.5, 10.3.4.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from server.feel.budget import DEFAULT_BUDGET, string_exceeded
from server.feel.functions import FeelFunction
from server.feel.ranges import Range
from server.feel.scanner import WORD
from server.feel.values import adopt, number_text

_MAX_DEPTH = 100


def feel_text(value: Any, limit: int = DEFAULT_BUDGET.max_string_length) -> str:
    """The text of a value; strings are quoted only inside of lists, contexts and ranges.

    A text beyond ``limit`` characters raises BudgetExceeded before it is built any further.
    """
    value = adopt(value)
    if isinstance(value, str):
        return value
    writer = _Writer(limit)
    writer.write(value, 0)
    return "".join(writer.pieces)


class _Writer:
    """Gathers the pieces of a text and counts them."""

    def __init__(self, limit: int) -> None:
        self.pieces: list[str] = []
        self.limit = limit
        self.length = 0

    def put(self, piece: str) -> None:
        self.length += len(piece)
        if self.length > self.limit:
            raise string_exceeded(self.limit)
        self.pieces.append(piece)

    def write(self, value: Any, depth: int) -> None:
        value = adopt(value)
        if depth > _MAX_DEPTH:
            self.put("...")
            return
        match value:
            case list():
                self.put("[")
                for index, item in enumerate(value):
                    self.put(", " if index else "")
                    self.write(item, depth + 1)
                self.put("]")
            case dict():
                self.put("{")
                for index, (key, item) in enumerate(value.items()):
                    self.put(f"{', ' if index else ''}{_key(key)}: ")
                    self.write(item, depth + 1)
                self.put("}")
            case Range():
                self.range(value, depth + 1)
            case _:
                self.put(_scalar_text(value))

    def range(self, range_: Range, depth: int) -> None:
        if range_.operator is not None:
            self.put(f"({range_.operator} ")
            self.write(range_.endpoint, depth)
            self.put(")")
            return
        self.put("[" if range_.start_included else "(")
        self.write(range_.start, depth)
        self.put("..")
        self.write(range_.end, depth)
        self.put("]" if range_.end_included else ")")


def _scalar_text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case int() | Decimal():
            return number_text(value)
        case FeelFunction():
            return repr(value)
    return str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return '"' + escaped.replace("\t", "\\t") + '"'


def _key(key: str) -> str:
    words = key.split(" ")
    return key if all(WORD.fullmatch(word) for word in words) else _quoted(key)
