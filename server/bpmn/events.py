"""Events: start and end, intermediate catch and throw, boundary; none, message, timer, signal, error, terminate.

A *wait* is a token that is not in its element yet: a boundary event's wait stands inside the activity it is
attached to, the waits behind an event-based gateway inside the gateway. It turns into a real token of the event when
the event happens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from server.messages import Message

from .activities import Activity, JobActivity
from .branches import branch_of
from .effects import SignalThrown, SubscriptionClosed, SubscriptionOpened, TimerCleared, TimerSet
from .errors import Failure
from .expressions import Expression
from .flow_node import FlowNode
from .gateways import EventBasedGateway
from .mappings import apply_inputs, apply_outputs
from .model import SequenceFlow
from .timers import TimerDefinition, TimerSchedule
from .token import Token


class MessageDefinition(MessageEventDefinition):  # type: ignore[misc]
    """A message event definition with the expression of its correlation key."""

    def __init__(self, name: str, correlation_key: Expression | None) -> None:
        super().__init__(name)
        self.correlation_key = correlation_key


class CatchingNode(FlowNode):
    """What waits for a message, a signal or a timer. Its event definition is SpiffWorkflow's, or ours above."""

    event_definition: Any

    def subscribe(self, token: Token, *, interrupting: bool = True) -> None:
        """Ask the outside to tell this token when the event happens."""
        definition, instance = self.event_definition, token.workflow
        context = instance.visible(token)
        if isinstance(definition, TimerDefinition):
            schedule = definition.first_due(instance.services.now, context, self.where)
            self._set_timer(token, schedule)
        elif isinstance(definition, MessageDefinition):
            key = self._correlation_key(token, context, definition)
            self._opened(token, "message", definition.name, key, interrupting)
        elif isinstance(definition, SignalEventDefinition):
            self._opened(token, "signal", definition.name, None, interrupting)

    def _opened(self, token: Token, kind: str, name: str, key: str | None, interrupting: bool) -> None:
        token.internal_data["wait"] = kind
        token.workflow.effects.append(SubscriptionOpened(token.id, self.element.id, kind, name, key, interrupting))

    def _correlation_key(self, token: Token, context: Mapping[str, Any], definition: MessageDefinition) -> str:
        assert definition.correlation_key is not None
        value = token.workflow.script_engine.evaluate(
            definition.correlation_key, context, "EXTRACT_VALUE_ERROR", self.where
        )
        if isinstance(value, bool) or (not isinstance(value, str | int) and not hasattr(value, "as_tuple")):
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.correlation-key",
                    f"{self.where} 的关联键应是文本或数字，得到的是 {value!r}。",
                    f"The correlation key of {self.where} must be text or a number, but is {value!r}.",
                ),
            )
        return str(value)

    def _set_timer(self, token: Token, schedule: TimerSchedule) -> None:
        token.internal_data["wait"] = "timer"
        token.internal_data["timer"] = [schedule.due_at.isoformat(), schedule.cycle, schedule.remaining]
        token.workflow.effects.append(
            TimerSet(token.id, self.element.id, schedule.due_at, schedule.cycle, schedule.remaining)
        )

    def close(self, token: Token) -> None:
        """The event is no longer awaited."""
        wait = token.internal_data.pop("wait", None)
        if wait == "timer":
            token.workflow.effects.append(TimerCleared(token.id))
        elif wait is not None:
            token.workflow.effects.append(SubscriptionClosed(token.id))

    def wait_on(self, host: Token) -> None:
        """Put a wait for this event into ``host`` (an event-based gateway, or an activity)."""
        wait = host.workflow.token(self, host)
        wait._set_state(TaskState.WAITING)
        self.subscribe(wait)

    def happened(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The event that ``token`` waits for has happened and brought ``variables``."""
        gateway = token.scope.task_spec if not token.scope.is_root else None
        if isinstance(gateway, EventBasedGateway):
            token = gateway.won(token.scope, self)
        else:
            self.close(token)
        token.internal_data["result"] = dict(variables)
        token._ready()

    def _run_hook(self, token: Token) -> bool | None:
        result = token.internal_data.get("result", {})
        changes = apply_outputs(token, result, self.extensions.outputs)
        if changes:
            token.internal_data["changes"] = changes
        return super()._run_hook(token)


class StartEvent(CatchingNode, defaults.StartEvent):  # type: ignore[misc]
    """A start event; what it waits for was delivered before the instance began."""


class IntermediateCatchEvent(CatchingNode, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """An intermediate event that waits."""

    def _update_hook(self, token: Token) -> bool:
        apply_inputs(token, self.extensions.inputs)
        self.subscribe(token)
        return False


class ReceiveTask(CatchingNode, Activity, defaults.ReceiveTask):  # type: ignore[misc]
    """A receive task: an activity that waits for a message."""

    def open(self, token: Token) -> bool:
        """Await the message."""
        self.subscribe(token)
        return False

    def _run_hook(self, token: Token) -> bool | None:
        return Activity._run_hook(self, token)


class BoundaryEvent(CatchingNode, defaults.BoundaryEvent):  # type: ignore[misc]
    """An event attached to an activity, interrupting or not."""

    cancel_activity: bool
    attached_to: Activity

    def is_wait_in(self, scope: Token) -> bool:
        """Whether a token of this event inside ``scope`` waits there for the event, rather than having caught it."""
        return scope.task_spec is self.attached_to

    def wait_on(self, host: Token) -> None:
        """Await the event while the activity is open; errors are not awaited but thrown at the activity."""
        if isinstance(self.event_definition, ErrorEventDefinition):
            return
        wait = host.workflow.token(self, host)
        wait._set_state(TaskState.WAITING)
        self.subscribe(wait, interrupting=self.cancel_activity)

    def happened(self, token: Token, variables: Mapping[str, Any]) -> None:
        """Continue at this event; an interrupting one takes the activity away."""
        host = token.scope
        if self.cancel_activity:
            self.close(token)
            self.take_over(host, variables)
            return
        if token.internal_data.get("wait") == "timer":
            self._repeat(token)
        self._caught(host, variables)._ready()

    def _repeat(self, token: Token) -> None:
        due, cycle, remaining = token.internal_data["timer"]
        following = TimerSchedule(dt.datetime.fromisoformat(due), cycle, remaining).next()
        self.close(token)
        if following is None:
            token.workflow.forget(token)
        else:
            self._set_timer(token, following)

    def take_over(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Take the activity ``host`` away and continue here."""
        caught = self._caught(host, variables)
        host.cancel()
        caught._ready()

    def _caught(self, host: Token, variables: Mapping[str, Any]) -> Token:
        instance = host.workflow
        caught = instance.token(self, host.scope, branch_of(host))
        instance.announce(caught)
        caught.internal_data["result"] = dict(variables)
        return caught

    def catches(self, code: str) -> bool:
        """Whether this is an error event for ``code``; one without a code catches every error."""
        definition = self.event_definition
        return isinstance(definition, ErrorEventDefinition) and definition.code in (None, "", code)


class ThrowingNode(JobActivity):
    """What throws: a none, signal or error event at once, a message event as a job."""

    event_definition: Any

    def open(self, token: Token) -> bool:
        """Messages are sent by a job, everything else at once."""
        return self.extensions.task is None or super().open(token)

    def work(self, token: Token) -> Mapping[str, Any]:
        """Throw the event."""
        definition, instance = self.event_definition, token.workflow
        if isinstance(definition, SignalEventDefinition):
            payload = instance.variables.get(str(token.id), {})  # what the input mappings made
            instance.effects.append(SignalThrown(definition.name, dict(payload)))
        return {}


class IntermediateThrowEvent(ThrowingNode, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    """An intermediate event that throws, or a none event that is passed through."""


class EndEvent(ThrowingNode, defaults.EndEvent):  # type: ignore[misc]
    """An end event: none, message, signal, error or terminate."""

    def _run_hook(self, token: Token) -> bool | None:
        if isinstance(self.event_definition, ErrorEventDefinition):
            code = self.event_definition.code or ""
            throw_error(token, code, _thrown(self.where, code), {})
            return None
        return super()._run_hook(token)

    def _on_complete(self, token: Token) -> None:
        if isinstance(self.event_definition, TerminateEventDefinition):
            instance, scope = token.workflow, token.scope
            instance.finish(token)
            for child in scope.children:
                if not child.task_spec.is_wait_in(scope):
                    child.cancel()
            instance.close_scope_if_empty(scope)
            return
        super()._on_complete(token)

    def leave(
        self,
        token: Token,
        flows: list[tuple[SequenceFlow, FlowNode]],
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """End the token; the scope may be done."""
        super().leave(token, [], changes)


def _thrown(where: str, code: str) -> Message:
    return Message("bpmn.error-thrown", f"{where} 抛出了错误“{code}”。", f"{where} threw the error '{code}'.")


def throw_error(token: Token, code: str, message: Message, variables: Mapping[str, Any]) -> None:
    """Throw a business error at ``token``: the nearest error boundary event around it that catches it goes on.

    When nothing in this instance catches it, the instance that called this one is asked; when nobody does, the
    error is an incident (UNHANDLED_ERROR_EVENT).
    """
    instance = token.workflow
    token.internal_data["error"] = True
    host = token
    while not host.is_root:
        if "loop" not in host.internal_data:
            catching = [event for event in host.task_spec.boundary_events if event.catches(code)]
            if catching:
                exact = [event for event in catching if event.event_definition.code == code]
                (exact or catching)[0].take_over(host, variables)
                return
        host = host.scope
    if instance.services.caller_catches(code):
        instance.escape(code, message, variables)
        return
    token.internal_data.pop("error")
    token.fail(
        Failure(
            "UNHANDLED_ERROR_EVENT",
            Message(
                "bpmn.unhandled-error",
                f"错误“{code}”没有被任何边界事件捕获：{message.zh}",
                f"No boundary event catches the error '{code}': {message.en}",
            ),
        ),
        "wait" if token.internal_data.get("job") or token.internal_data.get("call") else "run",
    )
