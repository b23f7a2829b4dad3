"""The runtime of one evaluation: its remaining budget, its clock and the diagnostics it gathers.

A runtime belongs to one evaluation in one thread; nothing of it is shared.
"""

from __future__ import annotations

from datetime import datetime

from server.feel import budget as limits
from server.feel.budget import DEFAULT_BUDGET, Budget
from server.feel.diagnostics import Diagnostic, DiagnosticKind, Fault
from server.messages import Message

Place = tuple[int, int]
"""Line and column of an operation in its text, both from 1."""

MAX_DIAGNOSTICS = 100
"""Later diagnostics are dropped: a loop over bad data says the same thing again and again."""


class Runtime:
    """What emitted code and built-in functions may use of their evaluation."""

    __slots__ = ("budget", "clock", "depth", "diagnostics", "regex_seconds", "steps")

    def __init__(
        self,
        budget: Budget | None = None,
        *,
        clock: datetime | None = None,
        diagnostics: list[Diagnostic] | None = None,
    ) -> None:
        self.budget = budget or DEFAULT_BUDGET
        self.clock = clock
        self.diagnostics = diagnostics
        self.steps = self.budget.max_steps
        self.depth = 0
        self.regex_seconds = self.budget.regex_seconds

    def spend(self, steps: int) -> None:
        """Take ``steps`` from the budget."""
        self.steps -= steps
        if self.steps < 0:
            raise limits.steps_exceeded(self.budget.max_steps)

    def expect_size(self, size: int) -> None:
        """Refuse a list of ``size`` elements before it is built, and pay for building it."""
        if size > self.budget.max_list_size:
            raise limits.list_exceeded(self.budget.max_list_size)
        self.spend(size)

    def expect_length(self, length: int) -> None:
        """Refuse a string of ``length`` characters before it is built, and pay for building it."""
        if length > self.budget.max_string_length:
            raise limits.string_exceeded(self.budget.max_string_length)
        if length > 4096:
            self.spend(length >> 6)

    def enter(self) -> None:
        """One function call deeper; every call is a step."""
        self.spend(1)
        self.depth += 1
        if self.depth > self.budget.max_depth:
            raise limits.depth_exceeded(self.budget.max_depth)

    def leave(self) -> None:
        """Back from a function call."""
        self.depth -= 1

    def note(self, kind: DiagnosticKind, message: Message, at: Place) -> None:
        """Keep a diagnostic, unless nobody listens."""
        found = self.diagnostics
        if found is not None and len(found) < MAX_DIAGNOSTICS:
            found.append(Diagnostic(kind, message, at[0], at[1]))

    def fail(self, fault: Fault, at: Place) -> None:
        """Keep the diagnostic of a fault; the caller answers null."""
        self.note(fault.kind, fault.message, at)


class Unmetered(Runtime):
    """The runtime of code without loops and calls: nothing to count, nobody to tell, so all evaluations share it."""

    __slots__ = ()

    def spend(self, steps: int) -> None:
        """Nothing is counted."""


UNMETERED = Unmetered()
