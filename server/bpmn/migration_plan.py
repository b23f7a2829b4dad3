"""A plan for a migration: elements with equal ids first, suggestions for the rest, and reasons for what is left.

A suggestion is scored between 0 and 1: half by how alike the names are, half by how many of the neighbours are
mapped to each other. It is for a person to accept; nothing is migrated by a suggestion alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from server.messages import Finding, Message

from .element_words import ELEMENT_WORDS, with_article
from .errors import reason
from .events import BoundaryEvent
from .flow_node import FlowNode
from .migration_rules import pair_faults
from .model import ProcessModel

LEAST_SCORE = 0.4
"""Suggestions below this are guesses and left out."""


@dataclass(frozen=True, slots=True)
class PlannedMapping:
    """What an element becomes, how sure that is (0 to 1) and by what it was found."""

    source_id: str
    target_id: str
    score: float
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """A mapping by equal ids, suggestions, and the source's elements for which there is neither."""

    mappings: tuple[PlannedMapping, ...]
    suggestions: tuple[PlannedMapping, ...]
    unmapped: tuple[Finding, ...]
    added: tuple[str, ...]

    def mapping(self, least_score: float = 1.0) -> dict[str, str]:
        """The mapping by equal ids and by the suggestions with at least this score."""
        chosen = (planned for planned in (*self.mappings, *self.suggestions) if planned.score >= least_score)
        return {planned.source_id: planned.target_id for planned in chosen}


def plan_migration(source: ProcessModel, target: ProcessModel) -> MigrationPlan:
    """A plan by which instances of ``source`` can go over to ``target``."""
    mapping: dict[str, str] = {}
    equal, faults = [], {}
    for node in _outermost_first(source):
        name = node.element.id
        if name not in target.elements:
            continue
        found = pair_faults(node, target.node(name), mapping)
        if found:
            faults[name] = found[0]
        else:
            mapping[name] = name
            equal.append(PlannedMapping(name, name, 1.0, (_SAME_ID,)))
    suggestions = list(_suggest(source, target, mapping))
    unmapped = [
        faults.get(node.element.id) or _gone(node)
        for node in _outermost_first(source)
        if node.element.id not in mapping
    ]
    taken = set(mapping.values())
    added = tuple(node.element.id for node in target.nodes if node.element.id not in taken)
    return MigrationPlan(tuple(equal), tuple(suggestions), tuple(unmapped), added)


def inverse_mapping(source: ProcessModel, target: ProcessModel, mapping: Mapping[str, str]) -> dict[str, str]:
    """The mapping back from ``target`` to ``source``.

    What several elements became is not mapped back; elements that the mapping did not name go by equal ids.
    """
    targets = list(mapping.values())
    back = {other: one for one, other in mapping.items() if targets.count(other) == 1}
    for node in _outermost_first(target):
        name = node.element.id
        if name not in targets and name in source.elements and not pair_faults(node, source.node(name), back):
            back[name] = name
    return back


def _outermost_first(model: ProcessModel) -> list[FlowNode]:
    """The nodes, every scope before what is inside it and every activity before its boundary events."""

    def depth(node: FlowNode) -> tuple[int, bool]:
        deep, parent = 0, node.element.parent_id
        while parent is not None:
            deep, parent = deep + 1, model.elements[parent].parent_id
        return deep, isinstance(node, BoundaryEvent)

    return sorted(model.nodes, key=depth)


def _suggest(source: ProcessModel, target: ProcessModel, mapping: dict[str, str]) -> Iterator[PlannedMapping]:
    """Suggestions, the best first; each becomes part of ``mapping`` and helps to find the next."""
    while True:
        taken = set(mapping.values())
        left = [node for node in _outermost_first(source) if node.element.id not in mapping]
        free = [node for node in target.nodes if node.element.id not in taken]
        scored = [
            (_score(node, other, mapping), node, other)
            for node in left
            for other in free
            if not pair_faults(node, other, mapping)
        ]
        best = max(scored, key=lambda found: found[0], default=None)
        if best is None or best[0] < LEAST_SCORE:
            return
        score, node, other = best
        reasons = tuple(_reasons(node, other, mapping))
        mapping[node.element.id] = other.element.id
        yield PlannedMapping(node.element.id, other.element.id, score, reasons)


def _score(source: FlowNode, target: FlowNode, mapping: Mapping[str, str]) -> float:
    if source.element.id == target.element.id:
        return 0.99  # not 1: it stands in a scope that is itself only suggested
    return round(min(0.99, 0.5 * _likeness(source, target) + 0.5 * _nearness(source, target, mapping)), 2)


def _likeness(source: FlowNode, target: FlowNode) -> float:
    one, other = source.element.name, target.element.name
    return SequenceMatcher(None, one, other).ratio() if one and other else 0.0


def _nearness(source: FlowNode, target: FlowNode, mapping: Mapping[str, str]) -> float:
    """The share of the neighbours that are mapped to each other."""
    one, other = _neighbours(source), _neighbours(target)
    met = {mapping[name] for name in one if name in mapping} & other
    return len(met) / max(len(one), len(other), 1)


def _neighbours(node: FlowNode) -> set[str]:
    found = {flow.source for flow in node.incoming} | {target.element.id for _, target in node.outgoing}
    if isinstance(node, BoundaryEvent):
        found.add(node.attached_to.element.id)
    return found


_SAME_ID = Message("migrate.same-id", "标识相同", "the same id")


def _reasons(source: FlowNode, target: FlowNode, mapping: Mapping[str, str]) -> Iterator[Message]:
    if source.element.id == target.element.id:
        yield _SAME_ID
    zh, en = ELEMENT_WORDS[source.element.type]
    yield Message("migrate.same-type", f"同为{zh}，在同一作用域", f"each {with_article(en)}, in the same scope")
    likeness, nearness = _likeness(source, target), _nearness(source, target, mapping)
    if likeness:
        share = f"{likeness:.0%}"
        yield Message("migrate.names", f"名称相似 {share}", f"names {share} alike")
    if nearness:
        share = f"{nearness:.0%}"
        yield Message("migrate.neighbours", f"相邻元素 {share} 对应", f"{share} of the neighbours correspond")


def _gone(node: FlowNode) -> Finding:
    return reason(
        "migrate-gone",
        node.element.id,
        f"目标版本中没有与 {node.where} 相当的元素；有令牌停在那里的实例须先用修改移开令牌。",
        f"The target version has nothing like {node.where}; instances with a token there need a modification first.",
    )
