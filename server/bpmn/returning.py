"""The path from an element: which nodes of a scope can only have got their tokens from there.

It follows sequence flows, boundary events and links, and goes past a join only when every flow into it lies on the
path: what waits at a join for another branch, and that branch itself, were not started by the element. So a return
into one of several branches leaves the others alone, and a return to before the split takes all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .flow_node import FlowNode
from .gateways import InclusiveGateway, Join
from .token import Token


@dataclass(slots=True)
class Path:
    """The nodes and the sequence flows of a path, and the joins where it meets other branches."""

    nodes: set[FlowNode] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)
    stopped: list[FlowNode] = field(default_factory=list)


def path_from(start: FlowNode, scope: Token | None) -> Path:
    """The path from ``start`` within its scope, as far as the live tokens of ``scope`` allow it.

    Without ``scope`` for one that is yet to be opened, where nothing is live.
    """
    path = Path()
    todo = [start]
    joins: dict[FlowNode, None] = {}
    while True:
        while todo:
            node = todo.pop()
            if node in path.nodes:
                continue
            path.nodes.add(node)
            path.flows.update(flow.id for flow, _ in node.outgoing)
            for successor in node.successors():
                if _is_join(successor):
                    joins[successor] = None
                else:
                    todo.append(successor)
        todo = [join for join in joins if join not in path.nodes and _passes(join, path, start, scope)]
        if not todo:
            path.stopped = [join for join in joins if join not in path.nodes]
            return path


def _is_join(node: FlowNode) -> bool:
    return isinstance(node, Join) and len(node.incoming) > 1


def _passes(join: FlowNode, path: Path, start: FlowNode, scope: Token | None) -> bool:
    """Whether a token from ``start`` goes past a join without one that was never on the path."""
    others = [flow.source for flow in join.incoming if flow.id not in path.flows]
    if not others:
        return True
    if not isinstance(join, InclusiveGateway):
        return False
    # An inclusive join waits only for branches that are alive: with none, it goes on with this path alone.
    return scope is None or not _alive_between(join, others, start, scope)


def _alive_between(join: FlowNode, others: list[str], start: FlowNode, scope: Token) -> bool:
    """Whether a token stands in another branch before ``join``: on a way to it that does not lead to ``start``."""
    inside = [node for node in start.model_nodes() if node.element.parent_id == start.element.parent_id]
    before: dict[FlowNode, list[FlowNode]] = {}
    for node in inside:
        for successor in node.successors():
            before.setdefault(successor, []).append(node)
    shared = _backwards([start], before, stop={join})
    branch = _backwards([node for node in inside if node.name in others], before, stop=shared | {join})
    for child in scope.children:
        if child.task_spec in branch and not child.task_spec.is_wait_in(scope):
            return True
        if child.task_spec is join:
            arrived = child.internal_data.get("arrived", {})
            return any(flow.id in arrived for flow in join.incoming if flow.source in others)
    return False


def _backwards(ends: list[FlowNode], before: dict[FlowNode, list[FlowNode]], stop: set[FlowNode]) -> set[FlowNode]:
    found: set[FlowNode] = set()
    todo = [node for node in ends if node not in stop]
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += [earlier for earlier in before.get(node, ()) if earlier not in stop]
    return found
