"""The gate's rules for what activities repeat."""

from __future__ import annotations

from collections.abc import Iterator

from server.messages import Message

from .extensions import StandardLoop
from .flow_node import FlowNode


def activity_faults(node: FlowNode) -> Iterator[Message]:
    """What is wrong with a node's loop."""
    standard, many = node.extensions.standard_loop, node.extensions.loop
    if standard is not None:
        yield from _loop_faults(node, standard)
    condition = standard.condition if standard is not None else many.completion_condition if many is not None else None
    if condition is not None and not condition.text.startswith("="):
        yield Message(
            "bpmn.loop-condition",
            f"{node.where} 的循环或完成条件“{condition.text}”应以 = 开头（FEEL）。",
            f"The loop or completion condition '{condition.text}' of {node.where} must begin with = (FEEL).",
        )


def _loop_faults(node: FlowNode, loop: StandardLoop) -> Iterator[Message]:
    if loop.condition is None and loop.maximum is None:
        yield Message(
            "bpmn.loop-endless",
            f"{node.where} 的循环没有尽头：请写循环条件（loopCondition）或最大次数（loopMaximum）。",
            f"The loop of {node.where} has no end: give it a loopCondition or a loopMaximum.",
        )
    if loop.maximum is not None and loop.maximum < 1:
        yield Message(
            "bpmn.loop-maximum",
            f"{node.where} 的最大循环次数 {loop.maximum} 应至少为 1。",
            f"The loopMaximum {loop.maximum} of {node.where} must be at least 1.",
        )
