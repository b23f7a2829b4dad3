"""What all elements have in common: how a token arrives, runs, leaves over sequence flows, and is taken away.

The hooks are SpiffWorkflow's (``_update``, ``_update_hook``, ``_run``, ``_run_hook``, ``_on_complete``,
``_on_cancel``); the elements of the other modules fill them in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BpmnStartTask
from SpiffWorkflow.util.task import TaskState

from server.messages import Message

from .branches import Branch, branch_of, split
from .effects import ElementEnded
from .errors import Failure
from .extensions import Extensions
from .model import Element, SequenceFlow
from .token import ENTER, RUN, Token

if TYPE_CHECKING:
    from .event_subprocess import EventSubProcess
    from .events import BoundaryEvent
    from .instance import Instance


class FlowNode:
    """A flow node of a BPMN process; mixed into SpiffWorkflow's task specifications, ahead of them.

    ``number`` is the element's position in its process, by which snapshots name it.
    """

    name: str
    element: Element
    extensions: Extensions
    number: int
    triggered_by_event = False
    tells_received = True
    """Whether history keeps what was delivered to the element; a called instance has a history of its own."""

    def prepare(self, element: Element, extensions: Extensions, number: int) -> None:
        """Take what was read from the file; called once by the reader."""
        self.element = element
        self.extensions = extensions
        self.number = number
        self.outgoing: list[tuple[SequenceFlow, FlowNode]] = []
        self.incoming: list[SequenceFlow] = []
        self.boundary_events: list[BoundaryEvent] = []
        self.event_subprocesses: list[EventSubProcess] = []
        self.has_conditions = False

    def link(self, flow: SequenceFlow, target: FlowNode) -> None:
        """Connect this node with ``target`` over ``flow``; called by the reader."""
        self.connect(target)  # type: ignore[attr-defined]
        self.outgoing.append((flow, target))
        target.incoming.append(flow)
        self.has_conditions = self.has_conditions or flow.condition is not None or flow.is_default

    def successors(self) -> Iterator[FlowNode]:
        """Where a token of this node may go next within its scope."""
        for _, target in self.outgoing:
            yield target
        yield from self.boundary_events

    def model_nodes(self) -> list[FlowNode]:
        """Every flow node of the process, nested ones included."""
        specs = self._wf_spec.task_specs.values()  # type: ignore[attr-defined]
        return [spec for spec in specs if not isinstance(spec, ProcessRoot)]

    @property
    def where(self) -> str:
        """The element as messages name it."""
        name, id_ = self.element.name, self.element.id
        return f"‘{name}’ ({id_})" if name and name != id_ else f"‘{id_}’"

    def history_id(self, instance: Instance) -> str:
        """The id under which history knows a passage through this node."""
        return self.element.id

    def history_type(self, token: Token) -> str:
        """The element type under which history knows it."""
        return self.element.type

    # -- arriving ----------------------------------------------------------------------------------------------

    def arrive(self, instance: Instance, scope: Token, via: SequenceFlow | None, branch: Branch = ()) -> None:
        """A token arrives, in a branch of its scope."""
        token = instance.token(self, scope, branch)
        instance.announce(token)
        self._update(token)

    def _update(self, token: Token) -> None:
        try:
            if self._update_hook(token):
                token._ready()
            else:
                token._set_state(TaskState.WAITING)
        except Failure as failure:
            self.undo_enter(token)
            token.fail(failure, ENTER)

    def _update_hook(self, token: Token) -> bool:
        """Enter the element: true when it can run at once, false when it waits."""
        return True

    def undo_enter(self, token: Token) -> None:
        """Take back what a failed entry has already opened."""
        for child in token.children:
            child.cancel()

    def retry(self, token: Token) -> None:
        """Do again what failed."""
        phase = token.internal_data.pop("incident")
        if phase == ENTER:
            self._update(token)
        elif phase == RUN:
            token._ready()
        else:
            token._set_state(TaskState.WAITING)

    # -- running and leaving -----------------------------------------------------------------------------------

    def _run(self, token: Token) -> bool | None:
        try:
            return self._run_hook(token)
        except Failure as failure:
            token.fail(failure, RUN)
            return None

    def _run_hook(self, token: Token) -> bool | None:
        """Do what the element does; true when it is done, ``None`` when the token stays."""
        token.internal_data["flows"] = self.choose_flows(token)
        return True

    def _on_complete(self, token: Token) -> None:
        """Leave: the token ends here, and one goes out over each chosen sequence flow."""
        self.leave(token, token.internal_data.get("flows", self.outgoing), token.internal_data.get("changes"))

    def leave(
        self,
        token: Token,
        flows: list[tuple[SequenceFlow, FlowNode]],
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """End the token and send tokens over ``flows``; without any, its scope may be done."""
        instance, scope, branch = token.workflow, token.scope, branch_of(token)
        instance.finish(token, changes)
        if instance.stops_after(token):
            instance.stopping = True
            return
        ways = [branch] if len(flows) < 2 else split(scope, branch, len(flows))
        for (flow, target), way in zip(flows, ways, strict=False):
            instance.enter(target, scope, flow, way)
        if not flows:
            instance.close_scope_if_empty(scope)

    def choose_flows(self, token: Token) -> list[tuple[SequenceFlow, FlowNode]]:
        """The outgoing flows of an activity or event: all without a condition and all whose condition is true."""
        if not self.has_conditions:
            return self.outgoing
        instance = token.workflow
        context, engine = instance.visible(token), instance.script_engine
        chosen = [
            pair
            for pair in self.outgoing
            if not pair[0].is_default
            and (pair[0].condition is None or engine.holds(pair[0].condition, context, pair[0].where))
        ]
        return chosen or self.default_flow()

    def default_flow(self) -> list[tuple[SequenceFlow, FlowNode]]:
        """The default flow, when no condition is true. Raises :class:`Failure` where there is none."""
        for pair in self.outgoing:
            if pair[0].is_default:
                return [pair]
        raise Failure(
            "CONDITION_ERROR",
            Message(
                "bpmn.no-flow",
                f"{self.where} 的所有出口条件都不成立，又没有默认流。请补充默认流，或更正变量后重试。",
                f"No condition of {self.where} is true and it has no default flow."
                " Add a default flow, or correct the variables and retry.",
            ),
        )

    def restored(self, token: Token) -> None:
        """A token of this node was read from a snapshot."""

    def is_wait_in(self, scope: Token) -> bool:
        """Whether a token of this node inside ``scope`` only waits there for an event, and holds no work."""
        return False

    def awaits_activation(self, token: Token) -> bool:
        """Whether people or systems may activate something inside ``token`` that lets it go on."""
        return False

    # -- being taken away --------------------------------------------------------------------------------------

    def _on_cancel(self, token: Token) -> None:
        """The token is taken away: close what it has opened; history hears of it if it had heard of its start."""
        self.close(token)
        instance = token.workflow
        if instance.stops_after(token):
            instance.stopping = True
        if token.announced:
            instance.effects.append(ElementEnded(token.id, token.started_at, False, instance.services.now))

    def close(self, token: Token) -> None:
        """Close what the waiting token has opened outside."""

    def inner_ended(self, token: Token) -> None:
        """A token inside this one has ended; only scopes have tokens inside."""
        raise AssertionError(f"{self.name} is not a scope")


class ProcessRoot(FlowNode, BpmnStartTask):  # type: ignore[misc]
    """The process itself, as the specification of the root token."""

    def __init__(self, wf_spec: Any, name: str) -> None:
        super().__init__(wf_spec, name)
        self.boundary_events = []
        self.event_subprocesses = []

    @property
    def where(self) -> str:
        """The process as messages name it."""
        return f"‘{self._wf_spec.description}’ ({self._wf_spec.name})"

    def history_id(self, instance: Instance) -> str:
        """The process id."""
        return instance.model.process_id

    def history_type(self, token: Token) -> str:
        """PROCESS."""
        return "PROCESS"

    def begin(self, token: Token, start: FlowNode) -> None:
        """Start the process at its start event ``start``."""
        token.internal_data["start"] = start.element.id
        self._update(token)

    def _update(self, token: Token) -> None:
        super()._update(token)
        token._set_state(TaskState.STARTED)

    def _update_hook(self, token: Token) -> bool:
        """Await the event subprocesses, and start inside."""
        instance = token.workflow
        open_event_subprocesses(token)
        start = instance.model.node(token.internal_data.pop("start"))
        if not instance.conditions.interrupt(token):
            instance.enter(start, token)
        return False


def open_event_subprocesses(scope: Token) -> None:
    """Put a wait for each event subprocess into a scope. Raises :class:`Failure` where one cannot be awaited."""
    for event_subprocess in scope.task_spec.event_subprocesses:
        event_subprocess.start.wait_on(scope)
