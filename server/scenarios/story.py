"""What happened in a scenario, in order and with the virtual time: what is checked, counted and shown."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from server.messages import Message

_SHOWN = 40
_WORDS: Mapping[str, tuple[str, str]] = {
    "incident": ("异常", "incident"),
    "completed": ("完成", "completed"),
    "terminated": ("被终止", "terminated"),
    "timer": ("定时器触发", "timer"),
    "error": ("业务错误", "error"),
    "job failed": ("作业失败", "job failed"),
    "suspended": ("挂起", "suspended"),
    "resumed": ("恢复", "resumed"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. ``kind`` is entered, or a word for what is no element, such as ``job failed``.

    ``note`` is the engine's sentence, or a text of the scenario itself; ``error_type`` is that of an incident.
    """

    at: dt.datetime
    instance_key: int
    process_id: str
    element_id: str
    kind: str
    note: str | Message = ""
    error_type: str | None = None

    def told(self, language: str) -> str:
        """The note, in the reader's language."""
        return self.note.text(language) if isinstance(self.note, Message) else self.note


@dataclass(slots=True)
class Story:
    """The events of a scenario, and the elements, flows and rules that it reached."""

    events: list[Event] = field(default_factory=list)
    elements: Counter[tuple[str, str]] = field(default_factory=Counter)
    bodies: set[tuple[str, str]] = field(default_factory=set)
    """Activities with several instances that were entered, also where there was no instance to begin."""
    flows: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: set[tuple[str, str, str, int]] = field(default_factory=set)
    """Rules of decision tables as (file, element, rule id, number)."""

    def enter(self, process_id: str, element_id: str, element_type: str) -> None:
        """Count a passage: of an activity with several instances those, of an ad-hoc subprocess itself."""
        if element_type == "MULTI_INSTANCE_BODY":
            self.bodies.add((process_id, element_id))
        elif element_type != "AD_HOC_SUB_PROCESS_INNER_INSTANCE":
            self.elements[process_id, element_id] += 1

    @property
    def visited(self) -> list[str]:
        """The elements that were entered, in order, those of all instances together."""
        return [event.element_id for event in self.events if event.kind == "entered"]

    def lines(self, language: str) -> Iterator[str]:
        """The story for readers, the latest part of a long one."""
        hidden = len(self.events) - _SHOWN
        if hidden > 0:
            yield f"… {hidden} …"
        for event in self.events[-_SHOWN:]:
            kind = "" if event.kind == "entered" else f" [{_WORDS[event.kind][0 if language == 'zh' else 1]}]"
            told = event.told(language)
            note = f" {told}" if told else ""
            yield f"{event.at.isoformat(timespec='seconds')} {event.process_id}: {event.element_id}{kind}{note}"
