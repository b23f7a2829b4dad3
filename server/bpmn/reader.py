"""Reading BPMN files: SpiffWorkflow's parser, with our specifications, FEEL, and Camunda 8 extension elements.

SpiffWorkflow indexes the file (messages, signals, errors, processes). Its task parsers walk the diagram
recursively and build control structures of their own; here each flow node is read once, nested ones included, and
linked by its sequence flows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    CancelEventDefinition,
    NoneEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from server.calendars import CalendarError, parse_duration
from server.feel import FeelSyntaxError
from server.messages import Finding, Message, Severity

from . import activities, ad_hoc, event_subprocess, events, gateways, subprocesses, transactions
from .compensation import CompensateEventDefinition, handler_of
from .event_definitions import (
    ConditionDefinition,
    ErrorDefinition,
    EscalationDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
)
from .expressions import Expression, read_expression
from .extensions import BPMN, ZEEBE, Binding, Extensions, read_calendar_name, read_extensions
from .flow_node import FlowNode, ProcessRoot
from .loops import Repetition
from .model import Element, FormReference, ProcessModel, Reference, SequenceFlow, StartEvent
from .multi_instance import MultiInstance
from .timers import TimerDefinition, TimerSettings

NODES: dict[str, tuple[type[Any], str]] = {
    "startEvent": (events.StartEvent, "START_EVENT"),
    "endEvent": (events.EndEvent, "END_EVENT"),
    "intermediateCatchEvent": (events.IntermediateCatchEvent, "INTERMEDIATE_CATCH_EVENT"),
    "intermediateThrowEvent": (events.IntermediateThrowEvent, "INTERMEDIATE_THROW_EVENT"),
    "boundaryEvent": (events.BoundaryEvent, "BOUNDARY_EVENT"),
    "task": (activities.NoneTask, "TASK"),
    "manualTask": (activities.ManualTask, "MANUAL_TASK"),
    "userTask": (activities.UserTask, "USER_TASK"),
    "serviceTask": (activities.ServiceTask, "SERVICE_TASK"),
    "sendTask": (activities.SendTask, "SEND_TASK"),
    "receiveTask": (events.ReceiveTask, "RECEIVE_TASK"),
    "scriptTask": (activities.ScriptTask, "SCRIPT_TASK"),
    "businessRuleTask": (activities.BusinessRuleTask, "BUSINESS_RULE_TASK"),
    "callActivity": (subprocesses.CallActivity, "CALL_ACTIVITY"),
    "subProcess": (subprocesses.SubProcess, "SUB_PROCESS"),
    "transaction": (transactions.Transaction, "SUB_PROCESS"),
    "adHocSubProcess": (ad_hoc.AdHocSubProcess, "AD_HOC_SUB_PROCESS"),
    "exclusiveGateway": (gateways.ExclusiveGateway, "EXCLUSIVE_GATEWAY"),
    "parallelGateway": (gateways.ParallelGateway, "PARALLEL_GATEWAY"),
    "inclusiveGateway": (gateways.InclusiveGateway, "INCLUSIVE_GATEWAY"),
    "eventBasedGateway": (gateways.EventBasedGateway, "EVENT_BASED_GATEWAY"),
}
"""The flow nodes that are executed, by their local name: specification and element type."""

EVENT_SUB_PROCESS = (event_subprocess.EventSubProcess, "EVENT_SUB_PROCESS")

_B = f"{{{BPMN}}}"


def local_name(node: etree._Element) -> str:
    """A tag without its namespace; empty for comments and processing instructions."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def is_bpmn(node: etree._Element) -> bool:
    """Whether the node belongs to the BPMN model namespace."""
    return isinstance(node.tag, str) and node.tag.startswith(_B)


_TRUTH_VALUES = (
    "isExecutable",
    "cancelActivity",
    "isInterrupting",
    "triggeredByEvent",
    "isForCompensation",
    "isSequential",
    "testBefore",
    "waitForCompletion",
    "cancelRemainingInstances",
)


def _spell_truth_values(root: etree._Element) -> None:
    """Write ``1`` and ``0``, which XML Schema allows as well, as ``true`` and ``false`` wherever elements have them."""
    for element in root.iter(f"{_B}*"):
        for name in _TRUTH_VALUES:
            value = element.get(name, "").strip()
            if value in ("1", "0"):
                element.set(name, "true" if value == "1" else "false")


def parse_xml(xml: bytes) -> etree._Element:
    """The document's root; entities are not resolved and nothing is fetched. Raises ``etree.XMLSyntaxError``."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(xml, parser)
    _spell_truth_values(root)
    return root


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process specification whose start is the process itself; ids of the file cannot clash with inner names."""

    def __init__(self, name: str, description: str, filename: str) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.description = description
        self.bpmn_start_events: list[Any] = []
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.start = ProcessRoot(self, "")
        self.end = self.start


class ModelParser(ProcessParser):  # type: ignore[misc]
    """Reads one process into a :class:`ProcessModel`, collecting findings instead of stopping at the first."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.findings: list[Finding] = []
        self.flows: dict[str, SequenceFlow] = {}
        self.elements: dict[str, Element] = {}
        self.nodes: list[FlowNode] = []

    # -- findings and expressions ------------------------------------------------------------------------------

    def fault(self, node: etree._Element, code: str, zh: str, en: str) -> None:
        """Note an error at ``node``."""
        owner = node
        while owner.get("id") is None and owner.getparent() is not None:
            owner = owner.getparent()
        self.findings.append(
            Finding(
                Severity.ERROR,
                Message(code, zh, en),
                self.filename or "",
                owner.get("id", ""),
                int(node.sourceline or 0),
            )
        )

    def compiler(self, node: etree._Element) -> Any:
        """A function that compiles an expression text of ``node`` and notes its faults."""

        def compile_(text: str) -> Expression:
            try:
                return read_expression(text)
            except FeelSyntaxError as error:
                cause = error.message
                self.fault(
                    node,
                    "bpmn.expression",
                    f"表达式“{text}”不是有效的 FEEL：{cause.zh}",
                    f"The expression '{text}' is not FEEL: {cause.en}",
                )
                return Expression(text)

        return compile_

    # -- the process -------------------------------------------------------------------------------------------

    def read(self, content_hash: str) -> ProcessModel:
        """Read the whole process. Elements that are not executed must have been refused before."""
        self.spec = ProcessSpec(self.bpmn_id, self.get_name(), self.filename or "")
        self._read_nodes(self.node, None)
        self._read_flows()
        self._attach_boundary_events()
        self._join_links()
        self._attach_compensation()
        for node in self.nodes:
            if isinstance(node, ad_hoc.AdHocSubProcess):
                inner = [n for n in self.nodes if n.element.parent_id == node.element.id]
                node.activatable = ad_hoc.activatable_in(inner)
        starts = [n for n in self._children(self.node) if local_name(n) == "startEvent"]
        none_start = next((n for n in starts if not _definitions(n)), None)
        start_form = None if none_start is None else self._node(none_start).extensions.form
        version_tag = self.node.find(f"{_B}extensionElements/{{{ZEEBE}}}versionTag")
        return ProcessModel(
            process_id=self.bpmn_id,
            name=self.node.get("name"),
            version_tag=None if version_tag is None else version_tag.get("value"),
            content_hash=content_hash,
            resource=self.filename or "",
            elements=self.elements,
            flows=self.flows,
            none_start=None if none_start is None else none_start.get("id"),
            start_form=None
            if start_form is None
            else FormReference(start_form.target.text, start_form.binding, start_form.version_tag),
            start_events=tuple(self._start_event(n) for n in starts if _definitions(n)),
            references=tuple(
                Reference(element_id, kind, binding.target.text, binding.binding, binding.version_tag)
                for element_id, kind, binding in self._bindings()
                if binding.target.is_literal
            ),
            bound_kinds=frozenset(
                kind
                for _, kind, binding in self._bindings()
                if binding.binding == "deployment" and not binding.target.is_literal
            ),
            findings=tuple(self.findings),
            spec=self.spec,
            nodes=tuple(self.nodes),
            calendar=read_calendar_name(self.node),
            calendars=tuple(
                (node.element.id, node.extensions.calendar or read_calendar_name(self.node))
                for node in self.nodes
                if self._counts_working_time(node)
            ),
        )

    @staticmethod
    def _children(parent: etree._Element) -> list[etree._Element]:
        return [child for child in parent if is_bpmn(child) and local_name(child) in NODES]

    def _node(self, xml: etree._Element) -> FlowNode:
        node: FlowNode = self.spec.task_specs[xml.get("id")]
        return node

    def _read_nodes(self, parent: etree._Element, parent_id: str | None) -> None:
        for xml in self._children(parent):
            spec_class, element_type = _kind(xml)
            element_id = xml.get("id", "")
            element = Element(element_id, xml.get("name"), element_type, parent_id, int(xml.sourceline or 0))
            node = self._create(spec_class, xml, element_id)
            node.prepare(element, read_extensions(xml, self.compiler(xml)), len(self.nodes))
            self.elements[element_id] = element
            self.nodes.append(node)
            if isinstance(node, activities.Activity):
                node.is_for_compensation = xml.get("isForCompensation") == "true"
            if isinstance(node, activities.Activity) and node.extensions.loop is not None:
                node.multi_instance = MultiInstance(node, node.extensions.loop)
            elif isinstance(node, activities.Activity) and node.extensions.standard_loop is not None:
                node.multi_instance = Repetition(node, node.extensions.standard_loop)
            if isinstance(node, subprocesses.SubProcess):
                self._read_nodes(xml, element_id)
                if not isinstance(node, ad_hoc.AdHocSubProcess):
                    self._read_start(node, xml)

    def _read_start(self, node: subprocesses.SubProcess, xml: etree._Element) -> None:
        inner = next(n for n in self._children(xml) if local_name(n) == "startEvent")
        node.start = self._node(inner)
        if isinstance(node, event_subprocess.EventSubProcess):
            node.start.event_subprocess = node
            node.start.interrupting = inner.get("isInterrupting") != "false"
            parent_id = node.element.parent_id
            around = self.spec.start if parent_id is None else self.spec.task_specs[parent_id]
            around.event_subprocesses.append(node)

    def _create(self, spec_class: type[Any], xml: etree._Element, element_id: str) -> FlowNode:
        attributes: dict[str, Any] = {"bpmn_name": xml.get("name"), "description": local_name(xml)}
        if issubclass(spec_class, events.CatchingNode | events.ThrowingNode):
            attributes["event_definition"] = self._event_definition(xml)
        if spec_class is events.BoundaryEvent:
            attributes["cancel_activity"] = xml.get("cancelActivity") != "false"
        if spec_class is gateways.EventBasedGateway:
            attributes["event_definition"] = NoneEventDefinition()
        if issubclass(spec_class, subprocesses.SubProcess | subprocesses.CallActivity):
            attributes["subworkflow_spec"] = element_id
        node: FlowNode = spec_class(self.spec, element_id, **attributes)
        return node

    def _event_definition(self, xml: etree._Element) -> Any:
        definition = _definitions(xml)[0] if _definitions(xml) else None
        kind = "receive" if local_name(xml) == "receiveTask" else ""
        if definition is not None:
            kind = local_name(definition)
        source = xml if definition is None else definition
        if kind == "messageEventDefinition" or kind == "receive":
            return self._message(xml, source)
        if kind == "signalEventDefinition":
            return SignalDefinition(self.compiler(xml)(self.parser.signals.get(source.get("signalRef")) or ""))
        if kind == "errorEventDefinition":
            error = self.parser.errors.get(source.get("errorRef")) or {}
            return ErrorDefinition(error.get("name"), self._code(xml, error.get("error_code")))
        if kind == "escalationEventDefinition":
            escalation = self.parser.escalations.get(source.get("escalationRef")) or {}
            return EscalationDefinition(escalation.get("name"), self._code(xml, escalation.get("escalation_code")))
        if kind == "conditionalEventDefinition":
            return self._condition(source)
        if kind == "linkEventDefinition":
            return LinkDefinition(source.get("name") or "")
        if kind == "timerEventDefinition":
            return self._timer(xml, source)
        if kind == "terminateEventDefinition":
            return TerminateEventDefinition()
        if kind == "cancelEventDefinition":
            return CancelEventDefinition()
        if kind == "compensateEventDefinition":
            return CompensateEventDefinition(source.get("activityRef"), source.get("waitForCompletion") != "false")
        return NoneEventDefinition()

    def _code(self, xml: etree._Element, text: str | None) -> Expression | None:
        return self.compiler(xml)(text) if text else None

    def _condition(self, source: etree._Element) -> ConditionDefinition:
        condition_filter = source.find(f"{_B}extensionElements/{{{ZEEBE}}}conditionalFilter")
        attributes = {} if condition_filter is None else dict(condition_filter.attrib)
        return ConditionDefinition(
            self.compiler(source)(source.findtext(f"{_B}condition") or ""),
            names_in(attributes.get("variableNames", "")),
            names_in(attributes.get("variableEvents", "")),
        )

    def _message(self, xml: etree._Element, source: etree._Element) -> MessageDefinition:
        reference = source.get("messageRef")
        name = self.parser.messages.get(reference) or ""
        message = next(iter(self.doc_xpath(f".//bpmn:message[@id='{reference}']")), None) if reference else None
        subscription = None if message is None else message.find(f"{_B}extensionElements/{{{ZEEBE}}}subscription")
        key = None if subscription is None else subscription.get("correlationKey")
        return MessageDefinition(self.compiler(xml)(name), self.compiler(xml)(key) if key else None)

    def _timer(self, xml: etree._Element, definition: etree._Element) -> TimerDefinition:
        own = read_extensions(xml, Expression)
        settings = TimerSettings(
            zone=own.timer.zone,
            calendar=own.calendar,
            process_calendar=read_calendar_name(self.node),
            misfire=own.timer.misfire,
            until=own.timer.until,
        )
        for kind, tag in (("date", "timeDate"), ("duration", "timeDuration"), ("cycle", "timeCycle")):
            text = definition.findtext(f"{_B}{tag}")
            if text is not None:
                return TimerDefinition(kind, self.compiler(definition)(text), settings)
        return TimerDefinition("duration", Expression(""), settings)

    # -- connections -------------------------------------------------------------------------------------------

    def _read_flows(self) -> None:
        for position, xml in enumerate(self.node.iter(f"{_B}sequenceFlow")):
            source, target = xml.get("sourceRef", ""), xml.get("targetRef", "")
            if source not in self.elements or target not in self.elements:
                self.fault(
                    xml,
                    "bpmn.flow-ends",
                    f"顺序流的起点“{source}”或终点“{target}”不存在。",
                    f"The flow's source '{source}' or target '{target}' does not exist.",
                )
                continue
            condition = xml.findtext(f"{_B}conditionExpression")
            compiled = self.compiler(xml)(condition) if condition is not None and condition.strip() else None
            source_xml = self.get_node_by_id(source)
            is_default = source_xml is not None and source_xml.get("default") == xml.get("id")
            flow = SequenceFlow(xml.get("id", ""), position, source, target, compiled, is_default)
            self.flows[flow.id] = flow
            self.spec.task_specs[source].link(flow, self.spec.task_specs[target])

    def _attach_boundary_events(self) -> None:
        for node in self.nodes:
            if isinstance(node, events.BoundaryEvent):
                host = self.spec.task_specs.get(self.get_node_by_id(node.element.id).get("attachedToRef"))
                if isinstance(host, activities.Activity):
                    node.attached_to = host
                    host.boundary_events.append(node)

    def _join_links(self) -> None:
        """Let every throwing link lead to the catching one of its name in the same scope."""
        catching: dict[tuple[str | None, str], FlowNode] = {}
        for node in self.nodes:
            if isinstance(node, events.IntermediateCatchEvent) and isinstance(node.event_definition, LinkDefinition):
                catching[node.element.parent_id, node.event_definition.name] = node
        position = sum(1 for _ in self.node.iter(f"{_B}sequenceFlow"))
        for node in self.nodes:
            if isinstance(node, events.IntermediateThrowEvent) and isinstance(node.event_definition, LinkDefinition):
                target = catching.get((node.element.parent_id, node.event_definition.name))
                if target is not None:
                    source_id, target_id = node.element.id, target.element.id
                    jump = SequenceFlow(source_id, position, source_id, target_id, None, False, is_link=True)
                    node.link(jump, target)
                    position += 1

    def _attach_compensation(self) -> None:
        nodes = self.spec.task_specs
        for xml in self.node.iter(f"{_B}association"):
            event, handler = nodes.get(xml.get("sourceRef")), nodes.get(xml.get("targetRef"))
            if (
                isinstance(event, events.BoundaryEvent)
                and isinstance(event.event_definition, CompensateEventDefinition)
                and isinstance(handler, activities.Activity)
            ):
                event.handler = handler
                if hasattr(event, "attached_to"):
                    event.attached_to.compensation_handler = handler
        for node in reversed(self.nodes):  # inner activities before the subprocesses around them
            parent = nodes.get(node.element.parent_id)
            if isinstance(node, subprocesses.CompensationSubProcess) and isinstance(parent, activities.Activity):
                parent.compensation_subprocess = node
            if not isinstance(node, activities.Activity) or isinstance(node, subprocesses.CompensationSubProcess):
                continue
            undone = node.holds_compensable or handler_of(node) is not None
            node.is_compensable = undone and not node.is_for_compensation
            if node.is_compensable and isinstance(parent, subprocesses.SubProcess):
                parent.holds_compensable = True

    def _start_event(self, xml: etree._Element) -> StartEvent:
        element_id = xml.get("id", "")
        definition: Any = self._node(xml).event_definition  # type: ignore[attr-defined]
        if isinstance(definition, TimerDefinition):
            return StartEvent(element_id, "timer", None, timer=definition)
        if isinstance(definition, ConditionDefinition):
            return StartEvent(element_id, "conditional", None, condition=definition)
        kind = "message" if isinstance(definition, MessageDefinition) else "signal"
        return StartEvent(element_id, kind, definition.name)

    def _bindings(self) -> Iterator[tuple[str, str, Binding]]:
        """What the elements refer to: the element, decision, process or form, and which one."""
        for node in self.nodes:
            x: Extensions = node.extensions
            for kind, binding in (("decision", x.decision), ("process", x.called), ("form", x.form)):
                if binding is not None:
                    yield node.element.id, kind, binding

    def _counts_working_time(self, node: FlowNode) -> bool:
        """Whether an element names a calendar, or literally counts working days or hours."""
        if node.extensions.calendar is not None:
            return True
        definition = getattr(node, "event_definition", None)
        try:
            if isinstance(definition, TimerDefinition) and definition.needs_calendar:
                return True
            dates = (node.extensions.assignment.due_date, node.extensions.assignment.follow_up_date)
            literal = [date.text for date in dates if date is not None and date.is_literal]
            return any(text.startswith("P") and parse_duration(text).needs_calendar for text in literal)
        except CalendarError:
            return False  # the gate says what is wrong with the text


def is_event_subprocess(xml: etree._Element) -> bool:
    """Whether a subprocess is started by an event rather than by a sequence flow."""
    return local_name(xml) == "subProcess" and xml.get("triggeredByEvent") == "true"


def names_in(text: str) -> list[str]:
    """The names in a text that separates them by commas."""
    return [name for name in (part.strip() for part in text.split(",")) if name]


def _kind(xml: etree._Element) -> tuple[type[Any], str]:
    """The specification and the element type of a flow node."""
    if not is_event_subprocess(xml):
        return NODES[local_name(xml)]
    start = xml.find(f"{_B}startEvent")
    compensates = start is not None and start.find(f"{_B}compensateEventDefinition") is not None
    return (subprocesses.CompensationSubProcess, EVENT_SUB_PROCESS[1]) if compensates else EVENT_SUB_PROCESS


def _definitions(xml: etree._Element) -> list[etree._Element]:
    return [child for child in xml if is_bpmn(child) and local_name(child).endswith("EventDefinition")]


class ModelsParser(BpmnParser):  # type: ignore[misc]
    """Reads the processes of a file that has passed the gate's structural checks."""

    PROCESS_PARSER_CLASS = ModelParser

    def read(self, root: etree._Element, xml: bytes, resource: str) -> list[ProcessModel]:
        """Every executable process of the file."""
        self.add_bpmn_xml(root, resource)
        content_hash = hashlib.sha256(xml).hexdigest()
        return [parser.read(content_hash) for parser in self.process_parsers.values() if parser.process_executable]

    def _find_dependencies(self, process: etree._Element) -> None:
        """Called processes are found when they are called."""


__all__ = [
    "NODES",
    "ModelsParser",
    "ValidationException",
    "is_bpmn",
    "is_event_subprocess",
    "local_name",
    "names_in",
    "parse_xml",
]
