"""One evaluation in progress: its budget, its diagnostics, and the trace as it grows.

An :class:`Evaluator` is what all compiled logic comes to: a function of the names in scope and of the run. A run
belongs to one evaluation in one thread; compiled logic itself is shared and never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from server.dmn.item_definition import conform
from server.dmn.trace import DecisionTrace, MatchedRule, TracedValue
from server.feel import Diagnostic
from server.feel.diagnostics import DiagnosticKind, Fault
from server.feel.invocation import invoke_named
from server.feel.iteration import elements
from server.feel.runtime import Runtime
from server.feel.types import FeelType
from server.messages import Message

Variables = dict[str, Any]
"""The values in scope, by name."""


@dataclass(slots=True)
class Frame:
    """What the decision, or the function, being evaluated has shown so far."""

    inputs: list[TracedValue] = field(default_factory=list)
    matched: list[MatchedRule] = field(default_factory=list)
    called: list[DecisionTrace] = field(default_factory=list)


class Run:
    """One evaluation of a decision with everything below it."""

    __slots__ = ("diagnostics", "frame", "model_hash", "runtime")

    def __init__(self, model_hash: str, runtime: Runtime, diagnostics: list[Diagnostic]) -> None:
        self.model_hash = model_hash
        self.runtime = runtime
        self.diagnostics = diagnostics
        self.frame = Frame()

    def fault(self, kind: DiagnosticKind, message: Message) -> None:
        """Something that made a value null."""
        self.runtime.note(kind, message, (1, 1))

    def name_place(self, first: int, zh: str, en: str) -> None:
        """Say of every diagnostic from number ``first`` on where in the model it came up."""
        found = self.diagnostics
        for number in range(first, len(found)):
            message = found[number].message
            named = Message(message.code, f"{zh}：{message.zh}", f"{en}: {message.en}")
            found[number] = replace(found[number], message=named)

    def fail(self, fault: Fault) -> None:
        """The null that a fault comes to."""
        self.fault(fault.kind, fault.message)

    def conform(self, value: Any, type_: FeelType, what: str) -> Any:
        """The value as its type wants it, or null with a diagnostic that names ``what`` did not conform."""
        try:
            return conform(value, type_, self.runtime.spend)
        except Fault as fault:
            message = fault.message
            self.fault(fault.kind, Message(message.code, f"“{what}”：{message.zh}", f"'{what}': {message.en}"))
            return None

    def elements(self, collection: Any) -> Iterable[Any]:
        """What a boxed loop runs over, each element a step of the budget; raises Fault where there is nothing."""
        for element in elements(self.runtime, collection):
            self.runtime.spend(1)
            yield element

    def call(self, function: Any, arguments: Mapping[str, Any]) -> Any:
        """A function's answer to arguments by name; null with a diagnostic where they do not fit."""
        try:
            return invoke_named(self.runtime, function, tuple(arguments), tuple(arguments.values()))
        except Fault as fault:
            return self.fail(fault)


Evaluator = Callable[[Variables, Run], Any]
"""Compiled logic."""


def null_evaluator(_variables: Variables, _run: Run) -> None:
    """The value of logic that is not there."""
    return
