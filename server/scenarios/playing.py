"""Playing a scenario: its start and its steps one after the other, until one fails or all are done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import Any, Final

from server.bpmn import Execution, ProcessModel
from server.calendars import CalendarError, parse_duration, parse_instant
from server.messages import LendloomError, Message, counted

from . import choosing
from .answers_for import check_answers
from .definitions import Definitions
from .errors import StepFailure, malformed, step_failure
from .expectations import ZONE, check, state_of
from .modifying import modification_of
from .outside import Outside, answer_call, answer_job
from .scenario import Completes, Fails, Scenario, Step, ThrowsError
from .step_shapes import FINAL, NOTHING
from .story import Story
from .suspending import check_awake, resume, suspend
from .tasks import assign_task, claim_task, complete_task
from .values import evaluated, variables
from .waiting import KeptInstance, OpenElement
from .world import World

CLOCK: Final = ("stop", "tick", "go")
"""What the server's clock can do."""
MOST_EVENTS: Final = 100_000
"""Timers that may fire in one scenario; more is a cycle that nobody stops."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a scenario; without a ``problem`` it passed. ``step`` and ``line`` are where it failed."""

    scenario: Scenario
    story: Story
    seconds: float
    problem: Message | None = None
    step: int = 0
    line: int = 0
    kind: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return self.problem is None


def play(scenario: Scenario, definitions: Definitions, process_id: str) -> Outcome:
    """Run a scenario of this process from its start to its final expectation."""
    begun = time.perf_counter()
    player = Player(scenario, definitions, process_id)
    try:
        check_answers(scenario, definitions)
        player.run()
    except LendloomError as error:
        step, took = player.step, time.perf_counter() - begun
        return Outcome(scenario, player.world.story, took, error.message, step.number, step.line, step.kind)
    return Outcome(scenario, player.world.story, time.perf_counter() - begun)


def process_of(scenario: Scenario, definitions: Definitions, file: str | None) -> str:
    """The id of the process that a scenario means: that of its file, or the one it names."""
    if file is not None:
        inside = [process for process, place in definitions.process_files.items() if place == file]
        if len(inside) == 1:
            return inside[0]
        raise malformed(
            scenario.line,
            f"{file} 中有 {len(inside)} 个可执行流程；请在 process 写流程编号，并将文件列入 resources。",
            f"{file} has {len(inside)} executable processes; name one by its id and list the file in 'resources'.",
        )
    if scenario.process not in definitions.processes:
        known = ", ".join(definitions.processes) or "-"
        raise malformed(
            scenario.line,
            f"resources 中没有流程“{scenario.process}”；有 {known}。",
            f"There is no process '{scenario.process}' among the resources; there are {known}.",
        )
    return scenario.process


class Player:
    """A scenario under way."""

    def __init__(self, scenario: Scenario, definitions: Definitions, process_id: str) -> None:
        self.scenario = scenario
        self.process_id = process_id
        self.world = World(scenario, definitions)
        self.outside = Outside(self.world)
        self.step = scenario.start or Step(0, scenario.line, "start", {})
        """The step that is carried out."""
        self._incidents_expected = False

    # -- the way through -------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Carry out everything. Raises :class:`StepFailure`, and whatever the engine refuses, at :attr:`step`."""
        self.begin(self.step)
        for step in self.scenario.steps:
            self.step = step
            self.do(step)
        self.finish()

    def begin(self, step: Step) -> None:
        """Start what the scenario says, or the process at its none start event where it has one."""
        says = step.says
        model = self.world.definitions.processes[self.process_id]
        if says.get("element") == NOTHING:
            return
        given = self._value(self.scenario.variables) | self._variables(says.get("variables"))
        if says:
            self._start(says, given)
        elif model.none_start is not None:
            self.world.start(model, given)
        self._go_on()

    def do(self, step: Step) -> None:
        """Carry out one step. Raises :class:`StepFailure`, and whatever the engine refuses."""
        _STEPS[step.kind](self, step.says)
        self._go_on()

    def finish(self) -> None:
        """An incident that nobody expected is a failure."""
        incidents = self.world.open.incidents.values()
        if incidents and not self._incidents_expected:
            told = "; ".join(f"{i.element_id}: {i.raised.message.en}" for i in incidents)
            told_zh = "；".join(f"{i.element_id}：{i.raised.message.zh}" for i in incidents)
            raise step_failure(
                "incident",
                f"结束时有未预期的异常：{told_zh}；若应如此，请写 expect: {{state: incident}} 或 incidents。",
                f"There are incidents at the end that were not expected: {told}. If they should be there, expect "
                "state: incident, or incidents.",
            )

    @property
    def main(self) -> KeptInstance | None:
        """The first root instance of the scenario's process, else the first of all."""
        roots = [kept for kept in self.world.instances.values() if kept.parent_key is None]
        own = [kept for kept in roots if kept.model.process_id == self.process_id]
        return next(iter(own or roots), None)

    # -- steps -----------------------------------------------------------------------------------------------------

    def advance(self, says: Mapping[str, Any]) -> None:
        """Let time pass; every timer fires at its own instant, the earliest first."""
        world, text = self.world, str(says["by"])
        if text == "next":
            due = world.next_timer()
            if due is None:
                raise step_failure("no-timer", "没有等待中的定时器。", "There is no timer to advance to.")
            self._advance_to(max(due, world.now))
            return
        try:
            duration = parse_duration(text)
            until = duration.after(world.now, world.scenario.calendar if duration.needs_calendar else None)
        except CalendarError as error:
            raise StepFailure(error.message) from error
        if duration.is_negative:
            raise step_failure("backwards", f"时间不能倒退：{text}。", f"Time cannot go back: {text}.")
        self._advance_to(until)

    def to(self, says: Mapping[str, Any]) -> None:
        """Let time pass until an instant."""
        text = str(self._value(says["instant"]))
        try:
            until = parse_instant(text, ZONE)
        except CalendarError as error:
            raise StepFailure(error.message) from error
        if until < self.world.now:
            now = self.world.now.isoformat()
            raise step_failure("backwards", f"{text} 早于现在（{now}）。", f"{text} is before now ({now}).")
        self._advance_to(until)

    def expect(self, says: Mapping[str, Any]) -> None:
        """Compare."""
        process = says.get("process")
        main = self.main if process is None else self._newest(process)
        check(self.world, main, says)
        self._incidents_expected = "incidents" in says or says.get("state") == "incident"

    def complete(self, says: Mapping[str, Any]) -> None:
        """A person completes a user task, or all of an element's (``index: all``)."""
        for task in choosing.chosen(self.world, "task", self.world.open.tasks.values(), says["task"], says):
            complete_task(self.world, task, says)

    def claim(self, says: Mapping[str, Any]) -> None:
        """A person takes a user task."""
        for task in choosing.chosen(self.world, "task", self.world.open.tasks.values(), says["task"], says):
            claim_task(self.world, task, str(says["by"]))

    def assign(self, says: Mapping[str, Any]) -> None:
        """A person is given a user task, whoever had it."""
        for task in choosing.chosen(self.world, "task", self.world.open.tasks.values(), says["task"], says):
            assign_task(self.world, task, str(says["to"]))

    def unassign(self, says: Mapping[str, Any]) -> None:
        """A user task is put back for all its candidates."""
        for task in choosing.chosen(self.world, "task", self.world.open.tasks.values(), says["task"], says):
            task.assignee = None

    def complete_job(self, says: Mapping[str, Any]) -> None:
        """A worker completes a job that the scenario left open."""
        for job in choosing.chosen(self.world, "job", self.world.open.jobs.values(), says["job"], says):
            answer_job(self.world, job, Completes(says.get("variables") or {}))

    def fail_job(self, says: Mapping[str, Any]) -> None:
        """A worker reports a failure."""
        answer = Fails(
            str(says.get("message", "")), says.get("retries"), str(says.get("backoff", "PT0S")), says.get("variables")
        )
        for job in choosing.chosen(self.world, "job", self.world.open.jobs.values(), says["job"], says):
            answer_job(self.world, job, answer)

    def throw_error(self, says: Mapping[str, Any]) -> None:
        """A worker ends a job, or a called process its call, with a business error."""
        answer = ThrowsError(str(says["code"]), str(says.get("message", "")), says.get("variables"))
        for job in choosing.chosen(self.world, "job", self.world.open.jobs.values(), says["job"], says):
            answer_job(self.world, job, answer)

    def end_call(self, says: Mapping[str, Any]) -> None:
        """A process that the scenario stands in for has ended."""
        for call in choosing.chosen(self.world, "call", self.world.open.calls.values(), says["call"], says):
            check_awake(self.world, call.instance)
            answer_call(self.world, call, Completes(says.get("variables") or {}))

    def message(self, says: Mapping[str, Any]) -> None:
        """Publish a message. One that nobody takes and that is not kept is a mistake, unless it is expected."""
        instance = self._newest(says["process"]) if "process" in says else None
        name, key = str(says["name"]), str(self._value(says.get("key", ""), instance))
        variables = self._variables(says.get("variables"))
        zero = parse_duration("PT0S")
        try:
            ttl = parse_duration(str(says["ttl"])) if "ttl" in says else zero
            length = ttl.after(self.world.now) - self.world.now
        except CalendarError as error:
            raise StepFailure(error.message) from error
        received = self.world.publish(name, key, variables, length)
        expected = says.get("received")
        if expected is None and (received or not ttl.is_zero):
            return
        if expected is None or int(expected) != received:
            waits = self.world.open.subscriptions.values()
            awaited = [f"{s.opened.name} ({s.opened.correlation_key})" for s in waits if s.opened.kind == "message"]
            listed = ", ".join(awaited) or "-"
            processes = "1 process" if received == 1 else f"{received} processes"
            raise step_failure(
                "message",
                f"消息 {name}（关联键 {key}）由 {received} 个流程接收，与预期不符；正在等待的是 {listed}。"
                "若可能稍后才等待，请写 ttl；若不应有人接收，请写 received: 0。",
                f"The message {name} (key {key}) was received by {processes}; awaited are {listed}. Give it "
                "a 'ttl' if the receiver comes later, or 'received: 0' if nobody shall receive it.",
            )

    def signal(self, says: Mapping[str, Any]) -> None:
        """Broadcast a signal."""
        name = str(says["name"])
        received = self.world.broadcast(name, self._variables(says.get("variables")))
        expected = says.get("received")
        if expected is not None and int(expected) != received:
            raise step_failure(
                "signal",
                f"信号 {name} 应有 {expected} 个接收者，实际有 {received} 个。",
                f"The signal {name} went to {counted(received, 'receiver')}, expected were {expected}.",
            )

    def set(self, says: Mapping[str, Any]) -> None:
        """Set variables of the instance, or at an element."""
        if "element" in says:
            found = choosing.at_element(self.world, says["element"], says)
            instance, key = found
        else:
            instance = self._meant(says)
            key = instance.key
        variables = self._variables(says["variables"], instance)
        local = says.get("local") is True
        self.world.stimulate(instance, lambda execution: execution.set_variables(key, variables, local=local))

    def retry(self, says: Mapping[str, Any]) -> None:
        """An operator resolves incidents, at an element or ``all``; a job without retries gets one more."""
        world, wanted = self.world, says["element"]
        incidents = list(world.open.incidents.values())
        if wanted != "all":
            incidents = choosing.chosen(world, "incident", incidents, wanted, says)
        if not incidents:
            raise step_failure("no-incident", "没有异常可以重试。", "There is no incident to retry.")
        for incident in incidents:
            check_awake(world, incident.instance)
            key = incident.raised.key
            job = world.open.jobs.get(key)
            if job is not None:
                job.retries, job.left, job.available_at = max(job.retries, 1), False, world.now
            world.stimulate(incident.instance, lambda execution, key=key: execution.retry(key))  # type: ignore[misc]

    def cancel(self, says: Mapping[str, Any]) -> None:
        """Cancel the case of the scenario, or of an instance of a process, the newest if none is named."""
        root = self._root(says)
        if root.state != "ACTIVE":
            raise step_failure(
                "ended",
                f"流程实例已经结束（{state_of(self.world, root)}）。",
                "The process instance has ended already.",
            )
        self.world.stimulate(root, lambda execution: execution.cancel())

    def activate(self, says: Mapping[str, Any]) -> None:
        """Activate elements of an open ad-hoc subprocess; each is an id, or ``{element, variables}``."""
        listed = says["elements"] if isinstance(says["elements"], list) else [says["elements"]]
        wanted = [each if isinstance(each, Mapping) else {"element": each} for each in listed]
        remaining = says.get("cancel_remaining") is True
        place = self._open_element("AD_HOC_SUB_PROCESS", says)
        check_awake(self.world, place.instance)
        elements = [(str(e["element"]), self._variables(e.get("variables"), place.instance)) for e in wanted]

        def stimulus(execution: Execution) -> None:
            execution.activate_ad_hoc(place.activated.key, elements, cancel_remaining=remaining)

        self.world.stimulate(place.instance, stimulus)

    def add_instance(self, says: Mapping[str, Any]) -> None:
        """Add an instance to an open multi-instance activity."""
        place = self._open_element("MULTI_INSTANCE_BODY", says)
        check_awake(self.world, place.instance)
        variables = self._variables(says.get("variables"), place.instance)
        item = self._value(says.get("item"), place.instance)

        def stimulus(execution: Execution) -> None:
            execution.add_instance(place.activated.key, item=item, variables=variables)

        self.world.stimulate(place.instance, stimulus)

    def remove_instance(self, says: Mapping[str, Any]) -> None:
        """Take an instance out of an open multi-instance activity; it is named as in ``add-instance``."""
        inside = choosing.inner_instances(self.world)
        for place in choosing.chosen(self.world, "element", inside, says["element"], says):
            check_awake(self.world, place.instance)
            self.world.stimulate(place.instance, methodcaller("remove_instance", place.activated.key))

    def modify(self, says: Mapping[str, Any]) -> None:
        """Repair an instance as an operator does: activate, terminate, move tokens, or return to an element."""
        instance = self._meant(says)
        modification = modification_of(
            self.world, instance, says, lambda given: self._value(given, instance), self.step.line
        )
        self.world.stimulate(instance, lambda execution: execution.modify(modification))

    def suspend(self, says: Mapping[str, Any]) -> None:
        """An operator suspends the case of the scenario, or of an instance of a process."""
        suspend(self.world, self._root(says))

    def resume(self, says: Mapping[str, Any]) -> None:
        """An operator lets a suspended case go on."""
        resume(self.world, self._root(says))

    def start(self, says: Mapping[str, Any]) -> None:
        """Start one more instance."""
        self._start(says, self._variables(says.get("variables")))

    def clock(self, says: Mapping[str, Any]) -> None:
        """The server's clock stops, goes on, or looks once: what has become due meanwhile fires late."""
        world, word = self.world, says["clock"]
        if word not in CLOCK:
            listed = ", ".join(CLOCK)
            raise step_failure("clock", f"clock 应为 {listed} 之一。", f"'clock' is one of {listed}.")
        stood, world.clock_stands = world.clock_stands, word == "stop"
        self._go_on()
        world.clock_stands = stood if word == "tick" else word == "stop"

    # -- parts -----------------------------------------------------------------------------------------------------

    def _start(self, says: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        if "message" in says:
            self.message({"name": says["message"], "key": says.get("key", ""), "variables": variables})
            return
        if "signal" in says:
            self.signal({"name": says["signal"], "variables": variables, "received": 1})
            return
        process_id = says.get("process", self.process_id)
        model = self.world.definitions.processes.get(process_id)
        element = says.get("element")
        if model is None or not _starts(model, element):
            raise step_failure(
                "start",
                f"没有流程 {process_id} 或其启动事件 {element}。",
                f"There is no process {process_id}, or no start event {element} in it.",
            )
        self.world.start(model, variables, element)

    def _open_element(self, kind: str, says: Mapping[str, Any]) -> OpenElement:
        """The one element of this type, as history knows it, that a step means."""
        found = [each for each in self.world.open.elements.values() if each.activated.element_type == kind]
        return choosing.chosen(self.world, "element", found, says["element"], says)[0]

    def _go_on(self) -> None:
        """Let the outside answer, and fire what is due by now, as a clock would do it at once."""
        self.outside.answer_all()
        self._advance_to(self.world.now)

    def _advance_to(self, until: Any) -> None:
        world, fired = self.world, 0
        while True:
            timer = None if world.clock_stands else world.next_timer()
            retry = self.outside.next_retry()
            first = min((instant for instant in (timer, retry) if instant is not None), default=None)
            if first is None or first > until:
                break
            fired += 1
            if fired > MOST_EVENTS:
                raise step_failure(
                    "endless-timers",
                    f"一步之内有 {MOST_EVENTS} 个定时器到期；请检查周期。",
                    f"{MOST_EVENTS} timers fired in one step; check the cycles.",
                )
            if first == timer:
                world.fire_next_timer()
            else:
                world.now = first
            self.outside.answer_all()
        world.now = max(world.now, until.astimezone(world.now.tzinfo))

    def _value(self, given: Any, instance: KeptInstance | None = None) -> Any:
        found = instance or self.main
        seen = {} if found is None else found.variables.get("", {})
        return evaluated(given, seen, self.world.now)

    def _variables(self, given: Any, instance: KeptInstance | None = None) -> dict[str, Any]:
        found = instance or self.main
        return variables(given, {} if found is None else found.variables.get("", {}), self.world.now)

    def _started(self) -> KeptInstance:
        main = self.main
        if main is None:
            raise step_failure("not-started", "还没有启动流程实例。", "No process instance has been started.")
        return main

    def _root(self, says: Mapping[str, Any]) -> KeptInstance:
        return self.world.instances[self._meant(says).root_key]

    def _meant(self, says: Mapping[str, Any]) -> KeptInstance:
        """The instance that a step means: of a process by ``index`` in the order of starting, else its newest."""
        process = says.get("process")
        if not isinstance(process, str):
            return self._started()
        found = [kept for kept in self.world.instances.values() if kept.model.process_id == process]
        number = says.get("index")
        if number is None:
            return self._newest(process)
        if not isinstance(number, int) or number > len(found):
            raise step_failure(
                "which",
                f"流程 {process} 只有 {len(found)} 个实例，index 应为其中一个的序号（从 1 起）。",
                f"The process {process} has {counted(len(found), 'instance')}; 'index' must be the number of one.",
            )
        return found[number - 1]

    def _newest(self, process_id: str) -> KeptInstance:
        found = [kept for kept in self.world.instances.values() if kept.model.process_id == process_id]
        if not found:
            raise step_failure(
                "not-started", f"流程 {process_id} 还没有实例。", f"The process {process_id} has no instance yet."
            )
        return found[-1]


def _starts(model: ProcessModel, element: Any) -> bool:
    """Whether an instance can be started there: at a start event of the process itself, or where it starts anyhow."""
    if element is None:
        return model.none_start is not None
    found = model.elements.get(str(element))
    return found is not None and found.type == "START_EVENT" and found.parent_id in (None, model.process_id)


_STEPS: Mapping[str, Callable[[Player, Mapping[str, Any]], None]] = {
    "advance": Player.advance,
    "to": Player.to,
    "expect": Player.expect,
    FINAL: Player.expect,
    "complete": Player.complete,
    "claim": Player.claim,
    "assign": Player.assign,
    "unassign": Player.unassign,
    "complete-job": Player.complete_job,
    "fail-job": Player.fail_job,
    "throw-error": Player.throw_error,
    "end-call": Player.end_call,
    "message": Player.message,
    "signal": Player.signal,
    "set": Player.set,
    "retry": Player.retry,
    "activate": Player.activate,
    "add-instance": Player.add_instance,
    "remove-instance": Player.remove_instance,
    "modify": Player.modify,
    "suspend": Player.suspend,
    "resume": Player.resume,
    "cancel": Player.cancel,
    "start": Player.start,
    "clock": Player.clock,
}
