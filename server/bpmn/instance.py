"""A process instance in memory: SpiffWorkflow's workflow with a ready queue, scoped variables and effects."""

from __future__ import annotations

import datetime as dt
from collections import ChainMap, Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from server.calendars import CalendarDefinitionError, WorkingTime
from server.dmn import DecisionEvaluation
from server.messages import Message

from . import branches, standstill
from .branches import Branch
from .compensation import LOG, PENDING
from .conditions import Conditions
from .effects import (
    Effect,
    ElementActivated,
    ElementEnded,
    ErrorEscaped,
    FlowTaken,
    IncidentCleared,
    IncidentRaised,
    ProcessEnded,
)
from .errors import Failure
from .expressions import FeelScriptEngine
from .flow_node import FlowNode
from .merge import ABSENT
from .model import DecisionReference, FormReference, ProcessModel, SequenceFlow
from .token import RUN, Token

STEP_BUDGET = 50_000
"""Steps that one command may take; more is an endless loop without a wait state, and becomes an incident."""


SCOPE_BUDGET = 1_000
"""Tokens that may stand beside each other in a scope, those counted at joins too, but not a multi-instance's items.

Checked every 256 steps, so that tokens that multiply in a loop become incidents before they cost much.
"""


def _no_caller(code: str) -> bool:
    return False


def _no_escalation(code: str) -> bool | None:
    return None


def _always() -> bool:
    return True


def _no_calendar(calendar_id: str | None) -> WorkingTime:
    raise CalendarDefinitionError.of("none", "这里没有工作日历。", "There are no calendars here.")


@dataclass(frozen=True, slots=True)
class ExecutionServices:
    """What an instance asks of the outside while it is stepped.

    ``decide`` returns the key of the decision definition it used and the evaluation; it raises :class:`Failure`
    when there is no such decision. ``find_form`` returns the key of a form definition, or None where there is no such
    form; without it the forms of user tasks are not looked for. ``caller_catches`` tells whether the call activity
    that started this instance, or anything around it, handles an error code; ``caller_escalation`` whether what handles
    an escalation code there interrupts the call, None when nothing handles it. ``calendar`` finds a working calendar by
    its id, or for None the default one; it raises :class:`~server.calendars.CalendarError` where there is none.
    ``may_throw_signal`` counts a signal that is about to be thrown, and tells whether that is still within reason.
    """

    next_key: Callable[[], int]
    now: dt.datetime
    decide: Callable[[DecisionReference, Mapping[str, Any]], tuple[int, DecisionEvaluation]]
    caller_catches: Callable[[str], bool] = _no_caller
    caller_escalation: Callable[[str], bool | None] = _no_escalation
    find_form: Callable[[FormReference], int | None] | None = None
    calendar: Callable[[str | None], WorkingTime] = _no_calendar
    may_throw_signal: Callable[[], bool] = _always


class Instance(BpmnWorkflow):  # type: ignore[misc]
    """The live tokens and variables of one process instance.

    ``variables`` is a document of scopes: the process's own under the empty string, every other under the key of
    its token. Tokens that may run stand in ``ready``; nothing is ever searched for. ``joins`` are the tokens that count
    arrivals at gateways. ``given`` are variables for the own scope of the next token that is made. ``let_go`` says that
    records of what completed have gone since the last snapshot, and with them perhaps the last that named a value which
    the root token keeps.
    """

    def __init__(self, model: ProcessModel, services: ExecutionServices, key: int, variables: dict[str, Any]) -> None:
        super().__init__(model.spec, script_engine=FeelScriptEngine(services.now), deserializing=True)
        self.model = model
        self.services = services
        self.key = key
        self.variables = variables
        self.ready: deque[Token] = deque()
        self.joins: dict[int, Token] = {}
        self.conditions = Conditions(self)
        self.effects: list[Effect] = []
        self.flows_seen = 0
        self.ended = False
        self.stopping = False
        self.given: dict[str, Any] | None = None
        self.let_go = False
        self.task_tree: Token

    # -- tokens ------------------------------------------------------------------------------------------------

    def begin(self, stop_after: Sequence[str] = ()) -> Token:
        """Create the root token: the process itself, to be terminated after one of the elements ``stop_after``."""
        self.task_tree = Token(self, self.model.spec.start, None, self.key, self.services.now)
        if stop_after:
            self.task_tree.internal_data["stop_after"] = list(stop_after)
        self.task_tree._set_state(TaskState.STARTED)
        self.announce(self.task_tree)
        return self.task_tree

    def token(self, spec: FlowNode, scope: Token, branch: Branch = ()) -> Token:
        """A new token in an element; history hears of it with :meth:`announce`."""
        token = Token(self, spec, scope, self.services.next_key(), self.services.now)
        if branch:
            token.internal_data["branch"] = branch
        if self.given is not None:
            self.variables[str(token.id)] = self.given
            self.given = None
        return token

    def enter(self, spec: FlowNode, scope: Token, via: SequenceFlow | None = None, branch: Branch = ()) -> None:
        """A token arrives at an element, over a sequence flow or by being started."""
        if via is not None:
            self.pass_flow(via)
        spec.arrive(self, scope, via, branch)

    def pass_flow(self, flow: SequenceFlow) -> None:
        """A token passes a sequence flow; history hears of the first time."""
        if not flow.is_link and not self.flows_seen >> flow.position & 1:
            self.flows_seen |= 1 << flow.position
            self.effects.append(FlowTaken(flow.id))

    def announce(self, token: Token) -> None:
        """Write the activation of a token's element into history."""
        token.announced = True
        scope = self.key if token.is_root else token.scope.id
        spec = token.task_spec
        self.effects.append(
            ElementActivated(token.id, spec.history_id(self), spec.history_type(token), scope, token.started_at)
        )

    def finish(self, token: Token, changes: Mapping[str, Any] | None = None) -> None:
        """A token has done its element: history hears of it and the token leaves the tree."""
        received = token.internal_data.get("result") if token.task_spec.tells_received else None
        if received == (changes or {}):
            received = None
        self.effects.append(
            ElementEnded(token.id, token.started_at, True, self.services.now, changes or None, received or None)
        )
        self.forget(token)

    def stops_after(self, token: Token) -> bool:
        """Whether whoever started the instance wanted it to end after this token's element."""
        after = self.task_tree.internal_data.get("stop_after")
        return after is not None and token.task_spec.element.id in after and "loop" not in token.internal_data

    def forget(self, token: Token) -> None:
        """Remove a token without children from the tree, with its scope and its incident."""
        if token.has_incident:
            self.effects.append(IncidentCleared(token.id))
        if LOG in token.internal_data or PENDING in token.internal_data:
            self.let_go = True
        self.variables.pop(str(token.id), None)
        del self.tasks[token.id]
        if token._parent is not None:
            self.tasks[token._parent]._children.remove(token.id)

    def incident(self, token: Token, failure: Failure) -> None:
        """Report that a token stands still."""
        self.effects.append(
            IncidentRaised(token.id, token.task_spec.history_id(self), failure.error_type, failure.message)
        )

    def run(self) -> None:
        """Step every token that may run, until all of them wait and no inclusive join can fire.

        Where nothing is left then that could come to a join, the join stands still with an incident.
        """
        steps = 0
        ready, conditions = self.ready, self.conditions
        crowded: set[int | None] = set()
        while not self.ended:
            if self.stopping:
                self.end(completed=False)
                return
            if conditions.due or conditions.changes:
                conditions.settle()
            if not ready:
                if not self._fire_inclusive_join():
                    if self.joins:
                        standstill.tell(self)
                    return
                continue  # a join that stands still with an incident has made nothing ready; another one may fire
            token = ready.popleft()
            if token._state != TaskState.READY:
                continue  # taken away meanwhile
            steps += 1
            if not steps % 256:
                crowded = self._crowded_scopes()
            if steps > STEP_BUDGET:
                token.fail(_endless(), RUN)
            elif token._parent in crowded and "loop" not in token.internal_data:
                token.fail(_crowded(), RUN)
            else:
                token.run()

    def _crowded_scopes(self) -> set[int | None]:
        counts: Counter[int | None] = Counter()
        for token in self.tasks.values():
            if "loop" not in token.internal_data:
                counts[token._parent] += 1 + sum(map(len, token.internal_data.get("arrived", {}).values()))
        return {scope for scope, count in counts.items() if count > SCOPE_BUDGET}

    def _fire_inclusive_join(self) -> bool:
        return any(token.task_spec.fire(token) for token in self.joins.values())  # type: ignore[attr-defined]

    def close_scope_if_empty(self, scope: Token) -> None:
        """Complete a scope that holds no live token any more."""
        if self.ended:
            return
        if scope.is_root:
            if scope.holds_only_waits:
                self.end(completed=True)
        else:
            scope.task_spec.inner_ended(scope)

    def end(self, *, completed: bool) -> None:
        """End the instance; when it is not completed, everything in it is taken away first."""
        self.ended = True
        self.ready.clear()
        root = self.task_tree
        for child in root.children:
            child.cancel()
        if root.has_incident:
            self.effects.append(IncidentCleared(root.id))
        self.completed = completed
        now = self.services.now
        self.effects.append(ElementEnded(root.id, root.started_at, completed, now))
        self.effects.append(ProcessEnded(completed, now))

    def escape(self, code: str, message: Message, variables: Mapping[str, Any]) -> None:
        """End because of an error that the caller of this instance catches."""
        self.effects.append(ErrorEscaped(code, message, dict(variables)))
        self.end(completed=False)

    def _task_completed_notify(self, task: Token) -> None:
        """SpiffWorkflow would search for waiting tasks here; the ready queue makes that needless."""

    # -- variables ---------------------------------------------------------------------------------------------

    def scopes(self, token: Token, *, remembered: bool = True) -> list[dict[str, Any]]:
        """The scopes that ``token`` sees, innermost first; the last is the process's own.

        Without ``remembered`` those are left out that only show a compensation handler how things were.
        """
        variables = self.variables
        if len(variables) == 1:
            return [variables[""]]
        return [scope for _, scope in self._holders(token, remembered=remembered)]

    def _holders(self, token: Token, *, remembered: bool) -> list[tuple[Token, dict[str, Any]]]:
        """The scopes that ``token`` sees with the tokens whose they are, innermost first."""
        variables = self.variables
        if len(variables) == 1:
            return [(self.task_tree, variables[""])]
        found = []
        current = token
        while not current.is_root:
            local = variables.get(str(current.id))
            if local is not None and (remembered or PENDING not in current.internal_data):
                found.append((current, local))
            current = current.scope
        found.append((current, variables[""]))
        return found

    def visible(self, token: Token) -> Mapping[str, Any]:
        """Every variable that ``token`` sees; inner ones hide outer ones. Not to be changed."""
        scopes = self.scopes(token)
        return scopes[0] if len(scopes) == 1 else ChainMap(*scopes)

    def current(self, token: Token) -> Mapping[str, Any]:
        """Every variable around ``token`` as it is now, also where a compensation handler sees it as it was."""
        return ChainMap(*self.scopes(token, remembered=False))

    def local(self, token: Token) -> dict[str, Any]:
        """The token's own scope, made on first use; for the root the process's."""
        scope: dict[str, Any] = self.variables[""] if token.is_root else self.variables.setdefault(str(token.id), {})
        return scope

    def propagate(self, token: Token, values: Mapping[str, Any], *, outside: bool = False) -> None:
        """Set variables where they live: in the nearest scope that has them, else in the process's own.

        With ``outside`` the token's own scope is passed over.
        """
        holders = self._holders(token.scope if outside else token, remembered=False)
        for name, value in values.items():
            holder, scope = next((pair for pair in holders if name in pair[1]), holders[-1])
            self.conditions.note(scope, name, created=name not in scope)
            branches.write(token, holder, scope, name, value)

    def overrule(self, token: Token, values: Mapping[str, Any], *, local: bool = False) -> None:
        """Set variables as an operator does: these very values, whatever branches have made of them.

        They go to where they live, or with ``local`` to the token's own scope.
        """
        holders = [(token, self.local(token))] if local else self._holders(token, remembered=False)
        for name, value in values.items():
            holder, scope = next((pair for pair in holders if name in pair[1]), holders[-1])
            branches.overrule(self.tasks.values(), holder, name, scope.get(name, ABSENT), value)
            self.conditions.note(scope, name, created=name not in scope)
            scope[name] = value

    def assign(self, token: Token, values: Mapping[str, Any]) -> None:
        """Set variables in the token's own scope."""
        scope = self.local(token)
        for name, value in values.items():
            self.conditions.note(scope, name, created=name not in scope)
            scope[name] = value


def _endless() -> Failure:
    return Failure(
        "UNKNOWN",
        Message(
            "bpmn.endless-loop",
            f"流程在一个命令内走了超过 {STEP_BUDGET} 步而没有等待：模型中可能有死循环。请修正模型或变量后重试。",
            f"The process took more than {STEP_BUDGET} steps in one command without waiting: the model probably"
            " loops without end. Correct the model or the variables and retry.",
        ),
    )


def _crowded() -> Failure:
    return Failure(
        "UNKNOWN",
        Message(
            "bpmn.crowded-scope",
            f"同一范围内同时有超过 {SCOPE_BUDGET} 个令牌：模型很可能在循环中反复分叉而没有汇合。"
            "请修正模型（迁移到新版本），或取消多余的令牌后重试。",
            f"More than {SCOPE_BUDGET} tokens stand in one scope at once: the model probably splits again and again in"
            " a loop without joining. Correct the model (migrate to a new version), or cancel tokens and retry.",
        ),
    )
