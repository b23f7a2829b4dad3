"""A case in memory: restored from its snapshots for one stimulus, settled as the runtime does it, and kept again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.bpmn import DecisionReference, Execution, ExecutionServices, Failure, FormReference, ProcessModel
from server.bpmn import effects as fx
from server.bpmn.references import is_meant
from server.bpmn.settling import Member, Settling, no_decision, not_callable
from server.dmn import DecisionEvaluation
from server.dmn.trace import DecisionTrace
from server.messages import LendloomError

from .errors import StepFailure
from .values import evaluated
from .waiting import BufferedMessage, KeptInstance, OpenCall, Thrown

if TYPE_CHECKING:
    from .world import World


@dataclass(slots=True, kw_only=True)
class Running(Member):
    """One instance while a stimulus works on its case."""

    kept: KeptInstance


class MemoryCase(Settling[Running, BufferedMessage]):
    """One root instance and those it called, for the length of one stimulus."""

    def __init__(self, world: World) -> None:
        super().__init__(echoes=world.echoes)
        self._world = world
        self._opened: set[int] = set()
        self.thrown: list[Thrown] = []

    # -- instances -------------------------------------------------------------------------------------------------

    def load(self, key: int) -> Running | None:
        """An instance, restored from its snapshot."""
        running = self.running.get(key)
        if running is None:
            kept = self._world.instances[key]
            if kept.state != "ACTIVE":
                return None
            execution = Execution.restore(
                kept.model,
                self._services(kept.parent_key, kept.parent_element_key),
                instance_key=key,
                snapshot=kept.snapshot,
                variables=kept.variables,
            )
            if self._world.is_suspended(kept):
                execution.rest_conditions()
            running = self._member(kept, execution)
        return None if running.execution.ended else running

    def begin(
        self,
        model: ProcessModel,
        variables: Mapping[str, Any],
        *,
        start_element: str | None = None,
        caller: Running | None = None,
        caller_element: int | None = None,
    ) -> Running:
        """Start an instance, as a root or called."""
        key = self._world.next_key()
        parent = None if caller is None else caller.key
        root = key if caller is None else caller.kept.root_key
        kept = KeptInstance(key, root, model, parent, caller_element)
        self._world.instances[key] = kept
        execution = Execution.start(
            model,
            self._services(parent, caller_element),
            instance_key=key,
            variables=dict(variables),
            start_element=start_element,
        )
        return self._member(kept, execution)

    def keep(self) -> None:
        """Keep every instance as it is now."""
        for running in self.running.values():
            execution, kept = running.execution, running.kept
            kept.variables = execution.variables
            if execution.ended:
                kept.state = "COMPLETED" if execution.completed else "TERMINATED"
            kept.snapshot = execution.snapshot()

    def _member(self, kept: KeptInstance, execution: Execution) -> Running:
        running = self.running[kept.key] = Running(
            key=kept.key,
            process_id=kept.model.process_id,
            execution=execution,
            parent_key=kept.parent_key,
            parent_element_key=kept.parent_element_key,
            kept=kept,
        )
        return running

    # -- what settling asks for --------------------------------------------------------------------------------------

    def note(self, running: Running, effect: fx.Effect) -> None:
        """The world takes it down."""
        if isinstance(effect, fx.SubscriptionOpened):
            self._opened.add(effect.key)
        self._world.note(running.kept, effect)

    def called_from(self, element_key: int) -> int | None:
        """The instance called from this call activity."""
        called = (kept for kept in self._world.instances.values() if kept.parent_element_key == element_key)
        return next((kept.key for kept in called if kept.state == "ACTIVE"), None)

    def call(self, caller: Running, effect: fx.CallOpened) -> None:
        """Start the called process, or leave the call to the scenario's answers."""
        if effect.process_id in self._world.scenario.calls:
            self._world.open.calls[effect.key] = OpenCall(caller.kept, effect)
            return
        model = self._world.definitions.processes.get(effect.process_id)
        if model is None or model.none_start is None or not is_meant(effect, model.version_tag):
            caller.execution.call_unavailable(effect.key, not_callable(effect))
            return
        self.begin(model, effect.variables, caller=caller, caller_element=effect.key)

    def root_ended(self, running: Running) -> None:
        """Messages of its key may start the next."""
        self._world.ended.append(running.key)

    def broadcast(self, effect: fx.SignalThrown, closed: frozenset[int]) -> None:
        """What waited before this stimulus gets the signal after it."""
        self.thrown.append(Thrown(effect.name, effect.variables, closed | self._opened, self.echoes))

    def buffered(self, process_id: str, wanted: Iterable[tuple[str, str]]) -> Iterable[BufferedMessage]:
        """Messages with time to live left; none for a case that stands still."""
        if any(self._world.is_suspended(running.kept) for running in self.running.values()):
            return ()
        return self._world.buffered(process_id, frozenset(wanted))

    def mark_received(self, message: BufferedMessage, process_id: str) -> bool:
        """Each process receives a message once."""
        if process_id in message.received_by:
            return False
        message.received_by.add(process_id)
        return True

    # -- services ----------------------------------------------------------------------------------------------------

    def _services(self, parent_key: int | None, parent_element: int | None) -> ExecutionServices:
        return ExecutionServices(
            next_key=self._world.next_key,
            now=self._world.now,
            decide=self._decide,
            caller_catches=self.caller_catches(parent_key, parent_element),
            caller_escalation=self.caller_escalation(parent_key, parent_element),
            find_form=self._find_form,
            calendar=self._world.calendar,
            may_throw_signal=self.may_throw_signal,
        )

    def _find_form(self, reference: FormReference) -> int | None:
        definitions = self._world.definitions
        form = definitions.forms.get(reference.form_id)
        if form is None or not is_meant(reference, form.schema.get("versionTag")):
            return None
        return definitions.form_keys[reference.form_id]

    def _decide(self, reference: DecisionReference, variables: Mapping[str, Any]) -> tuple[int, DecisionEvaluation]:
        world = self._world
        if reference.decision_id in world.scenario.decisions:
            return 0, self._stubbed(reference.decision_id, variables)
        placed = world.definitions.decisions.get(reference.decision_id)
        if placed is None or not is_meant(reference, placed.model.decisions[reference.decision_id].version_tag):
            raise Failure("CALLED_DECISION_ERROR", no_decision(reference))
        try:
            return 0, placed.model.evaluate(reference.decision_id, variables, clock=world.now)
        except LendloomError as error:
            raise Failure("DECISION_EVALUATION_ERROR", error.message) from error

    def _stubbed(self, decision_id: str, variables: Mapping[str, Any]) -> DecisionEvaluation:
        try:
            value = evaluated(self._world.next_decision(decision_id), dict(variables), self._world.now)
        except StepFailure as error:
            raise Failure("DECISION_EVALUATION_ERROR", error.message) from error
        return DecisionEvaluation(value, DecisionTrace(decision_id, decision_id, "stub", "", (), (), value))


Stimulus = Callable[[Execution], None]
"""What is done to an instance, by one of its execution's methods."""
