"""What an element catches or throws, as plain words for those who read history."""

from __future__ import annotations

from dataclasses import dataclass

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition

from .event_definitions import MessageDefinition
from .events import ThrowingNode
from .model import ProcessModel
from .timers import TimerDefinition


@dataclass(frozen=True, slots=True)
class EventDescription:
    """``kind`` is message, signal or timer; ``correlation_key`` is the text of a message's expression."""

    kind: str
    name: str | None
    correlation_key: str | None
    throws: bool


def describe_event(model: ProcessModel, element_id: str) -> EventDescription | None:
    """What this element catches or throws; None for other elements and events."""
    if element_id not in model.elements:
        return None
    node = model.node(element_id)
    definition = getattr(node, "event_definition", None)
    throws = isinstance(node, ThrowingNode)
    match definition:
        case MessageDefinition():
            key = definition.correlation_key
            return EventDescription("message", definition.name, None if key is None else key.text, throws)
        case SignalEventDefinition():
            return EventDescription("signal", definition.name, None, throws)
        case TimerDefinition():
            return EventDescription("timer", None, None, throws)
        case _:
            return None
