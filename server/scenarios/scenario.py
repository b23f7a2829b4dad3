"""A scenario as it was read: what it runs, what the world outside answers, its steps, and what shall come of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from server.calendars import Calendar, WorkingTime, week

DEFAULT_NOW = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
"""When a scenario begins that does not say so: a Monday, nine o'clock in China."""

WEEKDAYS: Final = Calendar("weekdays", "Asia/Shanghai", frozenset(), frozenset(), week((dt.time(9), dt.time(18))))
"""The working days of a scenario that names no holidays: Monday to Friday."""


@dataclass(frozen=True, slots=True)
class Completes:
    """The answer of a worker, or of a called process, that is done; FEEL in ``variables`` is still to be evaluated."""

    variables: Any


@dataclass(frozen=True, slots=True)
class Fails:
    """The answer of a worker that failed. ``retries`` are those left, one less than before where that is None."""

    message: str
    retries: int | None = None
    backoff: str = "PT0S"
    variables: Any = None


@dataclass(frozen=True, slots=True)
class ThrowsError:
    """The answer of a worker that ended with a business error."""

    code: str
    message: str = ""
    variables: Any = None


@dataclass(frozen=True, slots=True)
class StaysOpen:
    """No answer: a step may give it."""


Answer = Completes | Fails | ThrowsError | StaysOpen
Answers = tuple[Answer, ...]
"""What is answered one after the other; the last answer is given again and again."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its kind, such as ``advance``, what it says, and where it stands. Steps count from 1."""

    number: int
    line: int
    kind: str
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. ``process`` is a file or a process id, ``resources`` are files or globs."""

    name: str
    line: int
    process: str
    resources: tuple[str, ...] = ()
    now: dt.datetime = DEFAULT_NOW
    calendar: WorkingTime = WEEKDAYS
    calendars: Mapping[str, WorkingTime] = field(default_factory=dict)
    """Calendars that processes name; one that is not here is :attr:`calendar`."""
    variables: Mapping[str, Any] = field(default_factory=dict)
    start: Step | None = None
    start_events: bool = True
    """Whether message, signal and timer start events begin instances of their own."""
    jobs: Mapping[str, Answers] = field(default_factory=dict)
    calls: Mapping[str, Answers] = field(default_factory=dict)
    decisions: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    """Names under ``jobs``, ``calls`` and ``decisions`` that a file gives to scenarios of several processes."""
    steps: tuple[Step, ...] = ()
