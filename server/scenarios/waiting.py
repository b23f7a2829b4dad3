"""What instances wait for in a scenario: user tasks, jobs, timers, messages and signals, calls, and incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.bpmn import ProcessModel
from server.bpmn import effects as fx
from server.messages import Message


@dataclass(slots=True)
class KeptInstance:
    """A process instance between two stimuli. ``state`` is ACTIVE, COMPLETED or TERMINATED."""

    key: int
    root_key: int
    model: ProcessModel
    parent_key: int | None
    parent_element_key: int | None
    snapshot: bytes = b""
    variables: dict[str, Any] = field(default_factory=dict)
    state: str = "ACTIVE"


@dataclass(slots=True)
class Suspension:
    """What came while a case was suspended and counts when it goes on: ``reports`` of workers, and ``signals``."""

    reports: list[Callable[[], object]] = field(default_factory=list)
    signals: list[tuple[int, Callable[[], object]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Thrown:
    """A signal on its way to other cases: not to the waits it has ``passed``; see :class:`Settling` on ``echoes``."""

    name: str
    variables: Mapping[str, Any]
    passed: frozenset[int] = frozenset()
    echoes: int = 0


@dataclass(slots=True)
class OpenTask:
    """A user task that waits for a person; ``candidates`` may take it."""

    instance: KeptInstance
    opened: fx.UserTaskOpened
    assignee: str | None

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.opened.element_id


@dataclass(slots=True)
class OpenJob:
    """A job that waits for its answer; ``left`` where the scenario gives none, or none any more.

    ``reported`` where the answer came while the case was suspended, and is kept.
    """

    instance: KeptInstance
    opened: fx.JobOpened
    retries: int
    available_at: dt.datetime
    left: bool = False
    reported: bool = False

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.opened.element_id


@dataclass(slots=True)
class OpenCall:
    """A call of a process that the scenario answers itself."""

    instance: KeptInstance
    opened: fx.CallOpened
    left: bool = False

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.opened.element_id


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """A timer of an instance."""

    instance: KeptInstance
    set: fx.TimerSet

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.set.element_id


@dataclass(frozen=True, slots=True)
class OpenSubscription:
    """A message or signal that an instance waits for."""

    instance: KeptInstance
    opened: fx.SubscriptionOpened

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.opened.element_id


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """Something that an operator has to repair."""

    instance: KeptInstance
    raised: fx.IncidentRaised

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.raised.element_id


@dataclass(frozen=True, slots=True)
class OpenElement:
    """An element that a token is in, such as an ad-hoc subprocess or the body of a multi-instance activity."""

    instance: KeptInstance
    activated: fx.ElementActivated

    @property
    def element_id(self) -> str:
        """Its element."""
        return self.activated.element_id


Waiting = OpenTask | OpenJob | OpenCall | OpenTimer | OpenSubscription | OpenIncident


@dataclass(slots=True)
class BufferedMessage:
    """A published message, and the processes that have received it."""

    key: int
    name: str
    correlation_key: str
    variables: Mapping[str, Any]
    expires_at: dt.datetime
    received_by: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Open:
    """All that is open in a scenario, by the key of the element instance that waits."""

    tasks: dict[int, OpenTask] = field(default_factory=dict)
    jobs: dict[int, OpenJob] = field(default_factory=dict)
    calls: dict[int, OpenCall] = field(default_factory=dict)
    timers: dict[int, OpenTimer] = field(default_factory=dict)
    subscriptions: dict[int, OpenSubscription] = field(default_factory=dict)
    incidents: dict[int, OpenIncident] = field(default_factory=dict)
    elements: dict[int, OpenElement] = field(default_factory=dict)

    def take(self, instance: KeptInstance, effect: fx.Effect, now: dt.datetime) -> None:
        """Open or close what an effect opens or closes."""
        match effect:
            case fx.ElementActivated():
                self.elements[effect.key] = OpenElement(instance, effect)
            case fx.ElementEnded():
                self.elements.pop(effect.key, None)
            case fx.UserTaskOpened():
                self.tasks[effect.key] = OpenTask(instance, effect, effect.assignee)
            case fx.UserTaskClosed():
                self.tasks.pop(effect.key, None)
            case fx.JobOpened():
                self.jobs[effect.key] = OpenJob(instance, effect, effect.retries, now, left=effect.retries == 0)
            case fx.JobClosed():
                self.jobs.pop(effect.key, None)
            case fx.CallCancelled():
                self.calls.pop(effect.key, None)
            case fx.TimerSet():
                self.timers[effect.key] = OpenTimer(instance, effect)
            case fx.TimerCleared():
                self.timers.pop(effect.key, None)
            case fx.SubscriptionOpened():
                self.subscriptions[effect.key] = OpenSubscription(instance, effect)
            case fx.SubscriptionClosed():
                self.subscriptions.pop(effect.key, None)
            case fx.IncidentRaised():
                self.incidents[effect.key] = OpenIncident(instance, effect)
            case fx.IncidentCleared():
                self.incidents.pop(effect.key, None)
            case _:
                pass


def business_error(code: str, message: str) -> Message:
    """The reason that a worker gives for a business error."""
    return Message("job.error", message or code, message or code)
