"""Conditional events: which conditions an instance waits for, and when they are asked again.

A condition is asked when its wait begins, and then only when a variable that it reads has changed where it can see
it: between two steps, all changes of a step at once, outer scopes before inner ones. It happens when it *becomes*
true: an event that does not interrupt happens again only after the condition was false in between. While a variable
that it reads does not exist the condition is not true; any other error is an incident on the wait, which ends when
the condition can be evaluated again.

An instance without such waits pays nothing: no change is noted.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from .errors import Failure
from .event_definitions import ConditionDefinition

if TYPE_CHECKING:
    from .instance import Instance
    from .token import Token

CONDITION = "condition"
"""The phase of an incident on a wait whose condition could not be evaluated."""


class Conditions:
    """The conditions that one instance waits for.

    ``changes`` are the variables written since the conditions were last asked: scope, name, whether it is new. While
    they are ``resting`` none is asked.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.waits: dict[int, Token] = {}
        self.due: deque[Token] = deque()
        self.changes: list[tuple[dict[str, Any], str, bool]] = []
        self.resting = False

    def open(self, wait: Token) -> None:
        """Begin to wait; a condition that is true already happens before anything else does.

        Raises :class:`Failure` when the condition has no value.
        """
        holds = not self.resting and self._holds(wait)
        self.waits[wait.id] = wait
        if holds:
            wait.internal_data["held"] = True
            self.due.append(wait)

    def restored(self, wait: Token) -> None:
        """A wait was read from a snapshot."""
        self.waits[wait.id] = wait

    def close(self, wait: Token) -> None:
        """The condition is no longer awaited."""
        self.waits.pop(wait.id, None)

    def interrupt(self, host: Token) -> bool:
        """Whether a condition that was true at once will take ``host`` over, so that it need not open at all."""
        return any(wait.scope is host and wait.task_spec.interrupting for wait in self.due)  # type: ignore[attr-defined]

    def note(self, scope: dict[str, Any], name: str, *, created: bool) -> None:
        """A variable of ``scope`` was written."""
        if self.waits and not self.resting:
            self.changes.append((scope, name, created))

    def settle(self) -> None:
        """Let every condition happen that has become true."""
        while self.due or self.changes:
            while self.due:
                wait = self.due.popleft()
                if wait.id in self.waits:
                    wait.task_spec.happened(wait, {})  # type: ignore[attr-defined]
            changes, self.changes = self.changes, []
            for wait in self._concerned(changes):
                if wait.id in self.waits:
                    self.ask(wait)

    def ask_all(self) -> None:
        """Evaluate every condition that is waited for, whatever has changed."""
        self.changes = []
        for wait in sorted(self.waits.values(), key=lambda wait: (_depth(wait), wait.id)):
            if wait.id in self.waits:
                self.ask(wait)

    def ask(self, wait: Token) -> None:
        """Evaluate the condition of ``wait``; where it has become true its event happens."""
        try:
            holds = self._holds(wait)
        except Failure as failure:
            if not wait.has_incident:
                wait.fail(failure, CONDITION)
            return
        if wait.has_incident:
            wait.recover()
        before = wait.internal_data.pop("held", False)
        if holds:
            wait.internal_data["held"] = True
            if not before:
                wait.task_spec.happened(wait, {})  # type: ignore[attr-defined]

    def _concerned(self, changes: list[tuple[dict[str, Any], str, bool]]) -> list[Token]:
        found = []
        for wait in self.waits.values():
            definition = _definition(wait)
            relevant = [scope for scope, name, created in changes if definition.concerns(name, created=created)]
            if relevant:
                visible = self._instance.scopes(wait)
                if any(scope is seen for scope in relevant for seen in visible):
                    found.append(wait)
        return sorted(found, key=lambda wait: (_depth(wait), wait.id))

    def _holds(self, wait: Token) -> bool:
        definition, instance = _definition(wait), self._instance
        context = instance.visible(wait)
        try:
            return bool(instance.script_engine.holds(definition.condition, context, wait.task_spec.where))
        except Failure:
            if all(name in context for name in definition.needed):
                raise
            return False


def _definition(wait: Token) -> ConditionDefinition:
    definition: ConditionDefinition = wait.task_spec.event_definition  # type: ignore[attr-defined]
    return definition


def _depth(wait: Token) -> int:
    depth = 0
    while not wait.is_root:
        wait = wait.scope
        depth += 1
    return depth
