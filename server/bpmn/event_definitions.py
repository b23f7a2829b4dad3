"""Event definitions: what an event waits for or throws. SpiffWorkflow's, with names, codes and keys as expressions."""

from __future__ import annotations

from collections.abc import Collection

from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition

from .expressions import Expression

EVERY_CHANGE = frozenset({"create", "update"})
"""The changes of a variable that a condition may be asked about again."""


class MessageDefinition(MessageEventDefinition):  # type: ignore[misc]
    """A message, with the expressions of its name and its correlation key."""

    def __init__(self, name: Expression, correlation_key: Expression | None) -> None:
        super().__init__(name.text)
        self.named = name
        self.correlation_key = correlation_key


class SignalDefinition(SignalEventDefinition):  # type: ignore[misc]
    """A signal, with the expression of its name."""

    def __init__(self, name: Expression) -> None:
        super().__init__(name.text)
        self.named = name


class ErrorDefinition(ErrorEventDefinition):  # type: ignore[misc]
    """An error; ``coded`` is the expression of its code, None for a catching event that takes every error."""

    def __init__(self, name: str | None, code: Expression | None) -> None:
        super().__init__(name, None if code is None else code.text)
        self.coded = code


class EscalationDefinition(EscalationEventDefinition):  # type: ignore[misc]
    """An escalation; ``coded`` is the expression of its code, None for one that takes every escalation."""

    def __init__(self, name: str | None, code: Expression | None) -> None:
        super().__init__(name, None if code is None else code.text)
        self.coded = code


class LinkDefinition(NoneEventDefinition):  # type: ignore[misc]
    """A link: where a flow jumps to the catching link of the same name in the same scope."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class ConditionDefinition(ConditionalEventDefinition):  # type: ignore[misc]
    """A condition over variables.

    ``watched`` are the variables whose changes ask it again: those it reads, or those that its filter names.
    ``needed`` are the variables that it reads; while one of them does not exist it cannot be true.
    """

    def __init__(self, condition: Expression, filter_names: Collection[str], filter_events: Collection[str]) -> None:
        super().__init__(expression=condition.text, name=condition.text)
        self.condition = condition
        self.events = frozenset(filter_events) or EVERY_CHANGE
        feel = condition.feel
        self.needed: frozenset[str] = frozenset() if feel is None else frozenset(feel.names)
        inner: frozenset[str] = frozenset() if feel is None else frozenset(feel.possible_names)
        self.watched = frozenset(filter_names) or self.needed | inner

    def concerns(self, name: str, *, created: bool) -> bool:
        """Whether the creation or update of a variable asks the condition again."""
        return name in self.watched and ("create" if created else "update") in self.events
