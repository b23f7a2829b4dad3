"""Embedded subprocesses, which are scopes of this instance, and call activities, which are instances of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.util.task import TaskState

from .activities import Activity, referred
from .compensation import LOG, PENDING
from .effects import CallCancelled, CallOpened
from .flow_node import FlowNode, open_event_subprocesses
from .mappings import apply_inputs
from .token import Token


class SubProcess(Activity, defaults.SubWorkflowTask):  # type: ignore[misc]
    """An embedded subprocess: its token is the scope of the tokens inside."""

    start: FlowNode

    def open(self, token: Token) -> bool:
        """Await the event subprocesses, and start inside."""
        open_event_subprocesses(token)
        if not token.workflow.conditions.interrupt(token):
            self.begin(token)
        return False

    def begin(self, token: Token) -> None:
        """Start inside."""
        token.workflow.enter(self.start, token)

    def open_scope(self, token: Token) -> None:
        """Open as a scope, without starting inside: what is to happen there is put in by hand.

        Raises :class:`Failure`.
        """
        apply_inputs(token, self.extensions.inputs)
        if self.multi_instance is None:
            self._open_boundary_events(token)
        open_event_subprocesses(token)
        token._set_state(TaskState.WAITING)

    def inner_ended(self, token: Token) -> None:
        """Done, when only waits are left inside: its event subprocesses cannot be started from now on."""
        if "body" in token.internal_data or not token.holds_only_waits:
            return
        self.close_event_subprocesses(token)
        self.finish_work(token, {})

    def close_event_subprocesses(self, token: Token) -> None:
        """Nothing that the event subprocesses wait for can happen any more."""
        for child in token.children:
            if child.task_spec not in self.boundary_events:
                child.cancel()


class CompensationSubProcess(SubProcess):
    """A compensation event subprocess: undoes its parent when that has completed and is to be undone."""

    triggered_by_event = True

    def open(self, token: Token) -> bool:
        """Start inside, with the log of what completed in the parent."""
        record = token.scope.internal_data[PENDING][-1]
        if "log" in record:
            token.internal_data[LOG] = list(record["log"])
        return super().open(token)


class CallActivity(Activity, defaults.CallActivity):  # type: ignore[misc]
    """A call activity: waits for an instance of another process."""

    tells_received = False

    def open(self, token: Token) -> bool:
        """Ask for the called instance, with all visible variables or only those of the input mappings."""
        called, instance = self.extensions.called, token.workflow
        assert called is not None
        context = instance.visible(token)
        process_id = instance.script_engine.evaluate(called.target, context, "CALLED_ELEMENT_ERROR", self.where)
        everything = self.extensions.propagate_all_parent
        variables = context if everything else instance.variables.get(str(token.id), {})
        instance.effects.append(
            CallOpened(
                key=token.id,
                element_id=self.element.id,
                process_id=referred(process_id, "CALLED_ELEMENT_ERROR", self.where),
                binding=called.binding,
                version_tag=called.version_tag,
                variables=dict(variables),
                propagate_all=self.extensions.propagate_all_child,
            )
        )
        token.internal_data["call"] = True
        return False

    def finish_work(self, token: Token, variables: Mapping[str, Any]) -> None:
        """The called instance has completed with ``variables``."""
        token.internal_data.pop("call", None)
        if not self.extensions.outputs:
            everything = self.extensions.propagate_all_child
            collected = _collected_around(token) if everything else ()
            variables = {n: value for n, value in variables.items() if n not in collected} if everything else {}
        super().finish_work(token, variables)

    def close(self, token: Token) -> None:
        """Terminate the called instance."""
        if token.internal_data.pop("call", None) and not token.internal_data.get("error"):
            token.workflow.effects.append(CallCancelled(token.id))

    def retry(self, token: Token) -> None:
        """A call that could not be opened, or ended with an unhandled error, is made again."""
        if "body" in token.internal_data:
            super().retry(token)
            return
        token.internal_data.pop("incident")
        token.internal_data.pop("call", None)
        if "result" in token.internal_data:
            token._ready()
        else:
            self.undo_enter(token)
            self._update(token)

    def work(self, token: Token) -> Mapping[str, Any]:
        """A call results in what the called instance gave."""
        result: dict[str, Any] = token.internal_data.get("result", {})
        return result


def _collected_around(token: Token) -> set[str | None]:
    """The output collections around a call: the called instance was given what they held then, and hands it back."""
    names = set()
    while not (token := token.scope).is_root:
        extensions = token.task_spec.extensions
        names.add(extensions.ad_hoc.output_collection)
        if extensions.loop is not None:
            names.add(extensions.loop.output_collection)
    return names
