"""Two engines agree: one that is stored and restored after every step, and one that never is.

The models are drawn at random and unstructured: gateways of all kinds in any order, loops, several flows into an
activity, joins that may never be satisfied. What the gate lets through runs on both with the same stimuli; effects,
variables and what is awaited must be the same after every step, and nothing may be left behind.
"""

from __future__ import annotations

import random
from unittest import mock

import hypothesis.strategies as st
from hypothesis import assume, event, given, settings

from server.bpmn import BpmnError, Execution, ProcessModel, instance

from .diagrams import END, START, World, boundary, flow, job, message, message_definition, model, node, timer
from .test_properties import Waits

KINDS = (
    "userTask",
    "serviceTask",
    "subProcess",
    "exclusiveGateway",
    "parallelGateway",
    "inclusiveGateway",
    "guarded",
    "endEvent",
)


@st.composite
def drawings(draw) -> tuple[str, ...]:
    """The parts of a process of up to nine nodes with up to fourteen flows between any of them."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=9))
    names = [f"n{i}" for i in range(len(kinds))]
    flows = {("start", names[0])}
    for index, name in enumerate(names[1:], 1):  # each node can be reached
        flows.add((draw(st.sampled_from(["start", *names[:index]])), name))
    for _ in range(draw(st.integers(0, 6))):
        flows.add((draw(st.sampled_from(names)), draw(st.sampled_from(names))))
    ends = {name for name, kind in zip(names, kinds, strict=True) if kind == "endEvent"}
    flows = {(source, target) for source, target in flows if source not in ends}
    parts = []
    for name, kind in zip(names, kinds, strict=True):
        outgoing = sorted(target for source, target in flows if source == name)
        parts += _drawn(name, kind, outgoing)
        for position, target in enumerate(outgoing):
            choosing = kind in ("exclusiveGateway", "inclusiveGateway") and position < len(outgoing) - 1
            parts.append(flow(name, target, f"modulo(n, {position + 2}) = 0" if choosing else None))
    parts += [flow("start", target) for source, target in sorted(flows) if source == "start"]
    return (START, *parts, END, flow(names[0], "end") if kinds[0] != "endEvent" else flow("start", "end"))


def _drawn(name: str, kind: str, outgoing: list[str]) -> list[str]:
    if kind == "subProcess":
        inner = (node("startEvent", f"{name}s"), node("userTask", f"{name}t"), node("endEvent", f"{name}e"))
        return [node(kind, name, *inner, flow(f"{name}s", f"{name}t"), flow(f"{name}t", f"{name}e"))]
    if kind == "guarded":
        return [
            node("userTask", name),
            boundary(f"{name}late", name, timer("cycle", "R/P1D"), interrupting=False),
            boundary(f"{name}paid", name, message()),
            node("endEvent", f"{name}x"),
            flow(f"{name}late", f"{name}x"),
            flow(f"{name}paid", outgoing[0] if outgoing else f"{name}x"),
        ]
    default = {}
    if kind in ("exclusiveGateway", "inclusiveGateway") and outgoing:
        default = {"default": f"{name}_{outgoing[-1]}"}
    return [node(kind, name, ext=job("work") if kind == "serviceTask" else "", **default)]


class NeverStored(World):
    """A world that keeps its execution in memory, and shows the effects of the last step all the same."""

    seen = 0

    def _store(self) -> None:
        self.effects = self.execution.effects[self.seen :]
        self.seen = len(self.execution.effects)


def state(execution: Execution) -> tuple:
    tokens = [
        (t.id, t._parent, None if t.is_root else t.task_spec.name, int(t._state), dict(t.internal_data))
        for t in execution._instance.tasks.values()
    ]
    return sorted(tokens, key=lambda token: token[0]), execution.variables


def plain(value):
    """Tuples as the lists that a snapshot makes of them."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


@settings(max_examples=150, deadline=None)
@given(parts=drawings(), seed=st.integers(0, 10_000))
def test_a_stored_instance_has_the_same_future_as_one_that_never_was(parts, seed):
    try:
        process = model(*parts, definitions=message_definition())
    except BpmnError:
        assume(False)
    with mock.patch.object(instance, "STEP_BUDGET", 1_000):  # many of these models loop without end
        agree(process, seed)


def agree(process: ProcessModel, seed: int) -> None:
    stored, kept = World(process), NeverStored(process)
    waits, order = Waits(), random.Random(seed)
    for world in (stored, kept):
        world.start(n=seed % 7, loan="L")
    for _ in range(25):
        assert stored.effects == kept.effects
        waits.take(stored.effects)
        assert stored.execution.ended == kept.execution.ended
        if stored.execution.ended:
            break
        assert plain(state(stored.execution)) == plain(state(kept.execution))
        if not waits.open or len(stored.execution._instance.tasks) > 200:  # stands still, or multiplies without end
            break
        key, stimulus = order.choice(sorted(waits.open.items()))
        arguments = [] if stimulus == "fire_timer" else [{"n": order.randrange(12)}]
        for world in (stored, kept):
            getattr(world.execution, stimulus)(key, *arguments)
            world._store()
    else:
        waits.take(stored.effects)
    event("ended" if stored.execution.ended else "waits" if waits.open else "stands still")
    if not stored.execution.ended:
        stored.execution.cancel()
        waits.take(stored.execution.effects)
    assert not waits.open
    assert not waits.elements
    assert set(stored.execution.variables) == {""}
