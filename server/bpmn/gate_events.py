"""The gate's rules for events: which are executed at which position, and what each of them must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lxml import etree

from server.messages import Finding, Message

from .event_definitions import (
    EVERY_CHANGE,
    ConditionDefinition,
    ErrorDefinition,
    EscalationDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
)
from .event_subprocess import EventSubProcess
from .events import (
    BoundaryEvent,
    CatchingNode,
    IntermediateCatchEvent,
    ReceiveTask,
    StartEvent,
    ThrowingNode,
)
from .extensions import BPMN, ZEEBE
from .flow_node import FlowNode
from .gate_report import Report
from .gate_timers import timer_faults
from .gateways import EventBasedGateway
from .model import ProcessModel
from .reader import is_bpmn, is_event_subprocess, local_name, names_in
from .subprocesses import CallActivity, SubProcess
from .timers import TimerDefinition

_B = f"{{{BPMN}}}"

EVENTS: dict[str, frozenset[str]] = {
    "startEvent": frozenset({"message", "timer", "signal", "conditional"}),
    "intermediateCatchEvent": frozenset({"message", "timer", "signal", "conditional", "link"}),
    "intermediateThrowEvent": frozenset({"message", "signal", "escalation", "link", "compensate"}),
    "endEvent": frozenset({"message", "signal", "error", "escalation", "terminate", "compensate", "cancel"}),
    "boundaryEvent": frozenset(
        {"message", "timer", "signal", "error", "escalation", "conditional", "compensate", "cancel"}
    ),
}
"""Which event definitions are executed at which position (beside none events where BPMN allows them)."""

EVENT_SUBPROCESS_STARTS = frozenset({"message", "timer", "signal", "error", "escalation", "conditional", "compensate"})
"""Which event definitions start an event subprocess."""

_REFERENCES = {
    "error": ("errorRef", "error", "errorCode"),
    "escalation": ("escalationRef", "escalation", "escalationCode"),
}


def kinds(node: etree._Element) -> list[str]:
    """The kinds of the event definitions of an event, such as ``timer``."""
    return [local_name(definition).removesuffix("EventDefinition") for definition in _definitions(node)]


def _definitions(node: etree._Element) -> list[etree._Element]:
    return [child for child in node if is_bpmn(child) and local_name(child).endswith("EventDefinition")]


# -- the structure of the file ---------------------------------------------------------------------------------------


def check_event_subprocess(node: etree._Element, report: Report) -> Iterator[Finding]:
    """An event subprocess begins with exactly one event, and stands outside of the sequence flow."""
    starts = list(node.iterfind(f"{_B}startEvent"))
    if len(starts) != 1 or len(kinds(starts[0])) != 1:
        yield report.error(
            node,
            "bpmn.event-subprocess-start",
            "事件子流程必须有且只有一个启动事件，并带有事件类型（消息、定时器、信号、错误、升级或条件）。",
            "An event subprocess needs exactly one start event, with an event definition (message, timer, signal,"
            " error, escalation or conditional).",
        )
    for tag in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        if node.find(f"{_B}{tag}") is not None:
            yield report.error(
                node,
                "bpmn.event-subprocess-loop",
                "事件子流程不能有循环或多实例；请把循环画在它里面。",
                "An event subprocess cannot be a loop or multi-instance; draw the loop inside of it.",
            )


def check_events(node: etree._Element, name: str, report: Report) -> Iterator[Finding]:
    """Whether the event at ``node`` is executed at this position, and what its definition refers to exists."""
    found = kinds(node)
    allowed = EVENTS.get(name)
    if allowed is None:
        return
    if name == "startEvent" and is_event_subprocess(node.getparent()):
        allowed = EVENT_SUBPROCESS_STARTS
    if len(found) > 1:
        yield report.error(
            node,
            "bpmn.multiple-events",
            "一个事件只能有一个事件定义。",
            "An event may have only one event definition.",
        )
        return
    if not found and name in ("intermediateCatchEvent", "boundaryEvent"):
        yield report.error(
            node,
            "bpmn.event-without-definition",
            f"{name} 必须有事件定义（消息、定时器……），否则永远不会继续。",
            f"A {name} needs an event definition (message, timer, ...), or it would never go on.",
        )
    for kind in found:
        if kind not in allowed:
            yield report.error(
                node,
                "bpmn.unsupported-event",
                f"{name} 上的 {kind} 事件不会被执行，因此不能部署。",
                f"A {kind} event at a {name} is not executed, so it cannot be deployed.",
            )
    if found == ["error"] and "false" in (node.get("cancelActivity"), node.get("isInterrupting")):
        yield report.error(
            node,
            "bpmn.error-not-interrupting",
            '错误总是中断；请去掉 cancelActivity="false" 或 isInterrupting="false"。',
            'Errors always interrupt; remove cancelActivity="false" or isInterrupting="false".',
        )
    for definition in _definitions(node):
        yield from _check_reference(node, definition, report)
        yield from _check_definition_extensions(node, definition, report)


def _check_reference(node: etree._Element, definition: etree._Element, report: Report) -> Iterator[Finding]:
    reference = _REFERENCES.get(local_name(definition).removesuffix("EventDefinition"))
    if reference is None or not definition.get(reference[0]):
        return
    attribute, tag, code = reference
    wanted = definition.get(attribute)
    declared = next((e for e in node.getroottree().getroot().iterfind(f"{_B}{tag}") if e.get("id") == wanted), None)
    if declared is None or not declared.get(code):
        yield report.error(
            node,
            "bpmn.no-event-reference",
            f"{attribute}“{wanted}”没有指向带有 {code} 的 {tag}；要捕获所有的，请去掉 {attribute}。",
            f"{attribute} '{wanted}' names no {tag} with {code}; to catch every one, remove {attribute}.",
        )


def _check_definition_extensions(node: etree._Element, definition: etree._Element, report: Report) -> Iterator[Finding]:
    holder = definition.find(f"{_B}extensionElements")
    conditional = local_name(definition) == "conditionalEventDefinition"
    for element in () if holder is None else holder:
        if not isinstance(element.tag, str) or etree.QName(element).namespace != ZEEBE:
            continue
        if not conditional or etree.QName(element).localname != "conditionalFilter":
            name = etree.QName(element).localname
            yield report.unsupported_extension(node, name)
            continue
        events = element.get("variableEvents")
        unknown = [event for event in names_in(events or "") if event not in EVERY_CHANGE]
        if unknown or events == "":
            yield report.error(
                node,
                "bpmn.condition-filter",
                f"条件过滤器的 variableEvents 只能是 create、update 或两者，不能是“{events}”。",
                f"The variableEvents of a condition filter are create, update or both, not '{events}'.",
            )
        if events and local_name(node) == "startEvent" and not is_event_subprocess(node.getparent()):
            yield report.error(
                node,
                "bpmn.condition-filter",
                "流程的条件启动事件不能有 variableEvents：那时还没有会变化的变量。请去掉它。",
                "A conditional start event of a process has no variableEvents: no variable changes yet. Remove them.",
            )


# -- the process that was read ---------------------------------------------------------------------------------------


def event_faults(node: FlowNode) -> Iterator[Message]:
    """What is wrong with one element as an event, or as what is started by one."""
    if isinstance(node, ThrowingNode):
        yield from _throwing_faults(node)
    if isinstance(node, CatchingNode):
        yield from _catching_faults(node)
    if isinstance(node, BoundaryEvent):
        yield from _boundary_faults(node)
    if isinstance(node, EventBasedGateway):
        yield from _event_gateway_faults(node)
    if isinstance(node, EventSubProcess) and (node.incoming or node.outgoing or node.boundary_events):
        yield Message(
            "bpmn.event-subprocess-flow",
            f"{node.where} 是事件子流程，不能有顺序流通向它或离开它，也不能附着边界事件。",
            f"{node.where} is an event subprocess: no sequence flow may lead to or out of it, and no boundary event"
            " be attached to it.",
        )
    yield from _double_triggers(f"{node.where} 上", f"At {node.where}", node.boundary_events)
    yield from _double_triggers(f"{node.where} 内", f"In {node.where}", (e.start for e in node.event_subprocesses))


def check_events_of(model: ProcessModel) -> Iterator[tuple[FlowNode, Message]]:
    """What is wrong with several events of a process together."""
    root = model.spec.start
    starts = [n for n in model.nodes if isinstance(n, StartEvent) and n.element.parent_id is None]
    for group in (starts, [e.start for e in root.event_subprocesses]):
        for message in _double_triggers("流程中", "In the process", group):
            yield group[0], message
    yield from _link_faults(model)


def _no_reference(node: FlowNode) -> Message:
    return Message(
        "bpmn.no-event-reference",
        f"{node.where} 没有引用有名称（错误、升级则为代码）的消息、信号、错误或升级。",
        f"{node.where} refers to no message or signal with a name, or error or escalation with a code.",
    )


def _throwing_faults(node: ThrowingNode) -> Iterator[Message]:
    definition = node.event_definition
    if isinstance(definition, MessageDefinition) and node.extensions.task is None:
        yield Message(
            "bpmn.no-implementation",
            f"{node.where} 发送消息，需要任务类型（zeebe:taskDefinition）。",
            f"{node.where} sends a message and needs a job type (zeebe:taskDefinition).",
        )
    if isinstance(definition, ErrorDefinition | EscalationDefinition):
        named = definition.coded is not None
    else:
        named = not isinstance(definition, MessageDefinition | SignalDefinition) or bool(definition.name)
    if not named:
        yield _no_reference(node)


def _catching_faults(node: CatchingNode) -> Iterator[Message]:
    definition = node.event_definition
    if isinstance(definition, TimerDefinition):
        yield from timer_faults(node, definition)
    elif isinstance(definition, MessageDefinition):
        if not definition.name:
            yield _no_reference(node)
        elif definition.correlation_key is None and not _starts_process(node):
            yield Message(
                "bpmn.no-correlation-key",
                f"{node.where} 等待消息，但消息没有关联键（zeebe:subscription correlationKey）。",
                f"{node.where} waits for a message without a correlation key (zeebe:subscription correlationKey).",
            )
    elif isinstance(definition, ConditionDefinition):
        yield from _condition_faults(node, definition)
    elif isinstance(definition, SignalDefinition) and not definition.name:
        yield _no_reference(node)
    yield from _fixed_name_faults(node, definition)


def _fixed_name_faults(node: CatchingNode, definition: Any) -> Iterator[Message]:
    named = isinstance(definition, MessageDefinition | SignalDefinition)
    if named and _starts_process(node) and not definition.named.is_literal:
        yield Message(
            "bpmn.start-name-expression",
            f"{node.where} 启动流程，其消息或信号的名称“{definition.name}”不能是表达式：那时还没有变量。",
            f"{node.where} starts the process: the name '{definition.name}' of its message or signal cannot be an"
            " expression, as there are no variables yet.",
        )
    coded = definition.coded if isinstance(definition, ErrorDefinition | EscalationDefinition) else None
    if coded is not None and not coded.is_literal:
        yield Message(
            "bpmn.catch-code-expression",
            f"{node.where} 捕获的代码“{coded.text}”不能是表达式；请写固定的代码，或不写以捕获所有的。",
            f"The code '{coded.text}' that {node.where} catches cannot be an expression; write a fixed code, or none"
            " to catch every one.",
        )


def _starts_process(node: FlowNode) -> bool:
    return isinstance(node, StartEvent) and node.event_subprocess is None


def _condition_faults(node: CatchingNode, definition: ConditionDefinition) -> Iterator[Message]:
    condition = definition.condition
    if not condition.text or (condition.is_literal and not condition.text.startswith("=")):
        yield Message(
            "bpmn.condition-not-feel",
            f"{node.where} 的条件“{condition.text}”应以 = 开头（FEEL）。",
            f"The condition '{condition.text}' of {node.where} must begin with = (FEEL).",
        )
    elif not condition.is_literal and not definition.watched:
        yield Message(
            "bpmn.condition-constant",
            f"{node.where} 的条件“{condition.text}”没有读取任何变量，因此不会再次求值。等待时间请用定时器。",
            f"The condition '{condition.text}' of {node.where} reads no variable, so it would never be asked again."
            " To wait for a time use a timer.",
        )


def _boundary_faults(node: BoundaryEvent) -> Iterator[Message]:
    if not hasattr(node, "attached_to"):
        yield Message(
            "bpmn.not-attached",
            f"{node.where} 没有附着在活动上（attachedToRef）。",
            f"{node.where} is not attached to an activity (attachedToRef).",
        )
    elif isinstance(node.event_definition, EscalationDefinition) and not isinstance(
        node.attached_to, SubProcess | CallActivity
    ):
        yield Message(
            "bpmn.escalation-host",
            f"{node.where} 等待升级，只能附着在子流程或调用活动上：其他活动不会抛出升级。",
            f"{node.where} waits for an escalation and can only be attached to a subprocess or a call activity: no"
            " other activity throws one.",
        )


def _event_gateway_faults(node: EventBasedGateway) -> Iterator[Message]:
    if len(node.outgoing) < 2:
        yield Message(
            "bpmn.event-gateway-flows",
            f"{node.where} 至少要有两个出口。",
            f"{node.where} needs at least two outgoing flows.",
        )
    for flow, target in node.outgoing:
        if not _can_follow_event_gateway(target):
            yield Message(
                "bpmn.event-gateway-target",
                f"{node.where} 的出口 {flow.where} 只能通向没有其他入口的中间捕获事件，"
                "或没有其他入口、边界事件和多实例的接收任务。",
                f"Flow {flow.where} out of {node.where} must lead to an intermediate catch event, or a receive task"
                " without boundary events or instances, with no other entry.",
            )
    targets = [target for _, target in node.outgoing if isinstance(target, CatchingNode)]
    yield from _double_triggers(f"{node.where} 之后", f"Behind {node.where}", targets)


def _can_follow_event_gateway(target: FlowNode) -> bool:
    if len(target.incoming) != 1:
        return False
    if isinstance(target, ReceiveTask):
        return not target.boundary_events and target.extensions.loop is None
    return isinstance(target, IntermediateCatchEvent) and not isinstance(target.event_definition, LinkDefinition)


_TRIGGERS: tuple[tuple[type[Any], str, str, Callable[[Any], str]], ...] = (
    (MessageDefinition, "消息", "message", lambda definition: definition.name),
    (ErrorDefinition, "错误", "error", lambda definition: definition.code or ""),
    (EscalationDefinition, "升级", "escalation", lambda definition: definition.code or ""),
    (ConditionDefinition, "条件", "condition", lambda definition: definition.condition.text),
)


def _double_triggers(where_zh: str, where_en: str, events: Iterable[CatchingNode]) -> Iterator[Message]:
    """Of two events for the very same thing at the same place, one would never happen."""
    seen: set[tuple[str, str]] = set()
    for event in events:
        for kind, zh, en, named in _TRIGGERS:
            if not isinstance(event.event_definition, kind):
                continue
            name = named(event.event_definition)
            if (en, name) in seen:
                shown_zh, shown_en = (f"“{name}”", f" '{name}'") if name else ("（全部）", " (every one)")
                yield Message(
                    "bpmn.duplicate-event",
                    f"{where_zh}有两个事件等待同一{zh}{shown_zh}，其中一个永远不会发生。请合并它们。",
                    f"{where_en} two events wait for the same {en}{shown_en}: one of them would never happen."
                    " Make them one.",
                )
            seen.add((en, name))


def _link_faults(model: ProcessModel) -> Iterator[tuple[FlowNode, Message]]:
    links = [n for n in model.nodes if isinstance(getattr(n, "event_definition", None), LinkDefinition)]
    seen: set[tuple[str | None, str]] = set()
    for node in links:
        name = node.event_definition.name  # type: ignore[attr-defined]
        catches = isinstance(node, IntermediateCatchEvent)
        drawn = [f for f in (node.incoming if catches else (flow for flow, _ in node.outgoing)) if not f.is_link]
        if not name:
            yield (
                node,
                Message("bpmn.link-name", f"链接事件 {node.where} 没有名称。", f"The link {node.where} has no name."),
            )
        elif catches and (node.element.parent_id, name) in seen:
            yield (
                node,
                Message(
                    "bpmn.link-double",
                    f"同一层内已有另一个接收链接“{name}”的事件，{node.where} 是多余的：一个名称只能有一个接收者。",
                    f"Another event in the same scope catches the link '{name}': {node.where} is one too many.",
                ),
            )
        elif not catches and not node.outgoing:
            yield (
                node,
                Message(
                    "bpmn.link-target",
                    f"{node.where} 跳到链接“{name}”，但同一层内没有接收它的中间捕获事件。",
                    f"{node.where} jumps to the link '{name}', but no intermediate event of its scope catches it.",
                ),
            )
        if drawn:
            yield (
                node,
                Message(
                    "bpmn.link-flow",
                    f"链接事件 {node.where} 代替顺序流：抛出的不能有出口，接收的不能有入口。",
                    f"The link {node.where} stands for a sequence flow: a throwing one has no way out, a catching"
                    " one no way in.",
                ),
            )
        if catches:
            seen.add((node.element.parent_id, name))
