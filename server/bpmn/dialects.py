"""Files of Camunda 7, Flowable and Activiti: their attributes and elements read as those of Camunda 8.

The file is rewritten in memory before the gate's rules see it: what has a counterpart becomes that, ``${…}`` becomes
FEEL (:mod:`server.bpmn.juel`), what has no effect is warned of, and everything else is refused by name. Where an
element says the same thing for Camunda 8 as well, that counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from server.messages import Finding, Message, Severity

from . import dialect_elements as rewriting
from .dialect_node import NAMESPACES, DialectNode
from .extensions import BPMN
from .juel import JuelError, has_expression, to_feel_text

_B = f"{{{BPMN}}}"
_TEXTS = ("conditionExpression", "condition", "completionCondition", "timeDate", "timeDuration", "timeCycle")
"""Elements of BPMN itself whose text is an expression."""


def translate_dialects(root: etree._Element, resource: str) -> list[Finding]:
    """Rewrite ``root`` in place; findings are errors for what cannot be, and warnings for what has no effect."""
    if not _has_dialect(root):
        return []
    return list(_translate(root, resource))


def _has_dialect(root: etree._Element) -> bool:
    if any(uri in NAMESPACES for element in root.iter(etree.Element) for uri in element.nsmap.values()):
        return True
    return any(has_expression(element.text or "") for tag in _TEXTS for element in root.iter(_B + tag))


def _translate(root: etree._Element, resource: str) -> Iterator[Finding]:
    for element in list(root.iter(*(f"{{{BPMN}}}*",))):
        node = DialectNode(element, _owner(element), resource)
        name = etree.QName(element).localname
        if name in _TEXTS:
            _translate_text(node, element)
        if name != "extensionElements":
            rewriting.rewrite(node, name)
            node.refuse_what_is_left()
        yield from node.findings


def _owner(element: etree._Element) -> etree._Element:
    """The element itself, or the nearest around it that has an id: findings name that."""
    owner = element
    while owner.get("id") is None and owner.getparent() is not None:
        owner = owner.getparent()
    return owner


def _translate_text(node: DialectNode, element: etree._Element) -> None:
    language = (element.get("language") or "").lower()
    if language and language not in ("juel", "feel") and not language.startswith("http"):
        node.refuse(
            "bpmn.dialect-language",
            f"条件的语言“{element.get('language')}”不会被执行；请改写为 FEEL（以 = 开头）。",
            f"A condition in '{element.get('language')}' is not executed; write it in FEEL, beginning with =.",
        )
        return
    text = (element.text or "").strip()
    try:
        if has_expression(text) and not text.startswith("="):
            element.text = to_feel_text(text)
        elif language == "feel" and not text.startswith("="):
            element.text = f"={text}"
    except JuelError as error:
        node.findings.append(_finding(node, error.message))


def _finding(node: DialectNode, message: Message) -> Finding:
    return Finding(Severity.ERROR, message, node.resource, node.owner.get("id", ""), node.line)
