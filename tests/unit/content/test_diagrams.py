"""The shipped files as designers open them: well-formed, every id once, every element drawn where it can be seen."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

ROOT = Path(__file__).resolve().parents[3]
BPMN = sorted((ROOT / "processes").glob("*.bpmn")) + sorted((ROOT / "benchmarks/processes").glob("*.bpmn"))
DMN = sorted((ROOT / "dmn").glob("*.dmn")) + sorted((ROOT / "benchmarks/processes").glob("*.dmn"))
NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
}
UNDRAWN = {"process", "incoming", "outgoing", "documentation", "extensionElements", "conditionExpression"}


def parse(path: Path) -> etree._Element:
    return etree.fromstring(path.read_bytes())


def drawn_elements(root: etree._Element) -> set[str]:
    """The ids of everything in the process that a diagram must show."""
    found = set()
    for element in root.find("bpmn:process", NS).iter("{*}*"):
        name = etree.QName(element)
        is_drawn = name.localname not in UNDRAWN and not name.localname.endswith("EventDefinition")
        if name.namespace == NS["bpmn"] and is_drawn and element.get("id"):
            found.add(element.get("id"))
    return found


def box(shape: etree._Element) -> tuple[float, float, float, float]:
    bounds = shape.find("dc:Bounds", NS)
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def inner(at: tuple[float, float, float, float], kind: str) -> tuple[float, float, float, float]:
    """What a shape really covers of its bounds: diamonds and circles leave their corners free."""
    free = 12 if kind.endswith("Gateway") else 5 if kind.endswith("Event") else 0
    return at[0] + free, at[1] + free, at[2] - free, at[3] - free


def boxes(root: etree._Element) -> dict[str, tuple[float, float, float, float]]:
    return {shape.get("bpmnElement"): box(shape) for shape in root.iterfind(".//bpmndi:BPMNShape", NS)}


@pytest.mark.parametrize("path", BPMN + DMN, ids=lambda path: path.name)
def test_ids_are_unique(path: Path) -> None:
    ids = [element.get("id") for element in parse(path).iter("{*}*") if element.get("id")]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", BPMN, ids=lambda path: path.name)
def test_every_element_is_drawn_once_and_nothing_else(path: Path) -> None:
    root = parse(path)
    drawn = [
        node.get("bpmnElement") for node in root.iter(f"{{{NS['bpmndi']}}}BPMNShape", f"{{{NS['bpmndi']}}}BPMNEdge")
    ]

    assert sorted(drawn) == sorted(drawn_elements(root))


@pytest.mark.parametrize("path", BPMN, ids=lambda path: path.name)
def test_flows_are_orthogonal_and_touch_what_they_connect(path: Path) -> None:
    root = parse(path)
    shapes = boxes(root)
    flows = {flow.get("id"): flow for flow in root.iter(f"{{{NS['bpmn']}}}sequenceFlow")}
    for edge in root.iterfind(".//bpmndi:BPMNEdge", NS):
        flow = flows[edge.get("bpmnElement")]
        points = [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", NS)]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)), flow.get("id")
        for point, reference in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            left, top, right, bottom = shapes[flow.get(reference)]
            on_border = (point[0] in (left, right) and top <= point[1] <= bottom) or (
                point[1] in (top, bottom) and left <= point[0] <= right
            )
            assert on_border, (flow.get("id"), reference)


@pytest.mark.parametrize("path", BPMN, ids=lambda path: path.name)
def test_shapes_do_not_overlap(path: Path) -> None:
    root = parse(path)
    subprocesses = {node.get("id") for node in root.iter(f"{{{NS['bpmn']}}}subProcess")}
    boundary = {node.get("id") for node in root.iter(f"{{{NS['bpmn']}}}boundaryEvent")}
    shapes = {name: at for name, at in boxes(root).items() if name not in subprocesses | boundary}
    names = sorted(shapes)
    for index, first in enumerate(names):
        a = shapes[first]
        for second in names[index + 1 :]:
            b = shapes[second]
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (first, second)


@pytest.mark.parametrize("path", BPMN, ids=lambda path: path.name)
def test_labels_cover_neither_shapes_nor_labels(path: Path) -> None:
    root = parse(path)
    subprocesses = {node.get("id") for node in root.iter(f"{{{NS['bpmn']}}}subProcess")}
    kinds = {node.get("id"): etree.QName(node).localname for node in root.iter("{*}*") if node.get("id")}
    taken = [(name, inner(at, kinds[name])) for name, at in boxes(root).items() if name not in subprocesses]
    for label in root.iterfind(".//bpmndi:BPMNLabel", NS):
        owner = label.getparent().get("bpmnElement")
        a = box(label)
        covered = [other for other, b in taken if a[2] > b[0] and b[2] > a[0] and a[3] > b[1] and b[3] > a[1]]
        assert covered == [], owner
        taken.append((f"label of {owner}", a))


@pytest.mark.parametrize("path", DMN, ids=lambda path: path.name)
def test_decision_diagrams_show_every_element_of_the_graph(path: Path) -> None:
    root = parse(path)
    assert etree.QName(root).namespace == NS["dmn"], "dmn-js opens DMN 1.3 only"
    graph = [
        element.get("id")
        for element in root.iter(*(f"{{{NS['dmn']}}}{n}" for n in ("decision", "inputData", "informationRequirement")))
    ]
    drawn = [
        element.get("dmnElementRef") for element in root.iter(f"{{{NS['dmndi']}}}DMNShape", f"{{{NS['dmndi']}}}DMNEdge")
    ]

    assert sorted(drawn) == sorted(graph)


def test_every_decision_form_and_process_that_is_named_exists() -> None:
    decisions = {element.get("id") for path in DMN for element in parse(path).iter(f"{{{NS['dmn']}}}decision")}
    processes = {parse(path).find("bpmn:process", NS).get("id") for path in BPMN}
    forms = {path.stem for path in (ROOT / "forms").glob("*.form")}
    for path in BPMN:
        for element in parse(path).iter(f"{{{NS['zeebe']}}}*"):
            match etree.QName(element).localname:
                case "calledDecision":
                    assert element.get("decisionId") in decisions, path.name
                case "formDefinition":
                    assert element.get("formId") in forms, path.name
                case "calledElement":
                    assert element.get("processId") in processes, path.name


@pytest.mark.parametrize("path", BPMN, ids=lambda path: path.name)
def test_tasks_named_by_four_eyes_headers_exist(path: Path) -> None:
    reviews = {task.get("id") for other in BPMN for task in parse(other).iter(f"{{{NS['bpmn']}}}userTask")}
    for header in parse(path).iter(f"{{{NS['zeebe']}}}header"):
        if header.get("key") == "lendloom:notBy":
            assert set(header.get("value").split(",")) <= reviews


def test_the_documentation_names_every_job_type_and_message() -> None:
    text = (ROOT / "docs/processes.md").read_text(encoding="utf-8")
    for path in BPMN[:3]:
        root = parse(path)
        named = {element.get("type") for element in root.iter(f"{{{NS['zeebe']}}}taskDefinition")}
        named |= {element.get("name") for element in root.iter(f"{{{NS['bpmn']}}}message")}
        named |= {element.get("decisionId") for element in root.iter(f"{{{NS['zeebe']}}}calledDecision")}
        named |= {element.get("formId") for element in root.iter(f"{{{NS['zeebe']}}}formDefinition")}
        assert named <= set(re.findall(r"`([^`]+)`", text)), path.name
    for picture in re.findall(r"\]\((pictures/[^)]+)\)", text):
        assert (ROOT / "docs" / picture).read_bytes().startswith(b"\x89PNG")
