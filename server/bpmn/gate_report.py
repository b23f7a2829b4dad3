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

    def _finding(
        self, severity: Severity, node: etree._Element, code: str, zh: str, en: str, line: int | None = None
    ) -> Finding:
        at = int(line or node.sourceline or 0)
        return Finding(severity, Message(code, zh, en), self.resource, node.get("id", ""), at)
