"""What coverage counts, of each kind of element: passages, and of several instances each one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli import main

from ..bpmn.diagrams import (
    END,
    START,
    boundary,
    document,
    event_subprocess,
    message,
    message_definition,
    node,
    path,
    subprocess_,
    timer,
)

TASK = "<zeebe:userTask/>"
LOOP = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="={}" inputElement="item"/>'
    "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
)
CALLER = document(
    START,
    subprocess_(
        "sub",
        node("startEvent", "ss"),
        node("userTask", "inner", ext=TASK),
        node("endEvent", "se"),
        path("ss", "inner", "se"),
    ),
    boundary("bound", "sub", timer("duration", "P1D")),
    node("userTask", "many", LOOP.format("items"), ext=TASK),
    node("userTask", "none", LOOP.format("[]"), ext=TASK),
    node("callActivity", "call", ext='<zeebe:calledElement processId="child"/>'),
    node("adHocSubProcess", "hoc", node("userTask", "first", ext=TASK) + node("userTask", "second", ext=TASK)),
    event_subprocess("aside", message(), interrupting=False),
    END,
    node("endEvent", "late"),
    path("start", "sub", "many", "none", "call", "hoc", "end"),
    path("bound", "late"),
    definitions=message_definition(),
    id_="caller",
)
CHILD = document(node("startEvent", "cs"), node("endEvent", "ce"), path("cs", "ce"), id_="child")
SCENARIO = """
process: caller.bpmn
resources: [child.bpmn]
variables: {items: [1, 2, 3], loan: L}
steps:
  - complete: inner
  - message: {name: paid, key: L}
  - complete: aside_task
  - complete: {task: many, index: all}
  - activate: {element: hoc, elements: [first]}
  - complete: first
expect: {state: completed}
"""


@pytest.fixture
def covered(folder: Callable[..., Path]) -> tuple[dict[str, Any], str]:
    """The coverage of the scenario as data, and as a page."""
    place = folder(caller_bpmn=CALLER, child_bpmn=CHILD, **{"case.scenario_yaml": SCENARIO})
    files = place / "coverage.json", place / "coverage.html"
    arguments = ["test", place, "--coverage-json", files[0], "--coverage-html", files[1]]
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    found = {process["processId"]: process for process in json.loads(files[0].read_text())["processes"]}
    return found, files[1].read_text()


def test_each_kind_of_element_counts_its_passages(covered: tuple[dict[str, Any], str]) -> None:
    processes, page = covered
    counts = processes["caller"]["elements"]["counts"]
    assert counts | {"many": 3, "none": 1, "hoc": 1, "sub": 1, "aside": 1, "aside_start": 1, "call": 1} == counts
    assert processes["caller"]["elements"]["uncovered"] == ["bound", "second", "late"]
    assert processes["caller"]["flows"]["uncovered"] == ["bound_late"]
    assert processes["child"]["elements"]["percent"] == processes["child"]["flows"]["percent"] == 100
    assert all(f"<li><code>{name}</code></li>" in page for name in ("bound", "second", "late", "bound_late"))
