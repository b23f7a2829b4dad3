"""What is already known of expressions before any variable has a value: constants, and what decisions can give.

An expression without variables has one value for ever (but for the clock), so that a fault in it would be an incident
at every passage; a condition that compares a decision's result with a text that no rule gives is never true.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from server.calendars import Calendar, week
from server.dmn.model import DecisionTable, HitPolicy
from server.feel import FeelSyntaxError, ast, compile_expression
from server.messages import Finding, Message, Severity

from .activities import BusinessRuleTask
from .errors import Failure
from .events import CatchingNode
from .expressions import Expression, FeelScriptEngine, expressions_in
from .flow_node import FlowNode
from .model import ProcessModel
from .timers import TimerDefinition
from .variables_used import Surroundings, decision_of, first_name

SAMPLE_CALENDAR = Calendar("sample", "UTC", frozenset(), frozenset(), week((dt.time(9), dt.time(18))))
SAMPLE_INSTANT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
EARLY = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
"""Before every time that a model may name: what is not due from here on never is."""

_SINGLE = (HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.PRIORITY)


def check_constants(model: ProcessModel) -> Iterator[Finding]:
    """Expressions without variables that have no value, or one of the wrong kind."""
    engine = FeelScriptEngine(SAMPLE_INSTANT)
    for node in model.nodes:
        for expression in filter(is_constant, dict.fromkeys(_expressions(node))):
            try:
                engine.evaluate(expression, {}, "", node.where)
            except Failure as failure:
                yield _finding(model, Severity.ERROR, node, failure.message)
        definition = getattr(node, "event_definition", None)
        if (
            isinstance(node, CatchingNode)
            and isinstance(definition, TimerDefinition)
            and is_constant(definition.source)
        ):
            try:
                definition.check_fixed(EARLY, node.where, lambda _id: SAMPLE_CALENDAR)
            except Failure as failure:
                yield _finding(model, Severity.ERROR, node, failure.message)
        loop = node.extensions.loop
        if loop is not None and is_constant(loop.collection) and not isinstance(_value(loop.collection), list):
            yield _finding(model, Severity.ERROR, node, _not_a_list(node, loop.collection))
        for flow, _ in node.outgoing:
            if flow.condition is not None and is_constant(flow.condition):
                yield from _check_condition(model, node, flow.id, flow.condition)


def _expressions(node: FlowNode) -> Iterator[Expression]:
    """What an element says in its extensions; a collection is looked at by itself."""
    loop = node.extensions.loop
    for expression in expressions_in(node.extensions):
        if loop is None or expression is not loop.collection:
            yield expression


def is_constant(expression: Expression) -> bool:
    """Whether an expression reads no variable, so that it has one value for ever (but for the clock)."""
    feel = expression.feel
    return feel is not None and not feel.names and not feel.possible_names


def _value(expression: Expression) -> object:
    assert expression.feel is not None
    return expression.feel.evaluate({}, clock=SAMPLE_INSTANT).value


def _check_condition(model: ProcessModel, node: FlowNode, flow_id: str, condition: Expression) -> Iterator[Finding]:
    value = _value(condition)
    if not isinstance(value, bool):
        yield _finding(model, Severity.ERROR, node, _not_boolean(node, flow_id, condition))
    elif not value:
        yield _finding(model, Severity.WARNING, node, _always_false(node, flow_id, condition))


# -- what decisions can give ---------------------------------------------------------------------------------------


def check_decision_domains(model: ProcessModel, around: Surroundings) -> Iterator[Finding]:
    """Conditions that ask a decision's result for a text that none of its rules gives."""
    domains = _domains(model, around)
    for node in model.nodes:
        for flow, _ in node.outgoing:
            if flow.condition is None or flow.condition.feel is None:
                continue
            for place, text in _compared_texts(flow.condition.feel.ast):
                known = domains.get(place)
                if known is not None and text not in known:
                    yield _finding(model, Severity.WARNING, node, _never_equal(node, flow.id, place, text, known))


def _domains(model: ProcessModel, around: Surroundings) -> dict[tuple[str, ...], frozenset[str]]:
    """The texts that each result (``name``) or column of it (``name``, ``column``) can be, where all are known."""
    found: dict[tuple[str, ...], frozenset[str]] = {}
    setters: dict[str, int] = {}
    for node in model.nodes:
        result = _plain_result(node)
        names = {result} if result else {m.target[0] for m in node.extensions.outputs}
        for name in names:
            setters[name] = setters.get(name, 0) + 1
        called = decision_of(node, around)
        table = None if called is None else called[1].decisions[called[0]].logic
        if result and isinstance(table, DecisionTable) and table.hit_policy in _SINGLE:
            for column, output in enumerate(table.outputs):
                cells = [rule.output_entries[column].text for rule in table.rules]
                cells += [output.default.text] if output.default is not None else []
                texts = [_text_of(cell) for cell in cells]
                if all(text is not None for text in texts):
                    place = (result,) if len(table.outputs) == 1 else (result, output.name)
                    found[place] = frozenset(text for text in texts if text is not None)
    return {place: texts for place, texts in found.items() if setters[place[0]] == 1}


def _plain_result(node: FlowNode) -> str | None:
    """The variable that a called decision's result becomes as it is."""
    x = node.extensions
    if not isinstance(node, BusinessRuleTask) or x.decision is None or x.loop is not None:
        return None
    name = x.result_variable or "result"
    if not x.outputs:
        return name
    for mapping in x.outputs:
        feel = mapping.source.feel
        if feel is not None and isinstance(feel.ast, ast.Name) and feel.ast.name == name and len(mapping.target) == 1:
            return mapping.target[0] if len(x.outputs) == 1 or mapping.target[0] == name else None
    return None


def _text_of(cell: str | None) -> str | None:
    try:
        tree = compile_expression(cell or "").ast
    except FeelSyntaxError:
        return None
    return tree.value if isinstance(tree, ast.Literal) and isinstance(tree.value, str) else None


def _compared_texts(tree: ast.Node) -> Iterator[tuple[tuple[str, ...], str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Comparison) or node.operator != "=":
            continue
        for side, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, ast.Literal) and isinstance(other.value, str) and (name := first_name(side)):
                members = []
                while isinstance(side, ast.Path):
                    members.append(side.member)
                    side = side.base
                yield (name, *reversed(members)), other.value


def _finding(model: ProcessModel, severity: Severity, node: FlowNode, message: Message) -> Finding:
    return Finding(severity, message, model.resource, node.element.id, node.element.line)


def _not_a_list(node: FlowNode, expression: Expression) -> Message:
    return Message(
        "bpmn.collection",
        f"{node.where} 的输入集合“{expression.text}”不是列表。",
        f"The input collection '{expression.text}' of {node.where} is not a list.",
    )


def _not_boolean(node: FlowNode, flow_id: str, condition: Expression) -> Message:
    return Message(
        "bpmn.condition-constant",
        f"{node.where} 的出口‘{flow_id}’的条件“{condition.text}”既不是 true 也不是 false，每次都会成为异常。"
        '请写一个比较，如 =decision = "approve"。',
        f"The condition '{condition.text}' of flow '{flow_id}' out of {node.where} is neither true nor false and would"
        ' always be an incident. Write a comparison, such as =decision = "approve".',
    )


def _always_false(node: FlowNode, flow_id: str, condition: Expression) -> Message:
    return Message(
        "bpmn.condition-never-true",
        f"{node.where} 的出口‘{flow_id}’的条件“{condition.text}”永远不成立。请改正条件，或删除该出口。",
        f"The condition '{condition.text}' of flow '{flow_id}' out of {node.where} is never true. Correct it, or remove"
        " the flow.",
    )


def _never_equal(node: FlowNode, flow_id: str, place: tuple[str, ...], text: str, known: frozenset[str]) -> Message:
    name, values = ".".join(place), ", ".join(f'"{value}"' for value in sorted(known))
    return Message(
        "bpmn.condition-never-true",
        f'{node.where} 的出口‘{flow_id}’比较 {name} = "{text}"，但决策只给出 {values}。请改正文字。',
        f"Flow '{flow_id}' out of {node.where} asks for {name} = \"{text}\", but the decision only gives {values}."
        " Correct the text.",
    )
