"""The variables in which multi-instance and ad-hoc activities collect results: nothing inside may overwrite them.

A definition that was deployed before this was asked for goes on running; where something is overwritten there, the
engine raises an incident.
"""

from __future__ import annotations

from collections.abc import Iterator

from server.messages import Finding, Message, Severity

from .ad_hoc import AdHocSubProcess
from .flow_node import FlowNode
from .model import ProcessModel


def check_collected_results(model: ProcessModel) -> Iterator[Finding]:
    """Elements that set the variable in which an activity around them, or they themselves, collect results."""
    for node in model.nodes:
        for message in _overwriting_faults(node, model):
            yield Finding(Severity.ERROR, message, model.resource, node.element.id, node.element.line)


def _overwriting_faults(node: FlowNode, model: ProcessModel) -> Iterator[Message]:
    """An element must not set the variable in which an activity around it, or itself, collects results."""
    names = _set_by(node)
    loop = node.extensions.loop
    if loop is not None:
        if loop.output_collection in names:
            yield _overwrites(node, node, loop.output_collection)
        names |= {loop.output_collection}
    parent = node.element.parent_id
    while parent is not None and names:
        around = model.node(parent)
        x, parent = around.extensions, around.element.parent_id
        if isinstance(around, AdHocSubProcess) and x.ad_hoc.output_collection in names - {None}:
            yield _overwrites(node, around, x.ad_hoc.output_collection)
        names -= {mapping.target[0] for mapping in x.inputs}
        if x.loop is not None:
            names -= {"loopCounter", x.loop.element}
            if x.loop.output_collection in names - {None}:
                yield _overwrites(node, around, x.loop.output_collection)


def _set_by(node: FlowNode) -> set[str | None]:
    """The variables that an element sets around itself, as far as the model names them."""
    x = node.extensions
    if x.outputs:
        return {mapping.target[0] for mapping in x.outputs}
    local = {mapping.target[0] for mapping in x.inputs}
    if x.loop is not None:
        local |= {"loopCounter", x.loop.element or ""}
    return {x.result_variable, x.ad_hoc.output_collection} - {None} - local


def _overwrites(node: FlowNode, around: FlowNode, name: str | None) -> Message:
    return Message(
        "bpmn.loop-output-overwritten",
        f"{node.where} 把结果写入变量“{name}”，而 {around.where} 正用它收集结果（outputCollection），会被覆盖。"
        "请给结果换一个变量名，或用输入映射让它成为局部变量。",
        f"{node.where} sets the variable '{name}', in which {around.where} collects its results (outputCollection) and"
        " which it would overwrite. Give the result another name, or make it a local variable by an input mapping.",
    )
