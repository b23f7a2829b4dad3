"""What holds of every model: generated block-structured processes, run with their waits answered in any order."""

from __future__ import annotations

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn.effects import (
    ElementActivated,
    ElementEnded,
    JobClosed,
    JobOpened,
    ProcessEnded,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    UserTaskClosed,
    UserTaskOpened,
)

from .diagrams import (
    END,
    START,
    World,
    boundary,
    condition,
    escalation,
    escalation_definition,
    event_subprocess,
    flow,
    job,
    message,
    message_definition,
    model,
    node,
    timer,
)

LEAVES = ("userTask", "serviceTask", "timer", "message", "guarded", "looped", "undone")


def combined(inner, kinds):
    return st.one_of(*(st.tuples(st.just(kind), st.lists(inner, min_size=low, max_size=3)) for kind, low in kinds))


BRANCHING = (("row", 1), ("parallel", 2), ("inclusive", 2), ("choice", 2), ("sub", 1))
blocks = st.recursive(st.sampled_from(LEAVES), lambda inner: combined(inner, BRANCHING), max_leaves=8)
# What runs in an event subprocess is no branch: it shares the variables, and the last write counts.
watched_blocks = st.recursive(
    st.sampled_from(LEAVES), lambda inner: combined(inner, (*BRANCHING, ("watched", 2))), max_leaves=8
)


COMPENSATE = "<bpmn:compensateEventDefinition/>"


def undo(activity: str) -> list[str]:
    """A compensation handler of ``activity``."""
    event, handler = f"c_{activity}", f"undo_{activity}"
    return [
        boundary(event, activity, COMPENSATE),
        node("userTask", handler, isForCompensation="true"),
        f'<bpmn:association id="a_{activity}" sourceRef="{event}" targetRef="{handler}"/>',
    ]


class Drawing:
    """Draws a block as BPMN: every method returns the first and the last element of what it drew."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.parts: list[str] = []

    def block(self, block) -> tuple[str, str]:
        if isinstance(block, str):
            return self.leaf(block)
        kind, inner = block
        if kind == "sub":
            return self.subprocess(inner)
        if kind == "watched":
            return self.subprocess(inner[1:], inner[0])
        if kind == "row":
            ends = [self.block(b) for b in inner]
            self.parts += [flow(a[1], b[0]) for a, b in itertools.pairwise(ends)]
            return ends[0][0], ends[-1][1]
        tag = {"parallel": "parallelGateway", "inclusive": "inclusiveGateway"}.get(kind, "exclusiveGateway")
        first, last = self.id("split"), self.id("join")
        ends = [self.block(b) for b in inner]
        default = {} if kind == "parallel" else {"default": f"{first}_{ends[-1][0]}"}
        self.parts += [node(tag, first, **default), node(tag, last)]
        for position, (begin, finish) in enumerate(ends):
            comparison = "<=" if kind == "inclusive" else "="
            condition = f"choice {comparison} {position}" if default and position < len(ends) - 1 else None
            self.parts += [flow(first, begin, condition), flow(finish, last)]
        return first, last

    def subprocess(self, inner, handler=None) -> tuple[str, str]:
        outer, self.parts = self.parts, []
        start, end, name = self.id("s"), self.id("e"), self.id("sub")
        begin, finish = self.block(("row", inner))
        if handler is not None:
            self.event_subprocess(message(), handler, interrupting=True)
            self.event_subprocess(timer("cycle", "R2/P1D"), "serviceTask", interrupting=False)
            self.event_subprocess(condition("n > 5"), "userTask", interrupting=False)
            self.event_subprocess(escalation(), "timer", interrupting=True)
            late = self.id("escalated")
            self.parts += [node("intermediateThrowEvent", late, escalation()), flow(finish, late)]
            finish = late
        self.parts += [node("startEvent", start), node("endEvent", end), flow(start, begin), flow(finish, end)]
        drawn = node("subProcess", name, *self.parts)
        self.parts = [*outer, drawn]
        return name, name

    def event_subprocess(self, definition: str, handler, *, interrupting: bool) -> None:
        """An event subprocess with a block inside; added to the scope that is being drawn."""
        outer, self.parts = self.parts, []
        name = self.id("esp")
        begin, finish = self.block(handler)
        end = self.id("e")
        self.parts += [node("endEvent", end), flow(f"{name}_start", begin), flow(finish, end)]
        drawn = event_subprocess(name, definition, *self.parts, interrupting=interrupting)
        self.parts = [*outer, drawn]

    def leaf(self, kind: str) -> tuple[str, str]:
        id_ = self.id(kind)
        if kind == "timer":
            self.parts.append(node("intermediateCatchEvent", id_, timer("duration", "P1D")))
        elif kind == "message":
            self.parts.append(node("intermediateCatchEvent", id_, message()))
        elif kind == "looped":
            loop = '<bpmn:standardLoopCharacteristics loopMaximum="2"/>'
            self.parts.append(node("userTask", id_, loop))
        elif kind == "undone":
            throw = self.id("throw")
            self.parts += [node("userTask", id_), *undo(id_), node("intermediateThrowEvent", throw, COMPENSATE)]
            self.parts.append(flow(id_, throw))
            return id_, throw
        elif kind == "guarded":
            late, merge = self.id("late"), self.id("merge")
            self.parts += [
                node("userTask", id_),
                boundary(late, id_, timer("duration", "P2D")),
                node("exclusiveGateway", merge),
                flow(id_, merge),
                flow(late, merge),
            ]
            return id_, merge
        else:
            self.parts.append(node(kind, id_, ext=job("work") if kind == "serviceTask" else ""))
        return id_, id_

    def id(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"


OPEN = {
    UserTaskOpened: "complete_user_task",
    JobOpened: "complete_job",
    TimerSet: "fire_timer",
    SubscriptionOpened: "deliver_message",
}
CLOSE = (UserTaskClosed, JobClosed, TimerCleared, SubscriptionClosed)


class Waits:
    """The open waits of an instance, kept only from its effects, as the database keeps them."""

    def __init__(self) -> None:
        self.open: dict[int, str] = {}
        self.elements: set[int] = set()

    def take(self, effects) -> None:
        for effect in effects:
            for kind, stimulus in OPEN.items():
                if isinstance(effect, kind):
                    assert effect.key not in self.open
                    self.open[effect.key] = stimulus
            if isinstance(effect, CLOSE):
                del self.open[effect.key]
            elif isinstance(effect, ElementActivated):
                self.elements.add(effect.key)
            elif isinstance(effect, ElementEnded):
                self.elements.remove(effect.key)


@settings(max_examples=150, deadline=None)
@given(block=watched_blocks, choice=st.integers(0, 2), seed=st.integers(0, 10_000), stop_after=st.integers(0, 30))
def test_tokens_are_conserved_and_nothing_is_left_behind(block, choice, seed, stop_after):
    drawing = Drawing()
    begin, finish = drawing.block(block)
    process = model(
        START,
        *drawing.parts,
        END,
        flow("start", begin),
        flow(finish, "end"),
        definitions=message_definition() + escalation_definition(),
    )
    world, waits, order = World(process), Waits(), random.Random(seed)
    world.start(loan="L", choice=choice)
    waits.take(world.effects)
    for step in range(200):
        if world.execution.ended:
            break
        assert waits.open, world.waiting()  # an active instance waits for something
        if step == stop_after:
            world.execution.cancel()
            waits.take(world.execution.effects)
            break
        key, stimulus = order.choice(sorted(waits.open.items()))
        getattr(world.execution, stimulus)(key, *([] if stimulus == "fire_timer" else [{f"n{key}": step}]))
        world._store()
        waits.take(world.effects)
    assert world.execution.ended
    assert not waits.open
    assert not waits.elements
    assert set(world.execution.variables) == {""}
    effects = world.execution.effects if not world.effects or world.execution.effects else world.effects
    assert len([e for e in effects if isinstance(e, ProcessEnded)]) == 1


@settings(max_examples=150, deadline=None)
@given(block=blocks, seed=st.integers(0, 10_000))
def test_no_edit_is_lost_however_late_a_whole_document_comes_back(block, seed):
    drawing = Drawing()
    begin, finish = drawing.block(block)
    process = model(
        START,
        *drawing.parts,
        END,
        flow("start", begin),
        flow(finish, "end"),
        definitions=message_definition() + escalation_definition(),
    )
    world, waits, order = World(process), Waits(), random.Random(seed)
    world.start(loan="L", choice=0, doc={"nested": {}})
    seen, edits = {}, {}
    while not world.execution.ended:
        waits.take(world.effects)
        for key in waits.open:
            seen.setdefault(key, world["doc"])  # what whoever works on it was given
        key, stimulus = order.choice(sorted(waits.open.items()))
        if stimulus == "fire_timer":
            world.execution.fire_timer(key)
        else:
            edits[str(key)] = True
            nested = {**seen[key]["nested"], str(key): True}
            getattr(world.execution, stimulus)(key, {"doc": {**seen[key], "nested": nested}})
        world._store()
    assert world["doc"]["nested"] == edits
