"""What holds of every migration: an instance that goes over waits for just what it waited for, and can end."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.bpmn import ProcessModel, plan_migration
from server.bpmn.effects import ElementMigrated

from .diagrams import END, START, flow, message_definition, model, node
from .test_modification_properties import Operated
from .test_properties import Drawing, blocks


def versions(block: Any) -> tuple[ProcessModel, ProcessModel]:
    """A process, and the same with a task before and one after it, so that its elements have other numbers."""
    drawing = Drawing()
    begin, finish = drawing.block(block)
    old = model(START, *drawing.parts, END, flow("start", begin), flow(finish, "end"), definitions=message_definition())
    new = model(
        START,
        node("userTask", "first"),
        *reversed(drawing.parts),
        node("userTask", "last"),
        END,
        flow("start", "first"),
        flow("first", begin),
        flow(finish, "last"),
        flow("last", "end"),
        definitions=message_definition(),
    )
    return old, new


@settings(max_examples=100, deadline=None)
@given(block=blocks, choice=st.integers(0, 2), seed=st.integers(0, 10_000), when=st.integers(0, 12))
def test_a_migrated_instance_keeps_its_waits_and_completes(block, choice, seed, when):
    old, new = versions(block)
    assert set(plan_migration(old, new).mapping()) == set(old.elements)
    case, order = Operated(old, choice), random.Random(seed)
    for step in range(200):
        if case.world.execution.ended:
            break
        if step == when:
            waits, waiting = dict(case.waits.open), case.world.waiting()
            case.world.execution.migrate(new, case.world.services(), plan_migration(old, new).mapping())
            effects, case.world.process = case.world.execution.effects, new
            assert {type(effect) for effect in effects} == {ElementMigrated}
            assert {effect.key for effect in effects} == set(case.world.execution._instance.tasks)
            case.world._store()
            case.look()
            assert (case.waits.open, case.world.waiting()) == (waits, waiting)
        case.answer(order)
    assert case.world.completed
    assert case.nothing_is_left()
