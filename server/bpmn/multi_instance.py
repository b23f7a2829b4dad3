"""Multi-instance activities: one inner token for each item of a collection, in parallel or one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.messages import Message

from .errors import Failure
from .expressions import shown
from .extensions import Loop
from .token import COMPLETION, Token

if TYPE_CHECKING:
    from .activities import Activity


@dataclass(frozen=True, slots=True)
class MultiInstance:
    """The behaviour of one multi-instance activity; its state stands in the body token's data and scope.

    The body remembers ``items`` (the collection), ``done`` (inner instances completed), ``gone`` (inner instances
    removed), ``next`` (the next item to start), ``extra`` (variables of instances that were added and are still to
    start, by item) and, at the end, ``over``. Each inner token has a scope with ``loopCounter`` (from 1) and the
    input element.
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
                    f"{self.activity.where} 的输入集合应是列表，得到的是 {shown(items)}。",
                    f"The input collection of {self.activity.where} must be a list, but is {shown(items)}.",
                ),
            )
        body.internal_data.update(items=list(items), done=0, next=0)
        if self.loop.output_collection:
            instance.local(body)[self.loop.output_collection] = [None] * len(items)
        if not items:
            return True
        for _ in range(1 if self.loop.sequential else len(items)):
            self._start_next(body)
        return False

    def _start_next(self, body: Token) -> Token:
        inner = self._next(body)
        body.workflow.announce(inner)
        self.activity._update(inner)
        return inner

    def _next(self, body: Token) -> Token:
        """The token of the next instance, with its variables, before it is entered."""
        instance = body.workflow
        index = body.internal_data["next"]
        body.internal_data["next"] = index + 1
        inner: Token = instance.token(self.activity, body)
        inner.internal_data["loop"] = index
        scope = instance.local(inner)
        scope.update(body.internal_data.get("extra", {}).pop(str(index), {}))
        scope["loopCounter"] = index + 1
        if self.loop.element:
            scope[self.loop.element] = body.internal_data["items"][index]
        return inner

    def is_open(self, body: Token) -> bool:
        """Whether the activity has begun and its end is not settled yet."""
        return "items" in body.internal_data and "over" not in body.internal_data

    def add(self, body: Token, item: Any, variables: Mapping[str, Any]) -> Token | None:
        """One more instance, at the end of the collection; its token, or None where its turn comes later."""
        self._append(body, item, variables)
        return None if self.loop.sequential and _active(body.internal_data) else self._start_next(body)

    def add_scope(self, body: Token) -> Token:
        """One more instance of a parallel subprocess, whose token is only a scope: nothing is started inside."""
        self._append(body, None, {})
        return self._next(body)

    def _append(self, body: Token, item: Any, variables: Mapping[str, Any]) -> None:
        data, name = body.internal_data, self.loop.output_collection
        collected = body.workflow.local(body)[name] if name else None
        if name and not isinstance(collected, list):
            raise overwritten(self.activity.where, name, collected)
        data["items"].append(item)
        if collected is not None:
            collected.append(None)
        if variables:
            data.setdefault("extra", {})[str(len(data["items"]) - 1)] = dict(variables)

    def remove(self, inner: Token) -> None:
        """Take an active instance away; what is left may complete the activity."""
        body, context = inner.scope, inner.workflow.visible(inner)
        body.internal_data["gone"] = body.internal_data.get("gone", 0) + 1
        inner.cancel()
        self.go_on(body, context)

    def goes_on(self, body: Token, taken: int) -> bool:
        """Go on after ``taken`` inner instances were terminated by hand; false where none is left or had ended."""
        data = body.internal_data
        data["gone"] = data.get("gone", 0) + taken
        if not data["done"] and data["gone"] == len(data["items"]):
            return False
        self.go_on(body, body.workflow.visible(body))
        return True

    def collect(self, inner: Token) -> None:
        """Put the output element of a completed inner instance into the output collection."""
        if not self.loop.output_collection or self.loop.output_element is None:
            return
        instance = inner.workflow
        value = instance.script_engine.evaluate(
            self.loop.output_element, instance.visible(inner), "EXTRACT_VALUE_ERROR", self.activity.where
        )
        around, name = instance.local(inner.scope), self.loop.output_collection
        collected, index = around.get(name), inner.internal_data["loop"]
        if not isinstance(collected, list) or len(collected) <= index:
            raise overwritten(self.activity.where, name, collected)
        collected[index] = value
        instance.conditions.note(around, name, created=False)

    def inner_completed(self, inner: Token) -> None:
        """An inner instance is done: end the activity, or go on with the next item."""
        instance, body = inner.workflow, inner.scope
        context = instance.visible(inner)
        body.internal_data["done"] += 1
        instance.finish(inner, inner.internal_data.get("changes"))
        self.go_on(body, context)

    def go_on(self, body: Token, context: Mapping[str, Any]) -> None:
        """End the activity when the condition says so or nothing is left; else start the next in a sequence.

        ``context`` are the variables that the condition sees. A condition that fails is an incident of the body, which
        remembers what only the inner instance knew, for when the condition is asked again.
        """
        data = body.internal_data
        try:
            over = self._condition_met(body, {**data.get("known", {}), **context})
        except Failure as failure:
            outside = body.workflow.visible(body)
            data["known"] = {name: value for name, value in context.items() if name not in outside}
            if not body.has_incident:
                body.fail(failure, COMPLETION)
            return
        data.pop("known", None)
        if over or data["done"] + data.get("gone", 0) == len(data["items"]):
            data["over"] = True
            for child in body.children:
                if child.task_spec is self.activity:
                    child.cancel()
            body._ready()
        elif self.loop.sequential and not _active(data):
            self._start_next(body)

    def _condition_met(self, body: Token, variables: Mapping[str, Any]) -> bool:
        condition, data = self.loop.completion_condition, body.internal_data
        if condition is None:
            return False
        context: dict[str, Any] = {
            **variables,
            "numberOfInstances": len(data["items"]),
            "numberOfCompletedInstances": data["done"],
            "numberOfActiveInstances": _active(data),
            "numberOfTerminatedInstances": data.get("gone", 0),
        }
        return bool(body.workflow.script_engine.holds(condition, context, self.activity.where))

    def finish(self, body: Token) -> None:
        """Hand the output collection to the scopes around."""
        name = self.loop.output_collection
        if name:
            instance = body.workflow
            value = instance.local(body).pop(name)
            instance.propagate(body, {name: value}, outside=True)
            body.internal_data["changes"] = {name: value}


def overwritten(where: str, name: str, value: Any) -> Failure:
    """The variable that the results are collected in is no longer a list that has a place for each of them."""
    return Failure(
        "EXTRACT_VALUE_ERROR",
        Message(
            "bpmn.output-collection",
            f"{where} 的结果收集在变量“{name}”中，但它被别处改成了 {shown(value)}，放不下这个结果。"
            "请不要让别的元素写入同名变量；把它改回足够长的列表后重试。",
            f"The results of {where} are collected in the variable '{name}', but something else has made it"
            f" {shown(value)}, which has no place for this one. Let nothing else write a variable of that name; set it"
            " to a list that is long enough and retry.",
        ),
    )


def _active(data: Mapping[str, Any]) -> int:
    return int(data["next"] - data["done"] - data.get("gone", 0))
