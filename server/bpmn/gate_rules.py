"""The gate's rules: which elements and combinations are executed, and what a sound process must have."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from server.messages import Finding, Message, Severity

from .activities import BusinessRuleTask, JobActivity, ScriptTask
from .ad_hoc import AdHocSubProcess
from .events import BoundaryEvent, EndEvent, StartEvent, ThrowingNode
from .extensions import BPMN, HANDLED, LENDLOOM, ZEEBE
from .flow_node import FlowNode
from .gate_activities import activity_faults
from .gate_compensation import compensation_faults
from .gate_events import check_event_subprocess, check_events, check_events_of, event_faults, kinds
from .gate_report import Report
from .gate_timers import due_date_faults, own_extension_faults
from .gateways import ExclusiveGateway
from .model import ProcessModel
from .reader import NODES, is_bpmn, is_event_subprocess, local_name
from .subprocesses import CallActivity

_B = f"{{{BPMN}}}"

SUBPROCESSES = frozenset({"subProcess", "transaction"})
"""Flow nodes with flow nodes inside that begin at a start event."""

PASSIVE = frozenset(
    {
        "documentation",
        "extensionElements",
        "incoming",
        "outgoing",
        "sequenceFlow",
        "laneSet",
        "textAnnotation",
        "association",
        "group",
        "property",
        "ioSpecification",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "dataInputAssociation",
        "dataOutputAssociation",
        "auditing",
        "monitoring",
        "script",
        "rendering",
        "resourceRole",
        "potentialOwner",
    }
)
"""Children of processes and flow nodes that carry no behaviour of their own."""


SUBPROCESSES = frozenset({"subProcess", "transaction"})
"""Flow nodes with flow nodes inside that begin at a start event."""


def check_structure(root: etree._Element, resource: str) -> Iterator[Finding]:
    """Refuse what is not executed, before anything is built from the file."""
    report = Report(resource)
    processes = list(root.iter(f"{_B}process"))
    executable = [p for p in processes if p.get("isExecutable", "true") == "true"]
    if not executable:
        yield report.error(
            root,
            "bpmn.no-process",
            '文件中没有可执行的流程（isExecutable="true"）。',
            'The file has no executable process (isExecutable="true").',
        )
    for process in executable:
        if process.get("isExecutable") is None:
            yield report.warning(
                process,
                "bpmn.executable-absent",
                "流程没有写 isExecutable，按可执行处理。",
                "The process does not say isExecutable; it is taken as executable.",
            )
        yield from (report.error(process, m.code, m.zh, m.en) for m in own_extension_faults(process))
        yield from _check_scope(process, report)


def _check_scope(scope: etree._Element, report: Report) -> Iterator[Finding]:
    if is_event_subprocess(scope):
        yield from check_event_subprocess(scope, report)
    else:
        yield from _check_starts(scope, report)
    yield from _check_nodes(scope, report)


def _check_nodes(scope: etree._Element, report: Report) -> Iterator[Finding]:
    for node in scope:
        if is_bpmn(node):
            yield from _check_node(node, report)


def _check_starts(scope: etree._Element, report: Report) -> Iterator[Finding]:
    starts = list(scope.iterfind(f"{_B}startEvent"))
    if not starts:
        yield report.error(
            scope,
            "bpmn.no-start",
            "缺少启动事件。",
            "There is no start event: nothing could ever begin here.",
        )
    nested = local_name(scope) in SUBPROCESSES
    plain = [n for n in starts if not kinds(n)]
    if len(plain) > 1 or (nested and len(starts) > 1):
        yield report.error(
            starts[-1],
            "bpmn.many-starts",
            "只能有一个无类型启动事件；子流程内只能有一个启动事件。",
            "There may be only one none start event, and only one start event in a subprocess.",
        )
    if nested and starts and kinds(starts[0]):
        yield report.error(
            starts[0],
            "bpmn.typed-start",
            "嵌入子流程的启动事件不能有事件类型。",
            "The start event of an embedded subprocess must have no event definition.",
        )


def _check_node(node: etree._Element, report: Report) -> Iterator[Finding]:
    name = local_name(node)
    if name in PASSIVE:
        return
    if name not in NODES:
        yield report.error(
            node,
            "bpmn.unsupported-element",
            f"元素 {name} 不会被执行，因此不能部署。请改用受支持的元素（见 docs/bpmn.md）。",
            f"The element {name} is not executed, so it cannot be deployed. Use a supported one (docs/bpmn.md).",
        )
        return
    if not node.get("id"):
        yield report.error(node, "bpmn.no-id", f"{name} 没有 id。", f"This {name} has no id.")
    yield from check_events(node, name, report)
    yield from _check_loop(node, report)
    yield from _check_extensions(node, report)
    if name == "transaction" and node.get("method", "##Compensate") != "##Compensate":
        yield report.error(
            node,
            "bpmn.transaction-method",
            "事务只能用补偿来撤销（method=##Compensate）。",
            "Transactions are undone by compensation only (method ##Compensate).",
        )
    if name == "adHocSubProcess":
        yield from _check_nodes(node, report)
    elif name in SUBPROCESSES:
        yield from _check_scope(node, report)


def _check_loop(node: etree._Element, report: Report) -> Iterator[Finding]:
    loop = node.find(f"{_B}multiInstanceLoopCharacteristics")
    if loop is None:
        return
    zeebe = loop.find(f"{_B}extensionElements/{{{ZEEBE}}}loopCharacteristics")
    if zeebe is None or not (zeebe.get("inputCollection") or "").startswith("="):
        yield report.error(
            node,
            "bpmn.loop-collection",
            "多实例需要输入集合（zeebe:loopCharacteristics inputCollection，FEEL 表达式）。",
            "A multi-instance activity needs an input collection (zeebe:loopCharacteristics, a FEEL expression).",
        )
    elif (zeebe.get("outputCollection") is None) != (zeebe.get("outputElement") is None):
        yield report.error(
            node,
            "bpmn.loop-output",
            "outputCollection 与 outputElement 必须一起出现。",
            "outputCollection and outputElement must be given together.",
        )


def _check_extensions(node: etree._Element, report: Report) -> Iterator[Finding]:
    yield from (report.error(node, m.code, m.zh, m.en) for m in own_extension_faults(node))
    holder = node.find(f"{_B}extensionElements")
    for element in () if holder is None else holder:
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element)
        if name.namespace == ZEEBE and name.localname not in HANDLED:
            yield report.unsupported_extension(node, name.localname)
        elif name.namespace not in (ZEEBE, LENDLOOM):
            yield report.warning(
                node,
                "bpmn.foreign-extension",
                f"扩展元素 {name.localname}（{name.namespace}）会被忽略。",
                f"The extension element {name.localname} ({name.namespace}) is ignored.",
            )


def check_model(model: ProcessModel) -> Iterator[Finding]:
    """What must hold of a process that was read: definitions, references, reachability."""
    for node in model.nodes:
        for message in (*_node_faults(node), *compensation_faults(node, model), *activity_faults(node, model)):
            yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)
    for node, message in check_events_of(model):
        yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)
    reached = _reachable(model)
    for node in model.nodes:
        if node.name not in reached:
            message = Message(
                "bpmn.unreachable",
                f"{node.where} 无法到达：没有顺序流通向它。",
                f"{node.where} can never be reached: no sequence flow leads to it.",
            )
            yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)


def _reachable(model: ProcessModel) -> set[str]:
    todo: list[FlowNode] = [n for n in model.nodes if isinstance(n, StartEvent) or n.triggered_by_event]
    todo += [inner for n in model.nodes if isinstance(n, AdHocSubProcess) for inner in n.activatable.values()]
    reached: set[str] = set()
    while todo:
        node = todo.pop()
        if node.name in reached:
            continue
        reached.add(node.name)
        todo.extend(target for _, target in node.outgoing)
        todo.extend(node.boundary_events)
        if isinstance(node, BoundaryEvent) and node.handler is not None:
            todo.append(node.handler)
    return reached


def _node_faults(node: FlowNode) -> Iterator[Message]:
    where = node.where
    if isinstance(node, JobActivity) and not isinstance(node, ThrowingNode):
        yield from _work_faults(node)
    if isinstance(node, CallActivity) and node.extensions.called is None:
        yield Message(
            "bpmn.no-called-element",
            f"{where} 没有写被调用的流程（zeebe:calledElement processId）。",
            f"{where} names no process to call (zeebe:calledElement processId).",
        )
    yield from event_faults(node)
    yield from due_date_faults(node)
    yield from _flow_faults(node)


def _work_faults(node: JobActivity) -> Iterator[Message]:
    x = node.extensions
    alternatives = {ScriptTask: x.script, BusinessRuleTask: x.decision}
    own = next((value for kind, value in alternatives.items() if isinstance(node, kind)), None)
    if x.task is None and own is None:
        yield Message(
            "bpmn.no-implementation",
            f"{node.where} 没有实现：请写任务类型（zeebe:taskDefinition），脚本任务也可写脚本，规则任务也可写决策。",
            f"{node.where} has no implementation: give it a job type (zeebe:taskDefinition), a script task a script,"
            " a business rule task a called decision.",
        )
    if x.task is not None and own is not None:
        yield Message(
            "bpmn.two-implementations",
            f"{node.where} 既有任务类型又有脚本或决策，只能选一种。",
            f"{node.where} has both a job type and a script or decision; choose one.",
        )
    if x.task is not None and not x.task.type.text:
        yield Message("bpmn.no-job-type", f"{node.where} 的任务类型为空。", f"The job type of {node.where} is empty.")


def _flow_faults(node: FlowNode) -> Iterator[Message]:
    if isinstance(node, EndEvent):
        if node.outgoing:
            yield Message("bpmn.end-goes-on", f"{node.where} 不能有出口。", f"{node.where} must not lead on.")
        return
    for flow, _ in node.outgoing:
        if flow.condition is not None and flow.condition.is_literal and not flow.condition.text.startswith("="):
            yield Message(
                "bpmn.condition-not-feel",
                f"顺序流 {flow.where} 的条件“{flow.condition.text}”应以 = 开头（FEEL）。",
                f"The condition '{flow.condition.text}' of flow {flow.where} must begin with = (FEEL).",
            )
    if isinstance(node, ExclusiveGateway) and len(node.outgoing) > 1:
        for flow, _ in node.outgoing:
            if flow.condition is None and not flow.is_default:
                yield Message(
                    "bpmn.flow-without-condition",
                    f"{node.where} 的出口 {flow.where} 既没有条件也不是默认流。",
                    f"Flow {flow.where} out of {node.where} has no condition and is not the default flow.",
                )
