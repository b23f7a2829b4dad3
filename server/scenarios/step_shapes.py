"""The steps that there are, as data: what each may say, and what a text alone stands for in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .errors import malformed, near
from .step_values import check_values

NOTHING: Final = "none"
"""``start: none``: nothing is started before the first step."""
FINAL: Final = "final expect"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a step may say. ``short`` is the key that a step stands for which says no mapping.

    ``needed`` are keys that it must have; ``loose`` is the key that takes a whole mapping of other keys.
    """

    keys: frozenset[str]
    short: str | None = None
    needed: frozenset[str] = frozenset()
    loose: str | None = None

    def read(self, says: Any, line: int) -> dict[str, Any]:
        """The step's entries. Raises :class:`ScenarioError`."""
        if not isinstance(says, Mapping):
            if self.short is not None and says is None:
                raise malformed(
                    line, f"这里没有内容；应写 {self.short}。", f"Nothing stands here; it needs '{self.short}'."
                )
            if self.short is None:
                listed = ", ".join(sorted(self.keys))
                raise malformed(line, f"这里应为映射，可用的项是 {listed}。", f"This needs a mapping of {listed}.")
            check_values({self.short: says}, line)
            return {self.short: says}
        if self.loose is not None and self.loose not in says:
            return {self.loose: dict(says)}
        unknown = [str(key) for key in says if key not in self.keys]
        if unknown:
            listed = ", ".join(sorted(self.keys))
            meant_zh, meant_en = near(unknown[0], self.keys)
            raise malformed(
                line,
                f"不认识 {', '.join(unknown)}；可用的是 {listed}{meant_zh or '。'}",
                f"{', '.join(unknown)}: unknown here; there are {listed}{meant_en or '.'}",
            )
        missing = [key for key in sorted(self.needed) if key not in says]
        if missing:
            raise malformed(line, f"缺少 {', '.join(missing)}。", f"{', '.join(missing)} is missing.")
        check_values(says, line)
        return dict(says)


def shape(keys: str, short: str | None = None, needed: str = "", loose: str | None = None) -> Shape:
    """What a step, or a part of one, may say; ``keys`` and ``needed`` are names with spaces between them."""
    return Shape(frozenset(keys.split()), short, frozenset(needed.split()), loose)


_WHICH: Final = "process index where"
START: Final = shape("process element variables message key signal", "element")
KINDS: Final[Mapping[str, Shape]] = {
    "advance": shape("by", "by"),
    "to": shape("instant", "instant"),
    "expect": shape(
        "tasks jobs variables state visited not_visited incidents timers messages signals calls that process"
    ),
    "complete": shape(f"task by for variables refused {_WHICH}", "task", "task"),
    "claim": shape(f"task by {_WHICH}", needed="task by"),
    "assign": shape(f"task to {_WHICH}", needed="task to"),
    "unassign": shape(f"task {_WHICH}", "task", "task"),
    "complete-job": shape(f"job variables {_WHICH}", "job", "job"),
    "fail-job": shape(f"job message retries backoff variables {_WHICH}", "job", "job"),
    "throw-error": shape(f"job code message variables {_WHICH}", needed="job code"),
    "end-call": shape(f"call variables {_WHICH}", "call", "call"),
    "message": shape("name key variables ttl received process", "name", "name"),
    "signal": shape("name variables received", "name", "name"),
    "set": shape(f"variables element local {_WHICH}", loose="variables"),
    "retry": shape(f"element {_WHICH}", "element", "element"),
    "activate": shape(f"element elements cancel_remaining {_WHICH}", needed="element elements"),
    "add-instance": shape(f"element item variables {_WHICH}", "element", "element"),
    "remove-instance": shape(f"element {_WHICH}", "element", "element"),
    "modify": shape("activate activate_after terminate move return_to variables process index"),
    "suspend": shape("process index", "process"),
    "resume": shape("process index", "process"),
    "cancel": shape("process index", "process"),
    "start": START,
    "clock": shape("clock", "clock"),
}
"""Every step by its kind."""
