"""A case while a command works on it: a root instance, those it called, and all that follows from one stimulus.

A command locks the case, restores the instance it is about, stimulates it, and lets the case *settle*: called
processes start, ended ones report to their callers, signals and buffered messages are given to what has just
begun to wait. Then everything is written at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from server.bpmn import DecisionReference, Execution, ExecutionServices, Failure, FormReference, NotWaiting
from server.bpmn import effects as fx
from server.dmn import DecisionEvaluation
from server.messages import LendloomError, Message
from server.store.database import affect, encode_json, fetch
from server.store.keys import keys

from . import announcements, statements
from .command import LostRace
from .definitions import ProcessVersion, catalogue
from .rows import Origin, Rows, state_row

ROUNDS = 10_000
"""Turns that one command may take between instances; more is processes that call each other without end."""


@dataclass(slots=True)
class Running:
    """One instance of the case, in memory."""

    origin: Origin
    version: ProcessVersion
    execution: Execution
    parent_key: int | None
    parent_element_key: int | None
    begun: dict[str, Any] | None = None  # the row to insert, where this command began the instance
    seen: int = 0
    escaped: fx.ErrorEscaped | fx.EscalationEscaped | None = None
    reported: bool = False  # the caller need not hear of the end, or has heard


@dataclass(frozen=True, slots=True)
class Written:
    """What the write of a case answered, for those who have to act on it after the commit."""

    signal_deliveries: tuple[int, ...] = ()
    message_starts_over: tuple[tuple[str, str], ...] = ()
    job_types: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Waits:
    """The subscriptions that were opened in this command and are still open."""

    messages: dict[int, tuple[Running, fx.SubscriptionOpened]] = field(default_factory=dict)
    signals: dict[int, tuple[Running, fx.SubscriptionOpened]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    unasked: bool = False  # whether buffered messages have to be looked for


class Case:
    """A root instance and those it called, locked, between a stimulus and the write."""

    def __init__(
        self, connection: Connection, *, now: dt.datetime, epoch: int, actor: str, suspended: bool = False
    ) -> None:
        self.connection = connection
        self.now = now
        self.epoch = epoch
        self.actor = actor
        self.definitions = catalogue(connection)
        self.running: dict[int, Running] = {}
        self._waits = _Waits()
        self.rows = Rows(
            now=now,
            actor=actor,
            next_key=self._next_key,
            announce=announcements.is_listening(),
            suspended=suspended,
        )

    @property
    def suspended(self) -> bool:
        """Whether the case is suspended: what an operator then makes it do waits for its resumption, too."""
        return self.rows.suspended

    def resume(self) -> None:
        """From now on the case goes on."""
        self.rows.suspended = False

    # -- instances -----------------------------------------------------------------------------------------------

    def restore(self, row: Any) -> Running:
        """The instance of a state row; see :data:`server.runtime.statements.STATE_COLUMNS`."""
        version = self.definitions.process(self.connection, row.process_definition_key)
        origin = Origin(row.key, row.root_key, version.key, row.business_id)
        parent, parent_element = row.parent_key, row.parent_element_instance_key
        execution = Execution.restore(
            version.model,
            self._services(version, parent, parent_element),
            instance_key=row.key,
            snapshot=bytes(row.snapshot),
            variables=row.variables,
        )
        running = self.running[row.key] = Running(origin, version, execution, parent, parent_element)
        return running

    def begin(
        self,
        version: ProcessVersion,
        variables: Mapping[str, Any],
        *,
        start_element: str | None = None,
        business_id: str | None = None,
        business_id_unique: bool = False,
        tags: tuple[str, ...] = (),
        restarted_from: int | None = None,
        caller: Running | None = None,
        caller_element: int | None = None,
    ) -> Running:
        """Start an instance, called by ``caller`` or as the root of a new case."""
        key = self._next_key()
        root = key if caller is None else caller.origin.root_key
        if caller is not None:
            business_id = caller.origin.business_id
        parent = None if caller is None else caller.origin.instance_key
        execution = Execution.start(
            version.model,
            self._services(version, parent, caller_element),
            instance_key=key,
            variables=dict(variables),
            start_element=start_element,
        )
        origin = Origin(key, root, version.key, business_id)
        row: dict[str, Any] = {
            "key": key,
            "process_definition_key": version.key,
            "business_id": business_id,
            "business_id_unique": business_id_unique and caller is None,
            "state": "SUSPENDED" if self.suspended else "ACTIVE",
            "parent_key": parent,
            "parent_element_instance_key": caller_element,
            "root_key": root,
            "tags": tags,
            "incidents": 0,
            "started_at": self.now,
            "started_by": self.actor,
            "restarted_from": restarted_from,
        }
        if parent is None:
            # As text: the instance may change what is inside of them before the row is written.
            row["start_variables"] = msgspec.Raw(encode_json(variables).encode())
        if self.suspended:
            row |= {"suspended_at": self.now, "suspended_by": self.actor}
        running = self.running[key] = Running(origin, version, execution, parent, caller_element, row)
        if announcements.is_listening():
            self.rows.announce("process-instance-started", origin, processDefinitionId=version.process_id)
        return running

    def load(self, key: int) -> Running | None:
        """An instance of this case, restored where it is not in memory; None where it has ended."""
        running = self.running.get(key)
        if running is None:
            rows = fetch(self.connection, statements.READ_STATE, {"key": key})
            if not rows or rows[0].snapshot is None:
                return None
            running = self.restore(rows[0])
        return None if running.execution.ended else running

    # -- what follows --------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything follow that one stimulus brings about within the case."""
        rounds = 0
        while self._follow_effects() or self._take_buffered_messages():
            rounds += 1
            if rounds > ROUNDS:
                raise RecursionError("the processes of a case call each other without end")

    def _follow_effects(self) -> bool:
        moved = False
        for running in list(self.running.values()):
            effects = running.execution.effects
            while running.seen < len(effects):
                effect = effects[running.seen]
                running.seen += 1
                moved = True
                self.rows.add(running.origin, effect)
                follow = _FOLLOW.get(type(effect))
                if follow is not None:
                    follow(self, running, effect)
        return moved

    def _call(self, running: Running, effect: fx.CallOpened) -> None:
        key = self.definitions.resolve(
            self.connection,
            self.epoch,
            "process",
            effect.process_id,
            binding=effect.binding,
            version_tag=effect.version_tag,
            deployment_key=running.version.deployment_key,
        )
        version = None if key is None else self.definitions.process(self.connection, key)
        if version is None or version.model.none_start is None:
            running.execution.call_unavailable(effect.key, _not_callable(effect))
            return
        if self.definitions.is_suspended(self.connection, self.epoch, version.key):
            running.execution.call_unavailable(effect.key, _call_of_suspended(effect, version))
            return
        self.begin(version, effect.variables, caller=running, caller_element=effect.key)

    def _cancel_called(self, _running: Running, effect: fx.CallCancelled) -> None:
        called = next((r for r in self.running.values() if r.parent_element_key == effect.key), None)
        if called is None:
            rows = fetch(self.connection, statements.CALLED_INSTANCE, {"key": effect.key})
            called = self.load(rows[0].key) if rows else None
        if called is not None:
            called.reported = True
            if not called.execution.ended:
                called.execution.cancel()

    def _error_escaped(self, running: Running, effect: fx.ErrorEscaped) -> None:
        running.escaped = effect

    def _escalation_escaped(self, running: Running, effect: fx.EscalationEscaped) -> None:
        if effect.interrupting:
            running.escaped = effect  # the caller hears of it when this instance has ended, which is next
            return
        assert running.parent_key is not None and running.parent_element_key is not None
        parent = self.load(running.parent_key)
        if parent is not None:
            try:
                parent.execution.escalate(running.parent_element_key, effect.code, effect.variables)
            except NotWaiting:
                return  # the call was taken away meanwhile, and with it who would have caught

    def _ended(self, running: Running, effect: fx.ProcessEnded) -> None:
        if running.parent_key is None:
            self.rows.message_starts_over.append(running.origin.instance_key)
        if running.parent_key is None or running.reported or running.parent_element_key is None:
            return
        running.reported = True
        parent = self.load(running.parent_key)
        if parent is None:
            return
        escaped, caller = running.escaped, running.parent_element_key
        if isinstance(escaped, fx.EscalationEscaped):
            parent.execution.escalate(caller, escaped.code, escaped.variables)
        elif escaped is not None:
            parent.execution.call_failed(caller, escaped.code, escaped.message, escaped.variables)
        elif effect.completed:
            parent.execution.call_ended(caller, running.execution.variables[""])

    def _subscription_opened(self, running: Running, effect: fx.SubscriptionOpened) -> None:
        if effect.kind == "message":
            self._waits.messages[effect.key] = running, effect
            self._waits.unasked = True
        else:
            self._waits.signals[effect.key] = running, effect

    def await_message(self, running: Running, opened: fx.SubscriptionOpened) -> None:
        """Let a wait that stands already look for buffered messages, as one that has just been opened does."""
        self._subscription_opened(running, opened)

    def _subscription_closed(self, _running: Running, effect: fx.SubscriptionClosed) -> None:
        self._waits.messages.pop(effect.key, None)
        self._waits.signals.pop(effect.key, None)
        self._waits.closed.add(effect.key)

    def _signal_thrown(self, _running: Running, effect: fx.SignalThrown) -> None:
        """Give the signal to what this command opened; the write passes it on to all that waited before."""
        for key, (receiver, opened) in list(self._waits.signals.items()):
            if opened.name == effect.name and key in self._waits.signals:
                try:
                    receiver.execution.deliver_signal(key, effect.variables)
                except NotWaiting:
                    continue  # its closing is among the effects that are still to be followed
        self.rows.signals_thrown.append(
            {"name": effect.name, "variables": effect.variables, "gone": sorted(self._waits.closed)}
        )

    def _take_buffered_messages(self) -> bool:
        """Give buffered messages to subscriptions that were opened; true when there was one."""
        waits = self._waits
        if not waits.unasked or not waits.messages or self.suspended:
            return False
        waits.unasked = False
        wanted = encode_json(
            [{"name": opened.name, "correlation_key": opened.correlation_key} for _, opened in waits.messages.values()]
        )
        fetch(self.connection, statements.SHARE_MESSAGE_TURN, {"wanted": wanted})
        taken = False
        for process_id in {running.version.process_id for running, _ in waits.messages.values()}:
            parameters = {"wanted": wanted, "now": self.now, "process_id": process_id}
            for message in fetch(self.connection, statements.BUFFERED_MESSAGES, parameters):
                taken = self._receive(process_id, message) or taken
        # What was received may have opened the next subscription, or left a non-interrupting one open.
        waits.unasked = taken
        return taken

    def _receive(self, process_id: str, message: Any) -> bool:
        for key, (running, opened) in self._waits.messages.items():
            if (
                running.version.process_id == process_id
                and (opened.name, opened.correlation_key) == (message.name, message.correlation_key)
                and not running.execution.ended
            ):
                mark = {"key": message.key, "process_id": process_id}
                if not affect(self.connection, statements.MARK_CORRELATED, mark):
                    return False
                running.execution.deliver_message(key, message.variables)
                self._follow_effects()
                return True
        return False

    # -- the write -----------------------------------------------------------------------------------------------

    def write(self) -> Written:
        """Write everything that happened. Raises :class:`LostRace` when a guarded task was taken meanwhile."""
        rows = self.rows
        for running in self.running.values():
            self._write_state(running)
        statement, parameters = rows.statement()
        answer = fetch(self.connection, statement, parameters)[0]._mapping
        if rows.tasks_closed and answer["tasks_closed"] != len(rows.tasks_closed):
            raise LostRace
        return Written(
            tuple(answer.get("signals_thrown") or ()),
            tuple((process_id, key) for process_id, key in answer.get("message_starts_over") or ()),
            frozenset(row["type"] for row in rows.jobs_opened.values() if row["state"] == "CREATED"),
        )

    def _write_state(self, running: Running) -> None:
        execution, key = running.execution, running.origin.instance_key
        flows = self.rows.flows.get(key, [])
        snapshot = None if execution.ended else execution.snapshot()
        row = state_row(key, snapshot, execution.variables, flows)
        if running.begun is None:
            self.rows.states_changed.append(row)
            return
        row |= {
            "root_key": running.origin.root_key,
            "process_definition_key": running.version.key,
            "revision": 1,
        }
        self.rows.begun(running.begun, row)

    # -- services ------------------------------------------------------------------------------------------------

    def _next_key(self) -> int:
        return keys.next(self.connection)

    def _services(
        self, version: ProcessVersion, parent_key: int | None, parent_element: int | None
    ) -> ExecutionServices:
        return ExecutionServices(
            next_key=self._next_key,
            now=self.now,
            decide=self._decider(version),
            caller_catches=self._caller(parent_key, parent_element),
            caller_escalation=self._caller_escalation(parent_key, parent_element),
            find_form=self._form_finder(version),
        )

    def _decider(
        self, version: ProcessVersion
    ) -> Callable[[DecisionReference, Mapping[str, Any]], tuple[int, DecisionEvaluation]]:
        def decide(reference: DecisionReference, variables: Mapping[str, Any]) -> tuple[int, DecisionEvaluation]:
            key = self.definitions.resolve(
                self.connection,
                self.epoch,
                "decision",
                reference.decision_id,
                binding=reference.binding,
                version_tag=reference.version_tag,
                deployment_key=version.deployment_key,
            )
            if key is None:
                raise Failure("CALLED_DECISION_ERROR", _no_decision(reference))
            decision = self.definitions.decision(self.connection, key)
            try:
                return key, decision.model.evaluate(decision.decision_id, variables, clock=self.now)
            except LendloomError as error:
                raise Failure("DECISION_EVALUATION_ERROR", error.message) from error

        return decide

    def _caller(self, parent_key: int | None, parent_element: int | None) -> Callable[[str], bool]:
        def catches(code: str) -> bool:
            if parent_key is None or parent_element is None:
                return False
            parent = self.load(parent_key)
            return parent is not None and parent.execution.catches_error(parent_element, code)

        return catches

    def _caller_escalation(self, parent_key: int | None, parent_element: int | None) -> Callable[[str], bool | None]:
        def interrupts(code: str) -> bool | None:
            if parent_key is None or parent_element is None:
                return None
            parent = self.load(parent_key)
            return None if parent is None else parent.execution.catches_escalation(parent_element, code)

        return interrupts

    def _form_finder(self, version: ProcessVersion) -> Callable[[FormReference], int | None]:
        def find(reference: FormReference) -> int | None:
            return self.definitions.resolve(
                self.connection,
                self.epoch,
                "form",
                reference.form_id,
                binding=reference.binding,
                version_tag=reference.version_tag,
                deployment_key=version.deployment_key,
            )

        return find


_FOLLOW: Mapping[type, Callable[[Case, Running, Any], None]] = {
    fx.CallOpened: Case._call,
    fx.CallCancelled: Case._cancel_called,
    fx.ErrorEscaped: Case._error_escaped,
    fx.EscalationEscaped: Case._escalation_escaped,
    fx.ProcessEnded: Case._ended,
    fx.SubscriptionOpened: Case._subscription_opened,
    fx.SubscriptionClosed: Case._subscription_closed,
    fx.SignalThrown: Case._signal_thrown,
}


def _not_callable(effect: fx.CallOpened) -> Message:
    return Message(
        "instance.called-element",
        f"调用活动 {effect.element_id} 要调用的流程“{effect.process_id}”没有部署，或没有无类型启动事件；"
        "请部署该流程后重试此故障。",
        f"The process '{effect.process_id}' that {effect.element_id} calls is not deployed, or has no none "
        "start event; deploy it and retry the incident.",
    )


def _call_of_suspended(effect: fx.CallOpened, version: ProcessVersion) -> Message:
    return Message(
        "instance.called-element-suspended",
        f"调用活动 {effect.element_id} 要调用的流程“{version.process_id}”（版本 {version.version}）已挂起；"
        "请恢复该流程定义后重试此故障。",
        f"The process '{version.process_id}' (version {version.version}) that {effect.element_id} calls is "
        "suspended; resume the process definition and retry the incident.",
    )


def _no_decision(reference: DecisionReference) -> Message:
    return Message(
        "instance.called-decision",
        f"决策“{reference.decision_id}”（绑定 {reference.binding}）没有部署；请部署后重试此故障。",
        f"The decision '{reference.decision_id}' (binding {reference.binding}) is not deployed; deploy it and "
        "retry the incident.",
    )
