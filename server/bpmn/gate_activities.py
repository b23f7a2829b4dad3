"""The gate's rules for loops and ad-hoc subprocesses."""

from __future__ import annotations

from collections.abc import Iterator

from server.messages import Message

from .activities import Activity
from .ad_hoc import AdHocSubProcess
from .events import ThrowingNode
from .extensions import StandardLoop
from .flow_node import FlowNode
from .model import ProcessModel


def activity_faults(node: FlowNode, model: ProcessModel) -> Iterator[Message]:
    """What is wrong with a node's loop, or with an ad-hoc subprocess."""
    standard, many = node.extensions.standard_loop, node.extensions.loop
    if standard is not None:
        yield from _loop_faults(node, standard)
    if isinstance(node, AdHocSubProcess):
        yield from _ad_hoc_faults(node, model)
    conditions = (
        None if standard is None else standard.condition,
        None if many is None else many.completion_condition,
        node.extensions.ad_hoc.completion_condition,
    )
    for condition in conditions:
        if condition is None or condition.text.startswith("="):
            continue
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


def _ad_hoc_faults(node: AdHocSubProcess, model: ProcessModel) -> Iterator[Message]:
    rules = node.extensions.ad_hoc
    inner = [n for n in model.nodes if n.element.parent_id == node.element.id]
    if node.extensions.task is not None:
        yield Message(
            "bpmn.ad-hoc-job",
            f"{node.where} 写了任务类型（zeebe:taskDefinition），但由作业程序驱动的 ad-hoc 子流程不会被执行；"
            "请用 activeElementsCollection，或由接口激活元素。",
            f"{node.where} has a job type (zeebe:taskDefinition), but ad-hoc subprocesses driven by job workers are not"
            " executed; use activeElementsCollection, or activate elements over the API.",
        )
    for other in inner:
        if other.element.type in ("START_EVENT", "END_EVENT"):
            yield Message(
                "bpmn.ad-hoc-events",
                f"ad-hoc 子流程 {node.where} 中不能有启动事件或结束事件（{other.element.id}）。",
                f"The ad-hoc subprocess {node.where} must have no start or end events ({other.element.id}).",
            )
    if not any(isinstance(n, Activity) and not isinstance(n, ThrowingNode) for n in node.activatable.values()):
        yield Message(
            "bpmn.ad-hoc-empty",
            f"ad-hoc 子流程 {node.where} 中没有可激活的活动（没有入口顺序流的活动）。",
            f"The ad-hoc subprocess {node.where} has no activity to activate (one that no sequence flow leads to).",
        )
    if rules.active_elements is not None and not rules.active_elements.text.startswith("="):
        yield Message(
            "bpmn.active-elements",
            f"{node.where} 的 activeElementsCollection 应以 = 开头（FEEL）。",
            f"The activeElementsCollection of {node.where} must begin with = (FEEL).",
        )
    if (rules.output_collection is None) != (rules.output_element is None):
        yield Message(
            "bpmn.loop-output",
            f"{node.where} 的 outputCollection 与 outputElement 必须一起出现。",
            f"outputCollection and outputElement of {node.where} must be given together.",
        )
