"""Calls of functions that there are not, or with arguments that no signature takes: they never have a value.

Variables are JSON, so a function can come from nowhere but FEEL itself and the expression's own text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from server.feel import BUILTINS, FeelFunction, ast
from server.messages import Finding, Message, Severity

from .expressions import Expression, expressions_in
from .flow_node import FlowNode
from .model import ProcessModel


def check_function_calls(model: ProcessModel) -> Iterator[Finding]:
    """Calls in the expressions of ``model`` that can have no value, whatever the variables are."""
    for node in model.nodes:
        for expression in dict.fromkeys(_expressions(node)):
            for message in _wrong_calls(node, expression):
                yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)


def _expressions(node: FlowNode) -> Iterator[Expression]:
    yield from expressions_in(node.extensions)
    definition = getattr(node, "event_definition", None)
    for part in vars(definition).values() if definition is not None else ():
        yield from expressions_in(part)
    for flow, _ in node.outgoing:
        yield from expressions_in(flow.condition)


def _wrong_calls(node: FlowNode, expression: Expression) -> Iterator[Message]:
    feel = expression.feel
    if feel is None:
        return
    own = _own_names(feel.ast)
    for part in ast.walk(feel.ast):
        if not isinstance(part, ast.Call) or not isinstance(part.function, ast.Name) or part.function.name in own:
            continue
        name = part.function.name
        if name not in BUILTINS:
            yield _unknown(node, expression, name)
        elif not _is_taken(BUILTINS[name], part):
            yield _misfit(node, expression, BUILTINS[name])


def _own_names(tree: ast.Node) -> set[str]:
    """The names that an expression gives to something itself: parameters, entries, variables of loops."""
    found = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.FunctionLiteral):
            found |= {parameter.name for parameter in part.parameters}
        elif isinstance(part, ast.ContextLiteral):
            found |= {entry.key for entry in part.entries}
        elif isinstance(part, ast.For | ast.Quantified):
            found |= {iteration.variable for iteration in part.iterations}
    return found


def _is_taken(function: FeelFunction, call: ast.Call) -> bool:
    signatures = function.overloads or (function,)
    if call.names:
        return any(each.variadic or each.order(call.names) is not None for each in signatures)
    return any(each.accepts(len(call.arguments)) for each in signatures)


def _unknown(node: FlowNode, expression: Expression, name: str) -> Message:
    near = difflib.get_close_matches(name, BUILTINS, n=1, cutoff=0.75)
    zh, en = (
        (f"是否应为“{near[0]}”？", f"Did you mean '{near[0]}'?") if near else ("请改用已有的函数。", "Use one that is.")
    )
    return Message(
        "bpmn.unknown-function",
        f"{node.where} 的表达式“{expression.text}”调用函数“{name}”，但没有这个函数。{zh}",
        f"The expression '{expression.text}' of {node.where} calls '{name}', and there is no such function. {en}",
    )


def _misfit(node: FlowNode, expression: Expression, function: FeelFunction) -> Message:
    forms = "; ".join(
        f"{function.name}({', '.join(p.name + ('?' if p.optional else '') for p in each.parameters)})"
        for each in function.overloads or (function,)
    )
    return Message(
        "bpmn.function-arguments",
        f"{node.where} 的表达式“{expression.text}”调用“{function.name}”的参数个数或名称不对。可用的写法：{forms}。",
        f"The expression '{expression.text}' of {node.where} calls '{function.name}' with arguments that it does not"
        f" take. It is called as: {forms}.",
    )
