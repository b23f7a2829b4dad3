"""The gate's rules on time: timers, their zones, calendars and misfire policies, and the dates of user tasks."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from server.calendars import CalendarError, parse_duration, parse_instant
from server.messages import Message

from .activities import UserTask
from .errors import Failure
from .events import CatchingNode, GuardingEvent, StartEvent
from .extensions import BPMN, LENDLOOM, OWN
from .flow_node import FlowNode
from .timers import DEFAULT_ZONE, MISFIRE_POLICIES, TimerDefinition


def own_extension_faults(node: etree._Element) -> Iterator[Message]:
    """What is wrong with the ``lendloom:`` extension elements of a process or an element."""
    tag = etree.QName(node).localname
    for element in node.iterfind(f"{{{BPMN}}}extensionElements/{{{LENDLOOM}}}*"):
        name = etree.QName(element).localname
        unknown = sorted(set(element.attrib) - OWN.get(name, frozenset()))
        if name not in OWN or unknown:
            written = f"lendloom:{name}" + (f" {unknown[0]}" if name in OWN else "")
            yield Message(
                "bpmn.unknown-own-extension",
                f"没有扩展元素或属性 {written}；请核对拼写（见 docs/calendars.md）。",
                f"There is no extension element or attribute {written}; check its spelling (docs/calendars.md).",
            )
        elif name == "calendar" and not element.get("name"):
            yield Message(
                "bpmn.calendar-name", "lendloom:calendar 没有写 name。", "This lendloom:calendar has no name."
            )
        elif name == "calendar" and tag not in ("process", "userTask") and not _has_timer(node):
            yield Message(
                "bpmn.calendar-position",
                "lendloom:calendar 只能写在流程、定时器事件或用户任务上。",
                "A lendloom:calendar stands at a process, a timer event or a user task; here it would do nothing.",
            )
        elif name == "timer" and not _has_timer(node):
            yield Message(
                "bpmn.timer-position",
                "lendloom:timer 只能写在定时器事件上。",
                "A lendloom:timer stands at a timer event; here it would do nothing.",
            )


def _has_timer(node: etree._Element) -> bool:
    return node.find(f"{{{BPMN}}}timerEventDefinition") is not None


def timer_faults(node: CatchingNode, definition: TimerDefinition) -> Iterator[Message]:
    """What is wrong with a timer, as far as its text is literal."""
    try:
        if not definition.source.text:
            yield Message("bpmn.timer-empty", f"{node.where} 没有时间。", f"{node.where} says no time.")
        else:
            definition.check()
            yield from _direction_faults(node, definition)
    except (CalendarError, Failure) as error:
        yield error.message
    starts_process = isinstance(node, StartEvent) and node.event_subprocess is None
    if starts_process and definition.kind == "duration":
        yield Message(
            "bpmn.start-duration",
            f"{node.where}：流程启动事件的定时器应为日期或循环。",
            f"{node.where}: the timer that starts a process must be a date or a cycle.",
        )
    repeats = starts_process or (isinstance(node, GuardingEvent) and not node.interrupting)
    if definition.kind == "cycle" and not repeats:
        yield Message(
            "bpmn.cycle-position",
            f"{node.where}：循环定时器只能用于流程的启动事件，以及非中断的边界事件和事件子流程。",
            f"{node.where}: cycles are only for start events of a process, and for boundary events and event"
            " subprocesses that do not interrupt.",
        )
    yield from _settings_faults(node, definition)


def _direction_faults(node: CatchingNode, definition: TimerDefinition) -> Iterator[Message]:
    literal = definition.source.is_literal and not definition.source.is_broken and definition.kind == "duration"
    if literal and parse_duration(definition.source.text).is_negative:
        yield Message(
            "bpmn.timer-negative",
            f"{node.where}：时长“{definition.source.text}”为负，定时器不会等待。",
            f"{node.where}: the duration '{definition.source.text}' is negative, so the timer would never wait.",
        )


def _settings_faults(node: CatchingNode, definition: TimerDefinition) -> Iterator[Message]:
    settings = definition.settings
    if settings.misfire not in MISFIRE_POLICIES:
        listed = ", ".join(MISFIRE_POLICIES)
        yield Message(
            "bpmn.timer-misfire",
            f"{node.where}：misfire 应为以下之一：{listed}，不能是“{settings.misfire}”。",
            f"{node.where}: misfire must be one of {listed}, not '{settings.misfire}'.",
        )
    elif definition.kind != "cycle" and (settings.misfire != "once" or settings.until is not None):
        yield Message(
            "bpmn.timer-not-repeated",
            f"{node.where}：misfire 与 until 只对循环定时器有意义；不重复的定时器迟到时触发一次。",
            f"{node.where}: misfire and until are for cycles; a timer without repetition fires once, however late.",
        )


def due_date_faults(node: FlowNode) -> Iterator[Message]:
    """What is wrong with the literal due and follow-up dates of a user task."""
    if not isinstance(node, UserTask):
        return
    assignment = node.extensions.assignment
    for date in (assignment.due_date, assignment.follow_up_date):
        if date is None or not date.is_literal or date.is_broken:
            continue
        cause = date_fault(date.text)
        if cause is not None:
            yield Message(cause.code, f"{node.where}：{cause.zh}", f"{node.where}: {cause.en}")


def date_fault(text: str) -> Message | None:
    """Why a text is neither an instant nor a duration; None where it is one of them."""
    try:
        if text.startswith("P"):
            parse_duration(text)
        else:
            parse_instant(text, DEFAULT_ZONE)
    except CalendarError as error:
        return error.message
    return None
