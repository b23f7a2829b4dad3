"""A thin view of an XML element that hides which DMN version's namespace the file uses."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from server.dmn.model import Place


def line_of(element: etree._Element) -> int | None:
    """The line that an element begins on."""
    line = element.sourceline
    return line if isinstance(line, int) else None


class XmlElement:
    """One element of the file; children are asked for by local name within the DMN namespace."""

    __slots__ = ("_element", "namespace")

    def __init__(self, element: etree._Element, namespace: str) -> None:
        self._element = element
        self.namespace = namespace

    @property
    def local_name(self) -> str:
        """The tag without its namespace."""
        return str(etree.QName(self._element).localname)

    def get(self, attribute: str) -> str | None:
        """An attribute's value."""
        value = self._element.get(attribute)
        return None if value is None else str(value)

    def place(self, above: Place) -> Place:
        """Where this element stands; without an id of its own it takes that of the element ``above``."""
        return Place(self.get("id") or above.id, line_of(self._element))

    def children(self, name: str | None = None) -> Iterator[XmlElement]:
        """The child elements of the DMN namespace, all or those of one name."""
        for element in self._element.iterchildren(f"{{{self.namespace}}}{name or '*'}"):
            yield XmlElement(element, self.namespace)

    def child(self, name: str) -> XmlElement | None:
        """The first child of that name."""
        return next(self.children(name), None)

    def child_text(self, name: str) -> str | None:
        """The trimmed text of the first child of that name; None where there is none or it is empty."""
        child = self.child(name)
        return None if child is None else (child.text.strip() or None)

    def foreign_child(self, tag: str) -> XmlElement | None:
        """The first child of another namespace, by its full tag."""
        element = self._element.find(tag)
        return None if element is None else XmlElement(element, self.namespace)

    @property
    def text(self) -> str:
        """The text within the element."""
        return "".join(str(part) for part in self._element.itertext())
