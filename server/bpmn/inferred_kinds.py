"""Expressions with variables whose values can only be of a kind that their place does not take.

``=amount + 1`` is a number whatever the amount is, so that a flow with this condition would stop every instance that
comes to it. What may be right is not refused: only what the text of an expression makes certain counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from server.feel import EVERY_KIND, JSON_KINDS, Kind, Kinds, kind_in_chinese, possible_kinds
from server.messages import Finding, Message, Severity

from .constants import is_constant
from .event_definitions import ConditionDefinition
from .events import CatchingNode
from .expressions import Expression, expressions_in
from .flow_node import FlowNode
from .model import ProcessModel
from .timers import TimerDefinition

_DURATIONS: Final[Kinds] = frozenset({Kind.DAYS_TIME_DURATION, Kind.YEARS_MONTHS_DURATION})
_DATES: Final[Kinds] = frozenset({Kind.DATE, Kind.DATE_AND_TIME})
_STRING: Final[Kinds] = frozenset({Kind.STRING})

NULL: Final[Kinds] = frozenset({Kind.NULL})
TRUTH: Final[Kinds] = frozenset({Kind.BOOLEAN})
NUMBER: Final[Kinds] = frozenset({Kind.NUMBER})
LIST: Final[Kinds] = frozenset({Kind.LIST})
WHOLE: Final[Kinds] = NUMBER | _STRING
"""What a whole number can be read from."""

TEXT: Final[Kinds] = _STRING | _DURATIONS | _DATES | {Kind.TIME}
"""What is a text once it is a variable: temporal values are written as ISO 8601."""

_KEPT: Final[Kinds] = EVERY_KIND - {Kind.RANGE, Kind.FUNCTION}
"""What a process can keep: there is no JSON for ranges and functions."""

_TIMERS: Final = {"date": _STRING | _DATES, "duration": _STRING | _DURATIONS, "cycle": _STRING}


def _kinds(expression: Expression) -> Kinds:
    """The kinds that a value of a FEEL expression may be of, where variables are JSON."""
    assert expression.feel is not None
    return possible_kinds(expression.feel.ast, JSON_KINDS)


def may_be(expression: Expression, wanted: Kinds) -> bool:
    """Whether the value of ``expression`` may be of one of these kinds.

    True also where it never has a value at all, which :func:`check_inferred_kinds` says by itself.
    """
    if expression.feel is None or is_constant(expression):
        return True
    found = _kinds(expression) & _KEPT
    return not found or bool(found & wanted)


def check_inferred_kinds(model: ProcessModel) -> Iterator[Finding]:
    """Conditions that are never boolean, collections that are never lists, timers that are never times."""
    for node in model.nodes:
        for message in (*_never_values(node), *_conditions(node), *_collections(node), *_times(node)):
            yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)


def _wrong(expression: Expression | None, wanted: Kinds) -> Kinds | None:
    """The kinds that an expression may have where none of them is wanted; None where one is, or nothing is certain."""
    if expression is None or expression.feel is None or is_constant(expression):
        return None
    found = _kinds(expression)
    return None if found & wanted else found


def _never_values(node: FlowNode) -> Iterator[Message]:
    loop = node.extensions.loop
    for expression in dict.fromkeys(expressions_in(node.extensions)):
        if loop is not None and expression is loop.collection:
            continue
        found = _wrong(expression, _KEPT)
        if found is not None:
            zh, en = _named(found)
            yield Message(
                "bpmn.expression-failed",
                f"{node.where} 的表达式“{expression.text}”永远得不到可用的值，只能是{zh}。请改正表达式。",
                f"The expression '{expression.text}' of {node.where} can never have a value that can be used: it can"
                f" only be {en}. Correct it.",
            )


def _conditions(node: FlowNode) -> Iterator[Message]:
    for flow, _ in node.outgoing:
        found = _wrong(flow.condition, TRUTH)
        if found is not None:
            assert flow.condition is not None
            yield _not_boolean(
                f"{node.where} 的出口‘{flow.id}’", f"flow '{flow.id}' out of {node.where}", flow.condition, found
            )
    definition = getattr(node, "event_definition", None)
    if isinstance(node, CatchingNode) and isinstance(definition, ConditionDefinition):
        found = _wrong(definition.condition, TRUTH)
        if found is not None:
            yield _not_boolean(node.where, node.where, definition.condition, found)


def _not_boolean(zh_place: str, en_place: str, condition: Expression, found: Kinds) -> Message:
    zh, en = _named(found)
    return Message(
        "bpmn.condition-not-boolean",
        f"{zh_place}的条件“{condition.text}”只能是{zh}，不会是 true 或 false，每次都会成为异常。"
        "请写一个比较，如 =score > 600。",
        f"The condition '{condition.text}' of {en_place} can only be {en}, never true or false, and would always be an"
        " incident. Write a comparison, such as =score > 600.",
    )


def _collections(node: FlowNode) -> Iterator[Message]:
    loop = node.extensions.loop
    found = None if loop is None else _wrong(loop.collection, LIST)
    if loop is not None and found is not None:
        zh, en = _named(found)
        yield Message(
            "bpmn.collection",
            f"{node.where} 的输入集合“{loop.collection.text}”只能是{zh}，不是列表。",
            f"The input collection '{loop.collection.text}' of {node.where} can only be {en}, never a list.",
        )


def _times(node: FlowNode) -> Iterator[Message]:
    definition = getattr(node, "event_definition", None)
    if isinstance(node, CatchingNode) and isinstance(definition, TimerDefinition):
        found = _wrong(definition.source, _TIMERS[definition.kind])
        if found is not None:
            zh, en = _named(found)
            what_zh, what_en = _WANTED[definition.kind]
            yield Message(
                "bpmn.timer-value",
                f"{node.where} 的定时器“{definition.source.text}”应是{what_zh}，但只能是{zh}。",
                f"The timer '{definition.source.text}' of {node.where} must be {what_en}, but can only be {en}.",
            )
    assignment = node.extensions.assignment
    for date in (assignment.due_date, assignment.follow_up_date):
        found = _wrong(date, _STRING | _DATES | _DURATIONS | NULL)
        if date is not None and found:
            zh, en = _named(found)
            yield Message(
                "bpmn.task-date",
                f"{node.where} 的日期“{date.text}”应是日期或时长，但只能是{zh}。",
                f"The date '{date.text}' of {node.where} must be a date or a duration, but can only be {en}.",
            )


_WANTED: Final = {
    "date": ("日期时间，如 date and time(due)", "a date and time"),
    "duration": ('时长，如 duration("P3D")', "a duration"),
    "cycle": ('循环的文本，如 "R3/PT1H"', "the text of a cycle"),
}


def _named(found: Kinds) -> tuple[str, str]:
    """Kinds as a sentence names them; null is what is left of an expression that never has a value."""
    kinds = sorted(found) or [Kind.NULL]
    if len(kinds) > 1:
        kinds = [kind for kind in kinds if kind is not Kind.NULL]
    return "、".join(kind_in_chinese(kind) for kind in kinds), " or ".join(kind.value for kind in kinds)
