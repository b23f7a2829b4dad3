"""What an element says with fixed values: texts, and expressions without variables, which have one value for ever.

Where such a value is not what the element needs, every instance would stop there; so the deployment is refused. The
same holds where an expression with variables can only have values of another kind. Names of variables, which are fixed
as well, must be names that an expression can ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from server.feel import EVERY_KIND, FeelError, Kinds
from server.messages import Finding, Message, Severity

from .activities import MOST_RETRIES, JobActivity, names, retries_of, whole_number
from .ad_hoc import AdHocSubProcess
from .constants import SAMPLE_INSTANT, is_constant
from .errors import Failure
from .event_definitions import ErrorDefinition, EscalationDefinition, MessageDefinition, SignalDefinition
from .events import CatchingNode, StartEvent
from .expressions import Expression, FeelScriptEngine
from .extensions import Binding
from .flow_node import FlowNode
from .gate_timers import date_fault
from .inferred_kinds import LIST, NULL, NUMBER, TEXT, TRUTH, WHOLE, may_be
from .model import ProcessModel
from .timers import TimerDefinition

LONGEST_NAME: Final = 500
BINDINGS: Final = ("latest", "deployment", "versionTag")
_NAME: Final = re.compile(r"""[^\W\d][^"'\[\](){},;:=<>@?!|&\\.]*(?<!\s)""")
"""A name that FEEL can have: no quotes, brackets or signs of comparison; spaces inside are allowed."""


def check_fixed_values(model: ProcessModel) -> Iterator[Finding]:
    """Fixed values that would be an incident at every passage."""
    for node in model.nodes:
        for message in (*_faults(node), *_length_faults(node, model.process_id)):
            yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)
        definition = getattr(node, "event_definition", None)
        key = definition.correlation_key if isinstance(definition, MessageDefinition) else None
        if key is not None and key.is_literal and not key.is_broken and isinstance(node, CatchingNode):
            message = _same_for_all(node, key.text)
            yield Finding(Severity.WARNING, message, model.resource, node.element.id, node.element.line)


def _faults(node: FlowNode) -> Iterator[Message]:
    yield from _name_faults(node)
    yield from _binding_faults(node)
    yield from _script_faults(node)
    for given in _given(node):
        known, value = fixed_value(given.expression)
        if (known and not given.fits(value)) or not may_be(given.expression, given.kinds):
            yield Message(
                given.code,
                f"{node.where}：{given.zh}，不能是“{given.expression.text}”。",
                f"{node.where}: {given.en}, not '{given.expression.text}'.",
            )
    for date in (node.extensions.assignment.due_date, node.extensions.assignment.follow_up_date):
        known, value = (False, None) if date is None or date.is_literal else fixed_value(date)
        fault = date_fault(str(value)) if known and value is not None else None
        if fault is not None:
            yield Message(fault.code, f"{node.where}：{fault.zh}", f"{node.where}: {fault.en}")
    yield from _start_timer_faults(node)
    yield from _start_form_faults(node)


def fixed_value(expression: Expression) -> tuple[bool, Any]:
    """Whether an expression has one value for ever, and that value. What has none is told elsewhere."""
    if expression.is_literal:
        return not expression.is_broken, expression.text
    if not is_constant(expression):
        return False, None
    try:
        return True, FeelScriptEngine(SAMPLE_INSTANT).evaluate(expression, {}, "", "")
    except (Failure, FeelError):
        return False, None


# -- values ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    """An expression of an element, what its value must be, of which kinds it may come, and how to say so."""

    expression: Expression
    fits: Callable[[Any], bool]
    kinds: Kinds
    code: str
    zh: str
    en: str


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_retries(value: Any) -> bool:
    return retries_of(value) is not None


def _is_priority(value: Any) -> bool:
    return value is None or whole_number(value) is not None


def _is_names(value: Any) -> bool:
    try:
        names(value, "")
    except Failure:
        return False
    return True


def _is_assignee(value: Any) -> bool:
    return value is None or value == "" or _is_key(value)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _given(node: FlowNode) -> Iterator[_Given]:
    x = node.extensions
    if isinstance(node, JobActivity) and x.task is not None:
        en = f"retries must be a whole number from 0 to {MOST_RETRIES}"
        yield _Given(
            x.task.retries, _is_retries, WHOLE, "bpmn.job-retries", f"重试次数应为 0 到 {MOST_RETRIES} 的整数", en
        )
        if not x.task.type.is_literal:
            yield _Given(
                x.task.type, _is_text, TEXT, "bpmn.job-type", "任务类型应为文本", "the job type must be a text"
            )
    assignment = x.assignment
    if assignment.priority is not None:
        en = "the priority must be a whole number, from 0 to 100"
        yield _Given(
            assignment.priority, _is_priority, WHOLE | NULL, "bpmn.task-priority", "优先级应为 0 到 100 的整数", en
        )
    if assignment.assignee is not None:
        en = "the assignee must be a text"
        yield _Given(assignment.assignee, _is_assignee, TEXT | NUMBER | NULL, "bpmn.assignee", "办理人应为文本", en)
    for candidates in (assignment.candidate_users, assignment.candidate_groups):
        if candidates is not None:
            en = "candidates must be a text or a list of texts"
            yield _Given(
                candidates, _is_names, TEXT | LIST | NULL, "bpmn.candidates", "候选人或候选组应为文本或文本列表", en
            )
    for binding in (x.form, x.decision, x.called):
        if binding is not None:
            en = "what it refers to must be a text"
            yield _Given(binding.target, _is_text, TEXT, "bpmn.reference-value", "引用的编号应为文本", en)
    yield from _conditions(node)
    yield from _event_values(node)
    if isinstance(node, AdHocSubProcess) and x.ad_hoc.active_elements is not None:
        known = ", ".join(node.activatable)
        yield _Given(
            x.ad_hoc.active_elements,
            lambda value: isinstance(value, list) and all(element in node.activatable for element in value),
            LIST,
            "bpmn.active-elements",
            f"activeElementsCollection 应为可激活元素编号的列表（{known}）",
            f"activeElementsCollection must be a list of ids of elements that can be activated ({known})",
        )


def _conditions(node: FlowNode) -> Iterator[_Given]:
    x = node.extensions
    standard = x.standard_loop
    conditions = (
        None if standard is None else standard.condition,
        None if x.loop is None else x.loop.completion_condition,
        x.ad_hoc.completion_condition,
    )
    for condition in conditions:
        if condition is not None and not condition.is_literal:
            en = "the loop or completion condition must be true or false"
            yield _Given(
                condition, _is_boolean, TRUTH, "bpmn.condition-constant", "循环或完成条件应为 true 或 false", en
            )
    if standard is None or standard.condition is None or standard.maximum is not None or node.boundary_events:
        return
    en = "a loop without a maximum, which no boundary event ends, needs a condition that can become false"
    zh = "没有最大次数、也没有边界事件的循环，其条件须能变为 false"
    yield _Given(standard.condition, lambda value: value is not True, EVERY_KIND, "bpmn.loop-endless", zh, en)


def _event_values(node: FlowNode) -> Iterator[_Given]:
    definition = getattr(node, "event_definition", None)
    named: Expression | None = None
    if isinstance(definition, MessageDefinition | SignalDefinition):
        named = definition.named
    elif isinstance(definition, ErrorDefinition | EscalationDefinition):
        named = definition.coded
    if named is not None and not named.is_literal:
        yield _Given(
            named, _is_text, TEXT, "bpmn.event-name", "事件的名称或代码应为文本", "its name or code must be a text"
        )
    if isinstance(definition, MessageDefinition) and isinstance(node, CatchingNode):
        key = definition.correlation_key
        if key is not None and not key.is_literal:
            en = "the correlation key must be a number or a text that is not empty"
            yield _Given(key, _is_key, TEXT | NUMBER, "bpmn.correlation-key", "关联键应为非空文本或数字", en)


def _is_key(value: Any) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool) and value != ""


# -- references, scripts and start timers ---------------------------------------------------------------------------


def _binding_faults(node: FlowNode) -> Iterator[Message]:
    x = node.extensions
    bindings: tuple[Binding | None, ...] = (x.form, x.decision, x.called)
    for binding in bindings:
        if binding is None:
            continue
        if binding.binding not in BINDINGS:
            listed = ", ".join(BINDINGS)
            yield Message(
                "bpmn.binding",
                f"{node.where}：绑定应为 {listed} 之一，不能是“{binding.binding}”。",
                f"{node.where}: the binding must be one of {listed}, not '{binding.binding}'.",
            )
        if binding.binding == "versionTag" and not binding.version_tag:
            yield Message(
                "bpmn.binding",
                f"{node.where}：绑定为 versionTag 时须写版本标签（versionTag）。",
                f"{node.where}: the binding versionTag needs a version tag (versionTag).",
            )


def _script_faults(node: FlowNode) -> Iterator[Message]:
    script = node.extensions.script
    if script is not None and script.is_literal and not script.is_broken:
        yield Message(
            "bpmn.script-not-feel",
            f"{node.where} 的脚本“{script.text}”应以 = 开头（FEEL），否则结果就是这段文字本身。",
            f"The script '{script.text}' of {node.where} must begin with = (FEEL); as it is, its result is this text.",
        )


def _start_timer_faults(node: FlowNode) -> Iterator[Message]:
    if not isinstance(node, StartEvent) or node.event_subprocess is not None:
        return
    definition = node.event_definition
    if isinstance(definition, TimerDefinition) and not definition.source.is_literal:
        feel = definition.source.feel
        if feel is not None and feel.names:
            listed = ", ".join(sorted(feel.names))
            yield Message(
                "bpmn.start-timer-variables",
                f"{node.where}：启动流程的定时器没有变量可用（{listed}）；请写固定的时间。",
                f"{node.where}: a timer that starts a process has no variables ({listed}); write a fixed time.",
            )


def _start_form_faults(node: FlowNode) -> Iterator[Message]:
    form = node.extensions.form
    if isinstance(node, StartEvent) and form is not None and not form.target.is_literal:
        yield Message(
            "bpmn.start-form-expression",
            f"{node.where}：启动表单要在实例存在之前打开，不能由表达式“{form.target.text}”给出；请写表单编号。",
            f"{node.where}: the form that starts a process is opened before there is an instance, and cannot be given"
            f" by the expression '{form.target.text}'; write its id.",
        )


def _length_faults(node: FlowNode, process_id: str) -> Iterator[Message]:
    """What is looked up by its name must not be longer than an index of the database takes."""
    definition = getattr(node, "event_definition", None)
    named = definition.named if isinstance(definition, MessageDefinition | SignalDefinition) else None
    task = node.extensions.task
    texts = [node.element.id, process_id, *(e.text for e in (named, task and task.type) if e and e.is_literal)]
    for text in texts:
        if len(text) > LONGEST_NAME:
            yield Message(
                "bpmn.too-long",
                f"“{text[:40]}…”有 {len(text)} 个字符；编号、名称和任务类型最多 {LONGEST_NAME} 个。",
                f"'{text[:40]}...' has {len(text)} characters; ids, names of events and job types have at most "
                f"{LONGEST_NAME}.",
            )


def _same_for_all(node: FlowNode, key: str) -> Message:
    return Message(
        "bpmn.fixed-correlation-key",
        f"{node.where} 的关联键“{key}”对每个实例都相同：一条消息无法区分实例。要取变量，请以 = 开头（FEEL）。",
        f"The correlation key '{key}' of {node.where} is the same for every instance, so that no message can tell them "
        "apart. To take it from a variable, begin it with = (FEEL).",
    )


# -- names of variables ------------------------------------------------------------------------------------------------


def _name_faults(node: FlowNode) -> Iterator[Message]:
    x = node.extensions
    paths = [mapping.target for mapping in (*x.inputs, *x.outputs)]
    single = [x.result_variable, x.ad_hoc.output_collection]
    if x.loop is not None:
        single += [x.loop.element, x.loop.output_collection]
    for path in (*paths, *((name,) for name in single if name is not None)):
        if not all(_NAME.fullmatch(part) for part in path):
            written = ".".join(path)
            yield Message(
                "bpmn.variable-name",
                f"{node.where}：“{written}”不是变量名，任何表达式都读不到它。",
                f"{node.where}: '{written}' is no name of a variable; no expression could ask for it.",
            )
