"""The history of a case as recording needs it: what was started, opened, delivered and ended, in plain data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class PastElement:
    """A passage through an element; ``message`` and ``signal`` name what it caught or threw.

    ``correlation_key`` is the FEEL text of its subscription; ``received`` is what was delivered to it. ``ended_at`` is
    when it was completed, ``left_at`` when it was completed or ``terminated``.
    """

    key: int
    process_id: str
    element_id: str
    element_type: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    received: Mapping[str, Any] | None = None
    message: str | None = None
    correlation_key: str | None = None
    signal: str | None = None
    throws: bool = False
    is_timer: bool = False
    instance_key: int = 0
    scope_key: int = 0
    left_at: dt.datetime | None = None
    terminated: bool = False

    @property
    def is_gateway(self) -> bool:
        """Whether it is a gateway, which tells readers little."""
        return self.element_type.endswith("GATEWAY")


@dataclass(frozen=True, slots=True)
class PastAssignment:
    """``actor`` gave a task to ``assignee`` (a claim where that is himself), or put it back where that is None."""

    at: dt.datetime
    assignee: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class PastTask:
    """A user task; ``assignee`` is who had it last."""

    key: int
    process_id: str
    element_id: str
    state: str
    created_at: dt.datetime
    ended_at: dt.datetime | None
    completed_by: str | None
    received: Mapping[str, Any] | None
    assignee: str | None = None
    assignments: tuple[PastAssignment, ...] = ()


@dataclass(frozen=True, slots=True)
class PastJob:
    """A job; ``failed`` counts the failures before its end."""

    key: int
    process_id: str
    element_id: str
    type: str
    state: str
    created_at: dt.datetime
    ended_at: dt.datetime | None
    failed: int
    error_code: str | None
    error_message: str | None
    received: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident, that of a job where it has a ``job_key``: without retries, or with an error nobody caught.

    ``taken_away`` where it went with its element, or by another repair, instead of being resolved.
    """

    key: int
    job_key: int | None
    process_id: str
    element_id: str
    error_type: str
    created_at: dt.datetime
    resolved_at: dt.datetime | None
    taken_away: bool


@dataclass(frozen=True, slots=True)
class PastRepair:
    """What an operator did to an instance, as the record of operations has it: its type as ``kind``, and ``details``.

    Of a migration the details name the versions as ``source`` and ``target``.
    """

    key: int
    kind: str
    at: dt.datetime
    instance_key: int
    process_id: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """A root instance with those that it called. ``model_texts`` are names that stand in the models themselves."""

    key: int
    process_id: str
    state: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    started_with: Mapping[str, Any]
    start_element: str | None
    variables: Mapping[str, Any]
    open_incidents: int
    elements: tuple[PastElement, ...]
    tasks: tuple[PastTask, ...]
    jobs: tuple[PastJob, ...]
    incidents: tuple[PastIncident, ...]
    repairs: tuple[PastRepair, ...] = ()
    model_texts: frozenset[str] = frozenset()
    calendars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The calendars by which its timers count, as a scenario writes them; the default one under no name."""
