"""Multi-instance activities: one inner token for each item of a collection, in parallel or one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.messages import Message

from .errors import Failure
from .extensions import Loop
from .token import Token

if TYPE_CHECKING:
    from .activities import Activity


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """The behaviour of one multi-instance activity; its state stands in the body token's data and scope.

    The body remembers ``items`` (the collection), ``done`` (inner instances completed) and ``next`` (the next item
    to start). Each inner token has a scope with ``loopCounter`` (from 1) and the input element.
    """

    activity: Activity
    loop: Loop

    def open(self, body: Token) -> bool:
        """Evaluate the collection and start the inner tokens; true when there is nothing to do."""
        instance = body.workflow
        items = instance.script_engine.evaluate(
            self.loop.collection, instance.visible(body), "EXTRACT_VALUE_ERROR", self.activity.where
        )
        if not isinstance(items, list):
            raise Failure(
                "EXTRACT_VALUE_ERROR",
                Message(
                    "bpmn.collection",
                    f"{self.activity.where} 的输入集合应是列表，得到的是 {items!r}。",
                    f"The input collection of {self.activity.where} must be a list, but is {items!r}.",
                ),
            )
        body.internal_data.update(items=items, done=0, next=0)
        if self.loop.output_collection:
            instance.local(body)[self.loop.output_collection] = [None] * len(items)
        if not items:
            return True
        for _ in range(1 if self.loop.sequential else len(items)):
            self._start_next(body)
        return False

    def _start_next(self, body: Token) -> None:
        instance = body.workflow
        index = body.internal_data["next"]
        body.internal_data["next"] = index + 1
        inner = instance.token(self.activity, body)
        inner.internal_data["loop"] = index
        scope = instance.local(inner)
        scope["loopCounter"] = index + 1
        if self.loop.element:
            scope[self.loop.element] = body.internal_data["items"][index]
        instance.announce(inner)
        self.activity._update(inner)

    def collect(self, inner: Token) -> None:
        """Put the output element of a completed inner instance into the output collection."""
        if not self.loop.output_collection or self.loop.output_element is None:
            return
        instance = inner.workflow
        value = instance.script_engine.evaluate(
            self.loop.output_element, instance.visible(inner), "EXTRACT_VALUE_ERROR", self.activity.where
        )
        collected = instance.local(inner.scope)
        collected[self.loop.output_collection][inner.internal_data["loop"]] = value
        instance.conditions.note(collected, self.loop.output_collection, created=False)

    def inner_completed(self, inner: Token) -> None:
        """An inner instance is done: end the activity, or go on with the next item."""
        instance, body = inner.workflow, inner.scope
        data = body.internal_data
        data["done"] += 1
        try:
            met = self._condition_met(inner)
        except Failure as failure:
            instance.finish(inner, inner.internal_data.get("changes"))
            body.fail(failure, "run")
            return
        instance.finish(inner, inner.internal_data.get("changes"))
        if met or data["done"] == len(data["items"]):
            for child in body.children:
                if child.task_spec is self.activity:
                    child.cancel()
            body._ready()
        elif self.loop.sequential:
            self._start_next(body)

    def _condition_met(self, inner: Token) -> bool:
        condition = self.loop.completion_condition
        if condition is None:
            return False
        instance, data = inner.workflow, inner.scope.internal_data
        done, started = data["done"], data["next"]
        context: dict[str, Any] = {
            **instance.visible(inner),
            "numberOfInstances": len(data["items"]),
            "numberOfCompletedInstances": done,
            "numberOfActiveInstances": started - done,
            "numberOfTerminatedInstances": 0,
        }
        return bool(instance.script_engine.holds(condition, context, self.activity.where))

    def finish(self, body: Token) -> None:
        """Hand the output collection to the scopes around."""
        name = self.loop.output_collection
        if name:
            instance = body.workflow
            value = instance.local(body).pop(name)
            instance.propagate(body, {name: value}, outside=True)
            body.internal_data["changes"] = {name: value}
