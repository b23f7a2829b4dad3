"""Searching the states that tokens can reach in a net of places and steps, within a budget.

A marking counts the tokens on every place. It is one whole number with :data:`BITS` bits a place, so that a step is an
addition. Every place belongs to one *cluster*: the steps of one flow node, which alone takes tokens from it. What one
cluster does can therefore be put off behind what another does without changing where the tokens end up, and it is
enough to go on with one cluster at a time (a persistent set). Ten parallel branches cost the sum of their states
instead of the product. Three things are not independent of the rest, and are treated as what they are:

- Steps that clear the scope (terminate, error ends) come last: nothing else can happen behind them.
- A join that looks at tokens elsewhere (inclusive) fires alone only while no other token can reach it; where one can,
  the whole search is done again without the reduction.
- A loop could be followed for ever while others wait, so a state whose chosen cluster leads only back into the way
  that led there is expanded by the next cluster too (the search goes in depth, and knows that way).

What survives the reduction: every state in which nothing can move any more, which steps can ever happen, and which of
them lie on a way to an end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

BITS = 2
FULL = (1 << BITS) - 1
"""Tokens that one place can hold in a search; one more is an overflow."""

DONE, ABORTED = 0, -1
"""The states in which a scope has ended: with no token left, or left by an error or a cancellation."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a flow node can do: take a token from each of ``takes``, put one on each of ``gives``.

    ``passes`` are the elements in a row behind it that the tokens run through on their way to ``gives``.
    ``clears`` says where a step leads that ends the whole scope (:data:`DONE` or :data:`ABORTED`).
    """

    element: str
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    passes: tuple[str, ...] = ()
    clears: int | None = None


@dataclass(frozen=True, slots=True)
class Inclusive:
    """A join that fires when it has a token and no token elsewhere can still fill one of its empty places.

    ``feeders`` are, for each of its places in turn, the places from which a token can come there without passing the
    join; a token that can also come to a place that is filled already does not hold the join up.
    """

    places: tuple[int, ...]
    feeders: tuple[frozenset[int], ...]
    outcomes: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...]
    element: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """The steps of one flow node, which have their places to themselves.

    ``waits`` says that a token can stay there, as inclusive joins are asked when no other token can move at once.
    """

    steps: tuple[Step, ...] = ()
    inclusive: Inclusive | None = None
    waits: bool = True

    @property
    def clears(self) -> bool:
        """Whether one of the steps ends the scope."""
        return any(step.clears is not None for step in self.steps)


@dataclass(frozen=True, slots=True)
class Net:
    """Places, numbered from 0, with the cluster that each belongs to; and the places where tokens can begin.

    Lower numbers go first: they should lie nearer to the start, so that tokens advance side by side and those that
    can meet do.
    """

    clusters: tuple[Cluster, ...]
    cluster_of: tuple[int, ...]
    starts: tuple[int, ...]


@dataclass(slots=True)
class StateSpace:
    """What a search has found. ``complete`` is false when the budget was used up."""

    starts: tuple[int, ...]
    edges: list[tuple[int, Step, int]] = field(default_factory=list)
    states: set[int] = field(default_factory=set)
    stuck: list[int] = field(default_factory=list)
    doubled: dict[int, int] = field(default_factory=dict)
    overflowing: dict[int, int] = field(default_factory=dict)
    complete: bool = True
    _parents: dict[int, tuple[int, Step] | None] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether every state was seen: neither the budget nor the room of a place ran out."""
        return self.complete and not self.overflowing

    def fired(self) -> set[str]:
        """The elements of which at least one step can happen."""
        steps = {step for _, step, _ in self.edges}
        return {name for step in steps for name in (step.element, *step.passes)}

    @property
    def parents(self) -> dict[int, tuple[int, Step] | None]:
        """Every state, nearest to a start first, with the step that a shortest way takes to it."""
        if not self._parents:
            steps: dict[int, list[tuple[Step, int]]] = {}
            for source, step, target in self.edges:
                steps.setdefault(source, []).append((step, target))
            self._parents.update(dict.fromkeys(self.starts))
            todo = deque(self._parents)
            while todo:
                state = todo.popleft()
                for step, target in steps.get(state, ()):
                    if target not in self._parents:
                        self._parents[target] = state, step
                        todo.append(target)
        return self._parents

    def path(self, state: int) -> list[Step]:
        """The steps of a shortest way to ``state``, as far as the search went."""
        found = []
        while (parent := self.parents[state]) is not None:
            state, step = parent
            found.append(step)
        found.reverse()
        return found

    def before(self, targets: Iterable[int]) -> set[int]:
        """The states from which one of ``targets`` can be reached, they themselves included."""
        sources: dict[int, list[int]] = {}
        for source, _, target in self.edges:
            sources.setdefault(target, []).append(source)
        return _closure((state for state in targets if state in self.states), sources)

    def after(self, origins: Iterable[int]) -> set[int]:
        """The states that can be reached from one of ``origins``, they themselves included."""
        targets: dict[int, list[int]] = {}
        for source, _, target in self.edges:
            targets.setdefault(source, []).append(target)
        return _closure(origins, targets)


def _closure(origins: Iterable[int], following: dict[int, list[int]]) -> set[int]:
    seen: set[int] = set()
    todo = list(origins)
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo.extend(following.get(state, ()))
    return seen


def tokens(marking: int, place: int) -> int:
    """How many tokens stand on ``place``."""
    return marking >> BITS * place & FULL


def marked(marking: int) -> Iterator[int]:
    """The places with tokens, in order."""
    while marking > 0:
        place = ((marking & -marking).bit_length() - 1) // BITS
        yield place
        marking &= ~(FULL << BITS * place)


def search(net: Net, budget: int, *, delayed: int | None = None) -> StateSpace:
    """Every state that matters, from every start; at most ``budget`` states.

    ``delayed`` names a cluster that is to wait for all others, so that as many tokens as possible meet before it.
    """
    reduced = _Search(net, budget, reduce=True, delayed=delayed)
    found = reduced.run()
    if reduced.race or (delayed is None and _races(net, budget)):
        return _Search(net, budget, reduce=False, delayed=None).run()
    return found


def search_everything(net: Net, budget: int) -> StateSpace:
    """Every state there is, in whatever order tokens move: for what depends on who comes first."""
    return _Search(net, budget, reduce=False, delayed=None).run()


def _races(net: Net, budget: int) -> bool:
    """Whether a token can come to a filled place of an inclusive join while another of its places is empty.

    A token that feeds several places of a join is let stand until nothing else can move, each such cluster in turn.
    """
    for join in (cluster.inclusive for cluster in net.clusters if cluster.inclusive is not None):
        several = {p for f, g in combinations(join.feeders, 2) for p in f & g}
        for cluster in dict.fromkeys(net.cluster_of[place] for place in sorted(several)):
            probe = _Search(net, budget, reduce=True, delayed=cluster)
            budget -= len(probe.run().states)
            if probe.race or budget <= 0:
                return True
    return False


class _Search:
    def __init__(self, net: Net, budget: int, *, reduce: bool, delayed: int | None) -> None:
        self.net, self.budget, self.reduce, self.delayed = net, budget, reduce, delayed
        self.found = StateSpace(tuple(1 << BITS * place for place in net.starts))
        self.way: set[int] = set()
        self.race = False

    def run(self) -> StateSpace:
        for start in self.found.starts:
            self._go_down(start)
        return self.found

    def _go_down(self, start: int) -> None:
        """Depth first, without recursion."""
        states, way = self.found.states, self.way
        if start in states:
            return
        stack = [(start, self._enter(start))]
        while stack:
            state, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                way.discard(state)
                stack.pop()
            elif target not in states:
                if len(states) >= self.budget or self.race:
                    self.found.complete = False
                    return
                if target in (DONE, ABORTED):
                    states.add(target)
                else:
                    stack.append((target, self._enter(target)))

    def _enter(self, state: int) -> Iterator[int]:
        self.found.states.add(state)
        self.way.add(state)
        return iter(self._expand(state))

    def _expand(self, state: int) -> list[int]:
        """The states that one cluster leads to; more clusters where it only leads back."""
        found, targets = self.found, list[int]()
        moved = False
        for steps in self._enabled(state):
            moved = True
            for step in steps:
                target = self._target(state, step)
                if target is not None:
                    found.edges.append((state, step, target))
                    targets.append(target)
            if self.reduce and any(target not in self.way for target in targets):
                break
        if not moved and not self.race:
            found.stuck.append(state)
        return targets

    def _enabled(self, state: int) -> Iterator[Sequence[Step]]:
        """The enabled clusters, those that may go alone first; inclusive joins are looked at in any case."""
        numbers = list(dict.fromkeys(self.net.cluster_of[place] for place in marked(state)))
        clusters = self.net.clusters
        joins = [self._inclusive(state, join) for n in numbers if (join := clusters[n].inclusive) is not None]
        last: list[Sequence[Step]] = []
        clearing: list[Step] = []  # none of them may hide that another happens
        moving = False
        for number in numbers:
            cluster = clusters[number]
            steps = [s for s in cluster.steps if all(tokens(state, place) for place in s.takes)]
            moving = moving or (bool(steps) and not cluster.waits)
            if steps and cluster.clears:
                clearing += steps
            elif steps and number == self.delayed:
                last.append(steps)
            elif steps:
                yield steps
        if self.reduce or not moving:
            yield from (steps for steps in joins if steps)
        yield from last
        if clearing:
            yield clearing

    def _target(self, state: int, step: Step) -> int | None:
        """The state after ``step``; nothing where a place would overflow."""
        if step.clears is not None:
            return step.clears
        target = state
        for place in step.takes:
            target -= 1 << BITS * place
        crowded = []
        for place in step.gives:
            held = tokens(target, place)
            if held == FULL:
                self.found.overflowing.setdefault(place, state)
                return None
            if held:
                crowded.append(place)
            target += 1 << BITS * place
        for place in crowded:
            self.found.doubled.setdefault(place, target)
        return target

    def _inclusive(self, state: int, join: Inclusive) -> Sequence[Step]:
        filled = tuple(place for place in join.places if tokens(state, place))
        fed = list(zip(join.places, join.feeders, strict=True))
        into_filled = frozenset[int]().union(*(feeders for place, feeders in fed if place in filled))
        into_empty = frozenset[int]().union(*(feeders for place, feeders in fed if place not in filled))
        elsewhere = [place for place in marked(state) if place not in join.places]
        if any(place in into_empty and place not in into_filled for place in elsewhere):
            return ()
        if self.reduce and any(place in into_filled for place in elsewhere):
            self.race = True  # what comes may come before the join fires or after
        return [Step(join.element, filled, gives, passes) for gives, passes in join.outcomes]
