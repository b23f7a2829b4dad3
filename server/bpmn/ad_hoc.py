"""Ad-hoc subprocesses: activities without a fixed order, activated by an expression or by people and systems.

Each activated element runs in an *inner instance*, a scope of its own for the variables it was given and for what
follows it along the sequence flows (as in Camunda 8). The subprocess looks at its completion condition whenever an
inner instance has ended; without a condition it is done when all that was activated has ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from SpiffWorkflow.util.task import TaskState

from server.messages import LendloomError, Message

from .activities import Activity
from .errors import Failure
from .expressions import shown
from .flow_node import FlowNode, open_event_subprocesses
from .multi_instance import overwritten
from .subprocesses import SubProcess
from .token import COMPLETION, Token

Activation = tuple[str, Mapping[str, Any]]
"""The id of an element to activate, and variables for its inner instance."""


_CLOSED = frozenset({"inner", "body", "closing", "interrupted", "result"})
"""Marks of tokens in which nothing can be activated: not the subprocess itself, or one that comes to its end."""


class NotActivatable(LendloomError):
    """An element cannot be activated in this ad-hoc subprocess."""


class AdHocSubProcess(SubProcess):
    """An ad-hoc subprocess.

    Its token remembers ``begun`` (something was activated), ``queue`` (activations whose turn comes later, in
    sequential order) and ``closing`` (the condition is met, but what runs may still end). Tokens of inner instances
    are marked ``inner``.
    """

    activatable: Mapping[str, FlowNode]

    def history_type(self, token: Token) -> str:
        """AD_HOC_SUB_PROCESS, or AD_HOC_SUB_PROCESS_INNER_INSTANCE for the scope around an activated element."""
        return "AD_HOC_SUB_PROCESS_INNER_INSTANCE" if "inner" in token.internal_data else super().history_type(token)

    def open(self, token: Token) -> bool:
        """Activate what the collection of active elements names, if there is one."""
        rules, instance = self.extensions.ad_hoc, token.workflow
        wanted: Any = []
        if rules.active_elements is not None:
            wanted = instance.script_engine.evaluate(
                rules.active_elements, instance.visible(token), "EXTRACT_VALUE_ERROR", self.where
            )
        if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
            raise Failure("EXTRACT_VALUE_ERROR", self._not_a_list(wanted))
        try:
            self.check(wanted)
        except NotActivatable as error:
            raise Failure("EXTRACT_VALUE_ERROR", error.message) from error
        if rules.output_collection:
            instance.local(token)[rules.output_collection] = []
        open_event_subprocesses(token)
        if not instance.conditions.interrupt(token):
            self.activate(token, [(name, {}) for name in wanted])
        return False

    def _not_a_list(self, value: Any) -> Message:
        return Message(
            "bpmn.active-elements",
            f"{self.where} 的 activeElementsCollection 应是元素编号的列表，得到的是 {shown(value)}。",
            f"The activeElementsCollection of {self.where} must be a list of element ids, but is {shown(value)}.",
        )

    def check(self, wanted: Sequence[str]) -> None:
        """Raise :class:`NotActivatable` unless every element may be activated."""
        unknown = [name for name in wanted if name not in self.activatable]
        if unknown:
            listed = ", ".join(self.activatable)
            raise NotActivatable(
                Message(
                    "bpmn.not-activatable",
                    f"{self.where} 中不能激活 {', '.join(unknown)}；可以激活的元素：{listed}。",
                    f"{', '.join(unknown)} cannot be activated in {self.where}; these can: {listed}.",
                )
            )

    def is_open(self, token: Token) -> bool:
        """Whether elements can still be activated."""
        return token._state == TaskState.WAITING and not _CLOSED & token.internal_data.keys()

    def awaits_activation(self, token: Token) -> bool:
        """Whether an activation is waited for, or may end what already runs: by the completion condition."""
        if not self.is_open(token):
            return False
        rules = self.extensions.ad_hoc
        return not self._running(token) or (rules.completion_condition is not None and rules.cancel_remaining)

    def activate(self, token: Token, wanted: Sequence[Activation]) -> list[Token]:
        """Start inner instances, or put them into the queue where only one may run at a time."""
        if self.extensions.ad_hoc.sequential and wanted:
            token.internal_data.setdefault("queue", []).extend([name, dict(given)] for name, given in wanted)
            return [] if self._running(token) else [self._start_queued(token)]
        return [self._start(token, name, given) for name, given in wanted]

    def cancel_running(self, token: Token) -> None:
        """Take every inner instance away, those in the queue too."""
        token.internal_data.pop("queue", None)
        for inner in self._running(token):
            inner.cancel()

    def _running(self, token: Token) -> list[Token]:
        return [child for child in token.children if "inner" in child.internal_data]

    def _start_queued(self, token: Token) -> Token:
        queue = token.internal_data["queue"]
        name, given = queue.pop(0)
        if not queue:
            del token.internal_data["queue"]
        return self._start(token, name, given)

    def _start(self, token: Token, name: str, variables: Mapping[str, Any]) -> Token:
        instance = token.workflow
        inner = instance.token(self, token)
        token.internal_data["begun"] = True
        inner.internal_data["inner"] = name
        inner._set_state(TaskState.WAITING)
        if variables:
            instance.local(inner).update(variables)
        instance.announce(inner)
        instance.enter(self.activatable[name], inner)
        return inner

    # -- an inner instance ends ----------------------------------------------------------------------------------

    def inner_ended(self, token: Token) -> None:
        """Nothing is left in an inner instance: it ends; or an event subprocess has ended, and perhaps all with it."""
        if "inner" in token.internal_data:
            if not token.children:
                token._ready()
        elif "begun" in token.internal_data or "interrupted" in token.internal_data:
            self._settle(token)

    def _run_hook(self, token: Token) -> bool | None:
        if "inner" not in token.internal_data:
            return super()._run_hook(token)
        rules, instance = self.extensions.ad_hoc, token.workflow
        if rules.output_collection and rules.output_element is not None:
            value = instance.script_engine.evaluate(
                rules.output_element, instance.visible(token), "EXTRACT_VALUE_ERROR", self.where
            )
            collected = instance.local(token.scope).get(rules.output_collection)
            if not isinstance(collected, list):
                raise overwritten(self.where, rules.output_collection, collected)
            collected.append(value)
        return True

    def _on_complete(self, token: Token) -> None:
        if "inner" not in token.internal_data:
            super()._on_complete(token)
            return
        scope = token.scope
        token.workflow.finish(token)
        self._settle(scope)

    def _settle(self, token: Token) -> None:
        """Look whether the subprocess is done; else start what is next in the queue."""
        try:
            met = bool({"closing", "interrupted"} & token.internal_data.keys()) or self._condition_met(token)
        except Failure as failure:
            if not token.has_incident:
                token.fail(failure, COMPLETION)
            return
        rules = self.extensions.ad_hoc
        if met:
            token.internal_data["closing"] = True
            token.internal_data.pop("queue", None)
            if rules.cancel_remaining:
                self.cancel_running(token)
        if "queue" in token.internal_data and not self._running(token):
            self._start_queued(token)
        elif token.holds_only_waits and (met or rules.completion_condition is None):
            self._finish(token)

    def _condition_met(self, token: Token) -> bool:
        condition, instance = self.extensions.ad_hoc.completion_condition, token.workflow
        if condition is None:
            return False
        return bool(instance.script_engine.holds(condition, instance.visible(token), self.where))

    def _finish(self, token: Token) -> None:
        self.close_event_subprocesses(token)
        name = self.extensions.ad_hoc.output_collection
        self.finish_work(token, {name: token.workflow.local(token).pop(name)} if name else {})

    def retry(self, token: Token) -> None:
        """Do again what failed; for a completion condition, ask it again."""
        if token.internal_data["incident"] != COMPLETION or "body" in token.internal_data:
            super().retry(token)
            return
        del token.internal_data["incident"]
        token._set_state(TaskState.WAITING)
        self._settle(token)


def activatable_in(nodes: Sequence[FlowNode]) -> dict[str, FlowNode]:
    """Which of the nodes directly inside an ad-hoc subprocess can be activated: those that no flow leads to."""
    return {
        node.element.id: node
        for node in nodes
        if not node.incoming
        and not node.triggered_by_event
        and node.element.type not in ("BOUNDARY_EVENT", "START_EVENT")
        and not (isinstance(node, Activity) and node.is_for_compensation)
    }
