"""What holds of every modification: whatever is put in, taken away or sent back, nothing is left behind."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn import Activate, Modification, Move, ProcessModel, RepairRefused, ReturnTo, Terminate
from server.bpmn.effects import ProcessEnded

from .diagrams import END, START, World, flow, message_definition, model
from .test_properties import Drawing, Waits, blocks


def drawn(block: Any) -> ProcessModel:
    drawing = Drawing()
    begin, finish = drawing.block(block)
    return model(
        START, *drawing.parts, END, flow("start", begin), flow(finish, "end"), definitions=message_definition()
    )


class Operated:
    """An instance whose open waits are kept from its effects alone, and checked against its live tokens."""

    def __init__(self, process: ProcessModel, choice: int) -> None:
        self.world, self.waits, self.ends = World(process), Waits(), 0
        self.world.start(loan="L", choice=choice)
        self.look()

    def look(self) -> None:
        effects = self.world.effects
        self.waits.take(effects)
        self.ends += len([effect for effect in effects if isinstance(effect, ProcessEnded)])
        if not self.world.execution.ended:
            tokens = self.world.execution._instance.tasks
            assert set(self.waits.open) <= set(tokens)
            assert self.waits.elements == {key for key, token in tokens.items() if token.announced or token.is_root}
            assert {int(scope) for scope in self.world.execution.variables if scope} <= set(tokens)

    def answer(self, order: random.Random) -> None:
        key, stimulus = order.choice(sorted(self.waits.open.items()))
        getattr(self.world.execution, stimulus)(key, *([] if stimulus == "fire_timer" else [{f"n{key}": 1}]))
        self.world._store()
        self.look()

    def modify(self, **instructions: Any) -> bool:
        """Carry a modification out; where it is refused nothing has happened."""
        world = self.world
        execution = world.execution
        world._store()
        try:
            world.execution.modify(Modification(**instructions))
        except RepairRefused:
            world.execution = execution
            return False
        world._store()
        self.look()
        return True

    def nothing_is_left(self) -> bool:
        return (
            not self.waits.open
            and not self.waits.elements
            and set(self.world.execution.variables) == {""}
            and self.ends == 1
        )


def elements(world: World) -> list[str]:
    return sorted(world.process.elements)


@settings(max_examples=150, deadline=None)
@given(block=blocks, choice=st.integers(0, 2), seed=st.integers(0, 10_000))
def test_an_instance_that_is_sent_back_any_number_of_times_completes(block, choice, seed):
    case, order = Operated(drawn(block), choice), random.Random(seed)
    returns = 0
    for _ in range(400):
        if case.world.execution.ended:
            break
        assert case.waits.open, case.world.waiting()  # no join waits for what does not come
        if returns < 6 and order.random() < 0.3:
            returns += case.modify(return_to=(ReturnTo(order.choice(elements(case.world))),))
        else:
            case.answer(order)
    assert case.world.completed
    assert case.nothing_is_left()


@settings(max_examples=200, deadline=None)
@given(block=blocks, choice=st.integers(0, 2), seed=st.integers(0, 10_000))
def test_whatever_is_put_in_and_taken_away_no_wait_is_orphaned(block, choice, seed):
    case, order = Operated(drawn(block), choice), random.Random(seed)
    ids = elements(case.world)
    for _ in range(12):
        if case.world.execution.ended:
            break
        kind = order.randrange(5)
        if kind == 0 and case.waits.open:
            case.answer(order)
        elif kind == 1:
            case.modify(activate=(Activate(order.choice(ids), after=order.random() < 0.3),))
        elif kind == 2:
            case.modify(terminate=(Terminate(order.choice(case.world.waiting())),))
        elif kind == 3:
            ancestor = order.choice(("direct", "inferred", "sourceParent"))
            source = order.choice(case.world.waiting())
            case.modify(move=(Move(order.choice(ids), source_id=source, ancestor=ancestor),))
        else:
            keys = sorted(case.waits.elements - {100})
            if keys:
                case.modify(terminate=(Terminate(key=order.choice(keys)),), activate=(Activate(order.choice(ids)),))
    if not case.world.execution.ended:
        case.world.execution.cancel()
        case.waits.take(case.world.execution.effects)
        case.ends += 1
    assert case.nothing_is_left()
