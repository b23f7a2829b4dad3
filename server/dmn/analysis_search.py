"""The search behind the analysis of decision tables: rules as hyper-rectangles over the regions of their inputs.

(D. Calvanese, M. Dumas and others, "Semantics and Analysis of DMN Decision Tables", BPM 2016.) Regions in which the
same rules hold are one class. The search goes down dimension by dimension with the rules still alive as a bit mask,
stops where the answer is certain, and remembers what it found for a mask, so that equal parts are searched once.
Everything here is about bit masks; what they mean is known to the callers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Final

OutOfTime = Callable[[], bool]
"""Says whether the time that was given is used up."""

Decide = Callable[[int, int], bool | None]
"""Of the rules alive, and those of them that hold whatever the remaining inputs are: whether every point below is
one that is looked for, none is, or that has yet to be searched."""

Point = tuple[int, ...]
"""A region per dimension, each as a bit set of places: any values of these regions make an example."""


class OutOfTimeError(Exception):
    """The search had to stop before it knew."""


@dataclass(frozen=True, slots=True)
class Node:
    """What is looked for, below some dimension: sets of regions, each with what is looked for below it."""

    edges: tuple[tuple[int, Node], ...]
    boxes: int


_HERE: Final = Node((), 1)


@dataclass(frozen=True, slots=True)
class Boxes:
    """Hyper-rectangles: the first of them, how many there are in all, and what of the first dimension was not
    searched, as a set of its regions."""

    boxes: tuple[Point, ...]
    total: int
    dimension: int
    unsearched: int


class Space:
    """The dimensions of a table, each with the mask of rules that hold in every region."""

    def __init__(self, masks: Sequence[Sequence[int]], rules: int, out_of_time: OutOfTime) -> None:
        self.masks = tuple(tuple(each) for each in masks)
        self.full = (1 << rules) - 1
        self.everywhere = tuple((1 << len(each)) - 1 for each in self.masks)
        self._out_of_time = out_of_time
        self._steps = 0

    def span(self, rules: int) -> Point | None:
        """The regions that all of ``rules`` have in common; None where they have none."""
        common = []
        for masks in self.masks:
            places = sum(1 << place for place, mask in enumerate(masks) if mask & rules == rules)
            if not places:
                return None
            common.append(places)
        return tuple(common)

    def overlapping(self) -> list[int]:
        """Per rule, the rules that have some point in common with it, itself left out. Raises OutOfTimeError."""
        together = [self.full] * self.full.bit_length()
        for masks in self.masks:
            shared = [0] * len(together)
            for mask in set(masks):
                self.check_time()
                rest = mask
                while rest:
                    lowest = rest & -rest
                    shared[lowest.bit_length() - 1] |= mask
                    rest ^= lowest
            together = [mask & other for mask, other in zip(together, shared, strict=True)]
        return [mask & ~(1 << rule) for rule, mask in enumerate(together)]

    def uncovered(self, limit: int) -> Boxes:
        """Where no rule holds, as boxes that do not overlap."""
        search = _Search(self, self.everywhere, self.full, lambda alive, sure: not alive or (False if sure else None))
        return search.boxes(limit)

    def find(self, within: Point, rules: int, decide: Decide) -> Point | None:
        """Some point within that ``decide`` looks for; None where there is none. Raises OutOfTimeError."""
        return _Search(self, within, rules, decide).first()

    def check_time(self) -> None:
        """Raises OutOfTimeError where the time is used up."""
        self._steps += 1
        if not self._steps & 63 and self._out_of_time():
            raise OutOfTimeError


class _Search:
    """One way down through the dimensions, those that tell most rules apart first."""

    def __init__(self, space: Space, within: Point, rules: int, decide: Decide) -> None:
        self._space = space
        self._decide = decide
        self._rules = rules
        classes = [_classes(masks, places, rules) for masks, places in zip(space.masks, within, strict=True)]
        always = [reduce(and_, (mask for mask, _ in each), rules) for each in classes]
        self._order = sorted(range(len(classes)), key=lambda n: (always[n].bit_count(), len(classes[n])))
        self._classes = [classes[number] for number in self._order]
        self._sure = [rules] * (len(classes) + 1)
        for depth in range(len(classes) - 1, -1, -1):
            self._sure[depth] = self._sure[depth + 1] & always[self._order[depth]]
        self._known: dict[tuple[int, int], Node | None] = {}
        self._nodes: dict[tuple[tuple[int, int], ...], Node] = {}
        self._late = False

    def first(self) -> Point | None:
        """A point that is looked for."""
        path: list[int] = []
        if not self._descend(0, self._rules, path, set()):
            return None
        found = [0] * len(self._order)
        for depth, number in enumerate(self._order):
            places = path[depth] if depth < len(path) else self._classes[depth][0][1]
            found[number] = places
        return tuple(found)

    def _descend(self, depth: int, alive: int, path: list[int], dead: set[tuple[int, int]]) -> bool:
        answer = self._decide(alive, alive & self._sure[depth])
        if answer is not None:
            return answer
        if (depth, alive) in dead:
            return False
        self._space.check_time()
        for mask, places in self._classes[depth]:
            path.append(places)
            if self._descend(depth + 1, alive & mask, path, dead):
                return True
            path.pop()
        dead.add((depth, alive))
        return False

    def boxes(self, limit: int) -> Boxes:
        """Everything that is looked for."""
        unsearched = 0
        if not self._order:
            node = _HERE if self._decide(self._rules, self._rules) else None
            return Boxes(((),) if node else (), 1 if node else 0, 0, 0)
        answer = self._decide(self._rules, self._rules & self._sure[0])
        if answer is not None:
            whole = tuple(self._space.everywhere)
            return Boxes((whole,) if answer else (), int(answer), self._order[0], 0)
        edges: list[tuple[int, Node]] = []
        for mask, places in self._classes[0]:
            child = self._node(1, self._rules & mask)
            if child is not None:
                edges.append((places, child))
            if self._late:
                unsearched |= places
        node = self._join(edges)
        if node is None:
            return Boxes((), 0, self._order[0], unsearched)
        found = []
        for path in _paths(node):
            whole_path = [self._space.everywhere[number] for number in self._order]
            whole_path[: len(path)] = path
            box = [0] * len(self._order)
            for number, places in zip(self._order, whole_path, strict=True):
                box[number] = places
            found.append(tuple(box))
            if len(found) == limit:
                break
        return Boxes(tuple(found), node.boxes, self._order[0], unsearched)

    def _node(self, depth: int, alive: int) -> Node | None:
        """What is looked for below; where the time runs out, what was found until then."""
        answer = self._decide(alive, alive & self._sure[depth])
        if answer is not None:
            return _HERE if answer else None
        key = (depth, alive)
        if key in self._known:
            return self._known[key]
        edges = []
        for mask, places in self._classes[depth]:
            if self._late:
                break
            try:
                self._space.check_time()
            except OutOfTimeError:
                self._late = True
                break
            child = self._node(depth + 1, alive & mask)
            if child is not None:
                edges.append((places, child))
        node = self._join(edges)
        if not self._late:
            self._known[key] = node
        return node

    def _join(self, edges: Sequence[tuple[int, Node]]) -> Node | None:
        """The node of those edges, those to the same node made one; equal nodes are one object."""
        if not edges:
            return None
        merged: dict[int, tuple[int, Node]] = {}
        for places, child in edges:
            known = merged.get(id(child))
            merged[id(child)] = (places | (known[0] if known else 0), child)
        key = tuple((places, identity) for identity, (places, _) in merged.items())
        node = self._nodes.get(key)
        if node is None:
            joined = tuple(merged.values())
            node = self._nodes[key] = Node(joined, sum(child.boxes for _, child in joined))
        return node


def _classes(masks: Sequence[int], within: int, rules: int) -> list[tuple[int, int]]:
    """The regions within a set, those that the same of ``rules`` hold in made one; few rules first."""
    classes: dict[int, int] = {}
    for place, mask in enumerate(masks):
        if within >> place & 1:
            classes[mask & rules] = classes.get(mask & rules, 0) | 1 << place
    return sorted(classes.items(), key=lambda item: item[0].bit_count())


def _paths(node: Node) -> Iterator[list[int]]:
    """The ways down from a node; one that ends early holds for whatever comes below."""
    if not node.edges:
        yield []
    for places, child in node.edges:
        for path in _paths(child):
            yield [places, *path]


# --- what is looked for ---


def outside(rules: int) -> Decide:
    """Points where none of ``rules`` holds."""

    def decide(alive: int, sure: int) -> bool | None:
        if not alive & rules:
            return True
        return False if sure & rules else None

    return decide


def decided_otherwise(earlier: int, same: int, others: int) -> Decide:
    """Points where none of ``earlier`` holds, and the first rule that does is one of ``others``, or there is none.

    ``same`` and ``others`` are ranked by their place; the lowest comes first.
    """
    later = same | others

    def decide(alive: int, sure: int) -> bool | None:
        if sure & earlier:
            return False
        left = alive & later
        certain = sure & later
        first_certain = certain & -certain
        if certain and first_certain & same and not left & others & (first_certain - 1):
            return False
        if alive & earlier:
            return None
        if not left & same:
            return True
        first = left & -left
        return True if first & certain & others else None

    return decide
