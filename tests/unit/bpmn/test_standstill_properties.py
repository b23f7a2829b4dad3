"""Whatever the model: an instance that has come to rest waits for something, or has an incident that says why not.

The models are drawn at random, without any structure, in scopes within scopes; what waits is kept only from the
effects, as the database keeps it.
"""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.bpmn import Modification, ProcessModel, Terminate, instance
from server.bpmn.effects import IncidentCleared, IncidentRaised

from .diagrams import (
    START,
    World,
    boundary,
    event_subprocess,
    flow,
    message,
    message_definition,
    model,
    node,
    timer,
)
from .test_properties import Waits

TAGS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}
KINDS = ("task", "pass", "xor", "and", "and", "or", "timed", "beside", "sub", "sub", "many", "end")
GUARDS = ("none", "none", "none", "boundary", "beside", "event", "event beside")
LOOP = (
    '<bpmn:multiInstanceLoopCharacteristics isSequential="false"><bpmn:extensionElements>'
    '<zeebe:loopCharacteristics inputCollection="=[1, 2]"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)


@st.composite
def graphs(draw: st.DrawFn, depth: int = 2):
    """Kinds of nodes, what each holds, and where each leads; the last node is an end."""
    size = draw(st.integers(2, 6))
    kinds = [draw(st.sampled_from(KINDS if depth else KINDS[:8])) for _ in range(size)] + ["end"]
    targets = [draw(st.lists(st.integers(0, size), min_size=1, max_size=2)) for _ in range(size + 1)]
    inside = [
        (draw(graphs(depth - 1)), draw(st.sampled_from(GUARDS))) if kind in ("sub", "many") else None for kind in kinds
    ]
    return kinds, inside, targets


class Drawing:
    """Draws graphs within graphs; every node has a prefix of its own."""

    def process(self, graph) -> ProcessModel:
        first, parts = self.scope(graph, "n")
        return model(START, flow("start", first), *parts, definitions=message_definition())

    def scope(self, graph, prefix: str) -> tuple[str, list[str]]:
        kinds, inside, targets = graph
        reached, todo = set(), [0]
        while todo:
            at = todo.pop()
            if at not in reached:
                reached.add(at)
                todo += [] if kinds[at] == "end" else targets[at]
        parts: list[str] = []
        for at in sorted(reached):
            self.node(parts, kinds[at], inside[at], f"{prefix}{at}")
            if kinds[at] != "end":
                to = [f"{prefix}{target}" for target in dict.fromkeys(targets[at])]
                parts += [flow(f"{prefix}{at}", target, *conditions(kinds[at], to, i)) for i, target in enumerate(to)]
        return f"{prefix}0", parts

    def node(self, parts: list[str], kind: str, inside, id_: str) -> None:
        if kind in ("sub", "many"):
            graph, guard = inside
            first, content = self.scope(graph, f"{id_}_")
            begin = f"{id_}_s"
            held = [LOOP if kind == "many" else "", node("startEvent", begin), flow(begin, first), *content]
            if guard.startswith("event"):
                held.append(event_subprocess(f"{id_}_w", message(), interrupting=guard == "event"))
            parts.append(node("subProcess", id_, *held))
            if guard in ("boundary", "beside"):
                self.guard(parts, id_, interrupting=guard == "boundary")
            return
        tag = {"end": "endEvent", "pass": "task"}.get(kind) or TAGS.get(kind, "userTask")
        parts.append(node(tag, id_))
        if kind in ("timed", "beside"):
            self.guard(parts, id_, interrupting=kind == "timed")

    @staticmethod
    def guard(parts: list[str], id_: str, *, interrupting: bool) -> None:
        parts += [
            boundary(f"{id_}_b", id_, timer("duration", "P1D"), interrupting=interrupting),
            node("endEvent", f"{id_}_late"),
            flow(f"{id_}_b", f"{id_}_late"),
        ]


def conditions(kind: str, targets: list[str], number: int) -> list[str]:
    """One flow of an exclusive gateway is taken, one or both of an inclusive one."""
    texts = {"xor": ("n > 5", "n <= 5"), "or": ("n > 3", "n < 7")}.get(kind)
    return [] if texts is None or len(targets) < 2 else [texts[number]]


class Told(Waits):
    """The open waits and the open incidents, from the effects."""

    def __init__(self) -> None:
        super().__init__()
        self.incidents: dict[int, str] = {}

    def take(self, effects) -> None:
        super().take(effects)
        for effect in effects:
            if isinstance(effect, IncidentRaised):
                assert effect.key not in self.incidents
                self.incidents[effect.key] = effect.message.code
            elif isinstance(effect, IncidentCleared):
                del self.incidents[effect.key]

    @property
    def stuck(self) -> list[int]:
        return sorted(key for key, code in self.incidents.items() if code == "bpmn.stuck-join")

    def check(self) -> None:
        """What waits, or another incident, can still wake the instance; else every join is told of."""
        others = len(self.incidents) - len(self.stuck)
        assert bool(self.stuck) != bool(self.open or others)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=graphs(), seed=st.integers(0, 10_000))
def test_an_instance_at_rest_waits_for_something_or_says_why_it_does_not(graph, seed, monkeypatch):
    monkeypatch.setattr(instance, "STEP_BUDGET", 300)  # loops without a wait are an incident soon
    world, told, order = World(Drawing().process(graph)), Told(), random.Random(seed)
    world.start(loan="L", n=order.randint(0, 10))
    for _ in range(40):
        told.take(world.effects)
        if world.execution.ended or len(told.elements) > 300:
            break
        told.check()
        world.execution.set_variables(100, {"n": order.randint(0, 10)})
        if told.open:
            key, stimulus = order.choice(sorted(told.open.items()))
            getattr(world.execution, stimulus)(key, *([] if stimulus == "fire_timer" else [{}]))
        elif not told.stuck:
            break
        elif order.random() < 0.3:
            world.execution.retry(order.choice(told.stuck))
        else:
            world.execution.modify(Modification(terminate=(Terminate(key=order.choice(told.stuck)),)))
        world._store()
    if world.execution.ended:
        assert not told.open
        assert not told.incidents
