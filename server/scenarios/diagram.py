"""Diagrams: a BPMN file's diagram interchange drawn as SVG, each element in the colour of its coverage.

Positions are the designer's own. What is drawn is plain: shapes by kind, edges with arrow heads, labels, and how
often each thing was passed. A file without diagram interchange has no drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from lxml import etree

_BPMN: Final = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
_DD: Final = "{http://www.omg.org/spec/DD/20100524/DI}"
_MARGIN: Final = 24
_GATEWAYS: Final = {
    "exclusiveGateway": "×",
    "parallelGateway": "+",
    "inclusiveGateway": "○",
    "eventBasedGateway": "⬠",
    "complexGateway": "*",
}
_EVENTS: Final = {
    "timerEventDefinition": "◷",
    "messageEventDefinition": "✉",
    "signalEventDefinition": "△",
    "errorEventDefinition": "↯",
    "escalationEventDefinition": "⇑",
    "compensateEventDefinition": "◁◁",
    "conditionalEventDefinition": "≡",
    "linkEventDefinition": "⇨",
    "cancelEventDefinition": "✕",
    "terminateEventDefinition": "●",
}
_SCOPES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
_FRAMES: Final = frozenset({"participant", "lane"})
_ASIDE: Final = frozenset({"textAnnotation", "dataObjectReference", "dataStoreReference", "group"})

_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in the diagram's own units."""

    x: float
    y: float
    width: float
    height: float


def draw(xml: bytes, counts: Mapping[str, int], counted: frozenset[str]) -> str | None:
    """The diagram as SVG, None where the file has none.

    ``counts`` tells how often elements and flows were passed; those in ``counted`` are green or red by it, all else
    is grey.
    """
    root = etree.fromstring(xml, _PARSER)
    elements = {element.get("id"): element for element in root.iter() if element.get("id") is not None}
    drawing = _Drawing(elements, counts, counted)
    shapes, edges = list(root.iter(f"{_DI}BPMNShape")), list(root.iter(f"{_DI}BPMNEdge"))
    if not shapes:
        return None
    frames = [s for s in shapes if drawing.kind(s) in _FRAMES | _SCOPES]
    others = [s for s in shapes if drawing.kind(s) not in _FRAMES | _SCOPES]
    body = [part for shape in frames for part in drawing.shape(shape)]
    body += [part for edge in edges for part in drawing.edge(edge)]
    body += [part for shape in others for part in drawing.shape(shape)]
    x, y, width, height = drawing.extent()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x:g} {y:g} {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" class="diagram" role="img">'
        '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
        'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="context-stroke"/></marker></defs>'
        f"{''.join(body)}</svg>"
    )


class _Drawing:
    def __init__(
        self, elements: Mapping[str | None, etree._Element], counts: Mapping[str, int], counted: frozenset[str]
    ) -> None:
        self._elements = elements
        self._counts = counts
        self._counted = counted
        self._points: list[tuple[float, float]] = []

    def kind(self, shape: etree._Element) -> str:
        """The local name of the element that a shape shows."""
        element = self._elements.get(shape.get("bpmnElement"))
        return "" if element is None else etree.QName(element).localname

    def extent(self) -> tuple[float, float, float, float]:
        """The view box around all that was drawn."""
        xs, ys = [x for x, _ in self._points], [y for _, y in self._points]
        left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
        return left, top, max(xs) - left + _MARGIN, max(ys) - top + _MARGIN

    def shape(self, shape: etree._Element) -> Iterator[str]:
        """One element, with its title, its label and its count."""
        element = self._elements.get(shape.get("bpmnElement"))
        bounds = shape.find(f"{_DC}Bounds")
        if element is None or bounds is None:
            return
        identity, kind, box = element.get("id", ""), self.kind(shape), _box(bounds)
        self._points += [(box.x, box.y), (box.x + box.width, box.y + box.height)]
        name = element.get("name") or ""
        yield self._opening(identity, name)
        yield from _outline(element, kind, box)
        yield from self._label(shape, kind, name, box)
        yield self._count(identity, box.x + box.width, box.y)
        yield "</g>"

    def edge(self, edge: etree._Element) -> Iterator[str]:
        """One sequence flow, message flow or association."""
        element = self._elements.get(edge.get("bpmnElement"))
        points = [(float(p.get("x", 0)), float(p.get("y", 0))) for p in edge.iter(f"{_DD}waypoint")]
        if element is None or len(points) < 2:
            return
        self._points += points
        identity, name = element.get("id", ""), element.get("name") or ""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        dashes = "" if self.kind(edge) == "sequenceFlow" else ' stroke-dasharray="4 4"'
        yield self._opening(identity, name)
        yield f'<polyline class="edge" points="{path}"{dashes} marker-end="url(#arrow)"/>'
        bounds = edge.find(f"{_DI}BPMNLabel/{_DC}Bounds")
        (x1, y1), (x2, y2) = points[0], points[1]
        box = _box(bounds) if bounds is not None else Box((x1 + x2) / 2 - 30, (y1 + y2) / 2 - 16, 60, 14)
        yield from _text(name, box.x + box.width / 2, box.y + 10, max(box.width, 60))
        yield "</g>"

    def _label(self, shape: etree._Element, kind: str, name: str, box: Box) -> Iterator[str]:
        bounds = shape.find(f"{_DI}BPMNLabel/{_DC}Bounds")
        if kind in _FRAMES:
            middle = box.y + box.height / 2
            place = f"{box.x + 15:g} {middle:g}"
            yield (
                f'<text class="label" transform="rotate(-90 {place})" x="{box.x + 15:g}" y="{middle:g}">'
                f"{escape(name)}</text>"
            )
        elif kind in _SCOPES and box.height > 90:
            yield from _text(name, box.x + box.width / 2, box.y + 16, box.width)
        elif kind in _GATEWAYS or kind.endswith("Event") or kind in _ASIDE:
            label = _box(bounds) if bounds is not None else Box(box.x - 25, box.y + box.height + 2, box.width + 50, 14)
            self._points += [(label.x, label.y), (label.x + label.width, label.y + label.height)]
            yield from _text(name, label.x + label.width / 2, label.y + 10, max(label.width, 60))
        else:
            lines = max(1, len(_wrapped(name, box.width - 10)))
            yield from _text(name, box.x + box.width / 2, box.y + box.height / 2 - (lines - 1) * 7 + 4, box.width - 10)

    def _opening(self, identity: str, name: str) -> str:
        shown = f'<g class="{self._class(identity)}" data-element="{escape(identity)}">'
        return f"{shown}<title>{self._title(identity, name)}</title>"

    def _class(self, identity: str) -> str:
        if identity not in self._counted:
            return "aside"
        return "covered" if self._counts.get(identity) else "uncovered"

    def _title(self, identity: str, name: str) -> str:
        count = f" × {self._counts.get(identity, 0)}" if identity in self._counted else ""
        return escape(f"{name} ({identity}){count}" if name else f"{identity}{count}")

    def _count(self, identity: str, x: float, y: float) -> str:
        if identity not in self._counted:
            return ""
        return f'<text class="count" x="{x:g}" y="{y - 3:g}">{self._counts.get(identity, 0)}</text>'


def _outline(element: etree._Element, kind: str, box: Box) -> Iterator[str]:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    if kind in _GATEWAYS:
        corners = (
            f"{middle_x:g},{box.y:g} {box.x + box.width:g},{middle_y:g} "
            f"{middle_x:g},{box.y + box.height:g} {box.x:g},{middle_y:g}"
        )
        yield f'<polygon class="shape" points="{corners}"/>'
        yield f'<text class="mark" x="{middle_x:g}" y="{middle_y + 8:g}">{_GATEWAYS[kind]}</text>'
    elif kind.endswith("Event"):
        yield from _event(element, kind, box, middle_x, middle_y)
    else:
        corner = 2 if kind in _FRAMES or kind in _ASIDE else 10
        triggered = ' stroke-dasharray="3 3"' if element.get("triggeredByEvent") == "true" else ""
        wide = ' style="stroke-width:4"' if kind == "callActivity" else ""
        yield (
            f'<rect class="{"frame" if kind in _FRAMES | _SCOPES else "shape"}" x="{box.x:g}" y="{box.y:g}" '
            f'width="{box.width:g}" height="{box.height:g}" rx="{corner}"{triggered}{wide}/>'
        )
        if kind.endswith("Task") and kind != "task":
            word = kind.removesuffix("Task")
            yield f'<text class="kind" x="{box.x + 6:g}" y="{box.y + 12:g}">{word}</text>'
        loop = element.find(f"{_BPMN}multiInstanceLoopCharacteristics")
        if loop is not None:
            bars = "≡" if loop.get("isSequential") == "true" else "|||"
            yield f'<text class="mark small" x="{middle_x:g}" y="{box.y + box.height - 4:g}">{bars}</text>'
        elif element.get("isForCompensation") == "true":
            yield f'<text class="mark small" x="{middle_x:g}" y="{box.y + box.height - 4:g}">◁◁</text>'
        elif element.find(f"{_BPMN}standardLoopCharacteristics") is not None:
            yield f'<text class="mark small" x="{middle_x:g}" y="{box.y + box.height - 4:g}">↻</text>'


def _event(element: etree._Element, kind: str, box: Box, x: float, y: float) -> Iterator[str]:
    radius = box.width / 2
    non_interrupting = element.get("cancelActivity") == "false" or element.get("isInterrupting") == "false"
    dashes = ' stroke-dasharray="4 3"' if non_interrupting else ""
    wide = ' style="stroke-width:4"' if kind == "endEvent" else ""
    yield f'<circle class="shape" cx="{x:g}" cy="{y:g}" r="{radius:g}"{dashes}{wide}/>'
    if kind in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
        yield f'<circle class="ring" cx="{x:g}" cy="{y:g}" r="{max(radius - 4, 1):g}"{dashes}/>'
    for child in element:
        sign = _EVENTS.get(etree.QName(child).localname) if isinstance(child.tag, str) else None
        if sign is not None:
            yield f'<text class="mark small" x="{x:g}" y="{y + 6:g}">{sign}</text>'


def _text(text: str, x: float, y: float, width: float) -> Iterator[str]:
    for number, line in enumerate(_wrapped(text, width)):
        yield f'<text class="label" x="{x:g}" y="{y + 14 * number:g}">{escape(line)}</text>'


def _wrapped(text: str, width: float) -> list[str]:
    """Lines of about this width; a Chinese character is twice as wide as a Latin one, and may end a line."""
    lines, line, used = [], "", 0.0
    for word in _words(text):
        length = sum(12.0 if ord(sign) > 0x2E80 else 6.5 for sign in word)
        if line and used + length > max(width, 40):
            lines.append(line.strip())
            line, used = "", 0.0
        line, used = line + word, used + length
    return [*lines, line.strip()] if line.strip() else lines


def _words(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        word += sign
        if sign.isspace() or ord(sign) > 0x2E80:
            yield word
            word = ""
    if word:
        yield word


def _box(bounds: etree._Element) -> Box:
    return Box(*(float(bounds.get(name, 0)) for name in ("x", "y", "width", "height")))
