"""Durations that no clock can keep, in timers and time limits: they would fail at every passage.

Those are durations at whose end there is no date any more, and intervals of less than a millisecond.

A definition that was deployed before this was asked for goes on running; what it cannot count is an incident there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from server.calendars import CalendarError, parse_duration
from server.messages import Finding, Message, Severity

from .errors import Failure
from .fixed_values import fixed_value
from .flow_node import FlowNode
from .gate_timers import date_fault
from .model import ProcessModel
from .timers import TimerDefinition, check_range


def check_date_ranges(model: ProcessModel) -> Iterator[Finding]:
    """Fixed durations that leave the dates that there are, whenever they are counted from, and tiny intervals."""
    for node in model.nodes:
        for check in _checks(node):
            try:
                check()
            except CalendarError as error:
                cause = error.message
                message = Message(cause.code, f"{node.where}：{cause.zh}", f"{node.where}: {cause.en}")
                yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)


def _checks(node: FlowNode) -> Iterator[Callable[[], None]]:
    definition = getattr(node, "event_definition", None)
    if isinstance(definition, TimerDefinition) and _is_readable(definition):
        yield definition.check_range
    for date in (node.extensions.assignment.due_date, node.extensions.assignment.follow_up_date):
        known, value = (False, None) if date is None else fixed_value(date)
        if known and isinstance(value, str) and value.startswith("P") and date_fault(value) is None:
            yield partial(check_range, parse_duration(value))


def _is_readable(definition: TimerDefinition) -> bool:
    """Whether a timer is one at all; the gate tells what is wrong with one that is not."""
    try:
        definition.check()
    except (CalendarError, Failure):
        return False
    return True
