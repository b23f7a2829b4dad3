"""Every run of a small process, by the real engine: all choices at gateways, all orders of what is waited for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from server.bpmn import Execution, ExecutionServices, ProcessModel
from server.bpmn.effects import ElementActivated
from server.bpmn.flow_node import FlowNode
from server.bpmn.gateways import ExclusiveGateway
from server.bpmn.standstill import STUCK

from .diagrams import NOW

State = tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
MOST_TOKENS = 3


class TooMany(Exception):
    """There are too many runs, or tokens, to look at all of them."""


class Choices:
    """Takes every choice that a run meets: first all of the first ones, then the next combination."""

    def __init__(self) -> None:
        self.taken: list[int] = []
        self.offered: list[int] = []
        self.at = 0

    def choose(self, options: list[Any]) -> Any:
        if self.at == len(self.taken):
            self.taken.append(0)
            self.offered.append(len(options))
        self.at += 1
        if self.at > 60:
            raise TooMany  # a loop without a wait
        return options[self.taken[self.at - 1]]

    def next(self) -> bool:
        """Go to the next combination; whether there is one."""
        self.at = 0
        while self.taken:
            if self.taken[-1] + 1 < self.offered[-1]:
                self.taken[-1] += 1
                return True
            self.taken.pop()
            self.offered.pop()
        return False


@dataclass
class Runs:
    """What all runs together show."""

    ends: bool = False
    stuck: set[State] = field(default_factory=set)
    told: set[State] = field(default_factory=set)
    """The states in which an incident says that nothing can move."""
    activated: set[str] = field(default_factory=set)
    doubled: set[str] = field(default_factory=set)
    following: dict[State, set[State | None]] = field(default_factory=dict)

    @property
    def endless(self) -> bool:
        """Whether some state leads neither to an end nor to one that is stuck."""
        good: set[State | None] = {None, *self.stuck}
        while True:
            more = {state for state, targets in self.following.items() if state not in good and targets & good}
            if not more:
                return bool(set(self.following) - good)
            good |= more


def all_runs(model: ProcessModel, monkeypatch: Any, most: int = 600) -> Runs:
    """Raises :class:`TooMany` beyond ``most`` states, or where tokens pile up."""
    choices, runs = Choices(), Runs()
    with monkeypatch.context() as patched:
        patched.setattr(ExclusiveGateway, "choose_flows", lambda gateway, _: _one(choices, gateway))
        patched.setattr(FlowNode, "choose_flows", lambda node, _: _some(choices, node))
        todo: list[tuple[State, bytes, dict[str, Any]]] = []

        def reach(execution: Execution) -> State | None:
            told = {t.id for t in execution._instance.tasks.values() if t.internal_data.get("incident") == STUCK}
            began = [e for e in execution.effects if isinstance(e, ElementActivated) and e.key not in told]
            runs.activated |= {e.element_id for e in began}
            if execution.ended:
                runs.ends = True
                return None
            state = _state(execution)
            counts = [len(list(same)) for _, same in itertools.groupby(state, lambda token: token[0])]
            if max(counts) > MOST_TOKENS or len(runs.following) > most:
                raise TooMany
            if told:
                runs.told.add(state)
            runs.doubled |= {name for (name, _), n in zip(_firsts(state), counts, strict=True) if n > 1}
            if state not in runs.following:
                runs.following[state] = set()
                todo.append((state, execution.snapshot(), execution.variables))
            return state

        for _ in _every(choices):
            reach(Execution.start(model, _services(), instance_key=100, variables={}))
        while todo:
            state, snapshot, variables = todo.pop()
            for key, stimulus, arguments in _stimuli(model, snapshot, variables):
                for _ in _every(choices):
                    execution = _restore(model, snapshot, variables)
                    getattr(execution, stimulus)(key, *arguments)
                    runs.following[state].add(reach(execution))
            if not runs.following[state]:
                runs.stuck.add(state)
    return runs


def _every(choices: Choices) -> Iterator[None]:
    yield
    while choices.next():
        yield


def _one(choices: Choices, node: FlowNode) -> Any:
    return [choices.choose(node.outgoing)] if node.outgoing else []


def _some(choices: Choices, node: FlowNode) -> Any:
    if not node.has_conditions:
        return node.outgoing
    subsets = [s for n in range(1, len(node.outgoing) + 1) for s in itertools.combinations(node.outgoing, n)]
    return list(choices.choose(subsets))


def _services() -> ExecutionServices:
    return ExecutionServices(next_key=itertools.count(1000 + next(_RUN) * 10_000).__next__, now=NOW, decide=_nothing)


_RUN = itertools.count()


def _nothing(reference: Any, variables: Any) -> Any:
    raise AssertionError("no decisions here")


def _restore(model: ProcessModel, snapshot: bytes, variables: dict[str, Any]) -> Execution:
    document = {scope: dict(values) for scope, values in variables.items()}
    return Execution.restore(model, _services(), instance_key=100, snapshot=snapshot, variables=document)


def _stimuli(model: ProcessModel, snapshot: bytes, variables: dict[str, Any]) -> list[tuple[int, str, tuple[Any, ...]]]:
    tokens = _restore(model, snapshot, variables)._instance.tasks.values()
    found: list[tuple[int, str, tuple[Any, ...]]] = []
    for token in tokens:
        if token.internal_data.get("task"):
            found.append((token.id, "complete_user_task", ({},)))
        elif token.internal_data.get("wait") == "timer":
            found.append((token.id, "fire_timer", ()))
    return found


def _state(execution: Execution) -> State:
    tokens = []
    for token in execution._instance.tasks.values():
        if not token.is_root:
            arrived = {flow: len(there) for flow, there in token.internal_data.get("arrived", {}).items()}
            waits = {child.task_spec.element.id: 1 for child in token.children}
            tokens.append((token.task_spec.element.id, tuple(sorted({**arrived, **waits}.items()))))
            if any(count > MOST_TOKENS for count in arrived.values()):
                raise TooMany
    return tuple(sorted(tokens))


def _firsts(state: State) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    return [next(same) for _, same in itertools.groupby(state, lambda token: token[0])]
