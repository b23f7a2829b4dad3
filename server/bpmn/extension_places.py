"""Where each ``zeebe:`` extension element means something; anywhere else it is ignored, and the designer is told.

A job type on a user task, say, or a form on a service task is a slip of the pen, or was left behind when an element
got another type: the file runs, but not as it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from server.messages import Finding

from .extensions import BPMN, HANDLED, ZEEBE
from .gate_report import Report
from .reader import NODES, local_name

_B: Final = f"{{{BPMN}}}"
_Z: Final = f"{{{ZEEBE}}}"

_JOBS: Final = "serviceTask sendTask scriptTask businessRuleTask intermediateThrowEvent endEvent"
_ACTIVITIES: Final = (
    "task manualTask userTask serviceTask sendTask receiveTask scriptTask businessRuleTask callActivity subProcess"
    " transaction adHocSubProcess"
)
_EVENTS: Final = "intermediateCatchEvent intermediateThrowEvent endEvent startEvent boundaryEvent"

PLACES: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(places.split())
    for name, places in {
        "taskDefinition": f"{_JOBS} adHocSubProcess",
        "taskHeaders": f"{_JOBS} userTask",
        "userTask": "userTask",
        "assignmentDefinition": "userTask",
        "taskSchedule": "userTask",
        "priorityDefinition": "userTask",
        "formDefinition": "userTask startEvent",
        "ioMapping": f"{_ACTIVITIES} {_EVENTS}",
        "calledDecision": "businessRuleTask",
        "calledElement": "callActivity",
        "script": "scriptTask",
        "loopCharacteristics": "multiInstanceLoopCharacteristics",
        "adHoc": "adHocSubProcess",
        "subscription": "message",
        "versionTag": "process",
        "conditionalFilter": "conditionalEventDefinition",
        "jobPriorityDefinition": "",
    }.items()
}
"""The BPMN elements in whose extension elements each one is read; none where it is read nowhere."""

_INSIDE: Final = {"header": "taskHeaders", "input": "ioMapping", "output": "ioMapping", "property": "properties"}
_SILENT: Final = frozenset({"properties", "modelerTemplate"})
"""What carries no behaviour anywhere, and is not meant to."""

_LISTENERS: Final = frozenset({"executionListeners", "taskListeners"})
"""What is refused elsewhere."""


def check_extension_places(root: etree._Element, resource: str) -> Iterator[Finding]:
    """Extension elements that do nothing where they stand, one warning each."""
    report = Report(resource)
    for holder in root.iter(f"{_B}extensionElements"):
        owner = holder.getparent()
        if owner is None or not _is_executed(owner):
            continue
        for element in holder:
            if isinstance(element.tag, str) and element.tag.startswith(_Z):
                yield from _check(owner, element, report)


def _is_executed(owner: etree._Element) -> bool:
    process = next((each for each in (owner, *owner.iterancestors()) if each.tag == f"{_B}process"), None)
    return process is None or process.get("isExecutable", "true") == "true"


def _check(owner: etree._Element, element: etree._Element, report: Report) -> Iterator[Finding]:
    name, place = local_name(element), local_name(owner)
    if name in _SILENT or name in _LISTENERS or (place in NODES and name not in HANDLED | {"conditionalFilter"}):
        return
    if name in _INSIDE:
        around = _INSIDE[name]
        zh = f"zeebe:{name} 直接写在扩展元素中不起作用；请把它放进 zeebe:{around}。"
        en = f"A zeebe:{name} does nothing directly among the extension elements; put it into a zeebe:{around}."
        yield _ignored(owner, element, report, zh, en)
    elif place not in PLACES.get(name, ()):
        yield _ignored(owner, element, report, *_elsewhere(name, place))
    elif name == "formDefinition" and place == "startEvent" and not _is_none_start(owner):
        zh = "启动表单只用于流程的无类型启动事件；这里的 zeebe:formDefinition 不起作用，请移到那里或删除。"
        en = "A start form is for the none start event of a process; this zeebe:formDefinition does nothing. Move it"
        yield _ignored(owner, element, report, zh, f"{en} there, or remove it.")
    elif name == "ioMapping":
        yield from _check_mappings(owner, element, report)


def _check_mappings(owner: etree._Element, mapping: etree._Element, report: Report) -> Iterator[Finding]:
    place = local_name(owner)
    if place in ("startEvent", "boundaryEvent") and mapping.find(f"{_Z}input") is not None:
        zh = "启动事件和边界事件没有输入映射；这里的 zeebe:input 不起作用，请用输出映射（zeebe:output）。"
        en = "Start and boundary events have no input mappings; this zeebe:input does nothing. Use an output mapping"
        yield _ignored(owner, mapping, report, zh, f"{en} (zeebe:output).")
    left = any(owner.find(f"{_B}{kind}EventDefinition") is not None for kind in ("error", "cancel"))
    if place == "endEvent" and left and mapping.find(f"{_Z}output") is not None:
        zh = "错误和取消结束事件没有输出映射，变量须由 zeebe:input 带出；这里的 zeebe:output 不起作用。"
        en = (
            "Error and cancel end events have no output mappings; this zeebe:output does nothing. What they bring along"
        )
        yield _ignored(owner, mapping, report, zh, f"{en} are their input mappings (zeebe:input).")


def _is_none_start(start: etree._Element) -> bool:
    scope = start.getparent()
    return (
        scope is not None
        and local_name(scope) == "process"
        and not any(local_name(child).endswith("EventDefinition") for child in start)
    )


def _elsewhere(name: str, place: str) -> tuple[str, str]:
    listed = ", ".join(sorted(PLACES.get(name, ())))
    if not listed:
        return (
            f"zeebe:{name} 不会被执行，写在这里不起作用；请删除。",
            f"zeebe:{name} is not executed, so it does nothing here; remove it.",
        )
    return (
        f"zeebe:{name} 在 {place} 上不起作用，它属于 {listed}；请移到那里、改变元素类型，或删除。",
        f"zeebe:{name} does nothing at a {place}; it belongs to {listed}. Move it there, change the type of the"
        " element, or remove it.",
    )


def _ignored(owner: etree._Element, element: etree._Element, report: Report, zh: str, en: str) -> Finding:
    named = next((each for each in (owner, *owner.iterancestors()) if each.get("id")), owner)
    return report.warning(named, "bpmn.extension-without-effect", zh, en, line=element.sourceline)
