"""What may come next in an instance: the elements that its tokens can reach, nearest first.

An expectation, no promise: which way a decision goes is only known when it is taken, and events may change
everything. Nothing is evaluated. What only an exception leads to (boundary events, event subprocesses, compensation)
is left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .model import Element, ProcessModel

EXPECTED = frozenset({"USER_TASK", "CALL_ACTIVITY"})
"""The types of elements that people wait for."""
_CHOICES = frozenset({"EXCLUSIVE_GATEWAY", "INCLUSIVE_GATEWAY", "EVENT_BASED_GATEWAY"})
_SCOPES = frozenset({"SUB_PROCESS", "AD_HOC_SUB_PROCESS"})


@dataclass(frozen=True, slots=True)
class ExpectedStep:
    """An element that may come: how many elements away, and whether every way from there leads to it.

    ``is_certain`` is false where a gateway has to choose first. ``candidate_groups`` are those that the model names
    outright; where it computes them, there are none here.
    """

    element: Element
    distance: int
    is_certain: bool
    candidate_groups: tuple[str, ...] = ()


def expected_steps(model: ProcessModel, active: Iterable[str]) -> list[ExpectedStep]:
    """The user tasks and calls that may follow the elements which are active now, nearest first."""
    flows: dict[str, list[str]] = {}
    for flow in model.flows.values():
        flows.setdefault(flow.source, []).append(flow.target)
    entries = _entries(model)
    here = set(active)
    # A scope that is active goes on from inside; where the way through it ends, it goes on after it.
    scopes = {element.parent_id for element in map(model.elements.get, here) if element is not None}
    ways = deque((element_id, 0, True) for element_id in here - scopes if element_id in model.elements)
    best: dict[str, tuple[int, bool]] = {}
    while ways:
        element_id, distance, certain = ways.popleft()
        element = model.elements[element_id]
        certain = certain and not (element.type in _CHOICES and len(flows.get(element_id, ())) > 1)
        following = list(flows.get(element_id, ()))
        if element.type in _SCOPES and distance > 0:
            following = entries.get(element_id) or following
        elif not following and element.parent_id is not None and element.parent_id in model.elements:
            following = flows.get(element.parent_id, [])
        for target in following:
            known = best.get(target)
            if known is None or (certain and not known[1]):
                best[target] = (known[0] if known else distance + 1, certain)
                ways.append((target, distance + 1, certain))
    return sorted(
        (
            ExpectedStep(model.elements[found], distance, certain, _groups(model, found))
            for found, (distance, certain) in best.items()
            if model.elements[found].type in EXPECTED
        ),
        key=lambda step: (step.distance, step.element.line),
    )


def _entries(model: ProcessModel) -> dict[str, list[str]]:
    """Where each subprocess begins: its elements that nothing leads to, but for events that interrupt."""
    reached = {flow.target for flow in model.flows.values()}
    entries: dict[str, list[str]] = {}
    for element in model.elements.values():
        if element.parent_id is not None and element.id not in reached and element.type not in _NO_ENTRY:
            entries.setdefault(element.parent_id, []).append(element.id)
    return entries


_NO_ENTRY = frozenset({"BOUNDARY_EVENT", "EVENT_SUB_PROCESS"})


def _groups(model: ProcessModel, element_id: str) -> tuple[str, ...]:
    extensions: Any = getattr(model.spec.task_specs.get(element_id), "extensions", None)
    groups = None if extensions is None else extensions.assignment.candidate_groups
    if groups is None or not groups.is_literal:
        return ()
    return tuple(name.strip() for name in groups.text.split(",") if name.strip())
