"""Which of the open things a step means: by element or type, and where several are open by number or condition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .errors import step_failure
from .values import holds
from .waiting import KeptInstance, OpenCall, OpenElement, OpenIncident, OpenJob, OpenTask
from .world import World

Waiting = TypeVar("Waiting", OpenTask, OpenJob, OpenCall, OpenIncident, OpenElement)

_ZH = {"task": "任务", "job": "作业", "call": "调用", "incident": "异常", "element": "元素"}


def chosen(world: World, what: str, open_: Iterable[Waiting], wanted: Any, says: Mapping[str, Any]) -> list[Waiting]:
    """What a step means among the open things: one, or with ``index: all`` every one of an element.

    ``wanted`` is an element id, or a job's type; ``process`` limits to a process, ``where`` is a FEEL condition on
    the variables there, ``index`` counts from 1 in the order of opening. Raises :class:`StepFailure` where nothing
    fits, or more than one.
    """
    listed = list(open_)
    found = [each for each in listed if str(wanted) in _names(each)]
    if "process" in says:
        found = [each for each in found if each.instance.model.process_id == says["process"]]
    if "where" in says:
        condition = str(says["where"])
        found = [e for e in found if holds(condition, world.variables_at(e.instance, _key(e)), world.now)]
    index = says.get("index")
    if index == "all" and found:
        return found
    if index is not None and index != "all":
        place = int(index) - 1
        found = found[place : place + 1] if place >= 0 else []
    if len(found) == 1:
        return found
    shown = ", ".join("/".join(dict.fromkeys(_names(each))) for each in listed) or "-"
    if not found:
        raise step_failure(
            "not-open",
            f"没有打开的{_ZH[what]} {wanted}；打开的是：{shown}。",
            f"No {what} {wanted} is open; open are: {shown}.",
        )
    raise step_failure(
        "which",
        f"{_ZH[what]} {wanted} 有 {len(found)} 个打开；请用 index（从 1 起，或 all）、where 或 process 指明。",
        f"{len(found)} of {what} {wanted} are open; say which by 'index' (from 1, or all), 'where' or 'process'.",
    )


def inner_instances(world: World) -> list[OpenElement]:
    """The open instances of multi-instance activities: those in a body of the same element."""
    bodies = {
        key: each.element_id
        for key, each in world.open.elements.items()
        if each.activated.element_type == "MULTI_INSTANCE_BODY"
    }
    return [each for each in world.open.elements.values() if bodies.get(each.activated.scope_key) == each.element_id]


def at_element(world: World, element_id: Any, says: Mapping[str, Any]) -> tuple[KeptInstance, int]:
    """The instance and the element instance where a task, job, call or incident is open, else any open element."""
    for open_ in (world.open.tasks, world.open.jobs, world.open.calls, world.open.incidents):
        listed: list[Any] = list(open_.values())
        if any(each.element_id == element_id for each in listed):
            (one,) = chosen(world, "element", listed, element_id, says)
            return one.instance, _key(one)
    place = chosen(world, "element", world.open.elements.values(), element_id, says)[0]
    return place.instance, place.activated.key


def _names(each: OpenTask | OpenJob | OpenCall | OpenIncident | OpenElement) -> tuple[str, ...]:
    match each:
        case OpenJob():
            return each.element_id, each.opened.type
        case OpenCall():
            return each.element_id, each.opened.process_id
        case _:
            return (each.element_id,)


def _key(each: OpenTask | OpenJob | OpenCall | OpenIncident | OpenElement) -> int:
    match each:
        case OpenIncident():
            return each.raised.key
        case OpenElement():
            return each.activated.key
        case _:
            return each.opened.key
