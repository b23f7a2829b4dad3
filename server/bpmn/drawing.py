"""The diagram of a file (BPMN DI): what is not drawn, and what is drawn over something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from server.messages import Severity

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"

Told = tuple[Severity, etree._Element, str, str]
Box = tuple[float, float, float, float]


def no_bpmndi(root: etree._Element, elements: Sequence[etree._Element]) -> Iterator[Told]:
    """Elements without a shape or edge; one finding for a file that has no diagram at all."""
    drawn = {shape.get("bpmnElement") for shape in root.iter(f"{{{DI}}}BPMNShape", f"{{{DI}}}BPMNEdge")}
    if not drawn:
        yield (
            Severity.INFO,
            root,
            "文件没有图形信息，建模工具打开后是空白的。请在建模工具中绘制后保存。",
            "The file has no diagram, so modelling tools show nothing. Draw and save it in a modeller.",
        )
        return
    for element in elements:
        if element.get("id") not in drawn:
            id_ = element.get("id")
            yield (
                Severity.WARNING,
                element,
                f"“{id_}”没有画在图上，读者看不到它。请补画，或删除它。",
                f"'{id_}' is not drawn, so readers do not see it. Draw it, or remove it.",
            )


def no_overlapping_elements(root: etree._Element, nodes: Sequence[etree._Element]) -> Iterator[Told]:
    """Elements of one scope whose shapes overlap; boundary events stand on their activity's border."""
    boxes = {shape.get("bpmnElement"): box for shape in root.iter(f"{{{DI}}}BPMNShape") if (box := _box(shape))}
    scopes: dict[etree._Element, list[tuple[Box, etree._Element]]] = {}
    for node in nodes:
        box = boxes.get(node.get("id"))
        if box is not None and node.get("attachedToRef") is None:
            scopes.setdefault(node.getparent(), []).append((box, node))
    for shapes in scopes.values():
        shapes.sort(key=lambda shape: shape[0])
        for position, (box, node) in enumerate(shapes):
            for other_box, other in shapes[position + 1 :]:
                if other_box[0] >= box[2]:
                    break
                if box[1] < other_box[3] and other_box[1] < box[3]:
                    one, two = node.get("id"), other.get("id")
                    yield (
                        Severity.WARNING,
                        other,
                        f"“{two}”与“{one}”在图上重叠。请移开其中一个。",
                        f"'{two}' is drawn over '{one}'. Move one of them.",
                    )


def _box(shape: etree._Element) -> Box | None:
    bounds = shape.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return None
    x, y, width, height = (float(bounds.get(name, "0")) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height
