"""The rules of bpmnlint (https://github.com/bpmn-io/bpmnlint), by its names: how to draw so that readers understand.

Nothing here decides whether a file can run; that is the gate's. Rules of bpmnlint that the gate checks anyway are
listed in :data:`RULES_OF_THE_GATE` with the codes of the gate. A finding of rule ``label-required`` has the code
``lint.label-required``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

from server.messages import Finding, Message, Severity

from .drawing import no_bpmndi, no_overlapping_elements
from .extensions import BPMN
from .reader import is_bpmn, local_name

_B = f"{{{BPMN}}}"

RULES_OF_THE_GATE: dict[str, tuple[str, ...]] = {
    "ad-hoc-sub-process": ("bpmn.ad-hoc-events",),
    "event-based-gateway": ("bpmn.event-gateway-flows", "bpmn.event-gateway-target"),
    "event-sub-process-typed-start-event": ("bpmn.event-subprocess-start",),
    "link-event": ("bpmn.link-name", "bpmn.link-target", "bpmn.link-double", "bpmn.link-flow"),
    "no-complex-gateway": ("bpmn.unsupported-element",),
    "no-implicit-start": ("bpmn.unreachable",),
    "single-blank-start-event": ("bpmn.many-starts",),
    "single-event-definition": ("bpmn.multiple-events",),
    "start-event-required": ("bpmn.no-start",),
    "sub-process-blank-start-event": ("bpmn.typed-start",),
}
"""Rules of bpmnlint that are faults here, and the gate's codes for them."""

Told = tuple[Severity, etree._Element, str, str]
Rule = Callable[["Drawn"], Iterator[Told]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A file as the rules look at it: its scopes, nodes and flows. ``incoming`` and ``outgoing`` go by node id."""

    root: etree._Element
    scopes: list[etree._Element]
    nodes: list[etree._Element]
    flows: list[etree._Element]
    incoming: dict[str, list[etree._Element]]
    outgoing: dict[str, list[etree._Element]]


SCOPES = ("process", "subProcess", "transaction", "adHocSubProcess")


def check_style(root: etree._Element, resource: str) -> Iterator[Finding]:
    """What the rules have to say about a file that has passed the schema."""
    drawn = _drawn(root)
    for name, rule in RULES.items():
        for severity, node, zh, en in rule(drawn):
            message = Message(f"lint.{name}", zh, en)
            yield Finding(severity, message, resource, node.get("id", ""), int(node.sourceline or 0))


def rule_of(code: str) -> str:
    """The rule of a finding's code: bpmnlint's name where it has one, else the code without its first part."""
    for name, codes in RULES_OF_THE_GATE.items():
        if code in codes:
            return name
    return code.partition(".")[2] or code


def is_flow_node(node: etree._Element) -> bool:
    """Whether a BPMN element is an activity, an event or a gateway."""
    name = local_name(node)
    return name.endswith(("Event", "Gateway", "Task")) or name in ("task", "callActivity", *SCOPES[1:])


def _drawn(root: etree._Element) -> Drawn:
    scopes = list(root.iter(*(f"{_B}{name}" for name in SCOPES)))
    nodes = [node for scope in scopes for node in scope if is_bpmn(node) and is_flow_node(node)]
    flows = list(root.iter(f"{_B}sequenceFlow"))
    incoming: dict[str, list[etree._Element]] = {}
    outgoing: dict[str, list[etree._Element]] = {}
    for flow in flows:
        outgoing.setdefault(flow.get("sourceRef", ""), []).append(flow)
        incoming.setdefault(flow.get("targetRef", ""), []).append(flow)
    return Drawn(root, scopes, nodes, flows, incoming, outgoing)


def _kinds(node: etree._Element) -> list[str]:
    names = [local_name(child) for child in node if is_bpmn(child)]
    return [name.removesuffix("EventDefinition") for name in names if name.endswith("EventDefinition")]


def _where(node: etree._Element) -> str:
    name, id_ = node.get("name"), node.get("id")
    return f"‘{name}’ ({id_})" if name and name != id_ else f"‘{id_}’"


def _stands_alone(node: etree._Element) -> bool:
    """Whether an element needs no flows by its nature."""
    parent = node.getparent()
    ad_hoc = parent is not None and local_name(parent) == "adHocSubProcess"
    linked = local_name(node).startswith("intermediate") and "link" in _kinds(node)
    return (
        ad_hoc
        or linked
        or node.get("triggeredByEvent") == "true"
        or node.get("isForCompensation") == "true"
        or "compensate" in _kinds(node)
    )


def _has_condition(flow: etree._Element) -> bool:
    return flow.find(f"{_B}conditionExpression") is not None


# -- scopes ----------------------------------------------------------------------------------------------------


def _end_event_required(drawn: Drawn) -> Iterator[Told]:
    for scope in drawn.scopes:
        if local_name(scope) != "adHocSubProcess" and scope.find(f"{_B}endEvent") is None:
            yield (
                Severity.WARNING, scope,
                f"{_where(scope)} 没有结束事件，读者看不出它何时结束。请画出结束事件。",
                f"{_where(scope)} has no end event, so readers cannot see when it is over. Draw one.",
            )  # fmt: skip


# -- flows -----------------------------------------------------------------------------------------------------


def _conditional_flows(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        flows = drawn.outgoing.get(node.get("id", ""), [])
        if local_name(node) == "exclusiveGateway" or (not any(map(_has_condition, flows)) and not node.get("default")):
            continue  # of exclusive gateways the gate makes sure
        for flow in flows:
            if not _has_condition(flow) and node.get("default") != flow.get("id"):
                yield (
                    Severity.WARNING, flow,
                    f"{_where(node)} 的其他出口有条件，而 {_where(flow)} 没有：它总会被执行。请加条件，或设为默认流。",
                    f"Other flows out of {_where(node)} have conditions, {_where(flow)} has none and is always taken."
                    " Give it one, or make it the default flow.",
                )  # fmt: skip


def _no_duplicate_sequence_flows(drawn: Drawn) -> Iterator[Told]:
    seen: dict[tuple[str | None, ...], etree._Element] = {}
    for flow in drawn.flows:
        condition = (flow.findtext(f"{_B}conditionExpression") or "").strip()
        first = seen.setdefault((flow.get("sourceRef"), flow.get("targetRef"), condition), flow)
        if first is not flow:
            yield (
                Severity.WARNING, flow,
                f"{_where(flow)} 与 {_where(first)} 起点、终点和条件都相同，目标会被执行两次。请删除一条。",
                f"{_where(flow)} has the source, target and condition of {_where(first)}: the target would be done"
                " twice. Remove one.",
            )  # fmt: skip


def _fake_join(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        if local_name(node).endswith("Gateway") or local_name(node) == "endEvent":
            continue
        if len(drawn.incoming.get(node.get("id", ""), [])) > 1:
            yield (
                Severity.INFO, node,
                f"{_where(node)} 有多个入口：每个入口来一次就执行一次，看似合并而实非。请在其前画出网关。",
                f"{_where(node)} has several incoming flows and is done once for each: it looks like a join and is"
                " none. Draw a gateway before it.",
            )  # fmt: skip


def _no_disconnected(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        id_ = node.get("id", "")
        if not drawn.incoming.get(id_) and not drawn.outgoing.get(id_) and not _stands_alone(node):
            yield (
                Severity.WARNING, node,
                f"{_where(node)} 没有任何顺序流相连。请连接它，或删除它。",
                f"{_where(node)} is connected to nothing. Connect it, or remove it.",
            )  # fmt: skip


def _no_implicit_end(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        if local_name(node) == "endEvent" or drawn.outgoing.get(node.get("id", "")) or _stands_alone(node):
            continue
        yield (
            Severity.INFO, node,
            f"{_where(node)} 之后没有任何元素，分支在此悄然结束。请画出结束事件。",
            f"Nothing follows {_where(node)}: its branch ends without saying so. Draw an end event.",
        )  # fmt: skip


def _no_implicit_split(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        flows = drawn.outgoing.get(node.get("id", ""), [])
        plain = [f for f in flows if not _has_condition(f) and node.get("default") != f.get("id")]
        if not local_name(node).endswith("Gateway") and len(plain) > 1:
            yield (
                Severity.INFO, node,
                f"{_where(node)} 有多个出口，会同时走所有出口。请用并行网关画明。",
                f"{_where(node)} has several outgoing flows and takes all of them at once. Draw a parallel gateway.",
            )  # fmt: skip


def _superfluous_termination(drawn: Drawn) -> Iterator[Told]:
    for scope in drawn.scopes:
        inside = [node for node in scope if is_bpmn(node) and is_flow_node(node)]
        if any(_may_fork(drawn, node) for node in inside):
            continue
        for node in inside:
            if local_name(node) == "endEvent" and _kinds(node) == ["terminate"]:
                yield (
                    Severity.INFO, node,
                    f"{_where(node)} 终止的范围内没有并行分支，用普通结束事件即可。",
                    f"There is nothing parallel that {_where(node)} could terminate; a plain end event does.",
                )  # fmt: skip


def _may_fork(drawn: Drawn, node: etree._Element) -> bool:
    """Whether another token can be on its way beside one that has passed ``node``."""
    if node.get("triggeredByEvent") == "true":
        return True
    if local_name(node) == "boundaryEvent":
        return str(node.get("cancelActivity")) == "false"
    several = len(drawn.outgoing.get(node.get("id", ""), [])) > 1
    return several and local_name(node) not in ("exclusiveGateway", "eventBasedGateway")


# -- gateways --------------------------------------------------------------------------------------------------


def _no_gateway_join_fork(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        id_ = node.get("id", "")
        if not local_name(node).endswith("Gateway"):
            continue
        if len(drawn.incoming.get(id_, [])) > 1 and len(drawn.outgoing.get(id_, [])) > 1:
            yield (
                Severity.INFO, node,
                f"{_where(node)} 同时合并与分支，不易读懂。请拆成两个网关。",
                f"{_where(node)} both joins and forks, which is hard to read. Draw two gateways.",
            )  # fmt: skip


def _no_inclusive_gateway(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        if local_name(node) == "inclusiveGateway":
            yield (
                Severity.INFO, node,
                f"{_where(node)} 是包容网关，读者往往弄不清它等待什么。可行时请用排他网关与并行网关。",
                f"{_where(node)} is inclusive, and readers rarely know what it waits for. Use exclusive and parallel"
                " gateways where they do.",
            )  # fmt: skip


def _superfluous_gateway(drawn: Drawn) -> Iterator[Told]:
    for node in drawn.nodes:
        id_ = node.get("id", "")
        if local_name(node).endswith("Gateway") and local_name(node) != "eventBasedGateway":
            flows = drawn.outgoing.get(id_, [])
            if len(drawn.incoming.get(id_, [])) == 1 and len(flows) == 1 and not _has_condition(flows[0]):
                yield (
                    Severity.INFO, node,
                    f"{_where(node)} 只有一个入口和一个出口，没有作用。请删除它。",
                    f"{_where(node)} has one way in and one way out and does nothing. Remove it.",
                )  # fmt: skip


# -- names and definitions -------------------------------------------------------------------------------------

_UNNAMED = ("parallelGateway", "eventBasedGateway", "boundaryEvent", "subProcess", "transaction", "adHocSubProcess")


def _label_required(drawn: Drawn) -> Iterator[Told]:
    for node in [*drawn.nodes, *filter(_has_condition, drawn.flows)]:
        if node.get("name") or local_name(node) in _UNNAMED:
            continue
        if local_name(node).endswith("Gateway") and len(drawn.outgoing.get(node.get("id", ""), [])) < 2:
            continue
        if local_name(node) == "startEvent" and local_name(node.getparent()) != "process":
            continue
        yield (
            Severity.INFO, node,
            f"{_where(node)} 没有名称。请写明它做什么、问什么或代表什么。",
            f"{_where(node)} has no name. Say what it does, asks or stands for.",
        )  # fmt: skip


_GLOBALS = {"message": "messageRef", "signal": "signalRef", "error": "errorRef", "escalation": "escalationRef"}


def _global(drawn: Drawn) -> Iterator[Told]:
    for tag, attribute in _GLOBALS.items():
        defined = list(drawn.root.iterfind(f"{_B}{tag}"))
        used = {(n.get(attribute) or "").rpartition(":")[2] for n in drawn.root.iter(f"{_B}*") if n.get(attribute)}
        names = Counter((n.get("name"), n.get("errorCode"), n.get("escalationCode")) for n in defined)
        for node in defined:
            if node.get("id") not in used:
                yield (
                    Severity.INFO, node,
                    f"{tag} {_where(node)} 没有被引用。请删除它。",
                    f"The {tag} {_where(node)} is referred to by nothing. Remove it.",
                )  # fmt: skip
            if not node.get("name"):
                yield (
                    Severity.INFO, node,
                    f"{tag} {_where(node)} 没有名称。请命名。",
                    f"The {tag} {_where(node)} has no name. Give it one.",
                )  # fmt: skip
            elif names[node.get("name"), node.get("errorCode"), node.get("escalationCode")] > 1:
                yield (
                    Severity.WARNING, node,
                    f"{tag} 名称“{node.get('name')}”定义了多次。请只保留一个。",
                    f"The {tag} name '{node.get('name')}' is defined more than once. Keep one.",
                )  # fmt: skip


RULES: dict[str, Rule] = {
    "conditional-flows": _conditional_flows,
    "end-event-required": _end_event_required,
    "fake-join": _fake_join,
    "global": _global,
    "label-required": _label_required,
    "no-bpmndi": lambda drawn: no_bpmndi(drawn.root, [*drawn.nodes, *drawn.flows]),
    "no-disconnected": _no_disconnected,
    "no-duplicate-sequence-flows": _no_duplicate_sequence_flows,
    "no-gateway-join-fork": _no_gateway_join_fork,
    "no-implicit-end": _no_implicit_end,
    "no-implicit-split": _no_implicit_split,
    "no-inclusive-gateway": _no_inclusive_gateway,
    "no-overlapping-elements": lambda drawn: no_overlapping_elements(drawn.root, drawn.nodes),
    "superfluous-gateway": _superfluous_gateway,
    "superfluous-termination": _superfluous_termination,
}
