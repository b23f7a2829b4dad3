"""Timer definitions: a date, a duration or a cycle, as an ISO 8601 text, a cron text or a FEEL expression."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition

from server.calendars import CalendarError, Cron, parse_cycle, parse_duration, parse_instant
from server.messages import Message

from .errors import Failure
from .expressions import Expression, FeelScriptEngine

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class TimerSchedule:
    """When a timer is due; ``cycle`` and ``remaining`` (null: without end) say what follows after that."""

    due_at: dt.datetime
    cycle: str | None = None
    remaining: int | None = None

    def next(self) -> TimerSchedule | None:
        """The schedule after this firing; ``None`` when there is no further one."""
        if self.cycle is None or self.remaining == 0:
            return None
        due = _after(self.cycle, self.due_at)
        if due is None:
            return None
        return TimerSchedule(due, self.cycle, None if self.remaining is None else self.remaining - 1)


class TimerDefinition(TimerEventDefinition):  # type: ignore[misc]
    """A timer event definition; ``kind`` is date, duration or cycle."""

    def __init__(self, kind: str, expression: Expression) -> None:
        super().__init__(name=kind, expression=expression.text)
        self.kind = kind
        self.source = expression

    def __hash__(self) -> int:
        return hash((self.kind, self.source.text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimerDefinition) and (self.kind, self.source.text) == (
            other.kind,
            other.source.text,
        )

    def check(self) -> None:
        """Read a literal text once, so that a deployment can refuse it. Raises :class:`CalendarError`."""
        if self.source.is_literal:
            self._read(self.source.text, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))

    def first_due(self, now: dt.datetime, variables: Mapping[str, Any], where: str = "timer") -> TimerSchedule:
        """When the timer is due for the first time. Raises :class:`Failure` (EXTRACT_VALUE_ERROR)."""
        value = FeelScriptEngine(now).evaluate(self.source, variables, "EXTRACT_VALUE_ERROR", where)
        try:
            if not isinstance(value, str):
                raise self._wrong(where, value)
            return self._read(value, now)
        except CalendarError as error:
            raise Failure("EXTRACT_VALUE_ERROR", error.message) from error

    def _read(self, text: str, now: dt.datetime) -> TimerSchedule:
        if self.kind == "date":
            return TimerSchedule(parse_instant(text, DEFAULT_ZONE))
        if self.kind == "duration":
            return TimerSchedule(parse_duration(text).after(now))
        if not text.startswith("R"):
            due = _after(text, now)
            if due is None:
                raise self._wrong("timer", text)
            return TimerSchedule(due, text, None)
        cycle = parse_cycle(text, DEFAULT_ZONE)
        first = cycle.start if cycle.start is not None and cycle.start > now else cycle.next(now)
        if first is None:
            raise self._wrong("timer", text)
        remaining = None if cycle.repetitions is None else max(cycle.repetitions - 1, 0)
        return TimerSchedule(first, text, remaining)

    def _wrong(self, where: str, value: Any) -> Failure:
        return Failure(
            "EXTRACT_VALUE_ERROR",
            Message(
                "bpmn.timer-value",
                f"{where}的定时器需要 ISO 8601 文本，得到的是 {value!r}。",
                f"The timer of {where} needs an ISO 8601 text, but got {value!r}.",
            ),
        )


def _after(cycle: str, instant: dt.datetime) -> dt.datetime | None:
    if cycle.startswith("R"):
        return parse_cycle(cycle, DEFAULT_ZONE).next(instant)
    return Cron(cycle, DEFAULT_ZONE).next(instant)
