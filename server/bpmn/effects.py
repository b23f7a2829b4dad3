"""Effects: what a step of a process instance did, as data.

Stepping an :class:`~server.bpmn.execution.Execution` changes nothing outside memory. It collects effects, in the
order in which they happened; the runtime writes them all in one transaction with the new snapshot.

``key`` is always the key of the element instance concerned: a user task, job, timer or subscription has the key of
the element instance that waits for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.dmn import DecisionEvaluation
from server.messages import Message


@dataclass(frozen=True, slots=True)
class ElementActivated:
    """A token entered an element. ``scope_key`` is the element instance around it, or the process instance."""

    key: int
    element_id: str
    element_type: str
    scope_key: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ElementEnded:
    """A token left an element (``completed``) or was taken from it (``terminated``).

    ``started_at`` repeats the time of the activation, by which history is partitioned. ``changes`` are the
    variables that the end of the element set in the scope around it. ``received`` is what was delivered to it from
    outside (by a person, a worker, a message), where that is not just what it set.
    """

    key: int
    started_at: dt.datetime
    completed: bool
    at: dt.datetime
    changes: Mapping[str, Any] | None = None
    received: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class UserTaskOpened:
    """A user task waits for a person; dates are aware instants, ``form_key`` is the form definition found for it."""

    key: int
    element_id: str
    name: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_date: dt.datetime | None
    follow_up_date: dt.datetime | None
    priority: int
    form_id: str | None
    form_key: int | None
    external_form_reference: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserTaskClosed:
    """The user task is no longer open: it was completed, or taken away (``completed`` is false)."""

    key: int
    completed: bool


@dataclass(frozen=True, slots=True)
class JobOpened:
    """A service, send, script or business rule task waits for a job worker of ``type``."""

    key: int
    element_id: str
    type: str
    retries: int
    priority: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobClosed:
    """The job is no longer open. ``state`` is COMPLETED, CANCELED or ERROR_THROWN."""

    key: int
    state: str


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A timer will be due. ``cycle`` and ``remaining`` (null: no end) describe a repetition after this time."""

    key: int
    element_id: str
    due_at: dt.datetime
    cycle: str | None = None
    remaining: int | None = None


@dataclass(frozen=True, slots=True)
class TimerCleared:
    """The timer is no longer awaited."""

    key: int


@dataclass(frozen=True, slots=True)
class SubscriptionOpened:
    """The instance waits for a message (``kind`` message, with a correlation key) or a signal."""

    key: int
    element_id: str
    kind: str
    name: str
    correlation_key: str | None
    interrupting: bool


@dataclass(frozen=True, slots=True)
class SubscriptionChanged:
    """What is awaited under this key is another message or signal from now on."""

    key: int
    element_id: str
    kind: str
    name: str
    correlation_key: str | None
    interrupting: bool


@dataclass(frozen=True, slots=True)
class SubscriptionClosed:
    """The message or signal is no longer awaited."""

    key: int


@dataclass(frozen=True, slots=True)
class SignalThrown:
    """A signal to broadcast to every instance and start event that waits for its name."""

    name: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecisionTaken:
    """A business rule task evaluated a decision; ``definition_key`` names the version that was used."""

    key: int
    definition_key: int
    evaluation: DecisionEvaluation
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CallOpened:
    """A call activity asks for an instance of another process, and waits until it ends."""

    key: int
    element_id: str
    process_id: str
    binding: str  # latest | deployment | versionTag
    version_tag: str | None
    variables: Mapping[str, Any]
    propagate_all: bool


@dataclass(frozen=True, slots=True)
class CallCancelled:
    """The called instance of this call activity is to be terminated."""

    key: int


@dataclass(frozen=True, slots=True)
class IncidentRaised:
    """Something failed that the process does not handle; the token stays until an operator has repaired it.

    ``error_type`` is one of the Camunda 8 API's incident types, such as CONDITION_ERROR or IO_MAPPING_ERROR.
    """

    key: int
    element_id: str
    error_type: str
    message: Message


@dataclass(frozen=True, slots=True)
class IncidentCleared:
    """The element instance with the incident was retried or taken away."""

    key: int


@dataclass(frozen=True, slots=True)
class ErrorEscaped:
    """The instance ends with an error that the process that called it catches; :class:`ProcessEnded` follows."""

    code: str
    message: Message
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EscalationEscaped:
    """An escalation that the process that called this instance catches.

    When what catches it is ``interrupting`` the call, the instance ends and :class:`ProcessEnded` follows; otherwise
    the instance goes on.
    """

    code: str
    variables: Mapping[str, Any]
    interrupting: bool


@dataclass(frozen=True, slots=True)
class FlowTaken:
    """A token passed a sequence flow for the first time in this instance."""

    flow_id: str


@dataclass(frozen=True, slots=True)
class ElementMigrated:
    """A live token stands in an element of another process definition from now on, and so does what it waits for.

    ``started_at`` repeats the time of its activation, null for a wait that history does not know. The key of the
    process instance itself says that the whole instance has gone over.
    """

    key: int
    element_id: str
    name: str | None
    started_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """The instance has ended: completed, or terminated."""

    completed: bool
    at: dt.datetime


Effect = (
    ElementActivated
    | ElementEnded
    | UserTaskOpened
    | UserTaskClosed
    | JobOpened
    | JobClosed
    | TimerSet
    | TimerCleared
    | SubscriptionOpened
    | SubscriptionChanged
    | SubscriptionClosed
    | SignalThrown
    | DecisionTaken
    | CallOpened
    | CallCancelled
    | IncidentRaised
    | IncidentCleared
    | ErrorEscaped
    | EscalationEscaped
    | FlowTaken
    | ElementMigrated
    | ProcessEnded
)
