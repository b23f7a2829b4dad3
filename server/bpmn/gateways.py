"""Gateways: exclusive, parallel, inclusive and event-based."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState

from .branches import Branch, branch_of, join
from .flow_node import FlowNode
from .model import SequenceFlow
from .token import RUN, Token


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


class Join(FlowNode):
    """A gateway where tokens meet: one token a scope stands at it and counts the arrivals of each flow.

    The counting token remembers the branch of every arrival, by flow and in order: ``arrived``. What arrives in
    excess stays for the next time the gateway fires.
    """

    def arrive(self, instance: Any, scope: Token, via: SequenceFlow | None, branch: Branch = ()) -> None:
        """Count the arrival."""
        if len(self.incoming) <= 1 or via is None:
            super().arrive(instance, scope, via, branch)
            return
        waiting = next((t for t in scope.children if t.task_spec is self and "arrived" in t.internal_data), None)
        if waiting is None:
            waiting = instance.token(self, scope)
            waiting._set_state(TaskState.WAITING)
            waiting.internal_data["arrived"] = {}
            self.restored(waiting)
        waiting.internal_data["arrived"].setdefault(via.id, []).append(branch)
        self.counted(waiting)

    def counted(self, waiting: Token) -> None:
        """One more has arrived."""

    def fire(self, waiting: Token) -> bool:
        """No token can move any more: go on where nothing more can come; whether it did."""
        return False

    def lacking(self, waiting: Token) -> list[SequenceFlow]:
        """The incoming flows over which a token is still waited for."""
        return [flow for flow in self.incoming if flow.id not in waiting.internal_data["arrived"]]

    def restored(self, token: Token) -> None:
        """Remember the counting token, to look at it when nothing moves."""
        if "arrived" in token.internal_data:
            token.workflow.joins[token.id] = token

    def close(self, token: Token) -> None:
        """The counting token goes away."""
        token.workflow.joins.pop(token.id, None)

    def join(self, waiting: Token) -> None:
        """Take one arrival of each flow that has any, merge their branches, and go on.

        Where two branches changed a variable differently, the token that goes on stands still with an incident.
        """
        instance, scope, arrived = waiting.workflow, waiting.scope, waiting.internal_data["arrived"]
        taken = [branches.pop(0) for branches in arrived.values()]
        rest = {flow: branches for flow, branches in arrived.items() if branches}
        if rest:
            waiting.internal_data["arrived"] = rest
        else:
            self.close(waiting)
            instance.forget(waiting)
        branch, failure = join(scope, taken, self.where)
        if waiting.announced and not rest:  # history knows it, as it stood still with an incident
            token = Token(instance, self, scope, waiting.id, waiting.started_at)
            token.announced = True
            token.internal_data.update({"branch": branch} if branch else {})
        else:
            # A token of its own, so that history shows the join when it fired and not when it began to count.
            token = instance.token(self, scope, branch)
            instance.announce(token)
        if failure is None:
            self._update(token)
        else:
            token.fail(failure, RUN)


class ParallelGateway(Join, defaults.ParallelGateway):  # type: ignore[misc]
    """Waits for a token on each incoming flow, then sends one over each outgoing flow."""

    def counted(self, waiting: Token) -> None:
        """Go on when every incoming flow has a token."""
        if len(waiting.internal_data["arrived"]) == len(self.incoming):
            self.join(waiting)


class InclusiveGateway(Join, defaults.InclusiveGateway):  # type: ignore[misc]
    """Sends a token over each outgoing flow whose condition is true, else over the default flow.

    With several incoming flows it waits for every token that can still come: it goes on when no other token of
    its scope can reach an incoming flow that has none without passing the gateway itself, unless that token can
    reach one that has some as well (BPMN 2.0, 13.4.3). This is asked when no token can move any more.
    """

    def connect(self, task_spec: TaskSpec) -> None:
        """Conditions stand on the flows, so a plain connection is enough."""
        TaskSpec.connect(self, task_spec)

    def fire(self, waiting: Token) -> bool:
        """Go on if nothing more can come; whether it did."""
        if next(self._coming(waiting), None) is not None:
            return False
        self.join(waiting)
        return True

    def lacking(self, waiting: Token) -> list[SequenceFlow]:
        """The incoming flows over which another token of the scope can still come first."""
        coming = {flow.id for flow in self._coming(waiting)}
        return [flow for flow in self.incoming if flow.id in coming]

    def _coming(self, waiting: Token) -> Iterator[SequenceFlow]:
        arrived, scope = waiting.internal_data["arrived"], waiting.scope
        if len(arrived) == len(self.incoming):
            return
        empty = [(flow, self.upstream[flow.id]) for flow in self.incoming if flow.id not in arrived]
        filled = [self.upstream[flow] for flow in arrived]
        for token in scope.children:
            if token is waiting or token.task_spec.is_wait_in(scope):
                continue
            at = token.task_spec.number
            if not any(at in nodes for nodes in filled):
                yield from (flow for flow, nodes in empty if at in nodes)

    @cached_property
    def upstream(self) -> dict[str, frozenset[int]]:
        """For each incoming flow the numbers of the nodes from which it can be reached without passing the gateway."""
        before: dict[FlowNode, list[FlowNode]] = {}
        scope = [node for node in self.model_nodes() if node.element.parent_id == self.element.parent_id]
        for node in scope:
            for successor in node.successors():
                before.setdefault(successor, []).append(node)
        reached = {}
        for flow in self.incoming:
            found: set[FlowNode] = set()
            todo = [node for node in scope if node.name == flow.source and node is not self]
            while todo:
                node = todo.pop()
                if node not in found:
                    found.add(node)
                    todo += [n for n in before.get(node, ()) if n is not self]
            reached[flow.id] = frozenset(node.number for node in found)
        return reached


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
        instance, scope, branch = token.workflow, token.scope, branch_of(token)
        flow = next(flow for flow, target in self.outgoing if target is event)
        for child in token.children:
            child.cancel()
        caught = instance.token(event, scope, branch)
        instance.finish(token)
        instance.pass_flow(flow)
        instance.announce(caught)
        return caught
