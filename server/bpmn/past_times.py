"""Fixed times that have passed when a file is deployed: the gate has no clock, so it is told what time it is.

A repetition that is over can never begin: every instance that comes to it would stop, so the deployment is refused. A
date that has passed is due at once, and a due date that has passed makes every task late from the start; both run,
and are probably a slip, so they are a warning.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final

from server.calendars import CalendarError, WorkingTime, parse_instant
from server.feel import FeelError
from server.messages import Finding, Message, Severity

from .constants import EARLY, is_constant
from .errors import Failure
from .events import CatchingNode, StartEvent
from .expressions import Expression, FeelScriptEngine
from .flow_node import FlowNode
from .model import ProcessModel
from .timers import DEFAULT_ZONE, TimerDefinition

TIMER_PAST: Final = "bpmn.timer-past"

_GRACE: Final = dt.timedelta(minutes=1)
"""A time that has only just passed is no slip of the pen: it was in time when the file was written."""


def check_past_times(model: ProcessModel, now: dt.datetime) -> Iterator[Finding]:
    """Timers and due dates with a fixed time before ``now`` (an aware instant)."""
    for node in model.nodes:
        definition = getattr(node, "event_definition", None)
        found = [_due_dates(node, now)]
        if isinstance(node, CatchingNode) and isinstance(definition, TimerDefinition):
            found.append(_timer(node, definition, now))
        for severity, message in (each for group in found for each in group):
            yield Finding(severity, message, model.resource, node.element.id, node.element.line)


def _timer(node: CatchingNode, definition: TimerDefinition, now: dt.datetime) -> Iterator[tuple[Severity, Message]]:
    text = _fixed_text(definition.source, now)
    if text is None or definition.kind == "duration":
        return
    if definition.kind == "date":
        if _has_passed(text, definition.zone, now):
            yield Severity.WARNING, _at_once(node, text)
    elif not _begins(definition, now) and (definition.source.is_literal or _begins(definition, EARLY)):
        yield Severity.ERROR, _over(node, text, now)


def _due_dates(node: FlowNode, now: dt.datetime) -> Iterator[tuple[Severity, Message]]:
    assignment = node.extensions.assignment
    for date in (assignment.due_date, assignment.follow_up_date):
        text = None if date is None else _fixed_text(date, now)
        if text is not None and _has_passed(text, DEFAULT_ZONE, now):
            yield Severity.WARNING, _late(node, text)


def _fixed_text(expression: Expression, now: dt.datetime) -> str | None:
    """The text that an expression is at any time; None where it needs variables, or hangs on the clock."""
    if expression.is_literal:
        return None if expression.is_broken else expression.text
    if not is_constant(expression):
        return None
    try:
        values = [FeelScriptEngine(clock).evaluate(expression, {}, "", "") for clock in (EARLY, now)]
    except (Failure, FeelError):
        return None
    return values[0] if isinstance(values[0], str) and values[0] == values[1] else None


def _has_passed(text: str, zone: str, now: dt.datetime) -> bool:
    """Whether a text is an instant that has passed. What is no instant is told elsewhere."""
    try:
        return parse_instant(text, zone) < now - _GRACE
    except CalendarError:
        return False


class _CalendarNeeded(Exception):
    """The answer hangs on a working calendar, which people may change."""


def _no_calendar(name: str | None) -> WorkingTime:
    raise _CalendarNeeded


def _begins(definition: TimerDefinition, now: dt.datetime) -> bool:
    """Whether a timer that is awaited from ``now`` on can fall due."""
    try:
        definition.check()
        definition.check_range()
        definition.first_due(now, {}, calendars=_no_calendar)
    except _CalendarNeeded:
        return True
    except CalendarError:
        return True  # What cannot be read is told elsewhere.
    except Failure:
        return False
    return True


def _starts(node: FlowNode) -> bool:
    return isinstance(node, StartEvent) and node.event_subprocess is None


def _at_once(node: FlowNode, text: str) -> Message:
    zh, en = (
        ("部署后会立即启动一次流程", "the process would be started once, as soon as it is deployed")
        if _starts(node)
        else ("定时器会立即触发，不会等待", "the timer would fire at once, without waiting")
    )
    return Message(
        TIMER_PAST,
        f"{node.where}：时间“{text}”已经过去，{zh}。请改为将来的时间，或用变量给出（=due）。",
        f"{node.where}: the time '{text}' has passed, so {en}. Write a later one, or take it from a variable (=due).",
    )


def _over(node: FlowNode, text: str, now: dt.datetime) -> Message:
    return Message(
        TIMER_PAST,
        f"{node.where}：循环“{text}”在 {now:%Y-%m-%d} 之后不再有触发，每次到达这里都会成为异常。"
        "请改为将来的起点或终点，或去掉起点（如 R3/P1D）。",
        f"{node.where}: the cycle '{text}' has no firing after {now:%Y-%m-%d} and would always be an incident."
        " Write a later start or end, or none (such as R3/P1D).",
    )


def _late(node: FlowNode, text: str) -> Message:
    return Message(
        "bpmn.due-date-past",
        f"{node.where}：日期“{text}”已经过去，任务一打开就逾期。请写时长（如 P3D），或用变量给出。",
        f"{node.where}: the date '{text}' has passed, so every task would be late from the start. Write a duration"
        " (such as P3D), or take the date from a variable.",
    )
