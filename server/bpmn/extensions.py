"""The ``zeebe:`` extension elements of Camunda 8 (and our few ``lendloom:`` ones), read into plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

from .expressions import Expression

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
LENDLOOM = "http://lendloom.org/schema/bpmn/1.0"

Compile = Callable[[str], Expression]

HANDLED = frozenset(
    {
        "taskDefinition",
        "taskHeaders",
        "header",
        "userTask",
        "assignmentDefinition",
        "taskSchedule",
        "priorityDefinition",
        "formDefinition",
        "ioMapping",
        "input",
        "output",
        "calledDecision",
        "calledElement",
        "script",
        "loopCharacteristics",
        "adHoc",
        "subscription",
        "versionTag",
        "properties",
        "property",
        "modelerTemplate",
        "jobPriorityDefinition",
    }
)
"""Extension elements that are executed, or that carry no behaviour; the gate refuses every other one."""

OWN: Mapping[str, frozenset[str]] = {
    "timer": frozenset({"zone", "misfire", "until"}),
    "calendar": frozenset({"name"}),
}
"""The ``lendloom:`` extension elements and their attributes."""


@dataclass(frozen=True, slots=True)
class IoMapping:
    """One input or output mapping: the value of ``source`` becomes the variable at path ``target``."""

    source: Expression
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """The job that a task asks for."""

    type: Expression
    retries: Expression


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who may do a user task, and when; every part may be absent."""

    assignee: Expression | None = None
    candidate_users: Expression | None = None
    candidate_groups: Expression | None = None
    due_date: Expression | None = None
    follow_up_date: Expression | None = None
    priority: Expression | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """A reference to a deployed resource by id: the latest, of the same deployment, or of a version tag."""

    target: Expression
    binding: str = "latest"
    version_tag: str | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance characteristics."""

    sequential: bool
    collection: Expression
    element: str | None
    output_collection: str | None
    output_element: Expression | None
    completion_condition: Expression | None


@dataclass(frozen=True, slots=True)
class StandardLoop:
    """Standard loop characteristics."""

    test_before: bool
    maximum: int | None
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class AdHoc:
    """The rules of an ad-hoc subprocess."""

    sequential: bool = False
    cancel_remaining: bool = True
    completion_condition: Expression | None = None
    active_elements: Expression | None = None
    output_collection: str | None = None
    output_element: Expression | None = None


@dataclass(frozen=True, slots=True)
class TimerExtension:
    """``lendloom:timer``: the zone of wall times, what becomes of missed firings, and the end of a repetition."""

    zone: str | None = None
    misfire: str = "once"
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Extensions:
    """Everything that an element's extensions say."""

    task: TaskDefinition | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    assignment: Assignment = Assignment()
    form: Binding | None = None
    external_form: str | None = None
    inputs: tuple[IoMapping, ...] = ()
    outputs: tuple[IoMapping, ...] = ()
    decision: Binding | None = None
    called: Binding | None = None
    result_variable: str | None = None
    script: Expression | None = None
    propagate_all_child: bool = True
    propagate_all_parent: bool = True
    loop: Loop | None = None
    standard_loop: StandardLoop | None = None
    ad_hoc: AdHoc = AdHoc()
    timer: TimerExtension = TimerExtension()
    calendar: str | None = None


def _z(name: str) -> str:
    return f"{{{ZEEBE}}}{name}"


def _l(name: str) -> str:
    return f"{{{LENDLOOM}}}{name}"


def _b(name: str) -> str:
    return f"{{{BPMN}}}{name}"


def read_extensions(node: etree._Element, compile_: Compile) -> Extensions:
    """Read the extensions of one flow node; ``compile_`` compiles expression texts and reports their faults."""
    holder = node.find(_b("extensionElements"))
    if holder is None:
        holder = etree.Element("none")
    task = holder.find(_z("taskDefinition"))
    decision = holder.find(_z("calledDecision"))
    called = holder.find(_z("calledElement"))
    script = holder.find(_z("script"))
    form = holder.find(_z("formDefinition"))
    result = script if script is not None else decision
    return Extensions(
        task=None
        if task is None
        else TaskDefinition(compile_(task.get("type", "")), compile_(task.get("retries", "3"))),
        headers={h.get("key", ""): h.get("value", "") for h in holder.iterfind(f"{_z('taskHeaders')}/{_z('header')}")},
        assignment=_read_assignment(holder, compile_),
        form=_read_binding(form, "formId", compile_),
        external_form=None if form is None else form.get("externalReference"),
        inputs=_read_mappings(holder, "input", compile_),
        outputs=_read_mappings(holder, "output", compile_),
        decision=_read_binding(decision, "decisionId", compile_),
        called=_read_binding(called, "processId", compile_),
        result_variable=None if result is None else result.get("resultVariable"),
        script=None if script is None else compile_(script.get("expression", "")),
        propagate_all_child=called is None or called.get("propagateAllChildVariables", "true") != "false",
        propagate_all_parent=called is None or called.get("propagateAllParentVariables", "true") != "false",
        loop=_read_loop(node, compile_),
        standard_loop=_read_standard_loop(node, compile_),
        ad_hoc=_read_ad_hoc(node, holder, compile_) if node.tag == _b("adHocSubProcess") else AdHoc(),
        timer=_read_timer(holder),
        calendar=read_calendar_name(node),
    )


def read_calendar_name(node: etree._Element) -> str | None:
    """The working calendar that a process or an element names (``lendloom:calendar name``)."""
    calendar = node.find(f"{_b('extensionElements')}/{_l('calendar')}")
    return None if calendar is None else calendar.get("name")


def _read_timer(holder: etree._Element) -> TimerExtension:
    timer = holder.find(_l("timer"))
    if timer is None:
        return TimerExtension()
    return TimerExtension(timer.get("zone"), timer.get("misfire", "once"), timer.get("until"))


def _read_binding(element: etree._Element | None, attribute: str, compile_: Compile) -> Binding | None:
    if element is None or not element.get(attribute):
        return None
    return Binding(
        compile_(element.get(attribute, "")), element.get("bindingType", "latest"), element.get("versionTag")
    )


def _read_assignment(holder: etree._Element, compile_: Compile) -> Assignment:
    def part(name: str, attribute: str) -> Expression | None:
        element = holder.find(_z(name))
        text = None if element is None else element.get(attribute)
        return compile_(text) if text else None

    return Assignment(
        assignee=part("assignmentDefinition", "assignee"),
        candidate_users=part("assignmentDefinition", "candidateUsers"),
        candidate_groups=part("assignmentDefinition", "candidateGroups"),
        due_date=part("taskSchedule", "dueDate"),
        follow_up_date=part("taskSchedule", "followUpDate"),
        priority=part("priorityDefinition", "priority"),
    )


def _read_mappings(holder: etree._Element, direction: str, compile_: Compile) -> tuple[IoMapping, ...]:
    return tuple(
        IoMapping(compile_(m.get("source", "")), tuple(m.get("target", "").split(".")))
        for m in holder.iterfind(f"{_z('ioMapping')}/{_z(direction)}")
    )


def _read_loop(node: etree._Element, compile_: Compile) -> Loop | None:
    loop = node.find(_b("multiInstanceLoopCharacteristics"))
    if loop is None:
        return None
    zeebe = loop.find(f"{_b('extensionElements')}/{_z('loopCharacteristics')}")
    attributes: Mapping[str, str] = {} if zeebe is None else dict(zeebe.attrib)
    condition = loop.findtext(_b("completionCondition"))
    output_element = attributes.get("outputElement")
    return Loop(
        sequential=loop.get("isSequential") == "true",
        collection=compile_(attributes.get("inputCollection", "")),
        element=attributes.get("inputElement"),
        output_collection=attributes.get("outputCollection"),
        output_element=compile_(output_element) if output_element else None,
        completion_condition=compile_(condition) if condition else None,
    )


def _read_standard_loop(node: etree._Element, compile_: Compile) -> StandardLoop | None:
    loop = node.find(_b("standardLoopCharacteristics"))
    if loop is None:
        return None
    maximum, condition = loop.get("loopMaximum"), loop.findtext(_b("loopCondition"))
    return StandardLoop(
        test_before=loop.get("testBefore") == "true",
        maximum=None if maximum is None else int(maximum),
        condition=compile_(condition) if condition and condition.strip() else None,
    )


def _read_ad_hoc(node: etree._Element, holder: etree._Element, compile_: Compile) -> AdHoc:
    zeebe = holder.find(_z("adHoc"))
    attributes: Mapping[str, str] = {} if zeebe is None else dict(zeebe.attrib)
    condition = node.findtext(_b("completionCondition"))
    active, output = attributes.get("activeElementsCollection"), attributes.get("outputElement")
    return AdHoc(
        sequential=node.get("ordering") == "Sequential",
        cancel_remaining=node.get("cancelRemainingInstances") != "false",
        completion_condition=compile_(condition) if condition and condition.strip() else None,
        active_elements=compile_(active) if active else None,
        output_collection=attributes.get("outputCollection"),
        output_element=compile_(output) if output else None,
    )
