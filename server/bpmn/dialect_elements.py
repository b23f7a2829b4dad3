"""How each kind of element of the other dialects is written for Camunda 8."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from .dialect_node import DialectNode
from .extensions import BPMN, ZEEBE
from .juel import has_expression, quoted

_B = f"{{{BPMN}}}"
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_RETRIES = re.compile(r"R(\d+)/.*", re.ASCII)
_BUSINESS_KEY = re.compile(r"[$#]\{\s*execution\.(processBusinessKey|businessKey)\s*\}")
_Mapping = tuple[str, str, str]
"""A mapping: input or output, the text of its source, and its target."""

_BINDINGS = {None: None, "latest": "latest", "deployment": "deployment", "versionTag": "versionTag"}


def rewrite(node: DialectNode, name: str) -> None:
    """Rewrite one element called ``name``."""
    rewriter = _REWRITERS.get(name)
    further = [] if rewriter is None else rewriter(node)
    _write_mappings(node, _parameters(node) + further)


# -- activities ----------------------------------------------------------------------------------------------------


def _user_task(node: DialectNode) -> list[_Mapping]:
    parts = {
        "assignmentDefinition": {
            "assignee": "assignee",
            "candidateUsers": "candidateUsers",
            "candidateGroups": "candidateGroups",
        },
        "taskSchedule": {"dueDate": "dueDate", "followUpDate": "followUpDate"},
        "priorityDefinition": {"priority": "priority"},
    }
    for element, attributes in parts.items():
        taken = {target: node.take(source) for source, target in attributes.items()}
        node.write(element, **{key: None if text is None else node.expression(text) for key, text in taken.items()})
    _form(node)
    return []


def _form(node: DialectNode) -> None:
    """A form by reference; a form key names a form of another system and is kept as such."""
    form, key = node.take("formRef"), node.take("formKey")
    binding = _binding(node, "formRef")
    if form is not None:
        node.write("formDefinition", formId=node.expression(form), bindingType=binding)
    elif key is not None:
        node.write("formDefinition", externalReference=key)


def _worker_task(node: DialectNode) -> list[_Mapping]:
    """A service or send task, or a message that a job sends: an external task is a job of its topic's type."""
    kind, topic = node.take("type"), node.take("topic")
    if kind not in (None, "external", "external-worker"):
        node.unsupported(f"type={kind}")
    elif topic is not None:
        retries = next((_RETRIES.fullmatch((e.text or "").strip()) for e in _retries(node)), None)
        node.write("taskDefinition", type=node.expression(topic), retries=retries[1] if retries else "3")
    return []


def _retries(node: DialectNode) -> list[etree._Element]:
    """The cycle of retries: its count is kept; how far they are apart, workers say here."""
    found = node.take_elements("failedJobRetryTimeCycle")
    if found:
        node.warn(
            "bpmn.dialect-retries",
            "只取 failedJobRetryTimeCycle 的重试次数；间隔由作业程序在报告失败时给出。",
            "Of failedJobRetryTimeCycle only the count is taken; how long to wait says the worker that fails the job.",
        )
    return found


def _business_rule_task(node: DialectNode) -> list[_Mapping]:
    decision = node.take("decisionRef")
    if decision is None:
        return _worker_task(node)
    result, mapping = node.take("resultVariable"), node.take("mapDecisionResult")
    binding = _binding(node, "decisionRef")
    tag = node.take("decisionRefVersionTag")
    name = result or "decisionResult"
    if result is None:
        node.warn(
            "bpmn.dialect-no-result",
            f"没有写 resultVariable，决策结果存入变量 {name}。",
            f"No resultVariable is named; the decision's result goes into the variable {name}.",
        )
    node.write(
        "calledDecision",
        decisionId=node.expression(decision),
        resultVariable=name,
        bindingType=binding,
        versionTag=tag,
    )
    return _decision_result(node, name, mapping or "resultList")


def _decision_result(node: DialectNode, name: str, mapping: str) -> list[_Mapping]:
    """Give the result the shape that was asked for; a result that cannot have it is an incident."""
    of_outputs = f"{name} instance of context"
    shapes = {
        "singleEntry": None,
        "singleResult": f"if {name} = null then null else assert({name}, {of_outputs}, "
        '"singleResult needs a table of several outputs; use singleEntry")',
        "collectEntries": f"if {name} = null then [] else if {name} instance of list then {name} else [{name}]",
        "resultList": f"if {name} = null then [] else if {name} instance of list then assert({name}, every row in"
        f' {name} satisfies row instance of context, "resultList needs a table of several outputs; use collectEntries")'
        f' else assert([{name}], {of_outputs}, "resultList needs a table of several outputs; use singleEntry")',
    }
    if mapping not in shapes:
        node.unsupported(f"mapDecisionResult={mapping}")
        return []
    shape = shapes[mapping]
    return [] if shape is None else [("output", f"={shape}", name)]


def _script_task(node: DialectNode) -> list[_Mapping]:
    script = node.element.find(f"{_B}script")
    language = (node.element.get("scriptFormat") or "").lower()
    result = node.take("resultVariable")
    if script is None or node.has_zeebe("script") or node.has_zeebe("taskDefinition"):
        return []
    text = (script.text or "").strip()
    if language not in ("feel", "juel"):
        node.unsupported(f"scriptFormat={node.element.get('scriptFormat')}")
    elif result is None:
        node.refuse(
            "bpmn.dialect-script-result",
            "脚本没有结果变量；请写 resultVariable，脚本不能以其他方式设置变量。",
            "The script names no resultVariable, and it cannot set variables in any other way.",
        )
    elif language == "juel":
        node.write("script", expression=node.expression(text), resultVariable=result)
    else:
        node.write("script", expression=text if text.startswith("=") else f"={text}", resultVariable=result)
    return []


def _call_activity(node: DialectNode) -> list[_Mapping]:
    binding = _binding(node, "calledElement")
    tag = node.take("calledElementVersionTag")
    inherits = node.take("inheritVariables") == "true"
    called = node.element.get("calledElement")
    given, back = node.take_elements("in"), node.take_elements("out")
    node.take("businessKey")  # a called instance has the business id of its caller
    kind = node.take("calledElementType")
    if kind not in (None, "key"):
        node.unsupported(f"calledElementType={kind}")
    if called is not None and has_expression(called):
        del node.element.attrib["calledElement"]  # its type is a name, which an expression is not
    if called is None or (node.has_zeebe("calledElement") and not (given or back or binding or tag)):
        return []
    mappings: list[_Mapping] = []
    everything_in = _variables(node, given, "input", mappings) or inherits
    everything_out = _variables(node, back, "output", mappings)
    if everything_out and any(direction == "output" for direction, _, _ in mappings):
        node.refuse(
            "bpmn.dialect-out-all",
            'out variables="all" 不能与其他 out 映射并用：有输出映射时只交回它们所列的变量。',
            'out variables="all" cannot stand beside other out mappings: with those, only what they name comes back.',
        )
    node.write(
        "calledElement",
        processId=node.expression(called),
        bindingType=binding,
        versionTag=tag,
        propagateAllParentVariables=str(everything_in).lower(),
        propagateAllChildVariables=str(everything_out).lower(),
    )
    return mappings


def _variables(node: DialectNode, found: list[etree._Element], direction: str, mappings: list[_Mapping]) -> bool:
    """Read ``in`` or ``out`` elements into ``mappings``; true where all variables are handed over."""
    everything = False
    for element in found:
        attributes = dict(element.attrib)
        key = attributes.pop("businessKey", None)
        if key is not None and not _BUSINESS_KEY.fullmatch(key):
            node.unsupported(f"in businessKey={key}")
        everything = attributes.pop("variables", None) == "all" or everything
        source, computed = attributes.pop("source", None), attributes.pop("sourceExpression", None)
        target = attributes.pop("target", None)
        if attributes:
            node.unsupported(f"{etree.QName(element).localname} {sorted(attributes)[0]}")
        elif computed is not None and target is not None:
            mappings.append((direction, node.expression(computed), target))
        elif source is not None and target is not None and _IDENTIFIER.fullmatch(source):
            # A variable that is not there is handed over as null.
            mappings.append((direction, f"=if is defined({source}) then {source} else null", target))
        elif source is not None or target is not None:
            node.unsupported(f"{etree.QName(element).localname} {source or ''} → {target or ''}")
    return everything


def _binding(node: DialectNode, name: str) -> str | None:
    """How a reference is bound; a version by its number is not."""
    written, version = node.take(f"{name}Binding"), node.take(f"{name}Version")
    if node.take("sameDeployment") == "true":
        written = "deployment"
    if written not in _BINDINGS or version is not None:
        node.unsupported(f"{name}Binding={written}" if version is None else f"{name}Version={version}")
        return None
    return _BINDINGS[written]


# -- mappings and loops ---------------------------------------------------------------------------------------------


def _parameters(node: DialectNode) -> list[_Mapping]:
    """The parameters of ``inputOutput`` as mappings."""
    found: list[_Mapping] = []
    for holder in node.take_elements("inputOutput"):
        for parameter in holder.iterchildren(etree.Element):
            direction = {"inputParameter": "input", "outputParameter": "output"}.get(etree.QName(parameter).localname)
            if direction is None:
                node.unsupported(f"inputOutput {etree.QName(parameter).localname}")
            else:
                found.append((direction, _parameter(node, parameter), parameter.get("name", "")))
    if any(direction == "output" for direction, _, _ in found):
        node.warn(
            "bpmn.dialect-outputs",
            "有输出参数时，活动的其他结果变量不再传到外层。",
            "With output parameters, other results of the activity do not leave it.",
        )
    return found


def _parameter(node: DialectNode, parameter: etree._Element) -> str:
    """The value of a parameter as the source of a mapping: text, expression, list or map."""
    inner = list(parameter.iterchildren(etree.Element))
    if not inner:
        text = (parameter.text or "").strip()
        translated = node.expression(text)
        return translated if translated.startswith("=") else f"={quoted(text)}"
    return f"={_structure(node, inner[0])}"


def _structure(node: DialectNode, element: etree._Element) -> str:
    name, children = etree.QName(element).localname, list(element.iterchildren(etree.Element))
    if name == "list":
        return "[" + ", ".join(_structure(node, child) for child in children) + "]"
    if name == "map":
        entries = (f"{quoted(child.get('key', ''))}: {_entry(node, child)}" for child in children)
        return "{" + ", ".join(entries) + "}"
    if name in ("value", "entry"):
        return _entry(node, element)
    node.unsupported(f"{name} {element.get('scriptFormat') or ''}".strip())
    return "null"


def _entry(node: DialectNode, element: etree._Element) -> str:
    inner = list(element.iterchildren(etree.Element))
    if inner:
        return _structure(node, inner[0])
    text = (element.text or "").strip()
    translated = node.expression(text)
    return translated[1:] if translated.startswith("=") else quoted(text)


def _write_mappings(node: DialectNode, mappings: list[_Mapping]) -> None:
    if not mappings:
        return
    if node.has_zeebe("ioMapping"):
        node.warn(
            "bpmn.dialect-both",
            "同时写了 zeebe:ioMapping 和其他方言的映射，以 zeebe:ioMapping 为准。",
            "This has zeebe:ioMapping and mappings of another dialect; zeebe:ioMapping counts.",
        )
        return
    written = etree.Element(f"{{{ZEEBE}}}ioMapping")
    for direction, source, target in mappings:
        etree.SubElement(written, f"{{{ZEEBE}}}{direction}", source=source, target=target)
    node.place(written)


def _multi_instance(node: DialectNode) -> list[_Mapping]:
    collection, variable = node.take("collection"), node.take("elementVariable")
    cardinality = node.element.find(f"{_B}loopCardinality")
    if collection is not None:
        text = node.expression(collection)
        node.write(
            "loopCharacteristics",
            inputCollection=text if text.startswith("=") else f"={text}",
            inputElement=variable,
        )
    elif cardinality is not None and not node.has_zeebe("loopCharacteristics"):
        count = node.expression((cardinality.text or "").strip()).removeprefix("=")
        node.write(
            "loopCharacteristics", inputCollection=f"=if {count} > 0 then (for i in 1..{count} return i) else []"
        )
    return []


# -- processes and events ---------------------------------------------------------------------------------------------


def _process(node: DialectNode) -> list[_Mapping]:
    tag = node.take("versionTag")
    if tag is not None:
        node.write("versionTag", value=tag)
    return []


def _start_event(node: DialectNode) -> list[_Mapping]:
    _form(node)
    return []


def _named(node: DialectNode) -> list[_Mapping]:
    """A message, signal, escalation or error whose name or code is an expression."""
    for attribute in ("name", "errorCode", "escalationCode"):
        text = node.element.get(attribute)
        if text is not None and has_expression(text):
            node.element.set(attribute, node.expression(text))
    return []


def _message_event(node: DialectNode) -> list[_Mapping]:
    """A message that is thrown by an external task: the job belongs to the event around the definition."""
    event = node.element.getparent()
    if etree.QName(event).localname not in ("intermediateThrowEvent", "endEvent"):
        return []
    outer = DialectNode(event, node.owner, node.resource)
    for name in ("type", "topic"):
        text = node.take(name)
        if text is not None:
            event.set(f"{{http://camunda.org/schema/1.0/bpmn}}{name}", text)
    _worker_task(outer)
    node.findings += outer.findings
    return []


_REWRITERS: Mapping[str, Callable[[DialectNode], list[_Mapping]]] = {
    "userTask": _user_task,
    "serviceTask": _worker_task,
    "sendTask": _worker_task,
    "businessRuleTask": _business_rule_task,
    "scriptTask": _script_task,
    "callActivity": _call_activity,
    "multiInstanceLoopCharacteristics": _multi_instance,
    "process": _process,
    "startEvent": _start_event,
    "messageEventDefinition": _message_event,
    "message": _named,
    "signal": _named,
    "error": _named,
    "escalation": _named,
}
