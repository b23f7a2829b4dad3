"""One element of a file in another dialect: its foreign attributes and elements, taken one by one."""

from __future__ import annotations

from lxml import etree

from server.messages import Finding, Message, Severity

from .extensions import BPMN, ZEEBE
from .juel import JuelError, to_feel_text

NAMESPACES = {
    "http://camunda.org/schema/1.0/bpmn": "camunda",
    "http://flowable.org/bpmn": "flowable",
    "http://activiti.org/bpmn": "activiti",
}
"""The namespaces of the dialects, and the prefixes by which messages name them."""

NO_EFFECT = frozenset(
    {
        "asyncBefore",
        "asyncAfter",
        "async",
        "asyncLeave",
        "exclusive",
        "formFieldValidation",
        "jobPriority",
        "taskPriority",
        "historyTimeToLive",
        "isStartableInTasklist",
        "modelerTemplate",
        "modelerTemplateVersion",
        "modelerTemplateIcon",
        "owner",
        "category",
        "decisionRefTenantId",
        "calledElementTenantId",
        "errorMessage",
        "failedJobRetryTimeCycle",
        "inheritBusinessKey",
        "fallbackToDefaultTenant",
    }
)
"""Attributes and elements that change nothing of what a process does here."""

DOCUMENTING = frozenset({"properties"})
"""Those that never did anything but describe."""


class DialectNode:
    """An element with foreign attributes; whatever is taken is removed from it, and the rest is refused."""

    def __init__(self, element: etree._Element, owner: etree._Element, resource: str) -> None:
        self.element = element
        self.owner = owner
        self.resource = resource
        self.findings: list[Finding] = []

    @property
    def line(self) -> int:
        """The line of the element in its file."""
        return int(self.element.sourceline or 0)

    # -- findings --------------------------------------------------------------------------------------------------

    def refuse(self, code: str, zh: str, en: str) -> None:
        """Note an error."""
        self._note(Severity.ERROR, Message(code, zh, en))

    def warn(self, code: str, zh: str, en: str) -> None:
        """Note a warning."""
        self._note(Severity.WARNING, Message(code, zh, en))

    def _note(self, severity: Severity, message: Message) -> None:
        self.findings.append(Finding(severity, message, self.resource, self.owner.get("id", ""), self.line))

    def unsupported(self, what: str) -> None:
        """Refuse an attribute or element by its name."""
        self.refuse(
            "bpmn.dialect-unsupported",
            f"{what} 不会被执行，因此不能部署。请改用受支持的写法（见 docs/bpmn.md）或删除它。",
            f"{what} is not executed, so it cannot be deployed. Write it as docs/bpmn.md has it, or remove it.",
        )

    # -- taking attributes and elements ------------------------------------------------------------------------------

    def take(self, name: str) -> str | None:
        """The foreign attribute ``name``, removed from the element; the first dialect that has it."""
        found = None
        for uri in NAMESPACES:
            value = self.element.attrib.pop(f"{{{uri}}}{name}", None)
            found = value if found is None else found
        return found

    def take_elements(self, name: str) -> list[etree._Element]:
        """The foreign extension elements ``name``, removed from the element."""
        found = [e for e in self._foreign_elements() if etree.QName(e).localname == name]
        for extension in found:
            extension.getparent().remove(extension)
        return found

    def _foreign_elements(self) -> list[etree._Element]:
        holder = self.element.find(f"{{{BPMN}}}extensionElements")
        return [
            extension
            for extension in (() if holder is None else holder)
            if isinstance(extension.tag, str) and etree.QName(extension).namespace in NAMESPACES
        ]

    def refuse_what_is_left(self) -> None:
        """Warn of what has no effect, and refuse by name whatever nobody took."""
        for key in list(self.element.attrib):
            name = etree.QName(key)
            if name.namespace in NAMESPACES:
                self._judge(f"{NAMESPACES[name.namespace]}:{name.localname}", name.localname)
                del self.element.attrib[key]
        for extension in self._foreign_elements():
            name = etree.QName(extension)
            self._judge(f"{NAMESPACES[str(name.namespace)]}:{name.localname}", name.localname)
            extension.getparent().remove(extension)

    def _judge(self, what: str, name: str) -> None:
        if name in NO_EFFECT:
            self.warn(
                "bpmn.dialect-no-effect",
                f"{what} 在这里没有作用，已忽略。",
                f"{what} has no effect here and is ignored.",
            )
        elif name not in DOCUMENTING:
            self.unsupported(what)

    # -- writing what Camunda 8 would have -----------------------------------------------------------------------------

    def expression(self, text: str) -> str:
        """``text`` with its expressions in FEEL; what cannot be translated is noted, and stands as it was."""
        try:
            return to_feel_text(text)
        except JuelError as error:
            self._note(Severity.ERROR, error.message)
            return text

    def has_zeebe(self, name: str) -> bool:
        """Whether the element has the ``zeebe:`` extension element ``name`` itself."""
        return self.element.find(f"{{{BPMN}}}extensionElements/{{{ZEEBE}}}{name}") is not None

    def write(self, name: str, **attributes: str | None) -> None:
        """Write the ``zeebe:`` element ``name``; where the file has one itself, that counts, which is warned of."""
        written = {key: value for key, value in attributes.items() if value is not None}
        if not written:
            return
        if self.has_zeebe(name):
            self.warn(
                "bpmn.dialect-both",
                f"同时写了 zeebe:{name} 和其他方言的写法（{', '.join(written)}），以 zeebe:{name} 为准。",
                f"This has zeebe:{name} and the same in another dialect ({', '.join(written)}); zeebe:{name} counts.",
            )
            return
        self.place(etree.Element(f"{{{ZEEBE}}}{name}", written))

    def place(self, extension: etree._Element) -> None:
        """Put an extension element in, on the element's line."""
        holder = self.element.find(f"{{{BPMN}}}extensionElements")
        if holder is None:
            holder = etree.Element(f"{{{BPMN}}}extensionElements")
            documented = self.element.findall(f"{{{BPMN}}}documentation")
            self.element.insert(len(documented), holder)
            holder.sourceline = self.line
        holder.append(extension)
        for written in extension.iter():
            written.sourceline = self.line
