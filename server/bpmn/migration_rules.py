"""When an element of one version of a process may become an element of another, and why not.

The rules are Camunda 8's, with two more freedoms: an event may become interrupting or cease to be, and a join keeps
what has arrived where the flows can be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from server.messages import Finding

from .activities import Activity
from .element_words import ELEMENT_WORDS, with_article
from .errors import reason
from .events import BoundaryEvent
from .flow_node import FlowNode
from .loops import Repetition
from .model import ProcessModel, SequenceFlow

_KINDS = {
    "Timer": ("定时器", "timer"),
    "Message": ("消息", "message"),
    "Signal": ("信号", "signal"),
    "Error": ("错误", "error"),
    "Escalation": ("升级", "escalation"),
    "Condition": ("条件", "conditional"),
    "Compensate": ("补偿", "compensation"),
    "Link": ("链接", "link"),
    "Terminate": ("终止", "terminate"),
    "Cancel": ("取消", "cancel"),
    "None": ("无", "none"),
}


def check_mapping(source: ProcessModel, target: ProcessModel, mapping: Mapping[str, str]) -> list[Finding]:
    """What is wrong with a mapping whatever instance it is for: ids that do not exist, elements that do not fit."""
    found = []
    for source_id, target_id in mapping.items():
        flow = source_id in source.flows
        if flow or source_id in source.elements:
            known = target.flows if flow else target.elements
            if target_id not in known:
                found.append(_no_target(source_id, target_id))
            elif not flow:
                found += pair_faults(source.node(source_id), target.node(target_id), mapping)
        else:
            found.append(_no_source(source_id))
    return found


def pair_faults(source: FlowNode, target: FlowNode, mapping: Mapping[str, str]) -> list[Finding]:
    """Why tokens of ``source`` cannot stand in ``target``; empty where they can. Scopes are followed by ``mapping``."""
    return list(_faults(source, target, mapping))


def _faults(source: FlowNode, target: FlowNode, mapping: Mapping[str, str]) -> Iterator[Finding]:
    one, other = source.element, target.element
    if one.type != other.type:
        yield _type_differs(source, target)
        return
    if event_kind(source) != event_kind(target):
        yield _event_differs(source, target)
    if _loop(source) != _loop(target):
        yield _multi_instance_differs(source, target)
    if isinstance(source, BoundaryEvent) and isinstance(target, BoundaryEvent):
        host = source.attached_to.element.id
        if mapping.get(host) != target.attached_to.element.id:
            yield _host_differs(source, target)
    elif (one.parent_id is None) != (other.parent_id is None) or (
        one.parent_id is not None and mapping.get(one.parent_id) != other.parent_id
    ):
        yield _scope_differs(source, target)


def event_kind(node: FlowNode) -> str:
    """What an event is about: Timer, Message, and so on; None for all that has no event definition."""
    definition: Any = getattr(node, "event_definition", None)
    if definition is None:
        return "None"
    return type(definition).__name__.removesuffix("Definition").removesuffix("Event")


def _loop(node: FlowNode) -> str:
    if not isinstance(node, Activity) or node.multi_instance is None:
        return "single"
    if isinstance(node.multi_instance, Repetition):
        return "loop"
    return "sequential" if node.multi_instance.loop.sequential else "parallel"


def map_flow(
    flow_id: str, source: ProcessModel, target: ProcessModel, join: FlowNode, mapping: Mapping[str, str]
) -> SequenceFlow | None:
    """The flow into ``join`` (of the target) that stands for a flow of the source; None where it cannot be told."""
    named = target.flows.get(mapping.get(flow_id, flow_id))
    if named is not None and named in join.incoming:
        return named
    before = source.flows[flow_id].source
    from_same = [flow for flow in join.incoming if flow.source == mapping.get(before, before)]
    return from_same[0] if len(from_same) == 1 else None


# -- reasons -----------------------------------------------------------------------------------------------------


def _no_source(element_id: str) -> Finding:
    return reason(
        "migrate-no-source",
        element_id,
        f"原流程版本中没有元素或顺序流“{element_id}”；请更正映射。",
        f"The source version has no element or sequence flow '{element_id}'; correct the mapping.",
    )


def _no_target(source_id: str, target_id: str) -> Finding:
    return reason(
        "migrate-no-target",
        source_id,
        f"目标流程版本中没有元素或顺序流“{target_id}”（由“{source_id}”映射而来）；请更正映射。",
        f"The target version has no element or sequence flow '{target_id}' (mapped from '{source_id}'); correct the"
        " mapping.",
    )


def _type_differs(source: FlowNode, target: FlowNode) -> Finding:
    (zh, en), (other_zh, other_en) = ELEMENT_WORDS[source.element.type], ELEMENT_WORDS[target.element.type]
    return reason(
        "migrate-type",
        source.element.id,
        f"{source.where} 是{zh}，而 {target.where} 是{other_zh}；只能映射到同类型的元素，或先用修改把令牌移开。",
        f"{source.where} is {with_article(en)}, but {target.where} is {with_article(other_en)}; map it to an element of"
        " the same type, or move its tokens away by a modification first.",
    )


def _event_differs(source: FlowNode, target: FlowNode) -> Finding:
    one, other = _KINDS[event_kind(source)], _KINDS[event_kind(target)]
    return reason(
        "migrate-event",
        source.element.id,
        f"{source.where} 的事件类型是{one[0]}，而 {target.where} 是{other[0]}；请映射到同类事件。",
        f"{source.where} is {with_article(one[1])} event, but {target.where} is {with_article(other[1])} event; map it"
        " to one of its kind.",
    )


def _multi_instance_differs(source: FlowNode, target: FlowNode) -> Finding:
    zh = {"single": "单个活动", "loop": "循环", "parallel": "并行多实例", "sequential": "顺序多实例"}
    en = {"parallel": "parallel multi-instance", "sequential": "sequential multi-instance"}
    one, other = _loop(source), _loop(target)
    return reason(
        "migrate-multi-instance",
        source.element.id,
        f"{source.where} 是{zh[one]}，而 {target.where} 是{zh[other]}；请保持一致，或等该活动结束后再迁移。",
        f"{source.where} is {en.get(one, one)}, but {target.where} is {en.get(other, other)}; keep it as it is, or"
        " migrate when the activity has ended.",
    )


def _host_differs(source: BoundaryEvent, target: BoundaryEvent) -> Finding:
    return reason(
        "migrate-boundary-host",
        source.element.id,
        f"边界事件 {source.where} 附着在 {source.attached_to.where} 上，而 {target.where} 附着在"
        f" {target.attached_to.where} 上，两个活动没有互相映射；请映射它们，或不映射该事件（将关闭并新开）。",
        f"The boundary event {source.where} is attached to {source.attached_to.where}, but {target.where} to"
        f" {target.attached_to.where}, and these are not mapped to each other; map them, or leave the event out (it is"
        " closed and the new one opened).",
    )


def _scope_differs(source: FlowNode, target: FlowNode) -> Finding:
    one, other = source.element.parent_id or "（流程）", target.element.parent_id or "（流程）"
    return reason(
        "migrate-scope",
        source.element.id,
        f"{source.where} 在“{one}”中，而 {target.where} 在“{other}”中，两个作用域没有互相映射；"
        "元素不能迁移到另一个子流程，请先用修改移动令牌。",
        f"{source.where} stands in '{source.element.parent_id or 'the process'}', but {target.where} in"
        f" '{target.element.parent_id or 'the process'}', which are not mapped to each other; an element cannot change"
        " its subprocess by migration, move its tokens by a modification.",
    )


def not_mapped(source: FlowNode) -> Finding:
    """A token stands in an element for which the mapping says nothing."""
    return reason(
        "migrate-not-mapped",
        source.element.id,
        f"{source.where} 上有活动的令牌，但没有映射；请为它添加映射，或先用修改把令牌移开。",
        f"{source.where} has an active token but no mapping; add one, or move the token away by a modification first.",
    )


def queued_not_mapped(source: FlowNode, activity: FlowNode) -> Finding:
    """An element is still to be activated in an ad-hoc subprocess, which cannot be in the target."""
    return reason(
        "migrate-not-mapped",
        source.element.id,
        f"{source.where} 正在 {activity.where} 中排队等待激活，而目标版本的该子流程中没有可激活的对应元素；"
        "请为它添加映射，或等它开始后再迁移。",
        f"{source.where} is in the queue of {activity.where}, whose counterpart in the target has nothing like it that"
        " can be activated; add a mapping for it, or migrate when it has begun.",
    )


def stop_not_mapped(source: FlowNode) -> Finding:
    """The instance was started to end after an element that the target does not have."""
    return reason(
        "migrate-not-mapped",
        source.element.id,
        f"实例启动时要求在 {source.where} 之后终止，而目标版本中没有对应的元素；请为它添加映射。",
        f"The instance was started to be terminated after {source.where}, which the target does not have; add a"
        " mapping for it.",
    )


def flow_not_mapped(flow_id: str, join: FlowNode, target: FlowNode) -> Finding:
    """A token has arrived at a join over a flow that cannot be told in the target."""
    return reason(
        "migrate-arrived",
        join.element.id,
        f"汇合网关 {join.where} 已收到经顺序流“{flow_id}”到达的令牌，而 {target.where} 没有对应的入口；"
        f"请把“{flow_id}”映射到它的一条入流，或等网关通过后再迁移。",
        f"A token has arrived at {join.where} over '{flow_id}', and {target.where} has no incoming flow for it; map"
        f" '{flow_id}' to one of its incoming flows, or migrate when the gateway has fired.",
    )


def cannot_wait(node: FlowNode, cause_zh: str, cause_en: str) -> Finding:
    """A wait that is new in the target cannot be opened."""
    return reason(
        "migrate-wait",
        node.element.id,
        f"目标版本的 {node.where} 无法开始等待：{cause_zh} 请先设置所需变量。",
        f"{node.where} of the target version cannot begin to wait: {cause_en} Set the variables it needs first.",
    )


def compensation_differs(source: FlowNode) -> Finding:
    """An activity has completed and may be undone, which the target cannot do."""
    return reason(
        "migrate-compensation",
        source.element.id,
        f"{source.where} 已完成并可以被补偿，而目标版本中对应的活动不能以同样的方式补偿；"
        "请保留其补偿处理，或等实例结束。",
        f"{source.where} has completed and may be compensated, but its counterpart in the target cannot be in the same"
        " way; keep its handler, or let the instance end.",
    )
