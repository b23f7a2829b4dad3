"""The rehearsal of a recording: its steps are played one by one, and written as only the play can tell.

The key of a message is that with which the element waited; whoever takes a task that another has is given it. Between
the steps stand expectations: which tasks are open, and for whom, before a person acts; when timers are due, before
time passes. They are what a change of the model that matters breaks.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from server.calendars import parse_instant, zone_named
from server.messages import LendloomError, Message

from .definitions import Definitions
from .playing import Player
from .reader import ZONE, Document, read_scenarios
from .scenario import Step
from .step_shapes import KINDS
from .values import literal
from .waiting import OpenSubscription, OpenTask

WAITS_AT: Final = "waits-at"
"""What a recorded message says in place of its key: the element, and its number among the open ones."""
_MOST: Final = 20
"""More open tasks or timers than these are not listed between steps."""


@dataclass(slots=True)
class Rehearsed:
    """The steps as they shall be written, and the world after them.

    After a ``problem`` that stopped the play the rest of the steps stands there as it was recorded.
    """

    player: Player
    steps: list[dict[str, Any]] = field(default_factory=list)
    problem: Message | None = None


def rehearse(data: Mapping[str, Any], definitions: Definitions, process_id: str) -> Rehearsed:
    """Play the steps of a recorded scenario, and write them out."""
    (scenario,) = read_scenarios([Document({**data, "steps": []}, {(): 1})])
    rehearsed = Rehearsed(Player(scenario, definitions, process_id))
    player = rehearsed.player
    shown: Any = None
    rest = deque(data["steps"])
    try:
        player.begin(player.step)
        while rest:
            ((kind, says),) = _written(rest.popleft(), player).items()
            for expectation in _expectations(kind, says, player):
                if expectation != shown:
                    rehearsed.steps.append({"expect": expectation})
                shown = expectation
            player.step = Step(len(rehearsed.steps) + 1, 1, kind, KINDS[kind].read(says, 1))
            rehearsed.steps.append({kind: says})
            player.do(player.step)
    except LendloomError as error:
        rehearsed.problem = error.message
        rehearsed.steps += [_without_place(step) for step in rest]
    return rehearsed


def _written(step: Mapping[str, Any], player: Player) -> Mapping[str, Any]:
    ((kind, says),) = step.items()
    if kind == "message" and WAITS_AT in says:
        return {"message": _keyed(says, player)}
    if kind == "claim":
        task = _task(says, player)
        if task is not None and task.assignee not in (None, says["by"]):
            return {"assign": {"to": says["by"], **{name: value for name, value in says.items() if name != "by"}}}
    return step


def _keyed(says: Mapping[str, Any], player: Player) -> dict[str, Any]:
    """A message with the key with which its receiver waits."""
    element, number = says[WAITS_AT]
    plain = {name: value for name, value in says.items() if name != WAITS_AT}
    open_ = [each for each in player.world.open.subscriptions.values() if _awaits(each, element, says["name"])]
    if 0 < number <= len(open_):
        key = {"key": literal(open_[number - 1].opened.correlation_key or "")}
        rest = {name: value for name, value in plain.items() if name not in ("name", "key", "process")}
        return {"name": plain["name"], **key, **rest}
    return plain


def _awaits(each: OpenSubscription, element: str, name: str) -> bool:
    return (each.element_id, each.opened.kind, each.opened.name) == (element, "message", name)


def _without_place(step: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, says),) = step.items()
    if kind == "message":
        says = {name: value for name, value in says.items() if name != WAITS_AT}
    return {kind: says}


def _task(says: Mapping[str, Any], player: Player) -> OpenTask | None:
    found = [task for task in player.world.open.tasks.values() if task.element_id == says["task"]]
    if "process" in says:
        found = [task for task in found if task.instance.model.process_id == says["process"]]
    place = int(says.get("index", 1)) - 1
    return found[place] if place < len(found) else None


def _expectations(kind: str, says: Any, player: Player) -> Iterator[dict[str, Any]]:
    """What is worth expecting before a step."""
    tasks = list(player.world.open.tasks.values())
    if kind == "complete" and 0 < len(tasks) <= _MOST:
        yield {"tasks": [_shown(task) for task in tasks]}
    if kind == "to":
        due = _due(player, str(says))
        if 0 < len(due) <= _MOST:
            yield {"timers": due}


def _shown(task: OpenTask) -> Any:
    opened = task.opened
    details: dict[str, Any] = {
        "candidateUsers": list(opened.candidate_users),
        "candidateGroups": list(opened.candidate_groups),
    }
    if opened.assignee is not None and opened.assignee == task.assignee:
        details["assignee"] = opened.assignee
    if opened.due_date is not None:
        details["dueDate"] = instant_text(opened.due_date)
    given = {name: literal(value) for name, value in details.items() if value}
    return {"task": task.element_id, **given} if given else task.element_id


def _due(player: Player, until: str) -> dict[str, str]:
    """The timers that fall due until then, of elements with one timer."""
    last = parse_instant(until, ZONE)
    timers: Sequence[Any] = list(player.world.open.timers.values())
    several = Counter(timer.element_id for timer in timers)
    return {
        timer.element_id: instant_text(timer.set.due_at)
        for timer in timers
        if several[timer.element_id] == 1 and player.world.now < timer.set.due_at <= last
    }


def instant_text(instant: Any) -> str:
    """An instant as clocks in China show it."""
    shown: str = instant.astimezone(zone_named(ZONE)).isoformat()
    return shown
