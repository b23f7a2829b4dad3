"""Events: start and end, intermediate catch and throw, boundary.

A *wait* is a token that is not in its element yet: a boundary event's wait stands inside the activity it is
attached to, that of an event subprocess inside the scope around, the waits behind an event-based gateway inside the
gateway. It turns into a real token of the event when the event happens.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition, TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from server.feel import feel_text
from server.messages import Message

from . import compensation, transactions
from .activities import Activity, JobActivity
from .branches import branch_of, split
from .compensation import CompensateEventDefinition
from .conditions import CONDITION
from .effects import SignalThrown, SubscriptionClosed, SubscriptionOpened, TimerCleared, TimerSet
from .errors import Failure
from .event_definitions import (
    ConditionDefinition,
    ErrorDefinition,
    EscalationDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
)
from .expressions import Expression, shown
from .flow_node import FlowNode
from .gateways import EventBasedGateway
from .mappings import HANDED_OVER, apply_inputs, evaluate_outputs, hand_over
from .model import SequenceFlow
from .throwing import throw_error, throw_escalation
from .timers import TimerDefinition, TimerSchedule
from .token import Token

if TYPE_CHECKING:
    from .event_subprocess import EventSubProcess

REPEAT = "repeat"
"""The phase of an incident: the next time of a repeated timer could not be told."""


class CatchingNode(FlowNode):
    """What waits for a message, a signal, a timer or a condition."""

    event_definition: Any
    interrupting = True

    def subscribe(self, token: Token) -> None:
        """Ask to be told, by the outside or by a change of variables, when the event happens."""
        definition, instance = self.event_definition, token.workflow
        context = instance.visible(token)
        if isinstance(definition, TimerDefinition):
            services = instance.services
            schedule = definition.first_due(services.now, context, self.where, calendars=services.calendar)
            self._set_timer(token, schedule)
        elif isinstance(definition, MessageDefinition):
            key = self._correlation_key(token, context, definition)
            self._opened(token, "message", self._text(token, definition.named), key)
        elif isinstance(definition, SignalDefinition):
            self._opened(token, "signal", self._text(token, definition.named), None)
        elif isinstance(definition, ConditionDefinition):
            instance.conditions.open(token)
            token.internal_data["wait"] = "condition"

    def _opened(self, token: Token, kind: str, name: str, key: str | None) -> None:
        token.internal_data["wait"] = kind
        token.workflow.effects.append(SubscriptionOpened(token.id, self.element.id, kind, name, key, self.interrupting))

    def _text(self, token: Token, expression: Expression) -> str:
        return text_of(token, expression, self.where)

    def _correlation_key(self, token: Token, context: Mapping[str, Any], definition: MessageDefinition) -> str:
        assert definition.correlation_key is not None
        value = token.workflow.script_engine.evaluate(
            definition.correlation_key, context, "EXTRACT_VALUE_ERROR", self.where
        )
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or value == "":
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.correlation-key",
                    f"{self.where} 的关联键应是非空文本或数字，得到的是 {shown(value)}。",
                    f"The correlation key of {self.where} must be a number or a text that is not empty, but is"
                    f" {shown(value)}.",
                ),
            )
        return feel_text(value)

    def _set_timer(self, token: Token, schedule: TimerSchedule) -> None:
        token.internal_data["wait"] = "timer"
        token.internal_data["timer"] = [schedule.due_at.isoformat(), schedule.cycle, schedule.remaining]
        token.workflow.effects.append(
            TimerSet(token.id, self.element.id, schedule.due_at, schedule.cycle, schedule.remaining)
        )

    def repeat_timer(self, token: Token) -> bool:
        """The timer of a wait that stays has fallen due: set its next time; false where this firing is left out.

        A wait whose timer has no next time is forgotten. Where the next time cannot be told, as the calendar lacks
        the year, the wait stands still with an incident until it can be.
        """
        due, cycle, remaining = token.internal_data["timer"]
        services = token.workflow.services
        schedule = TimerSchedule(dt.datetime.fromisoformat(due), cycle, remaining)
        try:
            firing = self.event_definition.fired(schedule, services.now, self.where, calendars=services.calendar)
        except Failure as failure:
            CatchingNode.close(self, token)
            token.fail(failure, REPEAT)
            return True
        CatchingNode.close(self, token)
        if firing.following is None:
            token.workflow.forget(token)
        else:
            self._set_timer(token, firing.following)
        return bool(firing.counts)

    def close(self, token: Token) -> None:
        """The event is no longer awaited."""
        wait = token.internal_data.pop("wait", None)
        if wait == "timer":
            token.workflow.effects.append(TimerCleared(token.id))
        elif wait == "condition":
            token.workflow.conditions.close(token)
        elif wait is not None:
            token.workflow.effects.append(SubscriptionClosed(token.id))

    def restored(self, token: Token) -> None:
        """A wait for a condition has to be asked again when variables change."""
        if token.internal_data.get("wait") == "condition":
            token.workflow.conditions.restored(token)

    def retry(self, token: Token) -> None:
        """A condition that had no value is asked again; of a repeated timer only the next time is to be found."""
        phase = token.internal_data["incident"]
        super().retry(token)
        if phase == CONDITION:
            token.workflow.conditions.ask(token)
        elif phase == REPEAT:
            self.repeat_timer(token)

    def wait_on(self, host: Token) -> None:
        """Put a wait for this event into ``host`` (an event-based gateway, an activity, or a scope)."""
        wait = host.workflow.token(self, host)
        wait._set_state(TaskState.WAITING)
        self.subscribe(wait)

    def happened(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The event that ``token`` waits for has happened and brought ``variables``."""
        gateway = token.scope.task_spec
        if isinstance(gateway, EventBasedGateway):
            token = gateway.won(token.scope, self)
            token.internal_data["result"] = dict(variables)
            self._update(token)
        else:
            self.close(token)
            token.internal_data["result"] = dict(variables)
            token._ready()

    def _run_hook(self, token: Token) -> bool | None:
        if HANDED_OVER not in token.internal_data:
            hand_over(token, token.internal_data.get("result", {}), self.extensions.outputs)
            token.internal_data[HANDED_OVER] = True
        return super()._run_hook(token)


THROWN = (ErrorDefinition, EscalationDefinition, CancelEventDefinition, CompensateEventDefinition)
"""What is not awaited, but thrown at the activity or scope that an event guards."""


class GuardingEvent(CatchingNode):
    """An event that waits beside running work: a boundary event, or the start of an event subprocess.

    Its *host* is what it guards: the activity, or the scope that the event subprocess belongs to.
    """

    def wait_on(self, host: Token) -> None:
        """Await the event while the host is active; what is thrown at the host needs no waiting."""
        if not isinstance(self.event_definition, THROWN):
            super().wait_on(host)

    def happened(self, token: Token, variables: Mapping[str, Any]) -> None:
        """Continue at this event; an interrupting one takes the host over."""
        host = token.scope
        if self.interrupting:
            self.close(token)
            self.take_over(host, variables)
            return
        if token.internal_data.get("wait") != "timer" or self.repeat_timer(token):
            self.go_on(host, variables)

    def take_over(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Take away what the event interrupts, and continue here."""
        raise NotImplementedError

    def go_on(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Continue here beside the host."""
        raise NotImplementedError


class StartEvent(GuardingEvent, defaults.StartEvent):  # type: ignore[misc]
    """A start event. What starts an instance was delivered before it began; the start event of an event subprocess
    waits in the scope around.
    """

    event_subprocess: EventSubProcess | None = None

    def is_wait_in(self, scope: Token) -> bool:
        """Whether ``scope`` is what the event subprocess belongs to, so that the token there is only a wait."""
        return self.event_subprocess is not None and scope.task_spec is not self.event_subprocess

    def take_over(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Take everything else in the scope away and run the event subprocess."""
        assert self.event_subprocess is not None
        self.event_subprocess.interrupt(host, variables)

    def go_on(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Run the event subprocess beside what else the scope holds."""
        assert self.event_subprocess is not None
        self.event_subprocess.run_in(host, variables)

    def _run_hook(self, token: Token) -> bool | None:
        if self.event_subprocess is None or not self.extensions.outputs:
            return super()._run_hook(token)
        # What the mappings make of the event is the event subprocess's own: it may run several times at once.
        if HANDED_OVER not in token.internal_data:
            values = evaluate_outputs(token, token.internal_data.get("result", {}), self.extensions.outputs)
            token.workflow.assign(token.scope, values)
            token.internal_data.update({"changes": values, HANDED_OVER: True})
        return FlowNode._run_hook(self, token)


class IntermediateCatchEvent(CatchingNode, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    """An intermediate event that waits; a link passes on what jumps to it."""

    def _update_hook(self, token: Token) -> bool:
        apply_inputs(token, self.extensions.inputs)
        if "result" in token.internal_data or isinstance(self.event_definition, LinkDefinition):
            return True
        self.subscribe(token)
        return False


class ReceiveTask(CatchingNode, Activity, defaults.ReceiveTask):  # type: ignore[misc]
    """A receive task: an activity that waits for a message."""

    def open(self, token: Token) -> bool:
        """Await the message; behind an event-based gateway it has come already."""
        if "result" in token.internal_data:
            return True
        self.subscribe(token)
        return False

    def _run_hook(self, token: Token) -> bool | None:
        return Activity._run_hook(self, token)


class BoundaryEvent(GuardingEvent, defaults.BoundaryEvent):  # type: ignore[misc]
    """An event attached to an activity, interrupting or not."""

    cancel_activity: bool
    attached_to: Activity
    handler: Activity | None = None

    @property
    def interrupting(self) -> bool:  # type: ignore[override]
        """Whether the event takes the activity away."""
        return self.cancel_activity

    def is_wait_in(self, scope: Token) -> bool:
        """Whether a token of this event inside ``scope`` waits there for the event, rather than having caught it."""
        return scope.task_spec is self.attached_to

    def take_over(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Take the activity ``host`` away and continue here."""
        caught = self._caught(host, variables)
        host.cancel()
        caught._ready()

    def go_on(self, host: Token, variables: Mapping[str, Any]) -> None:
        """Continue here beside the activity."""
        self._caught(host, variables)._ready()

    def _caught(self, host: Token, variables: Mapping[str, Any]) -> Token:
        instance = host.workflow
        caught = instance.token(self, host.scope, branch_of(host))
        instance.announce(caught)
        caught.internal_data["result"] = dict(variables)
        return caught


class ThrowingNode(JobActivity):
    """What throws: a signal, an escalation or an error at once, a message as a job."""

    event_definition: Any

    def open(self, token: Token) -> bool:
        """Messages are sent by a job, compensation waits for its handlers, everything else is thrown at once."""
        if isinstance(self.event_definition, CompensateEventDefinition):
            return self._compensate(token, self.event_definition)
        return self.extensions.task is None or super().open(token)

    def _compensate(self, token: Token, definition: CompensateEventDefinition) -> bool:
        flows = [] if definition.waits else self.choose_flows(token)
        if not compensation.throw(token, definition.activity_id):
            return True
        if flows:
            token.internal_data["detached"] = True
            branch = branch_of(token)
            ways = [branch] if len(flows) < 2 else split(token.scope, branch, len(flows))
            for (flow, target), way in zip(flows, ways, strict=True):
                token.workflow.enter(target, token.scope, flow, way)
        return False

    def _on_cancel(self, token: Token) -> None:
        """What is taken away before it was undone can still be undone."""
        compensation.give_back(token)
        super()._on_cancel(token)

    def inner_ended(self, token: Token) -> None:
        """A compensation handler is done; after the last one the event is."""
        if compensation.go_on(token):
            return
        if "detached" in token.internal_data:
            self.leave(token, [])
        else:
            token.internal_data["result"] = {}
            token._ready()

    def work(self, token: Token) -> Mapping[str, Any]:
        """Throwing results in nothing."""
        return {}

    def _run_hook(self, token: Token) -> bool | None:
        if not token.internal_data.get("thrown"):
            if not self.throw(token):
                return None
            token.internal_data["thrown"] = True  # a retry of what follows does not throw again
        return super()._run_hook(token)

    def throw(self, token: Token) -> bool:
        """Throw the event with the variables that its input mappings made; false when that ends the token."""
        definition, instance = self.event_definition, token.workflow
        payload = dict(instance.variables.get(str(token.id), {}))
        if isinstance(definition, SignalDefinition):
            name = text_of(token, definition.named, self.where)
            if not instance.services.may_throw_signal():
                raise _echo(self.where, name)
            instance.effects.append(SignalThrown(name, payload))
        elif isinstance(definition, EscalationDefinition):
            assert definition.coded is not None
            return throw_escalation(token, text_of(token, definition.coded, self.where), payload)
        elif isinstance(definition, ErrorDefinition):
            assert definition.coded is not None
            code = text_of(token, definition.coded, self.where)
            throw_error(token, code, _thrown(self.where, code), payload)
            return False
        return True


class IntermediateThrowEvent(ThrowingNode, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    """An intermediate event that throws, a none event that is passed through, or a link that jumps."""


class EndEvent(ThrowingNode, defaults.EndEvent):  # type: ignore[misc]
    """An end event: none, message, signal, error, escalation, terminate, compensation or cancel."""

    def _run_hook(self, token: Token) -> bool | None:
        if isinstance(self.event_definition, CancelEventDefinition):
            undone = "result" in token.internal_data
            return True if undone or not transactions.begin_cancel(token) else None
        return super()._run_hook(token)

    def _on_complete(self, token: Token) -> None:
        if isinstance(self.event_definition, CancelEventDefinition):
            transactions.leave_cancelled(token)
            return
        if isinstance(self.event_definition, TerminateEventDefinition):
            instance, scope = token.workflow, token.scope
            instance.finish(token)
            if instance.stops_after(token):
                instance.stopping = True
                return
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


def _echo(where: str, name: str) -> Failure:
    return Failure(
        "UNKNOWN",
        Message(
            "bpmn.signal-echo",
            f"{where} 没有再抛出信号“{name}”：信号一个接一个地引发，中间没有发生其他事情，"
            "流程很可能在无休止地互相触发。"
            "请改正模型（迁移到新版本）后重试；若确属正常，直接重试即可继续。",
            f"{where} has not thrown the signal '{name}' again: signals follow one from another and nothing else"
            " happens between them, so the processes probably wake each other without end. Correct the model (migrate"
            " to a new version) and retry; where this is meant, retrying goes on.",
        ),
    )


def text_of(token: Token, expression: Expression, where: str) -> str:
    """The name or code of an event, as a text. Raises :class:`Failure` for anything else."""
    instance = token.workflow
    value = instance.script_engine.evaluate(expression, instance.visible(token), "EXTRACT_VALUE_ERROR", where)
    if isinstance(value, str) and value:
        return value
    raise Failure(
        "EXTRACT_VALUE_ERROR",
        Message(
            "bpmn.event-name",
            f"{where} 的名称或代码“{expression.text}”应得到非空文本，得到的是 {shown(value)}。",
            f"The name or code '{expression.text}' of {where} must give a text that is not empty, but gave"
            f" {shown(value)}.",
        ),
    )
