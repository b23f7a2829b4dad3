"""How the gate's structural rules report: findings at an element of the file."""

from __future__ import annotations

from lxml import etree

from server.messages import Finding, Message, Severity


class Report:
    """Makes the findings of one resource."""

    def __init__(self, resource: str) -> None:
        self.resource = resource

    def error(self, node: etree._Element, code: str, zh: str, en: str) -> Finding:
        """What keeps the file from being deployed."""
        return self._finding(Severity.ERROR, node, code, zh, en)

    def warning(self, node: etree._Element, code: str, zh: str, en: str, *, line: int | None = None) -> Finding:
        """What the designer should know; ``line`` is where it stands, if not where the element begins."""
        return self._finding(Severity.WARNING, node, code, zh, en, line)

    def unsupported_extension(self, node: etree._Element, name: str) -> Finding:
        """A ``zeebe:`` element that nothing executes, whose absence would go unnoticed until it matters."""
        return self.error(
            node,
            "bpmn.unsupported-extension",
            f"扩展元素 zeebe:{name} 不会被执行，因此不能部署。请删除它，或改用受支持的写法（见 docs/bpmn.md）。",
            f"The extension element zeebe:{name} is not executed, so it cannot be deployed. Remove it, or write what it"
            " does as docs/bpmn.md has it.",
        )

    def _finding(
        self, severity: Severity, node: etree._Element, code: str, zh: str, en: str, line: int | None = None
    ) -> Finding:
        at = int(line or node.sourceline or 0)
        return Finding(severity, Message(code, zh, en), self.resource, node.get("id", ""), at)
