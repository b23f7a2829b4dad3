"""Running a file on plain SpiffWorkflow, as its documentation says."""

from __future__ import annotations

import io
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState


class Plain:
    """A process instance of plain SpiffWorkflow, all of whose tasks are completed as soon as they are ready."""

    def __init__(self, xml: bytes, **data: Any) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.parse(io.BytesIO(xml)).getroot(), filename="f.bpmn")
        self.workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
        self.workflow.data.update(data)
        first = next(iter(self.workflow.get_tasks(state=TaskState.READY)))
        first.data.update(data)

    def run(self, **results: Any) -> Plain:
        """Complete everything that is ready; ``results`` maps a task to what it does with its data."""
        for _ in range(200):
            self.workflow.refresh_waiting_tasks()
            ready = self.workflow.get_tasks(state=TaskState.READY)
            if not ready:
                break
            task = ready[0]
            if (change := results.get(task.task_spec.name)) is not None:
                change(task.data)
            task.run()
        return self

    @property
    def completed(self) -> bool:
        return bool(self.workflow.is_completed())

    def done(self) -> set[str]:
        """The elements that were completed."""
        found = set()
        for task in _all(self.workflow):
            if task.state == TaskState.COMPLETED:
                found.add(task.task_spec.name)
        return found


def _all(workflow: Any) -> list[Any]:
    tasks = list(workflow.tasks.values())
    for sub in getattr(workflow, "subprocesses", {}).values():
        tasks += _all(sub)
    return tasks
