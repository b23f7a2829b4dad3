"""A token: SpiffWorkflow's task, with the element instance's key as its id and its scope as its parent.

SpiffWorkflow keeps every passed task in a tree that grows with history and predicts the tasks to come. Here the
tree is the tree of *scopes* and holds only what is alive: the parent of a token is the subprocess, the
multi-instance body or the process around it. A finished token leaves the tree, so no step costs more because of
what has happened before.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from .effects import IncidentCleared
from .errors import Failure

if TYPE_CHECKING:
    from .flow_node import FlowNode
    from .instance import Instance

ENTER = "enter"
RUN = "run"
COMPLETION = "completion"


class Token(Task):  # type: ignore[misc]
    """A live token. ``internal_data`` holds what the element remembers while it waits, as JSON values."""

    workflow: Instance
    task_spec: FlowNode

    def __init__(
        self, workflow: Instance, task_spec: FlowNode, parent: Token | None, key: int, started_at: dt.datetime
    ) -> None:
        # SpiffWorkflow's constructor draws a random id and the wall clock; a token has a key and a told instant.
        self.id = key
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = TaskState.FUTURE
        self.triggered = False
        self.thread_id = 0
        self.internal_data: dict[str, Any] = {}
        self.started_at = started_at
        self.announced = False
        workflow.tasks[key] = self
        if parent is not None:
            parent._children.append(key)

    @property
    def data(self) -> dict[str, Any]:
        """The variables of the nearest scope around this token."""
        return self.workflow.scopes(self)[0]

    @property
    def scope(self) -> Token:
        """The token around this one. The root has none."""
        parent: Token = self.parent
        return parent

    @property
    def is_root(self) -> bool:
        """Whether this is the token of the process itself."""
        return self._parent is None

    @property
    def holds_boundary_events(self) -> bool:
        """Whether the boundary events of the element belong to this token; those around inner instances have them."""
        return "loop" not in self.internal_data and "inner" not in self.internal_data

    def move_to(self, scope: Token) -> None:
        """Take the token out of its scope and put it into one further out, there in no branch of its own."""
        self.scope._children.remove(self.id)
        self.internal_data.pop("branch", None)
        self._parent = scope.id
        scope._children.append(self.id)

    @property
    def has_incident(self) -> bool:
        """Whether the token stands still until an operator has repaired what failed."""
        return "incident" in self.internal_data

    @property
    def holds_only_waits(self) -> bool:
        """Whether nothing inside this scope has work left to do."""
        return all(child.task_spec.is_wait_in(self) for child in self.children)

    @property
    def is_waiting(self) -> bool:
        """Whether the token waits for something from outside."""
        return bool(self._state == TaskState.WAITING) and not self.has_incident

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        self._state = TaskState.READY
        self.workflow.ready.append(self)

    def fail(self, failure: Failure, phase: str) -> None:
        """Stand still with an incident; ``phase`` says what a retry does again."""
        self.internal_data["incident"] = phase
        self._state = TaskState.STARTED
        self.workflow.incident(self, failure)

    def recover(self) -> None:
        """What failed while the token waited is well again: wait on."""
        self.internal_data.pop("incident")
        self._state = TaskState.WAITING
        self.workflow.effects.append(IncidentCleared(self.id))

    def cancel(self) -> None:
        """Take the token and everything inside it away, innermost first."""
        for child in self.children:
            child.cancel()
        self._state = TaskState.CANCELLED
        self.task_spec._on_cancel(self)
        self.workflow.forget(self)
