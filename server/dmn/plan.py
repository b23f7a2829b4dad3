"""The order in which decisions are evaluated, so that each finds its requirements done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from server.dmn.compiled_graph import CompiledDecision, CompiledService, DecisionBinding, Path, Plan, Step

Node = tuple[Path, CompiledDecision]


def plan_for(decision: CompiledDecision) -> Plan:
    """The plan that ends with ``decision``."""
    return _build([((), decision)], {})[0]


def plan_service(service: CompiledService, outputs: Sequence[Node], given: Sequence[Node]) -> None:
    """Gives a service its plan: down from its output decisions, stopping at the decisions it is given."""
    places = {node: -1 - number for number, node in enumerate(given)}
    plan, done = _build(outputs, places)
    service.plan = plan
    service.outputs = tuple((decision.decision.variable.name, done[path, decision]) for path, decision in outputs)


def _required(node: Node) -> Iterator[tuple[DecisionBinding, Node]]:
    path, decision = node
    for binding in decision.decisions:
        inner = path if binding.import_name is None else (*path, binding.import_name)
        yield binding, (inner, binding.target)


def _build(roots: Sequence[Node], given: Mapping[Node, int]) -> tuple[Plan, Mapping[Node, int]]:
    """Depth first, without recursion: a chain of decisions may be longer than the stack is deep."""
    done = dict(given)
    steps: list[Step] = []
    for root in roots:
        stack = [root]
        while stack:
            node = stack[-1]
            waiting = [required for _, required in _required(node) if required not in done]
            if node in done:
                stack.pop()
            elif waiting:
                stack.extend(waiting)
            else:
                stack.pop()
                sources = tuple((binding, done[required]) for binding, required in _required(node))
                done[node] = len(steps)
                steps.append(Step(node[0], node[1], sources))
    return Plan(tuple(steps)), done
