"""The form that a case began with names what its tasks show, in called instances too."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.api.cases import items
from tests.integration.models import line
from tests.unit.bpmn.diagrams import END, document, node, path

Person = Callable[[str], httpx.Client]

_FORM = """{"type": "default", "id": "case-begins", "schemaVersion": 19, "components": [
  {"type": "textfield", "id": "f", "key": "employer", "label": "工作单位"}]}"""
_TASK = node(
    "userTask", "check", ext='<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="finance"/>', name="check"
)
_CALL = node(
    "callActivity", "call", ext='<zeebe:calledElement processId="checked-{}" propagateAllChildVariables="false"/>'
)
_START = node("startEvent", "start", ext='<zeebe:formDefinition formId="case-begins"/>')


@pytest.fixture(scope="module", autouse=True)
def _deployed(administrator: httpx.Client) -> None:
    begun = document(
        _START, _CALL.format("between"), END, path("start", "call"), path("call", "end"), id_="begun-by-form"
    )
    files = [
        ("resources", ("case-begins.form", _FORM)),
        ("resources", ("begun.bpmn", begun)),
        ("resources", ("between.bpmn", line(("call", _CALL.format("inner")), id_="checked-between"))),
        ("resources", ("inner.bpmn", line(("check", _TASK), id_="checked-inner"))),
    ]
    answered = administrator.post("/v2/deployments", files=files)
    assert answered.status_code == 200, answered.text


def _task_of(administrator: httpx.Client, process_id: str) -> tuple[str, str]:
    """The keys of a new case and of its task."""
    started = administrator.post("/v2/process-instances", json={"processDefinitionId": process_id}).json()
    key = started["processInstanceKey"]
    (task,) = [task for task in items(administrator, "user-tasks") if task["rootProcessInstanceKey"] == key]
    return key, task["userTaskKey"]


def test_a_called_task_has_the_form_of_its_case(administrator: httpx.Client, person: Person) -> None:
    case, task = _task_of(administrator, "begun-by-form")
    finance = person("chen.jing")
    # Who works on a called instance need not see what called it.
    assert finance.get(f"/v2/process-instances/{case}").status_code == 404
    form = finance.get(f"/v2/user-tasks/{task}/start-form")
    assert (form.status_code, form.json()["formId"], form.json()["schema"]) == (200, "case-begins", _FORM)
    assert person("zhang.wei").get(f"/v2/user-tasks/{task}/start-form").status_code == 404


def test_a_case_without_a_form_has_none(administrator: httpx.Client) -> None:
    _, task = _task_of(administrator, "checked-between")
    form = administrator.get(f"/v2/user-tasks/{task}/start-form")
    assert (form.status_code, form.content) == (204, b"")
