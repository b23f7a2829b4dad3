"""Data objects: what is copied, what is only drawn, and what is refused because nothing would happen."""

from __future__ import annotations

import pytest

from server.bpmn import lint, read_processes
from server.bpmn.effects import UserTaskOpened
from server.messages import Severity

from .diagrams import END, START, World, document, io, job, node, path, subprocess_

OBJECT = (
    '<bpmn:dataObject id="object_1" name="application"/>'
    '<bpmn:dataObjectReference id="reference_1" name="Loan application [new]" dataObjectRef="object_1"/>'
)
SPECIFICATION = (
    '<bpmn:ioSpecification><bpmn:dataInput id="in_1" name="case"/><bpmn:dataOutput id="out_1" name="score"/>'
    "<bpmn:inputSet><bpmn:dataInputRefs>in_1</bpmn:dataInputRefs></bpmn:inputSet>"
    "<bpmn:outputSet><bpmn:dataOutputRefs>out_1</bpmn:dataOutputRefs></bpmn:outputSet></bpmn:ioSpecification>"
)


def association(direction: str, source: str | None, target: str | None, inside: str = "") -> str:
    ends = "".join(
        f"<bpmn:{tag}>{id_}</bpmn:{tag}>" for tag, id_ in (("sourceRef", source), ("targetRef", target)) if id_
    )
    return f"<bpmn:data{direction}Association>{ends}{inside}</bpmn:data{direction}Association>"


def assigned(source: str, target: str) -> str:
    return f"<bpmn:assignment><bpmn:from>{source}</bpmn:from><bpmn:to>{target}</bpmn:to></bpmn:assignment>"


def working(*inside: str, around: str = OBJECT, ext: str = "") -> bytes:
    """A process with a service task ``work`` that has data associations."""
    task = node("serviceTask", "work", *inside, ext=job("j") + ext)
    return document(START, task, END, around, path("start", "work", "end"))


def world(file: bytes) -> World:
    return World(read_processes(file)[0])


def codes(file: bytes, severity: Severity = Severity.ERROR) -> list[str]:
    found = [finding for finding in lint(file) if finding.severity is severity]
    assert all(finding.message.zh and finding.line for finding in found)
    return [finding.message.code for finding in found]


def test_a_line_that_is_only_drawn_copies_nothing() -> None:
    drawn = (
        '<bpmn:property id="p1" name="__targetRef_placeholder"/>'
        + association("Input", "reference_1", "p1")
        + association("Output", None, "reference_1")
    )
    file = working(drawn)
    assert not codes(file)
    case = world(file).start(application={"amount": 5})
    assert case.execution.local_variables(case.key("work")) == {}
    case.do("complete_job", "work", {"result": 1})
    assert case.execution.variables[""] == {"application": {"amount": 5}, "result": 1}


def test_data_inputs_and_outputs_are_copied_from_and_to_the_data_objects_variable() -> None:
    copied = association("Input", "reference_1", "in_1") + association("Output", "out_1", "reference_1")
    case = world(working(SPECIFICATION, copied)).start(application={"amount": 5})
    assert case.execution.local_variables(case.key("work")) == {"case": {"amount": 5}}
    case.do("complete_job", "work", {"score": {"points": 640}})
    assert case.execution.variables[""] == {"application": {"points": 640}}


def test_transformations_and_assignments_compute() -> None:
    transformed = association(
        "Input", "reference_1", "in_1", "<bpmn:transformation>=application.amount</bpmn:transformation>"
    )
    computed = association(
        "Output", None, "reference_1", assigned("=score * 2", "doubled") + assigned("=case", "=seen")
    )
    case = world(working(SPECIFICATION, transformed, computed)).start(application={"amount": 5})
    assert case.execution.local_variables(case.key("work")) == {"case": 5}
    case.do("complete_job", "work", {"score": 10})
    assert case.execution.variables[""] == {"application": {"amount": 5}, "doubled": 20, "seen": 5}


def test_associations_stand_beside_mappings() -> None:
    file = working(
        SPECIFICATION,
        association("Input", "reference_1", "in_1"),
        ext=io(("input", "amount", "a"), ("output", "r", "r")),
    )
    case = world(file).start(application="x", amount=1)
    assert case.execution.local_variables(case.key("work")) == {"a": 1, "case": "x"}


def test_a_data_object_whose_name_is_no_variable_goes_by_its_id() -> None:
    around = (
        '<bpmn:dataObject id="object_1"/>'
        '<bpmn:dataObjectReference id="reference_1" name="Loan application" dataObjectRef="object_1"/>'
    )
    case = world(working(SPECIFICATION, association("Output", "out_1", "reference_1"), around=around)).start()
    case.do("complete_job", "work", {"score": 7})
    assert case.execution.variables[""] == {"object_1": 7}


def test_a_data_object_of_a_subprocess_lives_as_long_as_that() -> None:
    task = node("serviceTask", "work", SPECIFICATION, association("Output", "out_1", "reference_1"), ext=job("j"))
    inner = (
        node("startEvent", "s"),
        task,
        node("userTask", "look"),
        node("endEvent", "e"),
        OBJECT,
        path("s", "work", "look", "e"),
    )
    case = world(document(START, subprocess_("sub", *inner), END, path("start", "sub", "end"))).start()
    case.do("complete_job", "work", {"score": 7})
    assert case.execution.variables[""] == {}
    assert case.execution.local_variables(case.key("sub")) == {"application": 7}
    case.do("complete_user_task", "look", {})
    assert case.completed
    assert case.execution.variables[""] == {}


@pytest.mark.parametrize("collection", ["reference_1", "in_1"])
def test_a_loop_over_a_data_object(collection: str) -> None:
    loop = (
        f"<bpmn:multiInstanceLoopCharacteristics><bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>out_1</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="i" name="one"/><bpmn:outputDataItem id="o" name="said"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    assigned_ = '<zeebe:assignmentDefinition assignee="=one"/>'
    filled = association("Input", "reference_1", "in_1")
    task = node("userTask", "work", SPECIFICATION, filled, loop, ext=assigned_)
    around = OBJECT.replace('"application"', '"people"')
    case = world(document(START, task, END, around, path("start", "work", "end"))).start(people=["a", "b"])
    tasks = case.of(UserTaskOpened)
    assert [opened.assignee for opened in tasks] == ["a", "b"]
    for opened in tasks:
        case.execution.complete_user_task(opened.key, {"said": opened.assignee})
    assert case.execution.variables[""]["score"] == ["a", "b"]


def test_copying_to_a_data_store_is_refused_and_drawing_one_is_not() -> None:
    around = '<bpmn:dataStoreReference id="store_1" name="ledger"/>'
    copied = working(SPECIFICATION, association("Output", "out_1", "store_1"), around=around)
    assert codes(copied) == ["bpmn.data-store"]
    assert codes(working(association("Output", None, "store_1"), around=around)) == []


@pytest.mark.parametrize(
    ("source", "target"), [("application.amount", "amount"), ("=application.amount", "a b"), ("=1", "")]
)
def test_an_assignment_that_cannot_be_carried_out_is_refused(source: str, target: str) -> None:
    file = working(association("Input", "reference_1", "object_1", assigned(source, target)))
    assert codes(file) == ["bpmn.data-association"]


def test_the_structure_of_items_is_ignored_with_a_reason() -> None:
    file = working().replace(b"<bpmn:process", b'<bpmn:itemDefinition id="d" structureRef="Loan"/><bpmn:process', 1)
    assert codes(file, Severity.WARNING) == ["bpmn.item-definition"]
