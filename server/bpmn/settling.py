"""How a case settles: what one stimulus brings about among a root instance and those it called.

Called processes start, ended ones report to their callers, signals and buffered messages are given to what has just
begun to wait, until nothing moves any more. Where instances, definitions and messages are kept is the business of
whoever derives from :class:`Settling`: the runtime, which writes rows, and scenarios, which keep them in memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from server.messages import Message

from . import effects as fx
from .errors import EndlessCase, NotWaiting
from .execution import Execution
from .model import DecisionReference

ROUNDS = 50_000
"""Turns that one command may take between instances; more is processes that wake each other without end."""

SIGNALS = 5_000
"""Signals that one command may throw."""
ECHOES = 100
"""Signals that may follow one from another without anything else happening between; more is an endless echo."""
START_ECHOES = 10
"""For how many of those an instance counts that a signal has started: it may throw to more of its kind each time."""

CALL_DEPTH = 100
"""Calls within calls that one command may open; more is a process that calls itself without a way out."""
CALLS = 10_000
"""Calls that one command may open altogether."""


@dataclass(slots=True, kw_only=True)
class Member:
    """One instance of the case, in memory."""

    key: int
    process_id: str
    execution: Execution
    parent_key: int | None = None
    parent_element_key: int | None = None
    seen: int = 0
    escaped: fx.ErrorEscaped | fx.EscalationEscaped | None = None
    reported: bool = False  # the caller need not hear of the end, or has heard


class BufferedMessage(Protocol):
    """A message that was published before anybody waited for it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def correlation_key(self) -> str:
        """Its correlation key."""

    @property
    def variables(self) -> Mapping[str, Any]:
        """What it brings."""


Subscription = fx.SubscriptionOpened | fx.SubscriptionChanged

M = TypeVar("M", bound=Member)
Buffered = TypeVar("Buffered", bound=BufferedMessage)


@dataclass(slots=True)
class _Waits(Generic[M]):
    """The subscriptions that were opened in this command and are still open."""

    messages: dict[int, tuple[M, Subscription]] = field(default_factory=dict)
    signals: dict[int, tuple[M, Subscription]] = field(default_factory=dict)
    closed: set[int] = field(default_factory=set)
    unasked: bool = False  # whether buffered messages have to be looked for


class Settling(ABC, Generic[M, Buffered]):
    """A root instance and those it called, between a stimulus and the moment when everything waits again."""

    def __init__(self, *, echoes: int = 0) -> None:
        self.echoes = echoes  # signals that led to this stimulus, each thrown because of the one before
        self.running: dict[int, M] = {}
        self._waits: _Waits[M] = _Waits()
        self._calls = self._turns = self._signals = 0

    # -- what is kept elsewhere ------------------------------------------------------------------------------------

    @abstractmethod
    def note(self, running: M, effect: fx.Effect) -> None:
        """Take down an effect; they come in the order in which they happened."""

    @abstractmethod
    def load(self, key: int) -> M | None:
        """An instance of this case, restored where it is not in memory; None where it has ended."""

    @abstractmethod
    def called_from(self, element_key: int) -> int | None:
        """The key of the instance that a call activity has called, where that is not in memory."""

    @abstractmethod
    def call(self, caller: M, effect: fx.CallOpened) -> None:
        """Start the called process, or tell the caller's execution that there is none."""

    @abstractmethod
    def root_ended(self, running: M) -> None:
        """The root instance has ended."""

    @abstractmethod
    def broadcast(self, effect: fx.SignalThrown, closed: frozenset[int]) -> None:
        """Pass a signal on to what waited before this command, but for the subscriptions that it ``closed``."""

    @property
    def takes_messages(self) -> bool:
        """Whether the case may be given messages now."""
        return True

    @abstractmethod
    def buffered(self, process_id: str, wanted: Iterable[tuple[str, str]]) -> Iterable[Buffered]:
        """The buffered messages of these names and correlation keys that the process has not received."""

    @abstractmethod
    def mark_received(self, message: Buffered, process_id: str) -> bool:
        """Note that an instance of the process receives the message; false where one has already."""

    # -- what follows ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Let everything follow that one stimulus brings about within the case. Raises :class:`EndlessCase`."""
        self._turns = 0
        while self._follow_effects() or self._take_buffered_messages():
            self._take_turn()

    def _take_turn(self) -> None:
        self._turns += 1
        if self._turns > ROUNDS:
            raise EndlessCase

    def may_throw_signal(self) -> bool:
        """Count a signal; false where this would be an echo without end, which is left to an operator."""
        self._signals += 1
        return self._signals <= SIGNALS and self.echoes < ECHOES

    def caller_catches(self, parent_key: int | None, parent_element: int | None) -> Callable[[str], bool]:
        """Whether an error of an instance is caught by the call activity that called it, or around that."""

        def catches(code: str) -> bool:
            if parent_key is None or parent_element is None:
                return False
            parent = self.load(parent_key)
            return parent is not None and parent.execution.catches_error(parent_element, code)

        return catches

    def caller_escalation(self, parent_key: int | None, parent_element: int | None) -> Callable[[str], bool | None]:
        """Whether an escalation of an instance is caught by its caller: interrupting or not, None where it is not."""

        def interrupts(code: str) -> bool | None:
            if parent_key is None or parent_element is None:
                return None
            parent = self.load(parent_key)
            return None if parent is None else parent.execution.catches_escalation(parent_element, code)

        return interrupts

    def _follow_effects(self) -> bool:
        moved = False
        for running in list(self.running.values()):
            effects = running.execution.effects
            while running.seen < len(effects):
                effect = effects[running.seen]
                running.seen += 1
                moved = True
                self.note(running, effect)
                self._follow(running, effect)
        return moved

    def _follow(self, running: M, effect: fx.Effect) -> None:
        match effect:
            case fx.CallOpened():
                self._call_opened(running, effect)
            case fx.CallCancelled():
                self._cancel_called(effect)
            case fx.ErrorEscaped():
                running.escaped = effect
            case fx.EscalationEscaped():
                self._escalation_escaped(running, effect)
            case fx.ProcessEnded():
                self._ended(running, effect)
            case fx.SubscriptionOpened():
                self._subscription_opened(running, effect)
            case fx.SubscriptionChanged(kind="message"):
                self._subscription_opened(running, effect)
            case fx.SubscriptionClosed():
                self._subscription_closed(effect)
            case fx.SignalThrown():
                self._signal_thrown(effect)
            case _:
                pass

    def _call_opened(self, running: M, effect: fx.CallOpened) -> None:
        self._calls += 1
        depth, caller = 0, running
        while caller.parent_key in self.running:
            depth, caller = depth + 1, self.running[caller.parent_key]
        if depth < CALL_DEPTH and self._calls <= CALLS:
            self.call(running, effect)
        else:
            running.execution.call_unavailable(effect.key, endless_calls(effect))

    def _cancel_called(self, effect: fx.CallCancelled) -> None:
        called = next((r for r in self.running.values() if r.parent_element_key == effect.key), None)
        if called is None:
            key = self.called_from(effect.key)
            called = None if key is None else self.load(key)
        if called is not None:
            called.reported = True
            if not called.execution.ended:
                called.execution.cancel()

    def _escalation_escaped(self, running: M, effect: fx.EscalationEscaped) -> None:
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

    def _ended(self, running: M, effect: fx.ProcessEnded) -> None:
        if running.parent_key is None:
            self.root_ended(running)
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
        else:  # emptied by hand: the caller would wait for it without an end
            parent.execution.call_unavailable(caller, _called_terminated(running))

    def _subscription_opened(self, running: M, effect: Subscription) -> None:
        if effect.kind == "message":
            self._waits.messages[effect.key] = running, effect
            self._waits.unasked = True
        else:
            self._waits.signals[effect.key] = running, effect

    def await_message(self, running: M, opened: fx.SubscriptionOpened) -> None:
        """Let a wait that stands already look for buffered messages, as one that has just been opened does."""
        self._subscription_opened(running, opened)

    def _subscription_closed(self, effect: fx.SubscriptionClosed) -> None:
        self._waits.messages.pop(effect.key, None)
        self._waits.signals.pop(effect.key, None)
        self._waits.closed.add(effect.key)

    def _signal_thrown(self, effect: fx.SignalThrown) -> None:
        """Give the signal to what this command opened; what waited before gets it by ``broadcast``."""
        self._take_turn()
        for key, (receiver, opened) in list(self._waits.signals.items()):
            if opened.name == effect.name and key in self._waits.signals:
                try:
                    receiver.execution.deliver_signal(key, effect.variables)
                except NotWaiting:
                    continue  # its closing is among the effects that are still to be followed
        self.broadcast(effect, frozenset(self._waits.closed))

    def _take_buffered_messages(self) -> bool:
        """Give buffered messages to subscriptions that were opened; true when there was one."""
        waits = self._waits
        if not waits.unasked or not waits.messages or not self.takes_messages:
            return False
        waits.unasked = False
        wanted = [(opened.name, opened.correlation_key or "") for _, opened in waits.messages.values()]
        taken = False
        for process_id in {running.process_id for running, _ in waits.messages.values()}:
            for message in self.buffered(process_id, wanted):
                taken = self._receive(process_id, message) or taken
        # What was received may have opened the next subscription, or left a non-interrupting one open.
        waits.unasked = taken
        return taken

    def _receive(self, process_id: str, message: Buffered) -> bool:
        for key, (running, opened) in self._waits.messages.items():
            if (
                running.process_id == process_id
                and (opened.name, opened.correlation_key) == (message.name, message.correlation_key)
                and not running.execution.ended
            ):
                if not self.mark_received(message, process_id):
                    return False
                running.execution.deliver_message(key, message.variables)
                self._follow_effects()
                return True
        return False


def not_callable(effect: fx.CallOpened) -> Message:
    """A call activity calls what is not there."""
    return Message(
        "instance.called-element",
        f"调用活动 {effect.element_id} 要调用的流程“{effect.process_id}”没有部署，或没有无类型启动事件；"
        "请部署该流程后重试此异常。",
        f"The process '{effect.process_id}' that {effect.element_id} calls is not deployed, or has no none "
        "start event; deploy it and retry the incident.",
    )


def _called_terminated(called: Member) -> Message:
    """What a call activity waited for was taken away."""
    return Message(
        "instance.called-terminated",
        f"被调用的流程实例 {called.key}（流程“{called.process_id}”）因修改而终止，没有交回结果。"
        "处理此异常会重新调用该流程；若不再需要，请修改本流程实例，把令牌移到调用活动之后。",
        f"The called instance {called.key} of the process '{called.process_id}' was terminated by a modification and"
        " gives no result. Resolving this incident calls the process anew; where that is not wanted, modify this"
        " instance and move the token behind the call activity.",
    )


def endless_calls(effect: fx.CallOpened) -> Message:
    """Processes call each other without an end."""
    return Message(
        "instance.endless-calls",
        f"调用活动 {effect.element_id} 没有再调用流程“{effect.process_id}”：一个命令内的调用已达 {CALL_DEPTH} 层"
        f"或 {CALLS} 次，流程很可能在无休止地互相调用。请改正模型（迁移到新版本）或变量后重试此异常。",
        f"{effect.element_id} has not called the process '{effect.process_id}' again: one command has opened calls"
        f" {CALL_DEPTH} deep, or {CALLS} of them, so the processes probably call each other without end. Correct the"
        " model (migrate to a new version) or the variables, and retry the incident.",
    )


def no_decision(reference: DecisionReference) -> Message:
    """A business rule task asks for a decision that is not there."""
    return Message(
        "instance.called-decision",
        f"决策“{reference.decision_id}”（绑定 {reference.binding}）没有部署；请部署后重试此异常。",
        f"The decision '{reference.decision_id}' (binding {reference.binding}) is not deployed; deploy it and "
        "retry the incident.",
    )
