"""Where flows, boundary events and extensions may stand: what the schema lets pass and no run could make sense of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from server.messages import Finding

from .extensions import BPMN, ZEEBE
from .gate_report import Report
from .reader import is_bpmn, local_name
from .style_rules import SCOPES, is_flow_node

_B: Final = f"{{{BPMN}}}"
_QUANTITIES: Final = ("startQuantity", "completionQuantity")
ATTRIBUTES: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "taskDefinition": "type retries",
        "assignmentDefinition": "assignee candidateUsers candidateGroups",
        "taskSchedule": "dueDate followUpDate",
        "priorityDefinition": "priority",
        "formDefinition": "formId formKey externalReference bindingType versionTag",
        "input": "source target",
        "output": "source target",
        "header": "key value",
        "calledDecision": "decisionId resultVariable bindingType versionTag",
        "calledElement": "processId bindingType versionTag propagateAllChildVariables propagateAllParentVariables",
        "script": "expression resultVariable",
        "loopCharacteristics": "inputCollection inputElement outputCollection outputElement",
        "adHoc": "activeElementsCollection outputCollection outputElement",
        "subscription": "correlationKey",
        "versionTag": "value",
        "conditionalFilter": "variableNames variableEvents",
    }.items()
}
"""The attributes of ``zeebe:`` elements that mean something."""


def check_connections(root: etree._Element, resource: str) -> Iterator[Finding]:
    """What is connected as BPMN does not allow, and what is written where it means nothing."""
    report = Report(resource)
    nodes = {
        node.get("id", ""): node
        for scope in root.iter(*(f"{_B}{name}" for name in SCOPES))
        for node in scope
        if is_bpmn(node) and is_flow_node(node)
    }
    flows = {flow.get("id", ""): flow for flow in root.iter(f"{_B}sequenceFlow")}
    for flow in flows.values():
        yield from _check_flow(flow, nodes, report)
    for node in nodes.values():
        yield from _check_node(node, nodes, flows, report)
    for process in root.iter(f"{_B}process"):
        yield from _check_listeners(process, report)
    for element in root.iter(f"{{{ZEEBE}}}*"):
        yield from _check_attributes(element, report)


def _check_flow(flow: etree._Element, nodes: Mapping[str, etree._Element], report: Report) -> Iterator[Finding]:
    source, target = (nodes.get(flow.get(end, "")) for end in ("sourceRef", "targetRef"))
    if source is None or target is None:
        return  # told elsewhere
    if source.getparent() is not target.getparent():
        yield report.error(
            flow,
            "bpmn.flow-crosses",
            "顺序流不能跨越子流程的边界；请在子流程内结束，再从子流程引出。",
            "A sequence flow must not cross the border of a subprocess; end inside, and go on from the subprocess.",
        )
    if local_name(target) in ("startEvent", "boundaryEvent"):
        yield report.error(
            flow,
            "bpmn.flow-into-event",
            "启动事件和边界事件不能有入口顺序流；请引向其后的元素。",
            "No sequence flow leads to a start or boundary event; lead it to what follows the event.",
        )
    if flow.find(f"{_B}conditionExpression") is not None and local_name(source) == "parallelGateway":
        yield report.error(
            flow,
            "bpmn.condition-on-parallel",
            "并行网关的出口不能有条件；需要条件时请用包容网关。",
            "A flow out of a parallel gateway must not have a condition; use an inclusive gateway for conditions.",
        )


def _check_node(
    node: etree._Element,
    nodes: Mapping[str, etree._Element],
    flows: Mapping[str, etree._Element],
    report: Report,
) -> Iterator[Finding]:
    default = node.get("default")
    if default is not None and (default not in flows or flows[default].get("sourceRef") != node.get("id")):
        yield report.error(
            node,
            "bpmn.default-flow",
            f"默认流 {default} 不是从这里引出的顺序流。",
            f"The default flow {default} is no sequence flow that leads out of this element.",
        )
    host = nodes.get(node.get("attachedToRef", ""))
    if host is not None and host.getparent() is not node.getparent():
        yield report.error(
            node,
            "bpmn.boundary-elsewhere",
            f"边界事件须与其活动 {host.get('id')} 画在同一个流程或子流程中。",
            f"A boundary event must stand in the same process or subprocess as its activity {host.get('id')}.",
        )
    for quantity in _QUANTITIES:
        if node.get(quantity, "1").strip() != "1":
            yield report.error(
                node,
                "bpmn.quantity",
                f"{quantity} 不会被执行；需要多次时请用多实例或网关。",
                f"{quantity} is not executed; use multi-instance or gateways for more than one.",
            )


def _check_listeners(process: etree._Element, report: Report) -> Iterator[Finding]:
    for name in ("executionListeners", "taskListeners"):
        if process.find(f"{_B}extensionElements/{{{ZEEBE}}}{name}") is not None:
            yield report.unsupported_extension(process, name)


def _check_attributes(element: etree._Element, report: Report) -> Iterator[Finding]:
    name = local_name(element)
    unknown = sorted(str(key) for key in element.attrib if key not in ATTRIBUTES.get(name, element.attrib))
    if not unknown:
        return
    owner = next((node for node in element.iterancestors() if node.get("id")), element)
    known = ", ".join(sorted(ATTRIBUTES[name]))
    yield report.warning(
        owner,
        "bpmn.unknown-attribute",
        f"zeebe:{name} 没有属性 {', '.join(unknown)}（有 {known}），已忽略；请核对拼写。",
        f"zeebe:{name} has no attribute {', '.join(unknown)} (there are {known}); it is ignored. Check its spelling.",
    )
