"""The search for unsound models agrees with the engine: generated models, every run of which is really taken."""

from __future__ import annotations

import itertools
import math

from hypothesis import HealthCheck, assume, given, note, settings
from hypothesis import strategies as st

from server.bpmn import ProcessModel
from server.bpmn.soundness import BUDGET, SMALL, check_soundness
from server.bpmn.state_space import DONE, search, search_everything
from server.bpmn.token_net import scope_net

from .all_runs import TooMany, all_runs
from .diagrams import END, START, boundary, flow, model, node, timer

KINDS = ("task", "task", "xor", "xor", "and", "and", "or", "cond", "timed", "beside", "end", "terminate")
TAGS = {"xor": "exclusiveGateway", "and": "parallelGateway", "or": "inclusiveGateway"}
TERMINATE = "<bpmn:terminateEventDefinition/>"


def drawn(kinds: list[str], targets: list[list[int]]) -> ProcessModel:
    """A model of nodes ``n0`` .. with flows as ``targets`` say; what cannot be reached is left out."""
    reached, todo = set(), [0]
    while todo:
        at = todo.pop()
        if at not in reached:
            reached.add(at)
            todo += [] if kinds[at] in ("end", "terminate") else targets[at]
    parts = [START, flow("start", "n0")]
    for at in sorted(reached):
        kind, id_ = kinds[at], f"n{at}"
        if kind in ("end", "terminate"):
            parts.append(node("endEvent", id_, TERMINATE if kind == "terminate" else ""))
            continue
        parts.append(node(TAGS.get(kind, "userTask"), id_))
        outgoing = list(enumerate(targets[at]))
        if kind in ("timed", "beside"):
            parts.append(boundary(f"b{at}", id_, timer("duration", "P1D"), interrupting=kind == "timed"))
            parts.append(flow(f"b{at}", f"n{targets[at][-1]}", id_=f"fb{at}"))
            outgoing = outgoing[:1]
        for number, target in outgoing:
            condition = "true" if kind in ("xor", "or", "cond") else None
            parts.append(flow(id_, f"n{target}", condition, id_=f"f{at}_{number}"))
    return model(*parts)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], list[list[int]]]:
    size = draw(st.integers(2, 7))
    kinds = [draw(st.sampled_from(KINDS)) for _ in range(size)] + ["end"]
    one = st.integers(0, size)
    targets = [draw(st.lists(one, min_size=1, max_size=2)) for _ in range(size + 1)]
    return kinds, targets


@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(graph=graphs())
def test_the_verdict_is_that_of_every_real_run(graph, monkeypatch):
    note(repr(graph))
    process = drawn(*graph)
    space = search(scope_net(process, None, {}).net, 5_000)
    assume(space.exact)
    try:
        runs = all_runs(process, monkeypatch)
    except TooMany:
        assume(False)
    assert (DONE in space.states) == runs.ends
    assert bool(space.stuck) == bool(runs.stuck)
    assert runs.told == runs.stuck  # never silent, and no false alarm
    activated = runs.activated - {"p"}
    # The engine lets an end that terminates act at once; the search lets what goes on beside it happen as well.
    assert space.fired() >= activated if "terminate" in graph[0] else space.fired() == activated
    endless = space.states - space.before((DONE,)) - space.before(space.stuck)
    assert bool(endless) == runs.endless
    codes = {f.message.code for f in check_soundness(process)}
    tasks = {name for name in runs.doubled if process.elements[name].type == "USER_TASK"}
    if search_everything(scope_net(process, None, {}).net, SMALL).complete:  # else some may be overlooked
        assert not tasks or "bpmn.lack-of-synchronisation" in codes
    assert ("bpmn.deadlock" in codes) == bool(runs.stuck)
    assert ("bpmn.no-way-to-end" in codes) == runs.endless


blocks = st.recursive(
    st.just("task"),
    lambda inner: st.tuples(
        st.sampled_from(("row", "and", "xor", "or", "loop")), st.lists(inner, min_size=2, max_size=3)
    ),
    max_leaves=12,
)


class Structure:
    """Draws blocks that open and close with the same gateway: always sound."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        self.parts: list[str] = []

    def draw(self, block) -> tuple[str, str]:
        if block == "task":
            id_ = f"t{next(self.numbers)}"
            self.parts.append(node("userTask", id_))
            return id_, id_
        kind, inner = block
        ends = [self.draw(b) for b in inner]
        if kind == "row":
            self.parts += [flow(a[1], b[0]) for a, b in itertools.pairwise(ends)]
            return ends[0][0], ends[-1][1]
        number = next(self.numbers)
        split, merge = f"s{number}", f"m{number}"
        tag = TAGS["xor" if kind == "loop" else kind]
        self.parts += [node(tag, split), node(tag, merge)]
        condition = None if kind == "and" else "true"
        if kind == "loop":  # into the merge, through the first block, and from the split out or back by the others
            self.parts += [flow(merge, ends[0][0]), flow(ends[0][1], split)]
            self.parts += [part for a, b in ends[1:] for part in (flow(split, a, condition), flow(b, merge))]
            self.parts += [flow(split, f"out{number}", condition), node("task", f"out{number}")]
            return merge, f"out{number}"
        self.parts += [part for a, b in ends for part in (flow(split, a, condition), flow(b, merge))]
        return split, merge


def most_states(block) -> int:
    """How many states a block can be in at most, once it has begun: branches side by side multiply."""
    if block == "task":
        return 1
    kind, inner = block
    of_each = [most_states(b) for b in inner]
    if kind in ("row", "xor", "loop"):
        return sum(of_each) + 2
    # A branch may have ended before the others, and one of an inclusive gateway may not have begun.
    return math.prod(states + (2 if kind == "or" else 1) for states in of_each) + 2


@settings(max_examples=200, deadline=None)
@given(block=blocks)
def test_what_is_built_of_blocks_is_sound_and_analysed_to_the_end(block):
    structure = Structure()
    first, last = structure.draw(block)
    process = model(START, *structure.parts, END, flow("start", first), flow(last, "end"))
    found = {finding.message.code for finding in check_soundness(process)}
    assert found <= (set() if most_states(block) <= BUDGET else {"bpmn.not-analysed"})
