"""Gateways: exclusive, parallel and event-based."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from .flow_node import FlowNode
from .model import SequenceFlow
from .token import Token


class ExclusiveGateway(FlowNode, defaults.ExclusiveGateway):  # type: ignore[misc]
    """Takes the first outgoing flow, in the order of the file, whose condition is true; else the default flow."""

    def connect(self, task_spec: TaskSpec) -> None:
        """Conditions stand on the flows, so a plain connection is enough."""
        TaskSpec.connect(self, task_spec)

    def choose_flows(self, token: Token) -> list[tuple[SequenceFlow, FlowNode]]:
        """One flow. Raises :class:`Failure` when no condition is true and there is no default flow."""
        instance = token.workflow
        context, engine = instance.visible(token), instance.script_engine
        for pair in self.outgoing:
            flow = pair[0]
            if flow.is_default:
                continue
            if flow.condition is None or engine.holds(flow.condition, context, flow.where):
                return [pair]
        return self.default_flow() if self.outgoing else []


class ParallelGateway(FlowNode, defaults.ParallelGateway):  # type: ignore[misc]
    """Waits for a token on each incoming flow, then sends one over each outgoing flow.

    One token per scope stands at the join and counts the arrivals of each flow; what arrives in excess stays for
    the next time the gateway fires.
    """

    def arrive(self, instance: Any, scope: Token, via: SequenceFlow | None) -> None:
        """Count the arrival; fire when every incoming flow has one."""
        if len(self.incoming) <= 1 or via is None:
            super().arrive(instance, scope, via)
            return
        waiting = next(
            (t for t in scope.children if t.task_spec is self and t._state == TaskState.WAITING),
            None,
        )
        if waiting is None:
            waiting = instance.token(self, scope)
            waiting._set_state(TaskState.WAITING)
            waiting.internal_data["arrived"] = {}
        arrived = waiting.internal_data["arrived"]
        arrived[via.id] = arrived.get(via.id, 0) + 1
        if len(arrived) == len(self.incoming):
            self._fire(instance, waiting, scope)

    def _fire(self, instance: Any, waiting: Token, scope: Token) -> None:
        rest = {flow: count - 1 for flow, count in waiting.internal_data["arrived"].items() if count > 1}
        if rest:
            waiting.internal_data["arrived"] = rest
        else:
            instance.forget(waiting)
        # A token of its own, so that history shows the join when it fired and not when it began to count.
        super().arrive(instance, scope, None)


class EventBasedGateway(FlowNode, defaults.EventBasedGateway):  # type: ignore[misc]
    """Waits for the first of the events behind it; the others are no longer awaited from then on."""

    def connect(self, task_spec: TaskSpec) -> None:
        """The events keep their own definitions; SpiffWorkflow would move them into the gateway."""
        TaskSpec.connect(self, task_spec)

    def _update_hook(self, token: Token) -> bool:
        for _, target in self.outgoing:
            target.wait_on(token)  # type: ignore[attr-defined]
        return False

    def won(self, token: Token, event: FlowNode) -> Token:
        """``event`` came first: end the gateway and put a token into the event. Returns that token."""
        instance, scope = token.workflow, token.scope
        flow = next(flow for flow, target in self.outgoing if target is event)
        for child in token.children:
            child.cancel()
        caught = instance.token(event, scope)
        instance.finish(token)
        instance.pass_flow(flow)
        instance.announce(caught)
        return caught
