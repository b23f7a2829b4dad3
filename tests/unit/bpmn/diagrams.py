"""Small BPMN files for tests, written in Python: nodes, flows and definitions in the order given."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from typing import Any

from server.bpmn import DecisionReference, Execution, ExecutionServices, ProcessModel, read_processes
from server.bpmn.effects import Effect
from server.calendars import CalendarDefinitionError, WorkingTime
from server.dmn import DecisionEvaluation

NOW = dt.datetime(2026, 1, 5, 1, 0, tzinfo=dt.UTC)

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:lendloom="http://lendloom.org/schema/bpmn/1.0"'
    ' id="defs" targetNamespace="http://lendloom.org/test">'
)


def node(tag: str, id_: str, *inside: str, ext: str = "", **attributes: str) -> str:
    """One BPMN element; ``ext`` goes into its extension elements, ahead of what is ``inside``."""
    attrs = "".join(f' {name}="{value}"' for name, value in attributes.items())
    holder = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
    return f'<bpmn:{tag} id="{id_}"{attrs}>{holder}{"".join(inside)}</bpmn:{tag}>'


def flow(source: str, target: str, condition: str | None = None, id_: str | None = None) -> str:
    """A sequence flow, with a condition written without its equals sign."""
    name = id_ or f"{source}_{target}"
    body = ""
    if condition is not None:
        text = condition.replace("&", "&amp;").replace("<", "&lt;")
        body = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={text}</bpmn:conditionExpression>'
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{body}</bpmn:sequenceFlow>'


def path(*ids: str) -> str:
    """Sequence flows along a row of elements."""
    return "".join(flow(a, b) for a, b in itertools.pairwise(ids))


def job(type_: str, retries: str = "3", headers: str = "") -> str:
    return f'<zeebe:taskDefinition type="{type_}" retries="{retries}"/>{headers}'


def io(*mappings: tuple[str, str, str]) -> str:
    """Mappings as (direction, source without equals sign, target)."""
    rows = "".join(f'<zeebe:{d} source="={s}" target="{t}"/>' for d, s, t in mappings)
    return f"<zeebe:ioMapping>{rows}</zeebe:ioMapping>"


def script(expression: str, result: str) -> str:
    return f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'


def timer(kind: str, text: str) -> str:
    tag = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}[kind]
    return (
        "<bpmn:timerEventDefinition>"
        f'<bpmn:{tag} xsi:type="bpmn:tFormalExpression">{text}</bpmn:{tag}></bpmn:timerEventDefinition>'
    )


def message(name: str = "paid") -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def message_definition(name: str = "paid", key: str = "loan") -> str:
    return (
        f'<bpmn:message id="message_{name}" name="{name}"><bpmn:extensionElements>'
        f'<zeebe:subscription correlationKey="={key}"/></bpmn:extensionElements></bpmn:message>'
    )


def error_definition(code: str = "REFUSED") -> str:
    return f'<bpmn:error id="error_{code}" name="{code}" errorCode="{code}"/>'


def error(code: str | None = "REFUSED") -> str:
    return f'<bpmn:errorEventDefinition errorRef="error_{code}"/>' if code else "<bpmn:errorEventDefinition/>"


def signal_definition(name: str = "rates") -> str:
    return f'<bpmn:signal id="signal_{name}" name="{name}"/>'


def signal(name: str = "rates") -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def escalation_definition(code: str = "LATE") -> str:
    return f'<bpmn:escalation id="escalation_{code}" name="{code}" escalationCode="{code}"/>'


def escalation(code: str | None = "LATE") -> str:
    reference = f' escalationRef="escalation_{code}"' if code else ""
    return f"<bpmn:escalationEventDefinition{reference}/>"


def condition(text: str, *, names: str | None = None, events: str | None = None) -> str:
    """A conditional event definition; ``text`` without its equals sign, ``names`` and ``events`` are its filter."""
    attributes = "".join(
        f' {attribute}="{value}"'
        for attribute, value in (("variableNames", names), ("variableEvents", events))
        if value
    )
    holder = f"<bpmn:extensionElements><zeebe:conditionalFilter{attributes}/></bpmn:extensionElements>"
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    body = f'<bpmn:condition xsi:type="bpmn:tFormalExpression">={escaped}</bpmn:condition>'
    return f"<bpmn:conditionalEventDefinition>{holder if attributes else ''}{body}</bpmn:conditionalEventDefinition>"


def link(name: str = "onward") -> str:
    return f'<bpmn:linkEventDefinition name="{name}"/>'


def event_subprocess(
    id_: str, definition: str, *inside: str, interrupting: bool = True, start_ext: str = "", ext: str = ""
) -> str:
    """An event subprocess with the start event ``<id>_start``, and one task ``<id>_task`` unless more is inside."""
    start = node("startEvent", f"{id_}_start", definition, ext=start_ext, isInterrupting=str(interrupting).lower())
    content = inside or (
        node("userTask", f"{id_}_task"),
        node("endEvent", f"{id_}_end"),
        path(f"{id_}_start", f"{id_}_task", f"{id_}_end"),
    )
    return node("subProcess", id_, start, *content, ext=ext, triggeredByEvent="true")


def boundary(id_: str, host: str, definition: str, *, interrupting: bool = True, ext: str = "") -> str:
    return node(
        "boundaryEvent",
        id_,
        definition,
        ext=ext,
        attachedToRef=host,
        cancelActivity=str(interrupting).lower(),
    )


def subprocess_(id_: str, *inside: str, ext: str = "") -> str:
    return node("subProcess", id_, *inside, ext=ext)


def document(*inside: str, definitions: str = "", id_: str = "p", executable: str = "true") -> bytes:
    """A whole file with one process; associations are put at its end, where the schema wants them."""
    elements = "".join(inside)
    associations = re.findall(r"<bpmn:association [^>]*/>", elements)
    for association in associations:
        elements = elements.replace(association, "")
    return (
        f'{HEAD}{definitions}<bpmn:process id="{id_}" name="P" isExecutable="{executable}">'
        f"{elements}{''.join(associations)}</bpmn:process></bpmn:definitions>"
    ).encode()


def model(*inside: str, definitions: str = "") -> ProcessModel:
    return read_processes(document(*inside, definitions=definitions), resource="test.bpmn")[0]


START, END = node("startEvent", "start"), node("endEvent", "end")


class World:
    """What an execution needs from outside, and a short way to step and look at it.

    After every step the execution is stored as a snapshot and restored, so that each test also tests the codec.
    """

    def __init__(self, process: ProcessModel, **decisions: DecisionEvaluation) -> None:
        self.process = process
        self.now = NOW
        self.decisions = decisions
        self.forms = {"review": 3}
        self.calendars: dict[str | None, WorkingTime] = {}
        self.effects: list[Effect] = []
        self.caught_by_caller: tuple[str, ...] = ()
        self.escalations_of_caller: dict[str, bool] = {}
        self._keys = itertools.count(101)
        self.execution: Execution

    def services(self) -> ExecutionServices:
        return ExecutionServices(
            next_key=lambda: next(self._keys),
            now=self.now,
            decide=self._decide,
            caller_catches=lambda code: code in self.caught_by_caller,
            caller_escalation=self.escalations_of_caller.get,
            find_form=lambda form: self.forms.get(form.form_id),
            calendar=self._calendar,
        )

    def _calendar(self, calendar_id: str | None) -> WorkingTime:
        if calendar_id not in self.calendars:
            raise CalendarDefinitionError.of("unknown", "没有日历。", f"There is no calendar {calendar_id}.")
        return self.calendars[calendar_id]

    def _decide(self, reference: DecisionReference, variables: Mapping[str, Any]) -> tuple[int, DecisionEvaluation]:
        return 7, self.decisions[reference.decision_id]

    def start(self, element: str | None = None, **variables: Any) -> World:
        self.execution = Execution.start(
            self.process, self.services(), instance_key=100, variables=variables, start_element=element
        )
        self._store()
        return self

    def _store(self) -> None:
        self.effects = self.execution.effects
        if not self.execution.ended:
            self.execution = Execution.restore(
                self.process,
                self.services(),
                instance_key=100,
                snapshot=self.execution.snapshot(),
                variables=self.execution.variables,
            )

    def do(self, stimulus: str, element: str, *args: Any) -> World:
        """Deliver a stimulus, such as complete_job, to the (first) wait of ``element``."""
        getattr(self.execution, stimulus)(self.key(element), *args)
        self._store()
        return self

    def keys(self, element: str) -> list[int]:
        tasks = self.execution._instance.tasks
        return [t.id for t in tasks.values() if not t.is_root and t.task_spec.element.id == element]

    def key(self, element: str) -> int:
        return self.keys(element)[0]

    def waiting(self) -> list[str]:
        """The elements with a live token or wait, sorted; scopes and joins included."""
        tasks = self.execution._instance.tasks
        return sorted(t.task_spec.element.id for t in tasks.values() if not t.is_root)

    def of(self, kind: type[Any]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def __getitem__(self, name: str) -> Any:
        return self.execution.variables[""][name]

    @property
    def completed(self) -> bool:
        return self.execution.completed
