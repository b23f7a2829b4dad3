"""Is a process sound: can every join be filled, every element be reached, every case come to an end?

Every scope (the process, each subprocess) is searched by itself. What is certain is an error: a flow that whoever
takes it never comes to an end of, an element that never happens. What depends on conditions that belong together is
a warning, as the search takes every combination of choices. Several tokens at one element are legal BPMN, and a
warning too. Where the budget of states runs out, the finding says so instead of guessing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from server.messages import Finding, Message, Severity

from .events import BoundaryEvent
from .flow_node import FlowNode
from .model import ProcessModel, SequenceFlow
from .state_space import ABORTED, DONE, StateSpace, Step, marked, search, search_everything, tokens
from .token_net import Ends, ScopeNet, TooManyConditions, event_kind, event_repeats, is_counting_join, scope_net

BUDGET = 20_000
"""States that the search of one scope may visit."""
SMALL = 3_000
"""States of a scope up to which every order in which its tokens can move is searched as well."""
LONGEST_PATH = 14
"""Elements that a path in a message names."""


_OPEN = Ends(True, False)
"""A scope that was not searched: it is taken to come to its end."""


def check_soundness(model: ProcessModel, budget: int = BUDGET) -> Iterator[Finding]:
    """What the search of each scope of ``model`` finds, innermost scopes first."""
    ends: dict[str, Ends] = {}
    for scope in _scopes(model):
        try:
            net = scope_net(model, scope, ends)
        except TooManyConditions as many:
            yield _finding(model, Severity.INFO, many.node, _too_many_conditions(many.node))
            continue
        if not net.net.starts:
            continue  # ad-hoc: what happens in it, and in which order, people decide
        check = _ScopeCheck(model, scope, net, budget)
        yield from check.findings()
        if scope is not None:
            handlers = model.node(scope).event_subprocesses
            handled = any(h.start.interrupting and ends.get(h.name, _OPEN).done for h in handlers)
            ends[scope] = Ends(handled or DONE in check.space.states, ABORTED in check.space.states)


def _scopes(model: ProcessModel) -> list[str | None]:
    """The scopes of a process, inner ones before those around them."""
    parents = {element.parent_id for element in model.elements.values()}
    return sorted(parents, key=lambda scope: -_depth(model, scope))


def _depth(model: ProcessModel, scope: str | None) -> int:
    return 0 if scope is None else 1 + _depth(model, model.elements[scope].parent_id)


@dataclass(slots=True)
class _ScopeCheck:
    model: ProcessModel
    scope: str | None
    net: ScopeNet
    budget: int
    space: StateSpace

    def __init__(self, model: ProcessModel, scope: str | None, net: ScopeNet, budget: int) -> None:
        self.model, self.scope, self.net, self.budget = model, scope, net, budget
        self.space = search(net.net, budget)

    def findings(self) -> Iterator[Finding]:
        """What is wrong with the scope."""
        space = self.space
        if not space.complete:
            yield _finding(self.model, Severity.INFO, self.net.order[0], _not_analysed(self._name(), self.budget))
        stuck_joins = set[str]()
        for severity, join, message in self._stuck():
            stuck_joins.add(join.name)
            yield _finding(self.model, severity, join, message)
        if space.exact:
            yield from self._endless()
            yield from self._dead(stuck_joins)
        yield from self._crowded()

    def _name(self) -> str:
        return self.model.process_id if self.scope is None else self.scope

    def _can_be_left(self) -> bool:
        """Whether an event from outside can end the scope, or one around it, whatever goes on inside."""
        scope = self.scope
        while True:
            around = self.model.spec.start if scope is None else self.model.node(scope)
            if any(handler.start.interrupting for handler in around.event_subprocesses):
                return True
            if scope is None:
                return False
            if any(event.cancel_activity for event in around.boundary_events):
                return True
            scope = self.model.elements[scope].parent_id

    # -- deadlocks ---------------------------------------------------------------------------------------------

    def _hopeless(self) -> tuple[set[int], set[int]]:
        """The states from which an end can be reached, and those behind a step that lies on no way to an end."""
        space = self.space
        hopeful = space.before((DONE, ABORTED))
        fired = {step for _, step, _ in space.edges}
        good = {step for _, step, target in space.edges if target in hopeful}
        bad = fired - good
        doomed = space.after(target for _, step, target in space.edges if step in bad)
        if not hopeful.intersection(space.starts):
            doomed |= space.states
        return hopeful, doomed

    def _stuck(self) -> Iterator[tuple[Severity, FlowNode, Message]]:
        """Each join that waits for ever, once, with the shortest way there."""
        if not self.space.stuck:
            return
        _, doomed = self._hopeless()
        seen: dict[str, tuple[bool, int, list[SequenceFlow], list[SequenceFlow]]] = {}
        for state in self.space.stuck:
            certain = state in doomed and self.space.exact
            for join, filled, missing in self._waiting(state):
                if join.name not in seen or (certain and not seen[join.name][0]):
                    seen[join.name] = certain, state, filled, missing
        for name, (certain, state, filled, missing) in seen.items():
            join = self.model.node(name)
            severity = Severity.ERROR if certain and not self._can_be_left() else Severity.WARNING
            path = self._path(self.space.path(state))
            yield severity, join, _deadlock(join, filled, missing, path, certain)

    def _waiting(self, state: int) -> Iterator[tuple[FlowNode, list[SequenceFlow], list[SequenceFlow]]]:
        joins = {self.net.nodes[place].name: self.net.nodes[place] for place in marked(state)}
        for join in joins.values():
            if not is_counting_join(join):
                continue
            here = [p for p, node in enumerate(self.net.nodes) if node is join]
            filled = [f for p in here if tokens(state, p) and (f := self.net.flows[p]) is not None]
            missing = [f for p in here if not tokens(state, p) and (f := self.net.flows[p]) is not None]
            yield join, filled, missing

    # -- no way to an end, dead elements -----------------------------------------------------------------------

    def _endless(self) -> Iterator[Finding]:
        """States that can neither end nor get stuck: a loop that nothing leads out of."""
        space = self.space
        hopeful, _ = self._hopeless()
        endless = space.states - hopeful - space.before(space.stuck)
        if not endless or self._can_be_left():
            return
        first = next(state for state in space.parents if state in endless)  # in order of discovery
        place = next(marked(first))
        node = self.net.nodes[place]
        yield _finding(self.model, Severity.ERROR, node, _no_end(node, self._path(space.path(first))))

    def _dead(self, stuck_joins: set[str]) -> Iterator[Finding]:
        """Elements that never happen although flows lead to them; of a row only the first."""
        fired = self.space.fired()
        for node in self.net.order:
            if node.element.id in fired or node.name in stuck_joins:
                continue
            before = [self.model.node(flow.source) for flow in node.incoming]
            before += [b.attached_to for b in (node,) if hasattr(b, "attached_to")]
            if any(p.element.id in fired for p in before):
                yield _finding(self.model, Severity.ERROR, node, _dead(node))

    # -- several tokens ----------------------------------------------------------------------------------------

    def _crowded(self) -> Iterator[Finding]:
        """Elements that are reached by several tokens of one run at a time."""
        doubled, paths = dict(self.space.doubled), self.space
        places = {place: (state, paths) for place, state in doubled.items()}
        if self.net.concurrent and self.space.complete:
            for place, state, space in self._met_late():
                places.setdefault(place, (state, space))
        piling = [p for p in self.space.overflowing if not is_counting_join(self.net.nodes[p])]
        if self.space.overflowing:
            place = min(piling, default=min(self.space.overflowing))
            node = self.net.nodes[place]
            path = self._path(self.space.path(self.space.overflowing[place]))
            yield _finding(self.model, Severity.WARNING, node, _unbounded(node, path))
            return
        crowded: dict[str, tuple[int, StateSpace]] = {}
        reminders = self._behind_repeating_events() if places else set()
        for place in sorted(places):
            if self.net.nodes[place] not in reminders:
                crowded.setdefault(self.net.nodes[place].name, places[place])
        merges = {n: where for n, where in crowded.items() if self._merges(self.model.node(n))}
        for name, (state, space) in (merges or dict(list(crowded.items())[:1])).items():
            node = self.model.node(name)
            if not _is_plain_end(node) and state in space.states:
                path = self._path(space.path(state))
                yield _finding(self.model, Severity.WARNING, node, _crowd(node, path))

    def _behind_repeating_events(self) -> set[FlowNode]:
        """What only repeating boundary events lead to: meant to happen each time, the last not over yet."""
        nodes = {node for node in self.net.nodes if node.element.parent_id == self.scope}
        repeating = {n for n in nodes if isinstance(n, BoundaryEvent) and not n.cancel_activity and event_repeats(n)}
        todo = [node for node in nodes if not node.incoming and not isinstance(node, BoundaryEvent)]
        reached: set[FlowNode] = set()
        while todo:
            node = todo.pop()
            if node not in reached:
                reached.add(node)
                todo += [successor for successor in node.successors() if successor not in repeating]
        return nodes - reached if repeating else set()

    def _merges(self, node: FlowNode) -> bool:
        return len(node.incoming) > 1

    def _met_late(self) -> Iterator[tuple[int, int, StateSpace]]:
        """Where tokens meet may depend on who comes first.

        In a small scope every order is searched. In a larger one with loops each merge is searched once more, with
        every other element going first, which may overlook some.
        """
        everything = search_everything(self.net.net, min(SMALL, self.budget))
        if everything.complete:
            yield from ((place, state, everything) for place, state in everything.doubled.items())
            return
        left = self.budget if self.net.cyclic else 0
        for place, node in enumerate(self.net.nodes):
            if len(node.incoming) < 2 or is_counting_join(node) or place in self.space.doubled:
                continue
            space = search(self.net.net, left, delayed=self.net.net.cluster_of[place])
            left -= len(space.states)
            if place in space.doubled:
                yield place, space.doubled[place], space
            if left <= 0:
                return

    def _path(self, steps: Sequence[Step]) -> str:
        """The elements of a path, of a long one those where something was chosen."""
        names = [name for step in steps for name in (step.element, *step.passes)]
        if len(names) > LONGEST_PATH:
            kept = [n for i, n in enumerate(names) if i in (0, len(names) - 1) or self.net.choices(n) > 1]
            names = kept[-LONGEST_PATH:]
        return " → ".join(self.model.elements[name].name or name for name in names)


def _is_plain_end(node: FlowNode) -> bool:
    return node.element.type == "END_EVENT" and event_kind(node) in ("", "Terminate", "Error")


def _finding(model: ProcessModel, severity: Severity, node: FlowNode, message: Message) -> Finding:
    return Finding(severity, message, model.resource, node.element.id, node.element.line)


def _ids(flows: Sequence[SequenceFlow]) -> str:
    return ", ".join(f"‘{flow.id}’" for flow in flows)


def _deadlock(
    join: FlowNode, filled: Sequence[SequenceFlow], missing: Sequence[SequenceFlow], path: str, certain: bool
) -> Message:
    if certain:
        zh, en = "必然", "must"
    else:
        zh, en = "在条件这样组合时可能", "may, if the conditions come out so,"
    return Message(
        "bpmn.deadlock",
        f"{join.where} {zh}永远等待：{_ids(filled)} 已到，{_ids(missing)} 不会再来。路径：{path}。"
        "请用与分支相同的网关合并（排他分支用排他网关），或让每个分支都通到这里。",
        f"{join.where} {en} wait for ever: {_ids(filled)} came, {_ids(missing)} can no longer come. Path: {path}."
        " Merge with the kind of gateway that split (exclusive with exclusive), or lead every branch here.",
    )


def _no_end(node: FlowNode, path: str) -> Message:
    zh, en = (f"路径：{path}。", f" Path: {path}.") if path else ("", "")
    return Message(
        "bpmn.no-way-to-end",
        f"从 {node.where} 起再没有通向结束的路：流程会一直循环。{zh}请为循环画一个出口。",
        f"From {node.where} on no way leads to an end: the process goes round for ever.{en}"
        " Draw a way out of the loop.",
    )


def _dead(node: FlowNode) -> Message:
    return Message(
        "bpmn.dead-element",
        f"{node.where} 永远不会执行：虽有顺序流通向它，但没有任何一种走法能到达。请检查它之前的网关或子流程。",
        f"{node.where} never happens: flows lead to it, but no run can come there. Check the gateways and"
        " subprocesses before it.",
    )


def _crowd(node: FlowNode, path: str) -> Message:
    return Message(
        "bpmn.lack-of-synchronisation",
        f"{node.where} 会在一次运行中被多个并行分支各执行一遍。路径：{path}。"
        "若只应执行一次，请先用并行网关（或包容网关）合并这些分支。",
        f"{node.where} is done once for each of several parallel branches. Path: {path}."
        " If it is meant to happen once, join the branches before it with a parallel (or inclusive) gateway.",
    )


def _unbounded(node: FlowNode, path: str) -> Message:
    return Message(
        "bpmn.unbounded-tokens",
        f"令牌会在 {node.where} 越积越多：循环内的并行分支没有全部合并。路径：{path}。请在循环内合并所有分支。",
        f"Tokens pile up at {node.where} without bound: branches forked in a loop are not joined in it. Path: {path}."
        " Join every branch inside the loop.",
    )


def _not_analysed(name: str, budget: int) -> Message:
    return Message(
        "bpmn.not-analysed",
        f"“{name}”的健全性没有完全分析：状态超过 {budget} 个。已报告的问题属实，但可能还有别的。"
        "把部分内容放进子流程可使分析完整。",
        f"The soundness of '{name}' was not analysed to the end: it has more than {budget} states. What is reported is"
        " true, but there may be more. Moving parts into subprocesses makes the analysis complete.",
    )


def _too_many_conditions(node: FlowNode) -> Message:
    return Message(
        "bpmn.not-analysed",
        f"健全性没有分析：{node.where} 的条件出口太多，无法尝试所有组合。请减少出口，或改为多个网关。",
        f"Soundness was not analysed: {node.where} has too many conditional flows to try every combination. Use fewer,"
        " or several gateways.",
    )
