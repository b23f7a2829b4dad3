"""Which variables are set when an element reads them: surely, on some ways only, or never before.

The analysis runs over the flow graph of the whole process, subprocesses included, with two points an element: where
it is entered and where it is left. What *may* be set is the union over the ways in, what is *surely* set their
intersection (at a parallel join the union, as all of its ways were taken). A name that nothing in the process sets is
taken to come with the start: :func:`check_data_flow` lists those names for the reader instead of complaining.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from server.messages import Finding, Message, Severity

from .activities import UserTask
from .flow_node import FlowNode
from .model import ProcessModel
from .subprocesses import SubProcess
from .variables_used import Reading, Surroundings, form_of, usage_of

ANYTHING = 1
"""The bit that stands for names that are not known: what jobs and messages bring."""
SHORTEST_GUESS = 4
"""Shorter names differ by a letter too often for a guess at a typing error."""


def check_data_flow(model: ProcessModel, around: Surroundings) -> Iterator[Finding]:
    """What is wrong, or worth knowing, about the variables that the elements of ``model`` read and set."""
    flow = DataFlow(model, around)
    wanted: dict[str, list[str]] = {}
    told: set[tuple[str, str]] = set()
    for node in model.nodes:
        usage = flow.usages[node.name]
        for name in sorted(usage.lost):
            yield _finding(model, Severity.WARNING, node, _lost(node, name))
        for read in usage.reads:
            if read.name in read.local or (node.name, read.name) in told:
                continue
            if read.name not in flow.set_by or flow.is_only_edited(node, read):
                wanted.setdefault(read.name, []).append(node.element.id)
            found = flow.verdict(node, read)
            if found is not None:
                told.add((node.name, read.name))
                yield found
    expected = {name: places for name, places in wanted.items() if name not in flow.inputs}
    if expected:
        start = next(node for node in model.nodes if node.element.type == "START_EVENT")
        yield _finding(model, Severity.INFO, start, _expected(expected))


class DataFlow:
    """The variables that may be set, and those that surely are, at every element of a process.

    ``set_by`` maps each name to the elements that set it, ``inputs`` are the fields of start forms at hand.
    """

    def __init__(self, model: ProcessModel, around: Surroundings) -> None:
        self.model = model
        self.usages = {node.name: usage_of(node, around) for node in model.nodes}
        self.set_by: dict[str, list[FlowNode]] = {}
        for node in model.nodes:
            for name in self.usages[node.name].sets:
                self.set_by.setdefault(name, []).append(node)
        starts = [n for n in model.nodes if n.element.type == "START_EVENT" and n.element.parent_id is None]
        forms = [form for n in starts if (form := form_of(n, around)) is not None]
        self.inputs = frozenset(name for form in forms for name in form.variables)
        names = sorted({*self.set_by, *self.inputs, *(n for u in self.usages.values() for n in u.local)})
        self._bits = {name: 2 << position for position, name in enumerate(names)}
        self._all = sum(self._bits.values(), ANYTHING)
        self._graph = _Graph(model)
        begins = {
            n.number: sum(self._bits[name] for form in [form_of(n, around)] if form for name in form.variables)
            for n in starts
        }
        self._may = self._solve(begins, surely=False)
        self._surely = self._solve(begins, surely=True)

    def _mask(self, names: frozenset[str]) -> int:
        return sum(self._bits[name] for name in names)

    def _solve(self, begins: Mapping[int, int], *, surely: bool) -> list[int]:
        """The names at each point (twice the number of the node where it is entered, one more where it is left)."""
        graph, nodes = self._graph, self.model.nodes
        sets, local, scoped = [], [], []
        for node in nodes:
            usage = self.usages[node.name]
            # What has input mappings and no more inside than itself leaves nothing local behind.
            sets.append(self._mask(usage.sets) | (ANYTHING if usage.sets_anything and not surely else 0))
            local.append(self._mask(usage.local))
            scoped.append(isinstance(node, SubProcess))
        values = [self._all if surely else 0] * (2 * len(nodes))
        todo = deque(range(2 * len(nodes)))
        waiting = set(todo)
        while todo:
            point = todo.popleft()
            waiting.discard(point)
            number, leaves = divmod(point, 2)
            before = [values[p] for p in graph.before[point]]
            if number in begins and not leaves:
                value = begins[number]
            elif not before:
                value = 0
            elif surely and not (nodes[number].element.type == "PARALLEL_GATEWAY" and not leaves):
                value = before[0]
                for other in before[1:]:
                    value &= other
            else:
                value = 0
                for other in before:
                    value |= other
            if leaves:
                entered = values[point - 1]
                value = (value & ~local[number]) | (entered & local[number]) | sets[number]
            elif scoped[number]:
                value |= local[number]
            if value != values[point]:
                values[point] = value
                for following in graph.after[point]:
                    if following not in waiting:
                        waiting.add(following)
                        todo.append(following)
        return values

    def is_only_edited(self, node: FlowNode, read: Reading) -> bool:
        """Whether forms change later what must have come with the start, as nothing before sets it."""
        by_people = all(isinstance(setter, UserTask) for setter in self.set_by.get(read.name, ()))
        return by_people and not self.inputs and not self._set_before(node, read) & self._bits.get(read.name, 0)

    def _set_before(self, node: FlowNode, read: Reading) -> int:
        return self._may[2 * node.number + (1 if read.after else 0)]

    def verdict(self, node: FlowNode, read: Reading) -> Finding | None:
        """What is to be said about a reading whose name is not local to its element."""
        bit = self._bits.get(read.name)
        if read.name not in self.set_by:
            return self._guess(node, read)
        assert bit is not None
        point = 2 * node.number + (1 if read.after else 0)
        may, surely = self._may[point], self._surely[point]
        if surely & bit or read.guarded or read.name in self.inputs:
            return None
        setters = self.set_by[read.name]
        if may & bit:
            return _finding(self.model, Severity.INFO, node, _maybe(node, read, setters))
        if may & ANYTHING or self.is_only_edited(node, read):
            return None  # a job or message before may bring it
        path = " → ".join(n.element.name or n.element.id for n in self._graph.path(node))
        return _finding(self.model, Severity.WARNING, node, _too_early(node, read, setters, path))

    def _guess(self, node: FlowNode, read: Reading) -> Finding | None:
        """A name that nothing sets, one letter away from one that is set, is probably a typing error."""
        if len(read.name) < SHORTEST_GUESS or read.name in self.inputs or read.brought:
            return None
        for known in sorted({*self.set_by, *self.inputs}):
            if _one_letter_apart(read.name, known):
                return _finding(self.model, Severity.WARNING, node, _typing_error(node, read, known))
        return None


class _Graph:
    """The points of a process and the ways between them: ``before[point]`` and ``after[point]``."""

    def __init__(self, model: ProcessModel) -> None:
        self.model = model
        self.before: list[list[int]] = [[] for _ in range(2 * len(model.nodes))]
        self.after: list[list[int]] = [[] for _ in range(2 * len(model.nodes))]
        inside: dict[str | None, list[FlowNode]] = {}
        for node in model.nodes:
            inside.setdefault(node.element.parent_id, []).append(node)
        for node in model.nodes:
            self._connect(node, inside)

    def _way(self, source: int, target: int) -> None:
        self.before[target].append(source)
        self.after[source].append(target)

    def _connect(self, node: FlowNode, inside: Mapping[str | None, list[FlowNode]]) -> None:
        enter, leave = 2 * node.number, 2 * node.number + 1
        within = list(_all_inside(node, inside))
        for following in node.successors():
            if following in node.boundary_events:
                self._way(enter, 2 * following.number)
                for inner in within:
                    self._way(2 * inner.number + 1, 2 * following.number)
            else:
                self._way(leave, 2 * following.number)
        ends = [n for n in inside.get(node.element.id, ()) if not list(n.successors())]
        if isinstance(node, SubProcess) and ends:
            for end in ends:
                self._way(2 * end.number + 1, leave)
            if node.multi_instance is not None:
                self._way(enter, leave)  # the collection may be empty
        else:
            self._way(enter, leave)
        self._begin(node, inside)

    def _begin(self, node: FlowNode, inside: Mapping[str | None, list[FlowNode]]) -> None:
        """The ways to an element to which no flow leads: from around it, or from anything beside it."""
        parent = node.element.parent_id
        host = None if parent is None else self.model.node(parent)
        enter = 2 * node.number
        if node.element.type == "START_EVENT":
            if host is not None:
                self._way(2 * host.number, enter)
                loops = getattr(host, "multi_instance", None) is not None
                for other in inside[parent] if loops else ():
                    self._way(2 * other.number + 1, enter)
        elif not node.incoming and node.element.type != "BOUNDARY_EVENT":
            if host is not None:
                self._way(2 * host.number, enter)
            for other in inside[parent]:
                if other is not node:
                    self._way(2 * other.number + 1, enter)

    def path(self, node: FlowNode) -> list[FlowNode]:
        """The elements of a shortest way from a start to ``node``."""
        starts = [n for n in self.model.nodes if n.element.type == "START_EVENT" and n.element.parent_id is None]
        parents: dict[int, int | None] = {2 * start.number: None for start in starts}
        todo = deque(parents)
        while todo:
            point = todo.popleft()
            for following in self.after[point]:
                if following not in parents:
                    parents[following] = point
                    todo.append(following)
        found: list[FlowNode] = []
        at: int | None = 2 * node.number
        while at is not None:
            if not found or found[-1] is not self.model.nodes[at // 2]:
                found.append(self.model.nodes[at // 2])
            at = parents.get(at)
        found.reverse()
        return found


def _all_inside(node: FlowNode, inside: Mapping[str | None, list[FlowNode]]) -> Iterator[FlowNode]:
    for inner in inside.get(node.element.id, ()):
        yield inner
        yield from _all_inside(inner, inside)


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether two names differ by one letter that is no digit: exchanged with its neighbour, changed, or left out."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    a, b = one[start:], other[start:]
    if any(c.isdigit() for c in a[:1] + b[:1]):
        return False
    if len(one) == len(other):
        return a[1:] == b[1:] or (len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else b[1:] == a


def _finding(model: ProcessModel, severity: Severity, node: FlowNode, message: Message) -> Finding:
    return Finding(severity, message, model.resource, node.element.id, node.element.line)


def _names(nodes: list[FlowNode]) -> str:
    return ", ".join(node.where for node in nodes)


def _too_early(node: FlowNode, read: Reading, setters: list[FlowNode], path: str) -> Message:
    return Message(
        "bpmn.used-before-set",
        f"{node.where} 读取变量“{read.name}”（{read.text}），但它只由 {_names(setters)} 设置，而它们都不在此之前。"
        f"路径：{path}。请调整次序，或先设置该变量；若它随启动传入，请加入启动表单。",
        f"{node.where} reads '{read.name}' ({read.text}), which only {_names(setters)} sets, and never before."
        f" Path: {path}. Change the order or set it first; if it comes with the start, put it into the start form.",
    )


def _maybe(node: FlowNode, read: Reading, setters: list[FlowNode]) -> Message:
    return Message(
        "bpmn.maybe-unset",
        f"{node.where} 读取变量“{read.name}”（{read.text}），但有的路径上它没有被设置（由 {_names(setters)} 设置）。"
        "请在表达式中处理 null，或在每条路径上设置它。",
        f"{node.where} reads '{read.name}' ({read.text}), which is not set on every way there (it is by"
        f" {_names(setters)}). Deal with null in the expression, or set it on every way.",
    )


def _typing_error(node: FlowNode, read: Reading, known: str) -> Message:
    return Message(
        "bpmn.unknown-variable",
        f"{node.where} 读取变量“{read.name}”（{read.text}），但没有任何元素设置它。是否应为“{known}”？",
        f"{node.where} reads '{read.name}' ({read.text}), which nothing sets. Did you mean '{known}'?",
    )


def _lost(node: FlowNode, name: str) -> Message:
    return Message(
        "bpmn.result-lost",
        f"{node.where} 的结果“{name}”与它的输入映射同名，离开该元素后就丢失了。请加输出映射，或换一个结果变量名。",
        f"The result '{name}' of {node.where} has the name of one of its input mappings and is lost when it is left."
        " Add an output mapping, or give the result another name.",
    )


def _expected(names: Mapping[str, list[str]]) -> Message:
    listed = ", ".join(f"{name} ({places[0]})" for name, places in sorted(names.items()))
    return Message(
        "bpmn.start-variables",
        f"流程中没有元素设置、因而应随启动传入（或由任务带来）的变量（括号内为首个读取它的元素）：{listed}。",
        "Variables that nothing in the process sets, so that they must come with the start, or from jobs and messages"
        f" (in brackets the first element that reads them): {listed}.",
    )
