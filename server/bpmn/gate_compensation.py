"""The gate's rules for compensation and transactions."""

from __future__ import annotations

from collections.abc import Iterator

from SpiffWorkflow.bpmn.specs.event_definitions.simple import CancelEventDefinition

from server.messages import Message

from .activities import Activity
from .compensation import CompensateEventDefinition
from .events import BoundaryEvent, EndEvent, ThrowingNode
from .flow_node import FlowNode
from .model import ProcessModel
from .subprocesses import CompensationSubProcess, SubProcess
from .transactions import Transaction, cancel_boundary


def compensation_faults(node: FlowNode, model: ProcessModel) -> Iterator[Message]:
    """What is wrong with a node's part in compensation or in a transaction."""
    if isinstance(node, CompensationSubProcess):
        yield from _event_subprocess_faults(node, model)
    elif isinstance(node, Activity) and node.is_for_compensation:
        yield from _handler_faults(node, model)
    definition = getattr(node, "event_definition", None)
    if isinstance(definition, CompensateEventDefinition):
        if isinstance(node, BoundaryEvent):
            yield from _boundary_faults(node)
        elif isinstance(node, ThrowingNode):
            yield from _throw_faults(node, definition, model)
    elif isinstance(definition, CancelEventDefinition):
        yield from _cancel_faults(node, model)


def _boundary_faults(node: BoundaryEvent) -> Iterator[Message]:
    handler = node.handler
    if handler is None:
        yield Message(
            "bpmn.compensation-handler",
            f"{node.where} 没有补偿处理活动：请用关联（association）从它连到一个活动。",
            f"{node.where} has no compensation handler: draw an association from it to an activity.",
        )
    elif not handler.is_for_compensation:
        yield Message(
            "bpmn.handler-mark",
            f'{handler.where} 是补偿处理活动，需要写 isForCompensation="true"。',
            f'{handler.where} is a compensation handler and must say isForCompensation="true".',
        )
    elif handler.element.parent_id != node.element.parent_id:
        yield Message(
            "bpmn.handler-scope",
            f"补偿处理活动 {handler.where} 与 {node.where} 必须在同一个流程或子流程中。",
            f"The compensation handler {handler.where} must stand in the same process or subprocess as {node.where}.",
        )
    if node.outgoing:
        yield Message(
            "bpmn.compensation-flow",
            f"{node.where} 是补偿边界事件，不能有顺序流出口；请只用关联。",
            f"{node.where} is a compensation boundary event and must have no outgoing flow, only an association.",
        )
    attached = getattr(node, "attached_to", None)
    if attached is not None and _undone_by(attached) > 1:
        yield Message(
            "bpmn.two-handlers",
            f"{attached.where} 有多个补偿处理；只能有一个补偿边界事件或一个补偿事件子流程。",
            f"{attached.where} has several compensations; give it one compensation boundary event or one compensation"
            " event subprocess.",
        )


def _undone_by(activity: Activity) -> int:
    events = sum(isinstance(e.event_definition, CompensateEventDefinition) for e in activity.boundary_events)
    return events + (activity.compensation_subprocess is not None)


def _handler_faults(node: Activity, model: ProcessModel) -> Iterator[Message]:
    if node.incoming or node.outgoing:
        yield Message(
            "bpmn.handler-flow",
            f"{node.where} 是补偿处理活动，不能有顺序流。",
            f"{node.where} is a compensation handler and must have no sequence flows.",
        )
    if node.boundary_events:
        yield Message(
            "bpmn.handler-boundary",
            f"{node.where} 是补偿处理活动，不能附着边界事件；请改用子流程，把边界事件画在其中。",
            f"{node.where} is a compensation handler and cannot have boundary events; make it a subprocess and draw"
            " them inside.",
        )
    if not any(isinstance(other, BoundaryEvent) and other.handler is node for other in model.nodes):
        yield Message(
            "bpmn.handler-unused",
            f"{node.where} 标记为补偿处理，但没有补偿边界事件与它关联。",
            f"{node.where} is marked for compensation, but no compensation boundary event is associated with it.",
        )


def _throw_faults(node: ThrowingNode, definition: CompensateEventDefinition, model: ProcessModel) -> Iterator[Message]:
    scopes = _reached_scopes(node, model)
    undoable = [
        n.element.id
        for n in model.nodes
        if isinstance(n, Activity) and n.is_compensable and n.element.parent_id in scopes
    ]
    if definition.activity_id is None:
        if not undoable:
            yield Message(
                "bpmn.compensation-nothing",
                f"{node.where} 抛出补偿，但同一范围内没有可补偿的活动（带补偿边界事件，或含有这种活动的子流程）。",
                f"{node.where} throws compensation, but its scope has no activity with a compensation handler.",
            )
    elif definition.activity_id not in undoable:
        yield Message(
            "bpmn.compensation-activity",
            f"{node.where} 要补偿的活动“{definition.activity_id}”不在同一范围内，或没有补偿处理。",
            f"The activity '{definition.activity_id}' that {node.where} compensates is not in its scope, or has no"
            " compensation handler.",
        )
    if node.extensions.inputs:
        yield Message(
            "bpmn.compensation-mapping",
            f"{node.where} 抛出补偿，不能有输入映射；请在补偿处理活动上写映射。",
            f"{node.where} throws compensation and takes no input mappings; write them on the handlers.",
        )


def _reached_scopes(node: FlowNode, model: ProcessModel) -> list[str | None]:
    parent = node.element.parent_id
    scopes = [parent]
    while parent is not None and model.node(parent).triggered_by_event:
        parent = model.elements[parent].parent_id
        scopes.append(parent)
    return scopes


def _event_subprocess_faults(node: CompensationSubProcess, model: ProcessModel) -> Iterator[Message]:
    parent = node.element.parent_id
    around = None if parent is None else model.node(parent)
    if not isinstance(around, SubProcess) or around.triggered_by_event:
        yield Message(
            "bpmn.compensation-subprocess-place",
            f"{node.where} 是补偿事件子流程，只能放在嵌入子流程或事务中。",
            f"{node.where} is a compensation event subprocess; it belongs into an embedded subprocess or transaction.",
        )
    elif around.compensation_subprocess is not node:
        yield Message(
            "bpmn.two-handlers",
            f"{around.where} 有多个补偿处理；只能有一个补偿边界事件或一个补偿事件子流程。",
            f"{around.where} has several compensations; give it one compensation boundary event or one compensation"
            " event subprocess.",
        )
    if node.incoming or node.outgoing or node.boundary_events or node.multi_instance is not None:
        yield Message(
            "bpmn.event-subprocess-flow",
            f"事件子流程 {node.where} 不能有顺序流、边界事件或循环。",
            f"The event subprocess {node.where} must have no sequence flows, boundary events or loop.",
        )


def _cancel_faults(node: FlowNode, model: ProcessModel) -> Iterator[Message]:
    if isinstance(node, BoundaryEvent):
        attached = getattr(node, "attached_to", None)
        if attached is not None and not isinstance(attached, Transaction):
            yield Message(
                "bpmn.cancel-boundary",
                f"{node.where} 是取消边界事件，只能附着在事务上。",
                f"{node.where} is a cancel boundary event; only transactions can be cancelled.",
            )
        if not node.cancel_activity:
            yield Message(
                "bpmn.cancel-not-interrupting",
                f'{node.where}：取消事件总是中断事务；请去掉 cancelActivity="false"。',
                f'{node.where}: cancel always interrupts the transaction; remove cancelActivity="false".',
            )
        return
    parent = node.element.parent_id
    while parent is not None and not isinstance(model.node(parent), Transaction):
        parent = model.elements[parent].parent_id
    if not isinstance(node, EndEvent) or parent is None:
        yield Message(
            "bpmn.cancel-outside",
            f"{node.where} 是取消结束事件，只能用在事务中。",
            f"{node.where} is a cancel end event; it can stand in a transaction only.",
        )
        return
    transaction = model.node(parent)
    if len(list(cancel_boundary(transaction))) != 1:
        yield Message(
            "bpmn.cancel-without-boundary",
            f"事务 {transaction.where} 含有取消结束事件，需要恰好一个取消边界事件。",
            f"The transaction {transaction.where} has a cancel end event and needs exactly one cancel boundary event.",
        )
    if isinstance(transaction, Transaction) and transaction.multi_instance is not None:
        yield Message(
            "bpmn.transaction-loop",
            f"含有取消结束事件的事务 {transaction.where} 不能循环或多实例；请把它放进多实例子流程。",
            f"The transaction {transaction.where} has a cancel end event and cannot loop or be multi-instance; put it"
            " into a multi-instance subprocess.",
        )
