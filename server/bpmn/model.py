"""A process as read from a BPMN file: its elements, how it starts, what it refers to, and its specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from server.messages import Finding

from .expressions import Expression

if TYPE_CHECKING:
    from .event_definitions import ConditionDefinition
    from .flow_node import FlowNode
    from .timers import TimerDefinition


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node of a process; ``type`` is the element type of the Camunda 8 API, such as USER_TASK."""

    id: str
    name: str | None
    type: str
    parent_id: str | None
    line: int


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """A sequence flow; ``position`` numbers the flows of the file.

    With ``is_link`` it is not drawn: it is the jump from a throwing link event to the catching one.
    """

    id: str
    position: int
    source: str
    target: str
    condition: Expression | None
    is_default: bool
    is_link: bool = False

    @property
    def where(self) -> str:
        """The flow as messages name it."""
        return f"‘{self.id}’"


@dataclass(frozen=True, slots=True)
class StartEvent:
    """A start event that starts instances on a message, a signal, a timer or a condition.

    ``name`` is that of the message or signal.
    """

    element_id: str
    kind: str  # message | signal | timer | conditional
    name: str | None
    timer: TimerDefinition | None = None
    condition: ConditionDefinition | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference from an element to another deployed thing: a decision, a process or a form."""

    element_id: str
    kind: str  # decision | process | form
    target: str
    binding: str
    version_tag: str | None


@dataclass(frozen=True, slots=True)
class DecisionReference:
    """Which decision a business rule task asks for."""

    decision_id: str
    binding: str = "latest"
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class FormReference:
    """Which form a user task is filled in with."""

    form_id: str
    binding: str = "latest"
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One executable process of a BPMN file, ready to run. Immutable and shared by all of its instances.

    ``references`` are those by a fixed id. ``bound_kinds`` are the kinds of what is referred to by an expression with
    the binding ``deployment``: that may be anything of the kind in the deployment.
    """

    process_id: str
    name: str | None
    version_tag: str | None
    content_hash: str
    resource: str
    elements: Mapping[str, Element]
    flows: Mapping[str, SequenceFlow]
    none_start: str | None
    start_form: FormReference | None
    start_events: tuple[StartEvent, ...]
    references: tuple[Reference, ...]
    bound_kinds: frozenset[str]
    findings: tuple[Finding, ...]
    spec: BpmnProcessSpec
    nodes: tuple[FlowNode, ...]
    calendar: str | None = None  # whose working days count where an element names no calendar
    calendars: tuple[tuple[str, str | None], ...] = ()  # elements, and the calendars (None: the default) they count by

    def node(self, element_id: str) -> FlowNode:
        """The specification of an element. Raises ``KeyError`` for an unknown id."""
        spec: FlowNode = self.spec.task_specs[element_id]
        return spec
