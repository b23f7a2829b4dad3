"""The world of a scenario: its instances, what they wait for, its clock, and the rules of delivery between cases.

The rules are those of the runtime: every stimulus is a command on one case; signals go to all that waited, each in a
command of its own; a message goes to one instance of each process, and one with a time to live waits for receivers.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from operator import methodcaller
from typing import Any

from server.bpmn import NotWaiting, ProcessModel, StartEvent, TimerDefinition, TimerSchedule
from server.bpmn import effects as fx
from server.bpmn.settling import START_ECHOES
from server.calendars import WorkingTime
from server.dmn.table_tests import reached_rules
from server.messages import Message

from .definitions import Definitions
from .memory_case import MemoryCase, Stimulus
from .scenario import Scenario
from .story import Event, Story
from .waiting import BufferedMessage, KeptInstance, Open, OpenTimer, Suspension, Thrown


@dataclass(slots=True)
class _StartTimer:
    model: ProcessModel
    element_id: str
    timer: TimerDefinition
    schedule: TimerSchedule


class World:
    """Everything that a scenario runs in."""

    def __init__(self, scenario: Scenario, definitions: Definitions) -> None:
        self.scenario = scenario
        self.definitions = definitions
        self.now = scenario.now
        self.instances: dict[int, KeptInstance] = {}
        self.open = Open()
        self.story = Story()
        self.completed_by: list[tuple[int, str, str]] = []
        """Who has completed which task: root instance, element, person."""
        self.echoes = 0  # signals that led to what happens now
        self.ended: deque[int] = deque()
        self.clock_stands = False
        """Whether the server's clock is down: time passes, and no timer fires."""
        self.suspended: dict[int, Suspension] = {}
        """The cases that stand still, by their root instances."""
        self._going_on = False
        self._deliveries: deque[tuple[int, Callable[[], object]]] = deque()
        self._keys = itertools.count(1)
        self._messages: list[BufferedMessage] = []
        self._message_starts: dict[tuple[str, str], int] = {}
        self._decisions_asked: dict[str, int] = {}
        self._start_timers: list[_StartTimer] = list(self._schedule_starts())

    # -- what cases ask for --------------------------------------------------------------------------------------

    def is_suspended(self, kept: KeptInstance) -> bool:
        """Whether the case of an instance stands still."""
        return kept.root_key in self.suspended

    def next_key(self) -> int:
        """A key that no other thing has."""
        return next(self._keys)

    def next_decision(self, decision_id: str) -> Any:
        """What the scenario lets a decision say next; the last is said again."""
        given = self.scenario.decisions[decision_id]
        number = self._decisions_asked.get(decision_id, 0)
        self._decisions_asked[decision_id] = number + 1
        return given[min(number, len(given) - 1)]

    def note(self, kept: KeptInstance, effect: fx.Effect) -> None:
        """Take down an effect."""
        self.open.take(kept, effect, self.now)
        process_id = kept.model.process_id
        match effect:
            case fx.ElementActivated():
                if effect.element_type != "PROCESS":
                    self.story.enter(process_id, effect.element_id, effect.element_type)
                    self.tell(kept, effect.element_id)
            case fx.FlowTaken():
                self.story.flows[process_id, effect.flow_id] += 1
            case fx.DecisionTaken():
                decision_id = effect.evaluation.trace.decision_id
                placed = self.definitions.decisions.get(decision_id)
                if placed is not None:
                    reached = reached_rules(effect.evaluation.trace)
                    self.story.rules.update((placed.resource, *rule) for rule in reached)
            case fx.IncidentRaised():
                self.tell(kept, effect.element_id, "incident", effect.message, effect.error_type)
            case fx.ProcessEnded():
                self.tell(kept, process_id, "completed" if effect.completed else "terminated")
            case _:
                pass

    def tell(
        self,
        kept: KeptInstance,
        element_id: str,
        kind: str = "entered",
        note: str | Message = "",
        error_type: str | None = None,
    ) -> None:
        """Add an event to the story."""
        event = Event(self.now, kept.key, kept.model.process_id, element_id, kind, note, error_type)
        self.story.events.append(event)

    def buffered(self, process_id: str, wanted: frozenset[tuple[str, str]]) -> Iterator[BufferedMessage]:
        """The messages of these names and keys that are still alive and that the process has not received."""
        for message in list(self._messages):
            alive = message.expires_at > self.now
            if alive and (message.name, message.correlation_key) in wanted and process_id not in message.received_by:
                yield message

    # -- commands ------------------------------------------------------------------------------------------------

    def start(
        self, model: ProcessModel, variables: Mapping[str, Any], start_element: str | None = None
    ) -> KeptInstance:
        """Start a root instance."""
        case = MemoryCase(self)
        running = case.begin(model, variables, start_element=start_element)
        self._finish(case)
        return running.kept

    def stimulate(self, kept: KeptInstance, stimulus: Stimulus) -> None:
        """Do something to an instance and let its case settle. Raises NotWaiting, also where it has ended."""
        case = MemoryCase(self)
        running = case.load(kept.key)
        if running is None:
            raise NotWaiting(kept.key, "任何事情", "anything")
        stimulus(running.execution)
        self._finish(case)

    def variables_at(self, kept: KeptInstance, key: int) -> dict[str, Any]:
        """What an element instance sees."""
        running = MemoryCase(self).load(kept.key)
        return {} if running is None else running.execution.variables_of(key)

    def broadcast(self, name: str, variables: Mapping[str, Any]) -> int:
        """Give a signal to all that wait for it; how many."""
        received = self.throw(Thrown(name, variables))
        self._after()
        return received

    def publish(self, name: str, key: str, variables: Mapping[str, Any], ttl: dt.timedelta) -> int:
        """Publish a message; to how many it went at once."""
        message = BufferedMessage(self.next_key(), name, key, variables, self.now + ttl)
        given = self._distribute(message)
        if ttl > dt.timedelta(0):
            self._messages.append(message)
        self._after()
        return given

    # -- time ----------------------------------------------------------------------------------------------------

    def next_timer(self) -> dt.datetime | None:
        """When the next timer is due."""
        due = [timer.set.due_at for timer in self._ticking().values()]
        due += [timer.schedule.due_at for timer in self._start_timers]
        return min(due, default=None)

    def _ticking(self) -> dict[int, OpenTimer]:
        """The timers of cases that do not stand still."""
        return {key: each for key, each in self.open.timers.items() if not self.is_suspended(each.instance)}

    def fire_next_timer(self) -> None:
        """Fire the timer that is due first, at its own instant."""
        waits = [(timer.set.due_at, key) for key, timer in self._ticking().items()]
        starts = [(start.schedule.due_at, number) for number, start in enumerate(self._start_timers)]
        first = min(waits, default=None)
        if starts and (first is None or min(starts)[0] < first[0]):
            self._fire_start(self._start_timers[min(starts)[1]])
            return
        assert first is not None
        due_at, key = first
        timer = self.open.timers[key]
        self.now = max(self.now, due_at.astimezone(self.now.tzinfo))
        self.tell(timer.instance, timer.element_id, "timer")
        self.stimulate(timer.instance, lambda execution: execution.fire_timer(key))

    def _fire_start(self, start: _StartTimer) -> None:
        self.now = max(self.now, start.schedule.due_at.astimezone(self.now.tzinfo))
        firing = start.timer.fired(start.schedule, self.now, start.element_id, calendars=self.calendar)
        if firing.following is None:
            self._start_timers.remove(start)
        else:
            start.schedule = firing.following
        if firing.counts:
            self.start(start.model, {}, start.element_id)

    def _schedule_starts(self) -> Iterator[_StartTimer]:
        for model, event in self._start_events("timer"):
            assert event.timer is not None
            schedule = event.timer.first_due(self.now, {}, event.element_id, calendars=self.calendar)
            yield _StartTimer(model, event.element_id, event.timer, schedule)

    def calendar(self, calendar_id: str | None) -> WorkingTime:
        """The calendar that a process names, where the scenario has one of that name, else the scenario's own."""
        return self.scenario.calendars.get(calendar_id or "", self.scenario.calendar)

    def _start_events(self, kind: str, name: str | None = None) -> Iterator[tuple[ProcessModel, StartEvent]]:
        if not self.scenario.start_events:
            return
        for model in self.definitions.processes.values():
            for event in model.start_events:
                if event.kind == kind and event.name == name:
                    yield model, event

    # -- between cases -------------------------------------------------------------------------------------------

    def _finish(self, case: MemoryCase) -> None:
        case.settle()
        case.keep()
        for thrown in case.thrown:
            self.throw(thrown)
        self._after()

    def _after(self) -> None:
        """What follows in other cases: signals that were thrown, and messages that had to wait for an end."""
        if self._going_on:
            return  # each in its turn, as the runtime does it
        self._going_on = True
        while self._deliveries or self.ended:
            if self._deliveries:
                self.echoes, make = self._deliveries.popleft()
                make()
                self.echoes = 0
            else:
                self._start_next(self.ended.popleft())
        self._going_on = False

    def throw(self, thrown: Thrown) -> int:
        """Send a signal on its way to all that wait for it now but those whom it has passed; how many."""
        before, kept = len(self._deliveries), 0
        for key, found in self.open.subscriptions.items():
            opened = found.opened
            if opened.kind == "signal" and opened.name == thrown.name and key not in thrown.passed:
                make = partial(self._try, found.instance, methodcaller("deliver_signal", key, thrown.variables))
                suspension = self.suspended.get(found.instance.root_key)
                (self._deliveries if suspension is None else suspension.signals).append((thrown.echoes + 1, make))
                kept += suspension is not None
        for model, event in self._start_events("signal", thrown.name):
            begin = partial(self.start, model, thrown.variables, event.element_id)
            self._deliveries.append((thrown.echoes + START_ECHOES, begin))
        return len(self._deliveries) - before + kept

    def catch_up(self, suspension: Suspension) -> None:
        """A case goes on: messages that still live and signals that were kept are given to it."""
        for message in list(self._messages):
            if message.expires_at > self.now:
                self._distribute(message)
        self._deliveries.extend(suspension.signals)
        self._after()

    def _distribute(self, message: BufferedMessage) -> int:
        """Give a message to one instance of each process that has not received it, else to its start event."""
        given = 0
        tried: set[int] = set()
        while (receiver := self._receiver(message, tried)) is not None:
            key, kept = receiver
            tried.add(key)
            message.received_by.add(kept.model.process_id)
            if self._try(kept, lambda execution, key=key: execution.deliver_message(key, message.variables)):
                given += 1
            else:
                message.received_by.discard(kept.model.process_id)
        for model, event in list(self._start_events("message", message.name)):
            process_id, key_ = model.process_id, message.correlation_key
            if self._awaited_in_suspension(message, process_id):
                continue
            if process_id in message.received_by or (process_id, key_) in self._message_starts:
                continue
            message.received_by.add(process_id)
            started = self.start(model, message.variables, event.element_id)
            if key_ and started.state == "ACTIVE":
                self._message_starts[process_id, key_] = started.key
            given += 1
        return given

    def _receiver(self, message: BufferedMessage, tried: set[int]) -> tuple[int, KeptInstance] | None:
        for key in sorted(self.open.subscriptions):
            found = self.open.subscriptions[key]
            opened = found.opened
            if (
                (opened.kind, opened.name, opened.correlation_key) == ("message", message.name, message.correlation_key)
                and found.instance.model.process_id not in message.received_by
                and not self.is_suspended(found.instance)
                and key not in tried
            ):
                return key, found.instance
        return None

    def _awaited_in_suspension(self, message: BufferedMessage, process_id: str) -> bool:
        """Whether a suspended instance of the process waits for the message, which then starts no other."""
        return any(
            self.is_suspended(found.instance)
            and found.instance.model.process_id == process_id
            and (found.opened.name, found.opened.correlation_key) == (message.name, message.correlation_key)
            for found in self.open.subscriptions.values()
            if found.opened.kind == "message"
        )

    def _start_next(self, ended_key: int) -> None:
        """An instance that a message started has ended: the next message of its key may start another."""
        for place, key in list(self._message_starts.items()):
            if key != ended_key:
                continue
            del self._message_starts[place]
            process_id, correlation_key = place
            names = {
                event.name
                for model, event in ((m, e) for m in self.definitions.processes.values() for e in m.start_events)
                if event.kind == "message" and model.process_id == process_id
            }
            waiting = self.buffered(process_id, frozenset((name or "", correlation_key) for name in names))
            message = next(waiting, None)
            if message is not None:
                self._distribute(message)

    def _try(self, kept: KeptInstance, stimulus: Callable[..., None]) -> bool:
        """Deliver what another case has sent; false where the receiver has gone on meanwhile."""
        try:
            self.stimulate(kept, stimulus)
        except NotWaiting:
            return False
        return True
