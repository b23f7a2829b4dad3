"""A scope of a process as a net of places and steps, with exactly the way tokens are moved when it is executed.

A place is a flow node, except before joins that count by sequence flow: there every incoming flow is a place. A row of
nodes with one way in and one way out is passed in one go. An activity is one step, whatever happens inside;
subprocesses are looked into by themselves, and what is known of their ends decides how they can be left. Conditions
are not evaluated: every choice that a gateway or an activity has is taken. Events are taken to come.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .events import BoundaryEvent
from .flow_node import FlowNode
from .model import ProcessModel, SequenceFlow
from .state_space import ABORTED, DONE, Cluster, Inclusive, Net, Step
from .subprocesses import SubProcess
from .timers import TimerDefinition

SPAWNS = 2
"""How often the boundary events of one activity may go on beside it in the search; more adds nothing new."""
MOST_CONDITIONS = 10
"""Conditional flows of one node of which every subset is tried."""

AT_ONCE = frozenset(
    {"START_EVENT", "EXCLUSIVE_GATEWAY", "PARALLEL_GATEWAY", "INCLUSIVE_GATEWAY", "TASK", "MANUAL_TASK", "END_EVENT"}
)
"""Element types that a token never rests in."""

Flows = tuple[SequenceFlow, ...]


class TooManyConditions(Exception):
    """A node has so many conditional flows that not every combination can be tried."""

    def __init__(self, node: FlowNode) -> None:
        super().__init__(node.element.id)
        self.node = node


@dataclass(frozen=True, slots=True)
class Ends:
    """How a scope can end: by its own ends, or left by an error or a cancellation."""

    done: bool
    aborted: bool


@dataclass(frozen=True, slots=True)
class ScopeNet:
    """The net of one scope; ``nodes`` and ``flows`` say what each place stands for."""

    net: Net
    nodes: tuple[FlowNode, ...]
    flows: tuple[SequenceFlow | None, ...]
    order: tuple[FlowNode, ...]
    concurrent: bool
    cyclic: bool

    def choices(self, element_id: str) -> int:
        """In how many ways the element can be left."""
        return max((len(c.steps) for c in self.net.clusters if c.steps and c.steps[0].element == element_id), default=1)


def event_kind(node: FlowNode) -> str:
    """The kind of event at a node: ``Timer``, ``Error``, ``Condition``, ``Compensat`` ...; empty for none events."""
    definition = getattr(node, "event_definition", None)
    name = "" if definition is None else type(definition).__name__
    for kind in ("Terminate", "Error", "Escalation", "Cancel", "Compensat", "Link", "Condition", "Signal"):
        if name.startswith(kind):
            return kind
    if isinstance(definition, TimerDefinition):
        return "Timer"
    return "Message" if name.startswith("Message") else ""


def is_counting_join(node: FlowNode) -> bool:
    """Whether tokens are counted by incoming flow before the node."""
    return node.element.type in ("PARALLEL_GATEWAY", "INCLUSIVE_GATEWAY") and len(node.incoming) > 1


def scope_nodes(model: ProcessModel, scope: str | None) -> list[FlowNode]:
    """The flow nodes directly in a scope: the process (None) or a subprocess."""
    return [node for node in model.nodes if node.element.parent_id == scope]


def scope_net(model: ProcessModel, scope: str | None, inner: Mapping[str, Ends]) -> ScopeNet:
    """The net of a scope. ``inner`` are the ends of the subprocesses in it. Raises :class:`TooManyConditions`."""
    starts = [node for node in scope_nodes(model, scope) if node.element.type == "START_EVENT"]
    order, cyclic = _order(starts)
    asks = any(node.element.type == "INCLUSIVE_GATEWAY" and is_counting_join(node) for node in order)
    builder = _Builder(inner, order, asks=asks)
    for node in order:
        builder.add_places(node)
    for node in order:
        builder.add_cluster(node)
    net = Net(tuple(builder.clusters), tuple(builder.cluster_of), tuple(builder.place_of[n.name] for n in starts))
    return ScopeNet(
        net, tuple(builder.nodes), tuple(builder.flows), tuple(order), builder.concurrent, cyclic and builder.concurrent
    )


def _order(starts: Sequence[FlowNode]) -> tuple[list[FlowNode], bool]:
    """The nodes that can be reached, nearest to the start first, and whether there is a loop among them."""
    left: dict[str, bool] = {}  # entered -> left
    order: list[FlowNode] = []
    cyclic = False
    for start in starts:
        if start.name in left:
            continue
        left[start.name] = False
        stack = [(start, start.successors())]
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                left[node.name] = True
                order.append(node)
            elif target.name not in left:
                left[target.name] = False
                stack.append((target, target.successors()))
            elif not left[target.name]:
                cyclic = True
    order.reverse()
    return order, cyclic


def flow_choices(node: FlowNode) -> list[Flows]:
    """Every set of flows over which a token can leave ``node``. Raises :class:`TooManyConditions`."""
    flows = [flow for flow, _ in node.outgoing]
    if node.element.type in ("EXCLUSIVE_GATEWAY", "EVENT_BASED_GATEWAY"):
        return [(flow,) for flow in flows] or [()]
    if not node.has_conditions:
        return [tuple(flows)]
    always = [f for f in flows if f.condition is None and not f.is_default]
    maybe = [f for f in flows if f.condition is not None and not f.is_default]
    if len(maybe) > MOST_CONDITIONS:
        raise TooManyConditions(node)
    found: list[Flows] = []
    for size in range(len(maybe) + 1):
        for chosen in itertools.combinations(maybe, size):
            if chosen or always:
                found.append((*always, *chosen))
    if not always:
        found += [(f,) for f in flows if f.is_default]
    return found


class _Builder:
    def __init__(self, inner: Mapping[str, Ends], order: Sequence[FlowNode], *, asks: bool) -> None:
        self.inner = inner
        self.order = order
        self.asks = asks  # whether an inclusive join asks what else can still move
        self.nodes: list[FlowNode] = []
        self.flows: list[SequenceFlow | None] = []
        self.cluster_of: list[int] = []
        self.clusters: list[Cluster] = []
        self.place_of: dict[str, int] = {}
        self.spawned: dict[str, dict[tuple[int, ...], int]] = {}
        self.concurrent = False

    def _place(self, node: FlowNode, flow: SequenceFlow | None) -> int:
        self.nodes.append(node)
        self.flows.append(flow)
        self.cluster_of.append(-1)
        return len(self.nodes) - 1

    def add_places(self, node: FlowNode) -> None:
        if is_counting_join(node):
            for flow in node.incoming:
                self.place_of[f"flow {flow.id}"] = self._place(node, flow)
        elif not self._is_passed(node):
            self._add_spawned(node)

    def _is_passed(self, node: FlowNode) -> bool:
        """Whether a token that comes to ``node`` always goes on over its one flow."""
        if len(node.incoming) != 1 or len(node.outgoing) != 1 or node.boundary_events or node.has_conditions:
            return False
        if node.outgoing[0][1].element.type == "END_EVENT":
            return False  # tokens of one branch that meet at an end do no harm there, but they do before
        if self.asks and node.element.type not in AT_ONCE and node.outgoing[0][1].element.type in AT_ONCE:
            return False  # it makes a difference to inclusive joins whether a token still waits or moves on at once
        return node.element.type not in ("START_EVENT", "BOUNDARY_EVENT") and node.element.id not in self.inner

    def _way(self, flow: SequenceFlow, target: FlowNode) -> tuple[int, tuple[str, ...]]:
        """Where a token comes to rest that goes over ``flow``, and what it passes."""
        passed = []
        while self._is_passed(target):
            passed.append(target.element.id)
            flow, target = target.outgoing[0]
        own = self.place_of.get(f"flow {flow.id}")
        return self.place_of[target.name] if own is None else own, tuple(passed)

    def add_cluster(self, node: FlowNode) -> None:
        if is_counting_join(node):
            cluster = self._join(node)
        elif self._is_passed(node):
            return
        else:
            cluster = Cluster(tuple(self._steps(node)), waits=node.element.type not in AT_ONCE)
        number = len(self.clusters)
        self.clusters.append(cluster)
        for place, owner in enumerate(self.nodes):
            if owner is node:
                self.cluster_of[place] = number

    def _join(self, node: FlowNode) -> Cluster:
        places = tuple(self.place_of[f"flow {flow.id}"] for flow in node.incoming)
        outcomes = tuple(self._outcomes(node))
        if node.element.type == "PARALLEL_GATEWAY":
            steps = tuple(Step(node.element.id, places, gives, passed) for gives, passed in outcomes)
            return Cluster(steps, waits=False)
        feeders = tuple(self._feeders(node, flow) for flow in node.incoming)
        return Cluster(inclusive=Inclusive(places, feeders, outcomes, node.element.id))

    def _feeders(self, join: FlowNode, flow: SequenceFlow) -> frozenset[int]:
        """The places from which a token can come to ``flow`` without passing ``join``."""
        before: dict[str, list[FlowNode]] = {}
        for node in self.order:
            if node is not join:
                for target in node.successors():
                    before.setdefault(target.name, []).append(node)
        todo = [node for node in self.order if node.name == flow.source and node is not join]
        seen: set[str] = set()
        while todo:
            node = todo.pop()
            if node.name not in seen:
                seen.add(node.name)
                todo.extend(before.get(node.name, ()))
        return frozenset(place for place, node in enumerate(self.nodes) if node.name in seen)

    def _outcomes(self, node: FlowNode) -> Iterator[tuple[tuple[int, ...], tuple[str, ...]]]:
        targets = {flow.id: target for flow, target in node.outgoing}
        jumps = [] if node.outgoing else [n for n in node.successors() if n not in node.boundary_events]
        for jump in jumps:  # a link event, which goes on where its name stands
            yield (self.place_of[jump.name],), ()
        for chosen in () if jumps else flow_choices(node):
            self.concurrent = self.concurrent or len(chosen) > 1
            ways = [self._way(flow, targets[flow.id]) for flow in chosen]
            yield tuple(place for place, _ in ways), tuple(name for _, passed in ways for name in passed)

    def _steps(self, node: FlowNode) -> Iterator[Step]:
        name, place = node.element.id, self.place_of[node.name]
        if node.element.type == "END_EVENT":
            kind = event_kind(node)
            clears = {"Terminate": DONE, "Error": ABORTED, "Cancel": ABORTED}.get(kind)
            yield Step(name, (place,), (), (), clears)
            return
        beside = [b for b in node.boundary_events if not b.cancel_activity]
        spawned = self.spawned[node.name]
        for fired, at in spawned.items():
            yield from self._ends_of(node, at)
            for event in node.boundary_events:
                if event.cancel_activity:
                    yield Step(name, (at,), (self.place_of[event.name],))
            for index, event in enumerate(beside):
                more = tuple(sorted((*fired, index)))
                if more in spawned:
                    yield Step(name, (at,), (spawned[more], self.place_of[event.name]))

    def _add_spawned(self, node: FlowNode) -> None:
        """The places of an activity by the boundary events that have gone on beside it."""
        beside = [b for b in node.boundary_events if not b.cancel_activity]
        places = self.spawned[node.name] = {(): self._place(node, None)}
        self.place_of[node.name] = places[()]
        self.concurrent = self.concurrent or bool(beside)
        for size in range(1, SPAWNS + 1):
            for fired in itertools.combinations_with_replacement(range(len(beside)), size):
                if all(event_repeats(beside[i]) or fired.count(i) == 1 for i in fired):
                    places[fired] = self._place(node, None)

    def _ends_of(self, node: FlowNode, place: int) -> Iterator[Step]:
        """How an activity ends by itself."""
        name = node.element.id
        ends = self.inner.get(name, Ends(True, False))
        loop = node.extensions.standard_loop
        several = isinstance(node, SubProcess) and (node.multi_instance is not None or loop is not None)
        left_by_error = ends.aborted and not any(event_kind(b) in ("Error", "Cancel") for b in node.boundary_events)
        if ends.done or several or not ends.aborted:
            for gives, passed in self._outcomes(node):
                yield Step(name, (place,), gives, passed)
        if left_by_error:
            yield Step(name, (place,), (), (), ABORTED)


def event_repeats(event: BoundaryEvent) -> bool:
    """Whether a non-interrupting boundary event can happen more than once for one activity."""
    definition = event.event_definition
    return not isinstance(definition, TimerDefinition) or definition.kind == "cycle"
