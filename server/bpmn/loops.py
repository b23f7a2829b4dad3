"""Standard loops: one inner token after the other, as long as a condition holds or up to a number of times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import Failure
from .extensions import StandardLoop
from .token import COMPLETION, Token

if TYPE_CHECKING:
    from .activities import Activity


@dataclass(frozen=True, slots=True)
class Repetition:
    """The behaviour of one looping activity; its state stands in the body token, as for multi-instance.

    The body remembers ``done`` (iterations completed). Each inner token has a scope with
    ``loopCounter`` (from 1); in the loop condition ``loopCounter`` is the number of iterations completed.
    """

    activity: Activity
    loop: StandardLoop

    def open(self, body: Token) -> bool:
        """Start the first iteration; true when the condition, tested before, does not hold."""
        body.internal_data["done"] = 0
        if self.loop.test_before and not self._again(body):
            return True
        self._start_next(body)
        return False

    def _again(self, body: Token) -> bool:
        done, instance = body.internal_data["done"], body.workflow
        if self.loop.maximum is not None and done >= self.loop.maximum:
            return False
        if self.loop.condition is None:
            return True
        context = {**instance.visible(body), "loopCounter": done}
        return bool(instance.script_engine.holds(self.loop.condition, context, self.activity.where))

    def _start_next(self, body: Token) -> None:
        instance, done = body.workflow, body.internal_data["done"]
        inner = instance.token(self.activity, body)
        inner.internal_data["loop"] = done
        instance.local(inner)["loopCounter"] = done + 1
        instance.announce(inner)
        self.activity._update(inner)

    def collect(self, inner: Token) -> None:
        """A loop gathers nothing; its iterations leave their results in the scopes around."""

    def inner_completed(self, inner: Token) -> None:
        """An iteration is done: test the condition."""
        instance, body = inner.workflow, inner.scope
        body.internal_data["done"] += 1
        instance.finish(inner, inner.internal_data.get("changes"))
        self.go_on(body, {})

    def go_on(self, body: Token, context: Mapping[str, Any]) -> None:
        """Iterate again or end the activity; a condition that fails is an incident of the body."""
        try:
            again = self._again(body)
        except Failure as failure:
            body.fail(failure, COMPLETION)
            return
        if again:
            self._start_next(body)
        else:
            body._ready()

    def finish(self, body: Token) -> None:
        """Nothing is left to hand over."""
