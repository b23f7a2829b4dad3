"""A case while a command works on it: a root instance, those it called, and all that follows from one stimulus.

A command locks the case, restores the instance it is about, stimulates it, and lets the case *settle*: called
processes start, ended ones report to their callers, signals and buffered messages are given to what has just
begun to wait. Then everything is written at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import Connection

from server.bpmn import DecisionReference, Execution, ExecutionServices, Failure, FormReference
from server.bpmn import effects as fx
from server.bpmn.settling import Member, Settling, no_decision, not_callable
from server.calendars import wall_clock
from server.dmn import DecisionEvaluation
from server.messages import LendloomError, Message
from server.store.database import affect, encode_json, fetch
from server.store.keys import keys

from . import announcements, live, statements
from .command import LostRace
from .definitions import ProcessVersion, catalogue
from .rows import Origin, Rows, state_row

APPLICANT = ("applicantName", "customerName")
"""The variables of a process that say whose case it is, the first one that there is: by it people find a case."""
LONGEST_APPLICANT = 200


@dataclass(slots=True, kw_only=True)
class Running(Member):
    """One instance of the case, in memory, with its row."""

    origin: Origin
    version: ProcessVersion
    applicant: str | None  # as the row has it
    begun: dict[str, Any] | None = None  # the row to insert, where this command began the instance


@dataclass(frozen=True, slots=True)
class Written:
    """What the write of a case answered, for those who have to act on it after the commit."""

    signal_deliveries: tuple[int, ...] = ()
    message_starts_over: tuple[tuple[str, str], ...] = ()
    job_types: frozenset[str] = frozenset()


class Case(Settling[Running, Any]):
    """A root instance and those it called, locked, between a stimulus and the write."""

    def __init__(
        self,
        connection: Connection,
        *,
        now: dt.datetime,
        epoch: int,
        actor: str,
        suspended: bool = False,
        echoes: int = 0,
    ) -> None:
        super().__init__(echoes=echoes)
        self.connection = connection
        self.now = now
        self.epoch = epoch
        self.actor = actor
        self.definitions = catalogue(connection)
        self.rows = Rows(
            now=now,
            actor=actor,
            next_key=self._next_key,
            announce=announcements.is_listening(),
            is_heard=live.is_heard(),
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
        running = self.running[row.key] = Running(
            key=row.key,
            process_id=version.process_id,
            execution=execution,
            parent_key=parent,
            parent_element_key=parent_element,
            origin=origin,
            version=version,
            applicant=row.applicant,
        )
        return running

    def begin(
        self,
        version: ProcessVersion,
        variables: Mapping[str, Any],
        *,
        start_element: str | None = None,
        activate: Sequence[str] = (),
        stop_after: Sequence[str] = (),
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
            activate=activate,
            stop_after=stop_after,
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
            "applicant": None if caller is None else caller.applicant or _applicant_of(caller.execution),
        }
        if parent is None:
            # As text: the instance may change what is inside of them before the row is written.
            row["start_variables"] = msgspec.Raw(encode_json(variables).encode())
        if self.suspended:
            row |= {"suspended_at": self.now, "suspended_by": self.actor}
        running = self.running[key] = Running(
            key=key,
            process_id=version.process_id,
            execution=execution,
            parent_key=parent,
            parent_element_key=caller_element,
            origin=origin,
            version=version,
            applicant=row["applicant"],
            begun=row,
        )
        self.rows.happened("process-instance", "started", key, origin)
        if announcements.is_listening():
            self.rows.announce("process-instance-started", origin, processDefinitionId=version.process_id)
        return running

    def migrate(
        self, running: Running, target: ProcessVersion, mapping: Mapping[str, str], *, recompute_timers: bool = False
    ) -> None:
        """Let an instance go over to another process version. Raises :class:`RepairRefused`."""
        services = self._services(target, running.parent_key, running.parent_element_key)
        running.execution.migrate(target.model, services, mapping, recompute_timers=recompute_timers)
        running.origin = replace(running.origin, definition_key=target.key)
        running.version, running.process_id = target, target.process_id

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

    def note(self, running: Running, effect: fx.Effect) -> None:
        """An effect becomes rows."""
        self.rows.add(running.origin, effect)

    def call(self, caller: Running, effect: fx.CallOpened) -> None:
        """Start the version that the call means."""
        key = self.definitions.resolve(
            self.connection,
            self.epoch,
            "process",
            effect.process_id,
            binding=effect.binding,
            version_tag=effect.version_tag,
            deployment_key=caller.version.deployment_key,
        )
        version = None if key is None else self.definitions.process(self.connection, key)
        if version is None or version.model.none_start is None:
            caller.execution.call_unavailable(effect.key, not_callable(effect))
            return
        if self.definitions.is_suspended(self.connection, self.epoch, version.key):
            caller.execution.call_unavailable(effect.key, _call_of_suspended(effect, version))
            return
        self.begin(version, effect.variables, caller=caller, caller_element=effect.key)

    def called_from(self, element_key: int) -> int | None:
        """The instance called from this call activity."""
        rows = fetch(self.connection, statements.CALLED_INSTANCE, {"key": element_key})
        return rows[0].key if rows else None

    def root_ended(self, running: Running) -> None:
        """The next message of the key that started it may start another."""
        self.rows.message_starts_over.append(running.key)

    def broadcast(self, effect: fx.SignalThrown, closed: frozenset[int]) -> None:
        """The write makes a delivery for each that waited."""
        self.rows.signals_thrown.append(
            {"name": effect.name, "variables": effect.variables, "gone": sorted(closed), "echoes": self.echoes}
        )

    @property
    def takes_messages(self) -> bool:
        """A suspended case takes none."""
        return not self.suspended

    def buffered(self, process_id: str, wanted: Iterable[tuple[str, str]]) -> Iterable[Any]:
        """Messages that are kept, after taking turns with those who publish them."""
        listed = encode_json([{"name": name, "correlation_key": key} for name, key in wanted])
        fetch(self.connection, statements.SHARE_MESSAGE_TURN, {"wanted": listed})
        parameters = {"wanted": listed, "now": self.now, "process_id": process_id}
        return fetch(self.connection, statements.BUFFERED_MESSAGES, parameters)

    def mark_received(self, message: Any, process_id: str) -> bool:
        """The message's row notes the processes that have received it."""
        mark = {"key": message.key, "process_id": process_id}
        return bool(affect(self.connection, statements.MARK_CORRELATED, mark))

    # -- the write -----------------------------------------------------------------------------------------------

    def write(self) -> Written:
        """Write everything that happened. Raises :class:`LostRace` when a guarded task was taken meanwhile."""
        rows = self.rows
        for running in self.running.values():
            self._write_state(running)
        if rows.elements_migrated:
            # Before everything else: a row that this changes may change again below, which one statement cannot.
            affect(self.connection, statements.MIGRATE, {"elements": encode_json(rows.elements_migrated)})
        statement, parameters = rows.statement()
        answer = fetch(self.connection, statement, parameters)[0]._mapping
        if rows.tasks_closed and answer["tasks_closed"] != len(rows.tasks_closed):
            raise LostRace
        live.tell(rows.happenings)
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
        applicant = _applicant_of(execution)
        if applicant is not None and applicant != running.applicant:
            self.rows.belongs_to(key, applicant)
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
            caller_catches=self.caller_catches(parent_key, parent_element),
            caller_escalation=self.caller_escalation(parent_key, parent_element),
            find_form=self._form_finder(version),
            calendar=partial(self.definitions.calendar, self.connection, self.epoch),
            may_throw_signal=self.may_throw_signal,
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
                raise Failure("CALLED_DECISION_ERROR", no_decision(reference))
            decision = self.definitions.decision(self.connection, key)
            try:
                return key, decision.model.evaluate(decision.decision_id, variables, clock=wall_clock(self.now))
            except LendloomError as error:
                raise Failure("DECISION_EVALUATION_ERROR", error.message) from error

        return decide

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


def _applicant_of(execution: Execution) -> str | None:
    """Whose case it is, as the process itself says."""
    known = execution.variables[""]
    for name in APPLICANT:
        value = known.get(name)
        if isinstance(value, str) and value:
            return value[:LONGEST_APPLICANT]
    return None


def _call_of_suspended(effect: fx.CallOpened, version: ProcessVersion) -> Message:
    return Message(
        "instance.called-element-suspended",
        f"调用活动 {effect.element_id} 要调用的流程“{version.process_id}”（版本 {version.version}）已挂起；"
        "请恢复该流程定义后重试此异常。",
        f"The process '{version.process_id}' (version {version.version}) that {effect.element_id} calls is "
        "suspended; resume the process definition and retry the incident.",
    )
