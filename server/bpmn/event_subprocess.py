"""Event subprocesses: handlers inside a process or subprocess that an event starts.

While the scope around is active, its token holds a wait for each event subprocess, of the event subprocess's start
event; errors and escalations are not awaited but asked for on their way outward (:mod:`server.bpmn.throwing`). When
the event happens, an interrupting event subprocess takes everything else in the scope away and runs alone; another
one runs beside it, any number of times. The scope is done when nothing but waits is left in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .events import BoundaryEvent, StartEvent
from .subprocesses import SubProcess
from .token import Token


class EventSubProcess(SubProcess):
    """An event subprocess: its token is a scope inside the scope whose event it handles."""

    start: StartEvent
    triggered_by_event = True

    def interrupt(self, scope: Token, variables: Mapping[str, Any]) -> None:
        """The event has happened: take everything else in ``scope`` away and run."""
        scope.internal_data["interrupted"] = True
        for child in scope.children:
            if not isinstance(child.task_spec, BoundaryEvent) or not child.task_spec.is_wait_in(scope):
                child.cancel()
        self.run_in(scope, variables)

    def run_in(self, scope: Token, variables: Mapping[str, Any]) -> None:
        """The event has happened and brought ``variables``: run inside ``scope``."""
        instance = scope.workflow
        token = instance.token(self, scope)
        token.internal_data["payload"] = dict(variables)
        instance.announce(token)
        self._update(token)

    def begin(self, token: Token) -> None:
        """Start inside, with what the event has brought."""
        instance = token.workflow
        started = instance.token(self.start, token)
        instance.announce(started)
        started.internal_data["result"] = token.internal_data.pop("payload")
        started._ready()
